#include "pipeline/demo/truth.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernels/zonal/accumulate.h"
#include "kernels/zonal/coverage.h"
#include "pipeline/base/date.h"
#include "pipeline/base/memory.h"
#include "pipeline/config/classes.h"
#include "pipeline/io/geo.h"
#include "pipeline/io/vector_write.h"

enum { STRIP = 256 };

void em_truth_classes(const em_world *world, int32_t day, uint8_t *out)
{
    const size_t n = (size_t)world->width * (size_t)world->height;
    for (size_t i = 0; i < n; i++) out[i] = em_world_class(world, i, day);
}

/* ---- areas ---- */

typedef struct strips {
    const em_world *world;
    em_grid grid; /* pixel (0, 0) in the scene's corner */
    double *coverage, *area;
    uint8_t *centre;
    ek_arena arena;
} strips;

static em_status strips_init(const em_world *w, strips *s, em_error *err)
{
    const size_t n = (size_t)w->width * STRIP;
    *s = (strips){.world = w};
    em_status rc =
        em_grid_init(&s->grid, EM_DEMO_CRS, EM_DEMO_PIXEL, EM_DEMO_X0, EM_DEMO_Y0, 1024, err);
    if (rc == EM_OK) rc = em_calloc(n, sizeof *s->coverage, "coverage", &s->coverage, err);
    if (rc == EM_OK) rc = em_calloc(n, sizeof *s->area, "pixel areas", &s->area, err);
    if (rc == EM_OK) rc = em_calloc(n, 1, "centres", &s->centre, err);
    if (rc == EM_OK) rc = em_arena_init(&s->arena, ek_coverage_scratch_bytes(w->width, STRIP), err);
    return rc;
}

static void strips_release(strips *s)
{
    em_grid_release(&s->grid);
    em_free(s->coverage);
    em_free(s->area);
    em_free(s->centre);
    em_arena_release(&s->arena);
}

static em_status sum_town(strips *s, const ek_zone *zone, const uint8_t *classes, ek_zonal_sum *sum,
                          em_error *err)
{
    const em_world *const w = s->world;
    for (int32_t y = 0; y < w->height; y += STRIP) {
        const int32_t rows = w->height - y < STRIP ? w->height - y : STRIP;
        const ek_window window = {0, y, w->width, rows};
        const em_status rc =
            em_pixel_area(&s->grid, (em_rect){0, y, w->width, y + rows}, s->area, err);
        if (rc != EM_OK) return rc;
        ek_coverage(zone, window, s->coverage, &s->arena);
        ek_centres(zone, window, s->centre);
        ek_zonal_add(classes + (size_t)y * (size_t)w->width, s->coverage, s->centre, s->area,
                     (size_t)rows * (size_t)w->width, sum);
    }
    return EM_OK;
}

static em_status add_town(strips *s, const em_outline *town, const uint8_t *classes, em_str *out,
                          em_error *err)
{
    em_status rc = EM_OK;
    double(*xy)[2] = NULL;
    void *memory = NULL;
    ek_zone zone;
    ek_zonal_sum *sum = NULL;
    EM_TRY(em_calloc(town->n, sizeof *xy, "outline", &xy, err));
    EM_TRY(em_calloc(1, sizeof *sum, "areas", &sum, err));
    for (size_t i = 0; i < town->n; i++)
        em_grid_to_pixel(&s->grid, town->xy[i][0], town->xy[i][1], &xy[i][0], &xy[i][1]);
    const ek_zone_ring ring = {&xy[0][0], town->n};
    EM_TRY(em_calloc(ek_zone_bytes(&ring, 1), 1, "outline", &memory, err));
    if (ek_zone_init(&ring, 1, memory, &zone) != EK_OK) {
        rc = em_fail(err, EM_EINTERNAL, "the made town %s has no area", town->code);
        goto done;
    }
    EM_TRY(sum_town(s, &zone, classes, sum, err));
    for (int code = 1; code <= 7; code++) {
        char ha[64];
        em_print_fixed((double)sum->area[code] * 1e-10, 4, ha);
        em_str_printf(out, "%s,%s,%d,%s\n", town->code, town->name, code, ha);
    }
done:
    em_free(xy);
    em_free(memory);
    em_free(sum);
    return rc;
}

em_status em_truth_areas(const em_world *world, const em_county *county, const uint8_t *classes,
                         em_str *out, em_error *err)
{
    strips s;
    em_status rc = strips_init(world, &s, err);
    em_str_append(out, "unit_code,unit_name,class_code,area_ha\n");
    for (int t = 0; t < EM_DEMO_TOWNS && rc == EM_OK; t++)
        rc = add_town(&s, &county->towns[t], classes, out, err);
    strips_release(&s);
    return rc == EM_OK ? em_str_check(out, err) : rc;
}

/* ---- changes ---- */

em_status em_truth_changes(const em_world *w, em_str *out, em_error *err)
{
    static const char *const fields[] = {"from", "to", "date"};
    em_layer_writer *layer = NULL;
    em_status rc = em_layer_begin("changes", EM_DEMO_CRS, false, fields, 3,
                                  "MADE: planted changes of a demonstration county", &layer, err);
    for (int64_t id = 0; id < (int64_t)w->rows * w->cols && rc == EM_OK; id++) {
        const em_parcel *const p = &w->parcels[id];
        const bool inside =
            p->x >= 0 && p->y >= 0 && p->x < (float)w->width && p->y < (float)w->height;
        if (!p->later || !inside) continue;
        const em_date d = em_date_from_day(p->day);
        char date[40];
        snprintf(date, sizeof date, "%04d-%02d-%02d", d.year, d.month, d.day);
        const double at[1][2] = {{EM_DEMO_X0 + EM_DEMO_PIXEL * floor((double)p->x),
                                  EM_DEMO_Y0 - EM_DEMO_PIXEL * floor((double)p->y)}};
        const char *const values[] = {em_class_by_code(p->code)->key,
                                      em_class_by_code(p->later)->key, date};
        rc = em_layer_add(layer, at, 1, values, err);
    }
    if (rc == EM_OK) return em_layer_finish(layer, out, err);
    em_layer_drop(layer);
    return rc;
}
