#include "pipeline/io/shape.h"

#include <cpl_conv.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/io/geo.h"

static void keep_text(const char *message, void *user)
{
    em_shaper *const s = user;
    snprintf(s->geos_text, sizeof s->geos_text, "%s", message);
}

static em_status open_transforms(const char *crs, em_shaper *s, em_error *err)
{
    em_status rc = EM_OK;
    char *base = NULL;
    EM_TRY(em_crs_is_geographic(crs, &s->geographic, err));
    EM_TRY(em_crs_base(crs, &base, err));
    if (!s->geographic) EM_TRY(em_transform_open(crs, base, &s->to_base, err));
    if (strcmp(crs, "EPSG:4326") != 0) {
        EM_TRY(em_transform_open(crs, "EPSG:4326", &s->to_wgs84, err));
    }
    if (s->grid) {
        EM_TRY(em_crs_is_geographic(s->grid->crs, &s->grid_geographic, err));
        if (strcmp(crs, s->grid->crs) != 0) {
            EM_TRY(em_transform_open(crs, s->grid->crs, &s->to_grid, err));
        }
    }
done:
    em_free(base);
    return rc;
}

em_status em_shaper_open(const char *crs, const em_grid *grid, em_shaper *out, em_error *err)
{
    em_status rc = EM_OK;
    PJ_CONTEXT *ctx = NULL;
    PJ *system = NULL;
    *out = (em_shaper){.grid = grid};
    double a = 0;
    double f = 0;
    EM_TRY(em_crs_ellipsoid(crs, &a, &f, err));
    geod_init(&out->earth, a, f);
    EM_TRY(em_proj_context(&ctx, err));
    EM_TRY(em_proj_crs(ctx, crs, &system, err));
    EM_TRY(em_proj_axis_unit(ctx, system, &out->unit, err));
    EM_TRY(open_transforms(crs, out, err));
    out->geos = GEOS_init_r();
    if (!out->geos) {
        rc = em_fail(err, EM_EENV, "GEOS: memory refused");
        goto done;
    }
    GEOSContext_setErrorMessageHandler_r(out->geos, keep_text, out);
    GEOSContext_setNoticeMessageHandler_r(out->geos, keep_text, out);
done:
    proj_destroy(system);
    proj_context_destroy(ctx);
    if (rc != EM_OK) em_shaper_close(out);
    return rc;
}

void em_shaper_close(em_shaper *s)
{
    em_transform_close(s->to_base);
    em_transform_close(s->to_wgs84);
    em_transform_close(s->to_grid);
    if (s->geos) GEOS_finish_r(s->geos);
    *s = (em_shaper){0};
}

/* OGR's geometry as GEOS has it; NULL with `why` set where GEOS refuses it outright. */
static em_status import(em_shaper *s, OGRGeometryH g, GEOSGeometry **out, em_str *why,
                        em_error *err)
{
    *out = NULL;
    const int size = OGR_G_WkbSize(g);
    unsigned char *wkb = NULL;
    em_status rc = em_calloc((size_t)(size > 0 ? size : 1), 1, "geometry", &wkb, err);
    if (rc != EM_OK) return rc;
    if (size > 0 && OGR_G_ExportToWkb(g, wkbNDR, wkb) == OGRERR_NONE) {
        GEOSWKBReader *const reader = GEOSWKBReader_create_r(s->geos);
        if (reader) *out = GEOSWKBReader_read_r(s->geos, reader, wkb, (size_t)size);
        if (reader) GEOSWKBReader_destroy_r(s->geos, reader);
    }
    if (!*out) em_str_printf(why, "geometry cannot be read: %s", s->geos_text);
    em_free(wkb);
    return rc;
}

static void check_range(const em_shaper *s, const OGREnvelope *e, em_str *why)
{
    if (!isfinite(e->MinX) || !isfinite(e->MaxX) || !isfinite(e->MinY) || !isfinite(e->MaxY)) {
        em_str_append(why, "a coordinate is not a number");
    } else if (s->geographic &&
               (e->MinY < -90 || e->MaxY > 90 || e->MinX < -180 || e->MaxX > 180)) {
        em_str_printf(why,
                      "longitudes %.6f to %.6f, latitudes %.6f to %.6f: outside -180 to 180, -90 "
                      "to 90",
                      e->MinX, e->MaxX, e->MinY, e->MaxY);
    } else if (s->geographic && e->MaxX - e->MinX > 180) {
        em_str_printf(why,
                      "spans %.6f degrees of longitude: it crosses the antimeridian; split it "
                      "there",
                      e->MaxX - e->MinX);
    }
}

static void check_valid(em_shaper *s, const GEOSGeometry *g, em_str *why)
{
    char *reason = NULL;
    GEOSGeometry *at = NULL;
    const char valid = GEOSisValidDetail_r(s->geos, g, 0, &reason, &at);
    double x = NAN;
    double y = NAN;
    if (valid == 1) goto done;
    em_str_append(why, valid == 0 && reason ? reason : s->geos_text);
    if (at && GEOSGeomGetX_r(s->geos, at, &x) == 1 && GEOSGeomGetY_r(s->geos, at, &y) == 1) {
        const int places = s->geographic ? 7 : 2;
        em_str_printf(why, " at %.*f, %.*f", places, x, places, y);
    }
done:
    if (reason) GEOSFree_r(s->geos, reason);
    if (at) GEOSGeom_destroy_r(s->geos, at);
}

/* True where every point lies on one line: no area, whatever else is wrong. */
static bool flat(em_shaper *s, const GEOSGeometry *g)
{
    GEOSGeometry *const hull = GEOSConvexHull_r(s->geos, g);
    double area = 1;
    if (hull && GEOSArea_r(s->geos, hull, &area) != 1) area = 1;
    if (hull) GEOSGeom_destroy_r(s->geos, hull);
    return !(area > 0);
}

em_status em_shape_read(em_shaper *s, OGRGeometryH geometry, GEOSGeometry **out, em_str *why,
                        em_error *err)
{
    em_status rc = EM_OK;
    OGRGeometryH plain = NULL;
    *out = NULL;
    if (!geometry || OGR_G_IsEmpty(geometry)) {
        em_str_append(why, geometry ? "the geometry is empty" : "no geometry");
        return em_str_check(why, err);
    }
    plain = OGR_G_GetLinearGeometry(geometry, 0, NULL);
    if (!plain) return em_fail(err, EM_EENV, "geometry: memory refused");
    OGR_G_FlattenTo2D(plain);
    const OGRwkbGeometryType type = wkbFlatten(OGR_G_GetGeometryType(plain));
    OGREnvelope envelope = {0};
    OGR_G_GetEnvelope(plain, &envelope);
    if (type != wkbPolygon && type != wkbMultiPolygon) {
        em_str_printf(why, "a %s, not a polygon", OGRGeometryTypeToName(type));
        goto done;
    }
    check_range(s, &envelope, why);
    if (why->size == 0) EM_TRY(import(s, plain, out, why, err));
    if (*out) check_valid(s, *out, why);
    if (why->size && *out && strncmp(why->data, "Invalid Coord", 13) != 0 && flat(s, *out)) {
        em_str_clear(why);
        em_str_append(why, "it has no area");
    }
done:
    OGR_G_DestroyGeometry(plain);
    if (rc == EM_OK) rc = em_str_check(why, err);
    if ((rc != EM_OK || why->size) && *out) {
        GEOSGeom_destroy_r(s->geos, *out);
        *out = NULL;
    }
    return rc;
}
