/* Digital numbers to stored values: round(DN * gain + bias), with what hides a pixel. */
#include <math.h>
#include <string.h>

#include "kernels/mask/qa.h"
#include "pipeline/base/memory.h"
#include "pipeline/io/decode_parts.h"

enum { CODES = 65536 };

struct em_band_reader {
    em_scene_band band; /* without its nodata where the warp has taken it out already */
    const em_source *source;
    em_warper *warper;
    bool whole;     /* digital numbers are 0..65535: looked up */
    int16_t *value; /* [CODES] */
    uint8_t *flag;  /* [CODES] */
    void *numbers;  /* one rectangle of uint16 or double */
    size_t cap;     /* bytes of it */
};

static void convert(const em_scene_band *b, double dn, int16_t *value, uint8_t *flags)
{
    if (!isfinite(dn) || dn == b->nodata || dn <= EM_WARP_VOID) {
        *value = EM_FILL;
        *flags |= EK_FLAG_NODATA;
        return;
    }
    const double v = rint(dn * b->gain + b->bias);
    if (dn >= b->saturated) *flags |= EK_FLAG_SATURATED;
    if (v > INT16_MAX || v < -INT16_MAX) *flags |= EK_FLAG_RANGE;
    *value = (int16_t)(v > INT16_MAX ? INT16_MAX : v < -INT16_MAX ? -INT16_MAX : v);
}

em_status em_band_reader_open(const em_scene_band *band, const em_source *source, em_warper *warper,
                              em_band_reader **out, em_error *err)
{
    em_status rc = EM_OK;
    em_band_reader *r = NULL;
    *out = NULL;
    EM_TRY(em_calloc(1, sizeof *r, "band reader", &r, err));
    r->band = *band;
    if (!source->place.copied) r->band.nodata = (double)NAN;
    r->source = source;
    r->warper = warper;
    r->whole = source->place.copied && (source->type == GDT_UInt16 || source->type == GDT_Byte);
    if (r->whole) {
        EM_TRY(em_calloc(CODES, sizeof *r->value, "band table", &r->value, err));
        EM_TRY(em_calloc(CODES, sizeof *r->flag, "band table", &r->flag, err));
        for (int dn = 0; dn < CODES; dn++) convert(band, dn, &r->value[dn], &r->flag[dn]);
    }
    *out = r;
    r = NULL;
done:
    em_band_reader_close(r);
    return rc;
}

void em_band_reader_close(em_band_reader *r)
{
    if (!r) return;
    em_free(r->value);
    em_free(r->flag);
    em_free(r->numbers);
    em_free(r);
}

static em_status reserve(em_band_reader *r, size_t n, em_error *err)
{
    const size_t bytes = n * (r->whole ? sizeof(uint16_t) : sizeof(double));
    if (r->cap >= bytes) return EM_OK;
    em_free(r->numbers);
    r->numbers = NULL;
    r->cap = 0;
    const em_status rc = em_calloc(bytes, 1, "digital numbers", &r->numbers, err);
    if (rc == EM_OK) r->cap = bytes;
    return rc;
}

static void set_void(size_t n, int16_t *plane, uint8_t *flags)
{
    for (size_t i = 0; i < n; i++) {
        plane[i] = EM_FILL;
        flags[i] |= EK_FLAG_NODATA;
    }
}

static em_status read_copied(em_band_reader *r, em_rect rect, int16_t *plane, uint8_t *flags,
                             em_error *err)
{
    const em_source *const s = r->source;
    const em_rect all = {s->place.col, s->place.row, s->place.col + s->cols,
                         s->place.row + s->rows};
    const em_rect in = em_rect_clip(rect, all);
    const size_t width = (size_t)(rect.x1 - rect.x0);
    if (em_rect_empty(in)) {
        set_void(width * (size_t)(rect.y1 - rect.y0), plane, flags);
        return EM_OK;
    }
    const size_t w = (size_t)(in.x1 - in.x0);
    const size_t h = (size_t)(in.y1 - in.y0);
    if (w * h < width * (size_t)(rect.y1 - rect.y0)) { /* some of it lies outside the raster */
        for (int64_t y = rect.y0; y < rect.y1; y++) {
            const size_t at = (size_t)(y - rect.y0) * width;
            const bool row = y >= in.y0 && y < in.y1;
            const size_t left = row ? (size_t)(in.x0 - rect.x0) : width;
            set_void(left, plane + at, flags + at);
            if (row) set_void(width - left - w, plane + at + left + w, flags + at + left + w);
        }
    }
    const em_status rc =
        em_source_read(s, (int32_t)(in.x0 - all.x0), (int32_t)(in.y0 - all.y0), (int32_t)w,
                       (int32_t)h, r->whole ? GDT_UInt16 : GDT_Float64, r->numbers, w, err);
    if (rc != EM_OK) return rc;
    for (size_t y = 0; y < h; y++) {
        const size_t to = ((size_t)(in.y0 - rect.y0) + y) * width + (size_t)(in.x0 - rect.x0);
        const uint16_t *const code = (const uint16_t *)r->numbers + y * w;
        const double *const dn = (const double *)r->numbers + y * w;
        for (size_t x = 0; x < w && r->whole; x++) {
            plane[to + x] = r->value[code[x]];
            flags[to + x] |= r->flag[code[x]];
        }
        for (size_t x = 0; x < w && !r->whole; x++)
            convert(&r->band, dn[x], &plane[to + x], &flags[to + x]);
    }
    return EM_OK;
}

/* In strips, so that the numbers of a large tile do not take as much memory as its planes. */
static em_status read_warped(em_band_reader *r, em_rect rect, int16_t *plane, uint8_t *flags,
                             em_error *err)
{
    const size_t width = (size_t)(rect.x1 - rect.x0);
    for (int64_t y = rect.y0; y < rect.y1; y += EM_BLOCK) {
        const em_rect strip = em_rect_clip(rect, (em_rect){rect.x0, y, rect.x1, y + EM_BLOCK});
        const size_t n = width * (size_t)(strip.y1 - strip.y0);
        const size_t at = width * (size_t)(y - rect.y0);
        em_status rc = reserve(r, n, err);
        if (rc == EM_OK) rc = em_warper_read(r->warper, r->source, strip, r->numbers, err);
        if (rc != EM_OK) return rc;
        const double *const dn = r->numbers;
        for (size_t i = 0; i < n; i++) convert(&r->band, dn[i], &plane[at + i], &flags[at + i]);
    }
    return EM_OK;
}

em_status em_band_reader_read(em_band_reader *r, em_rect rect, int16_t *plane, uint8_t *flags,
                              em_error *err)
{
    if (!r->source->place.copied) return read_warped(r, rect, plane, flags, err);
    const em_status rc = reserve(r, (size_t)(rect.x1 - rect.x0) * (size_t)(rect.y1 - rect.y0), err);
    return rc == EM_OK ? read_copied(r, rect, plane, flags, err) : rc;
}
