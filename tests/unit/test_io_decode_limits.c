/* What a scene cannot do to the run: time, signals, several at once, and damage on the way through
 * a warp; with the rules of pixels that only such scenes meet. */
#include <dirent.h>
#include <errno.h>
#include <gdal.h>
#include <ogr_srs_api.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernels/base/rng.h"
#include "kernels/mask/qa.h"
#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"
#include "pipeline/io/decode.h"
#include "pipeline/io/geo.h"
#include "tests/support/raster.h"
#include "tests/support/test.h"

enum { SIDE = 256, THREADS = 4 };
#define X0 300000.0
#define Y0 3600000.0

static em_error err;
static char self[512];
static uint16_t pixels[SIDE * SIDE];
static em_scene scene;
static em_grid grid;
static em_tile tile;

static char *path_of(const char *folder, const char *name)
{
    char *out = NULL;
    assert_int_equal(em_path_join(folder, name, &out, &err), EM_OK);
    return out;
}

static em_scene_band band_of(const char *name, char *path)
{
    em_scene_band b = {.path = path,
                       .band = 1,
                       .gain = 1,
                       .nodata = 0,
                       .saturated = 65535,
                       .pixel = 10,
                       .cols = SIDE,
                       .rows = SIDE};
    snprintf(b.name, sizeof b.name, "%s", name);
    return b;
}

/* One band of 256 x 256 pixels whose corner lies `shift` metres east of the grid's. */
static void make_scene(const char *driver, double shift)
{
    em_scene_release(&scene);
    scene = (em_scene){.x0 = X0 + shift, .y0 = Y0, .n_band = 1};
    assert_int_equal(em_strdup("MADE", &scene.id, &err), EM_OK);
    assert_int_equal(em_strdup("/", &scene.root, &err), EM_OK);
    assert_int_equal(em_strdup("EPSG:32651", &scene.crs, &err), EM_OK);
    scene.bands[0] = band_of("red", path_of(test_folder("scene"), "red.jp2"));
    test_raster_u16(driver, scene.bands[0].path, SIDE, SIDE, X0 + shift, Y0, 10, 32651, -1, pixels);
}

static int setup(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIDE * SIDE; i++)
        pixels[i] = (uint16_t)(1000 + ek_rng_bits(3, i) % 4000);
    tile = (em_tile){0, -1}; /* its upper left corner is the grid's anchor */
    if (em_geo_start(&err) != EM_OK) return -1;
    return em_grid_init(&grid, "EPSG:32651", 10, X0, Y0, 256, &err);
}

static int teardown(void **state)
{
    (void)state;
    em_scene_release(&scene);
    em_grid_release(&grid);
    return 0;
}

static em_decode_job job_of(const em_tile *tiles, size_t n)
{
    return (em_decode_job){.scene = &scene,
                           .grid = &grid,
                           .tiles = tiles,
                           .n_tile = n,
                           .resample = "bilinear",
                           .memory_mb = 500,
                           .seconds = 60,
                           .program = self};
}

typedef struct taken {
    em_cube_meta meta;
    int16_t red[SIDE * SIDE];
    uint8_t flags[SIDE * SIDE];
    size_t n;
} taken;

static em_status take(void *user, const em_cube_meta *meta, const int16_t *const *planes,
                      const uint8_t *flags, em_error *e)
{
    (void)e;
    taken *const t = user;
    t->meta = *meta;
    memcpy(t->red, planes[0], sizeof t->red);
    memcpy(t->flags, flags, sizeof t->flags);
    t->n++;
    return EM_OK;
}

static em_status count(void *user, const em_cube_meta *meta, const int16_t *const *planes,
                       const uint8_t *flags, em_error *e)
{
    (void)meta, (void)planes, (void)flags, (void)e;
    ++*(size_t *)user;
    return EM_OK;
}

/* ---- limits ---- */

/* More tiles than a second is enough for: the child's own limit ends it, and what is said is that,
 * not that the machine lacks memory. */
static void processor_time_ends_a_scene(void **state)
{
    (void)state;
    enum { MANY = 400000 };
    size_t n = 0;
    em_tile *tiles = NULL;
    TEST_OK(em_calloc(MANY, sizeof *tiles, "tiles", &tiles, &err));
    for (size_t i = 0; i < MANY; i++) tiles[i] = tile;
    make_scene("GTiff", 0);
    em_decode_job job = job_of(tiles, MANY);
    job.seconds = 1;
    assert_int_equal(em_decode_scene(&job, count, &n, &err), EM_EINPUT);
    assert_string_equal(err.text, "MADE: its decoder used more than 1 s");
    assert_true(n > 0);
    em_free(tiles);
}

static void expect_end(const char *script, em_status status, const char *text)
{
    size_t n = 0;
    char *const path = path_of(test_folder("decoder"), "decoder");
    FILE *const f = fopen(path, "w");
    assert_non_null(f);
    fputs(script, f);
    fclose(f);
    chmod(path, 0755);
    em_decode_job job = job_of(&tile, 1);
    job.program = path;
    job.seconds = 1;
    assert_int_equal(em_decode_scene(&job, count, &n, &err), status);
    assert_string_equal(err.text, text);
    em_free(path);
}

static void a_signal_is_the_scenes_or_someone_elses(void **state)
{
    (void)state;
    make_scene("GTiff", 0);
    expect_end("#!/bin/sh\nkill -ABRT $$\n", EM_EINPUT,
               "MADE: its decoder crashed (signal 6, Aborted)");
    expect_end("#!/bin/sh\nkill -TERM $$\n", EM_EENV,
               "MADE: its decoder was stopped from outside (signal 15, Terminated)");
    expect_end("#!/bin/sh\nkill -INT $$\n", EM_EENV,
               "MADE: its decoder was stopped from outside (signal 2, Interrupt)");
}

static void a_word_in_drops_is_silence(void **state)
{
    (void)state;
    make_scene("GTiff", 0);
    expect_end("#!/bin/sh\nwhile printf x >&4; do sleep 1; done\n", EM_EINPUT,
               "MADE: its decoder gave no sign for 4 s and was stopped");
}

/* The child keeps none of the caller's manners: neither blocked signals, nor the terminal's group,
 * nor its standard output. */
static void the_child_stands_alone(void **state)
{
    (void)state;
    make_scene("GTiff", 0);
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    expect_end("#!/bin/sh\n"
               "grep -q 'SigBlk:.*0000000000000000' /proc/self/status || exit 21\n"
               "[ \"$(cut -d' ' -f5 /proc/$$/stat)\" = $$ ] || exit 22\n"
               "[ \"$(readlink /proc/$$/fd/1)\" = /dev/null ] || exit 23\n"
               "[ \"$OMP_WAIT_POLICY$HOME\" = passive ] || exit 24\n"
               "for fd in 5 6 7 8 9; do [ -e /proc/$$/fd/$fd ] && exit 25; done\n"
               "exit 0\n",
               EM_EINPUT, "MADE: its decoder ended with code 0 and without a word");
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* ---- several at once ---- */

static size_t open_files(void)
{
    size_t n = 0;
    DIR *const d = opendir("/proc/self/fd");
    assert_non_null(d);
    while (readdir(d)) n++;
    closedir(d);
    return n;
}

typedef struct worker {
    pthread_t thread;
    taken result;
    em_status rc;
    em_error err;
} worker;

static void *decode_thrice(void *user)
{
    worker *const w = user;
    const em_tile tiles[3] = {tile, tile, tile};
    const em_decode_job job = job_of(tiles, 3);
    w->rc = em_decode_scene(&job, take, &w->result, &w->err);
    return NULL;
}

static void several_threads_decode_at_once_and_leave_nothing(void **state)
{
    (void)state;
    make_scene("JP2OpenJPEG", 0);
    static worker workers[THREADS];
    const size_t before = open_files();
    for (int i = 0; i < THREADS; i++) {
        memset(&workers[i], 0, sizeof workers[i]);
        assert_int_equal(pthread_create(&workers[i].thread, NULL, decode_thrice, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) pthread_join(workers[i].thread, NULL);
    for (int i = 0; i < THREADS; i++) {
        if (workers[i].rc != EM_OK) fail_msg("%s", workers[i].err.text);
        assert_int_equal(workers[i].result.n, 3);
        for (size_t k = 0; k < SIDE * SIDE; k++)
            assert_int_equal(workers[i].result.red[k], pixels[k]);
    }
    assert_int_equal(open_files(), before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left, not even a dead one */
    assert_int_equal(errno, ECHILD);
}

/* ---- pixels ---- */

/* Puts eight times `with` over the bytes after the first `mark` of the file's second half. */
static void damage(const char *path, unsigned char with, const unsigned char mark[2])
{
    static unsigned char bytes[400000];
    FILE *const f = fopen(path, "r+b");
    assert_non_null(f);
    const size_t n = fread(bytes, 1, sizeof bytes, f);
    size_t at = n / 2;
    while (at + 10 < n && memcmp(bytes + at, mark, 2) != 0) at++;
    assert_true(at + 10 < n);
    memset(bytes + at + 2, with, 8);
    fseek(f, 0, SEEK_SET);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

static void expect_damage(void)
{
    static taken t;
    const em_decode_job job = job_of(&tile, 1);
    assert_int_equal(em_decode_here(&job, take, &t, &err), EM_EINPUT);
    const char *const want =
        scene.x0 > X0 ? "band red: cannot be warped" : "band red: cannot be decoded";
    if (!strstr(err.text, want)) fail_msg("%s", err.text);
}

/* Every length is right; the header of a packet is not. */
static void damage_in_a_code_stream_is_found_by_copy_and_warp(void **state)
{
    (void)state;
    for (int shifted = 0; shifted < 2; shifted++) {
        make_scene("JP2OpenJPEG", shifted ? 5 : 0);
        damage(scene.bands[0].path, 0xFF, (const unsigned char[2]){0xFF, 0x93}); /* SOD */
        expect_damage();
    }
}

static void write_jpeg_in_tiff(const char *path, double x0)
{
    static uint8_t bytes[SIDE * SIDE];
    double gt[6] = {x0, 10, 0, Y0, 0, -10};
    const char *const options[] = {"TILED=YES", "COMPRESS=JPEG", NULL};
    const GDALDatasetH ds = GDALCreate(GDALGetDriverByName("GTiff"), path, SIDE, SIDE, 1, GDT_Byte,
                                       (char **)(uintptr_t)options);
    assert_non_null(ds);
    const OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    assert_int_equal(OSRImportFromEPSG(srs, 32651), OGRERR_NONE);
    GDALSetGeoTransform(ds, gt);
    GDALSetSpatialRef(ds, srs);
    OSRDestroySpatialReference(srs);
    for (size_t i = 0; i < SIDE * SIDE; i++) bytes[i] = (uint8_t)(50 + ek_rng_bits(5, i) % 100);
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(ds, 1), GF_Write, 0, 0, SIDE, SIDE, bytes, SIDE,
                                  SIDE, GDT_Byte, 0, 0),
                     CE_None);
    GDALClose(ds);
}

/* libjpeg goes on after damage and gives grey: that it says so must count. */
static void damage_in_a_jpeg_tile_is_found_by_copy_and_warp(void **state)
{
    (void)state;
    for (int shifted = 0; shifted < 2; shifted++) {
        make_scene("GTiff", shifted ? 5 : 0);
        write_jpeg_in_tiff(scene.bands[0].path, scene.x0);
        damage(scene.bands[0].path, 0xFF, (const unsigned char[2]){0xFF, 0x00}); /* coded 255 */
        expect_damage();
    }
}

/* 990 and 1010 alternate: half way between them lies 1000, which is a value here and not the
 * nodata of the file. */
static void a_warped_value_that_equals_nodata_is_a_value(void **state)
{
    (void)state;
    static taken t;
    for (size_t i = 0; i < SIDE * SIDE; i++) pixels[i] = i % 2 ? 1010 : 990;
    pixels[10 * SIDE + 20] = 1000;
    make_scene("GTiff", 5);
    scene.bands[0].nodata = 1000;
    const em_decode_job job = job_of(&tile, 1);
    TEST_OK(em_decode_here(&job, take, &t, &err));
    assert_int_equal(t.red[5 * SIDE + 100], 1000);
    assert_int_equal(t.flags[5 * SIDE + 100], 0);
    assert_int_equal(t.flags[10 * SIDE + 20], EK_FLAG_NODATA); /* nearest to the void pixel */
    assert_int_equal(t.red[10 * SIDE + 21], 1010); /* its one neighbour that has a value */
}

static void a_tile_beside_the_scene_is_empty(void **state)
{
    (void)state;
    static taken t;
    const em_tile far = {20, -30};
    for (int shifted = 0; shifted < 2; shifted++) {
        make_scene("GTiff", shifted ? 5 : 0);
        const em_decode_job job = job_of(&far, 1);
        TEST_OK(em_decode_here(&job, take, &t, &err));
        assert_int_equal(t.meta.n_data, 0);
        assert_int_equal(t.meta.n_clear, 0);
        for (size_t i = 0; i < SIDE * SIDE; i++) {
            assert_int_equal(t.red[i], EM_FILL);
            assert_int_equal(t.flags[i], EK_FLAG_NODATA);
        }
    }
}

/* The mask is the band's own file here: code 4 and bit 8 hide. */
static void values_and_bits_hide(void **state)
{
    (void)state;
    static taken t;
    for (size_t i = 0; i < SIDE * SIDE; i++) pixels[i] = (uint16_t)(16 + i % 4);
    pixels[3 * SIDE + 7] = 4;
    pixels[5 * SIDE + 9] = 32768 + 8 + 1;
    make_scene("GTiff", 0);
    scene.mask = (em_scene_mask){
        .kind = EM_MASK_VALUES, .band = 1, .pixel = 10, .cols = SIDE, .rows = SIDE, .n_value = 2};
    scene.mask.values[0] = 1;
    scene.mask.values[1] = 4;
    TEST_OK(em_strdup(scene.bands[0].path, &scene.mask.path, &err));
    const em_decode_job job = job_of(&tile, 1);
    TEST_OK(em_decode_here(&job, take, &t, &err));
    assert_int_equal(t.flags[3 * SIDE + 7], EK_FLAG_CLOUD | EK_FLAG_NEAR);
    assert_int_equal(t.meta.n_data - t.meta.n_clear, 1);
    scene.mask.kind = EM_MASK_BITS;
    scene.mask.bits = 8;
    TEST_OK(em_decode_here(&job, take, &t, &err));
    assert_int_equal(t.flags[3 * SIDE + 7], 0);
    assert_int_equal(t.flags[5 * SIDE + 9] & EK_FLAG_CLOUD, EK_FLAG_CLOUD);
    assert_int_equal(t.meta.n_data - t.meta.n_clear, 1);
    const int32_t wide[3] = {70000, 65536, 4};
    const int32_t hidden[1] = {70000};
    uint8_t flags[3];
    ek_mask_rule(wide, 3, hidden, 1, 65536, flags); /* 70000 = 65536 + 4464 */
    assert_int_equal(flags[0], EK_FLAG_CLOUD);
    assert_int_equal(flags[1], EK_FLAG_CLOUD);
    assert_int_equal(flags[2], 0);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--internal-decode") == 0) return em_decode_child();
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(processor_time_ends_a_scene, setup, teardown),
        cmocka_unit_test_setup_teardown(a_signal_is_the_scenes_or_someone_elses, setup, teardown),
        cmocka_unit_test_setup_teardown(a_word_in_drops_is_silence, setup, teardown),
        cmocka_unit_test_setup_teardown(the_child_stands_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(several_threads_decode_at_once_and_leave_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(damage_in_a_code_stream_is_found_by_copy_and_warp, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(damage_in_a_jpeg_tile_is_found_by_copy_and_warp, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_warped_value_that_equals_nodata_is_a_value, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_tile_beside_the_scene_is_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(values_and_bits_hide, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
