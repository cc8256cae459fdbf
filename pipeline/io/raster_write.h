/* Plain rasters as bytes of a file, made by GDAL in memory and read back. */
#ifndef EM_IO_RASTER_WRITE_H
#define EM_IO_RASTER_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/base/error.h"
#include "pipeline/base/str.h"

typedef struct em_raster_out {
    int32_t cols, rows;
    double x0, y0, pixel; /* upper left corner and pixel size */
    const char *crs;
    bool wide;          /* false: uint8, true: uint16 */
    const void *pixels; /* [rows][cols] */
    int32_t nodata;     /* -1: none */
    const char *note;   /* goes into the file's description */
} em_raster_out;

/* Lossless JPEG 2000 in tiles of 1024 (640 for pixels above 10 m), or GeoTIFF in deflated tiles of
 * 512. The same pixels give the same bytes. *image must be empty; the caller releases it. EM_EENV
 * where memory is refused, EM_EINTERNAL where the file does not hold what went in. */
em_status em_raster_encode_jp2(const em_raster_out *raster, em_str *image, em_error *err);
em_status em_raster_encode_tiff(const em_raster_out *raster, em_str *image, em_error *err);

#endif
