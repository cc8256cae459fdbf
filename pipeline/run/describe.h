/* What a run says of itself as JSON: the manifest's own part, quality.json, and run.json. */
#ifndef EM_RUN_DESCRIBE_H
#define EM_RUN_DESCRIBE_H

#include <jansson.h>

#include "pipeline/run/publish_run.h"

/* The manifest without outputs: what the run is made from. Nothing of it depends on time, host or
 * place. The caller releases *out with json_decref. */
em_status em_describe_run(em_session *session, const em_results *results,
                          const em_publication *publication, json_t **out, em_error *err);

/* Area balance and observed share of every unit, faults, and the validation (borrowed; NULL: none).
 */
em_status em_describe_quality(const em_session *session, const em_areas *areas, json_t *validation,
                              json_t **out, em_error *err);

/* run.json: when, where, by whom and why, how it ended, what was left out. status is the exit code
 * so far; publication may be NULL. */
em_status em_describe_record(const em_session *session, const em_publication *publication,
                             em_status status, const char *error, json_t **out, em_error *err);

#endif
