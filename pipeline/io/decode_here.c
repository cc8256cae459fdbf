/* All bands of one scene for a list of tiles, in this process. */
#include <gdal.h>
#include <math.h>
#include <string.h>

#include "kernels/mask/qa.h"
#include "pipeline/base/memory.h"
#include "pipeline/io/decode_run.h"
#include "pipeline/io/geo.h"

#define MIB ((size_t)1 << 20)

struct em_decoder {
    const em_decode_job *job;
    em_source bands[EM_MAX_BANDS];
    em_source mask;
    bool has_mask;
    em_band_reader *readers[EM_MAX_BANDS];
    em_warper *warper;  /* of the bands; NULL where all are copied */
    em_warper *nearest; /* of the mask */
    uint8_t *coarse;    /* flags of one coarse plane */
};

/* What the decoder may take, in bytes. */
static size_t memory_of(const em_decoder *d)
{
    return (d->job->memory_mb > 0 ? (size_t)d->job->memory_mb : 1024) * MIB;
}

/* ---- opening ---- */

/* An opened band with the same path, so that a file of many bands is opened, and its blocks are
 * decoded, once. */
static const em_source *opened(const em_decoder *d, int32_t n, const char *path)
{
    for (int32_t b = 0; b < n; b++) {
        if (strcmp(d->bands[b].path, path) == 0) return &d->bands[b];
    }
    return NULL;
}

static em_status open_sources(em_decoder *d, em_error *err)
{
    const em_scene *const s = d->job->scene;
    const em_scene_mask *const m = &s->mask;
    for (int32_t b = 0; b < s->n_band; b++) {
        const em_scene_band *const band = &s->bands[b];
        const em_status rc = em_source_open(s, d->job->grid, band->name, band->path, band->band,
                                            band->pixel, band->cols, band->rows, band->nodata,
                                            opened(d, b, band->path), &d->bands[b], err);
        if (rc != EM_OK) return rc;
    }
    if (m->kind == EM_MASK_NONE) return EM_OK;
    const em_status rc =
        em_source_open(s, d->job->grid, "mask", m->path, m->band, m->pixel, m->cols, m->rows,
                       (double)NAN, opened(d, s->n_band, m->path), &d->mask, err);
    d->has_mask = rc == EM_OK;
    return rc;
}

/* Warp windows that one row of tiles needs of every band, so that small tiles warp nothing twice;
 * never more than an eighth of the memory. */
static size_t windows_to_keep(const em_decoder *d, size_t per_place)
{
    const size_t most = memory_of(d) / 8 / (EM_WARP_SIDE * EM_WARP_SIDE * sizeof(double));
    int64_t low = INT64_MAX;
    int64_t high = INT64_MIN;
    for (size_t t = 0; t < d->job->n_tile; t++) {
        const em_rect r = em_tile_rect(d->job->grid, d->job->tiles[t]);
        low = r.x0 < low ? r.x0 : low;
        high = r.x1 > high ? r.x1 : high;
    }
    const size_t across = (size_t)((high - low) / EM_WARP_SIDE + 2);
    const size_t want = across * per_place;
    return want < most ? want : most;
}

static em_status open_warpers(em_decoder *d, em_error *err)
{
    em_status rc = EM_OK;
    size_t warped = 0;
    for (int32_t b = 0; b < d->job->scene->n_band; b++) warped += !d->bands[b].place.copied;
    if (warped) {
        rc = em_warper_open(d->job->scene, d->job->grid, d->job->resample,
                            windows_to_keep(d, warped), &d->warper, err);
    }
    if (rc == EM_OK && d->has_mask && !d->mask.place.copied) {
        rc = em_warper_open(d->job->scene, d->job->grid, "nearest", windows_to_keep(d, 2),
                            &d->nearest, err);
    }
    return rc;
}

/* GDAL's block cache, as large as the tiles' order asks for: up to half the memory, or a quarter
 * beside the windows and buffers of a warp. */
static void size_cache(const em_decoder *d)
{
    size_t bytes = 16 * MIB;
    for (int32_t b = 0; b < d->job->scene->n_band; b++)
        bytes += em_source_cache_bytes(&d->bands[b], d->job->grid->tile);
    if (d->has_mask) bytes += em_source_cache_bytes(&d->mask, d->job->grid->tile + 128);
    const size_t most = memory_of(d) / (d->warper || d->nearest ? 4 : 2);
    GDALSetCacheMax64((GIntBig)(bytes > most ? most : bytes));
}

em_status em_decoder_open(const em_decode_job *job, em_decoder **out, em_error *err)
{
    em_status rc = EM_OK;
    em_decoder *d = NULL;
    *out = NULL;
    EM_TRY(em_geo_start(err));
    EM_TRY(em_calloc(1, sizeof *d, "decoder", &d, err));
    d->job = job;
    EM_TRY(open_sources(d, err));
    EM_TRY(open_warpers(d, err));
    size_cache(d);
    for (int32_t b = 0; b < job->scene->n_band; b++)
        EM_TRY(em_band_reader_open(&job->scene->bands[b], &d->bands[b], d->warper, &d->readers[b],
                                   err));
    const size_t side = (size_t)job->grid->tile / 2 + 2 * EM_CUBE_HALO;
    EM_TRY(em_calloc(side * side, 1, "flags", &d->coarse, err));
    *out = d;
    d = NULL;
done:
    em_decoder_close(d);
    return rc;
}

void em_decoder_close(em_decoder *d)
{
    if (!d) return;
    for (int32_t b = 0; b < EM_MAX_BANDS; b++) em_band_reader_close(d->readers[b]);
    em_warper_close(d->warper);
    em_warper_close(d->nearest);
    if (d->has_mask) em_source_close(&d->mask);
    for (int32_t b = EM_MAX_BANDS; b-- > 0;) em_source_close(&d->bands[b]);
    em_free(d->coarse);
    em_free(d);
}

/* ---- one tile ---- */

/* Each fine pixel has the flags of the coarse one that it lies in. */
static void spread(const uint8_t *coarse, int32_t tile, uint8_t *flags)
{
    const size_t pitch = (size_t)tile / 2 + 2 * EM_CUBE_HALO;
    for (size_t y = 0; y < (size_t)tile; y++) {
        const uint8_t *const row = coarse + (y / 2 + EM_CUBE_HALO) * pitch + EM_CUBE_HALO;
        for (size_t x = 0; x < (size_t)tile; x++) flags[y * (size_t)tile + x] |= row[x / 2];
    }
}

static em_status read_band(em_decoder *d, int32_t b, int32_t factor, em_rect tile, int16_t *plane,
                           uint8_t *flags, em_error *err)
{
    if (factor == 1) return em_band_reader_read(d->readers[b], tile, plane, flags, err);
    const em_rect own =
        em_rect_grow((em_rect){tile.x0 / 2, tile.y0 / 2, tile.x1 / 2, tile.y1 / 2}, EM_CUBE_HALO);
    const size_t side = (size_t)(own.x1 - own.x0);
    memset(d->coarse, 0, side * side);
    const em_status rc = em_band_reader_read(d->readers[b], own, plane, d->coarse, err);
    if (rc == EM_OK) spread(d->coarse, d->job->grid->tile, flags);
    return rc;
}

em_status em_decoder_tile(em_decoder *d, size_t tile, em_cube_meta *meta, int16_t *const *planes,
                          uint8_t *flags, em_error *err)
{
    const em_decode_job *const job = d->job;
    const em_rect rect = em_tile_rect(job->grid, job->tiles[tile]);
    const size_t n = (size_t)job->grid->tile * (size_t)job->grid->tile;
    em_decode_meta(job, tile, meta);
    memset(flags, 0, n);
    em_status rc = EM_OK;
    for (int32_t b = 0; b < meta->n_band && rc == EM_OK; b++)
        rc = read_band(d, b, meta->bands[b].factor, rect, planes[b], flags, err);
    if (rc == EM_OK && d->has_mask) rc = em_mask_read(job, &d->mask, d->nearest, rect, flags, err);
    if (rc != EM_OK) return rc;
    for (size_t i = 0; i < n; i++) {
        meta->n_clear += !(flags[i] & (uint8_t)~EK_FLAG_RANGE);
        meta->n_data += !(flags[i] & EK_FLAG_NODATA);
    }
    return EM_OK;
}

em_status em_decode_here(const em_decode_job *job, em_decode_fn take, void *user, em_error *err)
{
    em_status rc = EM_OK;
    em_decoder *d = NULL;
    unsigned char *memory = NULL;
    em_cube_meta meta;
    size_t at[EM_MAX_BANDS + 1];
    int16_t *planes[EM_MAX_BANDS];
    if (job->n_tile == 0) return EM_OK;
    em_decode_meta(job, 0, &meta);
    EM_TRY(em_calloc(em_decode_layout(&meta, at), 1, "tile", &memory, err));
    for (int32_t b = 0; b < meta.n_band; b++) planes[b] = (int16_t *)(void *)(memory + at[b]);
    EM_TRY(em_decoder_open(job, &d, err));
    for (size_t t = 0; t < job->n_tile; t++) {
        uint8_t *const flags = memory + at[meta.n_band];
        EM_TRY(em_decoder_tile(d, t, &meta, planes, flags, err));
        EM_TRY(take(user, &meta, (const int16_t *const *)planes, flags, err));
    }
done:
    em_decoder_close(d);
    em_free(memory);
    return rc;
}
