/* One band of pixels as the bytes of a Cloud Optimized GeoTIFF.
 *
 * GDAL's COG driver makes the file in memory; it is read back and compared pixel by pixel before
 * anybody gets it. The same pixels give the same bytes. See pipeline/decisions/0002-cog-by-gdal.md.
 */
#ifndef EM_IO_COG_H
#define EM_IO_COG_H

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/base/error.h"
#include "pipeline/base/str.h"
#include "pipeline/grid/grid.h"

typedef struct em_cog {
    const em_grid *grid;
    em_rect area;       /* absolute pixels that the map covers */
    bool wide;          /* false: uint8 pixels, true: uint16 */
    const void *pixels; /* [height][width] */
    int32_t nodata;
    bool by_mode; /* overviews by the most frequent value (classes), else by the mean; without
                     nodata */
    const uint32_t *colours; /* [256] 0xRRGGBBAA, uint8 only; NULL: none */
    const char *description; /* of the band */
} em_cog;

/* Encodes the map. *image must be empty; the caller releases it. EM_EENV where memory is refused,
 * EM_EINTERNAL where the file does not hold the pixels that went in. */
em_status em_cog_encode(const em_cog *cog, em_str *image, em_error *err);

#endif
