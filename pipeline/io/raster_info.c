#include "pipeline/io/raster_info.h"

#include <cpl_error.h>
#include <gdal.h>
#include <math.h>
#include <string.h>

#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"
#include "pipeline/base/str.h"
#include "pipeline/io/geo.h"

struct em_raster {
    GDALDatasetH ds;
    em_raster_info info;
    char *crs;
    char *path;
};

static em_status read_info(em_raster *r, em_error *err)
{
    double gt[6];
    em_raster_info *const info = &r->info;
    info->cols = GDALGetRasterXSize(r->ds);
    info->rows = GDALGetRasterYSize(r->ds);
    info->bands = GDALGetRasterCount(r->ds);
    if (GDALGetGeoTransform(r->ds, gt) != CE_None)
        return em_fail(err, EM_EINPUT, "%s: has no georeference", r->path);
    if (gt[2] != 0 || gt[4] != 0 || gt[1] <= 0 || gt[5] >= 0 ||
        fabs(gt[1] + gt[5]) > 1e-9 * gt[1]) {
        return em_fail(err, EM_EINPUT,
                       "%s: expected a north-up raster with square pixels, found steps %g %g %g %g",
                       r->path, gt[1], gt[2], gt[4], gt[5]);
    }
    info->x0 = gt[0];
    info->y0 = gt[3];
    info->pixel = gt[1];
    int has = 0;
    const double nodata =
        info->bands ? GDALGetRasterNoDataValue(GDALGetRasterBand(r->ds, 1), &has) : 0;
    info->nodata = has ? nodata : (double)NAN;
    const char *const wkt = GDALGetProjectionRef(r->ds);
    em_status rc =
        wkt && wkt[0] ? em_crs_canonical(wkt, &r->crs, err) : em_strdup("", &r->crs, err);
    if (rc != EM_OK) return em_context(err, EM_EINPUT, "%s", r->path);
    info->crs = r->crs;
    return EM_OK;
}

em_status em_raster_open(const char *path, em_raster **out, em_error *err)
{
    static const char *const drivers[] = {"GTiff", "JP2OpenJPEG", NULL};
    em_raster *r = NULL;
    *out = NULL;
    em_status rc = em_path_check(path, err);
    if (rc == EM_OK) rc = em_geo_start(err);
    if (rc == EM_OK) rc = em_calloc(1, sizeof *r, "raster", &r, err);
    if (rc == EM_OK) rc = em_strdup(path, &r->path, err);
    if (rc != EM_OK) goto done;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    CPLErrorReset();
    r->ds = GDALOpenEx(path, GDAL_OF_RASTER | GDAL_OF_READONLY, drivers, NULL,
                       (const char *const[]){NULL});
    CPLPopErrorHandler();
    if (!r->ds) {
        rc = em_fail(err, EM_EINPUT, "%s: cannot be opened as GeoTIFF or JPEG 2000: %.200s", path,
                     CPLGetLastErrorMsg());
        goto done;
    }
    rc = read_info(r, err);
done:
    if (rc != EM_OK) {
        em_raster_close(r);
        return rc;
    }
    *out = r;
    return EM_OK;
}

const em_raster_info *em_raster_get_info(const em_raster *raster)
{
    return &raster->info;
}

void em_raster_close(em_raster *r)
{
    if (!r) return;
    if (r->ds) GDALClose(r->ds);
    em_free(r->crs);
    em_free(r->path);
    em_free(r);
}

static em_status read_as(em_raster *r, int32_t band, int32_t x, int32_t y, int32_t w, int32_t h,
                         GDALDataType type, void *out, em_error *err)
{
    if (band < 1 || band > r->info.bands) {
        return em_fail(err, EM_EINPUT, "%s: band %d wanted, has %d", r->path, band, r->info.bands);
    }
    CPLPushErrorHandler(CPLQuietErrorHandler);
    CPLErrorReset();
    const CPLErr got =
        GDALRasterIO(GDALGetRasterBand(r->ds, band), GF_Read, x, y, w, h, out, w, h, type, 0, 0);
    CPLPopErrorHandler();
    if (got == CE_None && CPLGetLastErrorType() < CE_Failure) return EM_OK;
    return em_fail(err, EM_EINPUT, "%s: band %d, window %d %d %d %d: %.200s", r->path, band, x, y,
                   w, h, CPLGetLastErrorMsg());
}

em_status em_raster_read_u8(em_raster *r, int32_t band, int32_t x, int32_t y, int32_t w, int32_t h,
                            uint8_t *out, em_error *err)
{
    const GDALDataType type = band >= 1 && band <= r->info.bands
                                  ? GDALGetRasterDataType(GDALGetRasterBand(r->ds, band))
                                  : GDT_Byte;
    if (type != GDT_Byte)
        return em_fail(err, EM_EINPUT, "%s: band %d holds %s, expected bytes", r->path, band,
                       GDALGetDataTypeName(type));
    return read_as(r, band, x, y, w, h, GDT_Byte, out, err);
}

em_status em_raster_read_double(em_raster *r, int32_t band, int32_t x, int32_t y, int32_t w,
                                int32_t h, double *out, em_error *err)
{
    return read_as(r, band, x, y, w, h, GDT_Float64, out, err);
}

em_status em_raster_footprint(const em_raster *r, double (*ring)[2], int32_t *n_ring, em_error *err)
{
    enum { SIDE = 4 };
    const em_raster_info *const i = &r->info;
    const double w = i->cols * i->pixel;
    const double h = i->rows * i->pixel;
    static const double corner[5][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}};
    int32_t n = 0;
    for (int c = 0; c < 4; c++) {
        for (int k = 0; k < SIDE; k++) {
            const double t = (double)k / SIDE;
            ring[n][0] = i->x0 + w * (corner[c][0] + t * (corner[c + 1][0] - corner[c][0]));
            ring[n++][1] = i->y0 - h * (corner[c][1] + t * (corner[c + 1][1] - corner[c][1]));
        }
    }
    ring[n][0] = ring[0][0];
    ring[n++][1] = ring[0][1];
    *n_ring = n;
    const em_status rc = em_crs_transform(i->crs, "EPSG:4326", ring, (size_t)n, err);
    return rc == EM_OK ? rc : em_context(err, rc, "%s", r->path);
}
