#include "pipeline/config/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "pipeline/base/memory.h"

enum { MOST_DEPTH = 16, MOST_NODES = 100000 };

em_status em_fault_add(em_faults *faults, int line, int column, const char *fmt, ...)
{
    char text[900];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    em_status rc = em_reserve(&faults->items, &faults->cap, faults->n, faults->n + 1,
                              sizeof *faults->items, "faults", NULL);
    if (rc != EM_OK) return rc;
    em_fault *const f = &faults->items[faults->n];
    *f = (em_fault){.line = line, .column = column};
    rc = em_strdup(text, &f->text, NULL);
    if (rc == EM_OK) faults->n++;
    return rc;
}

void em_faults_release(em_faults *faults)
{
    for (size_t i = 0; i < faults->n; i++) em_free(faults->items[i].text);
    em_free(faults->items);
    *faults = (em_faults){0};
}

void em_node_free(em_node *node)
{
    if (!node) return;
    for (size_t i = 0; i < node->n; i++) {
        em_node_free(node->items[i]);
        if (node->keys) em_node_free(node->keys[i]);
    }
    em_free(node->items);
    em_free(node->keys);
    em_free(node->text);
    em_free(node);
}

em_node *em_node_get(const em_node *map, const char *key)
{
    if (!map || map->kind != EM_NODE_MAP) return NULL;
    for (size_t i = 0; i < map->n; i++) {
        if (strcmp(map->keys[i]->text, key) == 0) return map->items[i];
    }
    return NULL;
}

typedef struct reader {
    yaml_parser_t parser;
    em_faults *faults;
    em_error *err;
    const char *text; /* what is parsed */
    size_t n_node;
    bool bad; /* a fault was found: the tree is of no use */
} reader;

static void fault_at(reader *r, const yaml_mark_t *mark, const char *text)
{
    r->bad = true;
    em_fault_add(r->faults, (int)mark->line + 1, (int)mark->column + 1, "%s", text);
}

/* Line and column of a byte: the parser's own mark is not set where text cannot be decoded. */
static yaml_mark_t mark_at(const char *text, size_t offset)
{
    yaml_mark_t mark = {.index = offset};
    for (size_t i = 0; i < offset; i++) {
        mark.column = text[i] == '\n' ? 0 : mark.column + 1;
        mark.line += text[i] == '\n';
    }
    return mark;
}

static bool next_event(reader *r, yaml_event_t *event)
{
    if (yaml_parser_parse(&r->parser, event)) return true;
    char text[300];
    snprintf(text, sizeof text, "not YAML: %s",
             r->parser.problem ? r->parser.problem : "unreadable");
    yaml_mark_t mark = r->parser.problem_mark;
    if (r->parser.error == YAML_READER_ERROR) {
        snprintf(text, sizeof text, "not UTF-8 text: %s at byte %zu", r->parser.problem,
                 r->parser.problem_offset);
        mark = mark_at(r->text, r->parser.problem_offset);
    }
    fault_at(r, &mark, text);
    return false;
}

static em_status new_node(reader *r, em_node_kind kind, const yaml_mark_t *mark, em_node **out)
{
    if (++r->n_node > MOST_NODES) {
        fault_at(r, mark, "more than 100000 values: this is no config");
        return EM_OK;
    }
    const em_status rc = em_calloc(1, sizeof **out, "config", out, r->err);
    if (rc == EM_OK) {
        (*out)->kind = kind;
        (*out)->line = (int)mark->line + 1;
        (*out)->column = (int)mark->column + 1;
    }
    return rc;
}

static em_status add_item(em_node *to, em_node *key, em_node *item, em_error *err)
{
    size_t cap = to->cap;
    em_status rc = em_reserve(&to->items, &cap, to->n, to->n + 1, sizeof *to->items, "config", err);
    if (rc == EM_OK && to->kind == EM_NODE_MAP) {
        cap = to->cap;
        rc = em_reserve(&to->keys, &cap, to->n, to->n + 1, sizeof *to->keys, "config", err);
    }
    if (rc != EM_OK) return rc;
    to->cap = cap;
    to->items[to->n] = item;
    if (to->keys) to->keys[to->n] = key;
    to->n++;
    return EM_OK;
}

static em_status read_node(reader *r, const yaml_event_t *event, int depth, em_node **out);

static em_status read_scalar(reader *r, const yaml_event_t *event, em_node **out)
{
    const size_t length = event->data.scalar.length;
    em_status rc = new_node(r, EM_NODE_SCALAR, &event->start_mark, out);
    if (rc != EM_OK || r->bad) return rc;
    if (strlen((const char *)event->data.scalar.value) != length) {
        fault_at(r, &event->start_mark, "a text holds a NUL character");
        return EM_OK;
    }
    (*out)->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return em_strdup((const char *)event->data.scalar.value, &(*out)->text, r->err);
}

static void check_key(reader *r, const em_node *map, const em_node *key)
{
    for (size_t i = 0; i < map->n; i++) {
        if (strcmp(map->keys[i]->text, key->text) != 0) continue;
        r->bad = true;
        em_fault_add(r->faults, key->line, key->column, "key \"%s\" stands twice; first in line %d",
                     key->text, map->keys[i]->line);
    }
}

/* One entry of a list (key NULL) or of a map, whose first event is given. */
static em_status read_entry(reader *r, const yaml_event_t *first, int depth, em_node *to)
{
    em_node *key = NULL;
    em_node *item = NULL;
    em_status rc = EM_OK;
    if (to->kind == EM_NODE_LIST) {
        rc = read_node(r, first, depth, &item);
    } else if (first->type != YAML_SCALAR_EVENT) {
        fault_at(r, &first->start_mark, "a key must be plain text");
    } else {
        yaml_event_t value;
        rc = read_node(r, first, depth, &key);
        if (rc == EM_OK && !r->bad) check_key(r, to, key);
        if (rc == EM_OK && next_event(r, &value)) {
            rc = read_node(r, &value, depth, &item);
            yaml_event_delete(&value);
        }
    }
    if (rc == EM_OK && item && (to->kind == EM_NODE_LIST || key))
        rc = add_item(to, key, item, r->err);
    if (rc != EM_OK || !item) {
        em_node_free(key);
        em_node_free(item);
    }
    return rc;
}

static em_status read_collection(reader *r, const yaml_event_t *event, int depth, em_node **out)
{
    const bool list = event->type == YAML_SEQUENCE_START_EVENT;
    em_status rc = new_node(r, list ? EM_NODE_LIST : EM_NODE_MAP, &event->start_mark, out);
    if (depth >= MOST_DEPTH) fault_at(r, &event->start_mark, "nested more than 16 levels deep");
    while (rc == EM_OK && !r->bad) {
        yaml_event_t next;
        if (!next_event(r, &next)) break;
        const bool end =
            next.type == YAML_SEQUENCE_END_EVENT || next.type == YAML_MAPPING_END_EVENT;
        if (!end) rc = read_entry(r, &next, depth + 1, *out);
        yaml_event_delete(&next);
        if (end) break;
    }
    return rc;
}

static em_status read_node(reader *r, const yaml_event_t *event, int depth, em_node **out)
{
    *out = NULL;
    const yaml_char_t *anchor = NULL;
    const yaml_char_t *tag = NULL;
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    }
    if (event->type == YAML_ALIAS_EVENT || anchor) {
        fault_at(r, &event->start_mark, "anchors and aliases are not read; write the value out");
        return EM_OK;
    }
    if (tag) {
        fault_at(r, &event->start_mark, "tags are not read; write the plain value");
        return EM_OK;
    }
    if (event->type == YAML_SCALAR_EVENT) return read_scalar(r, event, out);
    return read_collection(r, event, depth, out);
}

static em_status read_stream(reader *r, em_node **out)
{
    em_status rc = EM_OK;
    int documents = 0;
    for (bool more = true; more && rc == EM_OK && !r->bad;) {
        yaml_event_t event;
        if (!next_event(r, &event)) break;
        if (event.type == YAML_STREAM_END_EVENT) more = false;
        if (event.type == YAML_DOCUMENT_START_EVENT && documents++) {
            fault_at(r, &event.start_mark, "a second document begins here; a config is one");
        }
        if (event.type == YAML_SCALAR_EVENT || event.type == YAML_SEQUENCE_START_EVENT ||
            event.type == YAML_MAPPING_START_EVENT || event.type == YAML_ALIAS_EVENT) {
            rc = read_node(r, &event, 0, out);
        }
        yaml_event_delete(&event);
    }
    return rc;
}

em_status em_yaml_parse(const char *text, size_t size, em_node **out, em_faults *faults,
                        em_error *err)
{
    reader r = {.faults = faults, .err = err, .text = text};
    *out = NULL;
    if (!yaml_parser_initialize(&r.parser))
        return em_fail(err, EM_EENV, "memory refused for the YAML parser");
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, size);
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    em_node *root = NULL;
    const em_status rc = read_stream(&r, &root);
    yaml_parser_delete(&r.parser);
    if (rc != EM_OK || r.bad) {
        em_node_free(root);
        return rc;
    }
    *out = root;
    return EM_OK;
}
