/* A run over one unit or box: which tiles it redoes, and what it takes over from the published run
 * before it. */
#ifndef EM_RUN_CARRY_H
#define EM_RUN_CARRY_H

#include "pipeline/run/session.h"

/* What the manifest of the published run says of its tiles; empty where there is none. */
typedef struct em_carry {
    char run_id[64];
    em_hash settings, units, model_key; /* as em_results_settings and em_results_units give them */
    em_list tiles;                      /* names */
    em_hash *keys;                      /* [tiles.n] */
    size_t cap;
} em_carry;

/* Reads <folder>/current/manifest.json. Absent is fine: *out is empty. EM_EINPUT where it is
 * damaged. The caller releases *out. */
em_status em_carry_read(const em_session *session, em_carry *out, em_error *err);
void em_carry_release(em_carry *carry);

/* Marks the tiles that the request leaves out as not wanted, where an earlier run's result stands
 * ready for them; notes say where not. Loads that run's model into the session. EM_ECONFIG where
 * the request names a unit that does not exist or a box without a tile. Nothing happens without
 * --unit or --bbox. */
em_status em_carry_select(em_session *session, const em_carry *carry, em_error *err);

/* Points the results of the tiles that are not wanted at the earlier run's files. */
em_status em_carry_results(const em_session *session, const em_carry *carry, em_results *results,
                           em_error *err);

#endif
