#include "pipeline/io/tile_file.h"

#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/config/classes.h"
#include "pipeline/io/h5.h"

enum { SIDE = EM_BLOCK, MOST_UNITS = 100000 };

em_status em_tile_planes_init(int32_t side, size_t n_unit, em_tile_planes *out, em_error *err)
{
    em_status rc = EM_OK;
    const size_t n = (size_t)side * (size_t)side;
    *out = (em_tile_planes){.side = side, .n_unit = n_unit};
    EM_TRY(em_calloc(n, 1, "tile classes", &out->classes, err));
    EM_TRY(em_calloc(n, 1, "tile confidence", &out->confidence, err));
    EM_TRY(em_calloc(n, sizeof *out->clear, "tile looks", &out->clear, err));
    EM_TRY(em_calloc(n_unit * 256, sizeof *out->area, "tile areas", &out->area, err));
    EM_TRY(em_calloc(n_unit * 256, sizeof *out->px, "tile areas", &out->px, err));
done:
    if (rc != EM_OK) em_tile_planes_release(out);
    return rc;
}

void em_tile_planes_release(em_tile_planes *p)
{
    em_free(p->classes);
    em_free(p->confidence);
    em_free(p->clear);
    em_free(p->area);
    em_free(p->px);
    em_list_release(&p->units);
    *p = (em_tile_planes){0};
}

/* One plane in chunks of 256 x 256. */
static em_status put_plane(em_h5_writer *w, const char *name, const void *plane, size_t side,
                           em_h5_type type, int32_t fill, em_error *err)
{
    em_status rc = EM_OK;
    const size_t size = em_h5_size(type);
    const size_t n = (size_t)SIDE * SIDE;
    unsigned char *memory = NULL;
    hid_t dataset = -1;
    const hsize_t dims[2] = {side, side};
    EM_TRY(em_calloc(2 * n * size + em_pack_bound(n, size), 1, "chunk", &memory, err));
    EM_TRY(em_h5_begin_chunks(w, name, type, 2, dims, (const hsize_t[]){SIDE, SIDE}, fill, &dataset,
                              err));
    for (size_t y = 0; y < side; y += SIDE) {
        for (size_t x = 0; x < side; x += SIDE) {
            size_t packed = 0;
            for (size_t row = 0; row < SIDE; row++) {
                memcpy(memory + row * SIDE * size,
                       (const char *)plane + ((y + row) * side + x) * size, SIDE * size);
            }
            EM_TRY(
                em_pack(memory, n, size, memory + n * size, memory + 2 * n * size, &packed, err));
            EM_TRY(em_h5_put_chunk(dataset, (const hsize_t[]){y, x}, memory + 2 * n * size, packed,
                                   err));
        }
    }
done:
    em_h5_end_chunks(dataset);
    em_free(memory);
    return rc;
}

em_status em_tile_file_encode(const em_tile_planes *p, const char *tile, const em_hash *key,
                              em_str *image, em_error *err)
{
    em_status rc = EM_OK;
    em_h5_writer *w = NULL;
    em_str units = {0};
    const size_t side = (size_t)p->side;
    const hsize_t dims[2] = {p->n_unit, 256};
    for (size_t u = 0; u < p->n_unit; u++) em_str_printf(&units, "%s\n", p->units.items[u]);
    EM_TRY(em_str_check(&units, err));
    EM_TRY(em_h5_begin(&w, err));
    EM_TRY(em_h5_put_text(w, "format", "ecomon tile 1", err));
    EM_TRY(em_h5_put_text(w, "tile", tile, err));
    EM_TRY(em_h5_put_text(w, "key", key->hex, err));
    EM_TRY(em_h5_put_int(w, "side", p->side, err));
    EM_TRY(em_h5_put_int(w, "n_unit", (int64_t)p->n_unit, err));
    EM_TRY(em_h5_put_array(w, "units", EM_H5_U8, 1, (const hsize_t[]){units.size + 1},
                           em_str_text(&units), err));
    EM_TRY(put_plane(w, "class", p->classes, side, EM_H5_U8, EM_CLASS_OUTSIDE, err));
    EM_TRY(put_plane(w, "confidence", p->confidence, side, EM_H5_U8, 255, err));
    EM_TRY(put_plane(w, "clear", p->clear, side, EM_H5_U16, 0, err));
    if (p->n_unit) {
        EM_TRY(em_h5_put_array(w, "area", EM_H5_I64, 2, dims, p->area, err));
        EM_TRY(em_h5_put_array(w, "px", EM_H5_I64, 2, dims, p->px, err));
    }
    em_h5_writer *const done_with = w;
    w = NULL;
    rc = em_h5_finish(done_with, image, err);
done:
    em_h5_drop(w);
    em_str_release(&units);
    return rc;
}

static em_status get_units(const em_h5_reader *r, size_t n_unit, em_list *out, em_error *err)
{
    hsize_t n = 0;
    char *text = NULL;
    em_status rc = em_h5_get_array(r, "units", EM_H5_U8, 1, &n, 64 << 20, &text, err);
    if (rc != EM_OK) return rc;
    if (n == 0 || text[n - 1] != '\0')
        rc = em_fail(err, EM_EINPUT, "%s: unit list is damaged", r->path);
    for (char *at = text; rc == EM_OK && *at;) {
        char *const end = strchr(at, '\n');
        if (end) *end = '\0';
        rc = em_list_add(out, at, err);
        at = end ? end + 1 : at + strlen(at);
    }
    if (rc == EM_OK && out->n != n_unit)
        rc = em_fail(err, EM_EINPUT, "%s: unit list is damaged", r->path);
    em_free(text);
    return rc;
}

static em_status get_plane(const em_h5_reader *r, const char *name, em_h5_type type, size_t side,
                           void *out, em_error *err)
{
    hsize_t dims[2] = {0};
    em_status rc = em_h5_get_array(r, name, type, 2, dims, 2048 * 2048, out, err);
    if (rc == EM_OK && (dims[0] != side || dims[1] != side))
        rc = em_fail(err, EM_EINPUT, "%s: %s has another size", r->path, name);
    return rc;
}

static em_status get_sums(const em_h5_reader *r, em_tile_planes *p, em_error *err)
{
    hsize_t dims[2] = {0};
    if (!p->n_unit) return EM_OK;
    em_status rc =
        em_h5_get_array(r, "area", EM_H5_I64, 2, dims, (size_t)MOST_UNITS * 256, &p->area, err);
    if (rc == EM_OK && (dims[0] != p->n_unit || dims[1] != 256))
        rc = em_fail(err, EM_EINPUT, "%s: area has another size", r->path);
    if (rc == EM_OK)
        rc = em_h5_get_array(r, "px", EM_H5_I64, 2, dims, (size_t)MOST_UNITS * 256, &p->px, err);
    if (rc == EM_OK && (dims[0] != p->n_unit || dims[1] != 256))
        rc = em_fail(err, EM_EINPUT, "%s: px has another size", r->path);
    return rc;
}

em_status em_tile_file_read(const char *path, const em_hash *key, em_tile_planes *out,
                            em_error *err)
{
    em_status rc = EM_OK;
    em_h5_reader r = {0};
    em_str text = {0};
    int64_t side = 0;
    int64_t n_unit = 0;
    *out = (em_tile_planes){0};
    EM_TRY(em_h5_open(path, &r, err));
    EM_TRY(em_h5_get_text(&r, "format", &text, err));
    if (strcmp(text.data, "ecomon tile 1") != 0) {
        rc = em_fail(err, EM_EINPUT, "%s: no tile file of this program", path);
        goto done;
    }
    em_str_clear(&text);
    EM_TRY(em_h5_get_text(&r, "key", &text, err));
    if (key && strcmp(text.data, key->hex) != 0) {
        rc =
            em_fail(err, EM_EINPUT, "%s: holds task %.12s, expected %.12s; remove it and run again",
                    path, text.data, key->hex);
        goto done;
    }
    EM_TRY(em_h5_get_int(&r, "side", &side, err));
    EM_TRY(em_h5_get_int(&r, "n_unit", &n_unit, err));
    if (side < SIDE || side > 2048 || n_unit < 0 || n_unit > MOST_UNITS) {
        rc = em_fail(err, EM_EINPUT, "%s: tile side %lld or %lld units are out of range", path,
                     (long long)side, (long long)n_unit);
        goto done;
    }
    out->side = (int32_t)side;
    out->n_unit = (size_t)n_unit;
    EM_TRY(get_units(&r, out->n_unit, &out->units, err));
    EM_TRY(get_plane(&r, "class", EM_H5_U8, (size_t)side, &out->classes, err));
    EM_TRY(get_plane(&r, "confidence", EM_H5_U8, (size_t)side, &out->confidence, err));
    EM_TRY(get_plane(&r, "clear", EM_H5_U16, (size_t)side, &out->clear, err));
    EM_TRY(get_sums(&r, out, err));
done:
    em_h5_close(&r);
    em_str_release(&text);
    if (rc != EM_OK) em_tile_planes_release(out);
    return rc;
}
