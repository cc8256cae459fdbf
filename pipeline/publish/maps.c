#include "pipeline/publish/maps.h"

#include <string.h>

#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"
#include "pipeline/config/classes.h"
#include "pipeline/io/cog.h"
#include "pipeline/io/tile_file.h"
#include "pipeline/publish/style.h"

#define CLEAR_OUTSIDE 65535

typedef enum product {
    PRODUCT_CLASS,
    PRODUCT_CONFIDENCE,
    PRODUCT_CLEAR,
} product;

static em_status find_product(const char *name, product *out, em_error *err)
{
    static const char *const names[] = {"class", "confidence", "clear"};
    for (int i = 0; i < 3; i++) {
        *out = (product)i;
        if (strcmp(names[i], name) == 0) return EM_OK;
    }
    return em_fail(err, EM_EINTERNAL, "there is no map product %s", name);
}

/* ---- pixels ---- */

typedef struct canvas {
    em_rect area;
    product kind;
    uint8_t *bytes;  /* class and confidence */
    uint16_t *words; /* clear */
    int32_t most;    /* largest clear count */
} canvas;

static void set_row(canvas *c, size_t at, size_t n, uint8_t byte, uint16_t word)
{
    if (c->kind != PRODUCT_CLEAR) {
        memset(c->bytes + at, byte, n);
        return;
    }
    for (size_t i = 0; i < n; i++) c->words[at + i] = word;
}

/* One row of a tile: n pixels from place `from` of the tile. */
static void copy_row(canvas *c, size_t at, size_t n, const em_tile_planes *p, size_t from)
{
    if (c->kind == PRODUCT_CLASS) {
        memcpy(c->bytes + at, p->classes + from, n);
    } else if (c->kind == PRODUCT_CONFIDENCE) {
        memcpy(c->bytes + at, p->confidence + from, n);
    } else {
        for (size_t i = 0; i < n; i++) {
            const bool outside = p->classes[from + i] == EM_CLASS_OUTSIDE;
            c->words[at + i] = outside ? CLEAR_OUTSIDE : p->clear[from + i];
            if (!outside && p->clear[from + i] > c->most) c->most = p->clear[from + i];
        }
    }
}

static em_status place_tile(canvas *c, const em_map_tile *tile, em_error *err)
{
    em_tile_planes planes = {0};
    const em_rect in = em_rect_clip(tile->rect, c->area);
    if (em_rect_empty(in)) return EM_OK;
    if (tile->path) {
        const em_status rc = em_tile_file_read(tile->path, tile->key, &planes, err);
        if (rc != EM_OK) return rc;
    }
    const size_t width = (size_t)(c->area.x1 - c->area.x0);
    const size_t n = (size_t)(in.x1 - in.x0);
    for (int64_t y = in.y0; y < in.y1; y++) {
        const size_t at = (size_t)(y - c->area.y0) * width + (size_t)(in.x0 - c->area.x0);
        const size_t from =
            (size_t)(y - tile->rect.y0) * (size_t)planes.side + (size_t)(in.x0 - tile->rect.x0);
        if (tile->path) {
            copy_row(c, at, n, &planes, from);
        } else {
            set_row(c, at, n, c->kind == PRODUCT_CLASS ? EM_CLASS_NOOBS : 255, 0);
        }
    }
    if (tile->path) em_tile_planes_release(&planes);
    return EM_OK;
}

static em_status assemble(canvas *c, const em_map_tile *tiles, size_t n, em_error *err)
{
    const size_t width = (size_t)(c->area.x1 - c->area.x0);
    const size_t height = (size_t)(c->area.y1 - c->area.y0);
    em_status rc = c->kind == PRODUCT_CLEAR
                       ? em_calloc(width * height, sizeof *c->words, "map", &c->words, err)
                       : em_calloc(width * height, 1, "map", &c->bytes, err);
    if (rc != EM_OK) return rc;
    set_row(c, 0, width * height, 255, CLEAR_OUTSIDE);
    for (size_t t = 0; t < n && rc == EM_OK; t++) rc = place_tile(c, &tiles[t], err);
    return rc;
}

/* ---- files ---- */

static em_status publish(const char *folder, const char *name, const char *suffix,
                         const em_str *bytes, em_list *files, em_error *err)
{
    em_status rc = EM_OK;
    em_str path = {0};
    em_str_printf(&path, "%s/%s%s", folder, name, suffix);
    EM_TRY(em_str_check(&path, err));
    EM_TRY(em_file_publish(path.data, bytes->data, bytes->size, err));
    EM_TRY(em_list_add(files, em_path_name(path.data), err));
done:
    em_str_release(&path);
    return rc;
}

static em_status encode(const canvas *c, const em_grid *grid, em_str *out, em_error *err)
{
    static const char *const what[] = {"land cover class", "confidence, per cent of the votes",
                                       "clear looks in the period"};
    uint32_t colours[256];
    em_style_class_colours(colours);
    const bool classes = c->kind == PRODUCT_CLASS;
    const bool wide = c->kind == PRODUCT_CLEAR;
    const em_cog cog = {.grid = grid,
                        .area = c->area,
                        .wide = wide,
                        .pixels = wide ? (const void *)c->words : c->bytes,
                        .nodata = wide ? CLEAR_OUTSIDE : 255,
                        .by_mode = classes,
                        .colours = classes ? colours : NULL,
                        .description = what[c->kind]};
    return em_cog_encode(&cog, out, err);
}

static em_status make_aux(product kind, em_str *out, em_error *err)
{
    if (kind == PRODUCT_CLASS) return em_style_class_aux(out, err);
    return em_style_plain_aux(kind == PRODUCT_CONFIDENCE
                                  ? "分类置信度 confidence, per cent of the votes"
                                  : "有效观测次数 clear looks in the period",
                              out, err);
}

static em_status make_qml(const canvas *c, em_str *out, em_error *err)
{
    if (c->kind == PRODUCT_CLASS) return em_style_class_qml(out, err);
    if (c->kind == PRODUCT_CONFIDENCE)
        return em_style_ramp_qml("分类置信度", "confidence", " %", 100, out, err);
    return em_style_ramp_qml("有效观测次数", "clear looks", "", c->most > 5 ? c->most : 5, out,
                             err);
}

em_status em_map_publish(const em_grid *grid, em_rect area, const em_map_tile *tiles, size_t n,
                         const char *name, const char *folder, em_list *files, em_error *err)
{
    em_status rc = EM_OK;
    canvas c = {.area = area};
    em_str bytes = {0};
    EM_TRY(find_product(name, &c.kind, err));
    EM_TRY(assemble(&c, tiles, n, err));
    EM_TRY(encode(&c, grid, &bytes, err));
    EM_TRY(publish(folder, name, ".tif", &bytes, files, err));
    em_str_release(&bytes);
    EM_TRY(make_aux(c.kind, &bytes, err));
    EM_TRY(publish(folder, name, ".tif.aux.xml", &bytes, files, err));
    em_str_release(&bytes);
    EM_TRY(make_qml(&c, &bytes, err));
    EM_TRY(publish(folder, name, ".qml", &bytes, files, err));
done:
    em_str_release(&bytes);
    em_free(c.bytes);
    em_free(c.words);
    return rc == EM_OK ? rc : em_context(err, rc, "map %s", name);
}
