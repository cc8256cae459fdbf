/* The outline of a region as a polygon file, to compare sums with. */
#ifndef EM_IO_OUTLINE_H
#define EM_IO_OUTLINE_H

#include "pipeline/base/error.h"

/* Area on the ellipsoid in m2 of all polygons of a layer together (layer NULL: the file's only
 * one); no field is needed. EM_EINPUT where a polygon is at fault, with what is wrong. */
em_status em_outline_area(const char *path, const char *layer, double *out, em_error *err);

#endif
