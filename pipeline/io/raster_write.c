#include "pipeline/io/raster_write.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <ogr_srs_api.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/io/geo.h"

enum { STRIP = 1024 };

static em_status complain(const char *what, em_error *err)
{
    const bool memory = CPLGetLastErrorNo() == CPLE_OutOfMemory;
    return em_fail(err, memory ? EM_EENV : EM_EINTERNAL, "raster: %s: %.300s", what,
                   CPLGetLastErrorMsg());
}

static GDALDataType type_of(const em_raster_out *r)
{
    return r->wide ? GDT_UInt16 : GDT_Byte;
}

static bool set_place(GDALDatasetH ds, const em_raster_out *r)
{
    double gt[6] = {r->x0, r->pixel, 0, r->y0, 0, -r->pixel};
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    bool ok = srs && OSRSetFromUserInput(srs, r->crs) == OGRERR_NONE;
    if (ok) OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    ok = ok && GDALSetGeoTransform(ds, gt) == CE_None && GDALSetSpatialRef(ds, srs) == CE_None;
    if (srs) OSRDestroySpatialReference(srs);
    return ok;
}

/* The caller's pixels as a dataset, without a copy. */
static em_status wrap(const em_raster_out *r, GDALDatasetH *out, em_error *err)
{
    char place[64] = {0};
    char **options = NULL;
    *out = GDALCreate(GDALGetDriverByName("MEM"), "", r->cols, r->rows, 0, type_of(r), NULL);
    if (!*out) return complain("cannot begin", err);
    place[CPLPrintPointer(place, (void *)(uintptr_t)r->pixels, sizeof place - 1)] = '\0';
    options = CSLSetNameValue(options, "DATAPOINTER", place);
    const CPLErr added = GDALAddBand(*out, type_of(r), options);
    CSLDestroy(options);
    if (added != CE_None || !set_place(*out, r)) return complain("cannot begin", err);
    if (r->nodata >= 0) GDALSetRasterNoDataValue(GDALGetRasterBand(*out, 1), r->nodata);
    if (r->note) GDALSetMetadataItem(*out, "TIFFTAG_IMAGEDESCRIPTION", r->note, NULL);
    return EM_OK;
}

static em_status compare(const em_raster_out *r, GDALDatasetH ds, em_error *err)
{
    em_status rc = EM_OK;
    unsigned char *strip = NULL;
    const size_t row = (size_t)r->cols * (r->wide ? 2 : 1);
    EM_TRY(em_calloc(row, STRIP, "raster strip", &strip, err));
    for (int y = 0; y < r->rows && rc == EM_OK; y += STRIP) {
        const int rows = r->rows - y < STRIP ? r->rows - y : STRIP;
        const unsigned char *const want = (const unsigned char *)r->pixels + row * (size_t)y;
        if (GDALRasterIO(GDALGetRasterBand(ds, 1), GF_Read, 0, y, r->cols, rows, strip, r->cols,
                         rows, type_of(r), 0, 0) != CE_None)
            rc = complain("cannot be read back", err);
        else if (memcmp(strip, want, row * (size_t)rows) != 0)
            rc = em_fail(err, EM_EINTERNAL, "raster: rows %d to %d read back otherwise", y,
                         y + rows - 1);
    }
done:
    em_free(strip);
    return rc;
}

static em_status make(const em_raster_out *r, const char *driver, char **options, const char *name,
                      em_error *err)
{
    GDALDatasetH from = NULL;
    em_status rc = wrap(r, &from, err);
    if (rc == EM_OK) {
        CPLErrorReset();
        const GDALDatasetH ds =
            GDALCreateCopy(GDALGetDriverByName(driver), name, from, 0, options, NULL, NULL);
        if (ds) GDALClose(ds);
        if (!ds || CPLGetLastErrorType() >= CE_Failure) rc = complain("cannot be written", err);
    }
    if (from) GDALClose(from);
    if (rc != EM_OK) return rc;
    const char *const drivers[] = {driver, NULL};
    const GDALDatasetH ds =
        GDALOpenEx(name, GDAL_OF_RASTER | GDAL_OF_READONLY, drivers, NULL, NULL);
    if (!ds) return complain("cannot be opened again", err);
    rc = compare(r, ds, err);
    GDALClose(ds);
    return rc;
}

static em_status encode(const em_raster_out *r, const char *driver, const char *tail,
                        char **options, em_str *image, em_error *err)
{
    static atomic_uint count;
    char name[64];
    vsi_l_offset size = 0;
    em_status rc = em_geo_start(err);
    snprintf(name, sizeof name, "/vsimem/ecomon-raster-%u.%s", atomic_fetch_add(&count, 1), tail);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    if (rc == EM_OK) rc = make(r, driver, options, name, err);
    const GByte *const bytes = rc == EM_OK ? VSIGetMemFileBuffer(name, &size, FALSE) : NULL;
    if (rc == EM_OK && !bytes) rc = em_fail(err, EM_EINTERNAL, "raster: was made empty");
    if (rc == EM_OK) {
        em_str_append_bytes(image, bytes, (size_t)size);
        rc = em_str_check(image, err);
    }
    VSIUnlink(name);
    CPLPopErrorHandler();
    CSLDestroy(options);
    return rc;
}

em_status em_raster_encode_jp2(const em_raster_out *r, em_str *image, em_error *err)
{
    char **o = NULL;
    const char *const side = r->pixel > 10 ? "640" : "1024";
    o = CSLSetNameValue(o, "REVERSIBLE", "YES");
    o = CSLSetNameValue(o, "QUALITY", "100");
    o = CSLSetNameValue(o, "BLOCKXSIZE", side);
    o = CSLSetNameValue(o, "BLOCKYSIZE", side);
    o = CSLSetNameValue(o, "RESOLUTIONS", "5");
    return encode(r, "JP2OpenJPEG", "jp2", o, image, err);
}

em_status em_raster_encode_tiff(const em_raster_out *r, em_str *image, em_error *err)
{
    char **o = NULL;
    o = CSLSetNameValue(o, "TILED", "YES");
    o = CSLSetNameValue(o, "BLOCKXSIZE", "512");
    o = CSLSetNameValue(o, "BLOCKYSIZE", "512");
    o = CSLSetNameValue(o, "COMPRESS", "DEFLATE");
    o = CSLSetNameValue(o, "ZLEVEL", "1");
    o = CSLSetNameValue(o, "PREDICTOR", "2");
    return encode(r, "GTiff", "tif", o, image, err);
}
