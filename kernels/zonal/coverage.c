#include "kernels/zonal/coverage.h"

#include <stdbool.h>
#include <string.h>

__extension__ typedef __int128 wide;

#define UNIT  EK_ZONE_UNIT
#define SHORT (INT64_C(1) << 30) /* units; products of two such lengths fit in 64 bits */

/* An edge with its ends in canonical order (ay < by), so that both polygons that share it compute
 * the same crossings; way is +1 or -1: the ring's sign times the direction it runs. */
typedef struct edge {
    int64_t ax, ay, bx, by;
    int64_t way;
    bool brief; /* shorter than SHORT in both directions */
} edge;

/* What the edges are added into: per row w + 1 differences, whose running sum is the covered area
 * of each pixel in units of 2^-53. Sums wrap modulo 2^64; the final ones fit. */
typedef struct canvas {
    uint64_t *diff; /* [h][w + 1] */
    ek_window win;
    int64_t left, right, top, bottom; /* of the window, in units */
} canvas;

static int64_t floor_div(int64_t a, int64_t b)
{
    const int64_t q = a / b;
    return q - (a % b != 0 && a < 0);
}

static int64_t floor_pixel(int64_t a)
{
    return floor_div(a, UNIT);
}

/* round(a * b / d), halves up, d > 0: the one rounding of eq. 3 and 4. */
static int64_t mul_div(int64_t a, int64_t b, int64_t d, bool brief)
{
    if (brief) return floor_div(2 * (a * b) + d, 2 * d);
    const wide n = 2 * ((wide)a * b) + d;
    const wide q = n / (2 * (wide)d);
    return (int64_t)(q - (n % (2 * (wide)d) != 0 && n < 0));
}

/* SPEC.md eq. 3: where the edge meets the horizontal line y (ay <= y <= by). */
static int64_t cross_x(const edge *e, int64_t y)
{
    if (y == e->ay) return e->ax;
    if (y == e->by) return e->bx;
    return e->ax + mul_div(y - e->ay, e->bx - e->ax, e->by - e->ay, e->brief);
}

/* SPEC.md eq. 4: where it meets the vertical line x (strictly between its ends). */
static int64_t cross_y(const edge *e, int64_t x)
{
    const int64_t dx = e->bx - e->ax;
    const int64_t dy = e->by - e->ay;
    return dx > 0 ? e->ay + mul_div(x - e->ax, dy, dx, e->brief)
                  : e->ay + mul_div(e->ax - x, dy, -dx, e->brief);
}

/* SPEC.md eq. 5 for a chord inside pixel column c: its height, and its ends counted from the
 * pixel's left side. */
static void add_chord(uint64_t *row, int64_t c, int64_t height, int64_t x0, int64_t x1, int64_t way)
{
    const int64_t own = height * (2 * UNIT - x0 - x1);
    const int64_t all = height * 2 * UNIT;
    row[c] += (uint64_t)(way * own);
    row[c + 1] += (uint64_t)(way * (all - own));
}

static int64_t distance(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

/* The part of an edge within one row of pixels, from left (xl, yl) to right (xr, yr). */
static void add_row(const canvas *cv, uint64_t *row, const edge *e, int64_t xl, int64_t yl,
                    int64_t xr, int64_t yr)
{
    if (xl >= cv->right) return;
    if (xr <= cv->left) {
        row[0] += (uint64_t)(e->way * distance(yl, yr) * 2 * UNIT);
        return;
    }
    int64_t x = xl;
    int64_t y = yl;
    if (x < cv->left) {
        y = cross_y(e, cv->left);
        x = cv->left;
        row[0] += (uint64_t)(e->way * distance(yl, y) * 2 * UNIT);
    }
    int64_t c = floor_pixel(x);
    int64_t next = (c + 1) * UNIT;
    for (; next < xr && next <= cv->right; next += UNIT, c++) {
        const int64_t y_next = cross_y(e, next);
        add_chord(row, c - cv->win.x0, distance(y, y_next), x - c * UNIT, UNIT, e->way);
        x = next;
        y = y_next;
    }
    if (x < cv->right) {
        add_chord(row, c - cv->win.x0, distance(y, yr), x - c * UNIT, xr - c * UNIT, e->way);
    }
}

static void add_edge(const canvas *cv, const edge *e)
{
    const int64_t stop = e->by < cv->bottom ? e->by : cv->bottom;
    int64_t k = floor_pixel(e->ay > cv->top ? e->ay : cv->top);
    int64_t y = e->ay > k * UNIT ? e->ay : k * UNIT;
    const bool beside = e->ax <= cv->left && e->bx <= cv->left;
    int64_t x = beside ? 0 : cross_x(e, y);
    for (; y < stop; k++) {
        uint64_t *const row = cv->diff + (k - cv->win.y0) * (cv->win.w + 1);
        const int64_t y_out = e->by < (k + 1) * UNIT ? e->by : (k + 1) * UNIT;
        if (beside) {
            row[0] += (uint64_t)(e->way * (y_out - y) * 2 * UNIT);
        } else {
            const int64_t x_out = cross_x(e, y_out);
            if (x <= x_out)
                add_row(cv, row, e, x, y, x_out, y_out);
            else
                add_row(cv, row, e, x_out, y_out, x, y);
            x = x_out;
        }
        y = y_out;
    }
}

static edge make_edge(const int64_t *a, int64_t sign)
{
    const bool down = a[3] > a[1];
    const int64_t *const from = down ? a : a + 2;
    const int64_t *const to = down ? a + 2 : a;
    return (edge){.ax = from[0],
                  .ay = from[1],
                  .bx = to[0],
                  .by = to[1],
                  .way = down ? sign : -sign,
                  .brief = to[1] - from[1] < SHORT && distance(from[0], to[0]) < SHORT};
}

static canvas make_canvas(ek_window win, uint64_t *diff)
{
    return (canvas){.diff = diff,
                    .win = win,
                    .left = win.x0 * UNIT,
                    .right = (win.x0 + win.w) * UNIT,
                    .top = win.y0 * UNIT,
                    .bottom = (win.y0 + win.h) * UNIT};
}

/* No part of the ring changes a pixel of the window. */
static bool passes_by(const ek_zone *zone, size_t r, const canvas *cv)
{
    const int64_t *const box = zone->boxes + 4 * r;
    return zone->start[r + 1] == zone->start[r] || box[0] >= cv->right || box[1] >= cv->bottom ||
           box[3] <= cv->top || box[2] <= cv->left;
}

static bool edge_passes_by(const int64_t *a, const canvas *cv)
{
    return a[1] == a[3] || (a[1] <= cv->top && a[3] <= cv->top) ||
           (a[1] >= cv->bottom && a[3] >= cv->bottom) || (a[0] >= cv->right && a[2] >= cv->right);
}

/* SPEC.md eq. 6 and 7: running sums, then the fraction. A valid polygon stays within 0 and full;
 * the clamp holds rings that rounding made to cross by a unit. */
static void finish(const canvas *cv, double *out)
{
    const int64_t full = 2 * UNIT * UNIT;
    for (int64_t k = 0; k < cv->win.h; k++) {
        const uint64_t *const row = cv->diff + k * (cv->win.w + 1);
        double *const to = out + k * cv->win.w;
        uint64_t sum = 0;
        for (int64_t c = 0; c < cv->win.w; c++) {
            sum += row[c];
            const int64_t area = (int64_t)sum;
            const int64_t held = area < 0 ? 0 : area > full ? full : area;
            to[c] = (double)held * 0x1p-53;
        }
    }
}

size_t ek_coverage_scratch_bytes(int64_t w, int64_t h)
{
    return ek_align_up((size_t)(w + 1) * (size_t)h * sizeof(uint64_t));
}

void ek_coverage(const ek_zone *zone, ek_window window, double *out, ek_arena *arena)
{
    const size_t mark = arena->used;
    const size_t n = (size_t)(window.w + 1) * (size_t)window.h;
    const canvas cv = make_canvas(window, EK_TAKE(arena, uint64_t, n));
    memset(cv.diff, 0, n * sizeof *cv.diff);
    for (size_t r = 0; r < zone->n_ring; r++) {
        if (zone->sign[r] == 0 || passes_by(zone, r, &cv)) continue;
        for (size_t i = zone->start[r]; i + 1 < zone->start[r + 1]; i++) {
            const int64_t *const a = zone->xy + 2 * i;
            if (edge_passes_by(a, &cv)) continue;
            const edge e = make_edge(a, zone->sign[r]);
            add_edge(&cv, &e);
        }
    }
    finish(&cv, out);
    arena->used = mark;
}

/* SPEC.md eq. 8: the first column whose centre lies at or right of the edge, on the line y. */
static int64_t first_centre(const edge *e, int64_t y)
{
    const int64_t dy = e->by - e->ay;
    const wide n = (wide)(e->ax - UNIT / 2) * dy + (wide)(y - e->ay) * (e->bx - e->ax);
    const wide d = (wide)UNIT * dy;
    const wide q = n / d;
    return (int64_t)(q + (n % d != 0 && n > 0));
}

/* Marks, in each row, the column from which the edge changes in and out. */
static void mark_edge(const canvas *cv, const edge *e, uint8_t *out)
{
    const int64_t from = e->ay > cv->top ? e->ay : cv->top;
    for (int64_t k = -floor_div(UNIT / 2 - from, UNIT); k < cv->win.y0 + cv->win.h; k++) {
        const int64_t y = k * UNIT + UNIT / 2;
        if (y >= e->by) break;
        int64_t c = first_centre(e, y) - cv->win.x0;
        if (c >= cv->win.w) continue;
        c = c < 0 ? 0 : c;
        out[(k - cv->win.y0) * cv->win.w + c] ^= 1;
    }
}

void ek_centres(const ek_zone *zone, ek_window window, uint8_t *out)
{
    const canvas cv = make_canvas(window, NULL);
    memset(out, 0, (size_t)window.w * (size_t)window.h);
    for (size_t r = 0; r < zone->n_ring; r++) {
        if (passes_by(zone, r, &cv)) continue;
        for (size_t i = zone->start[r]; i + 1 < zone->start[r + 1]; i++) {
            const int64_t *const a = zone->xy + 2 * i;
            if (edge_passes_by(a, &cv)) continue;
            const edge e = make_edge(a, 1);
            mark_edge(&cv, &e, out);
        }
    }
    for (int64_t k = 0; k < window.h; k++) {
        uint8_t *const row = out + k * window.w;
        for (int64_t c = 1; c < window.w; c++) row[c] ^= row[c - 1];
    }
}
