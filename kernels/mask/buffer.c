#include "kernels/mask/buffer.h"

#include <assert.h>
#include <string.h>

#include "kernels/base/clones.h"

size_t ek_buffer_scratch_bytes(size_t width, size_t height, int32_t radius)
{
    const size_t r = (size_t)radius;
    return ek_align_up((height + 2 * r) * width);
}

/* reach[x] = distance along the row to the nearest flagged pixel, at most radius + 1. */
static void row_distance(const uint8_t *in, size_t width, int32_t radius, uint8_t bits,
                         uint8_t *reach)
{
    const size_t whole = width + 2 * (size_t)radius;
    int32_t since = radius + 1;
    for (size_t x = 0; x < whole; x++) {
        since = (in[x] & bits) ? 0 : since + 1;
        if (x >= (size_t)radius && x < width + (size_t)radius) {
            reach[x - (size_t)radius] = (uint8_t)(since > radius ? radius + 1 : since);
        }
    }
    since = radius + 1;
    for (size_t x = whole; x-- > 0;) {
        since = (in[x] & bits) ? 0 : since + 1;
        if (x >= (size_t)radius && x < width + (size_t)radius &&
            since < reach[x - (size_t)radius]) {
            reach[x - (size_t)radius] = (uint8_t)since;
        }
    }
}

EK_CLONES static void mark_near(const uint8_t *restrict reach, size_t width, uint8_t half,
                                uint8_t *restrict out)
{
    for (size_t x = 0; x < width; x++) out[x] |= (uint8_t)(reach[x] <= half);
}

/* Largest w with w^2 + dy^2 <= r^2, in integers. */
static int32_t half_width(int32_t radius, int32_t dy)
{
    int32_t w = 0;
    while ((w + 1) * (w + 1) + dy * dy <= radius * radius) w++;
    return w;
}

void ek_buffer(const uint8_t *in, size_t pitch, size_t width, size_t height, int32_t radius,
               uint8_t bits, ek_arena *arena, uint8_t *out)
{
    assert(radius >= 0 && radius <= EK_BUFFER_MOST);
    const size_t mark = arena->used;
    const size_t rows = height + 2 * (size_t)radius;
    uint8_t *const reach = EK_TAKE(arena, uint8_t, rows * width);
    for (size_t y = 0; y < rows; y++)
        row_distance(in + y * pitch, width, radius, bits, reach + y * width);
    memset(out, 0, width * height);
    for (int32_t dy = -radius; dy <= radius; dy++) {
        const uint8_t half = (uint8_t)half_width(radius, dy);
        for (size_t y = 0; y < height; y++) {
            mark_near(reach + (size_t)((int64_t)y + radius + dy) * width, width, half,
                      out + y * width);
        }
    }
    arena->used = mark;
}
