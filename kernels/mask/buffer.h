/* Grows flagged areas by a distance. SPEC.md eq. 1.
 *
 * Layer: kernel. No I/O, no allocation, no globals. */
#ifndef EK_MASK_BUFFER_H
#define EK_MASK_BUFFER_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/base/arena.h"

#define EK_BUFFER_MOST 64 /* pixels */

size_t ek_buffer_scratch_bytes(size_t width, size_t height, int32_t radius);

/* out[y][x] = 1 where a pixel with (in & bits) lies within `radius` pixels (centre to centre,
 * Euclidean, inclusive), else 0. in is [height + 2 radius][width + 2 radius], rows `pitch` apart:
 * the window with a halo of `radius` on each side. out is [height][width]. radius 0 tests the pixel
 * itself; at most EK_BUFFER_MOST. Any split into windows with halo gives the same. */
void ek_buffer(const uint8_t *in, size_t pitch, size_t width, size_t height, int32_t radius,
               uint8_t bits, ek_arena *arena, uint8_t *out);

#endif
