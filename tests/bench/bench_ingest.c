/* Ingest against GDAL's plain decoding of the same blocks of the same files, one thread.
 *
 *   bench_ingest CONFIG [SCENES]     of the first SCENES scenes (1)
 *
 * Three stages of ours are measured against it: decoding alone in this process (copy, masks,
 * dilation), the same in the child process that a run uses, and the whole ingest with encoding and
 * publishing of the cube files. The floor opens every band and the mask, and reads each stored
 * block that a tile touches once. */
#include <gdal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"
#include "pipeline/io/decode.h"
#include "pipeline/io/geo.h"
#include "tests/support/bench.h"

static em_error err;

static void must(em_status rc)
{
    if (rc != EM_OK) bench_die("%s", err.text);
}

/* ---- the floor ---- */

/* Does pixel window (x, y, w, h) of a file with this pixel size touch a tile of the scene? */
static bool wanted(const em_session *s, const em_scene_use *use, double pixel, double x, double y,
                   double w, double h)
{
    double c0 = 0;
    double r0 = 0;
    double c1 = 0;
    double r1 = 0;
    const em_scene *const scene = use->scene;
    em_grid_to_pixel(&s->inputs.grid, scene->x0 + x * pixel, scene->y0 - y * pixel, &c0, &r0);
    em_grid_to_pixel(&s->inputs.grid, scene->x0 + (x + w) * pixel, scene->y0 - (y + h) * pixel, &c1,
                     &r1);
    for (size_t c = 0; c < use->n_cube; c++) {
        const em_rect t = s->plan.tiles.items[use->cubes[c].tile].rect;
        if (c0 < (double)t.x1 && c1 > (double)t.x0 && r0 < (double)t.y1 && r1 > (double)t.y0)
            return true;
    }
    return false;
}

static double read_file(const em_session *s, const em_scene_use *use, const char *path, int number,
                        double pixel)
{
    const GDALDatasetH ds = GDALOpen(path, GA_ReadOnly);
    if (!ds) bench_die("%s: cannot be opened", path);
    const GDALRasterBandH band = GDALGetRasterBand(ds, number);
    const int size = GDALGetDataTypeSizeBytes(GDALGetRasterDataType(band));
    int bw = 0;
    int bh = 0;
    double bytes = 0;
    GDALGetBlockSize(band, &bw, &bh);
    void *block = NULL;
    must(em_calloc((size_t)bw * (size_t)bh, (size_t)size, "block", &block, &err));
    for (int y = 0; y * bh < GDALGetRasterBandYSize(band); y++) {
        for (int x = 0; x * bw < GDALGetRasterBandXSize(band); x++) {
            if (!wanted(s, use, pixel, (double)x * bw, (double)y * bh, bw, bh)) continue;
            if (GDALReadBlock(band, x, y, block) != CE_None)
                bench_die("%s: block %d %d does not decode", path, x, y);
            bytes += (double)bw * bh * size;
        }
    }
    em_free(block);
    GDALClose(ds);
    return bytes;
}

static double read_scene(const em_session *s, const em_scene_use *use)
{
    double bytes = 0;
    const em_scene *const scene = use->scene;
    for (int32_t b = 0; b < scene->n_band; b++)
        bytes +=
            read_file(s, use, scene->bands[b].path, scene->bands[b].band, scene->bands[b].pixel);
    if (scene->mask.kind != EM_MASK_NONE)
        bytes += read_file(s, use, scene->mask.path, scene->mask.band, scene->mask.pixel);
    return bytes;
}

/* ---- ours ---- */

static em_status drop(void *user, const em_cube_meta *meta, const int16_t *const *planes,
                      const uint8_t *flags, em_error *e)
{
    (void)user;
    (void)meta;
    (void)planes;
    (void)flags;
    (void)e;
    return EM_OK;
}

static em_status keep(void *user, const em_cube_meta *meta, const int16_t *const *planes,
                      const uint8_t *flags, em_error *e)
{
    em_str image = {0};
    em_status rc = em_cube_encode(meta, planes, flags, &image, e);
    if (rc == EM_OK) rc = em_file_publish(user, image.data, image.size, e);
    em_str_release(&image);
    return rc;
}

typedef em_status (*decode_fn)(const em_decode_job *job, em_decode_fn take, void *user,
                               em_error *e);

static void decode(const em_session *s, const em_scene_use *use, decode_fn how, em_decode_fn take,
                   void *user)
{
    em_tile *tiles = NULL;
    const em_config *const config = &s->inputs.config;
    must(em_calloc(use->n_cube, sizeof *tiles, "tile list", &tiles, &err));
    for (size_t c = 0; c < use->n_cube; c++)
        tiles[c] = s->plan.tiles.items[use->cubes[c].tile].tile;
    const em_decode_job job = {.scene = use->scene,
                               .grid = &s->inputs.grid,
                               .tiles = tiles,
                               .n_tile = use->n_cube,
                               .scl_masked = config->mask.scl,
                               .n_scl_masked = config->mask.n_scl,
                               .dilate_m = config->mask.dilate_m,
                               .resample = config->grid.resample,
                               .memory_mb = 700,
                               .seconds = 7200,
                               .program = ECOMON_PROGRAM};
    must(how(&job, take, user, &err));
    em_free(tiles);
}

/* Processor seconds of children that have ended. */
static double children(void)
{
    struct rusage u;
    getrusage(RUSAGE_CHILDREN, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

int main(int argc, char **argv)
{
    const long most = argc > 2 ? strtol(argv[2], NULL, 10) : 1;
    if (argc < 2 || most < 1) bench_die("usage: bench_ingest CONFIG [SCENES]");
    em_session s = {0};
    bench_session(argv[1], 1, &s);
    char file[4096];
    snprintf(file, sizeof file, "%s/bench.h5", s.work);
    bench_time floor = {0};
    bench_time ours[3] = {{0}};
    double bytes = 0;
    for (size_t i = 0; i < s.plan.n_scene && i < (size_t)most; i++) {
        const em_scene_use *const use = &s.plan.scenes[i];
        bench_time t = bench_now();
        bytes += read_scene(&s, use);
        bench_time took = bench_since(t);
        floor.wall += took.wall;
        floor.cpu += took.cpu;
        for (int k = 0; k < 3; k++) {
            const double before = children();
            t = bench_now();
            decode(&s, use, k == 0 ? em_decode_here : em_decode_scene, k == 2 ? keep : drop, file);
            took = bench_since(t);
            ours[k].wall += took.wall;
            ours[k].cpu += took.cpu + children() - before;
        }
    }
    must(em_remove_tree(file, &err));
    static const char *const names[] = {"decode in this process / plain decoding",
                                        "decode in a child / plain decoding",
                                        "whole ingest / plain decoding"};
    for (int k = 0; k < 3; k++) bench_row(names[k], "ns/byte", bytes * 1e-9, ours[k], floor);
    em_session_close(&s);
    return 0;
}
