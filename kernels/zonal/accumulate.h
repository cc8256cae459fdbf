/* Areas per class within a unit, as whole numbers.
 *
 * Layer: kernel. Each pixel's covered area is rounded once, to 1e-6 m2; after that there are only
 * additions of integers, so any split of a unit into windows and any order gives the same sums.
 * SPEC.md eq. 9. */
#ifndef EK_ZONAL_ACCUMULATE_H
#define EK_ZONAL_ACCUMULATE_H

#include <stddef.h>
#include <stdint.h>

#define EK_ZONAL_CODES  256
#define EK_ZONAL_PER_M2 1000000 /* counts of area in one m2 */

/* Sums over one unit, or over a part of it. Zero-initialise. */
typedef struct ek_zonal_sum {
    int64_t area[EK_ZONAL_CODES];     /* 1e-6 m2 covered, by class code; up to 9 million km2 */
    int64_t px_count[EK_ZONAL_CODES]; /* pixels whose centre is inside, by class code */
} ek_zonal_sum;

/* Adds n pixels: codes [n], coverage [n] in 0 .. 1, centres [n] 0 or 1, pixel_m2 [n] true area of
 * each whole pixel, finite and >= 0. A pixel that is not covered adds nothing, whatever it holds.
 */
void ek_zonal_add(const uint8_t *codes, const double *coverage, const uint8_t *centres,
                  const double *pixel_m2, size_t n, ek_zonal_sum *sum);

/* into += from, number by number. */
void ek_zonal_merge(const ek_zonal_sum *from, ek_zonal_sum *into);

/* Sum over all codes, 1e-6 m2: the covered area of the unit. */
int64_t ek_zonal_total(const ek_zonal_sum *sum);

#endif
