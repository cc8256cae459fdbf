/* What a run says at its end: a few lines for people. */
#ifndef EM_RUN_SUMMARY_H
#define EM_RUN_SUMMARY_H

#include "pipeline/run/publish_run.h"

/* The whole run's summary; publication NULL: nothing was published, and `why` says why not. */
em_status em_summary_print(const em_session *session, const em_tile_counts *tiles,
                           const em_areas *areas, const em_publication *publication,
                           const char *why, em_str *out, em_error *err);

/* What a run would do, for --dry-run. */
em_status em_summary_print_plan(em_session *session, em_str *out, em_error *err);

#endif
