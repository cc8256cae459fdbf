/* The forest's fast prediction against the plain tree walk that defines it: the same pixels, the
 * same forest, equal labels, one run.
 *
 *   bench_forest [SIDE]     pixels per side of the made image (512)
 *
 * The image is made of fields of 16 x 16 pixels with a class each, so that neighbours walk alike as
 * they do in a real one; values spread within a class so far that trees grow deep. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/rng.h"
#include "kernels/forest/grow.h"
#include "kernels/forest/predict.h"
#include "pipeline/base/memory.h"
#include "tests/support/bench.h"

enum { CLASSES = 7, SAMPLES = 7 * 1500, TREES = 100, REPEATS = 3, FIELD = 16 };

static em_error err;

static void *take(size_t n, size_t size)
{
    void *p = NULL;
    if (em_calloc(n, size, "benchmark", &p, &err) != EM_OK) bench_die("%s", err.text);
    return p;
}

/* Feature f of one pixel of class c: a class mean and a spread of about half the means' distance.
 */
static int16_t draw(uint64_t seed, size_t i, int32_t f, size_t c)
{
    const double mean = 500 + 3000 * ek_rng_unit(77 + (uint64_t)f, c);
    double spread = -2;
    for (uint64_t k = 0; k < 4; k++)
        spread += ek_rng_unit(ek_rng_split(seed, (uint64_t)f), 4 * i + k);
    return (int16_t)(mean + 900 * spread);
}

/* Samples and bins with the arrays that they lie in. */
typedef struct training {
    ek_samples samples;
    ek_bins bins;
    int16_t *x;
    uint8_t *y;
} training;

static training make_training(int32_t n_feature)
{
    training t = {.x = take((size_t)SAMPLES * (size_t)n_feature, sizeof *t.x),
                  .y = take(SAMPLES, 1),
                  .bins = {.bin = take((size_t)SAMPLES * (size_t)n_feature, 1),
                           .lower = take((size_t)n_feature, sizeof *t.bins.lower),
                           .upper = take((size_t)n_feature, sizeof *t.bins.upper),
                           .n_bin = take((size_t)n_feature, sizeof *t.bins.n_bin)}};
    for (size_t i = 0; i < SAMPLES; i++) {
        t.y[i] = (uint8_t)(i % CLASSES);
        for (int32_t f = 0; f < n_feature; f++)
            t.x[(size_t)f * SAMPLES + i] = draw(1, i, f, t.y[i]);
    }
    t.samples = (ek_samples){t.x, t.y, SAMPLES, n_feature, CLASSES};
    ek_arena arena;
    if (em_arena_init(&arena, ek_bins_scratch_bytes(SAMPLES), &err) != EM_OK)
        bench_die("%s", err.text);
    for (int32_t f = 0; f < n_feature; f++) ek_bins_fill(&t.samples, f, &arena, &t.bins);
    em_arena_release(&arena);
    return t;
}

static void training_release(training *t)
{
    em_free(t->x);
    em_free(t->y);
    em_free(t->bins.bin);
    em_free(t->bins.lower);
    em_free(t->bins.upper);
    em_free(t->bins.n_bin);
}

/* A forest with the arrays that it lies in. */
typedef struct grown {
    ek_forest forest;
    uint32_t *root;
    ek_node *nodes;
    uint16_t *leaves;
} grown;

/* Appends a tree, whose indexes count from its own start. */
static void append(grown *g, const ek_tree *tree)
{
    ek_forest *const f = &g->forest;
    for (size_t i = 0; i < tree->n_node; i++) {
        ek_node node = tree->nodes[i];
        node.child += (uint32_t)(node.feature == EK_FOREST_LEAF ? f->n_leaf : f->n_node);
        g->nodes[f->n_node + i] = node;
    }
    memcpy(g->leaves + f->n_leaf * CLASSES, tree->leaves,
           tree->n_leaf * CLASSES * sizeof *tree->leaves);
    f->n_node += tree->n_node;
    f->n_leaf += tree->n_leaf;
    g->root[++f->n_tree] = (uint32_t)f->n_node;
}

static grown grow(const training *t)
{
    const ek_samples *const s = &t->samples;
    const size_t most = ek_tree_max_nodes(s->n);
    grown g = {.root = take(TREES + 1, sizeof *g.root),
               .nodes = take(TREES * most, sizeof *g.nodes),
               .leaves = take(TREES * (most / 2 + 1) * CLASSES, sizeof *g.leaves)};
    g.forest = (ek_forest){.n_feature = s->n_feature,
                           .n_class = CLASSES,
                           .root = g.root,
                           .nodes = g.nodes,
                           .leaves = g.leaves};
    ek_tree tree = {.nodes = take(most, sizeof *tree.nodes),
                    .leaves = take((most / 2 + 1) * CLASSES, sizeof *tree.leaves)};
    ek_grow_params par = {.mtry = 1, .max_depth = 30, .min_leaf = 1, .seed = 5};
    while ((par.mtry + 1) * (par.mtry + 1) <= s->n_feature) par.mtry++;
    ek_class_weights(s, 1, par.class_weight);
    ek_arena arena;
    if (em_arena_init(&arena, ek_grow_scratch_bytes(s), &err) != EM_OK) bench_die("%s", err.text);
    for (uint32_t i = 0; i < TREES; i++) {
        ek_grow_tree(s, &t->bins, &par, i, &arena, &tree, NULL);
        append(&g, &tree);
    }
    em_arena_release(&arena);
    em_free(tree.nodes);
    em_free(tree.leaves);
    if (ek_forest_check(&g.forest) != EK_OK) bench_die("the forest that was grown is none");
    return g;
}

static void compare(const ek_forest *f, size_t side)
{
    const size_t n = side * side;
    int16_t *const x = take((size_t)f->n_feature * n, sizeof *x);
    const int16_t **const planes = take((size_t)f->n_feature, sizeof *planes);
    uint8_t *const labels[2] = {take(n, 1), take(n, 1)};
    for (int32_t k = 0; k < f->n_feature; k++) {
        planes[k] = x + (size_t)k * n;
        for (size_t i = 0; i < n; i++) {
            const size_t field = (i / side / FIELD) * (side / FIELD + 1) + i % side / FIELD;
            x[(size_t)k * n + i] = draw(2, i, k, ek_rng_below(3, field, CLASSES));
        }
    }
    ek_arena arena;
    if (em_arena_init(&arena, ek_forest_predict_scratch_bytes(f, n), &err) != EM_OK)
        bench_die("%s", err.text);
    const ek_forest_in in = {.planes = planes, .n = n};
    bench_time best[2] = {{0}};
    for (int r = 0; r < REPEATS; r++) {
        bench_time t = bench_now();
        ek_forest_predict(f, &in, &arena, &(ek_forest_out){.label = labels[0]});
        bench_keep(&best[0], bench_since(t));
        t = bench_now();
        ek_forest_predict_plain(f, &in, &(ek_forest_out){.label = labels[1]});
        bench_keep(&best[1], bench_since(t));
    }
    if (memcmp(labels[0], labels[1], n) != 0) bench_die("fast and plain labels differ");
    char name[64];
    snprintf(name, sizeof name, "forest, %d features, %d trees / plain walk", f->n_feature, TREES);
    bench_row(name, "us/pixel", (double)n * 1e-6, best[0], best[1]);
    em_arena_release(&arena);
    em_free(x);
    em_free(planes);
    em_free(labels[0]);
    em_free(labels[1]);
}

static void bench(int32_t n_feature, size_t side)
{
    training t = make_training(n_feature);
    grown g = grow(&t);
    compare(&g.forest, side);
    training_release(&t);
    em_free(g.root);
    em_free(g.nodes);
    em_free(g.leaves);
}

int main(int argc, char **argv)
{
    const long side = argc > 1 ? strtol(argv[1], NULL, 10) : 512;
    if (side < FIELD || side > 8192) bench_die("usage: bench_forest [SIDE], %d to 8192", FIELD);
    bench(10, (size_t)side); /* medians of ten bands */
    bench(40, (size_t)side); /* in four seasons */
    return 0;
}
