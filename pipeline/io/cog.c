#include "pipeline/io/cog.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <ogr_srs_api.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/base/memory.h"
#include "pipeline/io/geo.h"

enum { BLOCK = 512 };

static int width_of(const em_cog *c)
{
    return (int)(c->area.x1 - c->area.x0);
}

static int height_of(const em_cog *c)
{
    return (int)(c->area.y1 - c->area.y0);
}

static GDALDataType type_of(const em_cog *c)
{
    return c->wide ? GDT_UInt16 : GDT_Byte;
}

static em_status complain(const char *what, em_error *err)
{
    const bool memory = CPLGetLastErrorNo() == CPLE_OutOfMemory;
    return em_fail(err, memory ? EM_EENV : EM_EINTERNAL, "map: %s: %.300s", what,
                   CPLGetLastErrorMsg());
}

/* ---- the source ---- */

static void set_colours(GDALRasterBandH band, const uint32_t *colours)
{
    GDALColorTableH table = GDALCreateColorTable(GPI_RGB);
    for (int i = 0; i < 256; i++) {
        const GDALColorEntry entry = {(short)(colours[i] >> 24), (short)(colours[i] >> 16 & 255),
                                      (short)(colours[i] >> 8 & 255), (short)(colours[i] & 255)};
        GDALSetColorEntry(table, i, &entry);
    }
    GDALSetRasterColorTable(band, table);
    GDALDestroyColorTable(table);
}

static bool set_place(GDALDatasetH ds, const em_cog *c)
{
    double gt[6] = {0, c->grid->px, 0, 0, 0, -c->grid->px};
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    em_grid_to_crs(c->grid, (double)c->area.x0, (double)c->area.y0, &gt[0], &gt[3]);
    bool ok = srs && OSRSetFromUserInput(srs, c->grid->crs) == OGRERR_NONE;
    if (ok) OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    ok = ok && GDALSetGeoTransform(ds, gt) == CE_None && GDALSetSpatialRef(ds, srs) == CE_None;
    if (srs) OSRDestroySpatialReference(srs);
    return ok;
}

/* The caller's pixels as a dataset, without a copy. */
static em_status wrap(const em_cog *c, GDALDatasetH *out, em_error *err)
{
    char place[64] = {0};
    char **options = NULL;
    *out =
        GDALCreate(GDALGetDriverByName("MEM"), "", width_of(c), height_of(c), 0, type_of(c), NULL);
    if (!*out) return complain("cannot begin", err);
    const int n = CPLPrintPointer(place, (void *)(uintptr_t)c->pixels, sizeof place - 1);
    place[n] = '\0';
    options = CSLSetNameValue(options, "DATAPOINTER", place);
    const CPLErr added = GDALAddBand(*out, type_of(c), options);
    CSLDestroy(options);
    if (added != CE_None || !set_place(*out, c)) return complain("cannot begin", err);
    const GDALRasterBandH band = GDALGetRasterBand(*out, 1);
    GDALSetRasterNoDataValue(band, c->nodata);
    GDALSetDescription(band, c->description);
    if (c->colours) set_colours(band, c->colours);
    return EM_OK;
}

/* ---- the file ---- */

static em_status make(const em_cog *c, GDALDatasetH from, const char *name, em_error *err)
{
    char **options = NULL;
    options = CSLSetNameValue(options, "COMPRESS", "DEFLATE");
    options = CSLSetNameValue(options, "PREDICTOR", c->wide ? "STANDARD" : "NO");
    options = CSLSetNameValue(options, "BLOCKSIZE", "512");
    options = CSLSetNameValue(options, "OVERVIEW_RESAMPLING", c->by_mode ? "MODE" : "AVERAGE");
    options = CSLSetNameValue(options, "NUM_THREADS", "1");
    options = CSLSetNameValue(options, "BIGTIFF", "IF_SAFER");
    CPLErrorReset();
    const GDALDatasetH ds =
        GDALCreateCopy(GDALGetDriverByName("COG"), name, from, 0, options, NULL, NULL);
    CSLDestroy(options);
    if (ds) GDALClose(ds);
    if (!ds || CPLGetLastErrorType() >= CE_Failure) return complain("cannot be written", err);
    return EM_OK;
}

/* Every pixel of the file against the caller's, strip by strip. */
static em_status compare_pixels(const em_cog *c, GDALRasterBandH band, em_error *err)
{
    em_status rc = EM_OK;
    unsigned char *strip = NULL;
    const size_t row = (size_t)width_of(c) * (c->wide ? 2 : 1);
    EM_TRY(em_calloc(row, BLOCK, "map strip", &strip, err));
    for (int y = 0; y < height_of(c) && rc == EM_OK; y += BLOCK) {
        const int rows = height_of(c) - y < BLOCK ? height_of(c) - y : BLOCK;
        const CPLErr got = GDALRasterIO(band, GF_Read, 0, y, width_of(c), rows, strip, width_of(c),
                                        rows, type_of(c), 0, 0);
        const unsigned char *const want = (const unsigned char *)c->pixels + row * (size_t)y;
        if (got != CE_None)
            rc = complain("cannot be read back", err);
        else if (memcmp(strip, want, row * (size_t)rows) != 0)
            rc = em_fail(err, EM_EINTERNAL, "map: rows %d to %d read back otherwise", y,
                         y + rows - 1);
    }
done:
    em_free(strip);
    return rc;
}

static em_status check(const em_cog *c, const char *name, em_error *err)
{
    static const char *const drivers[] = {"GTiff", NULL};
    CPLErrorReset();
    const GDALDatasetH ds =
        GDALOpenEx(name, GDAL_OF_RASTER | GDAL_OF_READONLY, drivers, NULL, NULL);
    if (!ds) return complain("cannot be opened again", err);
    const GDALRasterBandH band = GDALGetRasterBand(ds, 1);
    em_status rc = compare_pixels(c, band, err);
    const bool large = width_of(c) > BLOCK || height_of(c) > BLOCK;
    if (rc == EM_OK && large && GDALGetOverviewCount(band) == 0)
        rc = em_fail(err, EM_EINTERNAL, "map: has no overviews");
    GDALClose(ds);
    return rc;
}

static em_status take_bytes(const char *name, em_str *image, em_error *err)
{
    vsi_l_offset size = 0;
    const GByte *const bytes = VSIGetMemFileBuffer(name, &size, FALSE);
    if (!bytes || size == 0) return em_fail(err, EM_EINTERNAL, "map: was made empty");
    em_str_append_bytes(image, bytes, (size_t)size);
    return em_str_check(image, err);
}

em_status em_cog_encode(const em_cog *cog, em_str *image, em_error *err)
{
    static atomic_uint count;
    char name[64];
    GDALDatasetH from = NULL;
    if (em_rect_empty(cog->area) || cog->area.x1 - cog->area.x0 > INT32_MAX ||
        cog->area.y1 - cog->area.y0 > INT32_MAX)
        return em_fail(err, EM_EINTERNAL, "map: its area is empty or too large");
    em_status rc = em_geo_start(err);
    if (rc != EM_OK) return rc;
    snprintf(name, sizeof name, "/vsimem/ecomon-%u.tif", atomic_fetch_add(&count, 1));
    CPLPushErrorHandler(CPLQuietErrorHandler);
    rc = wrap(cog, &from, err);
    if (rc == EM_OK) rc = make(cog, from, name, err);
    if (from) GDALClose(from);
    if (rc == EM_OK) rc = check(cog, name, err);
    if (rc == EM_OK) rc = take_bytes(name, image, err);
    VSIUnlink(name);
    CPLPopErrorHandler();
    if (rc != EM_OK) em_str_release(image);
    return rc;
}
