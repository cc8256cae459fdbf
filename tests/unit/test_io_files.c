/* Cube, tile and model files: what goes in comes out, same content same bytes, and damage is an
 * error or changes nothing. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernels/base/rng.h"
#include "kernels/mask/qa.h"
#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"
#include "pipeline/io/cube.h"
#include "pipeline/io/geo.h"
#include "pipeline/io/tile_file.h"
#include "tests/support/test.h"

static em_error err;

enum { T = 512, COARSE = T / 2 + 4 };

static int16_t red[T * T];
static int16_t swir[COARSE * COARSE];
static uint8_t flags[T * T];

static em_cube_meta make_meta(void)
{
    em_cube_meta m = {.time = 1700000000,
                      .day = 19675,
                      .pass = 89,
                      .px = 10,
                      .tile_px = T,
                      .tile = {26, 351},
                      .n_band = 2,
                      .bands = {{"red", 1}, {"swir1", 2}}};
    snprintf(m.scene_id, sizeof m.scene_id, "S2A_TEST");
    snprintf(m.sensor, sizeof m.sensor, "S2A");
    snprintf(m.crs, sizeof m.crs, "EPSG:32651");
    memset(m.key.hex, 'a', 64);
    memset(m.content.hex, 'b', 64);
    for (size_t i = 0; i < T * T; i++) {
        const bool seen = i % T < 300; /* one block of each row is all fill */
        red[i] = seen ? (int16_t)ek_rng_below(1, i / 3, 9000) : EM_FILL;
        flags[i] = seen ? (ek_rng_below(2, i, 50) ? 0 : EK_FLAG_CLOUD) : EK_FLAG_NODATA;
        m.n_data += seen;
        m.n_clear += flags[i] == 0;
    }
    for (size_t i = 0; i < COARSE * COARSE; i++) swir[i] = (int16_t)ek_rng_below(3, i / 2, 9000);
    return m;
}

static void write_cube(const char *path)
{
    const em_cube_meta meta = make_meta();
    const int16_t *const planes[] = {red, swir};
    em_str image = {0};
    em_str again = {0};
    TEST_OK(em_cube_encode(&meta, planes, flags, &image, &err));
    TEST_OK(em_cube_encode(&meta, planes, flags, &again, &err));
    assert_int_equal(image.size, again.size);
    assert_true(test_same_bits(image.data, again.data, image.size));
    TEST_OK(em_file_publish(path, image.data, image.size, &err));
    em_str_release(&image);
    em_str_release(&again);
}

/* Reads every block; EM_OK only where all of it is what went in, 99 where pixels are others. */
static int read_cube(const char *path)
{
    em_cube *cube = NULL;
    void *scratch = NULL;
    static int16_t block[EM_BLOCK * EM_BLOCK];
    static uint8_t mask[EM_BLOCK * EM_BLOCK];
    int rc = (int)em_cube_open(path, &cube, &err);
    if (rc == EM_OK) rc = (int)em_calloc(em_cube_scratch_bytes(), 1, "x", &scratch, &err);
    const bool same_form = rc == EM_OK && em_cube_get_meta(cube)->tile_px == T &&
                           em_cube_get_meta(cube)->n_band == 2 &&
                           em_cube_get_meta(cube)->bands[1].factor == 2;
    if (rc == EM_OK && !same_form) rc = 99;
    for (int32_t k = 0; k < 4 && rc == EM_OK; k++) {
        const int32_t bx = k % 2;
        const int32_t by = k / 2;
        rc = (int)em_cube_read_block(cube, 0, bx, by, scratch, block, &err);
        for (size_t y = 0; y < EM_BLOCK && rc == EM_OK; y++) {
            if (memcmp(block + y * EM_BLOCK,
                       red + ((size_t)by * EM_BLOCK + y) * T + (size_t)bx * EM_BLOCK,
                       EM_BLOCK * sizeof *block) != 0)
                rc = 99;
        }
        if (rc == EM_OK) rc = (int)em_cube_read_flags(cube, bx, by, scratch, mask, &err);
        for (size_t y = 0; y < EM_BLOCK && rc == EM_OK; y++) {
            if (memcmp(mask + y * EM_BLOCK,
                       flags + ((size_t)by * EM_BLOCK + y) * T + (size_t)bx * EM_BLOCK,
                       EM_BLOCK) != 0)
                rc = 99;
        }
        if (rc == EM_OK) rc = (int)em_cube_read_block(cube, 1, bx, by, scratch, block, &err);
        for (size_t y = 0; y < EM_CUBE_COARSE && rc == EM_OK; y++) {
            if (memcmp(block + y * EM_CUBE_COARSE,
                       swir + ((size_t)by * EM_BLOCK / 2 + y) * COARSE + (size_t)bx * EM_BLOCK / 2,
                       EM_CUBE_COARSE * sizeof *block) != 0)
                rc = 99;
        }
    }
    em_free(scratch);
    em_cube_close(cube);
    return rc;
}

static void a_cube_comes_back(void **state)
{
    (void)state;
    em_str path = {0};
    em_str_printf(&path, "%s/cube.h5", test_folder("cube"));
    write_cube(path.data);
    if (read_cube(path.data) != EM_OK) fail_msg("%s", err.text);
    em_cube *cube = NULL;
    TEST_OK(em_cube_open(path.data, &cube, &err));
    const em_cube_meta *const m = em_cube_get_meta(cube);
    assert_string_equal(m->scene_id, "S2A_TEST");
    assert_int_equal(m->pass, 89);
    assert_int_equal(m->tile.north, 351);
    assert_int_equal(m->n_data, 300 * T);
    assert_string_equal(m->bands[1].name, "swir1");
    em_cube_close(cube);
    em_str_release(&path);
}

/* Runs `read` in a child with little memory: a crash or a hang is seen as one. */
static int in_child(int (*read)(const char *), const char *path)
{
    const pid_t pid = fork(); /* this program has no threads */
    assert_true(pid >= 0);
    if (pid == 0) {
#ifndef __SANITIZE_ADDRESS__
        const struct rlimit room = {(rlim_t)2 << 30, (rlim_t)2 << 30};
        setrlimit(RLIMIT_AS, &room);
#endif
        alarm(20);
        _exit(read(path));
    }
    int status = 0;
    waitpid(pid, &status, 0);
    if (WIFSIGNALED(status)) fail_msg("%s: the reader died of signal %d", path, WTERMSIG(status));
    return WEXITSTATUS(status);
}

/* Cuts and flipped bits: an error, or the same pixels. */
static void spoil(const char *path, int (*read)(const char *), size_t n_flip)
{
    em_str whole = {0};
    size_t unnoticed = 0;
    TEST_OK(em_file_read(path, (size_t)64 << 20, &whole, &err));
    for (int k = 0; k < 24; k++) {
        const size_t size = whole.size * (size_t)k / 24;
        TEST_OK(em_file_publish(path, whole.data, size, &err));
        assert_int_equal(in_child(read, path), EM_EINPUT);
    }
    for (size_t k = 0; k < n_flip; k++) {
        /* half of them in the first 4 KiB, where the structure is */
        const size_t most = k % 2 && whole.size > 4096 ? 4096 : whole.size;
        const size_t at = (size_t)(ek_rng_unit(9, k) * (double)most);
        const char old = whole.data[at];
        whole.data[at] = (char)(old ^ (1 << ek_rng_below(10, k, 8)));
        TEST_OK(em_file_publish(path, whole.data, whole.size, &err));
        const int rc = in_child(read, path);
        whole.data[at] = old;
        if (rc == 99) fail_msg("byte %zu: other pixels, and no error", at);
        if (rc != EM_OK && rc != EM_EINPUT) fail_msg("byte %zu: status %d", at, rc);
        unnoticed += rc == EM_OK;
    }
    print_message("%zu of %zu flips change nothing that is read\n", unnoticed, n_flip);
    em_str_release(&whole);
}

static void a_damaged_cube_is_noticed(void **state)
{
    (void)state;
    em_str path = {0};
    em_str_printf(&path, "%s/cube.h5", test_folder("damaged"));
    write_cube(path.data);
    spoil(path.data, read_cube, 300);
    em_str_release(&path);
}

/* ---- tile files ---- */

static em_hash tile_key;

static void fill_tile(em_tile_planes *p)
{
    for (size_t i = 0; i < 256 * 256; i++) {
        p->classes[i] = (uint8_t)(1 + ek_rng_below(4, i / 5, 7));
        p->confidence[i] = (uint8_t)ek_rng_below(5, i / 3, 101);
        p->clear[i] = (uint16_t)ek_rng_below(6, i / 4, 70);
    }
    for (size_t i = 0; i < 2 * 256; i++) {
        p->area[i] = (int64_t)ek_rng_below(7, i, 1000000) * 1000003;
        p->px[i] = ek_rng_below(8, i, 5000);
    }
    TEST_OK(em_list_add(&p->units, "town:320682001000", &err));
    TEST_OK(em_list_add(&p->units, "village:1", &err));
}

static int read_tile(const char *path)
{
    em_tile_planes want;
    em_tile_planes got;
    TEST_OK(em_tile_planes_init(256, 2, &want, &err));
    fill_tile(&want);
    int rc = (int)em_tile_file_read(path, &tile_key, &got, &err);
    if (rc == EM_OK) {
        const bool same = got.side == 256 && got.n_unit == 2 &&
                          strcmp(got.units.items[0], want.units.items[0]) == 0 &&
                          strcmp(got.units.items[1], want.units.items[1]) == 0 &&
                          test_same_bits(got.classes, want.classes, 65536) &&
                          test_same_bits(got.confidence, want.confidence, 65536) &&
                          test_same_bits(got.clear, want.clear, 65536 * 2) &&
                          test_same_bits(got.area, want.area, 2 * 256 * 8) &&
                          test_same_bits(got.px, want.px, 2 * 256 * 8);
        em_tile_planes_release(&got);
        if (!same) rc = 99;
    }
    em_tile_planes_release(&want);
    return rc;
}

static void a_tile_comes_back_or_is_refused(void **state)
{
    (void)state;
    em_tile_planes p;
    em_str image = {0};
    em_str path = {0};
    memset(tile_key.hex, 'c', 64);
    em_str_printf(&path, "%s/tile.h5", test_folder("tile"));
    TEST_OK(em_tile_planes_init(256, 2, &p, &err));
    fill_tile(&p);
    TEST_OK(em_tile_file_encode(&p, "x0001_y0002", &tile_key, &image, &err));
    TEST_OK(em_file_publish(path.data, image.data, image.size, &err));
    if (read_tile(path.data) != EM_OK) fail_msg("%s", err.text);
    em_hash other = tile_key;
    other.hex[0] = 'd';
    em_tile_planes got;
    assert_int_equal(em_tile_file_read(path.data, &other, &got, &err), EM_EINPUT);
    spoil(path.data, read_tile, 200);
    em_tile_planes_release(&p);
    em_str_release(&image);
    em_str_release(&path);
}

int main(void)
{
    em_geo_start(&err);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cube_comes_back),
        cmocka_unit_test(a_damaged_cube_is_noticed),
        cmocka_unit_test(a_tile_comes_back_or_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
