/* One run's state from its first check to its last word: inputs, lock, ledger, plan, and what went
 * wrong so far. Everything that `ecomon run` and `ecomon train` share. */
#ifndef EM_RUN_SESSION_H
#define EM_RUN_SESSION_H

#include "pipeline/io/model_file.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/ledger/lock.h"
#include "pipeline/run/classify.h"
#include "pipeline/run/plan.h"
#include "pipeline/run/sample_pixels.h"

/* Something that was left out, and why: a scene, a tile, a unit, the run itself. */
typedef struct em_failure {
    const char *kind; /* "scene", "tile", "unit" or "run"; static */
    char *what, *why; /* owned */
    bool counts;      /* raises the exit code; false for a scene that was rejected before */
} em_failure;

/* Counts of tiles of one run. */
typedef struct em_tile_counts {
    size_t done, unchanged, carried, failed;
} em_tile_counts;

typedef struct em_session {
    const em_request *request;
    em_inputs inputs;
    char *work;   /* borrowed from the config */
    char *folder; /* <out>/<region>/<period>; owned */
    em_lock lock; /* of the work folder; not held in a dry run */
    em_ledger *ledger;
    em_plan plan;
    em_tell tell;
    int64_t began; /* seconds since 1970 UTC; only for run.json */
    int threads;
    em_failure *failures;
    size_t n_failure, cap_failure;
    em_status worst; /* of everything that counts */
    em_list notes;   /* what a person should know of this run */

    bool planned;
    size_t n_ingested; /* scenes */
    em_tile_counts tiles;
    em_model model;
    em_training training; /* empty unless the model was grown now */
    bool grown;
    bool model_carried;
} em_session;

/* Reads the inputs, takes the lock, opens the ledger, makes the plan. The caller releases *out with
 * em_session_close, also on failure. A dry run takes no lock and writes nothing. */
em_status em_session_open(const em_request *request, const em_listener *listener, em_list *faults,
                          em_session *out, em_error *err);
void em_session_close(em_session *session);

/* Remembers a failure, tells it to the listener, and raises the run's result to `status` (EM_OK: it
 * does not count). */
em_status em_session_fail(em_session *session, em_status status, const char *kind, const char *what,
                          const char *why, em_error *err);

__attribute__((format(printf, 3, 4))) em_status em_session_note(em_session *session, em_error *err,
                                                                const char *fmt, ...);

/* Ingests every cube file that the plan wants. EM_EINPUT where no scene is left. */
em_status em_session_ingest(em_session *session, em_error *err);

/* The model that the config names, or the one of this very training, grown if it does not exist
 * yet; path NULL: its place in the work folder. */
em_status em_session_model(em_session *session, const char *path, em_error *err);

#endif
