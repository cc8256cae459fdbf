#include "pipeline/io/unit_checks.h"

#include <geodesic.h>
#include <math.h>
#include <string.h>

#include "pipeline/base/memory.h"

#define PLACE_SLACK_M 100.0 /* an outline is generalised or rounded by less than this */
#define NOTED_M2      0.01  /* smaller overlaps come from the last digits of coordinates */
#define GCJ02_LEAST_M 300.0 /* how far GCJ-02 moves a place in China */
#define GCJ02_MOST_M  800.0

em_status em_unit_reject(em_unit *unit, const char *why, em_error *err)
{
    em_str text = {0};
    if (unit->why && unit->why[0]) em_str_printf(&text, "%s; ", unit->why);
    em_str_append(&text, why);
    em_status rc = em_str_check(&text, err);
    char *fresh = NULL;
    if (rc == EM_OK) rc = em_strdup(text.data, &fresh, err);
    em_str_release(&text);
    if (rc != EM_OK) return rc;
    em_free(unit->why);
    unit->why = fresh;
    unit->state = EM_UNIT_REJECTED;
    em_rings_release(unit->rings, unit->n_ring);
    unit->rings = NULL;
    unit->n_ring = 0;
    unit->box = (em_rect){0};
    return EM_OK;
}

typedef struct extent {
    double x0, y0, x1, y1;
    size_t unit;
} extent;

static int by_west(const void *a, const void *b)
{
    const extent *const p = a;
    const extent *const q = b;
    if (p->x0 != q->x0) return p->x0 < q->x0 ? -1 : 1;
    return (p->unit > q->unit) - (p->unit < q->unit);
}

/* Boxes of the usable shapes, from west to east. */
static em_status extents(em_shaper *s, const GEOSGeometry *const *shapes, size_t n, extent **out,
                         size_t *n_out, em_error *err)
{
    *n_out = 0;
    const em_status rc = em_calloc(n, sizeof **out, "unit boxes", out, err);
    if (rc != EM_OK) return rc;
    for (size_t i = 0; i < n; i++) {
        if (!shapes[i]) continue;
        extent *const e = &(*out)[*n_out];
        if (GEOSGeom_getXMin_r(s->geos, shapes[i], &e->x0) != 1 ||
            GEOSGeom_getYMin_r(s->geos, shapes[i], &e->y0) != 1 ||
            GEOSGeom_getXMax_r(s->geos, shapes[i], &e->x1) != 1 ||
            GEOSGeom_getYMax_r(s->geos, shapes[i], &e->y1) != 1) {
            return em_fail(err, EM_EENV, "GEOS: %s", s->geos_text);
        }
        e->unit = i;
        ++*n_out;
    }
    if (*n_out) qsort(*out, *n_out, sizeof **out, by_west);
    return EM_OK;
}

static em_status reject_pair(em_unit *a, const em_unit *b, double m2, double tolerance,
                             em_error *err)
{
    em_str why = {0};
    em_str_printf(&why, "overlaps %s %s by %.2f m2, more than the %.2f m2 allowed", b->code,
                  b->name, m2, tolerance);
    em_status rc = em_str_check(&why, err);
    if (rc == EM_OK) rc = em_unit_reject(a, why.data, err);
    em_str_release(&why);
    return rc;
}

static em_status note(em_list *notes, em_str *text, em_error *err)
{
    em_status rc = em_str_check(text, err);
    if (rc == EM_OK) rc = em_list_add(notes, em_str_text(text), err);
    em_str_release(text);
    return rc;
}

static em_status check_pair(em_shaper *s, const GEOSGeometry *a, const GEOSGeometry *b, em_unit *ua,
                            em_unit *ub, double tolerance, em_list *notes, em_error *err)
{
    em_str text = {0};
    double m2 = 0;
    GEOSGeometry *const both = GEOSIntersection_r(s->geos, a, b);
    if (!both) {
        em_str_printf(&text, "%s %s and %s %s: overlap not checked: %s", ua->code, ua->name,
                      ub->code, ub->name, s->geos_text);
        return note(notes, &text, err);
    }
    em_status rc = em_shape_area(s, both, &m2, err);
    GEOSGeom_destroy_r(s->geos, both);
    if (rc != EM_OK || m2 < NOTED_M2) return rc;
    if (m2 > tolerance) {
        rc = reject_pair(ua, ub, m2, tolerance, err);
        return rc == EM_OK ? reject_pair(ub, ua, m2, tolerance, err) : rc;
    }
    em_str_printf(&text, "%s %s and %s %s overlap by %.2f m2, within the %.2f m2 allowed", ua->code,
                  ua->name, ub->code, ub->name, m2, tolerance);
    return note(notes, &text, err);
}

em_status em_units_check_overlaps(em_shaper *s, const GEOSGeometry *const *shapes, em_unit *units,
                                  size_t n, double tolerance_m2, em_list *notes, em_error *err)
{
    em_status rc = EM_OK;
    extent *list = NULL;
    size_t m = 0;
    EM_TRY(extents(s, shapes, n, &list, &m, err));
    for (size_t i = 0; i < m; i++) {
        for (size_t k = i + 1; k < m && list[k].x0 < list[i].x1; k++) {
            if (list[k].y0 >= list[i].y1 || list[k].y1 <= list[i].y0) continue;
            const bool ahead = list[i].unit < list[k].unit;
            const size_t a = ahead ? list[i].unit : list[k].unit;
            const size_t b = ahead ? list[k].unit : list[i].unit;
            EM_TRY(check_pair(s, shapes[a], shapes[b], &units[a], &units[b], tolerance_m2, notes,
                              err));
        }
    }
done:
    em_free(list);
    return rc;
}

/* A multipolygon of all shapes' copies, for the union; NULL where GEOS refuses. */
static GEOSGeometry *gather(em_shaper *s, const GEOSGeometry *const *shapes, size_t n,
                            GEOSGeometry **parts)
{
    unsigned int m = 0;
    for (size_t i = 0; i < n; i++) {
        if (!shapes[i]) continue;
        parts[m] = GEOSGeom_clone_r(s->geos, shapes[i]);
        if (parts[m]) m++;
    }
    return GEOSGeom_createCollection_r(s->geos, GEOS_GEOMETRYCOLLECTION, parts, m);
}

/* Adds the holes of a polygon or multipolygon. */
static em_status add_holes(em_shaper *s, const GEOSGeometry *g, size_t *count, double *m2,
                           em_error *err)
{
    const int n = GEOSGetNumGeometries_r(s->geos, g);
    for (int i = 0; i < n; i++) {
        const GEOSGeometry *const polygon = GEOSGetGeometryN_r(s->geos, g, i);
        if (GEOSGeomTypeId_r(s->geos, polygon) != GEOS_POLYGON) continue;
        const int holes = GEOSGetNumInteriorRings_r(s->geos, polygon);
        for (int k = 0; k < holes; k++) {
            const GEOSGeometry *const ring = GEOSGetInteriorRingN_r(s->geos, polygon, k);
            GEOSGeometry *const shell = GEOSGeom_clone_r(s->geos, ring);
            GEOSGeometry *const hole =
                shell ? GEOSGeom_createPolygon_r(s->geos, shell, NULL, 0) : NULL;
            if (!hole) return em_fail(err, EM_EENV, "GEOS: %s", s->geos_text);
            double area = 0;
            const em_status rc = em_shape_area(s, hole, &area, err);
            GEOSGeom_destroy_r(s->geos, hole);
            if (rc != EM_OK) return rc;
            if (area < NOTED_M2) continue;
            ++*count;
            *m2 += area;
        }
    }
    return EM_OK;
}

em_status em_units_check_gaps(em_shaper *s, const GEOSGeometry *const *shapes, size_t n,
                              const char *name, em_list *notes, em_error *err)
{
    em_status rc = EM_OK;
    GEOSGeometry **parts = NULL;
    GEOSGeometry *all = NULL;
    GEOSGeometry *whole = NULL;
    em_str text = {0};
    size_t count = 0;
    double m2 = 0;
    EM_TRY(em_calloc(n, sizeof *parts, "unit shapes", &parts, err));
    all = gather(s, shapes, n, parts);
    whole = all ? GEOSUnaryUnion_r(s->geos, all) : NULL;
    if (!whole) {
        em_str_printf(&text, "%s: gaps between units not checked: %s", name, s->geos_text);
    } else {
        EM_TRY(add_holes(s, whole, &count, &m2, err));
        if (count) {
            em_str_printf(&text, "%s: %zu gap%s within the units together, %.2f m2 in all", name,
                          count, count == 1 ? "" : "s", m2);
        }
    }
    if (text.size || text.failed) EM_TRY(note(notes, &text, err));
done:
    em_str_release(&text);
    if (whole) GEOSGeom_destroy_r(s->geos, whole);
    if (all) GEOSGeom_destroy_r(s->geos, all);
    em_free(parts);
    return rc;
}

/* Metres east and north from one point (degrees) to another. */
static void metres(const double from[2], const double to[2], double out[2])
{
    struct geod_geodesic earth;
    geod_init(&earth, 6378137, 1 / 298.257223563); /* WGS 84 */
    double distance = 0;
    double azimuth = 0;
    geod_inverse(&earth, from[1], from[0], to[1], to[0], &distance, &azimuth, NULL);
    out[0] = distance * sin(azimuth * 0.017453292519943295);
    out[1] = distance * cos(azimuth * 0.017453292519943295);
}

/* How far (m) the box sticks out of the expected one on its worst side. */
static double sticks_out(const double box[4], const double want[4])
{
    double worst = 0;
    for (int side = 0; side < 4; side++) {
        const double sign = side < 2 ? 1 : -1;
        if (!(sign * (want[side] - box[side]) > 0)) continue;
        const double mid = (want[1] + want[3]) / 2;
        double from[2] = {want[0], mid};
        double to[2] = {want[0], mid};
        from[side % 2] = want[side];
        to[side % 2] = box[side];
        double d[2];
        metres(from, to, d);
        worst = fmax(worst, sqrt(d[0] * d[0] + d[1] * d[1]));
    }
    return worst;
}

em_status em_units_check_place(const double box[4], const double expected[4], em_error *err)
{
    const double out = sticks_out(box, expected);
    if (out <= PLACE_SLACK_M) return EM_OK;
    const double here[2] = {(box[0] + box[2]) / 2, (box[1] + box[3]) / 2};
    const double there[2] = {(expected[0] + expected[2]) / 2, (expected[1] + expected[3]) / 2};
    double shift[2];
    metres(there, here, shift);
    const double length = sqrt(shift[0] * shift[0] + shift[1] * shift[1]);
    const bool gcj = length >= GCJ02_LEAST_M && length <= GCJ02_MOST_M;
    return em_fail(err, EM_EINPUT,
                   "outside expected_bbox: the layer spans %.4f %.4f %.4f %.4f, expected %.4f "
                   "%.4f %.4f %.4f; it sticks out by %.0f m and its centre is shifted by %.0f m "
                   "(%.0f m east, %.0f m north)%s",
                   box[0], box[1], box[2], box[3], expected[0], expected[1], expected[2],
                   expected[3], out, length, shift[0], shift[1],
                   gcj ? "; GCJ-02 coordinates show such a shift: ask for the layer in CGCS2000"
                       : "");
}
