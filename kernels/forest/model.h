/* A random forest as flat arrays, and the check that makes untrusted ones safe to walk. SPEC.md.
 *
 * Layer: kernel. No I/O, no allocation, no globals. */
#ifndef EK_FOREST_MODEL_H
#define EK_FOREST_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/base/status.h"

enum {
    EK_FOREST_CLASSES = 32,
    EK_FOREST_FEATURES = 1024,
    EK_FOREST_TREES = 10000,
    EK_FOREST_TOTAL = 32768, /* weights of a leaf's classes add up to this */
    EK_FOREST_LEAF = 0xFFFF, /* feature of a node that is a leaf */
    EK_FOREST_NONE = 255,    /* label of a pixel that was skipped */
};

/* A node: go to `child` where the feature's value is <= threshold, else to child + 1; children lie
 * behind their parent. In a leaf, `child` is the number of its row in the leaf table. */
typedef struct ek_node {
    uint16_t feature;
    int16_t threshold;
    uint32_t child;
} ek_node;

typedef struct ek_forest {
    int32_t n_tree, n_feature, n_class;
    const uint32_t *root; /* [n_tree + 1] first node of each tree; the last entry is n_node */
    const ek_node *nodes; /* [n_node]; child counts from the start of `nodes` */
    size_t n_node;
    const uint16_t
        *leaves; /* [n_leaf][n_class] class weights, each row adds up to EK_FOREST_TOTAL */
    size_t n_leaf;
} ek_forest;

/* EK_OK where every index is in range, every tree is a tree that ends in leaves, and every leaf
 * adds up. A forest that passes can be walked with any input without reading outside its arrays.
 * EK_DEGENERATE otherwise. */
ek_status ek_forest_check(const ek_forest *forest);

#endif
