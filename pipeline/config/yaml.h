/* A YAML file as a tree of nodes with their places: the plain subset that a config needs.
 *
 * One document, UTF-8, mappings with text keys, no anchors, aliases or tags; every scalar stays
 * text. */
#ifndef EM_CONFIG_YAML_H
#define EM_CONFIG_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/base/error.h"
#include "pipeline/base/str.h"

typedef enum em_node_kind {
    EM_NODE_SCALAR,
    EM_NODE_LIST,
    EM_NODE_MAP,
} em_node_kind;

typedef struct em_node em_node;
struct em_node {
    em_node_kind kind;
    int line, column; /* from 1 */
    char *text;       /* scalar; owned */
    bool quoted;      /* scalar was written in quotes */
    em_node **items;  /* list items, or values of a map */
    em_node **keys;   /* scalars; NULL for a list */
    size_t n, cap;
};

/* What is wrong, with its place. */
typedef struct em_fault {
    int line, column;
    char *text; /* owned */
} em_fault;

typedef struct em_faults {
    em_fault *items;
    size_t n, cap;
} em_faults;

__attribute__((format(printf, 4, 5))) em_status em_fault_add(em_faults *faults, int line,
                                                             int column, const char *fmt, ...);
void em_faults_release(em_faults *faults);

/* Parses `text`. Faults of form (syntax, duplicate keys, aliases) are added to *faults, and the
 * tree is then NULL. EM_EENV only where memory is refused. The caller releases *out with
 * em_node_free. */
em_status em_yaml_parse(const char *text, size_t size, em_node **out, em_faults *faults,
                        em_error *err);
void em_node_free(em_node *node); /* accepts NULL */

/* Value of a key in a map node, NULL where absent (or where node is no map). */
em_node *em_node_get(const em_node *map, const char *key);

#endif
