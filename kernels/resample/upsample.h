/* Brings a plane of pixels twice as wide to the fine lattice. SPEC.md.
 *
 * Layer: kernel. No I/O, no allocation, no globals. */
#ifndef EK_RESAMPLE_UPSAMPLE_H
#define EK_RESAMPLE_UPSAMPLE_H

#include <stddef.h>
#include <stdint.h>

typedef enum ek_resample {
    EK_RESAMPLE_NEAREST = 0,
    EK_RESAMPLE_BILINEAR,
    EK_RESAMPLE_CUBIC,
} ek_resample;

/* "nearest", "bilinear" or "cubic"; bilinear for any other text. */
ek_resample ek_resample_find(const char *name);

/* in is [height + 2 halo][width + 2 halo], rows `pitch` apart, halo >= 2; out is [2 height][2
 * width]. INT16_MIN is "no value": where the nearest coarse pixel has none, neither has the fine
 * one; where only neighbours have none, the rule of SPEC.md eq. 3 holds. Integers throughout: any
 * split into windows gives the same bits. */
void ek_upsample2(const int16_t *in, size_t pitch, size_t halo, size_t width, size_t height,
                  ek_resample method, int16_t *out);

#endif
