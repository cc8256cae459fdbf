/* Map products: tile results put together into one Cloud Optimized GeoTIFF each, with colours and
 * names for QGIS.
 *
 *   class       uint8   class codes, 250 no observation, nodata 255 outside every unit
 *   confidence  uint8   0..100 per cent of the forest's votes; nodata 255 where there is no class
 *   clear       uint16  clear looks in the period; nodata 65535 outside every unit
 */
#ifndef EM_PUBLISH_MAPS_H
#define EM_PUBLISH_MAPS_H

#include <stddef.h>

#include "pipeline/base/hash.h"
#include "pipeline/base/str.h"
#include "pipeline/grid/grid.h"

/* A tile of the map. Where its work failed, path is NULL and every pixel of it is "no observation":
 * 250, 255 and 0; which of them lie outside every unit is then not known. */
typedef struct em_map_tile {
    em_rect rect;
    const char *path;   /* tile result */
    const em_hash *key; /* that it must have; NULL: any */
} em_map_tile;

/* Writes <folder>/<name>.tif, .tif.aux.xml and .qml, and adds their names to `files`. Pixels of
 * the area that no tile covers are outside. EM_EINPUT where a tile result is damaged, EM_EENV where
 * the folder cannot take the files; what was written before stays. */
em_status em_map_publish(const em_grid *grid, em_rect area, const em_map_tile *tiles, size_t n,
                         const char *name, const char *folder, em_list *files, em_error *err);

#endif
