#include "pipeline/io/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/zonal/zone.h"
#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"
#include "pipeline/io/shape.h"
#include "pipeline/io/unit_checks.h"
#include "pipeline/io/vector.h"

/* The columns of one layer; -1: not read. */
typedef struct columns {
    int code, name, parent;
} columns;

/* Units of one layer while it is read: shapes[i] belongs to units[i]. */
typedef struct reading {
    const em_units_layer *layer;
    em_vector file;
    em_shaper shaper;
    columns columns;
    em_unit *units;
    GEOSGeometry **shapes;
    size_t n, cap_units, cap_shapes;
    double box[4];
} reading;

static void release_unit(em_unit *u)
{
    em_free(u->code);
    em_free(u->name);
    em_free(u->type);
    em_free(u->parent);
    em_free(u->code_system);
    em_free(u->why);
    em_rings_release(u->rings, u->n_ring);
    *u = (em_unit){0};
}

void em_units_release(em_units *units)
{
    for (size_t i = 0; i < units->n; i++) release_unit(&units->items[i]);
    em_free(units->items);
    em_list_release(&units->notes);
    for (size_t i = 0; i < units->n_file; i++) em_free(units->files[i]);
    em_free(units->files);
    *units = (em_units){0};
}

static void release_reading(reading *r)
{
    for (size_t i = 0; i < r->n; i++) {
        release_unit(&r->units[i]);
        if (r->shapes[i]) GEOSGeom_destroy_r(r->shaper.geos, r->shapes[i]);
    }
    em_free(r->units);
    em_free(r->shapes);
    em_shaper_close(&r->shaper);
    em_vector_close(&r->file);
}

static const char *or_else(const char *text, const char *fallback)
{
    return text ? text : fallback;
}

/* Opens the file of a layer and what its shapes need; r->shaper is not moved after this. */
static em_status open_layer(const em_units_layer *layer, const em_grid *grid, reading *r,
                            em_error *err)
{
    r->layer = layer;
    r->box[0] = 1; /* west > east: empty */
    em_status rc = em_vector_open(layer->path, layer->layer, layer->encoding, &r->file, err);
    if (rc != EM_OK) return rc;
    if (!r->file.crs) {
        return em_fail(err, EM_EINPUT,
                       "%.300s: the layer declares no coordinate system; a Shapefile needs its "
                       ".prj, a CSV cannot hold one",
                       layer->path);
    }
    rc = em_shaper_open(r->file.crs, grid, &r->shaper, err);
    return rc == EM_OK ? rc : em_context(err, rc, "%.300s", layer->path);
}

static em_status find_columns(reading *r, em_error *err)
{
    const em_units_layer *const l = r->layer;
    columns *const c = &r->columns;
    c->parent = -1;
    em_status rc = em_vector_field(&r->file, "units code", or_else(l->code, "code"), &c->code, err);
    if (rc == EM_OK)
        rc = em_vector_field(&r->file, "units name", or_else(l->name, "name"), &c->name, err);
    if (rc == EM_OK && l->parent)
        rc = em_vector_field(&r->file, "units parent", l->parent, &c->parent, err);
    return rc;
}

static em_status read_texts(reading *r, OGRFeatureH feature, em_unit *u, em_error *err)
{
    em_status rc = EM_OK;
    const size_t number = r->n + 1;
    const em_units_layer *const l = r->layer;
    EM_TRY(em_vector_text(&r->file, feature, r->columns.code, number, &u->code, err));
    EM_TRY(em_vector_text(&r->file, feature, r->columns.name, number, &u->name, err));
    if (r->columns.parent >= 0) {
        EM_TRY(em_vector_text(&r->file, feature, r->columns.parent, number, &u->parent, err));
    } else {
        EM_TRY(em_strdup(or_else(l->default_parent, ""), &u->parent, err));
    }
    EM_TRY(em_strdup(or_else(l->type, "town"), &u->type, err));
    EM_TRY(em_strdup(or_else(l->code_system, "local"), &u->code_system, err));
    EM_TRY(em_strdup("", &u->why, err));
    if (!u->code[0]) {
        rc = em_fail(err, EM_EINPUT, "%.300s: feature %zu has no code", l->path, number);
    }
done:
    return rc;
}

#define SMALL_M2 1.0 /* larger polygons cannot vanish by the rounding of their vertices */

/* Has the unit an area left after its vertices were rounded? */
static em_status check_area(const em_unit *u, em_str *why, em_error *err)
{
    if (u->area_m2 >= SMALL_M2) return EM_OK;
    em_status rc = EM_OK;
    ek_zone_ring *rings = NULL;
    void *memory = NULL;
    ek_zone zone;
    EM_TRY(em_calloc(u->n_ring, sizeof *rings, "rings", &rings, err));
    for (size_t i = 0; i < u->n_ring; i++) {
        rings[i] = (ek_zone_ring){u->rings[i].at[0], u->rings[i].n};
    }
    EM_TRY(em_calloc(1, ek_zone_bytes(rings, u->n_ring), "rings", &memory, err));
    if (ek_zone_init(rings, u->n_ring, memory, &zone) != EK_OK) {
        em_str_append(why, "it has no area left on the grid");
        rc = em_str_check(why, err);
    }
done:
    em_free(memory);
    em_free(rings);
    return rc;
}

/* Geometry, area and rings; what is wrong with the polygon goes into the unit. */
static em_status read_shape(reading *r, OGRFeatureH feature, em_unit *u, GEOSGeometry **shape,
                            em_error *err)
{
    em_str why = {0};
    em_error bad = {0};
    em_status rc = em_shape_read(&r->shaper, OGR_F_GetGeometryRef(feature), shape, &why, err);
    if (rc == EM_OK && *shape) rc = em_shape_area(&r->shaper, *shape, &u->area_m2, &bad);
    if (rc == EM_OK && *shape) rc = em_shape_bounds(&r->shaper, *shape, r->box, &bad);
    if (rc == EM_OK && *shape && r->shaper.grid) {
        rc = em_shape_rings(&r->shaper, *shape, &u->rings, &u->n_ring, &u->box, &bad);
    }
    if (rc == EM_EINPUT) { /* a vertex without a place: this polygon's fault */
        em_str_append(&why, bad.text);
        GEOSGeom_destroy_r(r->shaper.geos, *shape);
        *shape = NULL;
        rc = em_str_check(&why, err);
    } else if (rc != EM_OK && bad.text[0]) {
        rc = em_fail(err, bad.status, "%s", bad.text);
    }
    if (rc == EM_OK && *shape && r->shaper.grid) rc = check_area(u, &why, err);
    if (rc == EM_OK && why.size) rc = em_unit_reject(u, why.data, err);
    em_str_release(&why);
    return rc;
}

static em_status read_feature(reading *r, OGRFeatureH feature, em_error *err)
{
    em_status rc = EM_OK;
    em_unit unit = {0};
    GEOSGeometry *shape = NULL;
    EM_TRY(em_reserve(&r->units, &r->cap_units, r->n, r->n + 1, sizeof *r->units, "units", err));
    EM_TRY(em_reserve(&r->shapes, &r->cap_shapes, r->n, r->n + 1, sizeof(GEOSGeometry *),
                      "unit shapes", err));
    EM_TRY(read_texts(r, feature, &unit, err));
    EM_TRY(read_shape(r, feature, &unit, &shape, err));
    r->units[r->n] = unit;
    r->shapes[r->n++] = shape;
    return EM_OK;
done:
    release_unit(&unit);
    if (shape) GEOSGeom_destroy_r(r->shaper.geos, shape);
    return rc;
}

static em_status read_features(reading *r, em_error *err)
{
    for (;;) {
        OGRFeatureH feature = NULL;
        em_status rc = em_vector_next(&r->file, &feature, err);
        if (rc != EM_OK) return rc;
        if (!feature) break;
        rc = read_feature(r, feature, err);
        OGR_F_Destroy(feature);
        if (rc != EM_OK) return rc;
    }
    return r->n ? EM_OK : em_fail(err, EM_EINPUT, "%.300s: the layer is empty", r->layer->path);
}

static em_status check_layer(reading *r, const em_units_check *check, em_list *notes, em_error *err)
{
    em_status rc = EM_OK;
    em_str text = {0};
    const GEOSGeometry *const *const shapes = (const GEOSGeometry *const *)r->shapes;
    bool known = true;
    for (int k = 0; k < 4; k++) known = known && !isnan(check->expected_bbox[k]);
    if (known && r->box[0] <= r->box[2]) {
        rc = em_units_check_place(r->box, check->expected_bbox, err);
        if (rc != EM_OK) return em_context(err, rc, "%.300s", r->layer->path);
    }
    if (!known) {
        em_str_printf(&text,
                      "%s: units.expected_bbox is not set: a shifted datum (GCJ-02) would "
                      "not be noticed",
                      em_path_name(r->layer->path));
        EM_TRY(em_str_check(&text, err));
        EM_TRY(em_list_add(notes, text.data, err));
    }
    EM_TRY(em_units_check_overlaps(&r->shaper, shapes, r->units, r->n, check->overlap_tolerance_m2,
                                   notes, err));
    EM_TRY(em_units_check_gaps(&r->shaper, shapes, r->n, em_path_name(r->layer->path), notes, err));
done:
    em_str_release(&text);
    return rc;
}

/* Moves the layer's units into *out. */
static em_status append_units(reading *r, em_units *out, size_t *cap, em_error *err)
{
    const em_status rc =
        em_reserve(&out->items, cap, out->n, out->n + r->n, sizeof *out->items, "units", err);
    if (rc != EM_OK) return rc;
    memcpy(out->items + out->n, r->units, r->n * sizeof *r->units);
    out->n += r->n;
    memset(r->units, 0, r->n * sizeof *r->units);
    return EM_OK;
}

static int by_code(const void *a, const void *b)
{
    return strcmp((*(em_unit *const *)a)->code, (*(em_unit *const *)b)->code);
}

static em_status check_codes(const em_units *units, em_error *err)
{
    const em_unit **sorted = NULL;
    em_status rc = em_calloc(units->n, sizeof *sorted, "unit codes", &sorted, err);
    if (rc != EM_OK) return rc;
    for (size_t i = 0; i < units->n; i++) sorted[i] = &units->items[i];
    if (units->n) qsort(sorted, units->n, sizeof *sorted, by_code);
    for (size_t i = 0; rc == EM_OK && i + 1 < units->n; i++) {
        if (strcmp(sorted[i]->code, sorted[i + 1]->code) != 0) continue;
        rc = em_fail(err, EM_EINPUT,
                     "unit code %.60s stands twice: %.100s and %.100s; a unit is one feature (a "
                     "multipolygon if in parts)",
                     sorted[i]->code, sorted[i]->name, sorted[i + 1]->name);
    }
    em_free(sorted);
    return rc;
}

em_status em_units_read(const em_units_layer *layers, size_t n_layer, const em_units_check *check,
                        const em_grid *grid, em_units *out, em_error *err)
{
    em_status rc = EM_OK;
    em_units all = {0};
    em_list files = {0};
    size_t cap = 0;
    *out = (em_units){0};
    for (size_t i = 0; rc == EM_OK && i < n_layer; i++) {
        reading r = {0};
        rc = open_layer(&layers[i], grid, &r, err);
        if (rc == EM_OK) rc = find_columns(&r, err);
        if (rc == EM_OK) rc = read_features(&r, err);
        if (rc == EM_OK) rc = check_layer(&r, check, &all.notes, err);
        if (rc == EM_OK) rc = append_units(&r, &all, &cap, err);
        if (rc == EM_OK) rc = em_vector_files(&r.file, &files, err);
        release_reading(&r);
    }
    if (rc == EM_OK) rc = check_codes(&all, err);
    all.files = files.items;
    all.n_file = files.n;
    if (rc != EM_OK) em_units_release(&all);
    *out = all;
    return rc;
}

em_status em_units_bounds(const em_units_layer *layers, size_t n_layer, double out[4],
                          em_error *err)
{
    em_status rc = EM_OK;
    double box[4] = {1, 0, 0, 0};
    for (size_t i = 0; rc == EM_OK && i < n_layer; i++) {
        reading r = {0};
        rc = open_layer(&layers[i], NULL, &r, err);
        memcpy(r.box, box, sizeof box);
        if (rc == EM_OK) rc = find_columns(&r, err);
        if (rc == EM_OK) rc = read_features(&r, err);
        memcpy(box, r.box, sizeof box);
        release_reading(&r);
    }
    if (rc == EM_OK && box[0] > box[2]) {
        rc = em_fail(err, EM_EINPUT, "no layer has a usable polygon");
    }
    if (rc == EM_OK) memcpy(out, box, sizeof box);
    return rc;
}
