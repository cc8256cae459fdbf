/* From a feature's geometry to a polygon that can be trusted: what is wrong with it, its area on
 * the ellipsoid, its rings on the grid.
 *
 * Internal to pipeline/io. GEOS judges the polygon as supplied, in its own coordinates. An
 * em_shaper holds what one layer needs (a GEOS context, transformations) and belongs to one thread.
 * Where a polygon is at fault and not the machine, functions succeed and put the fault into `why`.
 */
#ifndef EM_IO_SHAPE_H
#define EM_IO_SHAPE_H

#include <geodesic.h>
#include <geos_c.h>
#include <ogr_api.h>
#include <stdbool.h>
#include <stddef.h>

#include "pipeline/base/error.h"
#include "pipeline/base/str.h"
#include "pipeline/grid/grid.h"
#include "pipeline/io/crs.h"
#include "pipeline/io/units.h"

typedef struct em_shaper {
    GEOSContextHandle_t geos;
    char geos_text[256]; /* GEOS's last complaint */
    const em_grid *grid; /* borrowed; NULL: no rings wanted */
    bool geographic;     /* the layer's own CRS */
    bool grid_geographic;
    double unit; /* metres in one unit of a projected layer */
    struct geod_geodesic earth;
    em_transform *to_base;  /* to longitude and latitude of the layer's datum; NULL: as they are */
    em_transform *to_wgs84; /* NULL: as they are */
    em_transform *to_grid;  /* NULL: the layer is in the grid's CRS */
} em_shaper;

/* *out is not moved afterwards: GEOS keeps its address. On success the caller closes it. */
em_status em_shaper_open(const char *crs, const em_grid *grid, em_shaper *out, em_error *err);
void em_shaper_close(em_shaper *s);

/* Reads and checks a polygon or multipolygon; the geometry is flattened to two dimensions, curves
 * are cut into lines. *out is NULL where `why` says what is wrong. The caller destroys *out with
 * GEOSGeom_destroy_r(s->geos). */
em_status em_shape_read(em_shaper *s, OGRGeometryH geometry, GEOSGeometry **out, em_str *why,
                        em_error *err);

/* Area on the ellipsoid in m2 of a polygon, a multipolygon or the polygons in a collection: edges
 * are straight in the layer's CRS, cut into pieces of 1 km at most, each piece a geodesic. */
em_status em_shape_area(em_shaper *s, const GEOSGeometry *g, double *out, em_error *err);

/* Grows box (west, south, east, north in degrees of WGS 84; west > east where still empty) by all
 * vertices and cut points. */
em_status em_shape_bounds(em_shaper *s, const GEOSGeometry *g, double box[4], em_error *err);

/* The rings on the grid (units.h) and the pixels that they touch. EM_EINPUT where a point has no
 * place there. The caller releases *rings with em_rings_release. */
em_status em_shape_rings(em_shaper *s, const GEOSGeometry *g, em_ring **rings, size_t *n_ring,
                         em_rect *box, em_error *err);
void em_rings_release(em_ring *rings, size_t n);

/* A point of the layer on the grid, rounded as vertices are. */
em_status em_shape_point(em_shaper *s, double x, double y, double *col, double *row, em_error *err);

#endif
