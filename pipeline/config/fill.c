#include "pipeline/config/fill.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"

static const char *kind_name(const em_node *node)
{
    if (node->kind == EM_NODE_LIST) return "a list";
    return node->kind == EM_NODE_MAP ? "a mapping" : "a text";
}

static bool in_choices(const char *choices, const char *text)
{
    const size_t n = strlen(text);
    for (const char *p = choices; *p;) {
        const size_t m = strcspn(p, "|");
        if (m == n && memcmp(p, text, n) == 0) return true;
        p += m + (p[m] == '|');
    }
    return false;
}

/* "a|b|c" as "a, b or c". */
static void choices_text(const char *choices, char out[200])
{
    size_t n = 0;
    for (const char *p = choices; *p && n < 180;) {
        const size_t m = strcspn(p, "|");
        const bool last = p[m] == '\0';
        n += (size_t)snprintf(out + n, 200 - n, "%s%.*s",
                              p == choices ? ""
                              : last       ? " or "
                                           : ", ",
                              (int)m, p);
        p += m + !last;
    }
}

static em_status bad_value(em_filler *f, const em_key *key, const em_node *node,
                           const char *expected)
{
    if (node->kind != EM_NODE_SCALAR) {
        return em_fault_add(f->faults, node->line, node->column, "%s: expected %s, found %s",
                            key->name, expected, kind_name(node));
    }
    return em_fault_add(f->faults, node->line, node->column, "%s: expected %s, found \"%.100s\"",
                        key->name, expected, node->text);
}

static em_status out_of_range(em_filler *f, const em_key *key, const em_node *node)
{
    char low[32];
    char high[32];
    em_print_double(key->low, low);
    em_print_double(key->high, high);
    return em_fault_add(f->faults, node->line, node->column,
                        "%s: %s is out of range, expected %s to %s%s%s", key->name, node->text, low,
                        high, key->unit ? " " : "", key->unit ? key->unit : "");
}

static em_status fill_int(em_filler *f, const em_key *key, const em_node *node, int64_t *out)
{
    int64_t value = 0;
    if (!em_parse_int(node->text, &value)) return bad_value(f, key, node, "a whole number");
    if ((double)value < key->low || (double)value > key->high) return out_of_range(f, key, node);
    if (key->choices && !in_choices(key->choices, node->text)) {
        char text[200];
        choices_text(key->choices, text);
        return bad_value(f, key, node, text);
    }
    *out = value;
    return EM_OK;
}

static em_status fill_real(em_filler *f, const em_key *key, const em_node *node, double *out)
{
    double value = 0;
    if (!em_parse_double(node->text, &value)) return bad_value(f, key, node, "a finite number");
    if (value < key->low || value > key->high) return out_of_range(f, key, node);
    *out = value;
    return EM_OK;
}

static em_status fill_bool(em_filler *f, const em_key *key, const em_node *node, bool *out)
{
    const bool yes = strcmp(node->text, "true") == 0;
    if (!yes && strcmp(node->text, "false") != 0) return bad_value(f, key, node, "true or false");
    *out = yes;
    return EM_OK;
}

static em_status set_text(em_filler *f, const char *text, char **out)
{
    em_free(*out);
    *out = NULL;
    return em_strdup(text, out, f->err);
}

static em_status fill_path(em_filler *f, const em_key *key, const em_node *node, char **out)
{
    em_error why;
    if (em_path_check(node->text, &why) != EM_OK) {
        return em_fault_add(f->faults, node->line, node->column, "%s: %s", key->name, why.text);
    }
    em_free(*out);
    *out = NULL;
    return em_path_join(f->folder, node->text, out, f->err);
}

static bool region_form(const char *text)
{
    const size_t n = strlen(text);
    return n >= 1 && n <= 40 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-") == n;
}

em_status em_fill_scalar(em_filler *f, const em_key *key, const em_node *node, void *at)
{
    char text[200];
    if (node->kind != EM_NODE_SCALAR) return bad_value(f, key, node, "one value");
    switch (key->type) {
    case EM_KEY_INT:
        return fill_int(f, key, node, at);
    case EM_KEY_REAL:
        return fill_real(f, key, node, at);
    case EM_KEY_BOOL:
        return fill_bool(f, key, node, at);
    case EM_KEY_PATH:
        return fill_path(f, key, node, at);
    case EM_KEY_CHOICE:
        if (in_choices(key->choices, node->text)) return set_text(f, node->text, at);
        choices_text(key->choices, text);
        return bad_value(f, key, node, text);
    case EM_KEY_PERIOD:
        if (em_period_form(node->text)) return set_text(f, node->text, at);
        return bad_value(
            f, key, node,
            "2026, 2026Q3, 2026-07, 20260701-20260710, auto, auto-quarter or auto-month");
    case EM_KEY_REGION:
        if (region_form(node->text)) return set_text(f, node->text, at);
        return bad_value(f, key, node, "1 to 40 lower-case letters, digits, _ or -");
    case EM_KEY_TEXT:
        return set_text(f, node->text, at);
    case EM_KEY_TEXTS:
    case EM_KEY_INTS:
    case EM_KEY_MAP:
    case EM_KEY_LIST:
    case EM_KEY_BOX:
    case EM_KEY_BANDS:
    case EM_KEY_WINDOWS:
    case EM_KEY_CLASSES:
    case EM_KEY_JOBS:
        break;
    }
    return bad_value(f, key, node, "one value");
}

/* A list of scalars; one scalar stands for a list of one. */
static em_status fill_list(em_filler *f, const em_key *key, const em_node *node, void *at)
{
    const bool texts = key->type == EM_KEY_TEXTS;
    const em_node *const alone[] = {node};
    const size_t n = node->kind == EM_NODE_LIST ? node->n : 1;
    const em_node *const *const items =
        node->kind == EM_NODE_LIST ? (const em_node *const *)node->items : alone;
    if (node->kind == EM_NODE_MAP) return bad_value(f, key, node, "a list");
    void *array = NULL;
    em_status rc =
        em_calloc(n, texts ? sizeof(char *) : sizeof(int64_t), "config list", &array, f->err);
    memcpy(at, &array, sizeof array);
    size_t *const count = (size_t *)((char *)at + sizeof(void *));
    *count = 0;
    for (size_t i = 0; i < n && rc == EM_OK; i++) {
        const size_t before = f->faults->n;
        em_key one = *key;
        one.type = texts ? key->choices ? EM_KEY_CHOICE : EM_KEY_TEXT : EM_KEY_INT;
        rc = em_fill_scalar(f, &one, items[i],
                            texts ? (void *)((char **)array + *count)
                                  : (void *)((int64_t *)array + *count));
        if (f->faults->n == before) (*count)++;
    }
    return rc;
}

static em_status fill_items(em_filler *f, const em_key *key, const em_node *node, void *at)
{
    const em_section *const section = em_section_find(key->sub);
    const em_node *const alone[] = {node};
    const size_t n = node->kind == EM_NODE_LIST ? node->n : 1;
    const em_node *const *const items =
        node->kind == EM_NODE_LIST ? (const em_node *const *)node->items : alone;
    char *array = NULL;
    em_status rc = em_calloc(n, section->size, "config list", &array, f->err);
    memcpy(at, &array, sizeof array);
    if (rc == EM_OK) *(size_t *)((char *)at + sizeof(void *)) = n;
    if (rc == EM_OK && n == 0) {
        rc = em_fault_add(f->faults, node->line, node->column, "%s: the list is empty", key->name);
    }
    for (size_t i = 0; i < n && rc == EM_OK; i++)
        rc = em_fill_section(f, key->sub, items[i], array + i * section->size);
    return rc;
}

static em_status fill_key(em_filler *f, const em_key *key, const em_node *node, char *base)
{
    void *const at = base + key->offset;
    switch (key->type) {
    case EM_KEY_TEXTS:
    case EM_KEY_INTS:
        return fill_list(f, key, node, at);
    case EM_KEY_MAP:
        return em_fill_section(f, key->sub, node, at);
    case EM_KEY_LIST:
        return fill_items(f, key, node, at);
    case EM_KEY_BOX:
        em_fill_box(f, node, at);
        return EM_OK;
    case EM_KEY_BANDS:
        return em_fill_bands(f, node, (em_config_source *)(void *)base);
    case EM_KEY_WINDOWS:
        return em_fill_windows(f, node, (em_config_features *)(void *)base);
    case EM_KEY_CLASSES:
        return em_fill_classes(f, node, (em_config_samples *)(void *)base);
    case EM_KEY_JOBS:
        return EM_OK;
    case EM_KEY_TEXT:
    case EM_KEY_PATH:
    case EM_KEY_INT:
    case EM_KEY_REAL:
    case EM_KEY_BOOL:
    case EM_KEY_CHOICE:
    case EM_KEY_PERIOD:
    case EM_KEY_REGION:
        return em_fill_scalar(f, key, node, at);
    }
    return em_fail(f->err, EM_EINTERNAL, "config: key %s has no type", key->name);
}

/* A default is read like a value: "a, b" for lists, "a: x, b: y" for windows. */
static em_status fill_default(em_filler *f, const em_key *key, char *base)
{
    em_node *node = NULL;
    em_str text = {0};
    if (key->type == EM_KEY_MAP && strcmp(key->sub, "samples") != 0)
        return em_fill_section(f, key->sub, NULL, base + key->offset);
    if (key->type == EM_KEY_BOX) {
        em_fill_box(f, NULL, (double *)(void *)(base + key->offset));
        return EM_OK;
    }
    if (!key->fallback) {
        if (key->type == EM_KEY_REAL) *(double *)(void *)(base + key->offset) = (double)NAN;
        return EM_OK;
    }
    const bool list = key->type == EM_KEY_TEXTS || key->type == EM_KEY_INTS;
    const bool map = key->type == EM_KEY_WINDOWS;
    em_str_printf(&text, map ? "{%s}" : list ? "[%s]" : "\"%s\"", key->fallback);
    em_status rc = em_str_check(&text, f->err);
    if (rc == EM_OK) rc = em_yaml_parse(text.data, text.size, &node, f->faults, f->err);
    if (rc == EM_OK && node) rc = fill_key(f, key, node, base);
    em_node_free(node);
    em_str_release(&text);
    return rc;
}

static em_status unknown_key(em_filler *f, const char *section, const em_node *key)
{
    const char *const near = em_key_nearest(section, key->text);
    if (!near)
        return em_fault_add(f->faults, key->line, key->column, "unknown key \"%.80s\"", key->text);
    return em_fault_add(f->faults, key->line, key->column,
                        "unknown key \"%.80s\"; did you mean \"%s\"?", key->text, near);
}

static em_status fill_given(em_filler *f, const char *section, const em_node *node, char *base)
{
    for (size_t i = 0; i < node->n; i++) {
        const em_key *const key = em_key_find(section, node->keys[i]->text);
        em_status rc = EM_OK;
        if (!key) {
            rc = unknown_key(f, section, node->keys[i]);
        } else if (key->only && !f->geotiff) {
            rc = em_fault_add(f->faults, node->keys[i]->line, node->keys[i]->column,
                              "\"%s\" is of use only with format: %s", key->name, key->only);
        } else {
            rc = fill_key(f, key, node->items[i], base);
        }
        if (rc != EM_OK) return rc;
    }
    return EM_OK;
}

em_status em_fill_section(em_filler *f, const char *section, const em_node *node, void *base)
{
    const em_section *const about = em_section_find(section);
    for (size_t i = 0; i < em_n_key; i++) {
        const em_key *const key = &em_keys[i];
        if (strcmp(key->section, section) != 0 || em_node_get(node, key->name)) continue;
        const em_status rc = fill_default(f, key, base);
        if (rc != EM_OK) return rc;
    }
    if (!node) return EM_OK;
    if (strcmp(section, "scenes") == 0) {
        const em_node *const format = em_node_get(node, "format");
        f->geotiff =
            format && format->kind == EM_NODE_SCALAR && strcmp(format->text, "geotiff") == 0;
    }
    if (node->kind == EM_NODE_SCALAR && about->shorthand) {
        return em_fill_scalar(f, em_key_find(section, about->shorthand), node,
                              (char *)base + em_key_find(section, about->shorthand)->offset);
    }
    if (node->kind != EM_NODE_MAP) {
        return em_fault_add(f->faults, node->line, node->column, "%s: expected a mapping, found %s",
                            about->title, kind_name(node));
    }
    return fill_given(f, section, node, base);
}
