/* What a raster file says of itself, and plain windows of it. Opened with an allow-list of drivers,
 * no PAM, no sidecars. */
#ifndef EM_IO_RASTER_INFO_H
#define EM_IO_RASTER_INFO_H

#include <stdint.h>

#include "pipeline/base/error.h"

typedef struct em_raster em_raster;

typedef struct em_raster_info {
    int32_t cols, rows, bands;
    double x0, y0, pixel; /* upper left corner and pixel size, north up, square pixels */
    const char *crs;      /* canonical, borrowed from the raster; "" where the file has none */
    double nodata;        /* of band 1; NaN where there is none */
} em_raster_info;

/* GeoTIFF or JPEG 2000 only. EM_EINPUT where it is absent, another format, rotated, south up or not
 * square. */
em_status em_raster_open(const char *path, em_raster **out, em_error *err);
const em_raster_info *em_raster_get_info(const em_raster *raster);
void em_raster_close(em_raster *raster); /* accepts NULL */

/* Reads a window of a band (1-based) as bytes (values outside 0..255 are an error) or doubles. out
 * is [h][w]. */
em_status em_raster_read_u8(em_raster *raster, int32_t band, int32_t x, int32_t y, int32_t w,
                            int32_t h, uint8_t *out, em_error *err);
em_status em_raster_read_double(em_raster *raster, int32_t band, int32_t x, int32_t y, int32_t w,
                                int32_t h, double *out, em_error *err);

/* Footprint of the whole raster as a closed ring of longitude and latitude, 4 points per side;
 * n_ring receives the count (at most 64). */
em_status em_raster_footprint(const em_raster *raster, double (*ring)[2], int32_t *n_ring,
                              em_error *err);

#endif
