#include <cpl_error.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"
#include "pipeline/io/decode_parts.h"
#include "pipeline/io/geo.h"

enum { MOST_BLOCK_MB = 256 }; /* a file that stores larger blocks is a bomb or a mistake */

static void CPL_STDCALL hear(CPLErr level, CPLErrorNum number, const char *text)
{
    (void)number;
    em_complaint *const c = CPLGetErrorHandlerUserData();
    if (level < c->least || c->found != CE_None) return;
    c->found = level;
    snprintf(c->text, sizeof c->text, "%s", text);
}

void em_complaint_begin(em_complaint *c, CPLErr least)
{
    *c = (em_complaint){.least = least};
    CPLPushErrorHandlerEx(hear, c);
}

void em_complaint_end(void)
{
    CPLPopErrorHandler();
}

/* ---- opening ---- */

static em_status open_file(em_source *s, em_error *err)
{
    static const char *const drivers[] = {"JP2OpenJPEG", "GTiff", NULL};
    em_complaint c;
    em_status rc = em_path_check(s->path, err);
    if (rc == EM_OK && !em_file_exists(s->path))
        rc = em_fail(err, EM_EINPUT, "%s: band %s: no such file", s->path, s->name);
    if (rc == EM_OK) rc = em_jp2_check(s->path, err);
    if (rc != EM_OK) return em_context(err, EM_EINPUT, "band %s", s->name);
    em_complaint_begin(&c, CE_Failure);
    s->ds = GDALOpenEx(s->path, GDAL_OF_RASTER | GDAL_OF_READONLY, drivers, NULL,
                       (const char *const[]){NULL});
    em_complaint_end();
    s->owner = s->ds != NULL;
    if (s->ds) return EM_OK;
    return em_fail(err, EM_EINPUT, "%s: band %s: cannot be opened as JPEG 2000 or GeoTIFF: %s",
                   s->path, s->name, c.text[0] ? c.text : "another format");
}

static em_status check_place(const em_source *s, const em_scene *scene, double pixel, em_error *err)
{
    double gt[6];
    if (GDALGetGeoTransform(s->ds, gt) != CE_None)
        return em_fail(err, EM_EINPUT, "%s: band %s: has no georeference", s->path, s->name);
    const double slack = 1e-3 * pixel;
    if (fabs(gt[0] - scene->x0) > slack || fabs(gt[3] - scene->y0) > slack ||
        fabs(gt[1] - pixel) > 1e-6 * pixel || fabs(gt[5] + pixel) > 1e-6 * pixel || gt[2] != 0 ||
        gt[4] != 0) {
        return em_fail(err, EM_EINPUT,
                       "%s: band %s: expected corner %.3f %.3f and pixel %g as the metadata say, "
                       "found %.3f %.3f and %g x %g",
                       s->path, s->name, scene->x0, scene->y0, pixel, gt[0], gt[3], gt[1], -gt[5]);
    }
    char *crs = NULL;
    const char *const wkt = GDALGetProjectionRef(s->ds);
    em_status rc = wkt && wkt[0] ? em_crs_canonical(wkt, &crs, err) : em_strdup("", &crs, err);
    if (rc != EM_OK) return em_context(err, EM_EINPUT, "%s", s->path);
    if (strcmp(crs, scene->crs) != 0)
        rc = em_fail(err, EM_EINPUT, "%s: band %s: expected CRS %.80s, found %.80s", s->path,
                     s->name, scene->crs, crs[0] ? crs : "none");
    em_free(crs);
    return rc;
}

static em_status check_form(em_source *s, int32_t cols, int32_t rows, em_error *err)
{
    int bx = 0;
    int by = 0;
    s->cols = GDALGetRasterXSize(s->ds);
    s->rows = GDALGetRasterYSize(s->ds);
    if (s->cols != cols || s->rows != rows) {
        return em_fail(err, EM_EINPUT, "%s: band %s: expected %d x %d pixels, found %d x %d",
                       s->path, s->name, cols, rows, s->cols, s->rows);
    }
    if (s->band < 1 || s->band > GDALGetRasterCount(s->ds)) {
        return em_fail(err, EM_EINPUT, "%s: band %s: expected band %d of the file, it has %d",
                       s->path, s->name, s->band, GDALGetRasterCount(s->ds));
    }
    const GDALRasterBandH band = GDALGetRasterBand(s->ds, s->band);
    s->type = GDALGetRasterDataType(band);
    if (GDALDataTypeIsComplex(s->type))
        return em_fail(err, EM_EINPUT, "%s: band %s: holds complex numbers", s->path, s->name);
    GDALGetBlockSize(band, &bx, &by);
    const double mb = (double)bx * by * GDALGetDataTypeSizeBytes(s->type) / 1048576;
    if (mb > MOST_BLOCK_MB) {
        return em_fail(err, EM_EINPUT, "%s: band %s: blocks of %d x %d need %.0f MiB, at most %d",
                       s->path, s->name, bx, by, mb, MOST_BLOCK_MB);
    }
    return EM_OK;
}

em_status em_source_open(const em_scene *scene, const em_grid *grid, const char *name,
                         const char *path, int32_t band, double pixel, int32_t cols, int32_t rows,
                         double nodata, const em_source *like, em_source *out, em_error *err)
{
    *out = (em_source){.band = band, .path = path, .name = name, .nodata = nodata};
    em_status rc = EM_OK;
    if (like && strcmp(like->path, path) == 0) {
        out->ds = like->ds;
    } else {
        rc = open_file(out, err);
    }
    if (rc == EM_OK) rc = check_form(out, cols, rows, err);
    if (rc == EM_OK) rc = check_place(out, scene, pixel, err);
    out->place = em_place_of(scene, grid, pixel);
    if (rc != EM_OK) em_source_close(out);
    return rc;
}

void em_source_close(em_source *s)
{
    if (s->owner) GDALClose(s->ds);
    s->ds = NULL;
    s->owner = false;
}

/* ---- reading ---- */

em_status em_source_read(const em_source *s, int32_t x, int32_t y, int32_t w, int32_t h,
                         GDALDataType type, void *out, size_t pitch, em_error *err)
{
    em_complaint c;
    const int size = GDALGetDataTypeSizeBytes(type);
    em_complaint_begin(&c, CE_Warning); /* drivers only warn where a code block is damaged */
    const CPLErr got = GDALRasterIOEx(GDALGetRasterBand(s->ds, s->band), GF_Read, x, y, w, h, out,
                                      w, h, type, size, (GSpacing)pitch * size, NULL);
    em_complaint_end();
    if (got == CE_None && c.found == CE_None) return EM_OK;
    return em_fail(err, EM_EINPUT,
                   "%s: band %s: cannot be decoded, columns %d to %d, rows %d to %d: %s", s->path,
                   s->name, x, x + w - 1, y, y + h - 1, c.text[0] ? c.text : "no reason given");
}

size_t em_source_cache_bytes(const em_source *s, int32_t side)
{
    int bx = 1;
    int by = 1;
    GDALGetBlockSize(GDALGetRasterBand(s->ds, s->band), &bx, &by);
    const size_t across = ((size_t)s->cols + (size_t)bx - 1) / (size_t)bx;
    const size_t down = ((size_t)side / (size_t)s->place.factor + (size_t)by - 1) / (size_t)by + 2;
    const size_t all = ((size_t)s->rows + (size_t)by - 1) / (size_t)by;
    return across * (down < all ? down : all) * (size_t)bx * (size_t)by *
           (size_t)GDALGetDataTypeSizeBytes(s->type);
}
