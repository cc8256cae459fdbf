/* Tiles to classes: features, forest and exact areas of every block in one pass, one result file
 * per tile.
 *
 * A result file's name holds the key of its task: same key, nothing to do. */
#ifndef EM_RUN_CLASSIFY_H
#define EM_RUN_CLASSIFY_H

#include "pipeline/io/model_file.h"
#include "pipeline/run/looks.h"

/* Raise when classes, confidences or partial sums change. */
#define EM_CLASSIFY_VERSION 2

typedef struct em_tile_result {
    size_t tile; /* place in plan->tiles */
    em_hash key;
    char *path;   /* owned */
    bool present; /* the file is there */
    bool carried; /* taken over from the run before, as the request leaves this tile out */
    bool failed;
    char *why; /* owned; NULL while ok */
} em_tile_result;

typedef struct em_results {
    em_tile_result *items; /* report tiles, in the order of plan->tiles */
    size_t n;
} em_results;

/* What every tile's key shares: version, grid and its tiles, features, model. */
em_status em_results_settings(const em_inputs *inputs, const em_hash *model, em_hash *out,
                              em_error *err);

/* Identity of every usable unit's kind, code and shape. */
em_status em_results_units(const em_inputs *inputs, em_hash *out, em_error *err);

/* Names every report tile's result and looks which exist. `model` is the model file's sha256. The
 * caller releases *out. */
em_status em_results_plan(const em_inputs *inputs, const em_plan *plan, const em_hash *model,
                          const char *work, em_results *out, em_error *err);
void em_results_release(em_results *results);

/* Identity of all results together: settings, units, and every scene that meets a unit. The same
 * for any tile size, unless tiles were carried over or failed: those count by name. */
em_status em_results_identity(const em_inputs *inputs, const em_plan *plan, const em_hash *model,
                              const em_results *results, em_hash *out, em_error *err);

size_t em_results_missing(const em_results *results);

/* Rough cost of tile `t` of the plan in seconds of one thread, for progress. */
double em_classify_tile_cost(const em_inputs *inputs, const em_plan *plan, size_t t);

/* Makes every missing result. A tile that fails is marked, told, and the others go on; fails itself
 * only on EM_EENV and EM_EINTERNAL. */
em_status em_classify(const em_inputs *inputs, const em_plan *plan, const em_model *model,
                      int threads, em_tell *tell, em_results *results, em_error *err);

#endif
