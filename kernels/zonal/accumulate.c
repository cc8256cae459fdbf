#include "kernels/zonal/accumulate.h"

#include <math.h>

void ek_zonal_add(const uint8_t *codes, const double *coverage, const uint8_t *centres,
                  const double *pixel_m2, size_t n, ek_zonal_sum *sum)
{
    for (size_t i = 0; i < n; i++) {
        sum->px_count[codes[i]] += centres[i] != 0;
        if (!(coverage[i] > 0)) continue;
        /* SPEC.md eq. 9 */
        const double area = floor(coverage[i] * pixel_m2[i] * EK_ZONAL_PER_M2 + 0.5);
        sum->area[codes[i]] += (int64_t)area;
    }
}

void ek_zonal_merge(const ek_zonal_sum *from, ek_zonal_sum *into)
{
    for (int c = 0; c < EK_ZONAL_CODES; c++) {
        into->area[c] += from->area[c];
        into->px_count[c] += from->px_count[c];
    }
}

int64_t ek_zonal_total(const ek_zonal_sum *sum)
{
    int64_t total = 0;
    for (int c = 0; c < EK_ZONAL_CODES; c++) total += sum->area[c];
    return total;
}
