#include "kernels/forest/predict.h"

#include <string.h>

#include "kernels/base/clones.h"

/* BUNDLE pixels side by side go down a tree together while they agree; where fewer than FEW of them
 * stay together, each goes on in a lane of its own. */
enum { LANES = 16, BUNDLE = 64, FEW = 8, EIGHT = 8 };

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

/* ---- the fast walk ---- */

/* A pixel that has left its bundle, and where it stands. */
typedef struct single {
    uint32_t node, pixel;
} single;

/* One bundle on its way through the forest. */
typedef struct walk {
    const ek_forest *f;
    const int16_t *planes; /* [n_feature][BUNDLE] */
    const int16_t *rows;   /* [BUNDLE][n_feature] */
    uint32_t *sum;         /* [BUNDLE][stride] */
    size_t stride;         /* n_class, or EIGHT where there are no more classes */
    size_t whole;          /* leaves from whose row on EIGHT entries of the table can be read */
    single singles[BUNDLE + LANES];
    size_t n_single;
} walk;

size_t ek_forest_predict_scratch_bytes(const ek_forest *f, size_t n)
{
    (void)n;
    return 2 * ek_align_up((size_t)f->n_feature * BUNDLE * sizeof(int16_t)) +
           ek_align_up(BUNDLE * EK_FOREST_CLASSES * sizeof(uint32_t)) +
           ek_align_up(BUNDLE * sizeof(uint32_t));
}

/* With up to eight classes a row is added as one of eight: what stands behind it goes into sums
 * that nobody looks at. */
static inline void add_leaf(const walk *w, uint32_t row, size_t pixel)
{
    const size_t n_class = (size_t)w->f->n_class;
    const uint16_t *const leaf = w->f->leaves + row * n_class;
    uint32_t *const to = w->sum + pixel * w->stride;
    if (row < w->whole) {
        for (size_t c = 0; c < EIGHT; c++) to[c] += leaf[c];
    } else {
        for (size_t c = 0; c < n_class; c++) to[c] += leaf[c];
    }
}

/* Bit p: value p of the bundle is above the threshold. */
static inline uint64_t above(const int16_t *values, int16_t threshold)
{
    uint8_t byte[BUNDLE];
    uint64_t bits = 0;
    for (int p = 0; p < BUNDLE; p++) byte[p] = values[p] > threshold;
    for (int k = 0; k < BUNDLE / 8; k++) {
        uint64_t eight = 0; /* bytes of 0 or 1; the product brings them side by side at the top */
        memcpy(&eight, byte + 8 * k, sizeof eight);
        bits |= ((eight * UINT64_C(0x0102040810204080)) >> 56) << (8 * k);
    }
    return bits;
}

/* Walks the last LANES singles down side by side: their loads overlap, and the step has no branch.
 * A leaf stays where it is. */
static inline void walk_singles(walk *w)
{
    const ek_forest *const f = w->f;
    const size_t n_feature = (size_t)f->n_feature;
    const single *const s = w->singles + w->n_single - LANES;
    uint32_t node[LANES];
    const int16_t *row[LANES];
    for (int l = 0; l < LANES; l++) {
        node[l] = s[l].node;
        row[l] = w->rows + s[l].pixel * n_feature;
    }
    for (;;) {
        uint32_t moving = 0;
        for (int l = 0; l < LANES; l++) {
            const ek_node here = f->nodes[node[l]];
            const uint32_t inner = here.feature != EK_FOREST_LEAF;
            const size_t feature = inner ? here.feature : 0;
            const uint32_t next = here.child + (uint32_t)(row[l][feature] > here.threshold);
            node[l] = inner ? next : node[l];
            moving |= inner;
        }
        if (!moving) break;
    }
    for (int l = 0; l < LANES; l++) add_leaf(w, f->nodes[node[l]].child, s[l].pixel);
    w->n_single -= LANES;
}

static inline void let_go(walk *w, uint32_t node, uint64_t mask)
{
    for (; mask; mask &= mask - 1)
        w->singles[w->n_single++] = (single){node, (uint32_t)__builtin_ctzll(mask)};
    if (w->n_single >= LANES) walk_singles(w);
}

/* The pixels of `mask` down one tree. What waits on the stack are disjoint sets of them, so that
 * there are never more than the bundle has pixels. */
static inline void walk_tree(walk *w, uint32_t root, uint64_t mask)
{
    uint32_t waiting[BUNDLE];
    uint64_t masks[BUNDLE];
    size_t depth = 0;
    uint32_t at = root;
    for (;;) {
        const ek_node here = w->f->nodes[at];
        if (here.feature == EK_FOREST_LEAF) {
            for (; mask; mask &= mask - 1) add_leaf(w, here.child, (size_t)__builtin_ctzll(mask));
        } else if (__builtin_popcountll(mask) < FEW) {
            let_go(w, at, mask);
        } else {
            const uint64_t bits = above(w->planes + (size_t)here.feature * BUNDLE, here.threshold);
            const uint64_t right = mask & bits;
            const uint64_t left = mask & ~bits;
            if (left && right) {
                waiting[depth] = here.child + 1;
                masks[depth++] = right;
            }
            at = here.child + (left == 0);
            mask = left ? left : right;
            continue;
        }
        if (depth == 0) return;
        at = waiting[--depth];
        mask = masks[depth];
    }
}

/* Singles that are left over go down alone. */
static inline void finish_singles(walk *w)
{
    const ek_forest *const f = w->f;
    while (w->n_single) {
        const single s = w->singles[--w->n_single];
        const ek_node *here = &f->nodes[s.node];
        while (here->feature != EK_FOREST_LEAF) {
            const int16_t value = w->rows[s.pixel * (size_t)f->n_feature + here->feature];
            here = &f->nodes[here->child + (value > here->threshold)];
        }
        add_leaf(w, here->child, s.pixel);
    }
}

/* Up to BUNDLE valid pixels from `*from` on, by feature and by pixel. Returns how many; places in
 * which[]. */
static inline size_t gather(const ek_forest *f, const ek_forest_in *in, const ek_forest_out *out,
                            size_t *from, int16_t *planes, int16_t *rows, uint32_t *which)
{
    size_t m = 0;
    size_t i = *from;
    for (; i < in->n && m < BUNDLE; i++) {
        if (in->valid && !in->valid[i]) {
            skip_pixel(f, out, i, in->n);
        } else {
            which[m++] = (uint32_t)i;
        }
    }
    *from = i;
    for (size_t k = 0; k < (size_t)f->n_feature; k++) {
        const int16_t *const plane = in->planes[k];
        for (size_t p = 0; p < m; p++) {
            const int16_t value = plane[which[p]];
            planes[k * BUNDLE + p] = value;
            rows[p * (size_t)f->n_feature + k] = value;
        }
        for (size_t p = m; p < BUNDLE; p++)
            planes[k * BUNDLE + p] = 0; /* compared, not looked at */
    }
    return m;
}

EK_CLONES void ek_forest_predict(const ek_forest *f, const ek_forest_in *in, ek_arena *arena,
                                 const ek_forest_out *out)
{
    const size_t mark = arena->used;
    const size_t n_class = (size_t)f->n_class;
    int16_t *const planes = EK_TAKE(arena, int16_t, (size_t)f->n_feature * BUNDLE);
    int16_t *const rows = EK_TAKE(arena, int16_t, (size_t)f->n_feature * BUNDLE);
    uint32_t *const sum = EK_TAKE(arena, uint32_t, BUNDLE * EK_FOREST_CLASSES);
    uint32_t *const which = EK_TAKE(arena, uint32_t, BUNDLE);
    walk w = {.f = f, .planes = planes, .rows = rows, .sum = sum};
    w.stride = n_class <= EIGHT ? EIGHT : n_class;
    if (n_class <= EIGHT && f->n_leaf * n_class >= EIGHT)
        w.whole = (f->n_leaf * n_class - EIGHT) / n_class + 1;
    for (size_t from = 0; from < in->n;) {
        const size_t m = gather(f, in, out, &from, planes, rows, which);
        if (m == 0) break; /* the rest is skipped */
        memset(sum, 0, BUNDLE * w.stride * sizeof *sum);
        for (int32_t t = 0; t < f->n_tree; t++)
            walk_tree(&w, f->root[t], ~UINT64_C(0) >> (BUNDLE - m));
        finish_singles(&w);
        for (size_t p = 0; p < m; p++) decide(f, sum + p * w.stride, out, which[p], in->n);
    }
    arena->used = mark;
}
