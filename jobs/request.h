/* From the command line to a request, and from a result to an exit code. */
#ifndef JOBS_REQUEST_H
#define JOBS_REQUEST_H

#include "jobs/options.h"
#include "pipeline/base/request.h"

/* Fills the request from the options that the command has. False where one is wrong; it was told.
 */
bool request_fill(const job_args *args, em_request *out);

/* Prints summary or JSON to stdout, faults and error to stderr, releases all three, and gives the
 * exit code. json (may be NULL) is printed instead of the summary where it is wanted. */
int request_finish(em_status rc, const em_error *err, em_list *faults, em_summary *summary,
                   em_str *json, bool want_json);

#endif
