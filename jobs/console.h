/* Talking to people: results on stdout, log and progress on stderr. */
#ifndef JOBS_CONSOLE_H
#define JOBS_CONSOLE_H

#include "jobs/options.h"
#include "pipeline/base/request.h"

/* Writes text to stdout and flushes it; EM_EENV, with a line on stderr, where it does not arrive.
 */
int console_print(const char *text);

/* One line "ecomon: ..." on stderr. */
__attribute__((format(printf, 1, 2))) void console_error(const char *fmt, ...);

/* The lines of a list on stderr, as they are. */
void console_lines(const em_list *lines);

/* Sets how the log looks, and gives a listener for a run. */
void console_start(const job_args *args, em_listener *out);

/* Ends the line of a progress bar. */
void console_end(void);

#endif
