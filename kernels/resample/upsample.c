#include "kernels/resample/upsample.h"

#include <assert.h>
#include <string.h>

#define FILL INT16_MIN

ek_resample ek_resample_find(const char *name)
{
    if (strcmp(name, "nearest") == 0) return EK_RESAMPLE_NEAREST;
    return strcmp(name, "cubic") == 0 ? EK_RESAMPLE_CUBIC : EK_RESAMPLE_BILINEAR;
}

/* Rounds num / den half up; den > 0. */
static inline int32_t round_div(int32_t num, int32_t den)
{
    const int32_t twice = 2 * num + den;
    const int32_t q = twice / (2 * den);
    return q - (twice % (2 * den) != 0 && twice < 0);
}

/* SPEC.md eq. 1: weights 9 3 3 1 of the pixel itself and its neighbours on the side of the fine
 * pixel; missing ones are left out. */
static inline int16_t bilinear(const int16_t *at, ptrdiff_t dx, ptrdiff_t dy)
{
    const int32_t v[4] = {at[0], at[dx], at[dy], at[dx + dy]};
    static const int32_t weight[4] = {9, 3, 3, 1};
    int32_t sum = 0;
    int32_t total = 0;
    for (int k = 0; k < 4; k++) {
        const int32_t w = v[k] == FILL ? 0 : weight[k];
        sum += w * v[k];
        total += w;
    }
    return (int16_t)round_div(sum, total);
}

/* SPEC.md eq. 2: weights -9 111 29 -3 (of 128) along each axis, the neighbour on the fine pixel's
 * side getting 29. */
static inline int16_t cubic(const int16_t *at, ptrdiff_t dx, ptrdiff_t dy)
{
    static const int32_t weight[4] = {-9, 111, 29, -3};
    int64_t sum = 0;
    for (int j = -1; j <= 2; j++) {
        for (int i = -1; i <= 2; i++) {
            const int16_t v = at[i * dx + j * dy];
            if (v == FILL) return bilinear(at, dx, dy);
            sum += (int64_t)weight[j + 1] * weight[i + 1] * v;
        }
    }
    const int64_t half_up = sum + 8192;
    const int64_t q = half_up >= 0 ? half_up / 16384 : -((-half_up + 16383) / 16384);
    return (int16_t)(q > 32767 ? 32767 : q < -32767 ? -32767 : q);
}

static inline int16_t fine_pixel(const int16_t *at, ptrdiff_t dx, ptrdiff_t dy, ek_resample method)
{
    if (method == EK_RESAMPLE_NEAREST || at[0] == FILL) return at[0];
    return method == EK_RESAMPLE_CUBIC ? cubic(at, dx, dy) : bilinear(at, dx, dy);
}

void ek_upsample2(const int16_t *in, size_t pitch, size_t halo, size_t width, size_t height,
                  ek_resample method, int16_t *out)
{
    assert(halo >= 2 && pitch >= width + 2 * halo);
    const ptrdiff_t row = (ptrdiff_t)pitch;
    for (size_t y = 0; y < 2 * height; y++) {
        const int16_t *const line = in + (y / 2 + halo) * pitch + halo;
        const ptrdiff_t dy = y % 2 ? row : -row;
        int16_t *const to = out + y * 2 * width;
        for (size_t x = 0; x < width; x++) {
            to[2 * x] = fine_pixel(line + x, -1, dy, method);
            to[2 * x + 1] = fine_pixel(line + x, 1, dy, method);
        }
    }
}
