/* Configs: good ones, every kind of fault with its message, every typo of every key. */
#include "pipeline/config/config.h"

#include <math.h>

#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"
#include "pipeline/config/schema.h"
#include "tests/support/test.h"

static em_error err;

static const char *write_config(const char *text)
{
    static char path[600];
    static const char *folder;
    if (!folder) folder = test_folder("config");
    snprintf(path, sizeof path, "%s/c.yaml", folder);
    TEST_OK(em_file_publish(path, text, strlen(text), &err));
    return path;
}

/* Expects exactly these faults, one per line, each without its file name. */
static void expect_faults(const char *text, const char *job, const char *want)
{
    const char *const path = write_config(text);
    em_config c;
    em_list faults = {0};
    em_str got = {0};
    assert_int_equal(em_config_read(path, job, &c, &faults, &err), EM_ECONFIG);
    for (size_t i = 0; i < faults.n; i++) {
        assert_memory_equal(faults.items[i], path, strlen(path));
        em_str_printf(&got, "%s\n", faults.items[i] + strlen(path) + 1);
    }
    assert_string_equal(em_str_text(&got), want);
    em_str_release(&got);
    em_list_release(&faults);
}

#define MINIMAL "region: rugao\nscenes: inbox\nunits: towns.gpkg\nsamples: samples.gpkg\n"

static void the_smallest_config_has_real_defaults(void **state)
{
    em_config c;
    em_list faults = {0};
    TEST_OK(em_config_read(write_config(MINIMAL), NULL, &c, &faults, &err));
    assert_string_equal(c.region, "rugao");
    assert_string_equal(c.period, "auto");
    assert_int_equal(c.n_source, 1);
    assert_string_equal(em_path_name(c.sources[0].path), "inbox");
    assert_true(c.sources[0].path[0] == '/');
    assert_string_equal(c.sources[0].format, "sentinel2_l2a");
    assert_int_equal(c.n_layer, 1);
    assert_string_equal(c.layers[0].type, "town");
    assert_string_equal(c.layers[0].code, "code");
    assert_string_equal(c.samples.field, "class");
    assert_null(c.validation.path);
    assert_int_equal(c.forest.trees, 500);
    assert_true(c.forest.balanced);
    assert_int_equal(c.mask.n_scl, 6);
    assert_int_equal(c.mask.scl[5], 10);
    TEST_NEAR(c.mask.dilate_m, 40, 0);
    assert_int_equal(c.features.n_window, 4);
    assert_int_equal(c.features.windows[3].from, 1201);
    assert_int_equal(c.features.n_list, 2);
    assert_int_equal(c.n_product, 3);
    assert_int_equal(c.memory_mb, 2048);
    assert_true(isnan(c.expected_bbox[0]) && isnan(c.county.tolerance_pct));
    assert_string_equal(em_path_name(c.work), "work");
    em_config_release(&c);
}

static const char full[] =
    "region: rugao\nperiod: 2026Q3\nout: /tmp/o\nwork: w\nmemory_mb: 512\nthreads: "
    "2\nallow_incomplete: true\ncsv_bom: false\n"
    "grid: {crs: EPSG:32651, pixel: 10, tile: 256, resample: cubic}\n"
    "scenes:\n  - path: s2\n  - path: l7\n    format: geotiff\n    sensor: LE7\n    file: "
    "\"*.tif\"\n    date: \"*_{YYYY}{DDD}\"\n"
    "    bands: {blue: 1, red: \"*B3.tif\", nir: {file: \"*B4.tif\", band: 2, scale: 0.5, offset: "
    "-1}}\n    scale: 0.0001\n"
    "    offset: 0.25\n    nodata: -9999\n    mask: {band: 8, values: [2, 4], bits: 3, file: "
    "\"*m.tif\"}\n"
    "mask: {scl: [0, 8], dilate_m: 20.5}\n"
    "units:\n  expected_bbox: [120.3, 31.9, 120.9, 32.5]\n  overlap_tolerance_m2: 7\n"
    "  county: {code: 320682, name: 如皋市, boundary: c.gpkg, layer: x, tolerance_pct: 0.1}\n"
    "  layers:\n    - {path: t.gpkg, layer: towns, code: c, name: n, parent: p, type: village, "
    "code_system: nbs, encoding: GB18030}\n"
    "samples: {path: s.gpkg, layer: l, field: f, crs: EPSG:4326, map: {reed: wetland, 3: 5}}\n"
    "validation: v.gpkg\nmodel: m.h5\n"
    "forest: {trees: 10, max_depth: 5, min_leaf: 2, mtry: 3, seed: 9, max_per_class: 100, "
    "balanced: false}\n"
    "features: {list: [ndvi.median.rice], windows: {rice: 06-10..07-10}, upsample: cubic, gap: "
    "none, min_clear: 2}\n"
    "products: [class]\njobs:\n  nightly: {period: auto, forest: {trees: 20}}\n";

static void every_key_is_read_and_printed_back(void **state)
{
    em_config c;
    em_config again;
    em_list faults = {0};
    em_str text = {0};
    em_str twice = {0};
    TEST_OK(em_config_read(write_config(full), NULL, &c, &faults, &err));
    assert_int_equal(c.sources[1].n_band, 3);
    assert_int_equal(c.sources[1].bands[2].band, 2);
    TEST_NEAR(c.sources[1].bands[2].offset, -1, 0);
    assert_string_equal(c.sources[1].bands[1].file, "*B3.tif");
    assert_int_equal(c.sources[1].mask_values[1], 4);
    assert_string_equal(c.county.code, "320682");
    assert_int_equal(c.samples.n_map, 2);
    assert_int_equal(c.samples.to[0], 5);
    assert_string_equal(c.samples.from[1], "3");
    assert_int_equal(c.features.windows[0].to, 710);
    TEST_NEAR(c.expected_bbox[3], 32.5, 0);
    TEST_OK(em_config_print(&c, &text, &err));
    TEST_OK(em_config_read(write_config(text.data), NULL, &again, &faults, &err));
    TEST_OK(em_config_print(&again, &twice, &err));
    assert_string_equal(text.data, twice.data);
    em_config_release(&c);
    em_config_release(&again);
    em_str_release(&text);
    em_str_release(&twice);
}

static void place_and_pace_are_no_part_of_what_is_made(void **state)
{
    em_config c;
    em_list faults = {0};
    em_str made = {0};
    em_str other = {0};
    TEST_OK(em_config_read(write_config(full), NULL, &c, &faults, &err));
    TEST_OK(em_config_print_made(&c, &made, &err));
    c.out[0] = '~'; /* elsewhere */
    c.work[0] = '~';
    c.memory_mb += 1;
    c.threads += 1;
    TEST_OK(em_config_print_made(&c, &other, &err));
    assert_string_equal(made.data, other.data);
    assert_null(strstr(made.data, "memory_mb"));
    c.csv_bom = !c.csv_bom;
    em_str_clear(&other);
    TEST_OK(em_config_print_made(&c, &other, &err));
    assert_string_not_equal(made.data, other.data);
    em_config_release(&c);
    em_str_release(&made);
    em_str_release(&other);
}

static void a_job_lies_over_the_top_level_key_by_key(void **state)
{
    em_config c;
    em_list faults = {0};
    TEST_OK(em_config_read(write_config(full), "nightly", &c, &faults, &err));
    assert_string_equal(c.period, "auto");
    assert_int_equal(c.forest.trees, 20);
    assert_int_equal(c.forest.max_depth, 5);
    assert_string_equal(c.job, "nightly");
    em_config_release(&c);
    expect_faults(MINIMAL "jobs:\n  nightly: {period: auto}\n", "nigthly",
                  "6:3: no job \"nigthly\"; jobs are: nightly\n");
    expect_faults(MINIMAL "jobs:\n  a: {region: x}\n  b: {threds: 2}\n", NULL,
                  "6:7: a job cannot set \"region\"\n7:7: unknown key \"threds\"; did you mean "
                  "\"threads\"?\n");
}

static void three_faults_are_told_at_once_in_file_order(void **state)
{
    expect_faults(
        "region: Rugao\nscnees: inbox\nunits: towns.gpkg\nsamples: s.gpkg\nforest: {trees: many}\n",
        NULL,
        "1:1: scenes is missing\n"
        "1:9: region: expected 1 to 40 lower-case letters, digits, _ or -, found \"Rugao\"\n"
        "2:1: unknown key \"scnees\"; did you mean \"scenes\"?\n"
        "5:17: trees: expected a whole number, found \"many\"\n");
}

static void every_kind_of_fault_has_its_message(void **state)
{
    static const char *const cases[][2] = {
        {MINIMAL "memory_mb: 12\n",
         "5:12: memory_mb: 12 is out of range, expected 256 to 1048576 MiB\n"},
        {MINIMAL "csv_bom: yes\n", "5:10: csv_bom: expected true or false, found \"yes\"\n"},
        {MINIMAL "grid: {tile: 300}\n",
         "5:14: tile: expected 256, 512, 1024 or 2048, found \"300\"\n"},
        {MINIMAL "grid: {pixel: .inf}\n",
         "5:15: pixel: expected a finite number, found \".inf\"\n"},
        {MINIMAL "grid: {pixel: 1,5}\n", "5:17: unknown key \"5\"\n"},
        {MINIMAL "grid: [1]\n", "5:7: grid: expected a mapping, found a list\n"},
        {MINIMAL "region: again\n", "5:1: key \"region\" stands twice; first in line 1\n"},
        {MINIMAL "model: /vsicurl/x\n",
         "5:8: model: path \"/vsicurl/x\" refused: virtual file systems are not read\n"},
        {MINIMAL "period: 2026-13\n", "5:9: period: expected 2026, 2026Q3, 2026-07, "
                                      "20260701-20260710, auto, auto-quarter or auto-month, found "
                                      "\"2026-13\"\n"},
        {MINIMAL "products: [class, clas]\n",
         "5:19: products: expected class, confidence or clear, found \"clas\"\n"},
        {MINIMAL "features: {windows: {x: 02-30..03-01}}\n",
         "5:25: windows: x: expected two days of the year as 06-01..08-31\n"},
        {MINIMAL "out: *a\n", "5:6: anchors and aliases are not read; write the value out\n"},
        {MINIMAL "out: !!str a\n", "5:6: tags are not read; write the plain value\n"},
        {MINIMAL "---\nx: 1\n", "5:1: a second document begins here; a config is one\n"},
        {MINIMAL "\tout: a\n", "5:1: not YAML: found a tab character that violates indentation\n"},
        {"", "1:1: the file is empty\n"},
        {"- a\n", "1:1: a config is a mapping of keys\n"},
        {"region: a\nscenes: []\nunits: t\nsamples: s\n", "2:9: scenes: the list is empty\n"},
        {"region: a\nscenes: b\nunits: {county: {code: 1}}\nsamples: s\n",
         "3:8: units: layers is missing\n"},
        {"region: a\nscenes: b\nunits: c\n", "1:1: samples or model is missing\n"},
        {"region: a\nscenes: {path: b, file: x}\nunits: t\nsamples: s\n",
         "2:19: \"file\" is of use only with format: geotiff\n"},
        {"region: a\nscenes: {path: b, format: geotiff}\nunits: t\nsamples: s\n",
         "2:9: scenes[]: a GeoTIFF stack needs bands\n2:9: scenes[]: a GeoTIFF stack needs date\n"},
        {"region: a\nscenes: {path: b, format: geotiff, date: 2020-01-01, bands: {grean: "
         "1}}\nunits: t\nsamples: s\n",
         "2:9: scenes[]: a GeoTIFF stack needs bands\n"
         "2:62: bands: no role \"grean\"; roles are blue green red rededge1 rededge2 rededge3 nir "
         "nir08 swir1 swir2\n"},
        {"region: a\nscenes: b\nunits: t\nsamples: {path: s, map: {reed: swamp}}\n",
         "4:32: map: reed: expected a class (cropland forest grass water wetland built bare shrub "
         "orchard, or 1 to 9)\n"},
        {MINIMAL "out: \"a\\0b\"\n", "5:6: a text holds a NUL character\n"},
        {MINIMAL "out: \xff\n", "5:6: not UTF-8 text: invalid leading UTF-8 octet at byte 73\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_faults(cases[i][0], NULL, cases[i][1]);
}

static void an_absent_file_is_named(void **state)
{
    em_config c;
    em_list faults = {0};
    assert_int_equal(em_config_read("/nonexistent.yaml", NULL, &c, &faults, &err), EM_ECONFIG);
    assert_non_null(strstr(err.text, "/nonexistent.yaml: No such file"));
}

/* True if a fault about this very word stands in the list. */
static bool told(const em_list *faults, const char *word)
{
    char want[200];
    snprintf(want, sizeof want, "key \"%s\"", word);
    for (size_t i = 0; i < faults->n; i++) {
        if (strstr(faults->items[i], want)) return true;
    }
    return false;
}

static size_t typo_is_refused(const char *section, const char *word)
{
    char text[600];
    em_config c;
    em_list faults = {0};
    if (em_key_find(section, word) || word[0] == '\0') return 0;
    const char *const wrap =
        strcmp(section, "") == 0 ? MINIMAL "%s: 1\n"
        : strcmp(section, "scenes") == 0
            ? "region: a\nunits: b\nsamples: c\nscenes: {path: x, %s: 1}\n"
        : strcmp(section, "scenes.mask") == 0
            ? "region: a\nunits: b\nsamples: c\nscenes: {path: x, format: geotiff, "
              "date: d, bands: {red: \"r\"}, mask: {band: 1, values: 1, %s: 1}}\n"
        : strcmp(section, "units") == 0
            ? "region: a\nscenes: b\nsamples: c\nunits: {layers: x, %s: 1}\n"
        : strcmp(section, "units.layers") == 0
            ? "region: a\nscenes: b\nsamples: c\nunits: {layers: [{path: x, %s: 1}]}\n"
        : strcmp(section, "units.county") == 0
            ? "region: a\nscenes: b\nsamples: c\nunits: {layers: x, county: {%s: 1}}\n"
        : strcmp(section, "samples") == 0
            ? "region: a\nscenes: b\nunits: c\nsamples: {path: x, %s: 1}\n"
            : NULL;
    if (wrap) {
        snprintf(text, sizeof text, strstr(wrap, "%s") ? "%s" : "", "");
        const char *const at = strstr(wrap, "%s");
        snprintf(text, sizeof text, "%.*s%s%s", (int)(at - wrap), wrap, word, at + 2);
    } else {
        snprintf(text, sizeof text, MINIMAL "%s: {%s: 1}\n", section, word);
    }
    assert_int_equal(em_config_read(write_config(text), NULL, &c, &faults, &err), EM_ECONFIG);
    if (!told(&faults, word))
        fail_msg("typo \"%s\" in %s was not told: %s", word, section, faults.items[0]);
    em_list_release(&faults);
    return 1;
}

static void every_typo_of_every_key_is_refused(void **state)
{
    size_t n = 0;
    for (size_t k = 0; k < em_n_key; k++) {
        const char *const key = em_keys[k].name;
        const size_t length = strlen(key);
        for (size_t i = 0; i < length; i++) {
            char word[64];
            snprintf(word, sizeof word, "%.*s%s", (int)i, key, key + i + 1); /* left out */
            n += typo_is_refused(em_keys[k].section, word);
            snprintf(word, sizeof word, "%.*sx%s", (int)i, key, key + i + 1); /* another letter */
            n += typo_is_refused(em_keys[k].section, word);
            snprintf(word, sizeof word, "%.*s%c%s", (int)i, key, key[i], key + i); /* twice */
            n += typo_is_refused(em_keys[k].section, word);
            snprintf(word, sizeof word, "%s", key);
            if (i + 1 < length) { /* swapped */
                word[i] = key[i + 1];
                word[i + 1] = key[i];
                n += typo_is_refused(em_keys[k].section, word);
            }
        }
    }
    print_message("%zu typos refused\n", n);
    assert_true(n > 1000);
}

/* The generated pages stand in the tree; ECOMON_REGENERATE=1 writes them anew. */
static void hold_page(const char *name, em_status (*print)(em_str *, em_error *))
{
    char path[600];
    em_str want = {0};
    em_str got = {0};
    snprintf(path, sizeof path, ECOMON_SOURCE_DIR "/configs/%s", name);
    TEST_OK(print(&want, &err));
    if (getenv("ECOMON_REGENERATE")) TEST_OK(em_file_publish(path, want.data, want.size, &err));
    TEST_OK(em_file_read(path, 1 << 20, &got, &err));
    assert_string_equal(got.data, want.data);
    em_str_release(&want);
    em_str_release(&got);
}

static void the_generated_reference_is_true(void **state)
{
    hold_page("README.md", em_schema_print_reference);
    hold_page("ecomon.schema.json", em_schema_print_json);
}

/* Both examples of the reference are configs that read. */
static void the_examples_of_the_reference_read(void **state)
{
    em_str page = {0};
    TEST_OK(em_schema_print_reference(&page, &err));
    int n = 0;
    for (char *at = strstr(page.data, "```yaml\n"); at; at = strstr(at, "```yaml\n")) {
        at += 8;
        char *const end = strstr(at, "```\n");
        *end = '\0';
        em_config c;
        em_list faults = {0};
        if (em_config_read(write_config(at), NULL, &c, &faults, &err) != EM_OK)
            fail_msg("%s", err.text);
        em_config_release(&c);
        at = end + 4;
        n++;
    }
    assert_int_equal(n, 2);
    em_str_release(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_smallest_config_has_real_defaults),
        cmocka_unit_test(every_key_is_read_and_printed_back),
        cmocka_unit_test(place_and_pace_are_no_part_of_what_is_made),
        cmocka_unit_test(a_job_lies_over_the_top_level_key_by_key),
        cmocka_unit_test(three_faults_are_told_at_once_in_file_order),
        cmocka_unit_test(every_kind_of_fault_has_its_message),
        cmocka_unit_test(an_absent_file_is_named),
        cmocka_unit_test(every_typo_of_every_key_is_refused),
        cmocka_unit_test(the_generated_reference_is_true),
        cmocka_unit_test(the_examples_of_the_reference_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
