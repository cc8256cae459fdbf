#include "pipeline/io/vector_write.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

#include "pipeline/base/memory.h"
#include "pipeline/io/geo.h"

#define NO_DATE "2000-01-01T00:00:00.000Z" /* the format wants one */

struct em_layer_writer {
    char file[64];
    GDALDatasetH ds;
    OGRLayerH layer;
    bool polygons;
    GIntBig n;
};

static em_status complain(const char *what, em_error *err)
{
    return em_fail(err, EM_EINTERNAL, "layer: %s: %.300s", what, CPLGetLastErrorMsg());
}

static em_status begin(em_layer_writer *w, const char *name, const char *crs,
                       const char *const *fields, size_t n_field, const char *note, em_error *err)
{
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    char **options = CSLSetNameValue(NULL, "DESCRIPTION", note);
    em_status rc = EM_OK;
    w->ds = GDALCreate(GDALGetDriverByName("GPKG"), w->file, 0, 0, 0, GDT_Unknown, NULL);
    if (!w->ds || !srs || OSRSetFromUserInput(srs, crs) != OGRERR_NONE) {
        rc = complain("cannot begin", err);
        goto done;
    }
    OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    w->layer =
        GDALDatasetCreateLayer(w->ds, name, srs, w->polygons ? wkbPolygon : wkbPoint, options);
    for (size_t i = 0; w->layer && i < n_field; i++) {
        OGRFieldDefnH field = OGR_Fld_Create(fields[i], OFTString);
        const OGRErr added = OGR_L_CreateField(w->layer, field, TRUE);
        OGR_Fld_Destroy(field);
        if (added != OGRERR_NONE) rc = complain("field refused", err);
    }
    if (!w->layer || GDALDatasetStartTransaction(w->ds, FALSE) != OGRERR_NONE)
        rc = complain("cannot begin", err);
done:
    CSLDestroy(options);
    if (srs) OSRDestroySpatialReference(srs);
    return rc;
}

em_status em_layer_begin(const char *name, const char *crs, bool polygons,
                         const char *const *fields, size_t n_field, const char *note,
                         em_layer_writer **out, em_error *err)
{
    static atomic_uint count;
    em_layer_writer *w = NULL;
    *out = NULL;
    em_status rc = em_geo_start(err);
    if (rc == EM_OK) rc = em_calloc(1, sizeof *w, "layer", &w, err);
    if (rc != EM_OK) return rc;
    w->polygons = polygons;
    snprintf(w->file, sizeof w->file, "/vsimem/ecomon-layer-%u.gpkg", atomic_fetch_add(&count, 1));
    CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", NO_DATE);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    rc = begin(w, name, crs, fields, n_field, note, err);
    CPLPopErrorHandler();
    if (rc == EM_OK)
        *out = w;
    else
        em_layer_drop(w);
    return rc;
}

static OGRGeometryH geometry_of(bool polygon, const double (*xy)[2], size_t n)
{
    OGRGeometryH g = OGR_G_CreateGeometry(polygon ? wkbPolygon : wkbPoint);
    if (!polygon) {
        OGR_G_SetPoint_2D(g, 0, xy[0][0], xy[0][1]);
        return g;
    }
    OGRGeometryH ring = OGR_G_CreateGeometry(wkbLinearRing);
    for (size_t i = 0; i < n; i++) OGR_G_AddPoint_2D(ring, xy[i][0], xy[i][1]);
    OGR_G_CloseRings(ring);
    OGR_G_AddGeometryDirectly(g, ring);
    return g;
}

em_status em_layer_add(em_layer_writer *w, const double (*xy)[2], size_t n,
                       const char *const *values, em_error *err)
{
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(w->layer);
    OGRFeatureH feature = OGR_F_Create(definition);
    for (int i = 0; i < OGR_FD_GetFieldCount(definition); i++)
        OGR_F_SetFieldString(feature, i, values[i]);
    OGR_F_SetGeometryDirectly(feature, geometry_of(w->polygons, xy, n));
    CPLPushErrorHandler(CPLQuietErrorHandler);
    const OGRErr rc = OGR_L_CreateFeature(w->layer, feature);
    CPLPopErrorHandler();
    OGR_F_Destroy(feature);
    w->n++;
    return rc == OGRERR_NONE ? EM_OK : complain("feature refused", err);
}

/* As many features as went in, from the bytes that go out. */
static em_status count_back(const em_layer_writer *w, em_error *err)
{
    static const char *const drivers[] = {"GPKG", NULL};
    const GDALDatasetH ds =
        GDALOpenEx(w->file, GDAL_OF_VECTOR | GDAL_OF_READONLY, drivers, NULL, NULL);
    if (!ds) return complain("cannot be opened again", err);
    const GIntBig n = OGR_L_GetFeatureCount(GDALDatasetGetLayer(ds, 0), TRUE);
    GDALClose(ds);
    if (n == w->n) return EM_OK;
    return em_fail(err, EM_EINTERNAL, "layer: %lld features went in, %lld came back",
                   (long long)w->n, (long long)n);
}

em_status em_layer_finish(em_layer_writer *w, em_str *image, em_error *err)
{
    em_status rc = EM_OK;
    vsi_l_offset size = 0;
    CPLErrorReset();
    CPLPushErrorHandler(CPLQuietErrorHandler);
    if (GDALDatasetCommitTransaction(w->ds) != OGRERR_NONE) rc = complain("cannot be ended", err);
    GDALClose(w->ds);
    w->ds = NULL;
    if (rc == EM_OK && CPLGetLastErrorType() >= CE_Failure) rc = complain("cannot be ended", err);
    if (rc == EM_OK) rc = count_back(w, err);
    const GByte *const bytes = rc == EM_OK ? VSIGetMemFileBuffer(w->file, &size, FALSE) : NULL;
    if (bytes) em_str_append_bytes(image, bytes, (size_t)size);
    CPLPopErrorHandler();
    if (rc == EM_OK) rc = em_str_check(image, err);
    em_layer_drop(w);
    return rc;
}

void em_layer_drop(em_layer_writer *w)
{
    if (!w) return;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    if (w->ds) GDALClose(w->ds);
    VSIUnlink(w->file);
    CPLPopErrorHandler();
    CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", NULL);
    em_free(w);
}
