#include "kernels/forest/score.h"

#include "kernels/base/rng.h"

/* Leaf of sample i; feature `swapped` (-1: none) is read from sample `other`. */
static uint32_t find_leaf(const ek_samples *s, const ek_tree *tree, size_t i, int32_t swapped,
                          size_t other)
{
    const ek_node *node = tree->nodes;
    while (node->feature != EK_FOREST_LEAF) {
        const size_t from = node->feature == swapped ? other : i;
        node = &tree->nodes[node->child +
                            (s->features[(size_t)node->feature * s->n + from] > node->threshold)];
    }
    return node->child;
}

void ek_oob_add_tree(const ek_samples *s, const ek_tree *tree, const uint8_t *in_bag,
                     uint32_t *votes)
{
    const size_t n_class = (size_t)s->n_class;
    for (size_t i = 0; i < s->n; i++) {
        if (in_bag[i]) continue;
        const uint16_t *const leaf = tree->leaves + find_leaf(s, tree, i, -1, i) * n_class;
        for (size_t c = 0; c < n_class; c++) votes[i * n_class + c] += leaf[c];
    }
}

static uint8_t leaf_label(const ek_samples *s, const ek_tree *tree, uint32_t leaf)
{
    const uint16_t *const row = tree->leaves + (size_t)leaf * (size_t)s->n_class;
    int32_t best = 0;
    for (int32_t c = 1; c < s->n_class; c++) best = row[c] > row[best] ? c : best;
    return (uint8_t)best;
}

size_t ek_importance_scratch_bytes(const ek_samples *s)
{
    return 2 * ek_align_up(s->n * sizeof(uint32_t));
}

int64_t ek_importance_tree(const ek_samples *s, const ek_tree *tree, const uint8_t *in_bag,
                           uint32_t number, int32_t f, uint64_t seed, ek_arena *arena,
                           int64_t *right, int64_t *n_oob)
{
    const size_t mark = arena->used;
    uint32_t *const own = EK_TAKE(arena, uint32_t, s->n);
    uint32_t *const other = EK_TAKE(arena, uint32_t, s->n);
    const uint64_t stream = ek_rng_split(ek_rng_split(seed, number), (uint64_t)f + 1);
    uint32_t m = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (!in_bag[i]) own[m++] = (uint32_t)i;
    }
    for (uint32_t k = 0; k < m; k++) other[k] = own[k];
    for (uint32_t k = m; k > 1; k--) { /* Fisher and Yates */
        const uint32_t j = ek_rng_below(stream, k, k);
        const uint32_t t = other[k - 1];
        other[k - 1] = other[j];
        other[j] = t;
    }
    int64_t shuffled = 0;
    *right = 0;
    *n_oob = m;
    for (uint32_t k = 0; k < m; k++) {
        const uint8_t want = s->classes[own[k]];
        *right += leaf_label(s, tree, find_leaf(s, tree, own[k], -1, own[k])) == want;
        shuffled += leaf_label(s, tree, find_leaf(s, tree, own[k], f, other[k])) == want;
    }
    arena->used = mark;
    return shuffled;
}

void ek_oob_labels(const uint32_t *votes, size_t n, int32_t n_class, uint8_t *labels)
{
    for (size_t i = 0; i < n; i++) {
        const uint32_t *const row = votes + i * (size_t)n_class;
        int32_t best = 0;
        uint64_t sum = row[0];
        for (int32_t c = 1; c < n_class; c++) {
            best = row[c] > row[best] ? c : best;
            sum += row[c];
        }
        labels[i] = sum ? (uint8_t)best : EK_FOREST_NONE;
    }
}
