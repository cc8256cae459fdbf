#include "kernels/temporal/count.h"

#include <string.h>

#include "kernels/base/clones.h"

EK_CLONES static void add_look(const uint8_t *restrict flags, uint8_t bits, size_t n,
                               uint16_t *restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint16_t)(out[i] + ((flags[i] & bits) == 0 && out[i] < UINT16_MAX));
}

void ek_clear_count(const uint8_t *const *flags, size_t n_look, uint8_t bits, size_t n,
                    uint16_t *out)
{
    memset(out, 0, n * sizeof *out);
    for (size_t t = 0; t < n_look; t++) add_look(flags[t], bits, n, out);
}
