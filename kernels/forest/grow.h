/* Grows one tree of a random forest (Breiman 2001, doi:10.1023/A:1010933404324). SPEC.md eqs. 1-5.
 *
 * Layer: kernel. No I/O, no allocation, no globals. The caller spreads trees over threads: every
 * draw depends on (seed, tree number) alone, so any thread count grows the same forest. */
#ifndef EK_FOREST_GROW_H
#define EK_FOREST_GROW_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/base/arena.h"
#include "kernels/forest/model.h"

enum { EK_FOREST_BINS = 256 };

typedef struct ek_samples {
    const int16_t
        *features; /* [n_feature][n]; INT16_MIN is "missing" and is simply the smallest value */
    const uint8_t *classes; /* [n] class index */
    size_t n;               /* 2 .. 2^24 */
    int32_t n_feature, n_class;
} ek_samples;

/* Every feature's values in at most 256 bins of about equal count; a split lies between two bins.
 * Built once per training. */
typedef struct ek_bins {
    uint8_t *bin;                     /* [n_feature][n] */
    int16_t (*lower)[EK_FOREST_BINS]; /* [n_feature][256] smallest and ... */
    int16_t (*upper)[EK_FOREST_BINS]; /* ... largest value of each bin */
    int32_t *n_bin;                   /* [n_feature] */
} ek_bins;

typedef struct ek_grow_params {
    int32_t mtry;      /* features tried per split, 1..n_feature */
    int32_t max_depth; /* 1.. ; a root alone has depth 0 */
    int32_t min_leaf;  /* bootstrap samples, 1.. */
    uint64_t seed;
    uint32_t class_weight[EK_FOREST_CLASSES]; /* 16.16 fixed point, 65536 is 1, at most 2^26 */
} ek_grow_params;

size_t ek_bins_scratch_bytes(size_t n);
/* Fills the bins of feature f; bin, lower, upper and n_bin are the caller's, the whole arrays. */
void ek_bins_fill(const ek_samples *samples, int32_t f, ek_arena *arena, ek_bins *out);

/* Weights that make every class count the same: n / (n_class * n_c), SPEC.md eq. 2; 0 for a class
 * without a sample. With `equal` 0 every class weighs 1. */
void ek_class_weights(const ek_samples *samples, int equal, uint32_t out[EK_FOREST_CLASSES]);

/* A tree has at most this many nodes, and half as many (rounded up) leaves. */
size_t ek_tree_max_nodes(size_t n_sample);

typedef struct ek_tree {
    ek_node *nodes;   /* [ek_tree_max_nodes]; child counts from this tree's first node, leaves from
                         its first leaf */
    uint16_t *leaves; /* [ek_tree_max_nodes / 2 + 1][n_class] */
    size_t n_node, n_leaf;
} ek_tree;

size_t ek_grow_scratch_bytes(const ek_samples *samples);
/* Grows tree number `tree`. in_bag[n] (may be NULL) receives how often each sample was drawn, at
 * most 255. */
void ek_grow_tree(const ek_samples *samples, const ek_bins *bins, const ek_grow_params *par,
                  uint32_t tree, ek_arena *arena, ek_tree *out, uint8_t *in_bag);

#endif
