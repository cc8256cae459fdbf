/* Coordinate systems: what a CRS is, points between them, and the true area of a pixel. PROJ
 * network is off; axes are always east/longitude first; a ballpark transformation is refused. */
#ifndef EM_IO_GEO_H
#define EM_IO_GEO_H

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/base/error.h"
#include "pipeline/base/str.h"
#include "pipeline/grid/grid.h"

/* Once per process, before any other call of io: registers drivers, PAM off, network off, no
 * environment surprises. Safe to call again. */
em_status em_geo_start(em_error *err);

/* Name and version of the libraries whose arithmetic or packing is in our products: "GDAL 3.6.2".
 */
em_status em_geo_versions(em_list *out, em_error *err);

/* The canonical text of a CRS: "EPSG:n" where PROJ knows it by that code, else WKT2 on one line.
 * `text` is anything PROJ reads. Heap text; EM_ECONFIG where it is no CRS. */
em_status em_crs_canonical(const char *text, char **out, em_error *err);
em_status em_crs_is_geographic(const char *text, bool *out, em_error *err);

/* Transforms n points in place from one CRS to another, x/longitude first. EM_EINPUT where a
 * point has no image or only a ballpark transformation exists. */
em_status em_crs_transform(const char *from, const char *to, double (*xy)[2], size_t n,
                           em_error *err);

/* True area of pixels, m2: cell area / PROJ's areal scale factor (projected CRS; exact on the
 * ellipsoid by latitude band in a geographic CRS). Evaluated by PROJ on a lattice of 64 pixels
 * counted from the grid's origin and interpolated bilinearly (relative error below 1e-8 for UTM),
 * so that the same pixel has the same area in any window. out is [rect height][rect width]. */
em_status em_pixel_area(const em_grid *grid, em_rect rect, double *out, em_error *err);

#endif
