/* Scenes to planes: copied pixels, masks, warps, damage, and the process that does it. */
#include <math.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernels/base/rng.h"
#include "kernels/mask/qa.h"
#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"
#include "pipeline/io/decode.h"
#include "pipeline/io/geo.h"
#include "tests/support/raster.h"
#include "tests/support/test.h"

static em_error err;
static char self[512];

/* A scene of 10 m and 20 m bands and a 20 m mask, 640 x 640 pixels, its corner 30 pixels left of
 * and above a tile corner of the grid. */
enum { SIDE = 640, COARSE = 320 };
#define X0 (256 * 10.0 * 80 - 300)
#define Y0 (256 * 10.0 * 1400 + 300)

typedef struct made {
    em_scene scene;
    em_grid grid;
    em_tile tiles[16];
    uint16_t fine[SIDE * SIDE], coarse[COARSE * COARSE], scl[COARSE * COARSE];
} made;

static made *m;

static char *path_of(const char *folder, const char *name)
{
    char *out = NULL;
    assert_int_equal(em_path_join(folder, name, &out, &err), EM_OK);
    return out;
}

static void set_band(em_scene_band *b, const char *name, char *path, double pixel, int32_t n)
{
    *b = (em_scene_band){.path = path,
                         .band = 1,
                         .gain = 1,
                         .bias = -1000,
                         .nodata = 0,
                         .saturated = 65535,
                         .pixel = pixel,
                         .cols = n,
                         .rows = n};
    snprintf(b->name, sizeof b->name, "%s", name);
}

static void make_scene(const char *folder, const char *driver, int epsg, double x0, double y0)
{
    em_scene *const s = &m->scene;
    *s = (em_scene){.x0 = x0, .y0 = y0, .n_band = 2, .day = 20000, .time = 1728000000};
    char crs[32];
    snprintf(crs, sizeof crs, "EPSG:%d", epsg);
    assert_int_equal(em_strdup("MADE_SCENE", &s->id, &err), EM_OK);
    assert_int_equal(em_strdup(folder, &s->root, &err), EM_OK);
    assert_int_equal(em_strdup(crs, &s->crs, &err), EM_OK);
    snprintf(s->sensor, sizeof s->sensor, "S2A");
    set_band(&s->bands[0], "red", path_of(folder, "red.jp2"), 10, SIDE);
    set_band(&s->bands[1], "swir1", path_of(folder, "swir1.jp2"), 20, COARSE);
    s->mask = (em_scene_mask){.kind = EM_MASK_SCL,
                              .path = path_of(folder, "scl.jp2"),
                              .band = 1,
                              .pixel = 20,
                              .cols = COARSE,
                              .rows = COARSE};
    test_raster_u16(driver, s->bands[0].path, SIDE, SIDE, x0, y0, 10, epsg, -1, m->fine);
    test_raster_u16(driver, s->bands[1].path, COARSE, COARSE, x0, y0, 20, epsg, -1, m->coarse);
    test_raster_u16(driver, s->mask.path, COARSE, COARSE, x0, y0, 20, epsg, -1, m->scl);
}

static void fill_planes(void)
{
    for (size_t i = 0; i < SIDE * SIDE; i++) m->fine[i] = (uint16_t)(1 + ek_rng_bits(7, i) % 9000);
    for (size_t i = 0; i < COARSE * COARSE; i++) {
        m->coarse[i] = (uint16_t)(1 + ek_rng_bits(9, i) % 9000);
        m->scl[i] = ek_rng_bits(11, i) % 400 == 0 ? 9 : 4;
    }
}

static int setup(void **state)
{
    (void)state;
    em_geo_start(&err);
    m = calloc(1, sizeof *m);
    fill_planes();
    return (int)em_grid_init(&m->grid, "EPSG:32651", 10, 0, 0, 256, &err);
}

static int teardown(void **state)
{
    (void)state;
    em_scene_release(&m->scene);
    em_grid_release(&m->grid);
    free(m);
    return 0;
}

static const int64_t hidden[] = {0, 1, 3, 8, 9, 10};
static const char *method = "bilinear";

static em_decode_job job_of(size_t n_tile)
{
    return (em_decode_job){.scene = &m->scene,
                           .grid = &m->grid,
                           .tiles = m->tiles,
                           .n_tile = n_tile,
                           .scl_masked = hidden,
                           .n_scl_masked = 6,
                           .dilate_m = 40,
                           .resample = method,
                           .memory_mb = 700,
                           .seconds = 60,
                           .program = self};
}

/* Everything that was handed over, on one canvas of absolute pixels. */
typedef struct canvas {
    em_rect rect;
    int16_t *red;
    uint8_t *flags;
    int16_t swir[2048 / 2 + 4][2048 / 2 + 4];
    em_cube_meta meta;
    int n;
} canvas;

static em_status collect(void *user, const em_cube_meta *meta, const int16_t *const *planes,
                         const uint8_t *flags, em_error *e)
{
    (void)e;
    canvas *const c = user;
    const int64_t t = meta->tile_px;
    const em_rect r = em_tile_rect(&m->grid, meta->tile);
    const int64_t width = c->rect.x1 - c->rect.x0;
    for (int64_t y = r.y0; y < r.y1; y++) {
        for (int64_t x = r.x0; x < r.x1; x++) {
            const int64_t to = (y - c->rect.y0) * width + x - c->rect.x0;
            c->red[to] = planes[0][(y - r.y0) * t + x - r.x0];
            c->flags[to] = flags[(y - r.y0) * t + x - r.x0];
        }
    }
    if (meta->bands[1].factor == 2 && c->n == 0) {
        for (int64_t y = 0; y < t / 2 + 4; y++)
            memcpy(c->swir[y], planes[1] + y * (t / 2 + 4), (size_t)(t / 2 + 4) * 2);
    }
    c->meta = *meta;
    c->n++;
    return EM_OK;
}

static canvas *new_canvas(em_rect rect)
{
    canvas *const c = calloc(1, sizeof *c);
    const size_t n = (size_t)((rect.x1 - rect.x0) * (rect.y1 - rect.y0));
    c->rect = rect;
    c->red = calloc(n, sizeof *c->red);
    c->flags = calloc(n, 1);
    return c;
}

static void free_canvas(canvas *c)
{
    free(c->red);
    free(c->flags);
    free(c);
}

/* Tiles that cover the scene, in map order; returns how many. */
static size_t cover(int32_t side, em_rect *all)
{
    size_t n = 0;
    m->grid.tile = side;
    const int64_t col = (int64_t)((X0 - m->grid.ax) / 10);
    const int64_t row = (int64_t)((m->grid.ay - Y0) / 10);
    const em_tile a = em_tile_at(&m->grid, col, row);
    const em_tile b = em_tile_at(&m->grid, col + SIDE - 1, row + SIDE - 1);
    *all = em_rect_union(em_tile_rect(&m->grid, a), em_tile_rect(&m->grid, b));
    for (int32_t north = a.north; north >= b.north; north--) {
        for (int32_t east = a.east; east <= b.east; east++) m->tiles[n++] = (em_tile){east, north};
    }
    assert_true(n <= 16);
    return n;
}

static const uint8_t HIDES = (uint8_t)~EK_FLAG_RANGE;

static void copies_pixels_and_masks(void **state)
{
    (void)state;
    em_rect all;
    m->fine[0] = 0;                   /* nodata */
    m->fine[5] = 65535;               /* saturated, and out of the stored range */
    m->fine[6] = 60000;               /* out of range only */
    m->fine[7] = 400;                 /* below the offset: negative, as stored */
    memset(m->scl, 0, sizeof m->scl); /* everything clear but one cloud */
    for (size_t i = 0; i < COARSE * COARSE; i++) m->scl[i] = 4;
    m->scl[100 * COARSE + 113] = 9; /* fine columns 226, 227: four pixels left of a tile edge */
    m->coarse[2 * COARSE + 3] = 0;
    make_scene(test_folder("copy"), "JP2OpenJPEG", 32651, X0, Y0);
    const em_decode_job job = job_of(cover(256, &all));
    canvas *const c = new_canvas(all);
    TEST_OK(em_decode_here(&job, collect, c, &err));
    assert_int_equal(c->n, job.n_tile);
    assert_int_equal(c->meta.bands[0].factor, 1);
    assert_int_equal(c->meta.bands[1].factor, 2);
    const int64_t width = all.x1 - all.x0;
    const int64_t at = ((int64_t)(-Y0 / 10) - all.y0) * width + (int64_t)(X0 / 10) - all.x0;
    for (int64_t y = 0; y < SIDE; y++) {
        for (int64_t x = 0; x < SIDE; x++) {
            const uint16_t dn = m->fine[y * SIDE + x];
            const int16_t want = dn == 0                 ? EM_FILL
                                 : dn - 1000 > INT16_MAX ? INT16_MAX
                                                         : (int16_t)(dn - 1000);
            if (c->red[at + y * width + x] != want)
                fail_msg("column %d row %d: %d, expected %d", (int)x, (int)y,
                         c->red[at + y * width + x], want);
        }
    }
    assert_int_equal(c->flags[at], EK_FLAG_NODATA);
    assert_int_equal(c->flags[at + 1], 0);
    assert_int_equal(c->flags[at + 5], EK_FLAG_SATURATED | EK_FLAG_RANGE);
    assert_int_equal(c->flags[at + 6], EK_FLAG_RANGE);
    assert_int_equal(c->flags[at + 7], 0);
    assert_int_equal(c->flags[at - 1], EK_FLAG_NODATA); /* outside the scene */
    assert_int_equal(c->red[at - 1], EM_FILL);
    for (int dy = 4; dy < 6; dy++) /* one coarse pixel without value hides four */
        assert_int_equal(c->flags[at + dy * width + 6] & c->flags[at + dy * width + 7],
                         EK_FLAG_NODATA);
    /* 40 m = 4 pixels around the cloud's 2 x 2, past the edge between tiles at column 226 */
    const int64_t cloud = at + 200 * width + 226;
    assert_int_equal(c->flags[cloud], EK_FLAG_CLOUD | EK_FLAG_NEAR);
    assert_int_equal(c->flags[cloud + 5], EK_FLAG_NEAR);
    assert_int_equal(c->flags[cloud + 6], 0);
    assert_int_equal(c->flags[cloud - 4], EK_FLAG_NEAR);
    assert_int_equal(c->flags[cloud - 5], 0);
    assert_int_equal(c->flags[cloud - 3 - 3 * width], 0); /* 4.2 pixels away */
    assert_int_equal(c->flags[cloud - 2 - 3 * width], EK_FLAG_NEAR);
    free_canvas(c);
}

static void coarse_planes_have_a_halo(void **state)
{
    (void)state;
    em_rect all;
    make_scene(test_folder("halo"), "GTiff", 32651, X0, Y0);
    cover(256, &all);
    m->tiles[0] = em_tile_at(&m->grid, all.x0 + 256, all.y0 + 256); /* wholly inside the scene */
    em_decode_job job = job_of(1);
    canvas *const c = new_canvas(em_tile_rect(&m->grid, m->tiles[0]));
    TEST_OK(em_decode_here(&job, collect, c, &err));
    const int64_t from = ((c->rect.x0 * 10 - (int64_t)X0) / 20) - 2;
    const int64_t down = (((int64_t)Y0 + c->rect.y0 * 10) / 20) - 2;
    for (int64_t y = 0; y < 132; y++) {
        for (int64_t x = 0; x < 132; x++) {
            assert_int_equal(c->swir[y][x], m->coarse[(down + y) * COARSE + from + x] - 1000);
        }
    }
    free_canvas(c);
    m->tiles[0] =
        em_tile_at(&m->grid, all.x0, all.y0); /* the scene begins 30 pixels before its end */
    canvas *const edge = new_canvas(em_tile_rect(&m->grid, m->tiles[0]));
    TEST_OK(em_decode_here(&job, collect, edge, &err));
    assert_int_equal(edge->swir[0][0], EM_FILL);
    assert_int_equal(edge->swir[115][115], m->coarse[0] == 0 ? EM_FILL : m->coarse[0] - 1000);
    assert_int_equal(edge->swir[131][131], m->coarse[16 * COARSE + 16] - 1000);
    assert_int_equal(edge->meta.n_data, 30 * 30);
    free_canvas(edge);
}

static canvas *decode_with(int32_t side, em_rect *window)
{
    em_rect all;
    const em_decode_job job = job_of(cover(side, &all));
    canvas *const c = new_canvas(all);
    if (em_decode_here(&job, collect, c, &err) != EM_OK) fail_msg("%s", err.text);
    *window = all;
    return c;
}

static void same_pixels(int epsg)
{
    em_rect small;
    em_rect large;
    canvas *const a = decode_with(256, &small);
    canvas *const b = decode_with(1024, &large);
    size_t seen = 0;
    for (int64_t y = small.y0; y < small.y1; y++) {
        for (int64_t x = small.x0; x < small.x1; x++) {
            const int64_t i = (y - small.y0) * (small.x1 - small.x0) + x - small.x0;
            const int64_t k = (y - large.y0) * (large.x1 - large.x0) + x - large.x0;
            if (a->red[i] != b->red[k] || a->flags[i] != b->flags[k])
                fail_msg("EPSG:%d, pixel %d %d: %d/%d and %d/%d", epsg, (int)x, (int)y, a->red[i],
                         a->flags[i], b->red[k], b->flags[k]);
            seen += !(a->flags[i] & HIDES);
        }
    }
    assert_true(seen > 1000);
    free_canvas(a);
    free_canvas(b);
}

static void tile_size_does_not_show(void **state)
{
    (void)state;
    make_scene(test_folder("tiles"), "JP2OpenJPEG", 32651, X0, Y0);
    same_pixels(32651);
}

/* A smooth field in the neighbouring zone, bilinear by hand against the warp. */
static void warps_another_zone(void **state)
{
    (void)state;
    for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) m->fine[y * SIDE + x] = (uint16_t)(2000 + 7 * x + 3 * y);
    }
    double corner[1][2] = {{X0, Y0}};
    TEST_OK(em_crs_transform("EPSG:32651", "EPSG:32650", corner, 1, &err));
    const double x0 = rint(corner[0][0] / 20) * 20;
    const double y0 = rint(corner[0][1] / 20) * 20;
    make_scene(test_folder("zone"), "GTiff", 32650, x0, y0);
    em_rect all;
    canvas *const c = decode_with(1024, &all);
    assert_int_equal(c->meta.bands[1].factor, 1);
    double(*const p)[2] = calloc(30000, sizeof *p); /* centres of every 13th pixel */
    static int64_t at[30000];
    size_t n = 0;
    size_t checked = 0;
    for (int64_t y = all.y0; y < all.y1; y += 13) {
        for (int64_t x = all.x0; x < all.x1 && n < 30000; x += 13) {
            at[n] = (y - all.y0) * (all.x1 - all.x0) + x - all.x0;
            em_grid_to_crs(&m->grid, (double)x + 0.5, (double)y + 0.5, &p[n][0], &p[n][1]);
            n++;
        }
    }
    TEST_OK(em_crs_transform("EPSG:32651", "EPSG:32650", p, n, &err));
    for (size_t i = 0; i < n; i++) {
        const double col = (p[i][0] - x0) / 10 - 0.5;
        const double row = (y0 - p[i][1]) / 10 - 0.5;
        if (col < 1 || row < 1 || col > SIDE - 2 || row > SIDE - 2) continue;
        TEST_NEAR(c->red[at[i]], 1000 + 7 * col + 3 * row, 0.6);
        checked++;
    }
    free(p);
    assert_true(checked > 1000);
    free_canvas(c);
    same_pixels(32650);
}

/* The same places on two lattices that are equal but counted from elsewhere: windows meet in other
 * places, and pixels must not tell where. */
static void the_seams_of_windows_do_not_show(void **state)
{
    (void)state;
    enum { BY = 130 };
    double corner[1][2] = {{X0, Y0}};
    TEST_OK(em_crs_transform("EPSG:32651", "EPSG:32650", corner, 1, &err));
    make_scene(test_folder("seams"), "GTiff", 32650, rint(corner[0][0]), rint(corner[0][1]));
    static const char *const methods[] = {"nearest", "bilinear", "cubic"};
    for (int k = 0; k < 3; k++) {
        em_rect one;
        em_rect two;
        method = methods[k];
        canvas *const a = decode_with(1024, &one);
        m->grid.ax = 10.0 * BY;
        m->grid.ay = -10.0 * BY;
        canvas *const b = decode_with(1024, &two);
        m->grid.ax = m->grid.ay = 0;
        const em_rect both =
            em_rect_clip(one, (em_rect){two.x0 + BY, two.y0 + BY, two.x1 + BY, two.y1 + BY});
        for (int64_t y = both.y0; y < both.y1; y++) {
            for (int64_t x = both.x0; x < both.x1; x++) {
                const int64_t i = (y - one.y0) * (one.x1 - one.x0) + x - one.x0;
                const int64_t j = (y - BY - two.y0) * (two.x1 - two.x0) + x - BY - two.x0;
                if (abs(a->red[i] - b->red[j]) > 1 || a->flags[i] != b->flags[j])
                    fail_msg("%s, pixel %d %d: %d/%d and %d/%d", method, (int)x, (int)y, a->red[i],
                             a->flags[i], b->red[j], b->flags[j]);
            }
        }
        assert_true(a->meta.n_data > 0);
        free_canvas(a);
        free_canvas(b);
    }
    method = "bilinear";
}

/* Noise, so that every pixel tells where it came from; windows meet at column 20480. */
static void no_method_shows_tiles(void **state)
{
    (void)state;
    double corner[1][2] = {{X0, Y0}};
    TEST_OK(em_crs_transform("EPSG:32651", "EPSG:32650", corner, 1, &err));
    make_scene(test_folder("methods"), "GTiff", 32650, rint(corner[0][0]), rint(corner[0][1]));
    method = "nearest";
    same_pixels(32650);
    method = "cubic";
    same_pixels(32650);
    method = "bilinear";
}

static void a_shifted_lattice_is_warped(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIDE * SIDE; i++) m->fine[i] = (uint16_t)(2000 + 4 * (i % SIDE));
    make_scene(test_folder("shift"), "GTiff", 32651, X0 + 5, Y0);
    em_rect all;
    canvas *const c = decode_with(256, &all);
    const int64_t width = all.x1 - all.x0;
    const int64_t at = ((int64_t)(-Y0 / 10) - all.y0 + 50) * width + (int64_t)(X0 / 10) - all.x0;
    assert_int_equal(c->red[at + 100],
                     1000 + 4 * 100 - 2); /* half way between columns 99 and 100 */
    assert_int_equal(c->red[at + 101], 1000 + 4 * 101 - 2);
    free_canvas(c);
}

/* ---- the process ---- */

static void the_child_gives_the_same(void **state)
{
    (void)state;
    em_rect all;
    make_scene(test_folder("child"), "JP2OpenJPEG", 32651, X0, Y0);
    const em_decode_job job = job_of(cover(256, &all));
    canvas *const a = new_canvas(all);
    canvas *const b = new_canvas(all);
    TEST_OK(em_decode_here(&job, collect, a, &err));
    TEST_OK(em_decode_scene(&job, collect, b, &err));
    const size_t n = (size_t)((all.x1 - all.x0) * (all.y1 - all.y0));
    assert_true(test_same_bits(a->red, b->red, 2 * n));
    assert_true(test_same_bits(a->flags, b->flags, n));
    assert_true(test_same_bits(a->swir, b->swir, sizeof a->swir));
    assert_true(test_same_bits(&a->meta, &b->meta, sizeof a->meta));
    free_canvas(a);
    free_canvas(b);
}

static void write_script(const char *path, const char *text)
{
    FILE *const f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    chmod(path, 0755);
}

static void expect_death(const char *script, int64_t seconds, em_status status, const char *text)
{
    em_rect all;
    char *const path = path_of(test_folder("death"), "decoder");
    write_script(path, script);
    em_decode_job job = job_of(cover(256, &all));
    canvas *const c = new_canvas(all);
    job.program = path;
    job.seconds = seconds;
    assert_int_equal(em_decode_scene(&job, collect, c, &err), status);
    if (!strstr(err.text, text)) fail_msg("\"%s\" does not say \"%s\"", err.text, text);
    free_canvas(c);
    em_free(path);
}

static void a_dying_child_costs_one_scene(void **state)
{
    (void)state;
    make_scene(test_folder("dying"), "GTiff", 32651, X0, Y0);
    expect_death("#!/bin/sh\nkill -SEGV $$\n", 60, EM_EINPUT,
                 "MADE_SCENE: its decoder crashed (signal 11, Segmentation fault)");
    expect_death("#!/bin/sh\nkill -KILL $$\n", 60, EM_EENV,
                 "stopped from outside (signal 9, Killed)");
    expect_death("#!/bin/sh\nexit 3\n", 60, EM_EINPUT, "ended with code 3 and without a word");
    expect_death("#!/bin/sh\nexec sleep 60\n", 1, EM_EINPUT, "gave no sign for 4 s");
    expect_death("#!/bin/sh\nhead -c 100000 /dev/zero >&4\nsleep 60\n", 60, EM_EINPUT,
                 "stopped after 0 of");
    expect_death("#!/nowhere\n", 60, EM_EENV, "cannot be started");
}

static em_status refuse_tile(void *user, const em_cube_meta *meta, const int16_t *const *planes,
                             const uint8_t *flags, em_error *e)
{
    (void)user, (void)meta, (void)planes, (void)flags;
    return em_fail(e, EM_EENV, "disk full");
}

static void a_failing_taker_ends_it(void **state)
{
    (void)state;
    em_rect all;
    make_scene(test_folder("taker"), "GTiff", 32651, X0, Y0);
    const em_decode_job job = job_of(cover(256, &all));
    assert_int_equal(em_decode_scene(&job, refuse_tile, NULL, &err), EM_EENV);
    assert_string_equal(err.text, "disk full");
}

static void too_little_memory_is_said(void **state)
{
    (void)state;
    em_rect all;
    make_scene(test_folder("memory"), "GTiff", 32651, X0, Y0);
    em_decode_job job = job_of(cover(256, &all));
    canvas *const c = new_canvas(all);
    job.memory_mb = 1;
    const em_status rc = em_decode_scene(&job, collect, c, &err);
#ifndef __SANITIZE_ADDRESS__
    assert_int_not_equal(rc, EM_OK);
    assert_memory_equal(err.text, "MADE_SCENE: its decoder took ", 29);
    assert_non_null(strstr(err.text, " of 1 MiB of memory: "));
#else
    assert_int_equal(rc, EM_OK);
#endif
    free_canvas(c);
}

/* ---- damage ---- */

static void expect_fault(em_status status, const char *text)
{
    em_rect all;
    const em_decode_job job = job_of(cover(256, &all));
    canvas *const c = new_canvas(all);
    const em_status rc = em_decode_here(&job, collect, c, &err);
    if (rc != status) fail_msg("status %d, expected %d (%s)", rc, status, err.text);
    if (!strstr(err.text, text)) fail_msg("\"%s\" does not say \"%s\"", err.text, text);
    free_canvas(c);
}

static void truncation_is_found_anywhere(void **state)
{
    (void)state;
    static const char *const drivers[] = {"JP2OpenJPEG", "GTiff"};
    for (int d = 0; d < 2; d++) {
        make_scene(test_folder("truncated"), drivers[d], 32651, X0, Y0);
        em_file_id id;
        TEST_OK(em_file_identify(m->scene.bands[0].path, &id, &err));
        for (int k = 12; k > 0; k--) {
            const off_t size = (off_t)(id.size * (uint64_t)k / 13);
            assert_int_equal(truncate(m->scene.bands[0].path, size), 0);
            expect_fault(EM_EINPUT, "red");
        }
        em_scene_release(&m->scene);
    }
    make_scene(test_folder("truncated"), "JP2OpenJPEG", 32651, X0, Y0);
    em_file_id id;
    TEST_OK(em_file_identify(m->scene.bands[0].path, &id, &err));
    assert_int_equal(truncate(m->scene.bands[0].path, (off_t)id.size - 1), 0);
    expect_fault(EM_EINPUT, "truncated or damaged");
    em_rect all; /* and the parent hears the child's own words */
    const em_decode_job job = job_of(cover(256, &all));
    assert_int_equal(em_decode_scene(&job, refuse_tile, NULL, &err), EM_EINPUT);
    assert_non_null(strstr(err.text, "truncated or damaged at byte"));
}

static void metadata_and_files_must_agree(void **state)
{
    (void)state;
    make_scene(test_folder("agree"), "JP2OpenJPEG", 32651, X0, Y0);
    m->scene.bands[0].cols = 641;
    expect_fault(EM_EINPUT, "red: expected 641 x 640 pixels, found 640 x 640");
    m->scene.bands[0].cols = 640;
    m->scene.bands[0].band = 2;
    expect_fault(EM_EINPUT, "red: expected band 2 of the file, it has 1");
    m->scene.bands[0].band = 1;
    m->scene.x0 += 10;
    expect_fault(EM_EINPUT, "as the metadata say, found");
    m->scene.x0 -= 10;
    em_free(m->scene.crs);
    assert_int_equal(em_strdup("EPSG:32650", &m->scene.crs, &err), EM_OK);
    expect_fault(EM_EINPUT, "expected CRS EPSG:32650, found EPSG:32651");
    em_free(m->scene.crs);
    assert_int_equal(em_strdup("EPSG:32651", &m->scene.crs, &err), EM_OK);
    unlink(m->scene.bands[1].path);
    expect_fault(EM_EINPUT, "band swir1: no such file");
    write_script(m->scene.bands[1].path, "<VRTDataset rasterXSize=\"320\" rasterYSize=\"320\"/>");
    expect_fault(EM_EINPUT, "cannot be opened as JPEG 2000 or GeoTIFF");
}

static void axis_order_is_east_first(void **state)
{
    (void)state;
    double p[1][2] = {{120.6, 32.2}};
    TEST_OK(em_crs_transform("EPSG:4326", "EPSG:4549", p, 1, &err));
    TEST_NEAR(p[0][0], 556572.9211, 1e-3);
    TEST_NEAR(p[0][1], 3564187.9960, 1e-3);
    /* The same through a warp: a raster in UTM onto a grid of EPSG:4549, whose axes are north and
     * east by its own definition. */
    for (size_t i = 0; i < SIDE * SIDE; i++) m->fine[i] = (uint16_t)(2000 + 5 * (i % SIDE));
    double u[1][2] = {{120.6, 32.2}};
    TEST_OK(em_crs_transform("EPSG:4326", "EPSG:32651", u, 1, &err));
    TEST_NEAR(u[0][0], 273771.8286, 1e-3);
    TEST_NEAR(u[0][1], 3565130.2690, 1e-3);
    const double x0 = rint(u[0][0] / 20) * 20 - 3200;
    const double y0 = rint(u[0][1] / 20) * 20 + 3200;
    make_scene(test_folder("axes"), "GTiff", 32651, x0, y0);
    em_grid_release(&m->grid);
    TEST_OK(em_grid_init(&m->grid, "EPSG:4549", 10, 0, 0, 256, &err));
    double col = 0;
    double row = 0;
    em_grid_to_pixel(&m->grid, p[0][0], p[0][1], &col, &row);
    m->tiles[0] = em_tile_at(&m->grid, (int64_t)floor(col), (int64_t)floor(row));
    const em_decode_job job = job_of(1);
    canvas *const c = new_canvas(em_tile_rect(&m->grid, m->tiles[0]));
    TEST_OK(em_decode_here(&job, collect, c, &err));
    const int64_t at = ((int64_t)floor(row) - c->rect.y0) * 256 + (int64_t)floor(col) - c->rect.x0;
    TEST_NEAR(c->red[at], 1000 + 5 * ((u[0][0] - x0) / 10 - 0.5), 5); /* within a pixel */
    free_canvas(c);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--internal-decode") == 0) return em_decode_child();
    const ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n < 0) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(copies_pixels_and_masks, setup, teardown),
        cmocka_unit_test_setup_teardown(coarse_planes_have_a_halo, setup, teardown),
        cmocka_unit_test_setup_teardown(tile_size_does_not_show, setup, teardown),
        cmocka_unit_test_setup_teardown(warps_another_zone, setup, teardown),
        cmocka_unit_test_setup_teardown(no_method_shows_tiles, setup, teardown),
        cmocka_unit_test_setup_teardown(the_seams_of_windows_do_not_show, setup, teardown),
        cmocka_unit_test_setup_teardown(a_shifted_lattice_is_warped, setup, teardown),
        cmocka_unit_test_setup_teardown(the_child_gives_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(a_dying_child_costs_one_scene, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failing_taker_ends_it, setup, teardown),
        cmocka_unit_test_setup_teardown(too_little_memory_is_said, setup, teardown),
        cmocka_unit_test_setup_teardown(truncation_is_found_anywhere, setup, teardown),
        cmocka_unit_test_setup_teardown(metadata_and_files_must_agree, setup, teardown),
        cmocka_unit_test_setup_teardown(axis_order_is_east_first, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
