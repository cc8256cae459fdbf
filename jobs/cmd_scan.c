#include "jobs/commands.h"
#include "jobs/console.h"
#include "jobs/request.h"
#include "pipeline/ecomon.h"

const job_option cmd_scan_options[] = {
    {"job", 0, "NAME", "Settings of this job of the config over its top level."},
    {NULL, 0, NULL, NULL},
};

int cmd_scan(const job_args *args)
{
    em_request request;
    em_listener listener;
    em_list faults = {0};
    em_summary summary = {0};
    em_error err = {0};
    console_start(args, &listener);
    if (!request_fill(args, &request)) return EM_ECONFIG;
    const em_status rc = em_scan(&request, &faults, &summary, &err);
    return request_finish(rc, &err, &faults, &summary, NULL, false);
}
