#include "pipeline/run/tables.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/io/outline.h"
#include "pipeline/io/tile_file.h"

/* Allowed between our sum and PROJ's geodesic area: straight edges on the grid are not geodesics.
 */
#define AREA_TOLERANCE 1e-4

static size_t find_unit(const em_units *units, const char *name)
{
    const char *const colon = strchr(name, ':');
    for (size_t u = 0; colon && u < units->n; u++) {
        const em_unit *const unit = &units->items[u];
        const size_t n = (size_t)(colon - name);
        if (strlen(unit->type) == n && memcmp(unit->type, name, n) == 0 &&
            strcmp(unit->code, colon + 1) == 0)
            return u;
    }
    return units->n;
}

static em_status fold_tile(const em_inputs *in, const em_tile_result *result, em_areas *out,
                           em_error *err)
{
    em_tile_planes planes;
    em_status rc =
        em_tile_file_read(result->path, result->carried ? NULL : &result->key, &planes, err);
    if (rc != EM_OK) return rc;
    for (size_t k = 0; k < planes.n_unit; k++) {
        const size_t u = find_unit(&in->units, planes.units.items[k]);
        if (u == in->units.n)
            continue; /* a carried tile may know a unit that the layer no longer has */
        for (size_t code = 0; code < 256; code++) {
            out->units[u].area[code] += planes.area[k * 256 + code];
            out->units[u].px[code] += planes.px[k * 256 + code];
        }
    }
    em_tile_planes_release(&planes);
    return EM_OK;
}

static void mark_incomplete(const em_inputs *in, const em_plan *plan, const em_tile_result *result,
                            em_areas *out)
{
    const em_rect rect = plan->tiles.items[result->tile].rect;
    for (size_t u = 0; u < in->units.n; u++) {
        const em_unit *const unit = &in->units.items[u];
        if (unit->state == EM_UNIT_OK && em_rings_touch(unit->rings, unit->n_ring, rect))
            out->units[u].complete = false;
    }
}

static void add_town(em_areas *out, const em_unit_areas *town)
{
    for (size_t code = 0; code < 256; code++) {
        out->county.area[code] += town->area[code];
        out->county.px[code] += town->px[code];
    }
    out->county.total += town->total;
    out->county.complete = out->county.complete && town->complete;
    out->n_town++;
}

em_status em_areas_fold(const em_inputs *inputs, const em_plan *plan, const em_results *results,
                        em_areas *out, em_error *err)
{
    em_status rc = EM_OK;
    *out = (em_areas){.county = {.complete = true}};
    EM_TRY(em_calloc(inputs->units.n + 1, sizeof *out->units, "unit areas", &out->units, err));
    for (size_t u = 0; u < inputs->units.n; u++)
        out->units[u].complete = inputs->units.items[u].state == EM_UNIT_OK;
    for (size_t r = 0; r < results->n; r++) {
        if (results->items[r].present) {
            EM_TRY(fold_tile(inputs, &results->items[r], out, err));
        } else {
            mark_incomplete(inputs, plan, &results->items[r], out);
        }
    }
    for (size_t u = 0; u < inputs->units.n; u++) {
        em_unit_areas *const areas = &out->units[u];
        for (size_t code = 0; code < 256; code++) areas->total += areas->area[code];
        const bool town = strcmp(inputs->units.items[u].type, "town") == 0;
        if (town) add_town(out, areas);
    }
done:
    if (rc != EM_OK) em_areas_release(out);
    return rc;
}

__attribute__((format(printf, 3, 4))) static em_status add_line(em_list *list, em_error *err,
                                                                const char *fmt, ...)
{
    char text[1000];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return em_list_add(list, text, err);
}

/* The towns' union against the boundary that somebody else drew. */
static em_status compare_boundary(const em_inputs *in, em_areas *areas, em_error *err)
{
    const em_config_county *const c = &in->config.county;
    double boundary = 0;
    double towns = 0;
    if (!c->boundary) return EM_OK;
    const em_status rc = em_outline_area(c->boundary, c->layer, &boundary, err);
    if (rc != EM_OK) return rc;
    for (size_t u = 0; u < in->units.n; u++) {
        if (strcmp(in->units.items[u].type, "town") == 0) towns += in->units.items[u].area_m2;
    }
    const double off = boundary > 0 ? 100 * (towns - boundary) / boundary : (double)INFINITY;
    const bool gates = !isnan(c->tolerance_pct) && !(fabs(off) <= c->tolerance_pct);
    return add_line(gates ? &areas->faults : &areas->notes, err,
                    "county %s: the towns have %.4f ha together, its boundary %.4f ha (%+.4f %%)",
                    c->code, towns * 1e-4, boundary * 1e-4, off);
}

em_status em_areas_check(const em_inputs *inputs, em_areas *areas, em_error *err)
{
    for (size_t u = 0; u < inputs->units.n; u++) {
        const em_unit *const unit = &inputs->units.items[u];
        if (!areas->units[u].complete) continue;
        const double found = (double)areas->units[u].total * 1e-6;
        const double off = fabs(found - unit->area_m2);
        if (off <= fmax(AREA_TOLERANCE * unit->area_m2, 1.0)) continue;
        const em_status rc = add_line(
            &areas->faults, err,
            "%s %s %s: classes add up to %.2f m2, its polygon has %.2f m2 (%.4f %% apart)",
            unit->type, unit->code, unit->name, found, unit->area_m2, 100 * off / unit->area_m2);
        if (rc != EM_OK) return rc;
    }
    return compare_boundary(inputs, areas, err);
}

void em_areas_release(em_areas *areas)
{
    em_free(areas->units);
    em_list_release(&areas->faults);
    em_list_release(&areas->notes);
    *areas = (em_areas){0};
}
