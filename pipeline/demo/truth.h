/* What is true of a made county: class maps, areas per town, planted changes. */
#ifndef EM_DEMO_TRUTH_H
#define EM_DEMO_TRUTH_H

#include "pipeline/base/str.h"
#include "pipeline/demo/towns.h"

/* Fills out [height][width] with the classes on a day. */
void em_truth_classes(const em_world *world, int32_t day, uint8_t *out);

/* CSV: unit_code, unit_name, class_code, area_ha by exact coverage and true pixel areas. */
em_status em_truth_areas(const em_world *world, const em_county *county, const uint8_t *classes,
                         em_str *out, em_error *err);

/* A GeoPackage of points, one per changed parcel. */
em_status em_truth_changes(const em_world *world, em_str *out, em_error *err);

#endif
