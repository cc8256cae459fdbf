/* A class map against places whose class is known. */
#ifndef EM_RUN_ACCURACY_H
#define EM_RUN_ACCURACY_H

#include "pipeline/base/str.h"
#include "pipeline/config/config.h"
#include "pipeline/grid/grid.h"

/* Compares a GeoTIFF of class codes with the points and polygons (pixel centres inside) of a
 * config. `text` receives lines for people, `json` an object with the map's sha256. Places without
 * a class (250, 255, off the map) are counted, not compared. EM_EINPUT where no place is left. */
em_status em_accuracy_points(const char *class_map, const em_config_samples *points,
                             const em_grid *grid, em_str *text, em_str *json, em_error *err);

#endif
