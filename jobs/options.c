#include "jobs/options.h"

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

static const job_option *find(const job_option *list, const char *name, size_t n, char letter)
{
    for (; list && list->name; list++) {
        if (letter ? list->letter == letter
                   : strlen(list->name) == n && strncmp(list->name, name, n) == 0)
            return list;
    }
    return NULL;
}

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

typedef struct parser {
    int argc, at;
    char **argv;
    job_args *out;
    bool help, options_end;
    size_t n_operand;
} parser;

static int take_global(parser *p, const job_option *o, const char *value)
{
    if (strcmp(o->name, "quiet") == 0) {
        p->out->quiet = true;
        p->out->log_level = EM_LEVEL_ERROR;
    } else if (strcmp(o->name, "verbose") == 0) {
        p->out->log_level = EM_LEVEL_DEBUG;
    } else if (strcmp(o->name, "help") == 0) {
        p->help = true;
    } else if (strcmp(value, "json") == 0 || strcmp(value, "text") == 0) {
        p->out->json_log = value[0] == 'j';
    } else {
        console_error("--log-format: expected text or json, found \"%s\"", value);
        return EM_ECONFIG;
    }
    return -1;
}

static int take_option(parser *p, const job_option *o, const char *value)
{
    if (o->value && !value && ++p->at < p->argc) value = p->argv[p->at];
    if (o->value && !value) {
        console_error("--%s needs a value: %s", o->name, o->value);
        return EM_ECONFIG;
    }
    if (!o->value && value) {
        console_error("--%s takes no value", o->name);
        return EM_ECONFIG;
    }
    if (find(job_global_options, o->name, strlen(o->name), 0) == o)
        return take_global(p, o, value ? value : "");
    p->out->value[o - p->out->command->options] = value ? value : "";
    return -1;
}

static int parse_option(parser *p)
{
    const char *const word = p->argv[p->at];
    const job_command *const command = p->out->command;
    const bool is_long = word[1] == '-';
    const char *const name = word + (is_long ? 2 : 1);
    const char *const equals = is_long ? strchr(name, '=') : NULL;
    const size_t n = equals ? (size_t)(equals - name) : strlen(name);
    const char letter = is_long ? 0 : name[0];
    if (!is_long && name[1]) {
        console_error("unknown option %s", word);
        return EM_ECONFIG;
    }
    const job_option *o = find(job_global_options, name, n, letter);
    if (!o && command) o = find(command->options, name, n, letter);
    if (o) return take_option(p, o, equals ? equals + 1 : NULL);
    if (!is_long) {
        console_error("unknown option -%c", letter);
        return EM_ECONFIG;
    }
    char plain[64];
    snprintf(plain, sizeof plain, "%.*s", (int)n, name);
    return unknown_option(command, plain);
}

static int parse_word(parser *p)
{
    const char *const word = p->argv[p->at];
    if (!p->out->command) {
        p->out->command = job_find(word);
        return p->out->command ? -1 : EM_ECONFIG;
    }
    size_t most = 0;
    for (const char *o = p->out->command->operands; *o; o++)
        most += *o != ' ' && (o == p->out->command->operands || o[-1] == ' ');
    if (p->n_operand >= most || p->n_operand >= 2) {
        console_error("%s: one word too many: \"%s\"", p->out->command->name, word);
        return EM_ECONFIG;
    }
    p->out->operand[p->n_operand++] = word;
    return -1;
}

static int check_operands(const parser *p)
{
    const char *o = p->out->command->operands;
    for (size_t i = 0; *o; i++) {
        const size_t n = strcspn(o, " ");
        if (i >= p->n_operand && *o != '[') {
            console_error("%s needs %.*s; \"ecomon help %s\" says more", p->out->command->name,
                          (int)n, o, p->out->command->name);
            return EM_ECONFIG;
        }
        o += n + strspn(o + n, " ");
    }
    return -1;
}

int job_parse(int argc, char **argv, job_args *out)
{
    *out = (job_args){.log_level = EM_LEVEL_INFO};
    parser p = {.argc = argc, .argv = argv, .out = out};
    for (p.at = 1; p.at < argc; p.at++) {
        const char *const word = argv[p.at];
        int rc = -1;
        if (!p.options_end && strcmp(word, "--") == 0) {
            p.options_end = true;
        } else if (!out->command && strcmp(word, "--version") == 0) {
            return console_print("ecomon " ECOMON_VERSION "\n");
        } else if (!out->command && strcmp(word, "--json-usage") == 0) {
            return pages_print("json-usage");
        } else if (!p.options_end && word[0] == '-' && word[1]) {
            rc = parse_option(&p);
        } else {
            rc = parse_word(&p);
        }
        if (rc != -1) return rc;
    }
    if (p.help || !out->command) {
        const int rc = pages_help(out->command);
        return p.help || rc != EM_OK ? rc : EM_ECONFIG;
    }
    return check_operands(&p);
}
