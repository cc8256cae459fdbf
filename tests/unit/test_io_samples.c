/* Training samples from CSV, Shapefile and GeoPackage, made and real. */
#include <math.h>

#include "pipeline/base/file.h"
#include "pipeline/io/geo.h"
#include "pipeline/io/units.h"
#include "tests/support/test.h"

static em_error err;

static em_grid make_grid(const char *crs, double px, double ax, double ay)
{
    em_grid grid;
    TEST_OK(em_grid_init(&grid, crs, px, ax, ay, 1024, &err));
    return grid;
}

static const char *write_csv(const char *name, const char *text)
{
    static char path[8][600];
    static int next;
    char *const at = path[next++ % 8];
    snprintf(at, sizeof path[0], "%s/%s", test_folder(name), "samples.csv");
    TEST_OK(em_file_publish(at, text, strlen(text), &err));
    return at;
}

static void points_come_from_columns_x_and_y_in_the_grids_crs(void **state)
{
    em_grid grid = make_grid("EPSG:4549", 10, 0, 0);
    em_samples_source source = {.path = write_csv("xy", "\xef\xbb\xbf"
                                                        "X,y,class\n"
                                                        "556572.9211,3564187.996,wetland\n"
                                                        "oops,3564187.996,wetland\n"
                                                        "556580,3564180,\n"
                                                        "556580,3564180, 林地 \n"),
                                .field = "class"};
    em_samples got;
    TEST_OK(em_samples_read(&source, &grid, &got, &err));
    assert_int_equal(got.n, 2);
    assert_int_equal(got.n_rejected, 2);
    TEST_NEAR(got.items[0].col, 55657.29211, 1e-9);
    TEST_NEAR(got.items[0].row, -356418.7996, 1e-9);
    assert_int_equal(got.items[0].n_ring, 0);
    assert_int_equal(got.items[0].id, 1);
    assert_int_equal(got.items[0].box.x0, 55657);
    assert_int_equal(got.items[0].box.y0, -356419);
    assert_int_equal(got.items[0].box.x1, 55658);
    assert_string_equal(got.items[1].value, "林地");
    assert_int_equal(got.items[1].id, 4);
    assert_int_equal(got.notes.n, 2);
    assert_non_null(strstr(got.notes.items[0], "feature 2 not used: a coordinate is not a number"));
    assert_non_null(strstr(got.notes.items[1], "feature 3 not used: it has no class"));
    em_samples_release(&got);
    em_grid_release(&grid);
}

static void columns_lon_and_lat_are_degrees(void **state)
{
    em_grid grid = make_grid("EPSG:4549", 10, 0, 0);
    em_samples_source source = {
        .path = write_csv("lonlat", "lat,lon,class\n32.2,120.6,water\n120.6,32.2,water\n"),
        .field = "class"};
    em_samples got;
    TEST_OK(em_samples_read(&source, &grid, &got, &err));
    assert_int_equal(got.n, 1);
    TEST_NEAR(got.items[0].col, 55657.29211, 1e-5);
    TEST_NEAR(got.items[0].row, -356418.79960, 1e-5);
    assert_non_null(strstr(got.notes.items[0], "feature 2 not used: outside -180 to 180"));
    em_samples_release(&got);
    em_grid_release(&grid);
}

static void wkt_of_any_kind_is_read_or_refused_with_a_note(void **state)
{
    em_grid grid = make_grid("EPSG:32636", 30, 0, 0);
    em_samples_source source = {
        .path = write_csv("wkt", "WKT,class\n"
                                 "\"POLYGON ((300 300,600 300,600 600,300 600,300 300))\",a\n"
                                 "\"POINT (315 615)\",b\n"
                                 "\"MULTIPOINT (315 615,345 615)\",c\n"
                                 "\"POLYGON ((0 0,90 90,90 0,0 90,0 0))\",d\n"
                                 "\"LINESTRING (0 0,1 1)\",e\n"
                                 "\"POLYGON ((0 0,\",f\n"
                                 ",g\n"),
        .field = "class"};
    em_samples got;
    TEST_OK(em_samples_read(&source, &grid, &got, &err));
    assert_int_equal(got.n, 4);
    assert_int_equal(got.items[0].n_ring, 1);
    assert_int_equal(got.items[0].box.x0, 10);
    assert_int_equal(got.items[0].box.x1, 20);
    assert_int_equal(got.items[0].box.y0, -20);
    TEST_NEAR(got.items[1].col, 10.5, 0);
    TEST_NEAR(got.items[1].row, -20.5, 0);
    assert_int_equal(got.items[2].id, 3);
    assert_int_equal(got.items[3].id, 3);
    assert_int_equal(got.n_rejected, 4);
    assert_non_null(strstr(got.notes.items[0], "feature 4 not used: Self-intersection at 45"));
    assert_non_null(strstr(got.notes.items[1], "feature 5 not used: a Line String, not a polygon"));
    assert_non_null(strstr(got.notes.items[2], "feature 6 not used: its WKT cannot be read"));
    assert_non_null(strstr(got.notes.items[3], "feature 7 not used: its WKT cannot be read"));
    em_samples_release(&got);
    em_grid_release(&grid);
}

static void a_source_without_place_class_or_text_is_refused(void **state)
{
    em_grid grid = make_grid("EPSG:4549", 10, 0, 0);
    em_samples got;
    em_samples_source source = {.path = write_csv("noplace", "a,class\n1,2\n"), .field = "class"};
    assert_int_equal(em_samples_read(&source, &grid, &got, &err), EM_ECONFIG);
    assert_non_null(strstr(err.text,
                           "samples place: no field \"WKT (or x and y, or lon and lat)\"; "
                           "there are: a, class"));
    source =
        (em_samples_source){.path = write_csv("nofield", "x,y,kind\n1,2,3\n"), .field = "class"};
    assert_int_equal(em_samples_read(&source, &grid, &got, &err), EM_ECONFIG);
    assert_non_null(strstr(err.text, "samples field: no field \"class\"; there are: x, y, kind"));
    source = (em_samples_source){.path = write_csv("gb", "x,y,class\n1,2,\xc1\xd6\xb5\xd8\n"),
                                 .field = "class"};
    assert_int_equal(em_samples_read(&source, &grid, &got, &err), EM_EINPUT);
    assert_non_null(strstr(err.text, "feature 1: the text of field \"class\" is not UTF-8"));
    em_grid_release(&grid);
}

static void the_polygons_of_gewata_lie_on_its_raster(void **state)
{
    const char *const path = test_shared("data/gewata_l7/trainingPoly.csv");
    TEST_NEEDS(path);
    em_grid grid = make_grid("EPSG:32636", 30, 15, 15);
    em_samples_source source = {.path = path, .field = "Class"};
    em_samples got;
    TEST_OK(em_samples_read(&source, &grid, &got, &err));
    assert_int_equal(got.n, 16);
    assert_int_equal(got.n_rejected, 0);
    assert_string_equal(got.items[0].value, "wetland");
    double col = 0;
    double row = 0;
    em_grid_to_pixel(&grid, 821935.5751, 833523.3202, &col, &row);
    TEST_NEAR(got.items[0].rings[0].at[0][0], col, 1e-7);
    TEST_NEAR(got.items[0].rings[0].at[0][1], row, 1e-7);
    em_samples_release(&got);
    em_grid_release(&grid);
}

static void the_polygons_of_chiapas_come_through_their_shapefile(void **state)
{
    const char *const path = test_shared("data/l7_chiapas/training_data.shp");
    TEST_NEEDS(path);
    em_grid grid = make_grid("EPSG:32615", 30, 15, 15);
    em_samples_source source = {.path = path, .field = "class"};
    em_samples got;
    TEST_OK(em_samples_read(&source, &grid, &got, &err));
    for (size_t i = 0; i < got.notes.n; i++)
        print_message("%s\n", em_path_name(got.notes.items[i]));
    assert_int_equal(got.n + got.n_rejected, 30);
    assert_true(got.n >= 28);
    em_rect all = {0};
    for (size_t i = 0; i < got.n; i++) {
        assert_true(got.items[i].n_ring > 0 && got.items[i].value[0]);
        all = em_rect_union(all, got.items[i].box);
    }
    assert_int_equal(all.x0, (int64_t)floor((462486.632204 - 15) / 30));
    assert_int_equal(all.x1, (int64_t)ceil((469601.843610 - 15) / 30));
    em_samples_release(&got);
    em_grid_release(&grid);
}

static int start(void **state)
{
    return em_geo_start(&err) == EM_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_come_from_columns_x_and_y_in_the_grids_crs),
        cmocka_unit_test(columns_lon_and_lat_are_degrees),
        cmocka_unit_test(wkt_of_any_kind_is_read_or_refused_with_a_note),
        cmocka_unit_test(a_source_without_place_class_or_text_is_refused),
        cmocka_unit_test(the_polygons_of_gewata_lie_on_its_raster),
        cmocka_unit_test(the_polygons_of_chiapas_come_through_their_shapefile),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
