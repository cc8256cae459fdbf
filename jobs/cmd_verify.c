#include "jobs/commands.h"
#include "jobs/console.h"
#include "jobs/request.h"
#include "pipeline/ecomon.h"

const job_option cmd_verify_options[] = {
    {"deep", 0, NULL, "Hash the inputs again too."},
    {NULL, 0, NULL, NULL},
};

int cmd_verify(const job_args *args)
{
    em_listener listener;
    em_list faults = {0};
    em_summary summary = {0};
    em_error err = {0};
    console_start(args, &listener);
    const em_status rc =
        em_verify(args->operand[0], job_value(args, "deep") != NULL, &faults, &summary, &err);
    return request_finish(rc, &err, &faults, &summary, NULL, false);
}
