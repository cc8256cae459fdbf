#include "jobs/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "jobs/console.h"
#include "jobs/pages.h"
#include "pipeline/base/request.h"

const job_option job_global_options[] = {
    {"quiet", 'q', NULL, "Tell errors only; no progress."},
    {"verbose", 'v', NULL, "Tell more of what is done."},
    {"log-format", 0, "text|json",
     "How the log on stderr is written; json is one object per line."},
    {"help", 'h', NULL, "Print help."},
    {NULL, 0, NULL, NULL},
};

const char *job_value(const job_args *args, const char *name)
{
    for (size_t i = 0; args->command->options[i].name; i++) {
        if (strcmp(args->command->options[i].name, name) == 0) return args->value[i];
    }
    return NULL;
}

bool job_number(const job_args *args, const char *name, long long least, long long *out)
{
    int64_t value = 0;
    const char *const text = job_value(args, name);
    if (!text) return true;
    if (!em_parse_int(text, &value) || value < least) {
        console_error("--%s: expected a whole number of at least %lld, found \"%s\"", name, least,
                      text);
        return false;
    }
    *out = value;
    return true;
}

/* ---- finding ---- */

/* The name that is nearest to what was written, as long as no more than a third of it is wrong. */
typedef struct nearest {
    const char *text, *name;
    size_t least;
} nearest;

static nearest begin_nearest(const char *text)
{
    return (nearest){.text = text, .least = (strlen(text) + 1) / 3 + 1};
}

static void keep_nearest(nearest *n, const char *candidate)
{
    const size_t off = em_edit_distance(n->text, candidate);
    if (off >= n->least) return;
    n->least = off;
    n->name = candidate;
}

static int unknown_option(const job_command *command, const char *name)
{
    nearest n = begin_nearest(name);
    for (const job_option *o = job_global_options; o->name; o++) keep_nearest(&n, o->name);
    for (const job_option *o = command ? command->options : NULL; o && o->name; o++)
        keep_nearest(&n, o->name);
    console_error("unknown option --%s%s%s%s", name, n.name ? "; did you mean --" : "",
                  n.name ? n.name : "", n.name ? "?" : "");
    return EM_ECONFIG;
}

const job_command *job_find(const char *name)
{
    nearest n = begin_nearest(name);
    for (const job_command *c = job_commands; c->name; c++) {
        if (strcmp(c->name, name) == 0) return c;
        keep_nearest(&n, c->name);
    }
    console_error("unknown command \"%s\"%s%s%s", name, n.name ? "; did you mean " : "",
                  n.name ? n.name : "", n.name ? "?" : "; \"ecomon help\" lists them");
    return NULL;
}

/* ---- parsing ---- */

enum { FIRST_LONG = 256, MOST_LETTERS = 2 * JOB_MOST_OPTIONS + 4 };

/* The options that getopt_long knows at a time: those of every command and those of one. A long
 * option's value is FIRST_LONG and its place here, a short one's its letter. */
typedef struct spelling {
    const job_option *option[2 * JOB_MOST_OPTIONS];
    struct option names[2 * JOB_MOST_OPTIONS + 1];
    char letters[MOST_LETTERS];
    int n;
} spelling;

static void spell(const job_option *o, spelling *s)
{
    for (; o && o->name; o++) {
        s->option[s->n] = o;
        s->names[s->n] = (struct option){.name = o->name,
                                         .has_arg = o->value ? required_argument : no_argument,
                                         .val = FIRST_LONG + s->n};
        s->n++;
        if (o->letter) {
            const size_t at = strlen(s->letters);
            snprintf(s->letters + at, sizeof s->letters - at, "%c%s", o->letter,
                     o->value ? ":" : "");
        }
    }
}

/* The place of what getopt_long gave as a value, be it a place or a letter. -1: neither. */
static int spelled(const spelling *s, int value)
{
    if (value >= FIRST_LONG && value < FIRST_LONG + s->n) return value - FIRST_LONG;
    for (int i = 0; i < s->n; i++) {
        if (s->option[i]->letter && s->option[i]->letter == value) return i;
    }
    return -1;
}

static int take_global(job_args *out, const job_option *o, const char *value, bool *help)
{
    if (strcmp(o->name, "quiet") == 0) {
        out->quiet = true;
        out->log_level = EM_LEVEL_ERROR;
    } else if (strcmp(o->name, "verbose") == 0) {
        out->log_level = EM_LEVEL_DEBUG;
    } else if (strcmp(o->name, "help") == 0) {
        *help = true;
    } else if (strcmp(value, "json") == 0 || strcmp(value, "text") == 0) {
        out->json_log = value[0] == 'j';
    } else {
        console_error("--log-format: expected text or json, found \"%s\"", value);
        return EM_ECONFIG;
    }
    return -1;
}

/* optopt says which option was meant; it is 0 for a long one that there is not. */
static int complain(const spelling *s, const job_command *command, int kind, const char *word)
{
    const int place = spelled(s, optopt);
    const job_option *const o = place < 0 ? NULL : s->option[place];
    if (kind == ':' && o) {
        console_error("--%s needs a value: %s", o->name, o->value);
    } else if (o) {
        console_error("--%s takes no value", o->name);
    } else if (optopt) {
        console_error("unknown option -%c", optopt);
    } else {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
        return unknown_option(command, name);
    }
    return EM_ECONFIG;
}

/* Takes options from argv[1] on: before a command all up to the first other word, behind one all
 * there are. -1: the words from optind on are left. */
static int take_options(int argc, char **argv, job_args *out, bool *help)
{
    static const struct option version = {.name = "version", .val = 'V'};
    static const struct option usage = {.name = "json-usage", .val = 'U'};
    spelling s = {.n = 0};
    snprintf(s.letters, sizeof s.letters, "%s:", out->command ? "" : "+");
    spell(job_global_options, &s);
    const int n_global = s.n;
    spell(out->command ? out->command->options : NULL, &s);
    if (!out->command) {
        s.names[s.n] = version;
        s.names[s.n + 1] = usage;
    }
    optind = 0;
    opterr = 0;
    for (;;) {
        const int got = getopt_long(argc, argv, s.letters, s.names, NULL);
        const int place = spelled(&s, got);
        int rc = -1;
        if (got == -1) return -1;
        if (got == 'V' && place < 0) return console_print("ecomon " ECOMON_VERSION "\n");
        if (got == 'U' && place < 0) return pages_print("json-usage");
        if (place < 0) return complain(&s, out->command, got, argv[optind - 1]);
        if (place < n_global)
            rc = take_global(out, s.option[place], optarg ? optarg : "", help);
        else
            out->value[place - n_global] = optarg ? optarg : "";
        if (rc != -1) return rc;
    }
}

/* How many operands a command may have, and how many it must. */
static void count_operands(const char *operands, int *least, int *most)
{
    *least = *most = 0;
    while (*operands) {
        *least += *operands != '[';
        (*most)++;
        operands += strcspn(operands, " ");
        operands += strspn(operands, " ");
    }
}

static int take_operands(int argc, char **argv, job_args *out)
{
    int least = 0;
    int most = 0;
    const job_command *const c = out->command;
    count_operands(c->operands, &least, &most);
    const int n = argc - optind;
    if (n > most) {
        console_error("%s: one word too many: \"%s\"", c->name, argv[optind + most]);
        return EM_ECONFIG;
    }
    if (n < least) {
        console_error("%s needs %s; \"ecomon help %s\" says more", c->name, c->operands, c->name);
        return EM_ECONFIG;
    }
    for (int i = 0; i < n; i++) out->operand[i] = argv[optind + i];
    return -1;
}

int job_parse(int argc, char **argv, job_args *out)
{
    bool help = false;
    *out = (job_args){.log_level = EM_LEVEL_INFO};
    int rc = take_options(argc, argv, out, &help);
    if (rc != -1) return rc;
    if (optind == argc) {
        rc = pages_help(NULL);
        return help || rc != EM_OK ? rc : EM_ECONFIG;
    }
    const int at = optind;
    out->command = job_find(argv[at]);
    if (!out->command) return EM_ECONFIG;
    rc = take_options(argc - at, argv + at, out, &help);
    if (rc != -1) return rc;
    return help ? pages_help(out->command) : take_operands(argc - at, argv + at, out);
}
