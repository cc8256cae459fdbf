#include "tests/support/raster.h"

#include <cpl_string.h>
#include <gdal.h>
#include <ogr_srs_api.h>

#include "tests/support/test.h"

static GDALDatasetH in_memory(int bands, int cols, int rows, double x0, double y0, double pixel,
                              int epsg, const uint16_t *values)
{
    double gt[6] = {x0, pixel, 0, y0, 0, -pixel};
    GDALAllRegister();
    const GDALDatasetH ds =
        GDALCreate(GDALGetDriverByName("MEM"), "", cols, rows, bands, GDT_UInt16, NULL);
    assert_non_null(ds);
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    assert_int_equal(OSRImportFromEPSG(srs, epsg), OGRERR_NONE);
    GDALSetGeoTransform(ds, gt);
    GDALSetSpatialRef(ds, srs);
    OSRDestroySpatialReference(srs);
    for (int b = 0; b < bands; b++) {
        uint16_t *const plane =
            (uint16_t *)(uintptr_t)(values + (size_t)b * (size_t)cols * (size_t)rows);
        assert_int_equal(GDALRasterIO(GDALGetRasterBand(ds, b + 1), GF_Write, 0, 0, cols, rows,
                                      plane, cols, rows, GDT_UInt16, 0, 0),
                         CE_None);
    }
    return ds;
}

void test_raster_u16(const char *driver, const char *path, int cols, int rows, double x0, double y0,
                     double pixel, int epsg, int nodata, const uint16_t *values)
{
    const GDALDatasetH ds = in_memory(1, cols, rows, x0, y0, pixel, epsg, values);
    char **options = NULL;
    options = CSLSetNameValue(options, "BLOCKXSIZE", "64");
    options = CSLSetNameValue(options, "BLOCKYSIZE", "64");
    if (driver[0] == 'G') {
        options = CSLSetNameValue(options, "TILED", "YES");
    } else {
        options = CSLSetNameValue(options, "REVERSIBLE", "YES");
        options = CSLSetNameValue(options, "QUALITY", "100");
    }
    if (nodata >= 0) GDALSetRasterNoDataValue(GDALGetRasterBand(ds, 1), nodata);
    const GDALDatasetH out =
        GDALCreateCopy(GDALGetDriverByName(driver), path, ds, 0, options, NULL, NULL);
    assert_non_null(out);
    GDALClose(out);
    GDALClose(ds);
    CSLDestroy(options);
}

void test_raster_bands(const char *path, int bands, int cols, int rows, double x0, double y0,
                       double pixel, int epsg, const uint16_t *values)
{
    const GDALDatasetH ds = in_memory(bands, cols, rows, x0, y0, pixel, epsg, values);
    const GDALDatasetH out =
        GDALCreateCopy(GDALGetDriverByName("GTiff"), path, ds, 0, NULL, NULL, NULL);
    assert_non_null(out);
    GDALClose(out);
    GDALClose(ds);
}
