#include "kernels/forest/predict.h"

#include <string.h>

#include "kernels/base/clones.h"

enum { LANES = 16, BATCH = 256 };

static void skip_pixel(const ek_forest *f, const ek_forest_out *out, size_t i, size_t n)
{
    out->label[i] = EK_FOREST_NONE;
    if (out->confidence) out->confidence[i] = 0;
    if (out->margin) out->margin[i] = 0;
    for (int32_t c = 0; out->share && c < f->n_class; c++) out->share[(size_t)c * n + i] = 0;
}

static uint8_t percent(uint64_t votes, uint64_t total)
{
    return (uint8_t)((200 * votes + total) / (2 * total));
}

/* SPEC.md eq. 7: label, confidence and margin from the sums over trees. */
static void decide(const ek_forest *f, const uint32_t *sum, const ek_forest_out *out, size_t i,
                   size_t n)
{
    const uint64_t total = (uint64_t)f->n_tree * EK_FOREST_TOTAL;
    int32_t best = 0;
    for (int32_t c = 1; c < f->n_class; c++) best = sum[c] > sum[best] ? c : best;
    uint32_t second = 0;
    for (int32_t c = 0; c < f->n_class; c++)
        second = c != best && sum[c] > second ? sum[c] : second;
    out->label[i] = (uint8_t)best;
    if (out->confidence) out->confidence[i] = percent(sum[best], total);
    if (out->margin) out->margin[i] = percent(sum[best] - second, total);
    for (int32_t c = 0; out->share && c < f->n_class; c++) {
        out->share[(size_t)c * n + i] =
            (uint16_t)(((uint64_t)sum[c] * 65535 * 2 + total) / (2 * total));
    }
}

void ek_forest_predict_plain(const ek_forest *f, const ek_forest_in *in, const ek_forest_out *out)
{
    for (size_t i = 0; i < in->n; i++) {
        uint32_t sum[EK_FOREST_CLASSES] = {0};
        if (in->valid && !in->valid[i]) {
            skip_pixel(f, out, i, in->n);
            continue;
        }
        for (int32_t t = 0; t < f->n_tree; t++) {
            const ek_node *node = &f->nodes[f->root[t]];
            while (node->feature != EK_FOREST_LEAF) {
                node = &f->nodes[node->child + (in->planes[node->feature][i] > node->threshold)];
            }
            const uint16_t *const leaf = f->leaves + (size_t)node->child * (size_t)f->n_class;
            for (int32_t c = 0; c < f->n_class; c++) sum[c] += leaf[c];
        }
        decide(f, sum, out, i, in->n);
    }
}

size_t ek_forest_predict_scratch_bytes(const ek_forest *f, size_t n)
{
    (void)n;
    return ek_align_up((size_t)f->n_feature * BATCH * sizeof(int16_t)) +
           ek_align_up(BATCH * EK_FOREST_CLASSES * sizeof(uint32_t)) +
           ek_align_up(BATCH * sizeof(uint32_t));
}

/* Walks LANES pixels down one tree side by side: their loads overlap, and the step has no branch. A
 * leaf stays where it is. */
static inline void walk_lanes(const ek_forest *f, uint32_t root, const int16_t *rows, uint32_t *at)
{
    const size_t n_feature = (size_t)f->n_feature;
    uint32_t node[LANES];
    for (int l = 0; l < LANES; l++) node[l] = root;
    for (;;) {
        uint32_t moving = 0;
        for (int l = 0; l < LANES; l++) {
            const ek_node here = f->nodes[node[l]];
            const uint32_t inner = here.feature != EK_FOREST_LEAF;
            const size_t feature = inner ? here.feature : 0;
            const uint32_t next =
                here.child + (uint32_t)(rows[(size_t)l * n_feature + feature] > here.threshold);
            node[l] = inner ? next : node[l];
            moving |= inner;
        }
        if (!moving) break;
    }
    for (int l = 0; l < LANES; l++) at[l] = f->nodes[node[l]].child;
}

static void add_leaves(const ek_forest *f, const uint32_t *at, uint32_t *sum)
{
    const size_t n_class = (size_t)f->n_class;
    for (int l = 0; l < LANES; l++) {
        const uint16_t *const leaf = f->leaves + at[l] * n_class;
        uint32_t *const to = sum + (size_t)l * n_class;
        for (size_t c = 0; c < n_class; c++) to[c] += leaf[c];
    }
}

/* Valid pixels from `*from` on, turned so that a pixel's features lie together. Returns how many;
 * places in which[]. */
static size_t gather(const ek_forest *f, const ek_forest_in *in, const ek_forest_out *out,
                     size_t *from, int16_t *rows, uint32_t *which)
{
    size_t m = 0;
    size_t i = *from;
    for (; i < in->n && m < BATCH; i++) {
        if (in->valid && !in->valid[i]) {
            skip_pixel(f, out, i, in->n);
        } else {
            which[m++] = (uint32_t)i;
        }
    }
    *from = i;
    for (size_t k = 0; k < (size_t)f->n_feature; k++) {
        const int16_t *const plane = in->planes[k];
        for (size_t p = 0; p < m; p++) rows[p * (size_t)f->n_feature + k] = plane[which[p]];
        /* The lanes behind the last pixel walk too, and are not looked at. */
        for (size_t p = m; p < BATCH && p % LANES; p++) rows[p * (size_t)f->n_feature + k] = 0;
    }
    return m;
}

EK_CLONES void ek_forest_predict(const ek_forest *f, const ek_forest_in *in, ek_arena *arena,
                                 const ek_forest_out *out)
{
    const size_t mark = arena->used;
    const size_t n_class = (size_t)f->n_class;
    int16_t *const rows = EK_TAKE(arena, int16_t, (size_t)f->n_feature * BATCH);
    uint32_t *const sum = EK_TAKE(arena, uint32_t, BATCH * EK_FOREST_CLASSES);
    uint32_t *const which = EK_TAKE(arena, uint32_t, BATCH);
    for (size_t from = 0; from < in->n;) {
        const size_t m = gather(f, in, out, &from, rows, which);
        memset(sum, 0, BATCH * n_class * sizeof *sum);
        for (int32_t t = 0; t < f->n_tree; t++) {
            for (size_t p = 0; p < m; p += LANES) {
                uint32_t at[LANES];
                walk_lanes(f, f->root[t], rows + p * (size_t)f->n_feature, at);
                add_leaves(f, at, sum + p * n_class);
            }
        }
        for (size_t p = 0; p < m; p++) decide(f, sum + p * n_class, out, which[p], in->n);
    }
    arena->used = mark;
}
