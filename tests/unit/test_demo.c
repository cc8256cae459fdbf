/* The made county: the same seed gives the same bytes, what it says of itself is true, and its
 * scenes are read like downloaded ones. */
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/base/file.h"
#include "pipeline/base/hash.h"
#include "pipeline/base/memory.h"
#include "pipeline/catalogue/catalogue.h"
#include "pipeline/config/classes.h"
#include "pipeline/config/config.h"
#include "pipeline/demo/demo.h"
#include "pipeline/demo/sky.h"
#include "pipeline/io/decode.h"
#include "pipeline/io/geo.h"
#include "pipeline/io/raster_info.h"
#include "pipeline/io/units.h"
#include "tests/support/test.h"

static em_error err;

static const em_demo_settings small = {
    .width = 300, .height = 260, .dates = 3, .years = 1, .seed = 1, .clouds = 0.2};

static const char *make(const char *name, const em_demo_settings *settings)
{
    const char *const folder = test_folder(name);
    TEST_OK(em_demo_write(folder, settings, NULL, NULL, &err));
    return folder;
}

/* Names and sums of all files below a folder. */
static void sum_tree(const char *folder, const char *below, em_str *out)
{
    em_list names = {0};
    TEST_OK(em_folder_list(folder, &names, &err));
    for (size_t i = 0; i < names.n; i++) {
        em_str path = {0};
        em_str name = {0};
        em_hash hash;
        em_str_printf(&path, "%s/%s", folder, names.items[i]);
        em_str_printf(&name, "%s/%s", below, names.items[i]);
        if (em_folder_exists(path.data)) {
            sum_tree(path.data, name.data, out);
        } else {
            TEST_OK(em_hash_file(path.data, &hash, &err));
            em_str_printf(out, "%s %s\n", name.data, hash.hex);
        }
        em_str_release(&path);
        em_str_release(&name);
    }
    em_list_release(&names);
}

static void one_seed_one_county(void **state)
{
    (void)state;
    em_str a = {0};
    em_str b = {0};
    em_str c = {0};
    em_demo_settings other = small;
    other.seed = 2;
    sum_tree(make("a", &small), "", &a);
    sum_tree(make("b", &small), "", &b);
    sum_tree(make("c", &other), "", &c);
    assert_string_equal(em_str_text(&a), em_str_text(&b));
    assert_string_not_equal(em_str_text(&a), em_str_text(&c));
    em_str_release(&a);
    em_str_release(&b);
    em_str_release(&c);
}

static char *in(const char *folder, const char *name)
{
    char *path = NULL;
    TEST_OK(em_path_join(folder, name, &path, &err));
    return path;
}

static void read_config(const char *folder, em_config *out)
{
    em_list faults = {0};
    char *const path = in(folder, "demo.yaml");
    TEST_OK(em_config_read(path, "nightly", out, &faults, &err));
    em_free(path);
}

static void scenes_are_read_like_downloaded_ones(void **state)
{
    (void)state;
    em_config config;
    em_catalogue catalogue;
    const char *const folder = make("scenes", &small);
    read_config(folder, &config);
    TEST_OK(em_catalogue_scan(config.sources, config.n_source, &catalogue, &err));
    assert_int_equal(catalogue.n, 3);
    assert_int_equal(catalogue.n_rejected, 0);
    assert_int_equal(catalogue.notes.n, 0);
    for (size_t i = 0; i < catalogue.n; i++) {
        const em_scene *const s = &catalogue.scenes[i];
        assert_int_equal(s->n_band, 10);
        assert_string_equal(s->tile, "51STR");
        assert_string_equal(s->crs, "EPSG:32651");
        assert_int_equal(s->pass, 89);
        TEST_NEAR(s->bands[0].bias, -1000, 0);
        assert_int_equal(s->bands[0].cols, 300);
        assert_int_equal(s->bands[9].rows, 130);
    }
    em_catalogue_release(&catalogue);
    em_config_release(&config);
}

/* Planes of one tile of every scene. */
typedef struct heap {
    em_str bytes;
} heap;

static em_status pile(void *user, const em_cube_meta *meta, const int16_t *const *planes,
                      const uint8_t *flags, em_error *e)
{
    (void)e;
    heap *const h = user;
    const size_t t = (size_t)meta->tile_px;
    for (int32_t b = 0; b < meta->n_band; b++) {
        const size_t side = meta->bands[b].factor == 1 ? t : t / 2 + 4;
        em_str_append(&h->bytes, meta->bands[b].name);
        em_str_append_bytes(&h->bytes, planes[b], side * side * sizeof(int16_t));
    }
    em_str_append_bytes(&h->bytes, flags, t * t);
    return EM_OK;
}

static void decode_all(const char *folder, em_str *out)
{
    static const int64_t hidden[] = {0, 1, 3, 8, 9, 10};
    em_config config;
    em_catalogue catalogue;
    em_grid grid;
    heap h = {{0}};
    read_config(folder, &config);
    TEST_OK(em_catalogue_scan(config.sources, config.n_source, &catalogue, &err));
    TEST_OK(em_grid_init(&grid, "EPSG:32651", 10, 0, 0, 256, &err));
    const em_tile tile = em_tile_at(&grid, (int64_t)(catalogue.scenes[0].x0 / 10) + 150,
                                    (int64_t)(-catalogue.scenes[0].y0 / 10) + 130);
    for (size_t i = 0; i < catalogue.n; i++) {
        const em_decode_job job = {.scene = &catalogue.scenes[i],
                                   .grid = &grid,
                                   .tiles = &tile,
                                   .n_tile = 1,
                                   .scl_masked = hidden,
                                   .n_scl_masked = 6,
                                   .dilate_m = 40,
                                   .resample = "bilinear"};
        TEST_OK(em_decode_here(&job, pile, &h, &err));
    }
    *out = h.bytes;
    em_grid_release(&grid);
    em_catalogue_release(&catalogue);
    em_config_release(&config);
}

/* Both forms hold the same reflectances; flags differ in the kind of mask only: a scene
 * classification says why, a list of values only that. */
static void both_forms_hold_the_same(void **state)
{
    (void)state;
    em_str safe = {0};
    em_str tiff = {0};
    em_demo_settings other = small;
    other.geotiff = true;
    decode_all(make("safe", &small), &safe);
    decode_all(make("tiff", &other), &tiff);
    assert_int_equal(safe.size, tiff.size);
    size_t differ = 0;
    for (size_t i = 0; i < safe.size; i++) differ += safe.data[i] != tiff.data[i];
    assert_true(differ <= 3 * 256 * 256); /* at most every flag, no value of a band */
    const size_t scene = safe.size / 3;
    for (size_t k = 0; k < 3; k++) {
        const size_t bands = scene - 256 * 256;
        assert_true(test_same_bits(safe.data + k * scene, tiff.data + k * scene, bands));
    }
    em_str_release(&safe);
    em_str_release(&tiff);
}

/* Towns and villages as the program reads them: all usable, no gap or overlap told, and the
 * villages together as large as their town. */
static void towns_are_a_partition(void **state)
{
    (void)state;
    em_grid grid;
    em_units units;
    const char *const folder = make("towns", &small);
    char *const towns = in(folder, "towns.gpkg");
    char *const villages = in(folder, "villages.gpkg");
    const em_units_layer layers[] = {
        {.path = towns, .code = "code", .name = "name", .parent = "parent", .type = "town"},
        {.path = villages, .code = "code", .name = "name", .parent = "parent", .type = "village"}};
    const em_units_check check = {.expected_bbox = {120, 31, 121.5, 33},
                                  .overlap_tolerance_m2 = 0.5};
    TEST_OK(em_grid_init(&grid, "EPSG:32651", 10, 0, 0, 256, &err));
    TEST_OK(em_units_read(layers, 2, &check, &grid, &units, &err));
    assert_int_equal(units.n, 14 + 8);
    double town = 0;
    double parts = 0;
    for (size_t u = 0; u < units.n; u++) {
        const em_unit *const unit = &units.items[u];
        if (unit->state != EM_UNIT_OK) fail_msg("%s %s: %s", unit->code, unit->name, unit->why);
        assert_int_equal(strlen(unit->code), 12);
        if (strcmp(unit->code, "320682111000") == 0) town = unit->area_m2;
        if (strcmp(unit->type, "village") != 0) continue;
        assert_string_equal(unit->parent, "320682111000");
        parts += unit->area_m2;
    }
    assert_true(town > 0);
    TEST_NEAR(parts, town, 1e-6 * town);
    for (size_t i = 0; i < units.notes.n; i++) {
        if (strstr(units.notes.items[i], "hole")) fail_msg("%s", units.notes.items[i]);
    }
    em_units_release(&units);
    em_grid_release(&grid);
    em_free(towns);
    em_free(villages);
}

/* Every pixel of every sample has its class in the truth. */
static void check_places(const char *folder, const char *name, em_raster *truth,
                         const em_grid *grid, size_t least)
{
    em_samples samples;
    char *const path = in(folder, name);
    const em_samples_source source = {.path = path, .field = "class"};
    TEST_OK(em_samples_read(&source, grid, &samples, &err));
    assert_true(samples.n >= least);
    size_t seen[10] = {0};
    for (size_t i = 0; i < samples.n; i++) {
        const em_sample *const s = &samples.items[i];
        const uint8_t code = em_class_find(s->value)->code;
        const em_rect box = s->n_ring
                                ? s->box
                                : (em_rect){(int64_t)floor(s->col), (int64_t)floor(s->row),
                                            (int64_t)floor(s->col) + 1, (int64_t)floor(s->row) + 1};
        seen[code]++;
        for (int64_t y = box.y0; y < box.y1; y++) {
            for (int64_t x = box.x0; x < box.x1; x++) {
                uint8_t got = 0;
                TEST_OK(em_raster_read_u8(truth, 1, (int32_t)x, (int32_t)y, 1, 1, &got, &err));
                assert_int_equal(got, code);
            }
        }
    }
    for (int code = 1; code <= 6; code++) assert_true(seen[code] > 0);
    em_samples_release(&samples);
    em_free(path);
}

static void samples_are_true(void **state)
{
    (void)state;
    em_raster *truth = NULL;
    em_grid grid;
    const char *const folder = make("samples", &small);
    char *const path = in(folder, "truth/class_2025.tif");
    TEST_OK(em_raster_open(path, &truth, &err));
    const em_raster_info *const info = em_raster_get_info(truth);
    TEST_OK(em_grid_init(&grid, info->crs, info->pixel, info->x0, info->y0, 256, &err));
    check_places(folder, "samples.gpkg", truth, &grid, 40);
    check_places(folder, "validation.gpkg", truth, &grid, 300);
    em_raster_close(truth);
    em_grid_release(&grid);
    em_free(path);
}

/* Twelve dates of a sky come near the cover that was wished. */
static void clouds_are_as_wished(void **state)
{
    (void)state;
    static const double wishes[] = {0, 0.2, 0.35};
    for (int k = 0; k < 3; k++) {
        for (uint64_t seed = 1; seed <= 3; seed++) {
            em_world world;
            em_sky sky;
            double sum = 0;
            TEST_OK(em_world_make(seed, 400, 400, 2025, 1, &world, &err));
            TEST_OK(em_sky_init(&world, &sky, &err));
            for (int32_t date = 0; date < 12; date++) {
                em_sky_make(&world, date, wishes[k], &sky);
                sum += sky.cover / 12;
            }
            TEST_NEAR(sum, wishes[k], 0.25 * wishes[k] + 0.01);
            em_sky_release(&sky);
            em_world_release(&world);
        }
    }
}

/* Two years: twice the scenes, a map of each, and what changed has its date in one of them. */
static void years_follow_each_other(void **state)
{
    (void)state;
    em_demo_settings two = small;
    two.years = 2;
    two.dates = 1;
    const char *const folder = make("years", &two);
    em_list names = {0};
    char *const scenes = in(folder, "scenes");
    TEST_OK(em_folder_list(scenes, &names, &err));
    assert_int_equal(names.n, 2);
    assert_non_null(strstr(names.items[0], "_2024"));
    assert_non_null(strstr(names.items[1], "_2025"));
    assert_true(em_file_exists(in(folder, "truth/class_2024.tif")));
    assert_true(em_file_exists(in(folder, "truth/class_2025.tif")));
    em_list_release(&names);
    em_free(scenes);
}

static void misuse_is_told(void **state)
{
    (void)state;
    em_demo_settings odd = small;
    odd.width = 301;
    assert_int_equal(em_demo_write(test_folder("odd"), &odd, NULL, NULL, &err), EM_ECONFIG);
    assert_string_equal(err.text, "--size: expected even numbers from 256 to 20000, found 301x260");
    const char *const full = test_folder("full");
    TEST_OK(em_file_publish(in(full, "mine.txt"), "x", 1, &err));
    assert_int_equal(em_demo_write(full, &small, NULL, NULL, &err), EM_ECONFIG);
    assert_non_null(strstr(err.text, "is not empty"));
}

int main(void)
{
    em_geo_start(&err);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_seed_one_county),
        cmocka_unit_test(scenes_are_read_like_downloaded_ones),
        cmocka_unit_test(both_forms_hold_the_same),
        cmocka_unit_test(towns_are_a_partition),
        cmocka_unit_test(samples_are_true),
        cmocka_unit_test(clouds_are_as_wished),
        cmocka_unit_test(years_follow_each_other),
        cmocka_unit_test(misuse_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
