/* What each command does. Every one returns the process's exit code. */
#ifndef JOBS_COMMANDS_H
#define JOBS_COMMANDS_H

#include "jobs/options.h"

int cmd_check(const job_args *args);
int cmd_run(const job_args *args);
int cmd_scan(const job_args *args);
int cmd_train(const job_args *args);
int cmd_accuracy(const job_args *args);
int cmd_verify(const job_args *args);
int cmd_demo(const job_args *args);
int cmd_pages(const job_args *args);
int cmd_help(const job_args *args);

extern const job_option cmd_check_options[];
extern const job_option cmd_run_options[];
extern const job_option cmd_scan_options[];
extern const job_option cmd_train_options[];
extern const job_option cmd_accuracy_options[];
extern const job_option cmd_verify_options[];
extern const job_option cmd_demo_options[];

#endif
