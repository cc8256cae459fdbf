#include "pipeline/run/compare.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "pipeline/base/memory.h"
#include "pipeline/config/classes.h"

enum { STRIP = 256, CODES = 9 };

void em_comparison_add(em_comparison *c, uint8_t map, uint8_t reference)
{
    if (reference < 1 || reference > CODES) {
        c->not_listed++;
    } else if (map < 1 || map > CODES) {
        c->no_class++;
    } else {
        c->n[map][reference]++;
    }
}

/* ---- places ---- */

static int by_row(const void *a, const void *b)
{
    const em_sample_pixel *const p = a;
    const em_sample_pixel *const q = b;
    if (p->row != q->row) return p->row < q->row ? -1 : 1;
    return (p->col > q->col) - (p->col < q->col);
}

em_status em_compare_pixels(em_raster *map, const em_grid *grid, em_pixel_list *pixels,
                            em_comparison *out, em_error *err)
{
    em_status rc = EM_OK;
    uint8_t *strip = NULL;
    double corner[2];
    const em_raster_info *const info = em_raster_get_info(map);
    em_grid_to_pixel(grid, info->x0, info->y0, &corner[0], &corner[1]);
    const int64_t x0 = (int64_t)rint(corner[0]);
    const int64_t y0 = (int64_t)rint(corner[1]);
    int64_t from = -1; /* row of the map that the strip begins with */
    EM_TRY(em_calloc((size_t)info->cols, STRIP, "map strip", &strip, err));
    if (pixels->n) qsort(pixels->items, pixels->n, sizeof *pixels->items, by_row);
    for (size_t i = 0; i < pixels->n; i++) {
        const int64_t x = pixels->items[i].col - x0;
        const int64_t y = pixels->items[i].row - y0;
        if (x < 0 || y < 0 || x >= info->cols || y >= info->rows) {
            out->off_map++;
            continue;
        }
        if (y / STRIP * STRIP != from) {
            from = y / STRIP * STRIP;
            const int64_t rows = info->rows - from < STRIP ? info->rows - from : STRIP;
            EM_TRY(
                em_raster_read_u8(map, 1, 0, (int32_t)from, info->cols, (int32_t)rows, strip, err));
        }
        em_comparison_add(out, strip[(y - from) * info->cols + x], pixels->items[i].code);
    }
done:
    em_free(strip);
    return rc;
}

/* ---- report ---- */

/* Codes that stand in the map or the reference, and their confusion. */
static int32_t compress(const em_comparison *c, int code[CODES], ek_confusion *out)
{
    int32_t n = 0;
    for (int k = 1; k <= CODES; k++) {
        int64_t any = 0;
        for (int j = 1; j <= CODES; j++) any += c->n[k][j] + c->n[j][k];
        if (any) code[n++] = k;
    }
    *out = (ek_confusion){.n_class = n};
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++) out->n[i][j] = c->n[code[i]][code[j]];
    }
    return n;
}

static void append_share(em_str *out, double value)
{
    char text[64] = "-";
    if (!isnan(value)) em_print_fixed(value, 4, text);
    em_str_printf(out, " %8s", text);
}

static void print_text(const em_comparison *c, const ek_confusion *m, const int *code,
                       const ek_accuracy *a, em_str *out)
{
    em_str_printf(out, "accuracy  %lld places, overall", (long long)a->total);
    append_share(out, a->overall);
    em_str_append(out, ", kappa");
    append_share(out, a->kappa);
    em_str_append(out, ", macro F1");
    append_share(out, a->macro_f1);
    em_str_append(out, "\n  map \\ reference");
    for (int32_t j = 0; j < m->n_class; j++)
        em_str_printf(out, " %9.9s", em_class_by_code(code[j])->key);
    em_str_append(out, "     user producer       F1\n");
    for (int32_t i = 0; i < m->n_class; i++) {
        em_str_printf(out, "  %-15s", em_class_by_code(code[i])->key);
        for (int32_t j = 0; j < m->n_class; j++)
            em_str_printf(out, " %9lld", (long long)m->n[i][j]);
        append_share(out, a->user[i]);
        append_share(out, a->producer[i]);
        append_share(out, a->f1[i]);
        em_str_printf(out, "  %s\n", em_class_by_code(code[i])->name_zh);
    }
    if (c->no_class + c->off_map + c->not_listed + c->masked) {
        em_str_printf(
            out,
            "  left out: %lld without a class in the map, %lld off the map, %lld of other "
            "reference values, %lld inside the polygons\n",
            (long long)c->no_class, (long long)c->off_map, (long long)c->not_listed,
            (long long)c->masked);
    }
}

static json_t *real_or_null(double value)
{
    return isnan(value) ? json_null() : json_real(value);
}

static em_status print_json(const em_comparison *c, const ek_confusion *m, const int *code,
                            const ek_accuracy *a, const em_hash *map, em_str *out, em_error *err)
{
    json_t *const classes = json_array();
    json_t *const matrix = json_array();
    for (int32_t i = 0; i < m->n_class; i++) {
        json_t *const row = json_array();
        for (int32_t j = 0; j < m->n_class; j++)
            json_array_append_new(row, json_integer(m->n[i][j]));
        json_array_append_new(matrix, row);
        json_array_append_new(classes, json_pack("{s:i, s:s, s:o, s:o, s:o}", "code", code[i],
                                                 "key", em_class_by_code(code[i])->key, "user",
                                                 real_or_null(a->user[i]), "producer",
                                                 real_or_null(a->producer[i]), "f1",
                                                 real_or_null(a->f1[i])));
    }
    json_t *const left = json_pack("{s:I, s:I, s:I, s:I}", "no_class", (json_int_t)c->no_class,
                                   "off_map", (json_int_t)c->off_map, "other_reference",
                                   (json_int_t)c->not_listed, "masked", (json_int_t)c->masked);
    json_t *const root =
        json_pack("{s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "map_sha256", map->hex, "places",
                  (json_int_t)a->total, "overall", real_or_null(a->overall), "kappa",
                  real_or_null(a->kappa), "macro_f1", real_or_null(a->macro_f1), "classes", classes,
                  "confusion_map_by_reference", matrix, "left_out", left);
    char *const text = root ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) : NULL;
    if (text) em_str_append(out, text);
    free(text);
    json_decref(root);
    if (!text) return em_fail(err, EM_EENV, "accuracy: memory refused");
    em_str_append(out, "\n");
    return em_str_check(out, err);
}

em_status em_comparison_report(const em_comparison *c, const char *map, const em_hash *map_hash,
                               em_str *text, em_str *json, em_error *err)
{
    int code[CODES];
    ek_confusion confusion;
    ek_accuracy accuracy;
    if (compress(c, code, &confusion) == 0) {
        return em_fail(
            err, EM_EINPUT,
            "%s: no place is left to compare: %lld have no class in the map, %lld lie off "
            "it, %lld have other reference values, %lld lie inside the polygons",
            map, (long long)c->no_class, (long long)c->off_map, (long long)c->not_listed,
            (long long)c->masked);
    }
    ek_confusion_accuracy(&confusion, &accuracy);
    print_text(c, &confusion, code, &accuracy, text);
    const em_status rc = em_str_check(text, err);
    return rc == EM_OK ? print_json(c, &confusion, code, &accuracy, map_hash, json, err) : rc;
}
