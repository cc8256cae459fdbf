/* Rings of a checked polygon: cut into short pieces, on the ellipsoid and on the grid (shape.h). */
#include <math.h>
#include <string.h>

#include "kernels/base/arena.h"
#include "pipeline/base/memory.h"
#include "pipeline/io/shape.h"

#define PIECE_M      1000.0             /* an edge is cut where a projection could bend it */
#define DEGREE_M     111319.49079327358 /* of longitude on the equator of WGS 84 */
#define MOST_PIECES  100000             /* per edge: once round the Earth is 40,000 */
#define ROUND_METRES 1e6                /* vertices per CRS unit, see units.h */
#define ROUND_DEGREE 1e12

typedef struct points {
    double (*at)[2];
    size_t n, cap;
} points;

typedef enum cut { CUT_NONE, CUT_SHORT } cut;

/* Pieces of the edge a-b: the same for b-a, so that a shared edge stays shared. */
static size_t pieces(const em_shaper *s, const double a[2], const double b[2])
{
    double dx = b[0] - a[0];
    double dy = b[1] - a[1];
    if (s->geographic) {
        const double radian = 0.017453292519943295;
        dx *= cos((a[1] + b[1]) / 2 * radian) * DEGREE_M;
        dy *= DEGREE_M;
    } else {
        dx *= s->unit;
        dy *= s->unit;
    }
    const double n = ceil(sqrt(dx * dx + dy * dy) / PIECE_M);
    return n < 1 ? 1 : n > MOST_PIECES ? MOST_PIECES : (size_t)n;
}

/* Adds a and the points between a and b, computed from the lesser end. */
static em_status add_edge(const em_shaper *s, const double a[2], const double b[2], cut how,
                          points *to, em_error *err)
{
    const size_t n = how == CUT_NONE ? 1 : pieces(s, a, b);
    const em_status rc = em_reserve(&to->at, &to->cap, to->n, to->n + n + 1, sizeof *to->at,
                                    "polygon vertices", err);
    if (rc != EM_OK) return rc;
    const bool forward = a[0] < b[0] || (a[0] == b[0] && a[1] <= b[1]);
    const double *const from = forward ? a : b;
    const double *const last = forward ? b : a;
    to->at[to->n][0] = a[0];
    to->at[to->n++][1] = a[1];
    for (size_t i = 1; i < n; i++) {
        const double t = (double)(forward ? i : n - i) / (double)n;
        to->at[to->n][0] = from[0] + t * (last[0] - from[0]);
        to->at[to->n++][1] = from[1] + t * (last[1] - from[1]);
    }
    return EM_OK;
}

/* Vertices of a ring, the first repeated at the end. */
static em_status ring_points(em_shaper *s, const GEOSGeometry *ring, cut how, points *to,
                             em_error *err)
{
    em_status rc = EM_OK;
    double(*raw)[2] = NULL;
    unsigned int n = 0;
    to->n = 0;
    const GEOSCoordSequence *const seq = GEOSGeom_getCoordSeq_r(s->geos, ring);
    if (!seq || !GEOSCoordSeq_getSize_r(s->geos, seq, &n) || n < 4) {
        return em_fail(err, EM_EINTERNAL, "a checked ring has %u vertices", n);
    }
    EM_TRY(em_calloc(n, sizeof *raw, "polygon vertices", &raw, err));
    if (!GEOSCoordSeq_copyToBuffer_r(s->geos, seq, raw[0], 0, 0)) {
        rc = em_fail(err, EM_EENV, "GEOS: %s", s->geos_text);
        goto done;
    }
    for (unsigned int i = 0; i + 1 < n; i++) EM_TRY(add_edge(s, raw[i], raw[i + 1], how, to, err));
    to->at[to->n][0] = raw[n - 1][0]; /* add_edge left room for one more */
    to->at[to->n++][1] = raw[n - 1][1];
done:
    em_free(raw);
    return rc;
}

/* What is done with each ring: k counts rings, hole is 1 for an inner one. */
typedef em_status (*ring_fn)(em_shaper *s, const GEOSGeometry *ring, int hole, void *user,
                             em_error *err);

/* Calls `each` for all rings of all polygons, in order. Lines and points in a collection (where an
 * intersection left some) are passed over. */
static em_status each_ring(em_shaper *s, const GEOSGeometry *g, ring_fn each, void *user,
                           em_error *err)
{
    em_status rc = EM_OK;
    const int type = GEOSGeomTypeId_r(s->geos, g);
    if (type == GEOS_MULTIPOLYGON || type == GEOS_GEOMETRYCOLLECTION) {
        const int n = GEOSGetNumGeometries_r(s->geos, g);
        for (int i = 0; rc == EM_OK && i < n; i++) {
            rc = each_ring(s, GEOSGetGeometryN_r(s->geos, g, i), each, user, err);
        }
        return rc;
    }
    if (type != GEOS_POLYGON || GEOSisEmpty_r(s->geos, g) != 0) return EM_OK;
    rc = each(s, GEOSGetExteriorRing_r(s->geos, g), 0, user, err);
    const int holes = GEOSGetNumInteriorRings_r(s->geos, g);
    for (int i = 0; rc == EM_OK && i < holes; i++) {
        rc = each(s, GEOSGetInteriorRingN_r(s->geos, g, i), 1, user, err);
    }
    return rc;
}

typedef struct area_job {
    points points;
    double m2;
} area_job;

static em_status add_area(em_shaper *s, const GEOSGeometry *ring, int hole, void *user,
                          em_error *err)
{
    area_job *const job = user;
    points *const p = &job->points;
    em_status rc = ring_points(s, ring, CUT_SHORT, p, err);
    if (rc == EM_OK && s->to_base) rc = em_transform_run(s->to_base, p->at, p->n, err);
    if (rc != EM_OK) return rc;
    struct geod_polygon polygon;
    geod_polygon_init(&polygon, 0);
    for (size_t i = 0; i + 1 < p->n; i++) {
        geod_polygon_addpoint(&s->earth, &polygon, p->at[i][1], p->at[i][0]);
    }
    double area = 0;
    geod_polygon_compute(&s->earth, &polygon, 0, 1, &area, NULL);
    job->m2 += hole ? -fabs(area) : fabs(area);
    return EM_OK;
}

em_status em_shape_area(em_shaper *s, const GEOSGeometry *g, double *out, em_error *err)
{
    area_job job = {0};
    const em_status rc = each_ring(s, g, add_area, &job, err);
    if (rc == EM_OK) *out = job.m2;
    em_free(job.points.at);
    return rc;
}

typedef struct bounds_job {
    points points;
    double *box;
} bounds_job;

static em_status add_bounds(em_shaper *s, const GEOSGeometry *ring, int hole, void *user,
                            em_error *err)
{
    bounds_job *const job = user;
    points *const p = &job->points;
    if (hole) return EM_OK;
    em_status rc = ring_points(s, ring, CUT_SHORT, p, err);
    if (rc == EM_OK && s->to_wgs84) rc = em_transform_run(s->to_wgs84, p->at, p->n, err);
    for (size_t i = 0; rc == EM_OK && i < p->n; i++) {
        const bool first = job->box[0] > job->box[2];
        for (int k = 0; k < 2; k++) {
            const double v = p->at[i][k];
            if (first || v < job->box[k]) job->box[k] = v;
            if (first || v > job->box[k + 2]) job->box[k + 2] = v;
        }
    }
    return rc;
}

em_status em_shape_bounds(em_shaper *s, const GEOSGeometry *g, double box[4], em_error *err)
{
    bounds_job job = {.box = box};
    const em_status rc = each_ring(s, g, add_bounds, &job, err);
    em_free(job.points.at);
    return rc;
}

/* CRS positions to the grid's pixel coordinates, rounded in the CRS first. */
static em_status place(em_shaper *s, points *p, em_error *err)
{
    const double per_unit = s->grid_geographic ? ROUND_DEGREE : ROUND_METRES;
    if (s->to_grid) {
        const em_status rc = em_transform_run(s->to_grid, p->at, p->n, err);
        if (rc != EM_OK) return rc;
    }
    for (size_t i = 0; i < p->n; i++) {
        const double x = rint(p->at[i][0] * per_unit) / per_unit;
        const double y = rint(p->at[i][1] * per_unit) / per_unit;
        em_grid_to_pixel(s->grid, x, y, &p->at[i][0], &p->at[i][1]);
        if (!(fabs(p->at[i][0]) < 0x1p31) || !(fabs(p->at[i][1]) < 0x1p31)) {
            return em_fail(err, EM_EINPUT, "a vertex lies %.3g pixels from the grid's origin",
                           fmax(fabs(p->at[i][0]), fabs(p->at[i][1])));
        }
    }
    return EM_OK;
}

typedef struct rings_job {
    em_ring *rings;
    size_t n, cap;
    double low[2], high[2];
} rings_job;

static em_status add_ring(em_shaper *s, const GEOSGeometry *ring, int hole, void *user,
                          em_error *err)
{
    (void)hole; /* the even-odd rule needs no direction */
    em_status rc = EM_OK;
    rings_job *const job = user;
    points p = {0};
    EM_TRY(
        em_reserve(&job->rings, &job->cap, job->n, job->n + 1, sizeof *job->rings, "rings", err));
    EM_TRY(ring_points(s, ring, s->to_grid ? CUT_SHORT : CUT_NONE, &p, err));
    EM_TRY(place(s, &p, err));
    for (size_t i = 0; i < p.n; i++) {
        for (int k = 0; k < 2; k++) {
            const bool first = job->n == 0 && i == 0;
            if (first || p.at[i][k] < job->low[k]) job->low[k] = p.at[i][k];
            if (first || p.at[i][k] > job->high[k]) job->high[k] = p.at[i][k];
        }
    }
    job->rings[job->n++] = (em_ring){.at = p.at, .n = p.n};
    p.at = NULL;
done:
    em_free(p.at);
    return rc;
}

em_status em_shape_rings(em_shaper *s, const GEOSGeometry *g, em_ring **rings, size_t *n_ring,
                         em_rect *box, em_error *err)
{
    rings_job job = {0};
    const em_status rc = each_ring(s, g, add_ring, &job, err);
    if (rc != EM_OK) {
        em_rings_release(job.rings, job.n);
        return rc;
    }
    *rings = job.rings;
    *n_ring = job.n;
    *box = (em_rect){.x0 = (int64_t)floor(job.low[0]),
                     .y0 = (int64_t)floor(job.low[1]),
                     .x1 = (int64_t)ceil(job.high[0]),
                     .y1 = (int64_t)ceil(job.high[1])};
    return EM_OK;
}

void em_rings_release(em_ring *rings, size_t n)
{
    for (size_t i = 0; i < n; i++) em_free(rings[i].at);
    em_free(rings);
}

em_status em_shape_point(em_shaper *s, double x, double y, double *col, double *row, em_error *err)
{
    double at[1][2] = {{x, y}};
    points p = {.at = at, .n = 1};
    const em_status rc = place(s, &p, err);
    if (rc != EM_OK) return rc;
    *col = at[0][0];
    *row = at[0][1];
    return EM_OK;
}
