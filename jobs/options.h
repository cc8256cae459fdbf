/* The command line: one table of commands and options that parses, and prints help, man page,
 * completion and --json-usage. */
#ifndef JOBS_OPTIONS_H
#define JOBS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define JOB_MOST_OPTIONS 16

typedef struct job_option {
    const char *name;  /* long name; NULL ends a list */
    char letter;       /* 0: none */
    const char *value; /* what the value is called, "DIR"; NULL: a flag */
    const char *help;
} job_option;

typedef struct job_args job_args;

typedef struct job_command {
    const char *name;     /* NULL ends the table */
    const char *operands; /* "CONFIG"; each word is one operand that must be there; "[X]" may */
    const char *summary;  /* one line */
    const char *text;     /* what it does, for the man page */
    const job_option *options;
    int (*run)(const job_args *args); /* the exit code */
} job_command;

struct job_args {
    const job_command *command;
    const char *operand[2];              /* NULL where not given */
    const char *value[JOB_MOST_OPTIONS]; /* by place in the command's options; "" for a flag */
    int log_level;                       /* of em_level: what is told */
    bool json_log;
    bool quiet;
};

extern const job_option job_global_options[];
extern const job_command job_commands[];

/* The command of this name; NULL where there is none, which was told with the nearest one. */
const job_command *job_find(const char *name);

/* The option's value, "" for a flag that was given, NULL where it was not. */
const char *job_value(const job_args *args, const char *name);

/* A whole number of at least `least`; false, with the complaint told, where it is none. *out stays
 * where the option was not given. */
bool job_number(const job_args *args, const char *name, long long least, long long *out);

/* Parses the words after the program's name. Returns -1 to go on, else the exit code: help or
 * version was printed, or the misuse was told. */
int job_parse(int argc, char **argv, job_args *out);

#endif
