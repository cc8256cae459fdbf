/* Training samples (units.h): polygons and points of one class each. */
#include <cpl_error.h>
#include <math.h>
#include <ogr_api.h>
#include <string.h>
#include <strings.h>

#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"
#include "pipeline/io/geo.h"
#include "pipeline/io/shape.h"
#include "pipeline/io/units.h"
#include "pipeline/io/vector.h"

typedef struct source {
    em_vector file;
    em_shaper shaper;
    int field;     /* of the class */
    int wkt;       /* CSV: column with the geometry as text; -1: none */
    int xy[2];     /* CSV: columns of a point; -1: none */
    size_t cap;    /* of the list that is filled */
    size_t number; /* of the feature at hand, from 1 */
} source;

static void release_sample(em_sample *s)
{
    em_rings_release(s->rings, s->n_ring);
    em_free(s->value);
}

void em_samples_release(em_samples *samples)
{
    for (size_t i = 0; i < samples->n; i++) release_sample(&samples->items[i]);
    em_free(samples->items);
    em_list_release(&samples->notes);
    *samples = (em_samples){0};
}

/* Which columns of a CSV hold the place; *degrees where they are named longitude and latitude. */
static em_status find_place(source *src, bool *degrees, em_error *err)
{
    static const char *const pairs[][2] = {{"x", "y"}, {"lon", "lat"}, {"longitude", "latitude"}};
    src->wkt = src->xy[0] = src->xy[1] = -1;
    *degrees = false;
    const char *const dot = strrchr(em_path_name(src->file.path), '.');
    if (!dot || strcasecmp(dot, ".csv") != 0) return EM_OK;
    src->wkt = em_vector_find(&src->file, "WKT");
    for (size_t k = 0; src->wkt < 0 && k < sizeof pairs / sizeof *pairs; k++) {
        const int x = em_vector_find(&src->file, pairs[k][0]);
        const int y = em_vector_find(&src->file, pairs[k][1]);
        if (x < 0 || y < 0) continue;
        src->xy[0] = x;
        src->xy[1] = y;
        *degrees = k > 0;
        return EM_OK;
    }
    int none = 0;
    return src->wkt >= 0 ? EM_OK
                         : em_vector_field(&src->file, "samples place",
                                           "WKT (or x and y, or lon and lat)", &none, err);
}

/* The file's own CRS, or for one that cannot have any: the configured one, degrees where the
 * columns say so, else the grid's. */
static em_status open_source(const em_samples_source *in, const em_grid *grid, source *src,
                             em_error *err)
{
    em_status rc = EM_OK;
    char *crs = NULL;
    bool degrees = false;
    EM_TRY(em_vector_open(in->path, in->layer, NULL, &src->file, err));
    EM_TRY(em_vector_field(&src->file, "samples field", in->field ? in->field : "class",
                           &src->field, err));
    EM_TRY(find_place(src, &degrees, err));
    const char *const fallback = degrees ? "EPSG:4326" : grid->crs;
    const char *const asked = in->crs ? in->crs : fallback;
    EM_TRY(em_crs_canonical(src->file.crs ? src->file.crs : asked, &crs, err));
    EM_TRY(em_shaper_open(crs, grid, &src->shaper, err));
done:
    em_free(crs);
    return rc;
}

static em_status reject(const source *src, em_samples *out, const char *why, em_error *err)
{
    em_str text = {0};
    em_str_printf(&text, "%s: feature %zu not used: %s", em_path_name(src->file.path), src->number,
                  why);
    em_status rc = em_str_check(&text, err);
    if (rc == EM_OK) rc = em_list_add(&out->notes, text.data, err);
    if (rc == EM_OK) out->n_rejected++;
    em_str_release(&text);
    return rc;
}

/* Adds a sample; takes *rings on success. */
static em_status add(source *src, em_samples *out, const char *value, em_sample sample,
                     em_error *err)
{
    em_status rc =
        em_reserve(&out->items, &src->cap, out->n, out->n + 1, sizeof *out->items, "samples", err);
    if (rc == EM_OK) rc = em_strdup(value, &sample.value, err);
    if (rc != EM_OK) return rc;
    sample.id = (int64_t)src->number;
    out->items[out->n++] = sample;
    return EM_OK;
}

/* A fault of the data rejects the feature; anything else ends the reading. */
static em_status faulty(source *src, em_samples *out, em_status rc, const em_error *bad,
                        em_error *err)
{
    return rc == EM_EINPUT ? reject(src, out, bad->text, err) : em_fail(err, rc, "%s", bad->text);
}

static em_status add_point(source *src, double x, double y, const char *value, em_samples *out,
                           em_error *err)
{
    em_sample sample = {0};
    em_error bad = {0};
    if (!isfinite(x) || !isfinite(y)) return reject(src, out, "a coordinate is not a number", err);
    if (src->shaper.geographic && (fabs(x) > 180 || fabs(y) > 90)) {
        return reject(src, out, "outside -180 to 180 of longitude, -90 to 90 of latitude", err);
    }
    const em_status rc = em_shape_point(&src->shaper, x, y, &sample.col, &sample.row, &bad);
    if (rc != EM_OK) return faulty(src, out, rc, &bad, err);
    sample.box.x0 = (int64_t)floor(sample.col);
    sample.box.y0 = (int64_t)floor(sample.row);
    sample.box.x1 = sample.box.x0 + 1;
    sample.box.y1 = sample.box.y0 + 1;
    return add(src, out, value, sample, err);
}

static em_status add_polygon(source *src, OGRGeometryH g, const char *value, em_samples *out,
                             em_error *err)
{
    em_sample sample = {0};
    em_error bad = {0};
    em_str why = {0};
    GEOSGeometry *shape = NULL;
    em_status rc = em_shape_read(&src->shaper, g, &shape, &why, err);
    if (rc == EM_OK && !shape)
        rc = reject(src, out, em_str_text(&why), err);
    else if (rc == EM_OK) {
        rc = em_shape_rings(&src->shaper, shape, &sample.rings, &sample.n_ring, &sample.box, &bad);
        if (rc != EM_OK)
            rc = faulty(src, out, rc, &bad, err);
        else
            rc = add(src, out, value, sample, err);
        if (rc != EM_OK) em_rings_release(sample.rings, sample.n_ring);
    }
    if (shape) GEOSGeom_destroy_r(src->shaper.geos, shape);
    em_str_release(&why);
    return rc;
}

static em_status add_geometry(source *src, OGRGeometryH g, const char *value, em_samples *out,
                              em_error *err)
{
    const OGRwkbGeometryType type = g ? wkbFlatten(OGR_G_GetGeometryType(g)) : wkbUnknown;
    if (type == wkbPoint && !OGR_G_IsEmpty(g)) {
        return add_point(src, OGR_G_GetX(g, 0), OGR_G_GetY(g, 0), value, out, err);
    }
    if (type != wkbMultiPoint || OGR_G_IsEmpty(g)) return add_polygon(src, g, value, out, err);
    em_status rc = EM_OK;
    for (int i = 0; rc == EM_OK && i < OGR_G_GetGeometryCount(g); i++) {
        OGRGeometryH const point = OGR_G_GetGeometryRef(g, i);
        rc = add_point(src, OGR_G_GetX(point, 0), OGR_G_GetY(point, 0), value, out, err);
    }
    return rc;
}

/* The geometry of a CSV's row. */
static em_status add_row(source *src, OGRFeatureH feature, const char *value, em_samples *out,
                         em_error *err)
{
    if (src->xy[0] >= 0) {
        double at[2] = {0};
        for (int k = 0; k < 2; k++) {
            const char *const text = OGR_F_GetFieldAsString(feature, src->xy[k]);
            if (!em_parse_double(text, &at[k])) {
                return reject(src, out, "a coordinate is not a number", err);
            }
        }
        return add_point(src, at[0], at[1], value, out, err);
    }
    const char *const text = OGR_F_GetFieldAsString(feature, src->wkt);
    char *copy = NULL;
    OGRGeometryH g = NULL;
    em_status rc = em_strdup(text, &copy, err); /* OGR moves along the text it is given */
    if (rc != EM_OK) return rc;
    char *at = copy;
    CPLErrorReset();
    const OGRErr read = OGR_G_CreateFromWkt(&at, NULL, &g);
    em_free(copy);
    rc = read == OGRERR_NONE ? add_geometry(src, g, value, out, err)
                             : reject(src, out, "its WKT cannot be read", err);
    OGR_G_DestroyGeometry(g);
    return rc;
}

static em_status read_sample(source *src, OGRFeatureH feature, em_samples *out, em_error *err)
{
    char *value = NULL;
    em_status rc = em_vector_text(&src->file, feature, src->field, src->number, &value, err);
    if (rc == EM_OK && !value[0]) {
        rc = reject(src, out, "it has no class", err);
    } else if (rc == EM_OK && (src->wkt >= 0 || src->xy[0] >= 0)) {
        rc = add_row(src, feature, value, out, err);
    } else if (rc == EM_OK) {
        rc = add_geometry(src, OGR_F_GetGeometryRef(feature), value, out, err);
    }
    em_free(value);
    return rc;
}

em_status em_samples_read(const em_samples_source *in, const em_grid *grid, em_samples *out,
                          em_error *err)
{
    em_status rc = EM_OK;
    source src = {0};
    em_samples all = {0};
    OGRFeatureH feature = NULL;
    *out = (em_samples){0};
    EM_TRY(open_source(in, grid, &src, err));
    for (;;) {
        EM_TRY(em_vector_next(&src.file, &feature, err));
        if (!feature) break;
        src.number++;
        EM_TRY(read_sample(&src, feature, &all, err));
        OGR_F_Destroy(feature);
        feature = NULL;
    }
    *out = all;
    all = (em_samples){0};
done:
    OGR_F_Destroy(feature);
    em_samples_release(&all);
    em_shaper_close(&src.shaper);
    em_vector_close(&src.file);
    return rc;
}
