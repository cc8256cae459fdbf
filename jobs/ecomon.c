#include <stdio.h>

int main(void)
{
    puts("ecomon " ECOMON_VERSION);
    return 0;
}
