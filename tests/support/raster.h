/* Small rasters for tests, written by GDAL at run time. */
#ifndef TESTS_SUPPORT_RASTER_H
#define TESTS_SUPPORT_RASTER_H

#include <stdint.h>

/* Writes values [rows][cols] as "GTiff" or lossless "JP2OpenJPEG" in tiles of 64; fails the test
 * where GDAL refuses. nodata below 0: none. */
void test_raster_u16(const char *driver, const char *path, int cols, int rows, double x0, double y0,
                     double pixel, int epsg, int nodata, const uint16_t *values);

/* The same with several bands [band][rows][cols]. */
void test_raster_bands(const char *path, int bands, int cols, int rows, double x0, double y0,
                       double pixel, int epsg, const uint16_t *values);

#endif
