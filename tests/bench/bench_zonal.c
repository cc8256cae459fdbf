/* ns per pixel of exact coverage, centres and sums over a town-sized polygon, and a hash of the
 * result. */
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "kernels/base/arena.h"
#include "kernels/base/rng.h"
#include "kernels/zonal/accumulate.h"
#include "kernels/zonal/coverage.h"

enum { N = 20000, SIDE = 256, RADIUS = 1500 };

static double xy[2 * N];
static unsigned char memory[4 << 20] __attribute__((aligned(EK_ALIGN)));
static unsigned char scratch[1 << 20] __attribute__((aligned(EK_ALIGN)));
static double coverage[SIDE * SIDE];
static double area[SIDE * SIDE];
static uint8_t centres[SIDE * SIDE];
static uint8_t codes[SIDE * SIDE];

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

int main(void)
{
    for (size_t i = 0; i < N; i++) {
        const double angle = 6.283185307179586 * (double)i / N;
        const double r = RADIUS * (0.8 + 0.2 * sin(9 * angle)) + 3 * ek_rng_unit(1, i);
        xy[2 * i] = r * cos(angle);
        xy[2 * i + 1] = r * sin(angle);
    }
    for (size_t i = 0; i < SIDE * SIDE; i++) {
        area[i] = 99.95;
        codes[i] = (uint8_t)(1 + ek_rng_below(2, i, 7));
    }
    const ek_zone_ring ring = {xy, N};
    ek_zone zone;
    if (ek_zone_bytes(&ring, 1) > sizeof memory) return 1;
    double t = now();
    if (ek_zone_init(&ring, 1, memory, &zone) != EK_OK) return 1;
    printf("zone_init  %6.1f ns per vertex\n", (now() - t) / N);
    static ek_zonal_sum sum;
    double ns[3] = {0};
    double pixels = 0;
    for (int64_t y = -6 * SIDE; y < 6 * SIDE; y += SIDE) {
        for (int64_t x = -6 * SIDE; x < 6 * SIDE; x += SIDE) {
            ek_arena arena = {.base = scratch, .size = sizeof scratch};
            const ek_window win = {x, y, SIDE, SIDE};
            t = now();
            ek_coverage(&zone, win, coverage, &arena);
            const double u = now();
            ek_centres(&zone, win, centres);
            const double v = now();
            ek_zonal_add(codes, coverage, centres, area, (size_t)SIDE * SIDE, &sum);
            ns[0] += u - t;
            ns[1] += v - u;
            ns[2] += now() - v;
            pixels += SIDE * SIDE;
        }
    }
    printf("coverage   %6.2f ns per pixel\ncentres    %6.2f ns per pixel\n", ns[0] / pixels,
           ns[1] / pixels);
    printf("add        %6.2f ns per pixel\nsum        %lld\n", ns[2] / pixels,
           (long long)ek_zonal_total(&sum));
    return 0;
}
