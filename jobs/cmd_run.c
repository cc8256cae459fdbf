#include "jobs/commands.h"
#include "jobs/console.h"
#include "jobs/request.h"
#include "pipeline/ecomon.h"

const job_option cmd_run_options[] = {
    {"job", 0, "NAME", "Settings of this job of the config over its top level."},
    {"period", 0, "PERIOD", "Instead of the config's: 2026, 2026Q3, 2026-07, 20260701-20260710."},
    {"unit", 0, "CODE", "Redo the tiles that this unit touches; carry the others over."},
    {"bbox", 0, "W,S,E,N", "Redo the tiles that this box (degrees) touches."},
    {"reason", 0, "TEXT", "Why the run is made; stands in run.json."},
    {"threads", 0, "N", "Threads, instead of the config's."},
    {"dry-run", 'n', NULL, "Say what would be done, and write nothing."},
    {NULL, 0, NULL, NULL},
};

int cmd_run(const job_args *args)
{
    em_request request;
    em_listener listener;
    em_list faults = {0};
    em_summary summary = {0};
    em_error err = {0};
    console_start(args, &listener);
    if (!request_fill(args, &request)) return EM_ECONFIG;
    const em_status rc = em_run(&request, &listener, &faults, &summary, &err);
    return request_finish(rc, &err, &faults, &summary, NULL, false);
}
