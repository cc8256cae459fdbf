#include "pipeline/demo/noise.h"

#include "kernels/base/rng.h"

static uint64_t bits(uint64_t seed, int64_t x, int64_t y)
{
    return ek_rng_bits(seed ^ ((uint64_t)x * UINT64_C(0x9E3779B97F4A7C15)),
                       (uint64_t)y * UINT64_C(0xC2B2AE3D27D4EB4F));
}

double em_draw(uint64_t seed, int64_t x, int64_t y)
{
    return (double)(bits(seed, x, y) >> 11) * 0x1p-53;
}

double em_draw_normal(uint64_t seed, int64_t x, int64_t y)
{
    const uint64_t b = bits(seed, x, y);
    double sum = 0;
    for (int i = 0; i < 4; i++) sum += (double)(b >> (16 * i) & 0xFFFF) * 0x1p-16;
    return (sum - 2) * 1.7320508; /* four even draws have deviation 1 / sqrt(3) together */
}

static double smooth(double t)
{
    return t * t * (3 - 2 * t);
}

static int64_t whole(double x)
{
    const int64_t i = (int64_t)x;
    return (double)i > x ? i - 1 : i;
}

double em_noise(uint64_t seed, double x, double y)
{
    const int64_t ix = whole(x);
    const int64_t iy = whole(y);
    const double tx = smooth(x - (double)ix);
    const double ty = smooth(y - (double)iy);
    const double top = em_draw(seed, ix, iy) * (1 - tx) + em_draw(seed, ix + 1, iy) * tx;
    const double low = em_draw(seed, ix, iy + 1) * (1 - tx) + em_draw(seed, ix + 1, iy + 1) * tx;
    return top * (1 - ty) + low * ty;
}

double em_fractal(uint64_t seed, double x, double y)
{
    return (4 * em_noise(seed, x, y) + 2 * em_noise(seed + 1, 2 * x, 2 * y) +
            em_noise(seed + 2, 4 * x, 4 * y)) /
           7;
}
