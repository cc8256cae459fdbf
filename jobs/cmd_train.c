#include "jobs/commands.h"
#include "jobs/console.h"
#include "jobs/request.h"
#include "pipeline/ecomon.h"

const job_option cmd_train_options[] = {
    {"job", 0, "NAME", "Settings of this job of the config over its top level."},
    {"period", 0, "PERIOD", "Instead of the config's."},
    {"output", 'o', "MODEL", "Where the model is written; default: the run's work folder."},
    {"threads", 0, "N", "Threads, instead of the config's."},
    {"json", 0, NULL, "Print confusion and importances as JSON."},
    {NULL, 0, NULL, NULL},
};

int cmd_train(const job_args *args)
{
    em_request request;
    em_listener listener;
    em_list faults = {0};
    em_summary summary = {0};
    em_str json = {0};
    em_error err = {0};
    console_start(args, &listener);
    if (!request_fill(args, &request)) return EM_ECONFIG;
    const em_status rc =
        em_train(&request, job_value(args, "output"), &listener, &faults, &summary, &json, &err);
    return request_finish(rc, &err, &faults, &summary, &json, job_value(args, "json") != NULL);
}
