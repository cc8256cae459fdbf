#include "pipeline/run/accuracy.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernels/zonal/coverage.h"
#include "pipeline/base/memory.h"
#include "pipeline/run/compare.h"
#include "pipeline/run/run.h"

enum { STRIP = 256, MOST_CODES = 64 };

/* ---- a config's validation ---- */

em_status em_accuracy_points(const char *class_map, const em_config_samples *points,
                             const em_grid *grid, em_str *text, em_str *json, em_error *err)
{
    em_status rc = EM_OK;
    em_samples samples = {0};
    em_pixel_list pixels = {0};
    em_raster *map = NULL;
    em_comparison counts = {0};
    em_hash hash;
    const em_samples_source source = {points->path, points->layer, points->field, points->crs};
    EM_TRY(em_hash_file(class_map, &hash, err));
    EM_TRY(em_raster_open(class_map, &map, err));
    EM_TRY(em_samples_read(&source, grid, &samples, err));
    for (size_t i = 0; i < samples.n; i++) {
        EM_TRY(em_sample_pixels(&samples.items[i], em_sample_code(points, &samples.items[i]),
                                &pixels, err));
    }
    EM_TRY(em_compare_pixels(map, grid, &pixels, &counts, err));
    rc = em_comparison_report(&counts, class_map, &hash, text, json, err);
done:
    em_free(pixels.items);
    em_samples_release(&samples);
    em_raster_close(map);
    return rc;
}

/* ---- the command ---- */

/* "1=1,5=2": what a reference value means. */
typedef struct code_map {
    char from[MOST_CODES][64];
    uint8_t to[MOST_CODES];
    size_t n;
    bool given;
} code_map;

static em_status parse_codes(const char *text, code_map *out, em_error *err)
{
    *out = (code_map){.given = text != NULL};
    while (text && *text) {
        const char *const comma = strchr(text, ',');
        const size_t n = comma ? (size_t)(comma - text) : strlen(text);
        char pair[96];
        int64_t to = 0;
        snprintf(pair, sizeof pair, "%.*s", (int)n, text);
        char *const equals = strchr(pair, '=');
        if (equals) *equals = '\0';
        if (n >= sizeof pair || !equals || !em_parse_int(equals + 1, &to) || to < 1 || to > 9 ||
            !pair[0] || strlen(pair) >= sizeof out->from[0] || out->n == MOST_CODES) {
            return em_fail(err, EM_ECONFIG,
                           "--codes: expected VALUE=CODE pairs such as 1=1,5=2 with codes 1 to 9, "
                           "found \"%.*s\"",
                           (int)n, text);
        }
        snprintf(out->from[out->n], sizeof out->from[0], "%s", pair);
        out->to[out->n++] = (uint8_t)to;
        text += n + (comma != NULL);
    }
    return EM_OK;
}

static uint8_t code_of_value(const code_map *codes, const char *value)
{
    for (size_t i = 0; i < codes->n; i++) {
        if (strcmp(codes->from[i], value) == 0) return codes->to[i];
    }
    return 0;
}

/* The pixels of a raster as a grid of their own, pixel (0, 0) in its corner. */
static em_status grid_of(const char *path, const em_raster *map, em_grid *out, em_error *err)
{
    const em_raster_info *const i = em_raster_get_info(map);
    if (!i->crs[0]) return em_fail(err, EM_EINPUT, "%s: has no CRS", path);
    return em_grid_init(out, i->crs, i->pixel, i->x0, i->y0, 1024, err);
}

/* Polygons made ready for rows of pixels. */
typedef struct cover {
    em_samples samples;
    ek_zone *zones;
    void **memory;
} cover;

static void cover_release(cover *c)
{
    for (size_t i = 0; c->memory && i < c->samples.n; i++) em_free(c->memory[i]);
    em_free(c->memory);
    em_free(c->zones);
    em_samples_release(&c->samples);
}

static em_status cover_one(const em_sample *s, ek_zone *zone, void **memory, em_error *err)
{
    em_status rc = EM_OK;
    ek_zone_ring *rings = NULL;
    EM_TRY(em_calloc(s->n_ring + 1, sizeof *rings, "polygon", &rings, err));
    for (size_t r = 0; r < s->n_ring; r++)
        rings[r] = (ek_zone_ring){&s->rings[r].at[0][0], s->rings[r].n};
    EM_TRY(em_calloc(ek_zone_bytes(rings, s->n_ring), 1, "polygon", memory, err));
    if (ek_zone_init(rings, s->n_ring, *memory, zone) != EK_OK) {
        em_free(*memory); /* without area: nothing lies inside */
        *memory = NULL;
    }
done:
    em_free(rings);
    return rc;
}

static em_status cover_read(const char *path, const em_grid *grid, cover *out, em_error *err)
{
    em_status rc = EM_OK;
    *out = (cover){0};
    if (!path) return EM_OK;
    const em_samples_source source = {.path = path};
    EM_TRY(em_samples_read(&source, grid, &out->samples, err));
    EM_TRY(em_calloc(out->samples.n + 1, sizeof *out->zones, "polygons", &out->zones, err));
    EM_TRY(em_calloc(out->samples.n + 1, sizeof *out->memory, "polygons", &out->memory, err));
    for (size_t i = 0; i < out->samples.n; i++) {
        if (out->samples.items[i].n_ring)
            EM_TRY(cover_one(&out->samples.items[i], &out->zones[i], &out->memory[i], err));
    }
done:
    if (rc != EM_OK) {
        cover_release(out);
        *out = (cover){0};
        return em_context(err, rc, "--outside");
    }
    return rc;
}

/* inside[i] = 1 where the centre of the pixel lies in one of the polygons. one is scratch. */
static void mark_inside(const cover *c, ek_window window, uint8_t *one, uint8_t *inside)
{
    const size_t n = (size_t)(window.w * window.h);
    const em_rect rect = {window.x0, window.y0, window.x0 + window.w, window.y0 + window.h};
    memset(inside, 0, n);
    for (size_t k = 0; k < c->samples.n; k++) {
        if (!c->memory[k] || em_rect_empty(em_rect_clip(c->samples.items[k].box, rect))) continue;
        ek_centres(&c->zones[k], window, one);
        for (size_t i = 0; i < n; i++) inside[i] |= one[i];
    }
}

/* ---- raster against raster ---- */

typedef struct rasters {
    const em_accuracy_options *options;
    const code_map *codes;
    em_raster *map, *reference;
    em_rect common; /* in the map's pixels */
    int64_t dx, dy; /* reference pixel = map pixel + d */
} rasters;

static em_status align(rasters *r, em_error *err)
{
    const em_raster_info *const m = em_raster_get_info(r->map);
    const em_raster_info *const f = em_raster_get_info(r->reference);
    const double dx = (m->x0 - f->x0) / m->pixel;
    const double dy = (f->y0 - m->y0) / m->pixel;
    if (strcmp(m->crs, f->crs) != 0 || fabs(m->pixel - f->pixel) > 1e-9 * m->pixel ||
        fabs(dx - rint(dx)) > 1e-3 || fabs(dy - rint(dy)) > 1e-3) {
        return em_fail(err, EM_EINPUT,
                       "%s: does not lie on the map's pixels: expected %.60s, pixel %.9g, corner "
                       "%.3f %.3f, found %.60s, pixel %.9g, corner %.3f %.3f",
                       r->options->reference, m->crs, m->pixel, m->x0, m->y0, f->crs, f->pixel,
                       f->x0, f->y0);
    }
    r->dx = (int64_t)rint(dx);
    r->dy = (int64_t)rint(dy);
    r->common = em_rect_clip((em_rect){0, 0, m->cols, m->rows},
                             (em_rect){-r->dx, -r->dy, f->cols - r->dx, f->rows - r->dy});
    if (em_rect_empty(r->common))
        return em_fail(err, EM_EINPUT, "%s: does not overlap the map", r->options->reference);
    return EM_OK;
}

static uint8_t code_of_number(const code_map *codes, double value)
{
    if (!codes->given)
        return value >= 1 && value <= 9 && value == floor(value) ? (uint8_t)value : 0;
    for (size_t i = 0; i < codes->n; i++) {
        double from = 0;
        if (em_parse_double(codes->from[i], &from) && from == value) return codes->to[i];
    }
    return 0;
}

static em_status compare_strip(const rasters *r, const cover *outside, int64_t y, int64_t rows,
                               uint8_t *memory, double *values, em_comparison *out, em_error *err)
{
    const int64_t w = r->common.x1 - r->common.x0;
    uint8_t *const map = memory;
    uint8_t *const inside = memory + STRIP * w;
    uint8_t *const one = memory + 2 * STRIP * w;
    em_status rc = em_raster_read_u8(r->map, 1, (int32_t)r->common.x0, (int32_t)y, (int32_t)w,
                                     (int32_t)rows, map, err);
    if (rc == EM_OK)
        rc = em_raster_read_double(r->reference, 1, (int32_t)(r->common.x0 + r->dx),
                                   (int32_t)(y + r->dy), (int32_t)w, (int32_t)rows, values, err);
    if (rc != EM_OK) return rc;
    mark_inside(outside, (ek_window){r->common.x0, y, w, rows}, one, inside);
    uint8_t last_code = 0;
    double last = (double)NAN; /* neighbours are mostly equal */
    for (int64_t i = 0; i < w * rows; i++) {
        if (inside[i]) {
            out->masked++;
            continue;
        }
        if (values[i] != last) {
            last = values[i];
            last_code = code_of_number(r->codes, last);
        }
        em_comparison_add(out, map[i], last_code);
    }
    return EM_OK;
}

static em_status compare_rasters(rasters *r, const cover *outside, em_comparison *out,
                                 em_error *err)
{
    em_status rc = EM_OK;
    uint8_t *memory = NULL;
    double *values = NULL;
    EM_TRY(em_raster_open(r->options->reference, &r->reference, err));
    EM_TRY(align(r, err));
    const size_t n = (size_t)(r->common.x1 - r->common.x0) * STRIP;
    EM_TRY(em_calloc(3 * n, 1, "map strip", &memory, err));
    EM_TRY(em_calloc(n, sizeof *values, "reference strip", &values, err));
    for (int64_t y = r->common.y0; y < r->common.y1; y += STRIP) {
        const int64_t rows = r->common.y1 - y < STRIP ? r->common.y1 - y : STRIP;
        EM_TRY(compare_strip(r, outside, y, rows, memory, values, out, err));
    }
done:
    em_free(memory);
    em_free(values);
    em_raster_close(r->reference);
    return rc;
}

/* ---- points ---- */

static em_status compare_points(const rasters *r, const em_grid *grid, const cover *outside,
                                em_comparison *out, em_error *err)
{
    em_status rc = EM_OK;
    em_samples samples = {0};
    em_pixel_list pixels = {0};
    size_t kept = 0;
    const em_accuracy_options *const o = r->options;
    const em_samples_source source = {
        .path = o->points, .layer = o->layer, .field = o->field ? o->field : "class"};
    const em_config_samples legend = {0};
    EM_TRY(em_samples_read(&source, grid, &samples, err));
    for (size_t i = 0; i < samples.n; i++) {
        const em_sample *const s = &samples.items[i];
        const uint8_t code =
            r->codes->given ? code_of_value(r->codes, s->value) : em_sample_code(&legend, s);
        EM_TRY(em_sample_pixels(s, code, &pixels, err));
    }
    for (size_t i = 0; i < pixels.n; i++) {
        uint8_t inside = 0;
        uint8_t one = 0;
        mark_inside(outside, (ek_window){pixels.items[i].col, pixels.items[i].row, 1, 1}, &one,
                    &inside);
        out->masked += inside;
        if (!inside) pixels.items[kept++] = pixels.items[i];
    }
    pixels.n = kept;
    rc = em_compare_pixels(r->map, grid, &pixels, out, err);
done:
    em_free(pixels.items);
    em_samples_release(&samples);
    return rc;
}

em_status em_run_accuracy(const em_accuracy_options *options, em_summary *summary, em_str *json,
                          em_error *err)
{
    em_status rc = EM_OK;
    code_map codes;
    em_grid grid = {0};
    cover outside = {0};
    em_comparison counts = {0};
    em_hash hash;
    rasters r = {.options = options, .codes = &codes};
    if (!options->reference == !options->points)
        return em_fail(err, EM_ECONFIG, "accuracy needs either --reference or --points");
    EM_TRY(parse_codes(options->codes, &codes, err));
    EM_TRY(em_raster_open(options->map, &r.map, err));
    EM_TRY(em_hash_file(options->map, &hash, err));
    EM_TRY(grid_of(options->map, r.map, &grid, err));
    EM_TRY(cover_read(options->outside, &grid, &outside, err));
    rc = options->reference ? compare_rasters(&r, &outside, &counts, err)
                            : compare_points(&r, &grid, &outside, &counts, err);
    if (rc == EM_OK)
        rc = em_comparison_report(&counts, options->map, &hash, &summary->text, json, err);
done:
    cover_release(&outside);
    em_grid_release(&grid);
    em_raster_close(r.map);
    return rc;
}
