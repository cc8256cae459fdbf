/* The whole run, and what the commands around it need. See pipeline/ecomon.h for what each does. */
#ifndef EM_RUN_RUN_H
#define EM_RUN_RUN_H

#include "pipeline/base/request.h"
#include "pipeline/run/session.h"
#include "pipeline/run/tables.h"

em_status em_run_check(const em_request *request, em_list *faults, em_summary *summary,
                       em_error *err);
em_status em_run_scan(const em_request *request, em_list *faults, em_summary *summary,
                      em_error *err);
em_status em_run_train(const em_request *request, const char *model_path,
                       const em_listener *listener, em_list *faults, em_summary *summary,
                       em_str *json, em_error *err);
em_status em_run_whole(const em_request *request, const em_listener *listener, em_list *faults,
                       em_summary *summary, em_error *err);

em_status em_run_verify(const char *folder, bool deep, em_list *faults, em_summary *summary,
                        em_error *err);
em_status em_run_accuracy(const em_accuracy_options *options, em_summary *summary, em_str *json,
                          em_error *err);
int em_run_decoder(void);

#endif
