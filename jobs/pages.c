#include "jobs/pages.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jobs/console.h"
#include "pipeline/ecomon.h"

static int print(em_str *text)
{
    const int rc = text->failed ? EM_EENV : console_print(em_str_text(text));
    em_str_release(text);
    return rc;
}

/* ---- help ---- */

static void append_options(em_str *out, const job_option *o)
{
    for (; o && o->name; o++) {
        char name[64];
        char letter[8] = "    ";
        if (o->letter) snprintf(letter, sizeof letter, "-%c, ", o->letter);
        snprintf(name, sizeof name, "%s--%s%s%s", letter, o->name, o->value ? " " : "",
                 o->value ? o->value : "");
        em_str_printf(out, "  %-30s %s\n", name, o->help);
    }
}

int pages_help(const job_command *command)
{
    em_str out = {0};
    if (command) {
        em_str_printf(&out, "usage: ecomon %s%s%s%s\n\n%s\n", command->name,
                      command->operands[0] ? " " : "", command->operands,
                      command->options[0].name ? " [options]" : "", command->text);
        if (command->options[0].name) em_str_append(&out, "\noptions:\n");
        append_options(&out, command->options);
    } else {
        em_str_append(&out,
                      "ecomon " ECOMON_VERSION
                      ": from satellite scenes to a county's hectares per land-cover class\n\n"
                      "usage: ecomon COMMAND [operands] [options]\n\ncommands:\n");
        for (const job_command *c = job_commands; c->name; c++) {
            char left[64];
            snprintf(left, sizeof left, "%s %s", c->name, c->operands);
            em_str_printf(&out, "  %-30s %s\n", left, c->summary);
        }
    }
    em_str_append(&out, "\nfor every command:\n");
    append_options(&out, job_global_options);
    if (!command) {
        em_str_append(
            &out, "      --version                  Print the version.\n"
                  "\nexit codes: 0 complete, 1 partial, 2 usage or configuration, 3 environment, "
                  "4 no usable input,\n            5 quality gate failed, 6 parameters missing, "
                  "70 a bug of ours, 75 another run holds the lock\n");
    }
    return print(&out);
}

/* ---- man page ---- */

/* Backslashes, hyphens, and dots at the start of a line mean something to troff. */
static void append_troff(em_str *out, const char *text)
{
    bool start = true;
    for (; *text; text++) {
        if (start && (*text == '.' || *text == '\'')) em_str_append(out, "\\&");
        if (*text == '\\') {
            em_str_append(out, "\\e");
        } else if (*text == '-') {
            em_str_append(out, "\\-");
        } else {
            em_str_append_bytes(out, text, 1);
        }
        start = *text == '\n';
    }
}

static void append_man_options(em_str *out, const job_option *o)
{
    for (; o && o->name; o++) {
        em_str_append(out, ".TP\n");
        if (o->letter) em_str_printf(out, "\\fB\\-%c\\fR, ", o->letter);
        em_str_append(out, "\\fB\\-\\-");
        append_troff(out, o->name);
        em_str_append(out, "\\fR");
        if (o->value) em_str_printf(out, " \\fI%s\\fR", o->value);
        em_str_append(out, "\n");
        append_troff(out, o->help);
        em_str_append(out, "\n");
    }
}

static int print_man(void)
{
    em_str out = {0};
    em_str_append(&out, ".TH ECOMON 1 \"\" \"ecomon " ECOMON_VERSION "\"\n.SH NAME\n"
                        "ecomon \\- from satellite scenes to a county's hectares per land\\-cover "
                        "class\n.SH SYNOPSIS\n.B ecomon\n.I command\n[operands] [options]\n"
                        ".SH COMMANDS\n");
    for (const job_command *c = job_commands; c->name; c++) {
        em_str_printf(&out, ".SS \"ecomon %s%s%s\"\n", c->name, c->operands[0] ? " " : "",
                      c->operands);
        append_troff(&out, c->text);
        em_str_append(&out, "\n");
        append_man_options(&out, c->options);
    }
    em_str_append(&out, ".SH OPTIONS\nFor every command:\n");
    append_man_options(&out, job_global_options);
    em_str_append(&out,
                  ".SH EXIT STATUS\n"
                  ".TP\n0\nComplete.\n"
                  ".TP\n1\nPartial: some scenes, tiles or units failed or were rejected and are "
                  "named; the rest is whole.\n"
                  ".TP\n2\nUsage or configuration.\n"
                  ".TP\n3\nEnvironment: disk, memory or permission.\n"
                  ".TP\n4\nNo usable input.\n"
                  ".TP\n5\nA quality gate failed; the results are quarantined.\n"
                  ".TP\n6\nParameters are missing for a requested table.\n"
                  ".TP\n70\nA bug of ours.\n"
                  ".TP\n75\nAnother run holds the lock.\n");
    return print(&out);
}

/* ---- completion ---- */

static void append_words(em_str *out, const job_option *o)
{
    for (; o && o->name; o++) em_str_printf(out, " --%s", o->name);
}

static int print_completion(void)
{
    em_str out = {0};
    em_str_append(&out, "# bash completion of ecomon\n_ecomon() {\n"
                        "    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words\n"
                        "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        words=\"");
    for (const job_command *c = job_commands; c->name; c++)
        em_str_printf(&out, "%s%s", c == job_commands ? "" : " ", c->name);
    em_str_append(&out, "\"\n    else\n        case $command in\n");
    for (const job_command *c = job_commands; c->name; c++) {
        em_str_printf(&out, "            %s) words=\"", c->name);
        append_words(&out, c->options);
        em_str_append(&out, "\" ;;\n");
    }
    em_str_append(&out, "        esac\n        words=\"$words");
    append_words(&out, job_global_options);
    em_str_append(&out, "\"\n    fi\n"
                        "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
                        "}\ncomplete -o default -F _ecomon ecomon\n");
    return print(&out);
}

/* ---- for programs ---- */

static json_t *options_json(const job_option *o)
{
    json_t *const list = json_array();
    for (; o && o->name; o++) {
        json_t *const one = json_pack("{s:s, s:s}", "name", o->name, "help", o->help);
        if (o->letter) json_object_set_new(one, "letter", json_pack("s#", &o->letter, 1));
        if (o->value) json_object_set_new(one, "value", json_string(o->value));
        json_array_append_new(list, one);
    }
    return list;
}

static int print_usage_json(void)
{
    em_str out = {0};
    json_t *const commands = json_array();
    for (const job_command *c = job_commands; c->name; c++) {
        json_array_append_new(commands,
                              json_pack("{s:s, s:s, s:s, s:s, s:o}", "name", c->name, "operands",
                                        c->operands, "summary", c->summary, "text", c->text,
                                        "options", options_json(c->options)));
    }
    json_t *const root =
        json_pack("{s:s, s:s, s:o, s:o}", "program", "ecomon", "version", ECOMON_VERSION,
                  "commands", commands, "options", options_json(job_global_options));
    char *const text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
    em_str_append(&out, text ? text : "");
    em_str_append(&out, "\n");
    free(text);
    json_decref(root);
    return print(&out);
}

static int print_config(em_status (*page)(em_str *, em_error *))
{
    em_str out = {0};
    em_error err;
    const em_status rc = page(&out, &err);
    if (rc == EM_OK) return print(&out);
    console_error("%s", err.text);
    em_str_release(&out);
    return rc;
}

int pages_print(const char *which)
{
    if (strcmp(which, "man") == 0) return print_man();
    if (strcmp(which, "completion") == 0) return print_completion();
    if (strcmp(which, "json-usage") == 0) return print_usage_json();
    if (strcmp(which, "config-reference") == 0) return print_config(em_config_reference);
    if (strcmp(which, "config-schema") == 0) return print_config(em_config_json_schema);
    console_error("pages: expected man, completion, json-usage, config-reference or config-schema, "
                  "found \"%s\"",
                  which);
    return EM_ECONFIG;
}
