#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/io/decode_parts.h"

#define ON_LATTICE 1e-6 /* of a pixel */

static bool near_whole(double x)
{
    return fabs(x - rint(x)) < ON_LATTICE && fabs(x) < 1e9;
}

em_place em_place_of(const em_scene *scene, const em_grid *grid, double pixel)
{
    const em_place warped = {.copied = false, .factor = 1};
    const double times = pixel / grid->px;
    const int32_t factor = fabs(times - 1) < 1e-9 ? 1 : fabs(times - 2) < 1e-9 ? 2 : 0;
    if (factor == 0 || strcmp(scene->crs, grid->crs) != 0) return warped;
    const double col = (scene->x0 - grid->ax) / pixel;
    const double row = (grid->ay - scene->y0) / pixel;
    if (!near_whole(col) || !near_whole(row)) return warped;
    return (em_place){
        .copied = true, .factor = factor, .col = (int64_t)rint(col), .row = (int64_t)rint(row)};
}

void em_decode_meta(const em_decode_job *job, size_t tile, em_cube_meta *out)
{
    const em_scene *const s = job->scene;
    *out = (em_cube_meta){.time = s->time,
                          .day = s->day,
                          .pass = s->pass,
                          .px = job->grid->px,
                          .ax = job->grid->ax,
                          .ay = job->grid->ay,
                          .tile_px = job->grid->tile,
                          .tile = job->tiles[tile],
                          .n_band = s->n_band};
    snprintf(out->scene_id, sizeof out->scene_id, "%s", s->id);
    snprintf(out->sensor, sizeof out->sensor, "%s", s->sensor);
    snprintf(out->crs, sizeof out->crs, "%.63s", job->grid->crs);
    for (int32_t b = 0; b < s->n_band; b++) {
        memcpy(out->bands[b].name, s->bands[b].name, sizeof out->bands[b].name);
        out->bands[b].factor = em_place_of(s, job->grid, s->bands[b].pixel).factor;
    }
}

int32_t em_decode_side(const em_cube_meta *meta, int32_t b)
{
    return meta->bands[b].factor == 1 ? meta->tile_px : meta->tile_px / 2 + 2 * EM_CUBE_HALO;
}

size_t em_decode_layout(const em_cube_meta *meta, size_t at[EM_MAX_BANDS + 1])
{
    size_t bytes = 0;
    for (int32_t b = 0; b < meta->n_band; b++) {
        const size_t side = (size_t)em_decode_side(meta, b);
        at[b] = bytes;
        bytes += ek_align_up(side * side * sizeof(int16_t));
    }
    at[meta->n_band] = bytes;
    return bytes + ek_align_up((size_t)meta->tile_px * (size_t)meta->tile_px);
}
