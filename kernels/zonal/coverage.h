/* The exact fraction of each pixel that a polygon covers, and whose pixel centres it holds.
 *
 * Layer: kernel. All arithmetic is in whole numbers on absolute coordinates, so a pixel's fraction
 * has the same bits in any window, on any thread, for any start vertex and ring direction; two
 * polygons that share an edge vertex by vertex have fractions that sum to exactly 1 along it.
 * Method: signed areas per cell, as font rasterisers do (SPEC.md eq. 3-7). */
#ifndef EK_ZONAL_COVERAGE_H
#define EK_ZONAL_COVERAGE_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/base/arena.h"
#include "kernels/zonal/zone.h"

/* A rectangle of absolute pixels: columns x0 .. x0 + w - 1, rows y0 .. y0 + h - 1; within 2^31 of
 * pixel (0, 0); w, h >= 1. */
typedef struct ek_window {
    int64_t x0, y0, w, h;
} ek_window;

size_t ek_coverage_scratch_bytes(int64_t w, int64_t h);

/* out [h][w]: the fraction covered, a multiple of 2^-53 in 0 .. 1: exactly 0 outside, exactly 1
 * inside. Cost: a comparison per vertex, a few divisions per pixel that an edge crosses in the
 * window, an addition per pixel. */
void ek_coverage(const ek_zone *zone, ek_window window, double *out, ek_arena *arena);

/* out [h][w]: 1 where the pixel's centre lies in the polygon, else 0. Half-open: a centre on an
 * edge that two polygons share is in exactly one of them (SPEC.md eq. 8). */
void ek_centres(const ek_zone *zone, ek_window window, uint8_t *out);

#endif
