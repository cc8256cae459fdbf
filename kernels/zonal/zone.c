#include "kernels/zonal/zone.h"

#include <math.h>
#include <stdbool.h>

#include "kernels/base/arena.h"

__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 uwide;

#define NEAR                                                                                       \
    4 /* units; two rings that touch in truth are at most this far apart after rounding            \
       */

typedef enum side { OUTSIDE, INSIDE, UNSURE } side;

static size_t count_vertices(const ek_zone_ring *rings, size_t n_ring)
{
    size_t n = 0;
    for (size_t r = 0; r < n_ring; r++) n += rings[r].n + 1;
    return n;
}

size_t ek_zone_bytes(const ek_zone_ring *rings, size_t n_ring)
{
    return ek_align_up(count_vertices(rings, n_ring) * 2 * sizeof(int64_t)) +
           ek_align_up((n_ring + 1) * sizeof(size_t)) + ek_align_up(n_ring * 4 * sizeof(int64_t)) +
           ek_align_up(n_ring);
}

/* SPEC.md eq. 1. The product with a power of two is exact; rint rounds once. */
static bool quantise(double at, int64_t *out)
{
    if (!(fabs(at) < EK_ZONE_FAR)) return false;
    *out = (int64_t)rint(at * (double)EK_ZONE_UNIT);
    return true;
}

/* Copies one ring without a repeated last vertex, then closes it. Gives the vertices written. */
static bool copy_ring(const ek_zone_ring *ring, int64_t *xy, int64_t box[4], size_t *n_out)
{
    size_t n = 0;
    for (size_t i = 0; i < ring->n; i++, n++) {
        if (!quantise(ring->xy[2 * i], &xy[2 * n])) return false;
        if (!quantise(ring->xy[2 * i + 1], &xy[2 * n + 1])) return false;
    }
    if (n > 1 && xy[0] == xy[2 * n - 2] && xy[1] == xy[2 * n - 1]) n--;
    for (size_t i = 0; i < n; i++) {
        const int64_t x = xy[2 * i];
        const int64_t y = xy[2 * i + 1];
        box[0] = i == 0 || x < box[0] ? x : box[0];
        box[1] = i == 0 || y < box[1] ? y : box[1];
        box[2] = i == 0 || x > box[2] ? x : box[2];
        box[3] = i == 0 || y > box[3] ? y : box[3];
    }
    if (n) {
        xy[2 * n] = xy[0];
        xy[2 * n + 1] = xy[1];
        n++;
    }
    *n_out = n;
    return true;
}

/* Sign of the sum that coverage.c makes over a ring taken as it runs: that of
 * -sum (x0 + x1)(y1 - y0). Partial sums may wrap; the whole fits (SPEC.md, ranges). */
static int turn(const ek_zone *zone, size_t r)
{
    uwide sum = 0;
    for (size_t i = zone->start[r]; i + 1 < zone->start[r + 1]; i++) {
        const int64_t *const a = zone->xy + 2 * i;
        sum -= (uwide)((wide)(a[0] + a[2]) * (a[3] - a[1]));
    }
    const wide twice = (wide)sum;
    return (twice > 0) - (twice < 0);
}

static bool near_edge(const int64_t *a, int64_t x, int64_t y)
{
    const int64_t dx = a[2] - a[0];
    const int64_t dy = a[3] - a[1];
    if ((x < a[0] - NEAR && x < a[2] - NEAR) || (x > a[0] + NEAR && x > a[2] + NEAR)) return false;
    if ((y < a[1] - NEAR && y < a[3] - NEAR) || (y > a[1] + NEAR && y > a[3] + NEAR)) return false;
    const int64_t adx = dx < 0 ? -dx : dx;
    const int64_t ady = dy < 0 ? -dy : dy;
    const wide off = (wide)dx * (y - a[1]) - (wide)dy * (x - a[0]);
    return (off < 0 ? -off : off) <= (wide)NEAR * (adx > ady ? adx : ady);
}

static side place(const ek_zone *zone, size_t r, int64_t x, int64_t y)
{
    bool inside = false;
    for (size_t i = zone->start[r]; i + 1 < zone->start[r + 1]; i++) {
        const int64_t *const a = zone->xy + 2 * i;
        if (near_edge(a, x, y)) return UNSURE;
        if ((a[1] <= y) == (a[3] <= y)) continue;
        const wide off = (wide)(a[2] - a[0]) * (y - a[1]) - (wide)(a[3] - a[1]) * (x - a[0]);
        inside ^= (a[3] > a[1]) == (off < 0);
    }
    return inside ? INSIDE : OUTSIDE;
}

/* Does ring r lie inside ring `outer`? One point of r that is not on the other ring decides. */
static bool lies_in(const ek_zone *zone, size_t r, size_t outer)
{
    const int64_t *const in = zone->boxes + 4 * r;
    const int64_t *const out = zone->boxes + 4 * outer;
    if (in[0] < out[0] - NEAR || in[1] < out[1] - NEAR) return false;
    if (in[2] > out[2] + NEAR || in[3] > out[3] + NEAR) return false;
    for (size_t i = zone->start[r]; i + 1 < zone->start[r + 1]; i++) {
        const int64_t *const a = zone->xy + 2 * i;
        side at = place(zone, outer, a[0], a[1]);
        if (at == UNSURE) at = place(zone, outer, (a[0] + a[2]) / 2, (a[1] + a[3]) / 2);
        if (at != UNSURE) return at == INSIDE;
    }
    return false;
}

/* SPEC.md eq. 2 */
static void set_signs(const ek_zone *zone, int8_t *sign)
{
    for (size_t r = 0; r < zone->n_ring; r++) {
        int s = zone->start[r + 1] > zone->start[r] ? turn(zone, r) : 0;
        for (size_t other = 0; s && other < zone->n_ring; other++) {
            if (other == r || zone->start[other + 1] == zone->start[other]) continue;
            if (lies_in(zone, r, other)) s = -s;
        }
        sign[r] = (int8_t)s;
    }
}

ek_status ek_zone_init(const ek_zone_ring *rings, size_t n_ring, void *memory, ek_zone *zone)
{
    *zone = (ek_zone){0};
    ek_arena arena = {.base = memory, .size = ek_zone_bytes(rings, n_ring)};
    int64_t *const xy = EK_TAKE(&arena, int64_t, count_vertices(rings, n_ring) * 2);
    size_t *const start = EK_TAKE(&arena, size_t, n_ring + 1);
    int64_t *const boxes = EK_TAKE(&arena, int64_t, n_ring * 4);
    int8_t *const sign = EK_TAKE(&arena, int8_t, n_ring);
    start[0] = 0;
    for (size_t r = 0; r < n_ring; r++) {
        size_t n = 0;
        for (int i = 0; i < 4; i++) boxes[4 * r + (size_t)i] = 0;
        if (!copy_ring(&rings[r], xy + 2 * start[r], boxes + 4 * r, &n)) return EK_TOO_LARGE;
        start[r + 1] = start[r] + n;
    }
    const ek_zone made = {.xy = xy, .start = start, .boxes = boxes, .sign = sign, .n_ring = n_ring};
    set_signs(&made, sign);
    bool any = false;
    for (size_t r = 0; r < n_ring; r++) any |= sign[r] != 0;
    if (!any) return EK_DEGENERATE;
    *zone = made;
    return EK_OK;
}
