/* Scenes to cube files: each scene is decoded once, in a child process of its own, all its missing
 * tiles in that pass. */
#ifndef EM_RUN_INGEST_H
#define EM_RUN_INGEST_H

#include "pipeline/run/plan.h"

/* Rough cost of one tile of one scene, for progress: seconds per 1024 x 1024 tile of ten bands. */
double em_ingest_cost(const em_plan *plan);

/* Fills every missing cube file. A scene that fails is marked EM_SCENE_FAILED, remembered in the
 * ledger as rejected where its bytes were at fault, told to the listener, and what it had already
 * given is removed; the others go on. *n_ingested counts scenes that were decoded whole. Fails
 * itself only on EM_EENV and EM_EINTERNAL. */
em_status em_ingest(const em_inputs *inputs, em_plan *plan, em_ledger *ledger, int threads,
                    em_tell *tell, size_t *n_ingested, em_error *err);

#endif
