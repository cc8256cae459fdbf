/* PROJ objects within io: a quiet context without network, a CRS from text, and a transformation
 * that is opened once and used for many points.
 *
 * Internal to pipeline/io; everyone else calls geo.h. Each object belongs to one thread. */
#ifndef EM_IO_CRS_H
#define EM_IO_CRS_H

#include <proj.h>
#include <stdbool.h>
#include <stddef.h>

#include "pipeline/base/error.h"

/* A context with network off and no log; the caller ends it with proj_context_destroy. */
em_status em_proj_context(PJ_CONTEXT **out, em_error *err);

/* `text` as a CRS; bound and compound CRSs as they are. EM_ECONFIG where it is none. The caller
 * ends it with proj_destroy. */
em_status em_proj_crs(PJ_CONTEXT *ctx, const char *text, PJ **out, em_error *err);

/* The geographic CRS that `crs` is built on: canonical text, heap; "EPSG:4490"
 * for EPSG:4549, the CRS itself where it is geographic. EM_EINPUT where there is none (a local or
 * engineering CRS). */
em_status em_crs_base(const char *crs, char **out, em_error *err);

/* Semi-major axis in metres and flattening of the ellipsoid of the CRS `text`. */
em_status em_crs_ellipsoid(const char *text, double *a, double *f, em_error *err);

/* SI units in one unit of the CRS's axes: metres in a projected one, radians in a geographic one.
 */
em_status em_proj_axis_unit(PJ_CONTEXT *ctx, const PJ *crs, double *out, em_error *err);

typedef struct em_transform em_transform;

/* East/longitude first on both sides. EM_EINPUT where only a ballpark transformation exists, by
 * name. On success *out belongs to the caller (em_transform_close). */
em_status em_transform_open(const char *from, const char *to, em_transform **out, em_error *err);
/* In place. EM_EINPUT where a point has no image; xy is then unspecified. */
em_status em_transform_run(em_transform *t, double (*xy)[2], size_t n, em_error *err);
void em_transform_close(em_transform *t); /* accepts NULL */

#endif
