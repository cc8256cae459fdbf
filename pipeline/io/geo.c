#include "pipeline/io/geo.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <gdal.h>
#include <geos_c.h>
#include <math.h>
#include <ogr_srs_api.h>
#include <proj.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/str.h"
#include "pipeline/io/crs.h"

/* PROJ's confidence that a CRS is the one of that code: 70 says equal in all but its name. */
#define SAME_CRS 70

static pthread_once_t started = PTHREAD_ONCE_INIT;

/* Options set here win over the environment of the same name; what has no neutral value is taken
 * out of the environment itself, while there is one thread only. */
static void start(void)
{
    static const char *const surprises[] = {"SHAPE_ENCODING", "OGR_SQLITE_LOAD_EXTENSIONS",
                                            "OGR_SQLITE_PRAGMA", "GDAL_SKIP", "OGR_SKIP"};
    for (size_t i = 0; i < sizeof surprises / sizeof *surprises; i++) unsetenv(surprises[i]);
    CPLSetErrorHandler(CPLQuietErrorHandler);          /* nothing below jobs prints */
    CPLSetConfigOption("GDAL_DRIVER_PATH", "disable"); /* no plugin from a folder */
    CPLSetConfigOption("GDAL_PAM_ENABLED", "NO");
    CPLSetConfigOption("GDAL_VRT_ENABLE_PYTHON", "NO");
    CPLSetConfigOption("GDAL_NUM_THREADS", "1"); /* the JPEG 2000 driver takes every core */
    CPLSetConfigOption("SHAPE_RESTORE_SHX", "NO");
    CPLSetConfigOption("GDAL_CONFIG_FILE", "/dev/null");   /* no gdalrc */
    CPLSetConfigOption("OGR_GEOJSON_MAX_OBJ_SIZE", "200"); /* MB */
    OSRSetPROJEnableNetwork(0);
    GDALAllRegister();
}

em_status em_geo_start(em_error *err)
{
    if (pthread_once(&started, start) != 0) {
        return em_fail(err, EM_EENV, "GDAL cannot be started");
    }
    return GDALGetDriverCount() > 0 ? EM_OK : em_fail(err, EM_EENV, "GDAL has no drivers");
}

em_status em_geo_versions(em_list *out, em_error *err)
{
    char text[4][80];
    snprintf(text[0], sizeof text[0], "GDAL %s", GDALVersionInfo("RELEASE_NAME"));
    snprintf(text[1], sizeof text[1], "GEOS %s", GEOSversion());
    snprintf(text[2], sizeof text[2], "PROJ %s", proj_info().version);
    snprintf(text[3], sizeof text[3], "%.*s", (int)strcspn(TIFFGetVersion(), "\n"),
             TIFFGetVersion()); /* "LIBTIFF, Version 4.5.0" */
    em_status rc = EM_OK;
    for (size_t i = 0; i < 4 && rc == EM_OK; i++) rc = em_list_add(out, text[i], err);
    return rc;
}

em_status em_proj_context(PJ_CONTEXT **out, em_error *err)
{
    *out = proj_context_create();
    if (!*out) return em_fail(err, EM_EENV, "PROJ: memory refused");
    proj_log_level(*out, PJ_LOG_NONE);
    proj_context_set_enable_network(*out, 0);
    return EM_OK;
}

em_status em_proj_crs(PJ_CONTEXT *ctx, const char *text, PJ **out, em_error *err)
{
    *out = proj_create(ctx, text);
    if (*out && !proj_is_crs(*out) && strstr(text, "+proj=") && !strstr(text, "+type=")) {
        em_str typed = {0};
        em_str_printf(&typed, "%s +type=crs", text);
        proj_destroy(*out);
        *out = typed.failed ? NULL : proj_create(ctx, em_str_text(&typed));
        em_str_release(&typed);
    }
    if (*out && proj_is_crs(*out)) return EM_OK;
    proj_destroy(*out);
    *out = NULL;
    return em_fail(err, EM_ECONFIG, "\"%.200s\" is no coordinate system that PROJ knows", text);
}

/* "EPSG:n" by the object's own id, or by what PROJ recognises; false where it has none. */
static bool epsg_code(PJ_CONTEXT *ctx, PJ *crs, char out[32])
{
    const char *const own = proj_get_id_auth_name(crs, 0);
    if (own && strcmp(own, "EPSG") == 0) {
        snprintf(out, 32, "EPSG:%s", proj_get_id_code(crs, 0));
        return true;
    }
    int *confidence = NULL;
    PJ_OBJ_LIST *const found = proj_identify(ctx, crs, "EPSG", NULL, &confidence);
    bool known = false;
    if (found && proj_list_get_count(found) > 0 && confidence[0] >= SAME_CRS) {
        PJ *const best = proj_list_get(ctx, found, 0);
        const char *const code = best ? proj_get_id_code(best, 0) : NULL;
        known = code && snprintf(out, 32, "EPSG:%s", code) < 32;
        proj_destroy(best);
    }
    proj_int_list_destroy(confidence);
    proj_list_destroy(found);
    return known;
}

static em_status canonical(PJ_CONTEXT *ctx, PJ *crs, char **out, em_error *err)
{
    char code[32];
    if (epsg_code(ctx, crs, code)) return em_strdup(code, out, err);
    const char *const options[] = {"MULTILINE=NO", NULL};
    const char *const wkt = proj_as_wkt(ctx, crs, PJ_WKT2_2019, options);
    if (!wkt) return em_fail(err, EM_ECONFIG, "coordinate system has no WKT2 form");
    return em_strdup(wkt, out, err);
}

em_status em_crs_canonical(const char *text, char **out, em_error *err)
{
    em_status rc = EM_OK;
    PJ_CONTEXT *ctx = NULL;
    PJ *crs = NULL;
    *out = NULL;
    EM_TRY(em_proj_context(&ctx, err));
    EM_TRY(em_proj_crs(ctx, text, &crs, err));
    EM_TRY(canonical(ctx, crs, out, err));
done:
    proj_destroy(crs);
    proj_context_destroy(ctx);
    return rc;
}

/* The geographic CRS below `crs`, NULL where there is none; the caller destroys it. */
static PJ *base_of(PJ_CONTEXT *ctx, const PJ *crs)
{
    PJ *const geodetic = proj_crs_get_geodetic_crs(ctx, crs);
    const PJ_TYPE type = geodetic ? proj_get_type(geodetic) : PJ_TYPE_UNKNOWN;
    if (type == PJ_TYPE_GEOGRAPHIC_2D_CRS || type == PJ_TYPE_GEOGRAPHIC_3D_CRS) return geodetic;
    proj_destroy(geodetic);
    return NULL;
}

em_status em_crs_base(const char *crs, char **out, em_error *err)
{
    em_status rc = EM_OK;
    PJ_CONTEXT *ctx = NULL;
    PJ *whole = NULL;
    PJ *base = NULL;
    *out = NULL;
    EM_TRY(em_proj_context(&ctx, err));
    EM_TRY(em_proj_crs(ctx, crs, &whole, err));
    base = base_of(ctx, whole);
    if (!base) {
        rc = em_fail(err, EM_EINPUT, "%.200s is not tied to the Earth: it has no longitudes",
                     proj_get_name(whole));
        goto done;
    }
    EM_TRY(canonical(ctx, base, out, err));
done:
    proj_destroy(base);
    proj_destroy(whole);
    proj_context_destroy(ctx);
    return rc;
}

em_status em_crs_is_geographic(const char *text, bool *out, em_error *err)
{
    em_status rc = EM_OK;
    PJ_CONTEXT *ctx = NULL;
    PJ *crs = NULL;
    EM_TRY(em_proj_context(&ctx, err));
    EM_TRY(em_proj_crs(ctx, text, &crs, err));
    PJ_TYPE type = proj_get_type(crs);
    if (type == PJ_TYPE_BOUND_CRS || type == PJ_TYPE_COMPOUND_CRS) {
        PJ *const part = type == PJ_TYPE_BOUND_CRS ? proj_get_source_crs(ctx, crs)
                                                   : proj_crs_get_sub_crs(ctx, crs, 0);
        type = part ? proj_get_type(part) : PJ_TYPE_UNKNOWN;
        proj_destroy(part);
    }
    *out = type == PJ_TYPE_GEOGRAPHIC_2D_CRS || type == PJ_TYPE_GEOGRAPHIC_3D_CRS;
done:
    proj_destroy(crs);
    proj_context_destroy(ctx);
    return rc;
}

em_status em_crs_ellipsoid(const char *text, double *a, double *f, em_error *err)
{
    em_status rc = EM_OK;
    PJ_CONTEXT *ctx = NULL;
    PJ *crs = NULL;
    PJ *body = NULL;
    EM_TRY(em_proj_context(&ctx, err));
    EM_TRY(em_proj_crs(ctx, text, &crs, err));
    body = proj_get_ellipsoid(ctx, crs);
    double inverse = 0;
    if (!body || !proj_ellipsoid_get_parameters(ctx, body, a, NULL, NULL, &inverse)) {
        rc = em_fail(err, EM_EINPUT, "%.200s has no ellipsoid", proj_get_name(crs));
        goto done;
    }
    *f = inverse > 0 ? 1 / inverse : 0;
done:
    proj_destroy(body);
    proj_destroy(crs);
    proj_context_destroy(ctx);
    return rc;
}

em_status em_proj_axis_unit(PJ_CONTEXT *ctx, const PJ *crs, double *out, em_error *err)
{
    PJ *const system = proj_crs_get_coordinate_system(ctx, crs);
    const bool ok =
        system && proj_cs_get_axis_info(ctx, system, 0, NULL, NULL, NULL, out, NULL, NULL, NULL);
    proj_destroy(system);
    return ok && *out > 0
               ? EM_OK
               : em_fail(err, EM_EINPUT, "%.200s: axes without a unit", proj_get_name(crs));
}

struct em_transform {
    PJ_CONTEXT *ctx;
    PJ *op;
    char *from, *to;
};

/* WGS 84 and CGCS2000 agree to centimetres and count as one datum here: EPSG lists nothing
 * between them, and the ballpark transformation that PROJ then offers leaves longitude and latitude
 * as they are. */
static bool one_datum_here(PJ_CONTEXT *ctx, const PJ *a, const PJ *b)
{
    const PJ *const both[2] = {a, b};
    bool yes = true;
    for (int k = 0; k < 2; k++) {
        PJ *const base = base_of(ctx, both[k]);
        char code[32] = "";
        yes = yes && base && epsg_code(ctx, base, code) &&
              (strcmp(code, "EPSG:4326") == 0 || strcmp(code, "EPSG:4490") == 0);
        proj_destroy(base);
    }
    return yes;
}

em_status em_transform_open(const char *from, const char *to, em_transform **out, em_error *err)
{
    em_status rc = EM_OK;
    em_transform *t = NULL;
    PJ *a = NULL;
    PJ *b = NULL;
    PJ *raw = NULL;
    *out = NULL;
    EM_TRY(em_calloc(1, sizeof *t, "transformation", &t, err));
    EM_TRY(em_strdup(from, &t->from, err));
    EM_TRY(em_strdup(to, &t->to, err));
    EM_TRY(em_proj_context(&t->ctx, err));
    EM_TRY(em_proj_crs(t->ctx, from, &a, err));
    EM_TRY(em_proj_crs(t->ctx, to, &b, err));
    const char *const strict[] = {"ALLOW_BALLPARK=NO", NULL};
    const char *const *const options = one_datum_here(t->ctx, a, b) ? NULL : strict;
    raw = proj_create_crs_to_crs_from_pj(t->ctx, a, b, NULL, options);
    t->op = raw ? proj_normalize_for_visualization(t->ctx, raw) : NULL;
    if (!t->op) {
        rc = em_fail(err, EM_EINPUT,
                     "no transformation from \"%.100s\" to \"%.100s\" but a ballpark one, which "
                     "can be off by hundreds of metres: supply the data in another system",
                     proj_get_name(a), proj_get_name(b));
        goto done;
    }
    *out = t;
    t = NULL;
done:
    proj_destroy(raw);
    proj_destroy(b);
    proj_destroy(a);
    em_transform_close(t);
    return rc;
}

em_status em_transform_run(em_transform *t, double (*xy)[2], size_t n, em_error *err)
{
    for (size_t i = 0; i < n; i++) {
        proj_errno_reset(t->op);
        const PJ_COORD to = proj_trans(t->op, PJ_FWD, proj_coord(xy[i][0], xy[i][1], 0, 0));
        if (!isfinite(to.xy.x) || !isfinite(to.xy.y) || proj_errno(t->op)) {
            return em_fail(err, EM_EINPUT, "point %.9g, %.9g of %.100s has no place in %.100s",
                           xy[i][0], xy[i][1], t->from, t->to);
        }
        xy[i][0] = to.xy.x;
        xy[i][1] = to.xy.y;
    }
    return EM_OK;
}

void em_transform_close(em_transform *t)
{
    if (!t) return;
    proj_destroy(t->op);
    proj_context_destroy(t->ctx);
    em_free(t->from);
    em_free(t->to);
    em_free(t);
}

em_status em_crs_transform(const char *from, const char *to, double (*xy)[2], size_t n,
                           em_error *err)
{
    if (strcmp(from, to) == 0) return EM_OK;
    em_transform *t = NULL;
    em_status rc = em_transform_open(from, to, &t, err);
    if (rc == EM_OK) rc = em_transform_run(t, xy, n, err);
    em_transform_close(t);
    return rc;
}
