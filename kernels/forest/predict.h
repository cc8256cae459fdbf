/* Classes of pixels by a forest's vote. SPEC.md eqs. 6-7.
 *
 * Layer: kernel. No I/O, no allocation, no globals. The forest must have passed ek_forest_check. */
#ifndef EK_FOREST_PREDICT_H
#define EK_FOREST_PREDICT_H

#include "kernels/base/arena.h"
#include "kernels/forest/model.h"

typedef struct ek_forest_in {
    const int16_t *const *planes; /* [n_feature] -> [n] */
    const uint8_t *valid;         /* [n] 0: skip the pixel; NULL: none is skipped */
    size_t n;
} ek_forest_in;

typedef struct ek_forest_out {
    uint8_t *label;      /* [n] class index; EK_FOREST_NONE where skipped */
    uint8_t *confidence; /* [n] 0..100, the winner's share of the vote, half up; 0 where skipped;
                            may be NULL */
    uint8_t *margin;     /* [n] 0..100, the winner's share less the second's; may be NULL */
    uint16_t *share;     /* [n_class][n] shares in 1/65535; 0 where skipped; may be NULL */
} ek_forest_out;

size_t ek_forest_predict_scratch_bytes(const ek_forest *forest, size_t n);

/* A tie goes to the lower class index. Any split of the pixels gives the same bits. */
void ek_forest_predict(const ek_forest *forest, const ek_forest_in *in, ek_arena *arena,
                       const ek_forest_out *out);

/* The definition: one pixel after the other, one tree after the other. Same results. */
void ek_forest_predict_plain(const ek_forest *forest, const ek_forest_in *in,
                             const ek_forest_out *out);

#endif
