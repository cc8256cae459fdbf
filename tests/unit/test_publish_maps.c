/* Map products in a folder, as GDAL reads them: pixels of good, failed and absent tiles. */
#include "pipeline/publish/maps.h"

#include <gdal.h>

#include "pipeline/base/file.h"
#include "pipeline/config/classes.h"
#include "pipeline/io/geo.h"
#include "pipeline/io/tile_file.h"
#include "tests/support/test.h"

enum { T = 256 };

static em_error err;
static em_grid grid;
static char tile_path[512];
static em_hash tile_key;

/* Water with 12 looks; pixel 0 lies outside every unit. */
static void write_tile(void)
{
    em_tile_planes planes = {0};
    em_str image = {0};
    memset(tile_key.hex, 'a', sizeof tile_key.hex - 1);
    snprintf(tile_path, sizeof tile_path, "%s/tile.h5", test_folder("tile"));
    TEST_OK(em_tile_planes_init(T, 0, &planes, &err));
    memset(planes.classes, 4, (size_t)T * T);
    memset(planes.confidence, 80, (size_t)T * T);
    for (int i = 0; i < T * T; i++) planes.clear[i] = 12;
    planes.classes[0] = EM_CLASS_OUTSIDE;
    planes.confidence[0] = 255;
    TEST_OK(em_tile_file_encode(&planes, "x0000_y0000", &tile_key, &image, &err));
    TEST_OK(em_file_publish(tile_path, image.data, image.size, &err));
    em_str_release(&image);
    em_tile_planes_release(&planes);
}

/* A good tile, a failed one, and a third place without a tile. */
static em_status publish(const char *product, const char *folder, em_list *files)
{
    const em_map_tile tiles[] = {{{0, 0, T, T}, tile_path, &tile_key},
                                 {{T, 0, 2 * T, T}, NULL, NULL}};
    return em_map_publish(&grid, (em_rect){0, 0, 3 * T, T}, tiles, 2, product, folder, files, &err);
}

static void pixels_are(const char *product, int outside, int good, int failed)
{
    char path[600];
    int32_t row[3 * T];
    em_list files = {0};
    const char *const folder = test_folder(product);
    TEST_OK(publish(product, folder, &files));
    em_list_release(&files);
    snprintf(path, sizeof path, "%s/%s.tif", folder, product);
    const GDALDatasetH ds = GDALOpen(path, GA_ReadOnly);
    assert_non_null(ds);
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(ds, 1), GF_Read, 0, 0, 3 * T, 1, row, 3 * T, 1,
                                  GDT_Int32, 0, 0),
                     CE_None);
    GDALClose(ds);
    assert_int_equal(row[0], outside);
    assert_int_equal(row[1], good);
    assert_int_equal(row[T - 1], good);
    assert_int_equal(row[T], failed);
    assert_int_equal(row[2 * T - 1], failed);
    assert_int_equal(row[2 * T], outside);
}

static void failed_tiles_are_unobserved_and_absent_ones_outside(void **state)
{
    pixels_are("class", 255, 4, 250);
    pixels_are("confidence", 255, 80, 255);
    pixels_are("clear", 65535, 12, 0);
}

/* The text of the n-th category, which GDAL and QGIS take as the name of value n. */
static bool category_is(const char *xml, int n, const char *want)
{
    const char *at = xml;
    for (int i = 0; at && i <= n; i++) {
        at = strstr(at, "<Category>");
        if (at) at += strlen("<Category>");
    }
    return at && strncmp(at, want, strlen(want)) == 0 && at[strlen(want)] == '<';
}

static void category_names_stand_at_the_class_value(void **state)
{
    char path[600];
    em_list files = {0};
    em_str xml = {0};
    const char *const folder = test_folder("names");
    TEST_OK(publish("class", folder, &files));
    assert_int_equal(files.n, 3);
    em_list_release(&files);
    snprintf(path, sizeof path, "%s/class.tif.aux.xml", folder);
    TEST_OK(em_file_read(path, 1 << 20, &xml, &err));
    assert_true(category_is(em_str_text(&xml), 0, ""));
    assert_true(category_is(em_str_text(&xml), 5, "湿地 wetland"));
    assert_true(category_is(em_str_text(&xml), 250, "云/无有效观测 no observation"));
    em_str_release(&xml);
}

static void a_folder_that_is_absent_or_a_wrong_tile_is_named(void **state)
{
    em_list files = {0};
    assert_int_equal(publish("class", "/nonexistent", &files), EM_EENV);
    assert_non_null(strstr(err.text, "/nonexistent/class.tif"));
    assert_int_equal(files.n, 0);
    tile_key.hex[0] = 'b';
    assert_int_equal(publish("class", test_folder("wrong"), &files), EM_EINPUT);
    tile_key.hex[0] = 'a';
    assert_int_equal(files.n, 0);
    em_list_release(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failed_tiles_are_unobserved_and_absent_ones_outside),
        cmocka_unit_test(category_names_stand_at_the_class_value),
        cmocka_unit_test(a_folder_that_is_absent_or_a_wrong_tile_is_named),
    };
    if (em_grid_init(&grid, "EPSG:32651", 10, 300000, 3600000, T, &err) != EM_OK) return 1;
    if (em_geo_start(&err) != EM_OK) return 1;
    write_tile();
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    em_grid_release(&grid);
    return failed;
}
