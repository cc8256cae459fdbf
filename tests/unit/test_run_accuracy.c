/* A class map against rasters and points: counts by hand, what is left out, every misuse. */
#include <unistd.h>

#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"
#include "pipeline/io/geo.h"
#include "pipeline/io/raster_write.h"
#include "pipeline/io/vector_write.h"
#include "pipeline/run/accuracy.h"
#include "pipeline/run/run.h"
#include "tests/support/test.h"

static em_error err;

enum { N = 4 };
#define X0 300000.0
#define Y0 3500000.0

static char *in(const char *folder, const char *name)
{
    char *path = NULL;
    TEST_OK(em_path_join(folder, name, &path, &err));
    return path;
}

static char *raster(const char *folder, const char *name, double x0, double pixel, const char *crs,
                    const uint8_t *values)
{
    em_str bytes = {0};
    char *const path = in(folder, name);
    const em_raster_out out = {.cols = N,
                               .rows = N,
                               .x0 = x0,
                               .y0 = Y0,
                               .pixel = pixel,
                               .crs = crs,
                               .pixels = values,
                               .nodata = -1};
    TEST_OK(em_raster_encode_tiff(&out, &bytes, &err));
    TEST_OK(em_file_publish(path, bytes.data, bytes.size, &err));
    em_str_release(&bytes);
    return path;
}

static const uint8_t map_values[N * N] = {1, 1, 2, 2, 1, 5, 5, 250, 4, 4, 5, 255, 1, 2, 4, 6};
static const uint8_t true_values[N * N] = {10, 10, 20, 10, 10, 50, 20, 50,
                                           40, 40, 50, 50, 99, 20, 40, 60};

typedef struct outcome {
    em_status rc;
    em_summary summary;
    em_str json;
} outcome;

static outcome compare(em_accuracy_options options)
{
    outcome o = {0};
    o.rc = em_run_accuracy(&options, &o.summary, &o.json, &err);
    return o;
}

static void done(outcome *o)
{
    em_summary_release(&o->summary);
    em_str_release(&o->json);
}

static void says(const em_str *text, const char *what)
{
    if (!strstr(em_str_text(text), what))
        fail_msg("\"%s\" does not say \"%s\"", em_str_text(text), what);
}

static void fails(em_accuracy_options options, em_status status, const char *what)
{
    outcome o = compare(options);
    if (o.rc != status) fail_msg("status %d, expected %d: %s", o.rc, status, err.text);
    if (!strstr(err.text, what)) fail_msg("\"%s\" does not say \"%s\"", err.text, what);
    done(&o);
}

/* Codes 10 20 40 50 mean 1 2 4 5; 60 and 99 are left out. Of 16 places 12 count: right are three of
 * cropland, two of forest, three of water, two of wetland; wrong (map 2, true 1) and (map 5, true
 * 2). */
static void counts_by_hand(void **state)
{
    (void)state;
    const char *const folder = test_folder("hand");
    char *const map = raster(folder, "map.tif", X0, 10, "EPSG:32651", map_values);
    char *const truth = raster(folder, "truth.tif", X0, 10, "EPSG:32651", true_values);
    outcome o = compare(
        (em_accuracy_options){.map = map, .reference = truth, .codes = "10=1,20=2,40=4,50=5"});
    if (o.rc != EM_OK) fail_msg("%s", err.text);
    says(&o.summary.text, "12 places, overall   0.8333");
    says(&o.summary.text,
         "2 without a class in the map, 0 off the map, 2 of other reference values");
    says(&o.json, "\"places\": 12");
    says(&o.json, "\"overall\": 0.83333333333333337");
    /* cropland: map 3, right 3, true 4: user 1, producer 3/4, F1 6/7 */
    says(&o.summary.text, "1.0000   0.7500   0.8571  农田");
    done(&o);
    em_free(map);
    em_free(truth);
}

/* The truth lies one pixel to the east: three columns are common. */
static void only_common_pixels_count(void **state)
{
    (void)state;
    const char *const folder = test_folder("shift");
    char *const map = raster(folder, "map.tif", X0, 10, "EPSG:32651", map_values);
    uint8_t moved[N * N] = {0};
    for (int y = 0; y < N; y++) {
        for (int x = 0; x + 1 < N; x++) moved[y * N + x] = map_values[y * N + x + 1];
    }
    char *const truth = raster(folder, "truth.tif", X0 + 10, 10, "EPSG:32651", moved);
    outcome o = compare((em_accuracy_options){.map = map, .reference = truth});
    if (o.rc != EM_OK) fail_msg("%s", err.text);
    says(&o.json, "\"overall\": 1.0");
    says(&o.json, "\"places\": 10"); /* 12 common pixels, two of them without a class */
    done(&o);
    em_free(map);
    em_free(truth);
}

static char *layer(const char *folder, const char *name, bool polygons, const double (*xy)[2],
                   size_t n, const char *const *values)
{
    static const char *const fields[] = {"class"};
    em_layer_writer *w = NULL;
    em_str bytes = {0};
    char *const path = in(folder, name);
    TEST_OK(em_layer_begin("x", "EPSG:32651", polygons, fields, 1, "test", &w, &err));
    for (size_t i = 0; i < n; i++)
        TEST_OK(
            em_layer_add(w, polygons ? xy + 4 * i : xy + i, polygons ? 4 : 1, &values[i], &err));
    TEST_OK(em_layer_finish(w, &bytes, &err));
    TEST_OK(em_file_publish(path, bytes.data, bytes.size, &err));
    em_str_release(&bytes);
    return path;
}

static void points_and_polygons_left_out(void **state)
{
    (void)state;
    const char *const folder = test_folder("points");
    char *const map = raster(folder, "map.tif", X0, 10, "EPSG:32651", map_values);
    /* pixels (0,0) cropland right, (2,0) forest wrong, (1,1) wetland right, off the map, no class
     */
    const double at[5][2] = {{X0 + 5, Y0 - 5},
                             {X0 + 25, Y0 - 5},
                             {X0 + 15, Y0 - 15},
                             {X0 + 405, Y0 - 5},
                             {X0 + 35, Y0 - 15}};
    const char *const classes[] = {"cropland", "grass", "5", "water", "water"};
    char *const points = layer(folder, "points.gpkg", false, at, 5, classes);
    outcome o = compare((em_accuracy_options){.map = map, .points = points});
    if (o.rc != EM_OK) fail_msg("%s", err.text);
    says(&o.json, "\"places\": 3");
    says(&o.json, "\"off_map\": 1");
    says(&o.json, "\"no_class\": 1");
    says(&o.summary.text, "overall   0.6667");
    done(&o);
    /* a polygon over the upper row takes two of the three away */
    const double box[4][2] = {{X0, Y0}, {X0 + 40, Y0}, {X0 + 40, Y0 - 10}, {X0, Y0 - 10}};
    const char *const none[] = {"cropland"};
    char *const outside = layer(folder, "outside.gpkg", true, box, 1, none);
    o = compare((em_accuracy_options){.map = map, .points = points, .outside = outside});
    if (o.rc != EM_OK) fail_msg("%s", err.text);
    says(&o.json, "\"places\": 1");
    says(&o.json, "\"masked\": 2");
    done(&o);
    em_free(map);
    em_free(points);
    em_free(outside);
}

static void misuse_is_told(void **state)
{
    (void)state;
    const char *const folder = test_folder("misuse");
    char *const map = raster(folder, "map.tif", X0, 10, "EPSG:32651", map_values);
    char *const half = raster(folder, "half.tif", X0 + 5, 10, "EPSG:32651", true_values);
    char *const zone = raster(folder, "zone.tif", X0, 10, "EPSG:32650", true_values);
    char *const far = raster(folder, "far.tif", X0 + 1000, 10, "EPSG:32651", true_values);
    fails((em_accuracy_options){.map = map}, EM_ECONFIG, "either --reference or --points");
    fails((em_accuracy_options){.map = map, .reference = map, .points = "x.gpkg"}, EM_ECONFIG,
          "either --reference or --points");
    fails((em_accuracy_options){.map = map, .reference = map, .codes = "1=1,2"}, EM_ECONFIG,
          "found \"2\"");
    fails((em_accuracy_options){.map = map, .reference = map, .codes = "1=12"}, EM_ECONFIG,
          "codes 1 to 9");
    fails((em_accuracy_options){.map = map, .reference = half}, EM_EINPUT, "corner 300005.000");
    fails((em_accuracy_options){.map = map, .reference = zone}, EM_EINPUT, "found EPSG:32650");
    fails((em_accuracy_options){.map = map, .reference = far}, EM_EINPUT,
          "does not overlap the map");
    fails((em_accuracy_options){.map = map, .reference = map, .codes = "77=1"}, EM_EINPUT,
          "no place is left to compare");
    fails((em_accuracy_options){.map = "nothing.tif", .reference = map}, EM_EINPUT, "nothing.tif");
    em_free(map);
    em_free(half);
    em_free(zone);
    em_free(far);
}

int main(void)
{
    em_geo_start(&err);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_by_hand),
        cmocka_unit_test(only_common_pixels_count),
        cmocka_unit_test(points_and_polygons_left_out),
        cmocka_unit_test(misuse_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
