/* Exact coverage: values by hand, an independent clipper in doubles, and the properties that make
 * sums of units add up. */
#include "kernels/zonal/coverage.h"

#include <math.h>

#include "kernels/base/rng.h"
#include "tests/support/test.h"

enum { MOST = 4096 };

static unsigned char zone_memory[1 << 20] __attribute__((aligned(EK_ALIGN)));
static unsigned char scratch_memory[4 << 20] __attribute__((aligned(EK_ALIGN)));

static ek_status make(const ek_zone_ring *rings, size_t n, ek_zone *zone)
{
    assert_true(ek_zone_bytes(rings, n) <= sizeof zone_memory);
    return ek_zone_init(rings, n, zone_memory, zone);
}

static void cover(const ek_zone *zone, ek_window win, double *out)
{
    ek_arena arena = {.base = scratch_memory, .size = ek_coverage_scratch_bytes(win.w, win.h)};
    assert_true(arena.size <= sizeof scratch_memory);
    ek_coverage(zone, win, out, &arena);
    assert_int_equal(arena.used, 0);
}

static double draw(uint64_t seed, uint64_t i, double from, double to)
{
    return from + (to - from) * ek_rng_unit(seed, i);
}

/* A ring around (x, y) with n vertices at random distances: simple, seldom convex. */
static void star(uint64_t seed, double x, double y, double near, double far, size_t n, double *xy)
{
    for (size_t i = 0; i < n; i++) {
        const double angle =
            6.283185307179586 * ((double)i + 0.8 * ek_rng_unit(seed, i)) / (double)n;
        const double r = draw(seed + 77, i, near, far);
        xy[2 * i] = x + r * cos(angle);
        xy[2 * i + 1] = y + r * sin(angle);
    }
}

static double shoelace(const double *xy, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const double *const a = xy + 2 * i;
        const double *const b = xy + 2 * ((i + 1) % n);
        sum += (a[0] - xy[0]) * (b[1] - xy[1]) - (b[0] - xy[0]) * (a[1] - xy[1]);
    }
    return sum / 2;
}

/* Sutherland and Hodgman (1974): what of the polygon lies where sign * (axis - at) >= 0. */
static size_t clip(const double *in, size_t n, int axis, double at, double sign, double *out)
{
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        const double *const a = in + 2 * i;
        const double *const b = in + 2 * ((i + 1) % n);
        const double da = sign * (a[axis] - at);
        const double db = sign * (b[axis] - at);
        if (da >= 0) memcpy(out + 2 * m++, a, 2 * sizeof *a);
        if ((da >= 0) == (db >= 0)) continue;
        const double t = da / (da - db);
        out[2 * m] = a[0] + t * (b[0] - a[0]);
        out[2 * m + 1] = a[1] + t * (b[1] - a[1]);
        out[2 * m++ + (size_t)axis] = at;
    }
    return m;
}

/* Covered fraction of pixel (c, r) by one ring, in doubles. */
static double reference(const double *xy, size_t n, double c, double r)
{
    static double a[4 * MOST];
    static double b[4 * MOST];
    size_t m = clip(xy, n, 0, c, 1, a);
    m = clip(a, m, 0, c + 1, -1, b);
    m = clip(b, m, 1, r, 1, a);
    m = clip(a, m, 1, r + 1, -1, b);
    return m ? fabs(shoelace(b, m)) : 0;
}

static void a_triangle_gives_the_fractions_worked_out_by_hand(void **state)
{
    /* (0,0) (4,0) (0,2): the slope drops half a pixel per column. */
    const double xy[] = {0, 0, 4, 0, 0, 2, 0, 0};
    const ek_zone_ring ring = {xy, 4};
    ek_zone zone;
    assert_int_equal(make(&ring, 1, &zone), EK_OK);
    double got[3][5];
    cover(&zone, (ek_window){0, 0, 5, 3}, got[0]);
    const double want[3][5] = {{1, 1, 0.75, 0.25, 0}, {0.75, 0.25, 0, 0, 0}, {0}};
    for (int r = 0; r < 3; r++) {
        for (int c = 0; c < 5; c++) TEST_NEAR(got[r][c], want[r][c], 0);
    }
    uint8_t in[15];
    ek_centres(&zone, (ek_window){0, 0, 5, 3}, in);
    /* Centres (2.5, .5) and (.5, 1.5) lie inside; (3.5, .5) and (1.5, 1.5) outside. */
    const uint8_t want_in[15] = {1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    assert_memory_equal(in, want_in, sizeof in);
}

static void a_square_with_a_hole_and_an_island_in_it(void **state)
{
    const double outer[] = {-2.5, -2.5, 2.5, -2.5, 2.5, 2.5, -2.5, 2.5};
    const double hole[] = {-1.5, -1.5, 1.5, -1.5, 1.5, 1.5, -1.5, 1.5};   /* same direction */
    const double island[] = {-0.5, -0.5, -0.5, 0.5, 0.5, 0.5, 0.5, -0.5}; /* the other */
    const ek_zone_ring rings[] = {{island, 4}, {outer, 4}, {hole, 4}};
    ek_zone zone;
    assert_int_equal(make(rings, 3, &zone), EK_OK);
    double got[6][6];
    cover(&zone, (ek_window){-3, -3, 6, 6}, got[0]);
    const double row0[] = {0.25, 0.5, 0.5, 0.5, 0.5, 0.25};
    const double row1[] = {0.5, 0.75, 0.5, 0.5, 0.75, 0.5};
    const double row2[] = {0.5, 0.5, 0.25, 0.25, 0.5, 0.5};
    for (int c = 0; c < 6; c++) {
        TEST_NEAR(got[0][c], row0[c], 0);
        TEST_NEAR(got[1][c], row1[c], 0);
        TEST_NEAR(got[2][c], row2[c], 0);
        TEST_NEAR(got[3][c], row2[c], 0);
        TEST_NEAR(got[5][c], row0[c], 0);
    }
}

static void a_sliver_across_many_pixels_keeps_its_area(void **state)
{
    /* A thousandth of a pixel wide, 300 long, nearly level. */
    const double xy[] = {0.25, 0.3, 300.25, 2.7, 300.25, 2.701, 0.25, 0.301};
    const ek_zone_ring ring = {xy, 4};
    ek_zone zone;
    assert_int_equal(make(&ring, 1, &zone), EK_OK);
    static double got[4 * 302];
    cover(&zone, (ek_window){-1, 0, 302, 4}, got);
    double sum = 0;
    for (int i = 0; i < 4 * 302; i++) {
        assert_true(got[i] >= 0 && got[i] <= 0.0011);
        sum += got[i];
    }
    TEST_NEAR(sum, 0.3, 0.3e-5); /* vertices are rounded to 1.5e-8 of the width of 1e-3 */
}

static void a_polygon_within_one_pixel_and_one_without_area(void **state)
{
    const double xy[] = {7.25, 9.25, 7.5, 9.25, 7.5, 9.5, 7.25, 9.5};
    const double line[] = {1, 1, 2, 2, 3, 3};
    const double wild[] = {1, 1, 2, NAN, 3, 3};
    const double distant[] = {1, 1, 3e9, 1, 3, 3};
    ek_zone zone;
    assert_int_equal(make(&(ek_zone_ring){xy, 4}, 1, &zone), EK_OK);
    double got[9];
    cover(&zone, (ek_window){6, 8, 3, 3}, got);
    for (int i = 0; i < 9; i++) TEST_NEAR(got[i], i == 4 ? 0.0625 : 0, 0);
    assert_int_equal(make(&(ek_zone_ring){line, 3}, 1, &zone), EK_DEGENERATE);
    assert_int_equal(make(&(ek_zone_ring){wild, 3}, 1, &zone), EK_TOO_LARGE);
    assert_int_equal(make(&(ek_zone_ring){distant, 3}, 1, &zone), EK_TOO_LARGE);
    assert_int_equal(make(&(ek_zone_ring){line, 0}, 1, &zone), EK_DEGENERATE);
}

static void random_polygons_agree_with_a_clipper_in_doubles(void **state)
{
    static double outer[2 * MOST];
    static double inner[2 * MOST];
    static double got[64 * 64];
    for (uint64_t t = 0; t < 200; t++) {
        const size_t n = 3 + ek_rng_below(t, 0, 60);
        const size_t m = 3 + ek_rng_below(t, 1, 9);
        const double x = draw(t, 2, -1e5, 1e5);
        const double y = draw(t, 3, -1e5, 1e5);
        star(t * 3 + 1, x, y, 8, 30, n < 8 ? 8 : n, outer);
        star(t * 3 + 2, x, y, 0.1, 2.5, m, inner);
        const ek_zone_ring rings[] = {{outer, n < 8 ? 8 : n}, {inner, m}};
        ek_zone zone;
        assert_int_equal(make(rings, 2, &zone), EK_OK);
        const ek_window win = {(int64_t)floor(x) - 32, (int64_t)floor(y) - 32, 64, 64};
        cover(&zone, win, got);
        double sum = 0;
        for (int64_t i = 0; i < 64 * 64; i++) {
            const double c = (double)(win.x0 + i % 64);
            const double r = (double)(win.y0 + i / 64);
            const double want = reference(outer, rings[0].n, c, r) - reference(inner, m, c, r);
            TEST_NEAR(got[i], want, 2e-7);
            sum += got[i];
        }
        const double area = fabs(shoelace(outer, rings[0].n)) - fabs(shoelace(inner, m));
        TEST_NEAR(sum, area, 1e-9 * area);
    }
}

static void any_window_gives_the_same_bits(void **state)
{
    static double xy[2 * 300];
    static double whole[96 * 96];
    static double part[96 * 96];
    static uint8_t whole_in[96 * 96];
    static uint8_t part_in[96 * 96];
    for (uint64_t t = 0; t < 60; t++) {
        const double far = t % 3 == 0 ? 4000 : 45; /* edges that pass over the window, too */
        star(t, draw(t, 900, -20, 120), draw(t, 901, -20, 120), far / 9, far, 40, xy);
        const ek_zone_ring ring = {xy, 40};
        ek_zone zone;
        assert_int_equal(make(&ring, 1, &zone), EK_OK);
        const ek_window all = {0, 0, 96, 96};
        cover(&zone, all, whole);
        ek_centres(&zone, all, whole_in);
        for (uint64_t p = 0; p < 12; p++) {
            const int64_t x0 = ek_rng_below(t, 1000 + 4 * p, 90);
            const int64_t y0 = ek_rng_below(t, 1001 + 4 * p, 90);
            const int64_t w = 1 + ek_rng_below(t, 1002 + 4 * p, (uint32_t)(96 - x0));
            const int64_t h = 1 + ek_rng_below(t, 1003 + 4 * p, (uint32_t)(96 - y0));
            cover(&zone, (ek_window){x0, y0, w, h}, part);
            ek_centres(&zone, (ek_window){x0, y0, w, h}, part_in);
            for (int64_t r = 0; r < h; r++) {
                const int64_t at = (y0 + r) * 96 + x0;
                assert_true(test_same_bits(part + r * w, whole + at, (size_t)w * sizeof *part));
                assert_memory_equal(part_in + r * w, whole_in + at, (size_t)w);
            }
        }
    }
}

static void start_vertex_and_direction_change_nothing(void **state)
{
    static double xy[2 * 50];
    static double turned[2 * 50];
    static double a[64 * 64];
    static double b[64 * 64];
    static uint8_t in_a[64 * 64];
    static uint8_t in_b[64 * 64];
    const ek_window win = {-32, -32, 64, 64};
    for (uint64_t t = 0; t < 50; t++) {
        star(t, 0.1, 0.2, 5, 31, 50, xy);
        const size_t by = ek_rng_below(t, 5, 50);
        for (size_t i = 0; i < 50; i++) {
            const size_t from = t % 2 ? (by + i) % 50 : (by + 50 - i) % 50;
            memcpy(turned + 2 * i, xy + 2 * from, 2 * sizeof *xy);
        }
        ek_zone zone;
        assert_int_equal(make(&(ek_zone_ring){xy, 50}, 1, &zone), EK_OK);
        cover(&zone, win, a);
        ek_centres(&zone, win, in_a);
        assert_int_equal(make(&(ek_zone_ring){turned, 50}, 1, &zone), EK_OK);
        cover(&zone, win, b);
        ek_centres(&zone, win, in_b);
        assert_true(test_same_bits(a, b, sizeof a));
        assert_memory_equal(in_a, in_b, sizeof in_a);
    }
}

/* Vertices of a lattice with cells of `step` pixels, jittered so little that no triangle turns
 * over. on_grid: at pixel centres, so that centres lie on edges and vertices. */
static void lattice(uint64_t seed, int i, int j, double step, bool on_grid, double xy[2])
{
    const uint64_t at = (uint64_t)((i + 50) * 200 + j + 50);
    xy[0] = step * (i + draw(seed, 2 * at, -0.15, 0.15));
    xy[1] = step * (j + draw(seed, 2 * at + 1, -0.15, 0.15));
    if (on_grid) {
        xy[0] = floor(xy[0]) + 0.5;
        xy[1] = floor(xy[1]) + 0.5;
    }
}

static void polygons_that_tile_the_plane_sum_to_exactly_one(void **state)
{
    enum { SIDE = 40 };
    static double got[SIDE * SIDE];
    static double sum[SIDE * SIDE];
    static uint8_t in[SIDE * SIDE];
    static int owners[SIDE * SIDE];
    const double steps[] = {0.37, 1.3, 3, 7.7, 23};
    const ek_window win = {-3, -5, SIDE, SIDE};
    for (uint64_t t = 0; t < 30; t++) {
        const double step = steps[t % 5];
        const bool on_grid = t % 2 && step > 5;
        const int from = (int)(-8 / step) - 2;
        const int to = (int)(SIDE / step) + 2;
        memset(sum, 0, sizeof sum);
        memset(owners, 0, sizeof owners);
        for (int k = 0; k < 2 * (to - from) * (to - from); k++) {
            const int i = from + (k / 2) % (to - from);
            const int j = from + (k / 2) / (to - from);
            const int corner[2][3][2] = {{{0, 0}, {1, 0}, {1, 1}}, {{0, 0}, {0, 1}, {1, 1}}};
            double xy[6];
            for (int v = 0; v < 3; v++) {
                const int *const c = corner[k % 2][v];
                lattice(t, i + c[0], j + c[1], step, on_grid, xy + 2 * v);
            }
            ek_zone zone;
            if (make(&(ek_zone_ring){xy, 3}, 1, &zone) == EK_DEGENERATE) continue;
            cover(&zone, win, got);
            ek_centres(&zone, win, in);
            for (int p = 0; p < SIDE * SIDE; p++) {
                sum[p] += got[p];
                owners[p] += in[p];
            }
        }
        for (int p = 0; p < SIDE * SIDE; p++) {
            TEST_NEAR(sum[p], 1, 0);
            assert_int_equal(owners[p], 1);
        }
    }
}

static void rings_that_touch_are_still_told_apart(void **state)
{
    /* A hole that meets the outer ring in one vertex, off the lattice of 2^-26, and two parts that
     * share a vertex. */
    const double outer[] = {0.1, 0.1, 9.1, 3.1, 6.1, 9.1};
    const double hole[] = {3.1, 1.1, 4.1, 4.1, 5.1, 3.1}; /* (3.1, 1.1) lies on the first edge */
    const double part[] = {9.1, 3.1, 12.1, 3.1, 12.1, 6.1};
    const ek_zone_ring rings[] = {{hole, 3}, {part, 3}, {outer, 3}};
    ek_zone zone;
    assert_int_equal(make(rings, 3, &zone), EK_OK);
    double got[16 * 16];
    cover(&zone, (ek_window){0, 0, 16, 16}, got);
    double sum = 0;
    for (int i = 0; i < 256; i++) sum += got[i];
    const double want =
        fabs(shoelace(outer, 3)) - fabs(shoelace(hole, 3)) + fabs(shoelace(part, 3));
    TEST_NEAR(sum, want, 1e-7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_triangle_gives_the_fractions_worked_out_by_hand),
        cmocka_unit_test(a_square_with_a_hole_and_an_island_in_it),
        cmocka_unit_test(a_sliver_across_many_pixels_keeps_its_area),
        cmocka_unit_test(a_polygon_within_one_pixel_and_one_without_area),
        cmocka_unit_test(random_polygons_agree_with_a_clipper_in_doubles),
        cmocka_unit_test(any_window_gives_the_same_bits),
        cmocka_unit_test(start_vertex_and_direction_change_nothing),
        cmocka_unit_test(polygons_that_tile_the_plane_sum_to_exactly_one),
        cmocka_unit_test(rings_that_touch_are_still_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
