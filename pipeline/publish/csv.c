#include "pipeline/publish/csv.h"

#include <string.h>

void em_csv_text(em_str *out, const char *text)
{
    const bool formula = text[0] && strchr("=+-@\t\r", text[0]);
    if (!formula && !strpbrk(text, ",\"\r\n")) {
        em_str_append(out, text);
        return;
    }
    em_str_append(out, "\"");
    if (formula) em_str_append(out, "'");
    for (; *text; text++) {
        if (*text == '"') em_str_append(out, "\"");
        em_str_append_bytes(out, text, 1);
    }
    em_str_append(out, "\"");
}

/* Digits of a number that is not negative, at least `least` of them. */
static void append_digits(em_str *out, em_wide value, int least)
{
    char digits[48];
    int n = 0;
    while (value > 0 || n < least) {
        digits[n++] = (char)('0' + (int)(value % 10));
        value /= 10;
    }
    while (n > 0) em_str_append_bytes(out, &digits[--n], 1);
}

void em_csv_ratio(em_str *out, em_wide numerator, em_wide denominator, int decimals)
{
    em_wide scale = 1;
    const bool negative = numerator < 0;
    for (int i = 0; i < decimals; i++) scale *= 10;
    const em_wide scaled = (negative ? -numerator : numerator) * scale;
    em_wide whole = scaled / denominator;
    const em_wide twice = 2 * (scaled % denominator);
    if (twice > denominator || (twice == denominator && whole % 2 == 1)) whole++;
    if (negative && whole > 0) em_str_append(out, "-");
    append_digits(out, whole / scale, 1);
    if (decimals == 0) return;
    em_str_append(out, ".");
    append_digits(out, whole % scale, decimals);
}
