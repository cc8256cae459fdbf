/* Maps as Cloud Optimized GeoTIFF: what GDAL reads back from the encoded bytes. */
#include "pipeline/io/cog.h"

#include <cpl_vsi.h>
#include <gdal.h>

#include "pipeline/base/memory.h"
#include "tests/support/test.h"

enum { COLS = 1024, ROWS = 600 };

static const em_rect area = {-3, 5, -3 + COLS, 5 + ROWS};

static em_error err;
static uint8_t bytes[ROWS][COLS];
static uint16_t words[ROWS][COLS];

static em_cog class_map(const em_grid *grid, const uint32_t *colours)
{
    memset(bytes, 7, sizeof bytes);
    return (em_cog){.grid = grid,
                    .area = area,
                    .pixels = bytes,
                    .nodata = 255,
                    .by_mode = true,
                    .colours = colours,
                    .description = "class"};
}

static void set_bytes(int x, int y, uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    bytes[y][x] = a;
    bytes[y][x + 1] = b;
    bytes[y + 1][x] = c;
    bytes[y + 1][x + 1] = d;
}

static GDALDatasetH open_image(const em_str *image)
{
    VSILFILE *const file = VSIFOpenL("/vsimem/test.tif", "wb");
    assert_non_null(file);
    assert_int_equal(VSIFWriteL(image->data, 1, image->size, file), image->size);
    assert_int_equal(VSIFCloseL(file), 0);
    const GDALDatasetH ds = GDALOpen("/vsimem/test.tif", GA_ReadOnly);
    assert_non_null(ds);
    return ds;
}

static void close_image(GDALDatasetH ds)
{
    GDALClose(ds);
    VSIUnlink("/vsimem/test.tif");
}

static int overview_pixel(GDALDatasetH ds, int x, int y)
{
    int got = -1;
    const GDALRasterBandH half = GDALGetOverview(GDALGetRasterBand(ds, 1), 0);
    assert_non_null(half);
    assert_int_equal(GDALGetRasterBandXSize(half), COLS / 2);
    assert_int_equal(GDALRasterIO(half, GF_Read, x, y, 1, 1, &got, 1, 1, GDT_Int32, 0, 0), CE_None);
    return got;
}

/* Columns start 3 pixels west and rows 5 south of the anchor (300000, 3600000), 10 m each. */
static void a_class_map_has_place_colours_and_layout(void **state)
{
    em_grid grid = {0};
    em_str image = {0};
    uint32_t colours[256] = {0};
    double gt[6], nodata;
    int has = 0;
    colours[7] = 0x0a141eff;
    TEST_OK(em_grid_init(&grid, "EPSG:32651", 10, 300000, 3600000, 512, &err));
    const em_cog cog = class_map(&grid, colours);
    TEST_OK(em_cog_encode(&cog, &image, &err));
    const GDALDatasetH ds = open_image(&image);
    const GDALRasterBandH band = GDALGetRasterBand(ds, 1);
    assert_string_equal(GDALGetMetadataItem(ds, "LAYOUT", "IMAGE_STRUCTURE"), "COG");
    assert_int_equal(GDALGetGeoTransform(ds, gt), CE_None);
    TEST_NEAR(gt[0], 299970, 0);
    TEST_NEAR(gt[1], 10, 0);
    TEST_NEAR(gt[3], 3599950, 0);
    TEST_NEAR(gt[5], -10, 0);
    assert_non_null(strstr(GDALGetProjectionRef(ds), "\"EPSG\",\"32651\""));
    nodata = GDALGetRasterNoDataValue(band, &has);
    assert_true(has);
    TEST_NEAR(nodata, 255, 0);
    const GDALColorTableH table = GDALGetRasterColorTable(band);
    assert_non_null(table);
    const GDALColorEntry *const c = GDALGetColorEntry(table, 7);
    assert_int_equal(c->c1, 10);
    assert_int_equal(c->c2, 20);
    assert_int_equal(c->c3, 30);
    close_image(ds);
    em_str_release(&image);
    em_grid_release(&grid);
}

static void class_overviews_take_the_most_frequent_and_ignore_nodata(void **state)
{
    em_grid grid = {0};
    em_str image = {0};
    uint32_t colours[256] = {0};
    TEST_OK(em_grid_init(&grid, "EPSG:32651", 10, 300000, 3600000, 512, &err));
    const em_cog cog = class_map(&grid, colours);
    set_bytes(0, 0, 1, 9, 9, 2);
    set_bytes(2, 0, 255, 255, 255, 3);
    set_bytes(4, 0, 255, 255, 255, 255);
    TEST_OK(em_cog_encode(&cog, &image, &err));
    const GDALDatasetH ds = open_image(&image);
    assert_int_equal(overview_pixel(ds, 0, 0), 9);
    assert_int_equal(overview_pixel(ds, 1, 0), 3);
    assert_int_equal(overview_pixel(ds, 2, 0), 255);
    assert_int_equal(overview_pixel(ds, 3, 0), 7);
    close_image(ds);
    em_str_release(&image);
    em_grid_release(&grid);
}

static void wide_overviews_take_the_mean_and_bytes_are_the_same_twice(void **state)
{
    em_grid grid = {0};
    em_str first = {0}, second = {0};
    TEST_OK(em_grid_init(&grid, "EPSG:32651", 10, 300000, 3600000, 512, &err));
    words[0][0] = 1000;
    words[0][1] = 2000;
    words[1][0] = 3000;
    words[1][1] = 65535; /* nodata: (1000 + 2000 + 3000) / 3 */
    const em_cog cog = {.grid = &grid,
                        .area = area,
                        .wide = true,
                        .pixels = words,
                        .nodata = 65535,
                        .description = "clear"};
    TEST_OK(em_cog_encode(&cog, &first, &err));
    TEST_OK(em_cog_encode(&cog, &second, &err));
    assert_int_equal(first.size, second.size);
    assert_true(test_same_bits(first.data, second.data, first.size));
    const GDALDatasetH ds = open_image(&first);
    assert_int_equal(overview_pixel(ds, 0, 0), 2000);
    close_image(ds);
    em_str_release(&first);
    em_str_release(&second);
    em_grid_release(&grid);
}

static void an_empty_area_is_refused(void **state)
{
    em_str image = {0};
    const em_cog cog = {.area = {4, 4, 4, 9}};
    assert_int_equal(em_cog_encode(&cog, &image, &err), EM_EINTERNAL);
    assert_string_equal(err.text, "map: its area is empty or too large");
    assert_null(image.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_class_map_has_place_colours_and_layout),
        cmocka_unit_test(class_overviews_take_the_most_frequent_and_ignore_nodata),
        cmocka_unit_test(wide_overviews_take_the_mean_and_bytes_are_the_same_twice),
        cmocka_unit_test(an_empty_area_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
