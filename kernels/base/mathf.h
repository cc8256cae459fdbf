/* Elementary functions with the same bits on every machine: IEEE + - x / only, no libm.
 *
 * Layer: kernel. */
#ifndef EK_BASE_MATHF_H
#define EK_BASE_MATHF_H

#include <stdint.h>
#include <string.h>

/* e^x to a relative error below 4e-16 for -700 <= x <= 700; outside, the value at the nearer end.
 * SPEC.md eq. 2: x = k ln 2 + r, |r| <= ln 2 / 2, e^r by its Taylor polynomial of degree 13. */
static inline double ek_exp(double x)
{
    const double ln2_high = 6.93147180369123816490e-01;
    const double ln2_low = 1.90821492927058770002e-10;
    const double y = x > 700.0 ? 700.0 : x < -700.0 ? -700.0 : x;
    const double t = y * 1.4426950408889634;
    const int64_t k = (int64_t)(t + (t >= 0 ? 0.5 : -0.5));
    const double r = (y - (double)k * ln2_high) - (double)k * ln2_low;
    double sum = 1.0;
    for (int i = 13; i >= 1; i--) sum = 1.0 + sum * r / (double)i;
    const int64_t bits = (k + 1023) << 52;
    double two_k = 0;
    memcpy(&two_k, &bits, sizeof two_k);
    return sum * two_k;
}

/* tanh x to 1e-15. SPEC.md eq. 3. */
static inline double ek_tanh(double x)
{
    return 1.0 - 2.0 / (ek_exp(2.0 * x) + 1.0);
}

#endif
