#include "kernels/forest/grow.h"

#include <assert.h>
#include <string.h>

#include "kernels/base/rng.h"

/* ---- bins ---- */

size_t ek_bins_scratch_bytes(size_t n)
{
    (void)n;
    return ek_align_up(65536 * sizeof(uint32_t)) + ek_align_up(65536);
}

/* SPEC.md eq. 1: a bin is closed once it holds its share of what is left, and always at a whole
 * value. */
void ek_bins_fill(const ek_samples *samples, int32_t f, ek_arena *arena, ek_bins *out)
{
    const size_t mark = arena->used;
    uint32_t *const count = EK_TAKE(arena, uint32_t, 65536);
    uint8_t *const bin_of = EK_TAKE(arena, uint8_t, 65536);
    const int16_t *const value = samples->features + (size_t)f * samples->n;
    uint8_t *const bin = out->bin + (size_t)f * samples->n;
    memset(count, 0, 65536 * sizeof *count);
    size_t distinct = 0;
    for (size_t i = 0; i < samples->n; i++) distinct += count[value[i] + 32768]++ == 0;
    size_t left = samples->n;
    size_t held = 0;
    int32_t b = 0;
    for (int32_t v = 0; v < 65536; v++) {
        if (!count[v]) continue;
        if (held == 0) out->lower[f][b] = (int16_t)(v - 32768);
        bin_of[v] = (uint8_t)b;
        held += count[v];
        out->upper[f][b] = (int16_t)(v - 32768);
        distinct--;
        const size_t bins_left = (size_t)(EK_FOREST_BINS - b);
        if ((held * bins_left >= left || distinct < bins_left) && b + 1 < EK_FOREST_BINS &&
            distinct) {
            left -= held;
            held = 0;
            b++;
        }
    }
    out->n_bin[f] = b + 1;
    for (size_t i = 0; i < samples->n; i++) bin[i] = bin_of[value[i] + 32768];
    arena->used = mark;
}

void ek_class_weights(const ek_samples *samples, int equal, uint32_t out[EK_FOREST_CLASSES])
{
    uint64_t count[EK_FOREST_CLASSES] = {0};
    for (size_t i = 0; i < samples->n; i++) count[samples->classes[i]]++;
    for (int32_t c = 0; c < EK_FOREST_CLASSES; c++) {
        out[c] = 65536;
        if (c >= samples->n_class || !equal) continue;
        if (!count[c]) {
            out[c] = 0;
            continue;
        }
        const uint64_t den = (uint64_t)samples->n_class * count[c];
        const uint64_t w = (((uint64_t)samples->n << 16) + den / 2) / den;
        out[c] = (uint32_t)(w < 1 ? 1 : w > (1u << 26) ? 1u << 26 : w);
    }
}

size_t ek_tree_max_nodes(size_t n_sample)
{
    return 2 * n_sample + 1;
}

/* ---- growing ---- */

typedef struct item { /* one distinct sample of the bootstrap */
    uint32_t sample;
    uint32_t times;
} item;

typedef struct open_node {
    uint32_t node;
    uint32_t first, n; /* items */
    int32_t depth;
} open_node;

typedef struct grower {
    const ek_samples *s;
    const ek_bins *bins;
    const ek_grow_params *par;
    uint64_t seed;
    uint64_t draws;
    item *items, *spare;
    open_node *stack;
    int32_t *order;  /* [n_feature] being shuffled */
    int64_t *hist;   /* [bins][n_class] weights */
    int32_t *hist_n; /* [bins] bootstrap samples */
    ek_tree *out;
} grower;

typedef struct split {
    int32_t feature; /* -1: none */
    int32_t bin;     /* left: bins up to this */
    int32_t next;    /* right: bins from this; those between are empty here */
    double score;
} split;

size_t ek_grow_scratch_bytes(const ek_samples *s)
{
    return 2 * ek_align_up(s->n * sizeof(item)) + ek_align_up((s->n + 2) * sizeof(open_node)) +
           ek_align_up((size_t)s->n_feature * sizeof(int32_t)) + ek_align_up(s->n) +
           ek_align_up(EK_FOREST_BINS * EK_FOREST_CLASSES * sizeof(int64_t)) +
           ek_align_up(EK_FOREST_BINS * sizeof(int32_t));
}

static void node_totals(const grower *g, const open_node *at, int64_t *total, int64_t *count)
{
    memset(total, 0, (size_t)g->s->n_class * sizeof *total);
    *count = 0;
    for (uint32_t k = at->first; k < at->first + at->n; k++) {
        const item it = g->items[k];
        const uint8_t c = g->s->classes[it.sample];
        total[c] += (int64_t)it.times * g->par->class_weight[c];
        *count += it.times;
    }
}

/* SPEC.md eq. 3: what a child adds to the score, sum of squares over sum. */
static inline double purity(const int64_t *w, int32_t n_class)
{
    double squares = 0;
    double sum = 0;
    for (int32_t c = 0; c < n_class; c++) {
        const double v = (double)w[c];
        squares += v * v;
        sum += v;
    }
    return sum > 0 ? squares / sum : 0;
}

static void fill_histogram(grower *g, const open_node *at, int32_t f, int32_t *low, int32_t *high)
{
    const uint8_t *const bin = g->bins->bin + (size_t)f * g->s->n;
    const size_t n_class = (size_t)g->s->n_class;
    *low = EK_FOREST_BINS;
    *high = -1;
    for (uint32_t k = at->first; k < at->first + at->n; k++) {
        const item it = g->items[k];
        const int32_t b = bin[it.sample];
        const uint8_t c = g->s->classes[it.sample];
        g->hist[(size_t)b * n_class + c] += (int64_t)it.times * g->par->class_weight[c];
        g->hist_n[b] += (int32_t)it.times;
        *low = b < *low ? b : *low;
        *high = b > *high ? b : *high;
    }
}

/* Best split of one feature; the histogram is left clean. True if the feature has more than one
 * value here. */
static int try_feature(grower *g, const open_node *at, int32_t f, const int64_t *total,
                       int64_t count, split *best)
{
    int64_t left[EK_FOREST_CLASSES] = {0};
    int64_t right[EK_FOREST_CLASSES];
    const int32_t n_class = g->s->n_class;
    int64_t n_left = 0;
    int32_t low = 0;
    int32_t high = 0;
    fill_histogram(g, at, f, &low, &high);
    for (int32_t b = low; b < high; b++) {
        if (!g->hist_n[b]) continue;
        for (int32_t c = 0; c < n_class; c++)
            left[c] += g->hist[(size_t)b * (size_t)n_class + (size_t)c];
        n_left += g->hist_n[b];
        if (n_left < g->par->min_leaf || count - n_left < g->par->min_leaf) continue;
        for (int32_t c = 0; c < n_class; c++) right[c] = total[c] - left[c];
        const double score = purity(left, n_class) + purity(right, n_class);
        const int tie =
            score == best->score && (f < best->feature || (f == best->feature && b < best->bin));
        if (score > best->score || (tie && best->feature >= 0)) {
            *best = (split){f, b, b + 1, score};
            while (!g->hist_n[best->next]) best->next++;
        }
    }
    memset(g->hist + (size_t)low * (size_t)n_class, 0,
           (size_t)(high - low + 1) * (size_t)n_class * sizeof *g->hist);
    memset(g->hist_n + low, 0, (size_t)(high - low + 1) * sizeof *g->hist_n);
    return high > low;
}

/* SPEC.md eq. 4: features in random order until mtry of them could have split. */
static split find_split(grower *g, const open_node *at, const int64_t *total, int64_t count)
{
    split best = {-1, 0, 0, purity(total, g->s->n_class)};
    const int32_t n = g->s->n_feature;
    int32_t tried = 0;
    for (int32_t k = 0; k < n && tried < g->par->mtry; k++) {
        const int32_t pick = k + (int32_t)ek_rng_below(g->seed, g->draws++, (uint32_t)(n - k));
        const int32_t f = g->order[pick];
        g->order[pick] = g->order[k];
        g->order[k] = f;
        tried += try_feature(g, at, f, total, count, &best);
    }
    return best;
}

/* SPEC.md eq. 5: class weights of a leaf in 1/32768, the largest class taking what rounding left
 * over. */
static void write_leaf(grower *g, uint32_t node, const int64_t *total)
{
    const int32_t n_class = g->s->n_class;
    uint16_t *const row = g->out->leaves + g->out->n_leaf * (size_t)n_class;
    double sum = 0;
    int32_t top = 0;
    int32_t given = 0;
    for (int32_t c = 0; c < n_class; c++) {
        sum += (double)total[c];
        top = total[c] > total[top] ? c : top;
    }
    for (int32_t c = 0; c < n_class; c++) {
        row[c] = (uint16_t)(sum > 0 ? (double)total[c] / sum * EK_FOREST_TOTAL : 0);
        given += row[c];
    }
    row[top] = (uint16_t)(row[top] + EK_FOREST_TOTAL - given);
    g->out->nodes[node] = (ek_node){EK_FOREST_LEAF, 0, (uint32_t)g->out->n_leaf++};
}

/* Puts the items that go left first, keeping their order; returns how many. */
static uint32_t part_items(grower *g, const open_node *at, const split *by)
{
    const uint8_t *const bin = g->bins->bin + (size_t)by->feature * g->s->n;
    uint32_t left = 0;
    uint32_t right = 0;
    for (uint32_t k = 0; k < at->n; k++) {
        const item it = g->items[at->first + k];
        if (bin[it.sample] <= by->bin) {
            g->items[at->first + left++] = it;
        } else {
            g->spare[right++] = it;
        }
    }
    memcpy(g->items + at->first + left, g->spare, right * sizeof(item));
    return left;
}

static uint32_t draw_bootstrap(grower *g, uint8_t *times, uint8_t *in_bag)
{
    const size_t n = g->s->n;
    memset(times, 0, n);
    for (size_t i = 0; i < n; i++) {
        const uint32_t at = ek_rng_below(g->seed, g->draws++, (uint32_t)n);
        times[at] = (uint8_t)(times[at] + (times[at] < 255));
    }
    uint32_t used = 0;
    for (size_t i = 0; i < n; i++) {
        if (times[i]) g->items[used++] = (item){(uint32_t)i, times[i]};
    }
    if (in_bag) memcpy(in_bag, times, n);
    return used;
}

static int is_pure(const int64_t *total, int32_t n_class)
{
    int32_t present = 0;
    for (int32_t c = 0; c < n_class; c++) present += total[c] > 0;
    return present <= 1;
}

/* Between the largest value on the left and the smallest on the right, rounded down. */
static int16_t half_way(const ek_bins *bins, const split *by)
{
    const int32_t low = bins->upper[by->feature][by->bin];
    const int32_t high = bins->lower[by->feature][by->next];
    return (int16_t)(low + (high - low) / 2);
}

static void grow_nodes(grower *g, uint32_t n_item)
{
    size_t depth = 0;
    g->out->n_node = 1;
    g->out->n_leaf = 0;
    g->stack[depth++] = (open_node){0, 0, n_item, 0};
    while (depth) {
        const open_node at = g->stack[--depth];
        int64_t total[EK_FOREST_CLASSES];
        int64_t count = 0;
        split best = {-1, 0, 0, 0};
        node_totals(g, &at, total, &count);
        if (at.depth < g->par->max_depth && count >= 2 * (int64_t)g->par->min_leaf &&
            !is_pure(total, g->s->n_class)) {
            best = find_split(g, &at, total, count);
        }
        if (best.feature < 0) {
            write_leaf(g, at.node, total);
            continue;
        }
        const uint32_t child = (uint32_t)g->out->n_node;
        const uint32_t left = part_items(g, &at, &best);
        g->out->n_node += 2;
        g->out->nodes[at.node] = (ek_node){(uint16_t)best.feature, half_way(g->bins, &best), child};
        g->stack[depth++] = (open_node){child + 1, at.first + left, at.n - left, at.depth + 1};
        g->stack[depth++] = (open_node){child, at.first, left, at.depth + 1};
    }
}

void ek_grow_tree(const ek_samples *samples, const ek_bins *bins, const ek_grow_params *par,
                  uint32_t tree, ek_arena *arena, ek_tree *out, uint8_t *in_bag)
{
    assert(par->mtry >= 1 && par->mtry <= samples->n_feature && samples->n >= 2);
    const size_t mark = arena->used;
    grower g = {
        .s = samples, .bins = bins, .par = par, .seed = ek_rng_split(par->seed, tree), .out = out};
    g.items = EK_TAKE(arena, item, samples->n);
    g.spare = EK_TAKE(arena, item, samples->n);
    g.stack = EK_TAKE(arena, open_node, samples->n + 2);
    g.order = EK_TAKE(arena, int32_t, (size_t)samples->n_feature);
    uint8_t *const times = EK_TAKE(arena, uint8_t, samples->n);
    g.hist = EK_TAKE(arena, int64_t, EK_FOREST_BINS * EK_FOREST_CLASSES);
    g.hist_n = EK_TAKE(arena, int32_t, EK_FOREST_BINS);
    memset(g.hist, 0, EK_FOREST_BINS * EK_FOREST_CLASSES * sizeof *g.hist);
    memset(g.hist_n, 0, EK_FOREST_BINS * sizeof *g.hist_n);
    for (int32_t f = 0; f < samples->n_feature; f++) g.order[f] = f;
    grow_nodes(&g, draw_bootstrap(&g, times, in_bag));
    arena->used = mark;
}
