/* From tile results and areas to a published folder: <out>/<region>/<period>/<run_id>, and
 * `current` that points at it. Nothing is published before everything is whole. */
#ifndef EM_RUN_PUBLISH_RUN_H
#define EM_RUN_PUBLISH_RUN_H

#include "pipeline/run/session.h"
#include "pipeline/run/tables.h"

/* Raise when maps or tables change although tiles do not. */
#define EM_PUBLISH_VERSION 2

typedef struct em_publication {
    char run_id[64];   /* period and 12 hex digits of the hash of all that it is made from */
    em_str folder;     /* where it is or will be published */
    bool exists;       /* an equal run was published before */
    bool is_current;   /* and `current` points at it */
    bool quarantined;  /* a gate failed: it lies under quarantine/, and `current` did not move */
    em_str validation; /* text of the comparison with the validation points, "" without them */
} em_publication;

/* Names the run by what it is made from and looks whether it is there. The caller releases *out. */
em_status em_publication_plan(const em_session *session, const em_results *results,
                              em_publication *out, em_error *err);
void em_publication_release(em_publication *publication);

/* Writes maps, tables, manifest and run.json into a folder of their own, renames it into place and
 * moves `current`; where areas->faults is not empty, into quarantine/, and `current` stays. On
 * failure nothing of it is left. */
em_status em_publication_write(em_session *session, const em_results *results,
                               const em_areas *areas, em_publication *publication, em_error *err);

/* Rough cost in seconds, for progress. */
double em_publication_cost(const em_session *session);

#endif
