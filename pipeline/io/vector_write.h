/* A vector layer as the bytes of a GeoPackage. The same features give the same bytes: no time of
 * the clock is stored. */
#ifndef EM_IO_VECTOR_WRITE_H
#define EM_IO_VECTOR_WRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/base/error.h"
#include "pipeline/base/str.h"

typedef struct em_layer_writer em_layer_writer;

/* A layer of polygons or points in `crs` with text fields. On success *out belongs to the caller,
 * who ends it with em_layer_finish or em_layer_drop. `note` is the layer's description. */
em_status em_layer_begin(const char *name, const char *crs, bool polygons,
                         const char *const *fields, size_t n_field, const char *note,
                         em_layer_writer **out, em_error *err);
/* One feature: a ring of n points (closed here) or, in a layer of points, its only point. values[i]
 * is the text of field i. */
em_status em_layer_add(em_layer_writer *w, const double (*xy)[2], size_t n,
                       const char *const *values, em_error *err);
/* The file's bytes, counted back; ends the writer whatever comes out. */
em_status em_layer_finish(em_layer_writer *w, em_str *image, em_error *err);
void em_layer_drop(em_layer_writer *w); /* accepts NULL */

#endif
