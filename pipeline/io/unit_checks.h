/* Checks over all units of one layer: overlaps, gaps, the place where the layer should lie.
 *
 * Internal to pipeline/io. */
#ifndef EM_IO_UNIT_CHECKS_H
#define EM_IO_UNIT_CHECKS_H

#include "pipeline/io/shape.h"
#include "pipeline/io/units.h"

/* Marks a unit as unusable and drops its rings. `why` is added to what stands there already. */
em_status em_unit_reject(em_unit *unit, const char *why, em_error *err);

/* shapes[n] belong to units[n]; NULL where the geometry was unusable. Pairs that share more than
 * tolerance_m2 are both rejected, naming each other; smaller ones become notes. */
em_status em_units_check_overlaps(em_shaper *s, const GEOSGeometry *const *shapes, em_unit *units,
                                  size_t n, double tolerance_m2, em_list *notes, em_error *err);

/* Notes how many holes the union of the shapes has, and how large they are together; `name`
 * is the layer's in the note. */
em_status em_units_check_gaps(em_shaper *s, const GEOSGeometry *const *shapes, size_t n,
                              const char *name, em_list *notes, em_error *err);

/* EM_EINPUT with the measured shift where the layer's box (degrees) leaves the expected one. */
em_status em_units_check_place(const double box[4], const double expected[4], em_error *err);

#endif
