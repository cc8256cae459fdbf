/* A scene's own mask on the grid: nearest, then grown by the distance that the config names. */
#include <math.h>
#include <string.h>

#include "kernels/mask/buffer.h"
#include "kernels/mask/qa.h"
#include "pipeline/base/memory.h"
#include "pipeline/io/decode_parts.h"
#include "pipeline/io/geo.h"

#define GROWS           (EK_FLAG_CLOUD | EK_FLAG_SHADOW | EK_FLAG_CIRRUS | EK_FLAG_SNOW)
#define DEGREE_M        111320.0 /* of latitude; a distance in a geographic grid is rough */
#define NOT_A_MASK_CODE (-1)

static em_status radius_of(const em_decode_job *job, int32_t *out, em_error *err)
{
    bool geographic = false;
    const em_status rc = em_crs_is_geographic(job->grid->crs, &geographic, err);
    if (rc != EM_OK) return rc;
    const double metres = geographic ? job->grid->px * DEGREE_M : job->grid->px;
    const double pixels = rint(job->dilate_m / metres);
    if (!(pixels >= 0 && pixels <= EK_BUFFER_MOST)) {
        return em_fail(err, EM_ECONFIG, "mask.dilate_m: %g m are %.0f pixels, at most %d",
                       job->dilate_m, pixels, EK_BUFFER_MOST);
    }
    *out = (int32_t)pixels;
    return EM_OK;
}

/* Codes of the mask's own pixels, NOT_A_MASK_CODE outside the raster. */
static em_status read_own(const em_source *s, em_rect rect, int32_t *out, em_error *err)
{
    const em_rect all = {s->place.col, s->place.row, s->place.col + s->cols,
                         s->place.row + s->rows};
    const em_rect in = em_rect_clip(rect, all);
    const size_t width = (size_t)(rect.x1 - rect.x0);
    const size_t n = width * (size_t)(rect.y1 - rect.y0);
    for (size_t i = 0; i < n; i++) out[i] = NOT_A_MASK_CODE;
    if (em_rect_empty(in)) return EM_OK;
    int32_t *const to = out + (size_t)(in.y0 - rect.y0) * width + (size_t)(in.x0 - rect.x0);
    return em_source_read(s, (int32_t)(in.x0 - all.x0), (int32_t)(in.y0 - all.y0),
                          (int32_t)(in.x1 - in.x0), (int32_t)(in.y1 - in.y0), GDT_Int32, to, width,
                          err);
}

static em_status read_coarse(const em_source *s, em_rect rect, int32_t *out, em_error *err)
{
    em_status rc = EM_OK;
    int32_t *own = NULL;
    const em_rect coarse = {em_floor_div(rect.x0, 2), em_floor_div(rect.y0, 2),
                            em_floor_div(rect.x1 + 1, 2), em_floor_div(rect.y1 + 1, 2)};
    const int64_t width = coarse.x1 - coarse.x0;
    EM_TRY(em_calloc((size_t)(width * (coarse.y1 - coarse.y0)), sizeof *own, "mask", &own, err));
    EM_TRY(read_own(s, coarse, own, err));
    for (int64_t y = rect.y0; y < rect.y1; y++) {
        const int32_t *const from = own + (em_floor_div(y, 2) - coarse.y0) * width;
        for (int64_t x = rect.x0; x < rect.x1; x++) *out++ = from[em_floor_div(x, 2) - coarse.x0];
    }
done:
    em_free(own);
    return rc;
}

static em_status read_warped(const em_source *s, em_warper *warper, em_rect rect, int32_t *out,
                             em_error *err)
{
    double *values = NULL;
    const size_t n = (size_t)(rect.x1 - rect.x0) * (size_t)(rect.y1 - rect.y0);
    em_status rc = em_calloc(n, sizeof *values, "mask", &values, err);
    if (rc == EM_OK) rc = em_warper_read(warper, s, rect, values, err);
    for (size_t i = 0; i < n && rc == EM_OK; i++)
        out[i] = values[i] >= 0 && values[i] < INT32_MAX ? (int32_t)values[i] : NOT_A_MASK_CODE;
    em_free(values);
    return rc;
}

/* Flags of n codes by the scene's rule. A code that is none leaves the pixel without data. */
static void judge(const em_decode_job *job, const int32_t *codes, size_t n, uint8_t *flags)
{
    const em_scene_mask *const m = &job->scene->mask;
    if (m->kind == EM_MASK_SCL) {
        ek_mask_table table;
        ek_mask_table_scl(job->scl_masked, job->n_scl_masked, &table);
        for (size_t i = 0; i < n; i++)
            flags[i] = codes[i] >= 0 && codes[i] < 256 ? table.flags[codes[i]] : EK_FLAG_NODATA;
        return;
    }
    const bool by_bits = m->kind == EM_MASK_BITS;
    ek_mask_rule(codes, n, m->values, by_bits ? 0 : (size_t)m->n_value, by_bits ? m->bits : 0,
                 flags);
    for (size_t i = 0; i < n; i++)
        flags[i] = codes[i] == NOT_A_MASK_CODE ? EK_FLAG_NODATA : flags[i];
}

static em_status grow(const uint8_t *wide, em_rect tile, int32_t radius, uint8_t *flags,
                      em_error *err)
{
    em_status rc = EM_OK;
    ek_arena arena = {0};
    uint8_t *near = NULL;
    const size_t w = (size_t)(tile.x1 - tile.x0);
    const size_t h = (size_t)(tile.y1 - tile.y0);
    const size_t pitch = w + 2 * (size_t)radius;
    EM_TRY(em_calloc(w * h, 1, "mask", &near, err));
    EM_TRY(em_arena_init(&arena, ek_buffer_scratch_bytes(w, h, radius), err));
    ek_buffer(wide, pitch, w, h, radius, GROWS, &arena, near);
    for (size_t y = 0; y < h; y++) {
        const uint8_t *const own = wide + (y + (size_t)radius) * pitch + (size_t)radius;
        for (size_t x = 0; x < w; x++) {
            uint8_t *const flag = &flags[y * w + x];
            *flag = (uint8_t)(*flag | own[x] | (near[y * w + x] ? EK_FLAG_NEAR : 0));
        }
    }
done:
    em_arena_release(&arena);
    em_free(near);
    return rc;
}

em_status em_mask_read(const em_decode_job *job, const em_source *source, em_warper *warper,
                       em_rect tile, uint8_t *flags, em_error *err)
{
    em_status rc = EM_OK;
    int32_t radius = 0;
    int32_t *codes = NULL;
    uint8_t *wide = NULL;
    EM_TRY(radius_of(job, &radius, err));
    const em_rect rect = em_rect_grow(tile, radius);
    const size_t n = (size_t)(rect.x1 - rect.x0) * (size_t)(rect.y1 - rect.y0);
    EM_TRY(em_calloc(n, sizeof *codes, "mask", &codes, err));
    EM_TRY(em_calloc(n, 1, "mask", &wide, err));
    if (!source->place.copied) {
        EM_TRY(read_warped(source, warper, rect, codes, err));
    } else if (source->place.factor == 2) {
        EM_TRY(read_coarse(source, rect, codes, err));
    } else {
        EM_TRY(read_own(source, rect, codes, err));
    }
    judge(job, codes, n, wide);
    EM_TRY(grow(wide, tile, radius, flags, err));
done:
    em_free(codes);
    em_free(wide);
    return rc;
}
