/* What a forest knows about itself: out-of-bag votes and permutation importance. SPEC.md eqs. 8-9.
 *
 * Layer: kernel. No I/O, no allocation, no globals. One tree at a time; results are integers that
 * add up in any order. */
#ifndef EK_FOREST_SCORE_H
#define EK_FOREST_SCORE_H

#include "kernels/base/arena.h"
#include "kernels/forest/grow.h"

/* Adds the tree's votes on the samples that it did not draw: votes[n][n_class] += leaf weights.
 * `tree` counts nodes and leaves from its own start. */
void ek_oob_add_tree(const ek_samples *samples, const ek_tree *tree, const uint8_t *in_bag,
                     uint32_t *votes);

size_t ek_importance_scratch_bytes(const ek_samples *samples);
/* Out-of-bag samples that the tree gets right as they are (*right), and with feature f's values
 * shuffled among them (returned); *n_oob receives their number. The shuffle depends on (seed, tree
 * number, f) alone. */
int64_t ek_importance_tree(const ek_samples *samples, const ek_tree *tree, const uint8_t *in_bag,
                           uint32_t number, int32_t f, uint64_t seed, ek_arena *arena,
                           int64_t *right, int64_t *n_oob);

/* Label by most votes (a tie to the lower index), EK_FOREST_NONE where a sample has none: never out
 * of bag. */
void ek_oob_labels(const uint32_t *votes, size_t n, int32_t n_class, uint8_t *labels);

#endif
