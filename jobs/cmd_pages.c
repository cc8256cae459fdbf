#include "jobs/commands.h"
#include "jobs/pages.h"
#include "pipeline/base/error.h"

int cmd_pages(const job_args *args)
{
    return pages_print(args->operand[0]);
}

int cmd_help(const job_args *args)
{
    if (!args->operand[0]) return pages_help(NULL);
    const job_command *const command = job_find(args->operand[0]);
    return command ? pages_help(command) : EM_ECONFIG;
}
