/* Median over the looks of a period, pixel by pixel. SPEC.md eq. 1.
 *
 * Layer: kernel. No I/O, no allocation, no globals. */
#ifndef EK_TEMPORAL_MEDIAN_H
#define EK_TEMPORAL_MEDIAN_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/base/arena.h"

size_t ek_median_scratch_bytes(size_t n_plane, size_t n);

/* out[i] = median of planes[t][i] over the planes that have a value there (not INT16_MIN); of an
 * even count, the mean of the two middle ones, half a unit rounded up. INT16_MIN where none has.
 * n_plane may be 0. out overlaps no plane. */
void ek_median(const int16_t *const *planes, size_t n_plane, size_t n, ek_arena *arena,
               int16_t *out);

/* The definition, one pixel after the other; same results, for tests and as the measure. Needs
 * n_plane * 2 bytes of arena. */
void ek_median_plain(const int16_t *const *planes, size_t n_plane, size_t n, ek_arena *arena,
                     int16_t *out);

#endif
