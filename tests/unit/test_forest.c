/* Forest: hand-made trees, brute-force splits, equal fast and plain walks, real samples. */
#include "kernels/forest/grow.h"

#include <math.h>

#include "kernels/base/rng.h"
#include "kernels/forest/predict.h"
#include "kernels/forest/score.h"
#include "pipeline/base/memory.h"
#include "tests/support/test.h"

static em_error err;

typedef struct training {
    ek_samples s;
    int16_t *features;
    uint8_t *classes;
    ek_bins bins;
} training;

static void training_init(training *t, size_t n, int32_t n_feature, int32_t n_class)
{
    *t = (training){0};
    TEST_OK(em_calloc(n * (size_t)n_feature, 2, "x", &t->features, &err));
    TEST_OK(em_calloc(n, 1, "x", &t->classes, &err));
    TEST_OK(em_calloc(n * (size_t)n_feature, 1, "x", &t->bins.bin, &err));
    TEST_OK(em_calloc((size_t)n_feature, sizeof *t->bins.lower, "x", &t->bins.lower, &err));
    TEST_OK(em_calloc((size_t)n_feature, sizeof *t->bins.upper, "x", &t->bins.upper, &err));
    TEST_OK(em_calloc((size_t)n_feature, 4, "x", &t->bins.n_bin, &err));
    t->s = (ek_samples){t->features, t->classes, n, n_feature, n_class};
}

static void training_bin(training *t)
{
    ek_arena arena;
    TEST_OK(em_arena_init(&arena, ek_bins_scratch_bytes(t->s.n), &err));
    for (int32_t f = 0; f < t->s.n_feature; f++) ek_bins_fill(&t->s, f, &arena, &t->bins);
    assert_true(arena.used == 0);
    em_arena_release(&arena);
}

static void training_release(training *t)
{
    em_free(t->features);
    em_free(t->classes);
    em_free(t->bins.bin);
    em_free(t->bins.lower);
    em_free(t->bins.upper);
    em_free(t->bins.n_bin);
}

/* A grown forest in flat arrays. */
typedef struct grown {
    ek_forest f;
    uint32_t *root;
    ek_node *nodes;
    uint16_t *leaves;
    uint32_t *votes;
    int64_t *drop; /* [n_feature] right - shuffled */
    int64_t n_oob;
} grown;

static void grow(const training *t, const ek_grow_params *par, int32_t n_tree, const int32_t *order,
                 grown *out)
{
    *out = (grown){0};
    const size_t most = ek_tree_max_nodes(t->s.n);
    const size_t k = (size_t)t->s.n_class;
    ek_tree *trees = NULL;
    uint8_t *bag = NULL;
    ek_arena arena;
    TEST_OK(em_calloc((size_t)n_tree, sizeof *trees, "x", &trees, &err));
    TEST_OK(em_calloc(t->s.n, 1, "x", &bag, &err));
    TEST_OK(em_calloc(t->s.n * k, 4, "x", &out->votes, &err));
    TEST_OK(em_calloc((size_t)t->s.n_feature, 8, "x", &out->drop, &err));
    TEST_OK(em_arena_init(&arena, ek_grow_scratch_bytes(&t->s) + ek_importance_scratch_bytes(&t->s),
                          &err));
    size_t n_node = 0;
    size_t n_leaf = 0;
    for (int32_t i = 0; i < n_tree; i++) {
        const int32_t number = order ? order[i] : i;
        ek_tree *const tree = &trees[number];
        TEST_OK(em_calloc(most, sizeof(ek_node), "x", &tree->nodes, &err));
        TEST_OK(em_calloc((most / 2 + 1) * k, 2, "x", &tree->leaves, &err));
        ek_grow_tree(&t->s, &t->bins, par, (uint32_t)number, &arena, tree, bag);
        ek_oob_add_tree(&t->s, tree, bag, out->votes);
        for (int32_t f = 0; f < t->s.n_feature && n_tree < 60; f++) {
            int64_t right = 0;
            int64_t n_oob = 0;
            const int64_t got = ek_importance_tree(&t->s, tree, bag, (uint32_t)number, f, 7, &arena,
                                                   &right, &n_oob);
            out->drop[f] += right - got;
            out->n_oob += f == 0 ? n_oob : 0;
        }
        n_node += tree->n_node;
        n_leaf += tree->n_leaf;
    }
    TEST_OK(em_calloc((size_t)n_tree + 1, 4, "x", &out->root, &err));
    TEST_OK(em_calloc(n_node, sizeof(ek_node), "x", &out->nodes, &err));
    TEST_OK(em_calloc(n_leaf * k, 2, "x", &out->leaves, &err));
    size_t node = 0;
    size_t leaf = 0;
    for (int32_t i = 0; i < n_tree; i++) {
        out->root[i] = (uint32_t)node;
        for (size_t j = 0; j < trees[i].n_node; j++) {
            ek_node here = trees[i].nodes[j];
            here.child += (uint32_t)(here.feature == EK_FOREST_LEAF ? leaf : node);
            out->nodes[node + j] = here;
        }
        memcpy(out->leaves + leaf * k, trees[i].leaves, trees[i].n_leaf * k * 2);
        node += trees[i].n_node;
        leaf += trees[i].n_leaf;
        em_free(trees[i].nodes);
        em_free(trees[i].leaves);
    }
    out->root[n_tree] = (uint32_t)node;
    out->f = (ek_forest){n_tree,     t->s.n_feature, t->s.n_class, out->root,
                         out->nodes, node,           out->leaves,  leaf};
    assert_int_equal(ek_forest_check(&out->f), EK_OK);
    em_arena_release(&arena);
    em_free(bag);
    em_free(trees);
}

static void grown_release(grown *g)
{
    em_free(g->root);
    em_free(g->nodes);
    em_free(g->leaves);
    em_free(g->votes);
    em_free(g->drop);
}

/* Classes in overlapping clouds of a few features, the rest noise, some values missing. */
static void make_clouds(training *t, uint64_t seed)
{
    for (size_t i = 0; i < t->s.n; i++) {
        const uint8_t c = (uint8_t)ek_rng_below(seed, i, (uint32_t)t->s.n_class);
        t->classes[i] = c;
        for (int32_t f = 0; f < t->s.n_feature; f++) {
            const uint64_t at = (uint64_t)f * t->s.n + i;
            const double noise =
                ek_rng_unit(seed + 1, at) + ek_rng_unit(seed + 2, at) + ek_rng_unit(seed + 3, at);
            const double centre = f < 3 ? 1500.0 * ((c * (2 * f + 1)) % t->s.n_class) : 2000;
            t->features[at] =
                ek_rng_below(seed + 4, at, 200) ? (int16_t)(centre + 2000 * noise) : INT16_MIN;
        }
    }
}

static ek_grow_params plain_params(const training *t)
{
    ek_grow_params par = {.mtry = t->s.n_feature, .max_depth = 30, .min_leaf = 1, .seed = 1};
    ek_class_weights(&t->s, 0, par.class_weight);
    return par;
}

static void a_hand_made_tree_is_walked_right(void **state)
{
    /* f0 <= 10 ? (f1 <= -5 ? A : B) : C */
    static const ek_node nodes[] = {{0, 10, 1},
                                    {1, -5, 3},
                                    {EK_FOREST_LEAF, 0, 2},
                                    {EK_FOREST_LEAF, 0, 0},
                                    {EK_FOREST_LEAF, 0, 1}};
    static const uint16_t leaves[] = {32768, 0, 0, 8192, 24576, 0, 0, 0, 32768};
    static const uint32_t root[] = {0, 5};
    const ek_forest f = {1, 2, 3, root, nodes, 5, leaves, 3};
    assert_int_equal(ek_forest_check(&f), EK_OK);
    static const int16_t f0[] = {10, 10, 11, INT16_MIN, 0};
    static const int16_t f1[] = {-5, -4, 0, INT16_MIN, 0};
    static const uint8_t valid[] = {1, 1, 1, 1, 0};
    const int16_t *const planes[] = {f0, f1};
    uint8_t label[5];
    uint8_t confidence[5];
    uint8_t margin[5];
    uint16_t share[15];
    ek_forest_predict_plain(&f, &(ek_forest_in){planes, valid, 5},
                            &(ek_forest_out){label, confidence, margin, share});
    static const uint8_t want[] = {0, 1, 2, 0, EK_FOREST_NONE};
    static const uint8_t sure[] = {100, 75, 100, 100, 0};
    assert_memory_equal(label, want, 5);
    assert_memory_equal(confidence, sure, 5);
    assert_int_equal(margin[1], 50);
    assert_int_equal(share[0 * 5 + 1], 16384); /* 65535 / 4 rounded */
    assert_int_equal(share[1 * 5 + 4], 0);
}

/* The best Gini split by trying every threshold of every feature, in double. */
static double brute_force(const training *t, const uint8_t *bag, double *tied)
{
    double best = -1;
    for (int32_t f = 0; f < t->s.n_feature; f++) {
        for (size_t j = 0; j < t->s.n; j++) {
            double l[8] = {0};
            double r[8] = {0};
            double nl = 0;
            double nr = 0;
            const int16_t cut = t->features[(size_t)f * t->s.n + j];
            for (size_t i = 0; i < t->s.n; i++) {
                const int left = t->features[(size_t)f * t->s.n + i] <= cut;
                (left ? l : r)[t->classes[i]] += bag[i];
                *(left ? &nl : &nr) += bag[i];
            }
            if (nl == 0 || nr == 0) continue;
            double gini_l = 1;
            double gini_r = 1;
            for (int c = 0; c < t->s.n_class; c++) {
                gini_l -= l[c] / nl * (l[c] / nl);
                gini_r -= r[c] / nr * (r[c] / nr);
            }
            const double gain = -(nl * gini_l + nr * gini_r);
            if (best == -1 || gain > best) best = gain;
        }
    }
    *tied = best;
    return best;
}

static void the_root_splits_where_brute_force_says(void **state)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        training t;
        ek_arena arena;
        ek_tree tree = {0};
        uint8_t bag[60];
        training_init(&t, 60, 4, 3);
        make_clouds(&t, seed * 100);
        training_bin(&t);
        const ek_grow_params par = plain_params(&t);
        TEST_OK(em_arena_init(&arena, ek_grow_scratch_bytes(&t.s), &err));
        TEST_OK(em_calloc(ek_tree_max_nodes(60), sizeof(ek_node), "x", &tree.nodes, &err));
        TEST_OK(em_calloc((ek_tree_max_nodes(60) / 2 + 1) * 3, 2, "x", &tree.leaves, &err));
        ek_grow_tree(&t.s, &t.bins, &par, (uint32_t)seed, &arena, &tree, bag);
        assert_true(arena.used == 0);
        double tied = 0;
        const double want = brute_force(&t, bag, &tied);
        double side[2][8] = {{0}};
        double n[2] = {0};
        for (size_t i = 0; i < 60; i++) {
            const int right =
                t.features[(size_t)tree.nodes[0].feature * 60 + i] > tree.nodes[0].threshold;
            side[right][t.classes[i]] += bag[i];
            n[right] += bag[i];
        }
        double got = 0;
        for (int k = 0; k < 2; k++) {
            double gini = 1;
            for (int c = 0; c < 3; c++) gini -= side[k][c] / n[k] * (side[k][c] / n[k]);
            got -= n[k] * gini;
        }
        TEST_NEAR(got, want, 1e-9);
        em_arena_release(&arena);
        em_free(tree.nodes);
        em_free(tree.leaves);
        training_release(&t);
    }
}

static void any_order_of_trees_grows_the_same_forest(void **state)
{
    training t;
    grown one;
    grown two;
    int32_t order[20];
    for (int i = 0; i < 20; i++) order[i] = (i * 7 + 3) % 20;
    training_init(&t, 500, 6, 5);
    make_clouds(&t, 3);
    training_bin(&t);
    ek_grow_params par = plain_params(&t);
    par.mtry = 2;
    grow(&t, &par, 20, NULL, &one);
    grow(&t, &par, 20, order, &two);
    assert_int_equal(one.f.n_node, two.f.n_node);
    assert_true(test_same_bits(one.nodes, two.nodes, one.f.n_node * sizeof(ek_node)));
    assert_true(test_same_bits(one.leaves, two.leaves, one.f.n_leaf * 5 * 2));
    assert_true(test_same_bits(one.votes, two.votes, 500 * 5 * 4));
    assert_true(test_same_bits(one.drop, two.drop, 6 * 8));
    grown_release(&one);
    grown_release(&two);
    training_release(&t);
}

/* Noise, where every pixel goes its own way, or fields of equal neighbours, which go together. */
static void compare_walks(int32_t n_class, int fields)
{
    training t;
    grown g;
    enum { N = 3001 };
    static int16_t plane[12][N];
    static uint8_t valid[N];
    static uint8_t label[2][N];
    static uint8_t confidence[2][N];
    static uint8_t margin[2][N];
    static uint16_t share[2][12 * N];
    training_init(&t, 800, 12, n_class);
    make_clouds(&t, 9);
    training_bin(&t);
    ek_grow_params par = plain_params(&t);
    par.mtry = 3;
    grow(&t, &par, 61, NULL, &g);
    const int16_t *planes[12];
    for (int f = 0; f < 12; f++) {
        planes[f] = plane[f];
        for (int i = 0; i < N; i++) {
            const uint32_t kind = ek_rng_below(5, (uint64_t)i, 20);
            plane[f][i] = kind == 0   ? INT16_MIN
                          : kind == 1 ? INT16_MAX
                          : fields ? (int16_t)(ek_rng_below(6, (uint64_t)(f * N + i / 50), 14000) +
                                               ek_rng_below(7, (uint64_t)(f * N + i), 40))
                                   : (int16_t)ek_rng_below(6, (uint64_t)(f * N + i), 14000);
        }
    }
    for (int i = 0; i < N; i++) valid[i] = ek_rng_below(8, (uint64_t)i, 5) != 0;
    ek_arena arena;
    TEST_OK(em_arena_init(&arena, ek_forest_predict_scratch_bytes(&g.f, N), &err));
    static const size_t sizes[] = {1, 15, 16, 17, 63, 64, 65, 257, N};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        for (int masked = 0; masked < 2; masked++) {
            const ek_forest_in in = {planes, masked ? valid : NULL, sizes[k]};
            ek_forest_predict_plain(&g.f, &in,
                                    &(ek_forest_out){label[0], confidence[0], margin[0], share[0]});
            ek_forest_predict(&g.f, &in, &arena,
                              &(ek_forest_out){label[1], confidence[1], margin[1], share[1]});
            assert_memory_equal(label[0], label[1], sizes[k]);
            assert_memory_equal(confidence[0], confidence[1], sizes[k]);
            assert_memory_equal(margin[0], margin[1], sizes[k]);
            assert_memory_equal(share[0], share[1], (size_t)n_class * sizes[k] * 2);
        }
    }
    assert_true(arena.used == 0 && arena.peak <= ek_forest_predict_scratch_bytes(&g.f, N));
    em_arena_release(&arena);
    grown_release(&g);
    training_release(&t);
}

static void the_fast_walk_equals_the_plain_one(void **state)
{
    static const int32_t classes[] = {2, 3, 7, 8, 9, 12};
    for (size_t k = 0; k < sizeof classes / sizeof *classes; k++) {
        compare_walks(classes[k], 0);
        compare_walks(classes[k], 1);
    }
}

static void broken_models_are_refused(void **state)
{
    training t;
    grown g;
    training_init(&t, 300, 5, 4);
    make_clouds(&t, 21);
    training_bin(&t);
    const ek_grow_params par = plain_params(&t);
    grow(&t, &par, 5, NULL, &g);
    size_t refused = 0;
    for (size_t i = 0; i < g.f.n_node; i++) {
        const ek_node keep = g.nodes[i];
        static const uint32_t bad_child[] = {0, 0x7FFFFFFF, 0xFFFFFFFF};
        for (int k = 0; k < 3; k++) {
            g.nodes[i].child = bad_child[k];
            const int leaf_zero = keep.feature == EK_FOREST_LEAF && bad_child[k] == 0;
            assert_int_equal(ek_forest_check(&g.f), leaf_zero ? EK_OK : EK_DEGENERATE);
            refused++;
        }
        g.nodes[i] = keep;
        if (keep.feature != EK_FOREST_LEAF) {
            g.nodes[i].feature = 5;
            assert_int_equal(ek_forest_check(&g.f), EK_DEGENERATE);
            g.nodes[i].child = (uint32_t)i; /* a loop */
            g.nodes[i].feature = keep.feature;
            assert_int_equal(ek_forest_check(&g.f), EK_DEGENERATE);
        }
        g.nodes[i] = keep;
    }
    assert_true(refused > 100);
    g.leaves[0] ^= 1;
    assert_int_equal(ek_forest_check(&g.f), EK_DEGENERATE);
    grown_release(&g);
    training_release(&t);
}

static void a_telling_feature_is_important_and_noise_is_not(void **state)
{
    training t;
    grown g;
    training_init(&t, 2000, 6, 4);
    make_clouds(&t, 33);
    training_bin(&t);
    ek_grow_params par = plain_params(&t);
    par.mtry = 2;
    grow(&t, &par, 40, NULL, &g);
    for (int f = 3; f < 6; f++) {
        const double noise = (double)g.drop[f] / (double)g.n_oob;
        assert_true(noise < 0.02);
        for (int k = 0; k < 3; k++) assert_true(g.drop[k] > 3 * llabs(g.drop[f]));
    }
    grown_release(&g);
    training_release(&t);
}

static void equal_weights_raise_a_rare_class(void **state)
{
    ek_samples s = {.n = 10, .n_feature = 1, .n_class = 2};
    const uint8_t classes[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1};
    uint32_t w[EK_FOREST_CLASSES];
    s.classes = classes;
    ek_class_weights(&s, 1, w);
    assert_int_equal(w[0], 40960);  /* 10 / (2 * 8) = .625 */
    assert_int_equal(w[1], 163840); /* 10 / (2 * 2) = 2.5 */
    ek_class_weights(&s, 0, w);
    assert_int_equal(w[1], 65536);
}

/* Real Sentinel-2 pixels of five classes: reed, water, meadow, forest, cropland.
 * scikit-learn 1.2.1's class-balanced forest of 200 trees was seen to reach .98 and more out of bag
 * on them. */
static void real_pixels_are_told_apart(void **state)
{
    const char *const path = test_shared("data/eunis_s2/s2_5class_2060px.csv");
    TEST_NEEDS(path);
    FILE *const in = fopen(path, "r");
    assert_non_null(in);
    char line[2000];
    char names[8][64];
    int32_t n_class = 0;
    training t;
    training_init(&t, 2060, 10, 5);
    assert_non_null(fgets(line, sizeof line, in));
    char header[2000];
    snprintf(header, sizeof header, "%s", line);
    size_t n = 0;
    while (n < 2060 && fgets(line, sizeof line, in)) {
        char *save = NULL;
        char *save_h = NULL;
        char head[2000];
        memcpy(head, header, sizeof head);
        int f = 0;
        char *h = strtok_r(head, ",\r\n", &save_h);
        for (char *v = strtok_r(line, ",\r\n", &save); v;
             v = strtok_r(NULL, ",\r\n", &save), h = strtok_r(NULL, ",\r\n", &save_h)) {
            while (*v == '"') v++;
            v[strcspn(v, "\"")] = '\0';
            if (h && (h[0] == 'B' || h[1] == 'B') && strpbrk(h, "0123456789") && f < 10) {
                t.features[(size_t)f++ * 2060 + n] = (int16_t)lround(1e4 * atof(v));
            } else if (h && (strstr(h, "class") || strstr(h, "label"))) {
                int32_t c = 0;
                while (c < n_class && strcmp(names[c], v) != 0) c++;
                if (c == n_class && n_class < 8) snprintf(names[n_class++], 64, "%s", v);
                t.classes[n] = (uint8_t)c;
            }
        }
        if (f == 10) n++;
    }
    fclose(in);
    assert_int_equal(n, 2060);
    assert_int_equal(n_class, 5);
    training_bin(&t);
    grown g;
    ek_grow_params par = plain_params(&t);
    par.mtry = 3;
    ek_class_weights(&t.s, 1, par.class_weight);
    grow(&t, &par, 100, NULL, &g);
    static uint8_t labels[2060];
    ek_oob_labels(g.votes, 2060, 5, labels);
    int right = 0;
    for (size_t i = 0; i < 2060; i++) right += labels[i] == t.classes[i];
    print_message("out-of-bag accuracy on real pixels: %.4f\n", right / 2060.0);
    assert_true(right > 0.97 * 2060);
    grown_release(&g);
    training_release(&t);
}

/* Two classes far apart: the root's threshold lies half way between the outermost drawn samples, of
 * few distinct values and of more than bins can tell apart. */
static void a_threshold_stands_half_way(void **state)
{
    (void)state;
    static const size_t sizes[] = {40, 4000};
    for (int k = 0; k < 2; k++) {
        const size_t n = sizes[k];
        training t;
        ek_arena arena;
        ek_tree tree = {0};
        uint8_t *bag = calloc(n, 1);
        training_init(&t, n, 1, 2);
        for (size_t i = 0; i < n; i++) {
            t.classes[i] = i >= n / 2;
            t.features[i] = (int16_t)((i >= n / 2 ? 9000 : -9000) + (int)(i % (n / 2)));
        }
        training_bin(&t);
        const ek_grow_params par = plain_params(&t);
        TEST_OK(em_arena_init(&arena, ek_grow_scratch_bytes(&t.s), &err));
        TEST_OK(em_calloc(ek_tree_max_nodes(n), sizeof(ek_node), "x", &tree.nodes, &err));
        TEST_OK(em_calloc((ek_tree_max_nodes(n) / 2 + 1) * 2, 2, "x", &tree.leaves, &err));
        ek_grow_tree(&t.s, &t.bins, &par, 0, &arena, &tree, bag);
        int low = -32768;
        int high = 32767;
        for (size_t i = 0; i < n; i++) {
            if (!bag[i]) continue;
            if (!t.classes[i] && t.features[i] > low) low = t.features[i];
            if (t.classes[i] && t.features[i] < high) high = t.features[i];
        }
        assert_int_equal(tree.n_leaf, 2);
        /* limits of bins stand half way between values, so that a few values on each side are lost
         */
        TEST_NEAR(tree.nodes[0].threshold, (low + high) / 2, (double)n / 2 / 64 + 1);
        em_free(tree.nodes);
        em_free(tree.leaves);
        em_arena_release(&arena);
        training_release(&t);
        free(bag);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hand_made_tree_is_walked_right),
        cmocka_unit_test(the_root_splits_where_brute_force_says),
        cmocka_unit_test(a_threshold_stands_half_way),
        cmocka_unit_test(any_order_of_trees_grows_the_same_forest),
        cmocka_unit_test(the_fast_walk_equals_the_plain_one),
        cmocka_unit_test(broken_models_are_refused),
        cmocka_unit_test(a_telling_feature_is_important_and_noise_is_not),
        cmocka_unit_test(equal_weights_raise_a_rare_class),
        cmocka_unit_test(real_pixels_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
