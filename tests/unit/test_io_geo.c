/* Coordinate systems, points between them, and true pixel areas. */
#include "pipeline/io/geo.h"

#include <geodesic.h>
#include <math.h>

#include "pipeline/base/memory.h"
#include "tests/support/test.h"

static em_error err;

static void canonical_is(const char *text, const char *want)
{
    char *got = NULL;
    TEST_OK(em_crs_canonical(text, &got, &err));
    assert_string_equal(got, want);
    em_free(got);
}

static void a_crs_has_one_text(void **state)
{
    canonical_is("EPSG:32651", "EPSG:32651");
    canonical_is("epsg:4549", "EPSG:4549");
    canonical_is("+proj=utm +zone=51 +datum=WGS84 +units=m", "EPSG:32651");
    canonical_is("PROJCS[\"WGS_1984_UTM_Zone_51N\",GEOGCS[\"GCS_WGS_1984\",DATUM[\"D_WGS_1984\","
                 "SPHEROID[\"WGS_1984\",6378137.0,298.257223563]],PRIMEM[\"Greenwich\",0.0],"
                 "UNIT[\"Degree\",0.0174532925199433]],PROJECTION[\"Transverse_Mercator\"],"
                 "PARAMETER[\"False_Easting\",500000.0],PARAMETER[\"False_Northing\",0.0],"
                 "PARAMETER[\"Central_Meridian\",123.0],PARAMETER[\"Scale_Factor\",0.9996],"
                 "PARAMETER[\"Latitude_Of_Origin\",0.0],UNIT[\"Meter\",1.0]]",
                 "EPSG:32651");
    char *got = NULL;
    TEST_OK(em_crs_canonical("+proj=tmerc +lon_0=120.25 +x_0=500000 +ellps=GRS80", &got, &err));
    assert_memory_equal(got, "PROJCRS[", 8);
    assert_null(strchr(got, '\n'));
    em_free(got);
    assert_int_equal(em_crs_canonical("EPSG:999999", &got, &err), EM_ECONFIG);
    assert_string_equal(err.text, "\"EPSG:999999\" is no coordinate system that PROJ knows");
    assert_null(got);
    bool geographic = false;
    TEST_OK(em_crs_is_geographic("EPSG:4490", &geographic, &err));
    assert_true(geographic);
    TEST_OK(em_crs_is_geographic("EPSG:4549", &geographic, &err));
    assert_false(geographic);
}

/* gep-spec.md section 8: longitude 120.6, latitude 32.2. */
static void the_oracle_point_of_rugao_lands_where_it_should(void **state)
{
    const struct {
        const char *crs;
        double x, y;
    } want[] = {{"EPSG:4549", 556572.9211, 3564187.9960},
                {"EPSG:4528", 40556572.9211, 3564187.9960},
                {"EPSG:32651", 273771.8286, 3565130.2690}};
    const char *const from[] = {"EPSG:4490", "EPSG:4326"}; /* both lat/lon by their authority */
    for (int k = 0; k < 6; k++) {
        double at[1][2] = {{120.6, 32.2}};
        TEST_OK(em_crs_transform(from[k % 2], want[k / 2].crs, at, 1, &err));
        TEST_NEAR(at[0][0], want[k / 2].x, 1e-4);
        TEST_NEAR(at[0][1], want[k / 2].y, 1e-4);
        TEST_OK(em_crs_transform(want[k / 2].crs, from[k % 2], at, 1, &err));
        TEST_NEAR(at[0][0], 120.6, 1e-9); /* 1e-4 m */
        TEST_NEAR(at[0][1], 32.2, 1e-9);
    }
}

static void a_ballpark_transformation_is_refused_by_name(void **state)
{
    double at[1][2] = {{120.6, 32.2}};
    assert_int_equal(em_crs_transform("EPSG:4610", "EPSG:32651", at, 1, &err), EM_EINPUT);
    assert_non_null(strstr(err.text, "no transformation from \"Xian 1980\" to \"WGS 84 / UTM zone "
                                     "51N\" but a ballpark one"));
}

static void a_point_without_an_image_is_told(void **state)
{
    double at[2][2] = {{120.6, 32.2}, {120.6, 95}};
    assert_int_equal(em_crs_transform("EPSG:4326", "EPSG:32651", at, 2, &err), EM_EINPUT);
    assert_string_equal(err.text, "point 120.6, 95 of EPSG:4326 has no place in EPSG:32651");
}

#define BLOCK 16 /* pixels a side: one pixel's geodesic area has too few digits */

/* Area by PROJ's geodesics of the outline of BLOCK x BLOCK pixels, each side cut into short pieces
 * since a side is straight on the grid and not a geodesic. */
static double outline_area(const em_grid *grid, int64_t c, int64_t r)
{
    enum { CUT = 64 };
    const double corner[5][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}};
    double at[4 * CUT][2];
    for (int k = 0; k < 4 * CUT; k++) {
        const double t = (double)(k % CUT) / CUT;
        const double *const a = corner[k / CUT];
        const double *const b = corner[k / CUT + 1];
        em_grid_to_crs(grid, (double)c + BLOCK * (a[0] + t * (b[0] - a[0])),
                       (double)r + BLOCK * (a[1] + t * (b[1] - a[1])), &at[k][0], &at[k][1]);
    }
    TEST_OK(em_crs_transform(grid->crs, "EPSG:4326", at, (size_t)4 * CUT, &err));
    struct geod_geodesic earth;
    geod_init(&earth, 6378137, 1 / 298.257223563);
    struct geod_polygon polygon;
    geod_polygon_init(&polygon, 0);
    for (int k = 0; k < 4 * CUT; k++) {
        geod_polygon_addpoint(&earth, &polygon, at[k][1], at[k][0]);
    }
    double area = 0;
    geod_polygon_compute(&earth, &polygon, 0, 1, &area, NULL);
    return fabs(area);
}

static void check_areas(const char *crs, double px, double ax, double ay, int64_t c, int64_t r)
{
    em_grid grid;
    TEST_OK(em_grid_init(&grid, crs, px, ax, ay, 1024, &err));
    const int64_t step[4][2] = {{0, 0}, {100, 7}, {31, 1000}, {777, 555}};
    for (int k = 0; k < 4; k++) {
        const int64_t x = c + step[k][0];
        const int64_t y = r + step[k][1];
        double area[BLOCK * BLOCK];
        double sum = 0;
        TEST_OK(em_pixel_area(&grid, (em_rect){x, y, x + BLOCK, y + BLOCK}, area, &err));
        for (int i = 0; i < BLOCK * BLOCK; i++) sum += area[i];
        TEST_NEAR(sum / outline_area(&grid, x, y), 1, 1e-7);
    }
    em_grid_release(&grid);
}

static void pixel_areas_agree_with_geodesic_areas(void **state)
{
    check_areas("EPSG:32651", 10, 0, 0, 27000, -357000);
    check_areas("EPSG:4549", 10, 500000, 3600000, 3000, 1000);
    check_areas("EPSG:32636", 30, 15, 15, 27000, 27000);
    check_areas("EPSG:4326", 0.0002, 120, 33, 3400, 5080);
    check_areas("EPSG:4326", 0.0025, -26, 70, 0, 0);
    check_areas("EPSG:2263", 30, 0, 0, 32000, -7000); /* US survey feet */
}

/* Share by which a UTM pixel of 10 m at that place is larger on the map than on the Earth. */
static double inflation(double lon, double lat)
{
    em_grid grid;
    double at[1][2] = {{lon, lat}};
    double col = 0;
    double row = 0;
    double area = 0;
    TEST_OK(em_grid_init(&grid, "EPSG:32651", 10, 0, 0, 1024, &err));
    TEST_OK(em_crs_transform("EPSG:4326", grid.crs, at, 1, &err));
    em_grid_to_pixel(&grid, at[0][0], at[0][1], &col, &row);
    const int64_t c = (int64_t)floor(col);
    const int64_t r = (int64_t)floor(row);
    TEST_OK(em_pixel_area(&grid, (em_rect){c, r, c + 1, r + 1}, &area, &err));
    em_grid_release(&grid);
    return 100 / area - 1;
}

static void utm_areas_of_rugao_are_off_by_what_the_spec_says(void **state)
{
    /* gep-spec.md section 8: +.0754 % at 120.3403 E, +.0217 % at 120.8389 E, with no latitude:
     * somewhere between the county's south (31.9978) and north (32.4922). */
    assert_true(inflation(120.3403, 31.9978) > 0.000754);
    assert_true(inflation(120.3403, 32.4922) < 0.000754);
    assert_true(inflation(120.8389, 31.9978) > 0.000217);
    assert_true(inflation(120.8389, 32.4922) < 0.0002175);
}

static void the_area_of_a_pixel_is_the_same_in_any_window(void **state)
{
    static double whole[200 * 200];
    static double part[70 * 50];
    em_grid grid;
    TEST_OK(em_grid_init(&grid, "EPSG:32651", 10, 5, -3, 1024, &err));
    TEST_OK(em_pixel_area(&grid, (em_rect){27000, -357000, 27200, -356800}, whole, &err));
    TEST_OK(em_pixel_area(&grid, (em_rect){27101, -356977, 27171, -356927}, part, &err));
    for (int r = 0; r < 50; r++) {
        const double *const at = whole + (r + 23) * 200 + 101;
        assert_true(test_same_bits(part + (size_t)r * 70, at, 70 * sizeof *at));
    }
    em_grid_release(&grid);
}

static void interpolation_costs_less_than_a_part_in_1e8(void **state)
{
    /* The lattice against single pixels whose lattice is moved by another anchor. */
    em_grid grid;
    em_grid moved;
    TEST_OK(em_grid_init(&grid, "EPSG:32651", 10, 0, 0, 1024, &err));
    TEST_OK(em_grid_init(&moved, "EPSG:32651", 10, 320, 320, 1024, &err)); /* half a step */
    double a = 0;
    double b = 0;
    TEST_OK(em_pixel_area(&grid, (em_rect){27392, -356512, 27393, -356511}, &a, &err));
    TEST_OK(em_pixel_area(&moved, (em_rect){27360, -356480, 27361, -356479}, &b, &err));
    TEST_NEAR(a / b, 1, 1e-8);
    em_grid_release(&grid);
    em_grid_release(&moved);
}

static int start(void **state)
{
    return em_geo_start(&err) == EM_OK && em_geo_start(&err) == EM_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crs_has_one_text),
        cmocka_unit_test(the_oracle_point_of_rugao_lands_where_it_should),
        cmocka_unit_test(a_ballpark_transformation_is_refused_by_name),
        cmocka_unit_test(a_point_without_an_image_is_told),
        cmocka_unit_test(pixel_areas_agree_with_geodesic_areas),
        cmocka_unit_test(utm_areas_of_rugao_are_off_by_what_the_spec_says),
        cmocka_unit_test(the_area_of_a_pixel_is_the_same_in_any_window),
        cmocka_unit_test(interpolation_costs_less_than_a_part_in_1e8),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
