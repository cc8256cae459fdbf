/* Help and reference pages, all from the table of commands. */
#ifndef JOBS_PAGES_H
#define JOBS_PAGES_H

#include "jobs/options.h"

/* Help on stdout: of one command, or (NULL) the list of them. */
int pages_help(const job_command *command);

/* A page on stdout: man, completion, json-usage, config-reference, config-schema. */
int pages_print(const char *which);

#endif
