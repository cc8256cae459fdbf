#include <string.h>

#include "jobs/commands.h"
#include "jobs/console.h"
#include "jobs/pages.h"
#include "pipeline/base/error.h"

int cmd_pages(const job_args *args)
{
    return pages_print(args->operand[0]);
}

int cmd_help(const job_args *args)
{
    if (!args->operand[0]) return pages_help(NULL);
    for (const job_command *c = job_commands; c->name; c++) {
        if (strcmp(c->name, args->operand[0]) == 0) return pages_help(c);
    }
    console_error("help: there is no command \"%s\"", args->operand[0]);
    return EM_ECONFIG;
}
