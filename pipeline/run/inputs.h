/* Everything that a run reads before it works: config, scenes' metadata, grid, units, samples.
 * `ecomon check` is this and nothing more. */
#ifndef EM_RUN_INPUTS_H
#define EM_RUN_INPUTS_H

#include "pipeline/base/period.h"
#include "pipeline/base/request.h"
#include "pipeline/catalogue/catalogue.h"
#include "pipeline/config/config.h"
#include "pipeline/grid/grid.h"
#include "pipeline/io/units.h"
#include "pipeline/run/tell.h"
#include "pipeline/stages/features.h"

typedef struct em_inputs {
    em_config config;
    em_catalogue catalogue;
    em_period period;
    em_grid grid;
    em_units units;
    em_samples samples;      /* empty where the config has none */
    ek_band roles[EK_BANDS]; /* bands that every source delivers, in the order of the enum */
    int32_t n_role;
    em_feature_set features;
    double bounds[4]; /* of all unit layers: west, south, east, north in degrees */
    em_list notes;    /* what a person should know and no part keeps itself */
} em_inputs;

/* Reads it all. EM_ECONFIG with every fault in *faults, EM_EINPUT where an input cannot be used at
 * all, in particular where no source has a usable scene. On failure *out is empty. The caller
 * releases it. */
em_status em_inputs_read(const em_request *request, em_list *faults, em_inputs *out, em_error *err);
void em_inputs_release(em_inputs *inputs);

/* Just config and catalogue, for `ecomon scan`. */
em_status em_inputs_scan(const em_request *request, em_list *faults, em_inputs *out, em_error *err);

#endif
