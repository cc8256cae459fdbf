/* Dates, periods, and the pixel lattice. */
#include <math.h>

#include "pipeline/base/date.h"
#include "pipeline/base/period.h"
#include "pipeline/grid/grid.h"
#include "tests/support/test.h"

static em_error err;

static void days_go_there_and_back(void **state)
{
    (void)state;
    assert_int_equal(em_day_from_date((em_date){1970, 1, 1}), 0);
    assert_int_equal(em_day_from_date((em_date){2000, 3, 1}), 11017);
    assert_int_equal(em_day_from_date((em_date){1969, 12, 31}), -1);
    int32_t day = em_day_from_date((em_date){1899, 12, 31});
    for (int32_t year = 1900; year < 2101; year++) {
        for (int32_t month = 1; month <= 12; month++) {
            for (int32_t d = 1; d <= em_month_length(year, month); d++) {
                assert_int_equal(em_day_from_date((em_date){year, month, d}), ++day);
                const em_date back = em_date_from_day(day);
                assert_true(back.year == year && back.month == month && back.day == d);
            }
        }
    }
    assert_int_equal(em_month_length(1900, 2), 28);
    assert_int_equal(em_month_length(2000, 2), 29);
    assert_false(em_date_exists((em_date){2023, 2, 29}));
    assert_true(em_date_exists((em_date){2024, 2, 29}));
    assert_false(em_date_exists((em_date){2024, 13, 1}));
}

static void times_are_read(void **state)
{
    (void)state;
    int64_t t = 0;
    char text[32];
    assert_true(em_time_parse("2023-08-21T22:19:41.024Z", &t));
    assert_int_equal(t, 1692656381);
    em_time_print(t, text);
    assert_string_equal(text, "2023-08-21T22:19:41Z");
    assert_int_equal(em_day_from_time(t), em_day_from_date((em_date){2023, 8, 21}));
    assert_true(em_time_parse("2023-08-21", &t));
    assert_int_equal(t, 1692576000);
    assert_false(em_time_parse("2023-02-30T00:00:00Z", &t));
    assert_false(em_time_parse("2023-08-21T25:00:00Z", &t));
    assert_false(em_time_parse("yesterday", &t));
    assert_int_equal(em_day_from_time(-1), -1);
}

static void expect_period(const char *text, int32_t newest, const char *name, em_date first,
                          em_date last)
{
    em_period p;
    TEST_OK(em_period_parse(text, newest, &p, &err));
    assert_string_equal(p.name, name);
    assert_int_equal(p.first_day, em_day_from_date(first));
    assert_int_equal(p.last_day, em_day_from_date(last));
}

static void periods_are_read(void **state)
{
    (void)state;
    const int32_t newest = em_day_from_date((em_date){2024, 2, 29});
    expect_period("2026", 0, "2026", (em_date){2026, 1, 1}, (em_date){2026, 12, 31});
    expect_period("2026Q3", 0, "2026Q3", (em_date){2026, 7, 1}, (em_date){2026, 9, 30});
    expect_period("2024-02", 0, "2024-02", (em_date){2024, 2, 1}, (em_date){2024, 2, 29});
    expect_period("20260701-20260710", 0, "20260701-20260710", (em_date){2026, 7, 1},
                  (em_date){2026, 7, 10});
    expect_period("auto", newest, "2024", (em_date){2024, 1, 1}, (em_date){2024, 12, 31});
    expect_period("auto-quarter", newest, "2024Q1", (em_date){2024, 1, 1}, (em_date){2024, 3, 31});
    expect_period("auto-month", newest, "2024-02", (em_date){2024, 2, 1}, (em_date){2024, 2, 29});
}

static void other_texts_are_no_period(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "26",
                                      "2026Q5",
                                      "2026-13",
                                      "2026-00",
                                      "2026-7",
                                      "20260710-20260701",
                                      "20260229-20260301",
                                      "automatic",
                                      "2026 ",
                                      " 2026",
                                      "2026Q",
                                      "0000"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        em_period p;
        if (em_period_parse(bad[i], 0, &p, &err) != EM_ECONFIG)
            fail_msg("\"%s\" was taken", bad[i]);
        assert_non_null(strstr(err.text, "expected 2026"));
    }
}

/* ---- grid ---- */

static void division_rounds_down(void **state)
{
    (void)state;
    for (int64_t a = -50; a <= 50; a++) {
        for (int64_t b = 1; b < 9; b++)
            assert_int_equal(em_floor_div(a, b), (int64_t)floor((double)a / (double)b));
    }
}

static void rectangles_meet(void **state)
{
    (void)state;
    const em_rect a = {0, 0, 10, 10};
    const em_rect b = {5, -5, 20, 5};
    const em_rect c = em_rect_clip(a, b);
    assert_true(c.x0 == 5 && c.y0 == 0 && c.x1 == 10 && c.y1 == 5);
    const em_rect u = em_rect_union(a, b);
    assert_true(u.x0 == 0 && u.y0 == -5 && u.x1 == 20 && u.y1 == 10);
    assert_true(em_rect_empty(em_rect_clip(a, (em_rect){10, 0, 12, 10})));
    const em_rect same = em_rect_union(a, (em_rect){3, 3, 3, 9});
    assert_true(same.x0 == 0 && same.x1 == 10);
    const em_rect g = em_rect_grow(a, 2);
    assert_true(g.x0 == -2 && g.y1 == 12);
}

/* Every pixel lies in the tile that says so, also west and south of the origin; names are in order.
 */
static void pixels_have_their_tiles(void **state)
{
    (void)state;
    em_grid grid;
    char name[32];
    TEST_OK(em_grid_init(&grid, "EPSG:32651", 10, 0, 0, 256, &err));
    for (int64_t row = -700; row <= 700; row += 37) {
        for (int64_t col = -700; col <= 700; col += 41) {
            const em_rect r = em_tile_rect(&grid, em_tile_at(&grid, col, row));
            assert_true(col >= r.x0 && col < r.x1 && row >= r.y0 && row < r.y1);
            assert_true(r.x1 - r.x0 == 256 && r.y1 - r.y0 == 256);
        }
    }
    em_tile_name((em_tile){26, 351}, name);
    assert_string_equal(name, "x0026_y0351");
    em_tile_name((em_tile){-1, 7}, name);
    assert_string_equal(name, "x-001_y0007");
    const em_tile origin = em_tile_at(&grid, 0, -1); /* north-east of the origin */
    assert_true(origin.east == 0 && origin.north == 0);
    const em_tile north = {5, 9};
    const em_tile south = {4, 8};
    assert_true(em_tile_compare(&north, &south) < 0);
    em_grid_release(&grid);
}

static void positions_go_there_and_back(void **state)
{
    (void)state;
    em_grid grid;
    double col = 0;
    double row = 0;
    double x = 0;
    double y = 0;
    TEST_OK(em_grid_init(&grid, "EPSG:32651", 10, 3, 7, 1024, &err));
    em_grid_to_pixel(&grid, 273773, 3565137, &col, &row);
    TEST_NEAR(col, 27377, 1e-9);
    TEST_NEAR(row, -356513, 1e-9);
    em_grid_to_crs(&grid, col + 0.25, row - 0.5, &x, &y);
    TEST_NEAR(x, 273775.5, 1e-9);
    TEST_NEAR(y, 3565142, 1e-9);
    em_grid_release(&grid);
}

/* The lattice's identity: not the tile size, but everything else. */
static void the_hash_knows_the_lattice(void **state)
{
    (void)state;
    em_grid a;
    em_grid b;
    em_hash h[5];
    TEST_OK(em_grid_init(&a, "EPSG:32651", 10, 0, 0, 1024, &err));
    TEST_OK(em_grid_hash(&a, &h[0], &err));
    static const struct {
        const char *crs;
        double px, ax;
        int32_t tile;
    } other[] = {{"EPSG:32651", 10, 0, 256},
                 {"EPSG:32650", 10, 0, 1024},
                 {"EPSG:32651", 20, 0, 1024},
                 {"EPSG:32651", 10, 5, 1024}};
    for (int i = 0; i < 4; i++) {
        TEST_OK(em_grid_init(&b, other[i].crs, other[i].px, other[i].ax, 0, other[i].tile, &err));
        TEST_OK(em_grid_hash(&b, &h[i + 1], &err));
        if (i == 0)
            assert_string_equal(h[0].hex, h[1].hex);
        else
            assert_string_not_equal(h[0].hex, h[i + 1].hex);
        em_grid_release(&b);
    }
    em_grid_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_go_there_and_back),     cmocka_unit_test(times_are_read),
        cmocka_unit_test(periods_are_read),           cmocka_unit_test(other_texts_are_no_period),
        cmocka_unit_test(division_rounds_down),       cmocka_unit_test(rectangles_meet),
        cmocka_unit_test(pixels_have_their_tiles),    cmocka_unit_test(positions_go_there_and_back),
        cmocka_unit_test(the_hash_knows_the_lattice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
