/* A polygon made ready for exact coverage: vertices as whole numbers of 2^-26 pixel, and for each
 * ring the sign with which its area counts.
 *
 * Layer: kernel. Made once per polygon, then used for any number of windows on any threads. Rings
 * may come in any order, direction and start vertex; covered is where the even-odd rule says, for
 * rings that touch in points at most (a valid polygon or multipolygon). See SPEC.md eq. 1-2. */
#ifndef EK_ZONAL_ZONE_H
#define EK_ZONAL_ZONE_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/base/status.h"

#define EK_ZONE_BITS 26                           /* of fraction in a coordinate */
#define EK_ZONE_UNIT (INT64_C(1) << EK_ZONE_BITS) /* one pixel */
#define EK_ZONE_FAR  ((double)(INT64_C(1) << 31)) /* coordinates must be below this, in pixels */

/* One ring as the caller has it. The last vertex may repeat the first or not. */
typedef struct ek_zone_ring {
    const double *xy; /* [n][2] absolute pixel column and row; rows grow down */
    size_t n;
} ek_zone_ring;

/* Lies in the memory that ek_zone_init was given. */
typedef struct ek_zone {
    const int64_t *xy;   /* [start[n_ring]][2], 2^-26 pixel; each ring ends with its first vertex */
    const size_t *start; /* [n_ring + 1] first vertex of each ring */
    const int64_t *boxes; /* [n_ring][4] x0 y0 x1 y1 of each ring, 2^-26 pixel, inclusive */
    const int8_t *sign;   /* [n_ring] -1, 0 (no area) or 1: eq. 2 */
    size_t n_ring;
} ek_zone;

/* Bytes that ek_zone_init wants, aligned to EK_ALIGN. */
size_t ek_zone_bytes(const ek_zone_ring *rings, size_t n_ring);

/* Fills *zone, which points into `memory` and lives as long as that. EK_TOO_LARGE: a coordinate is
 * not finite or not within EK_ZONE_FAR. EK_DEGENERATE: no ring has an area. *zone is empty then.
 * Time: vertices, and for each pair of rings whose boxes nest, the vertices of the outer one. */
ek_status ek_zone_init(const ek_zone_ring *rings, size_t n_ring, void *memory, ek_zone *zone);

#endif
