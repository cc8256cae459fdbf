/* Areas per unit: partial sums of the tiles folded in order, and the checks that they must pass. */
#ifndef EM_RUN_TABLES_H
#define EM_RUN_TABLES_H

#include "pipeline/run/classify.h"

typedef struct em_unit_areas {
    int64_t area[256]; /* 1e-6 m2 by class code */
    int64_t px[256];   /* pixels whose centre lies inside */
    int64_t total;     /* 1e-6 m2 of all codes */
    bool complete;     /* every tile that the unit touches gave its sums */
} em_unit_areas;

typedef struct em_areas {
    em_unit_areas *units; /* in the order of inputs->units */
    em_unit_areas county; /* the towns' sum, complete where all are; zero without towns */
    size_t n_town;        /* towns of the layer, also those without figures */
    em_list faults; /* what does not add up, with unit, expected and found: a gate that fails */
    em_list notes;  /* what was compared and only reported: the county's own boundary */
} em_areas;

/* Folds the tile results. A unit of which a tile is missing is not complete. The caller releases
 * *out. */
em_status em_areas_fold(const em_inputs *inputs, const em_plan *plan, const em_results *results,
                        em_areas *out, em_error *err);

/* Classes and no-observation add up to the polygon's own geodesic area within one part in
 * 10000 (and never less than 1 m2), for every complete unit. Adds a line to areas->faults for each
 * that does not. The towns' sum is compared with county.boundary where the config has one: a line
 * of notes, or of faults where the imbalance is above county.tolerance_pct. */
em_status em_areas_check(const em_inputs *inputs, em_areas *areas, em_error *err);

void em_areas_release(em_areas *areas);

#endif
