/* The catalogue: real Sentinel-2 metadata from before and after the offset change, versions of one
 * product, damage, and GeoTIFF stacks. */
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/base/date.h"
#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"
#include "pipeline/catalogue/catalogue.h"
#include "pipeline/io/geo.h"
#include "tests/support/raster.h"
#include "tests/support/test.h"

static em_error err;

static const char *const NEW = "S2A_MSIL2A_20230821T221941_N0509_R029_T01KAB_20230822T021825.SAFE";
static const char *const OLD =
    "esa_S2B_MSIL2A_20210122T133229_N0214_R081_T22HBD_20210122T155500.SAFE";

static void copy_file(const char *from, const char *to)
{
    em_str bytes = {0};
    TEST_OK(em_file_read(from, (size_t)32 << 20, &bytes, &err));
    TEST_OK(em_file_publish(to, bytes.data, bytes.size, &err));
    em_str_release(&bytes);
}

/* Every "GRANULE/...": empty images where the metadata name them. */
static void touch_images(const char *xml, const char *root)
{
    em_str bytes = {0};
    TEST_OK(em_file_read(xml, (size_t)32 << 20, &bytes, &err));
    for (const char *at = bytes.data; (at = strstr(at, "<IMAGE_FILE>")) != NULL;) {
        at += strlen("<IMAGE_FILE>");
        const int n = (int)strcspn(at, "<");
        em_str path = {0};
        char *folder = NULL;
        em_str_printf(&path, "%s/%.*s.jp2", root, n, at);
        TEST_OK(em_path_folder(path.data, &folder, &err));
        TEST_OK(em_mkdirs(folder, &err));
        TEST_OK(em_file_publish(path.data, "", 0, &err));
        em_free(folder);
        em_str_release(&path);
    }
    em_str_release(&bytes);
}

/* A copy of a real product's metadata, its images empty files, in inbox/<as>. */
static void copy_product(const char *shared, const char *name, const char *inbox, const char *as)
{
    em_list granules = {0};
    em_str from = {0};
    em_str to = {0};
    em_str folder = {0};
    em_str_printf(&folder, "%s/%s/GRANULE", shared, name);
    TEST_OK(em_folder_list(folder.data, &granules, &err));
    assert_int_equal(granules.n, 1);
    em_str_printf(&to, "%s/%s/GRANULE/%s", inbox, as, granules.items[0]);
    TEST_OK(em_mkdirs(to.data, &err));
    em_str_append(&to, "/MTD_TL.xml");
    em_str_printf(&from, "%s/%s/MTD_TL.xml", folder.data, granules.items[0]);
    copy_file(from.data, to.data);
    em_str_clear(&from);
    em_str_clear(&to);
    em_str_printf(&from, "%s/%s/MTD_MSIL2A.xml", shared, name);
    em_str_printf(&to, "%s/%s/MTD_MSIL2A.xml", inbox, as);
    copy_file(from.data, to.data);
    em_str_clear(&folder);
    em_str_printf(&folder, "%s/%s", inbox, as);
    touch_images(from.data, folder.data);
    em_list_release(&granules);
    em_str_release(&from);
    em_str_release(&to);
    em_str_release(&folder);
}

/* Replaces a text in inbox/<name>/MTD_MSIL2A.xml. */
static void edit(const char *inbox, const char *name, const char *what, const char *by)
{
    em_str path = {0};
    em_str bytes = {0};
    em_str out = {0};
    em_str_printf(&path, "%s/%s/MTD_MSIL2A.xml", inbox, name);
    TEST_OK(em_file_read(path.data, (size_t)32 << 20, &bytes, &err));
    const char *const at = strstr(bytes.data, what);
    assert_non_null(at);
    em_str_append_bytes(&out, bytes.data, (size_t)(at - bytes.data));
    em_str_append(&out, by);
    em_str_append(&out, at + strlen(what));
    TEST_OK(em_file_publish(path.data, out.data, out.size, &err));
    em_str_release(&path);
    em_str_release(&bytes);
    em_str_release(&out);
}

static em_catalogue scan(const char *inbox)
{
    char path[4096];
    char format[] = "sentinel2_l2a";
    em_catalogue catalogue;
    snprintf(path, sizeof path, "%s", inbox);
    const em_config_source source = {.path = path, .format = format};
    TEST_OK(em_catalogue_scan(&source, 1, &catalogue, &err));
    return catalogue;
}

static int64_t time_of(const char *text)
{
    int64_t t = 0;
    assert_true(em_time_parse(text, &t));
    return t;
}

static void real_metadata_are_read_right(void **state)
{
    (void)state;
    const char *const shared = test_shared("data/safe_metadata");
    TEST_NEEDS(shared);
    const char *const inbox = test_folder("real");
    copy_product(shared, NEW, inbox, NEW);
    copy_product(shared, OLD, inbox, OLD + 4);
    em_catalogue c = scan(inbox);
    assert_int_equal(c.n_rejected, 0);
    assert_int_equal(c.n, 2);
    const em_scene *const old = &c.scenes[0];
    const em_scene *const new = &c.scenes[1];
    assert_string_equal(old->sensor, "S2B");
    assert_string_equal(old->tile, "22HBD");
    assert_string_equal(old->crs, "EPSG:32722");
    assert_string_equal(old->baseline, "02.14");
    assert_int_equal(old->pass, 81);
    assert_int_equal(old->day, em_day_from_date((em_date){2021, 1, 22}));
    assert_string_equal(new->sensor, "S2A");
    assert_string_equal(new->tile, "01KAB");
    assert_string_equal(new->crs, "EPSG:32701");
    assert_string_equal(new->baseline, "05.09");
    assert_int_equal(new->pass, 29);
    assert_int_equal(new->time, time_of("2023-08-21T22:19:41Z"));
    assert_int_equal(new->made, time_of("2023-08-22T02:18:25Z"));
    TEST_NEAR(new->cloud_pct, 59.050727, 1e-9);
    TEST_NEAR(new->x0, 99960, 0);
    TEST_NEAR(new->y0, 8200000, 0);
    for (int32_t k = 0; k < 2; k++) {
        const em_scene *const s = &c.scenes[k];
        assert_int_equal(s->n_band, 10);
        assert_int_equal(s->mask.kind, EM_MASK_SCL);
        for (int32_t b = 0; b < s->n_band; b++) {
            TEST_NEAR(s->bands[b].gain, 1, 0);
            TEST_NEAR(s->bands[b].bias, k ? -1000 : 0, 0); /* the offset of January 2022 */
            TEST_NEAR(s->bands[b].nodata, 0, 0);
            TEST_NEAR(s->bands[b].saturated, 65535, 0);
            assert_int_equal(s->bands[b].cols, s->bands[b].pixel > 10 ? 5490 : 10980);
        }
    }
    assert_string_equal(new->bands[0].name, "blue");
    assert_non_null(strstr(new->bands[0].path, "IMG_DATA/R10m/T01KAB_20230821T221941_B02_10m.jp2"));
    em_catalogue_release(&c);
}

static bool noted(const em_catalogue *c, const char *what)
{
    for (size_t i = 0; i < c->notes.n; i++) {
        if (strstr(c->notes.items[i], what)) return true;
    }
    return false;
}

/* The same datatake and tile processed again, and the same product lying twice. */
static void the_newest_processing_is_taken(void **state)
{
    (void)state;
    const char *const shared = test_shared("data/safe_metadata");
    TEST_NEEDS(shared);
    const char *const inbox = test_folder("versions");
    static const char *const again =
        "S2A_MSIL2A_20230821T221941_N0510_R029_T01KAB_20241001T000000.SAFE";
    copy_product(shared, NEW, inbox, NEW);
    copy_product(shared, NEW, inbox, again);
    edit(inbox, again, "<PROCESSING_BASELINE>05.09", "<PROCESSING_BASELINE>05.10");
    edit(inbox, again, "<GENERATION_TIME>2023-08-22", "<GENERATION_TIME>2024-10-01");
    em_catalogue c = scan(inbox);
    assert_int_equal(c.n, 1);
    assert_string_equal(c.scenes[0].baseline, "05.10");
    assert_true(noted(&c, "N0509"));
    em_catalogue_release(&c);
}

static void expect_rejection(const char *inbox, const char *why)
{
    em_catalogue c = scan(inbox);
    assert_int_equal(c.n, 0);
    assert_int_equal(c.n_rejected, 1);
    if (!strstr(c.rejected[0].why, why))
        fail_msg("\"%s\" does not say \"%s\"", c.rejected[0].why, why);
    em_catalogue_release(&c);
}

static void a_damaged_product_says_why(void **state)
{
    (void)state;
    const char *const shared = test_shared("data/safe_metadata");
    TEST_NEEDS(shared);
    static const struct {
        const char *what, *by, *why;
    } cases[] = {
        {"<PROCESSING_LEVEL>Level-2A", "<PROCESSING_LEVEL>Level-1C", "expected Level-2A"},
        {"<SPACECRAFT_NAME>Sentinel-2A", "<SPACECRAFT_NAME>Landsat-8", "expected Sentinel-2A to D"},
        {"_B11_20m</IMAGE_FILE>", "_B99_20m</IMAGE_FILE>", "band B11 at 20 m is missing"},
        {"<BOA_ADD_OFFSET band_id=\"1\">-1000</BOA_ADD_OFFSET>", "",
         "has no BOA_ADD_OFFSET for band B02"},
        {"<IMAGE_FILE>GRANULE/", "<IMAGE_FILE>GRANULE/../../", "IMAGE_FILE"},
        {"</n1:General_Info>", "", "MTD_MSIL2A.xml"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[32];
        snprintf(name, sizeof name, "damaged%zu", i);
        const char *const inbox = test_folder(name);
        copy_product(shared, NEW, inbox, NEW);
        edit(inbox, NEW, cases[i].what, cases[i].by);
        expect_rejection(inbox, cases[i].why);
    }
}

static void a_loop_of_links_ends(void **state)
{
    (void)state;
    const char *const inbox = test_folder("loop");
    em_str path = {0};
    em_str_printf(&path, "%s/again", inbox);
    assert_int_equal(symlink(inbox, path.data), 0);
    em_str_release(&path);
    em_catalogue c = scan(inbox);
    assert_int_equal(c.n, 0);
    em_catalogue_release(&c);
    char nowhere[] = "/nowhere/at/all";
    char format[] = "sentinel2_l2a";
    const em_config_source source = {.path = nowhere, .format = format};
    assert_int_equal(em_catalogue_scan(&source, 1, &c, &err), EM_EINPUT);
    assert_non_null(strstr(err.text, "/nowhere/at/all"));
}

/* Two dates of band files in one folder: two scenes, dated by their names. */
static void stacks_are_grouped_by_date(void **state)
{
    (void)state;
    const char *const folder = test_folder("stack");
    static const uint16_t values[64 * 64];
    static const char *const files[] = {"L8_20240105_B4.tif", "L8_20240105_B5.tif",
                                        "L8_20240206_B4.tif", "L8_20240206_B5.tif",
                                        "L8_20240310_B4.tif"};
    for (int i = 0; i < 5; i++) {
        em_str path = {0};
        em_str_printf(&path, "%s/%s", folder, files[i]);
        test_raster_u16("GTiff", path.data, 64, 64, 300000, 3600000, 30, 32651, 0, values);
        em_str_release(&path);
    }
    char path[4096];
    char format[] = "geotiff";
    char sensor[] = "LC8";
    char date[] = "L8_{YYYY}{MM}{DD}_*";
    char red[] = "red";
    char nir[] = "nir";
    char b4[] = "*_B4.tif";
    char b5[] = "*_B5.tif";
    em_config_band bands[] = {{red, b4, 1, (double)NAN, (double)NAN},
                              {nir, b5, 1, 0.0000275, -0.2}};
    snprintf(path, sizeof path, "%s", folder);
    const em_config_source source = {.path = path,
                                     .format = format,
                                     .sensor = sensor,
                                     .date = date,
                                     .bands = bands,
                                     .n_band = 2,
                                     .scale = 0.0001,
                                     .nodata = (double)NAN};
    em_catalogue c;
    TEST_OK(em_catalogue_scan(&source, 1, &c, &err));
    assert_int_equal(c.n, 2);
    assert_int_equal(c.n_rejected, 1);
    assert_non_null(strstr(c.rejected[0].why, "band nir is missing"));
    assert_int_equal(c.scenes[0].day, em_day_from_date((em_date){2024, 1, 5}));
    assert_int_equal(c.scenes[1].day, em_day_from_date((em_date){2024, 2, 6}));
    const em_scene *const s = &c.scenes[0];
    TEST_NEAR(s->bands[0].gain, 1, 1e-12);
    TEST_NEAR(s->bands[1].gain, 0.275, 1e-12);
    TEST_NEAR(s->bands[1].bias, -2000, 1e-9);
    TEST_NEAR(s->bands[0].nodata, 0, 0);
    TEST_NEAR(s->bands[0].pixel, 30, 0);
    assert_string_equal(s->crs, "EPSG:32651");
    assert_string_equal(s->sensor, "LC8");
    em_catalogue_release(&c);
}

int main(void)
{
    em_geo_start(&err);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_metadata_are_read_right),
        cmocka_unit_test(the_newest_processing_is_taken),
        cmocka_unit_test(a_damaged_product_says_why),
        cmocka_unit_test(a_loop_of_links_ends),
        cmocka_unit_test(stacks_are_grouped_by_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
