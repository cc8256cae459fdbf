#include "kernels/forest/model.h"

static int leaf_adds_up(const ek_forest *f, size_t leaf)
{
    uint32_t sum = 0;
    for (int32_t c = 0; c < f->n_class; c++)
        sum += f->leaves[leaf * (size_t)f->n_class + (size_t)c];
    return sum == EK_FOREST_TOTAL;
}

static int node_is_sound(const ek_forest *f, size_t at, size_t end)
{
    const ek_node *const node = &f->nodes[at];
    if (node->feature == EK_FOREST_LEAF) return node->child < f->n_leaf;
    /* Children behind their parent and inside the tree: every walk ends. */
    return node->feature < f->n_feature && node->child > at && (size_t)node->child + 1 < end;
}

ek_status ek_forest_check(const ek_forest *f)
{
    if (f->n_tree < 1 || f->n_tree > EK_FOREST_TREES || f->n_feature < 1 ||
        f->n_feature > EK_FOREST_FEATURES || f->n_class < 2 || f->n_class > EK_FOREST_CLASSES ||
        f->n_node > UINT32_MAX / 2 || f->n_leaf > UINT32_MAX / 2) {
        return EK_DEGENERATE;
    }
    if (f->root[0] != 0 || f->root[f->n_tree] != f->n_node) return EK_DEGENERATE;
    for (int32_t t = 0; t < f->n_tree; t++) {
        if (f->root[t + 1] <= f->root[t] || f->root[t + 1] > f->n_node) return EK_DEGENERATE;
        for (size_t at = f->root[t]; at < f->root[t + 1]; at++) {
            if (!node_is_sound(f, at, f->root[t + 1])) return EK_DEGENERATE;
        }
    }
    for (size_t leaf = 0; leaf < f->n_leaf; leaf++) {
        if (!leaf_adds_up(f, leaf)) return EK_DEGENERATE;
    }
    return EK_OK;
}
