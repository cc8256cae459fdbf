#include <string.h>

#include "kernels/mask/qa.h"
#include "pipeline/base/memory.h"
#include "pipeline/io/cube.h"
#include "pipeline/io/h5.h"

enum {
    SIDE = EM_BLOCK,
    HALF = EM_BLOCK / 2,
    COARSE = EM_CUBE_COARSE,
    RING = COARSE * COARSE - HALF * HALF
};

typedef struct encoder {
    const em_cube_meta *meta;
    em_h5_writer *w;
    unsigned char *items, *scratch, *packed; /* of one chunk */
    em_error *err;
} encoder;

static int all_equal(const void *items, size_t n, size_t size, int32_t fill)
{
    if (size == 1) {
        for (size_t i = 0; i < n; i++) {
            if (((const uint8_t *)items)[i] != fill) return 0;
        }
        return 1;
    }
    for (size_t i = 0; i < n; i++) {
        if (((const int16_t *)items)[i] != fill) return 0;
    }
    return 1;
}

/* One chunk from e->items; left out where it is all fill. */
static em_status put(const encoder *e, hid_t dataset, const hsize_t *offset, size_t n, size_t size,
                     int32_t fill)
{
    size_t packed_size = 0;
    if (all_equal(e->items, n, size, fill)) return EM_OK;
    const em_status rc = em_pack(e->items, n, size, e->scratch, e->packed, &packed_size, e->err);
    return rc == EM_OK ? em_h5_put_chunk(dataset, offset, e->packed, packed_size, e->err) : rc;
}

/* A window of a plane of `pitch` items per row into e->items. */
static void cut(const encoder *e, const void *plane, size_t pitch, size_t x, size_t y, size_t side,
                size_t size)
{
    for (size_t row = 0; row < side; row++) {
        memcpy(e->items + row * side * size,
               (const unsigned char *)plane + ((y + row) * pitch + x) * size, side * size);
    }
}

static int32_t count_factor(const em_cube_meta *meta, int32_t factor)
{
    int32_t n = 0;
    for (int32_t b = 0; b < meta->n_band; b++) n += meta->bands[b].factor == factor;
    return n;
}

static em_status put_fine(const encoder *e, const int16_t *const *planes)
{
    const size_t t = (size_t)e->meta->tile_px;
    const hsize_t dims[3] = {(hsize_t)count_factor(e->meta, 1), t, t};
    const hsize_t chunk[3] = {1, SIDE, SIDE};
    hid_t dataset = -1;
    if (dims[0] == 0) return EM_OK;
    em_status rc = em_h5_begin_chunks(e->w, "reflectance_1", EM_H5_I16, 3, dims, chunk, EM_FILL,
                                      &dataset, e->err);
    hsize_t k = 0;
    for (int32_t b = 0; b < e->meta->n_band && rc == EM_OK; b++) {
        if (e->meta->bands[b].factor != 1) continue;
        for (size_t y = 0; y < t && rc == EM_OK; y += SIDE) {
            for (size_t x = 0; x < t && rc == EM_OK; x += SIDE) {
                const hsize_t offset[3] = {k, y, x};
                cut(e, planes[b], t, x, y, SIDE, 2);
                rc = put(e, dataset, offset, (size_t)SIDE * SIDE, 2, EM_FILL);
            }
        }
        k++;
    }
    em_h5_end_chunks(dataset);
    return rc;
}

/* The two pixels around a block, row by row from the top left. */
static void cut_ring(const encoder *e, const int16_t *plane, size_t pitch, size_t x, size_t y)
{
    int16_t *to = (int16_t *)(void *)e->items;
    for (size_t row = 0; row < COARSE; row++) {
        const int16_t *const from = plane + (y + row) * pitch + x;
        const int edge = row < EM_CUBE_HALO || row >= HALF + EM_CUBE_HALO;
        for (size_t col = 0; col < COARSE; col++) {
            if (edge || col < EM_CUBE_HALO || col >= HALF + EM_CUBE_HALO) *to++ = from[col];
        }
    }
}

static em_status put_coarse(const encoder *e, const int16_t *const *planes)
{
    const size_t t = (size_t)e->meta->tile_px / 2;
    const size_t pitch = t + 2 * EM_CUBE_HALO;
    const hsize_t n = (hsize_t)count_factor(e->meta, 2);
    const hsize_t dims[3] = {n, t, t};
    const hsize_t chunk[3] = {1, HALF, HALF};
    const hsize_t ring_dims[4] = {n, t / HALF, t / HALF, RING};
    const hsize_t ring_chunk[4] = {1, 1, 1, RING};
    hid_t core = -1;
    hid_t ring = -1;
    if (n == 0) return EM_OK;
    em_status rc = em_h5_begin_chunks(e->w, "reflectance_2", EM_H5_I16, 3, dims, chunk, EM_FILL,
                                      &core, e->err);
    if (rc == EM_OK)
        rc = em_h5_begin_chunks(e->w, "ring_2", EM_H5_I16, 4, ring_dims, ring_chunk, EM_FILL, &ring,
                                e->err);
    hsize_t k = 0;
    for (int32_t b = 0; b < e->meta->n_band && rc == EM_OK; b++) {
        if (e->meta->bands[b].factor != 2) continue;
        for (size_t y = 0; y < t && rc == EM_OK; y += HALF) {
            for (size_t x = 0; x < t && rc == EM_OK; x += HALF) {
                const hsize_t offset[3] = {k, y, x};
                const hsize_t ring_offset[4] = {k, y / HALF, x / HALF, 0};
                cut(e, planes[b], pitch, x + EM_CUBE_HALO, y + EM_CUBE_HALO, HALF, 2);
                rc = put(e, core, offset, (size_t)HALF * HALF, 2, EM_FILL);
                cut_ring(e, planes[b], pitch, x, y);
                if (rc == EM_OK) rc = put(e, ring, ring_offset, RING, 2, EM_FILL);
            }
        }
        k++;
    }
    em_h5_end_chunks(core);
    em_h5_end_chunks(ring);
    return rc;
}

static em_status put_flags(const encoder *e, const uint8_t *flags)
{
    const size_t t = (size_t)e->meta->tile_px;
    const hsize_t dims[2] = {t, t};
    const hsize_t chunk[2] = {SIDE, SIDE};
    hid_t dataset = -1;
    em_status rc = em_h5_begin_chunks(e->w, "flags", EM_H5_U8, 2, dims, chunk, EK_FLAG_NODATA,
                                      &dataset, e->err);
    for (size_t y = 0; y < t && rc == EM_OK; y += SIDE) {
        for (size_t x = 0; x < t && rc == EM_OK; x += SIDE) {
            const hsize_t offset[2] = {y, x};
            cut(e, flags, t, x, y, SIDE, 1);
            rc = put(e, dataset, offset, (size_t)SIDE * SIDE, 1, EK_FLAG_NODATA);
        }
    }
    em_h5_end_chunks(dataset);
    return rc;
}

static em_status put_meta(const encoder *e)
{
    em_status rc = EM_OK;
    const em_cube_meta *const m = e->meta;
    em_str names = {0};
    em_str factors = {0};
    for (int32_t b = 0; b < m->n_band; b++) {
        em_str_printf(&names, "%s%s", b ? "," : "", m->bands[b].name);
        em_str_printf(&factors, "%s%d", b ? "," : "", m->bands[b].factor);
    }
    const struct {
        const char *name, *text;
    } texts[] = {{"format", "ecomon cube 1"},
                 {"scene", m->scene_id},
                 {"sensor", m->sensor},
                 {"content", m->content.hex},
                 {"key", m->key.hex},
                 {"crs", m->crs},
                 {"bands", em_str_text(&names)},
                 {"factors", em_str_text(&factors)},
                 {"unit", "reflectance x 10000"}};
    const struct {
        const char *name;
        int64_t value;
    } numbers[] = {{"time", m->time},       {"day", m->day},        {"pass", m->pass},
                   {"tile_px", m->tile_px}, {"east", m->tile.east}, {"north", m->tile.north},
                   {"n_clear", m->n_clear}, {"n_data", m->n_data}};
    EM_TRY(em_str_check(&names, e->err));
    EM_TRY(em_str_check(&factors, e->err));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        EM_TRY(em_h5_put_text(e->w, texts[i].name, texts[i].text, e->err));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        EM_TRY(em_h5_put_int(e->w, numbers[i].name, numbers[i].value, e->err));
    }
    EM_TRY(em_h5_put_double(e->w, "px", m->px, e->err));
    EM_TRY(em_h5_put_double(e->w, "ax", m->ax, e->err));
    EM_TRY(em_h5_put_double(e->w, "ay", m->ay, e->err));
done:
    em_str_release(&names);
    em_str_release(&factors);
    return rc;
}

em_status em_cube_encode(const em_cube_meta *meta, const int16_t *const *planes,
                         const uint8_t *flags, em_str *image, em_error *err)
{
    em_status rc = EM_OK;
    const size_t chunk = (size_t)SIDE * SIDE * 2;
    encoder e = {.meta = meta, .err = err};
    EM_TRY(em_calloc(chunk, 1, "chunk", &e.items, err));
    EM_TRY(em_calloc(chunk, 1, "chunk", &e.scratch, err));
    EM_TRY(em_calloc(em_pack_bound((size_t)SIDE * SIDE, 2), 1, "chunk", &e.packed, err));
    EM_TRY(em_h5_begin(&e.w, err));
    EM_TRY(put_meta(&e));
    EM_TRY(put_fine(&e, planes));
    EM_TRY(put_coarse(&e, planes));
    EM_TRY(put_flags(&e, flags));
    em_h5_writer *const w = e.w;
    e.w = NULL;
    rc = em_h5_finish(w, image, err);
done:
    em_h5_drop(e.w);
    em_free(e.items);
    em_free(e.scratch);
    em_free(e.packed);
    return rc;
}
