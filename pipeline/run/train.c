#include "pipeline/run/train.h"

#include <math.h>
#include <string.h>

#include "kernels/forest/grow.h"
#include "kernels/forest/score.h"
#include "pipeline/base/memory.h"
#include "pipeline/run/exec.h"

#define TREE_SECONDS 0.02 /* a tree of a few thousand samples, with its importances */

double em_train_cost(const em_inputs *inputs)
{
    return TREE_SECONDS * (double)inputs->config.forest.trees;
}

/* ---- the task's identity ---- */

static em_status hash_samples(em_hasher *h, const em_inputs *in, em_error *err)
{
    em_status rc = EM_OK;
    em_str text = {0};
    const em_config_samples *const c = &in->config.samples;
    for (size_t i = 0; i < c->n_map; i++)
        em_str_printf(&text, "|%s>%lld", c->from[i], (long long)c->to[i]);
    EM_TRY(em_hasher_add_text(h, em_str_text(&text), err));
    for (size_t i = 0; i < in->samples.n; i++) {
        const em_sample *const s = &in->samples.items[i];
        EM_TRY(em_hasher_add_text(h, s->value, err));
        EM_TRY(em_hasher_add(h, &s->id, sizeof s->id, err));
        EM_TRY(em_hasher_add(h, &s->col, sizeof s->col, err));
        EM_TRY(em_hasher_add(h, &s->row, sizeof s->row, err));
        for (size_t r = 0; r < s->n_ring; r++)
            EM_TRY(em_hasher_add(h, s->rings[r].at, s->rings[r].n * sizeof *s->rings[r].at, err));
    }
    EM_TRY(em_str_check(&text, err));
done:
    em_str_release(&text);
    return rc;
}

static em_status hash_settings(em_hasher *h, const em_inputs *in, em_error *err)
{
    em_status rc = EM_OK;
    em_str text = {0};
    em_hash grid;
    const em_config_forest *const f = &in->config.forest;
    const em_config_features *const p = &in->config.features;
    EM_TRY(em_grid_hash(&in->grid, &grid, err));
    em_str_printf(&text, "train|%d|%s|%lld|%lld|%lld|%lld|%lld|%lld|%d|%s|%s|%lld",
                  EM_TRAIN_VERSION, grid.hex, (long long)f->trees, (long long)f->max_depth,
                  (long long)f->min_leaf, (long long)f->mtry, (long long)f->seed,
                  (long long)f->max_per_class, f->balanced, p->upsample, p->gap,
                  (long long)p->min_clear);
    for (size_t i = 0; i < in->features.n; i++)
        em_str_printf(&text, "|%s", in->features.items[i].name);
    for (size_t w = 0; w < p->n_window; w++)
        em_str_printf(&text, "|%s:%d-%d", p->windows[w].name, p->windows[w].from, p->windows[w].to);
    EM_TRY(em_str_check(&text, err));
    EM_TRY(em_hasher_add_text(h, text.data, err));
done:
    em_str_release(&text);
    return rc;
}

static bool meets_a_sample(const em_inputs *in, const em_scene_use *use)
{
    for (size_t i = 0; i < in->samples.n; i++) {
        if (!em_rect_empty(em_rect_clip(in->samples.items[i].box, use->rect))) return true;
    }
    return false;
}

/* What the samples' pixels come from, whatever the tile size. */
static em_status hash_scenes(em_hasher *h, const em_inputs *in, const em_plan *plan, em_error *err)
{
    em_hash settings;
    em_status rc = em_plan_ingest_settings(in, &settings, err);
    if (rc == EM_OK) rc = em_hasher_add_text(h, settings.hex, err);
    for (size_t s = 0; s < plan->n_scene && rc == EM_OK; s++) {
        const em_scene_use *const use = &plan->scenes[s];
        if (use->state == EM_SCENE_OK && meets_a_sample(in, use))
            rc = em_hasher_add_text(h, use->content.hex, err);
    }
    return rc;
}

em_status em_train_key(const em_inputs *inputs, const em_plan *plan, em_hash *out, em_error *err)
{
    em_status rc = EM_OK;
    em_hasher *h = NULL;
    EM_TRY(em_hasher_new(&h, err));
    EM_TRY(hash_settings(h, inputs, err));
    EM_TRY(hash_samples(h, inputs, err));
    EM_TRY(hash_scenes(h, inputs, plan, err));
    EM_TRY(em_hasher_finish(h, out, err));
done:
    em_hasher_free(h);
    return rc;
}

em_status em_train_path(const em_inputs *inputs, const em_hash *key, const char *work, char **out,
                        em_error *err)
{
    em_str path = {0};
    em_str_printf(&path, "%s/models/%s.%.12s.h5", work, inputs->period.name, key->hex);
    em_status rc = em_str_check(&path, err);
    if (rc == EM_OK) rc = em_strdup(path.data, out, err);
    em_str_release(&path);
    return rc;
}

/* ---- growing ---- */

/* One thread's memory; votes and counts are whole numbers that add up in any order. */
typedef struct grow_work {
    ek_tree tree; /* room for the largest tree */
    uint8_t *in_bag;
    uint32_t *votes; /* [n][n_class] */
    int64_t *lost;   /* [n_feature] right answers that shuffling took */
    int64_t n_oob;   /* over all of its trees */
    ek_arena arena;
} grow_work;

typedef struct grower {
    ek_samples samples;
    ek_bins bins;
    ek_grow_params par;
    ek_tree *trees; /* [n_tree] cut to size; owned */
    grow_work *work;
    em_tell *tell;
    size_t n_tree;
} grower;

static em_status fill_bins(const grower *g, ek_bins *bins, em_error *err)
{
    em_status rc = EM_OK;
    ek_arena arena = {0};
    const size_t n_feature = (size_t)g->samples.n_feature;
    EM_TRY(em_calloc(g->samples.n * n_feature, 1, "bins", &bins->bin, err));
    EM_TRY(em_calloc(n_feature, sizeof *bins->lower, "bins", &bins->lower, err));
    EM_TRY(em_calloc(n_feature, sizeof *bins->upper, "bins", &bins->upper, err));
    EM_TRY(em_calloc(n_feature, sizeof *bins->n_bin, "bins", &bins->n_bin, err));
    EM_TRY(em_arena_init(&arena, ek_bins_scratch_bytes(g->samples.n), err));
    for (int32_t f = 0; f < g->samples.n_feature; f++) ek_bins_fill(&g->samples, f, &arena, bins);
done:
    em_arena_release(&arena);
    return rc;
}

static em_status work_init(const grower *g, grow_work *w, em_error *err)
{
    em_status rc = EM_OK;
    const size_t most = ek_tree_max_nodes(g->samples.n);
    const size_t n_class = (size_t)g->samples.n_class;
    const size_t grow = ek_grow_scratch_bytes(&g->samples);
    const size_t score = ek_importance_scratch_bytes(&g->samples);
    EM_TRY(em_calloc(most, sizeof *w->tree.nodes, "tree", &w->tree.nodes, err));
    EM_TRY(
        em_calloc((most / 2 + 1) * n_class, sizeof *w->tree.leaves, "tree", &w->tree.leaves, err));
    EM_TRY(em_calloc(g->samples.n, 1, "bootstrap", &w->in_bag, err));
    EM_TRY(em_calloc(g->samples.n * n_class, sizeof *w->votes, "votes", &w->votes, err));
    EM_TRY(em_calloc((size_t)g->samples.n_feature, sizeof *w->lost, "importance", &w->lost, err));
    EM_TRY(em_arena_init(&w->arena, grow > score ? grow : score, err));
done:
    return rc;
}

static void work_release(grow_work *w)
{
    em_free(w->tree.nodes);
    em_free(w->tree.leaves);
    em_free(w->in_bag);
    em_free(w->votes);
    em_free(w->lost);
    em_arena_release(&w->arena);
}

static em_status keep_tree(const grower *g, const ek_tree *from, ek_tree *to, em_error *err)
{
    em_status rc = EM_OK;
    const size_t n_leaf = from->n_leaf * (size_t)g->samples.n_class;
    EM_TRY(em_calloc(from->n_node, sizeof *to->nodes, "tree", &to->nodes, err));
    EM_TRY(em_calloc(n_leaf, sizeof *to->leaves, "tree", &to->leaves, err));
    memcpy(to->nodes, from->nodes, from->n_node * sizeof *to->nodes);
    memcpy(to->leaves, from->leaves, n_leaf * sizeof *to->leaves);
    to->n_node = from->n_node;
    to->n_leaf = from->n_leaf;
done:
    return rc;
}

static em_status grow_one(void *user, size_t i, int thread, em_error *err)
{
    grower *const g = user;
    grow_work *const w = &g->work[thread];
    int64_t n_oob = 0;
    ek_grow_tree(&g->samples, &g->bins, &g->par, (uint32_t)i, &w->arena, &w->tree, w->in_bag);
    ek_oob_add_tree(&g->samples, &w->tree, w->in_bag, w->votes);
    for (int32_t f = 0; f < g->samples.n_feature; f++) {
        int64_t right = 0;
        const int64_t shuffled = ek_importance_tree(&g->samples, &w->tree, w->in_bag, (uint32_t)i,
                                                    f, g->par.seed, &w->arena, &right, &n_oob);
        w->lost[f] += right - shuffled;
    }
    w->n_oob += n_oob;
    const em_status rc = keep_tree(g, &w->tree, &g->trees[i], err);
    em_tell_done(g->tell, "train", TREE_SECONDS);
    return rc;
}

/* ---- putting the forest together ---- */

/* Trees in order into the flat arrays of the model, which owns them at once. */
static em_status flatten(const grower *g, em_model *model, em_error *err)
{
    em_status rc = EM_OK;
    ek_forest *const f = &model->forest;
    const size_t n_class = (size_t)g->samples.n_class;
    uint32_t *root = NULL;
    ek_node *nodes = NULL;
    uint16_t *leaves = NULL;
    for (size_t t = 0; t < g->n_tree; t++) {
        f->n_node += g->trees[t].n_node;
        f->n_leaf += g->trees[t].n_leaf;
    }
    rc = em_calloc(g->n_tree + 1, sizeof *root, "forest", &root, err);
    f->root = root;
    if (rc == EM_OK) rc = em_calloc(f->n_node, sizeof *nodes, "forest", &nodes, err);
    f->nodes = nodes;
    if (rc == EM_OK) rc = em_calloc(f->n_leaf * n_class, sizeof *leaves, "forest", &leaves, err);
    f->leaves = leaves;
    if (rc != EM_OK) return rc;
    size_t node = 0;
    size_t leaf = 0;
    for (size_t t = 0; t < g->n_tree; t++) {
        const ek_tree *const tree = &g->trees[t];
        root[t] = (uint32_t)node;
        for (size_t i = 0; i < tree->n_node; i++) {
            const size_t base = tree->nodes[i].feature == EK_FOREST_LEAF ? leaf : node;
            nodes[node + i] = tree->nodes[i];
            nodes[node + i].child += (uint32_t)base;
        }
        memcpy(leaves + leaf * n_class, tree->leaves, tree->n_leaf * n_class * sizeof *leaves);
        node += tree->n_node;
        leaf += tree->n_leaf;
    }
    root[g->n_tree] = (uint32_t)node;
    f->n_tree = (int32_t)g->n_tree;
    f->n_feature = g->samples.n_feature;
    f->n_class = g->samples.n_class;
    return EM_OK;
}

/* Out-of-bag confusion and importances from all threads' counts. */
static em_status sum_figures(const grower *g, int threads, em_model *model, em_error *err)
{
    em_status rc = EM_OK;
    uint8_t *labels = NULL;
    ek_accuracy accuracy;
    const size_t n_vote = g->samples.n * (size_t)g->samples.n_class;
    int64_t n_oob = 0;
    EM_TRY(em_calloc(g->samples.n, 1, "labels", &labels, err));
    EM_TRY(em_calloc((size_t)g->samples.n_feature, sizeof *model->importance, "importance",
                     &model->importance, err));
    for (int t = 1; t < threads; t++) {
        for (size_t i = 0; i < n_vote; i++) g->work[0].votes[i] += g->work[t].votes[i];
        for (int32_t f = 0; f < g->samples.n_feature; f++) g->work[0].lost[f] += g->work[t].lost[f];
    }
    for (int t = 0; t < threads; t++) n_oob += g->work[t].n_oob;
    for (int32_t f = 0; f < g->samples.n_feature; f++)
        model->importance[f] = n_oob ? (double)g->work[0].lost[f] / (double)n_oob : 0;
    ek_oob_labels(g->work[0].votes, g->samples.n, g->samples.n_class, labels);
    model->oob = (ek_confusion){.n_class = g->samples.n_class};
    ek_confusion_add(&model->oob, labels, g->samples.classes, g->samples.n);
    ek_confusion_accuracy(&model->oob, &accuracy);
    model->oob_accuracy = accuracy.overall;
done:
    em_free(labels);
    return rc;
}

static em_status describe(const em_inputs *in, const em_training *t, const em_hash *key,
                          em_model *model, em_error *err)
{
    for (size_t f = 0; f < in->features.n; f++) {
        const em_status rc = em_list_add(&model->features, in->features.items[f].name, err);
        if (rc != EM_OK) return rc;
    }
    memcpy(model->codes, t->codes, sizeof model->codes);
    model->n_class = t->n_class;
    model->n_sample = (int64_t)t->n;
    model->training = t->hash;
    model->key = *key;
    return EM_OK;
}

static em_status publish(const em_model *model, const char *path, em_error *err)
{
    em_status rc = EM_OK;
    em_str image = {0};
    char *folder = NULL;
    EM_TRY(em_model_encode(model, &image, err));
    EM_TRY(em_path_folder(path, &folder, err));
    EM_TRY(em_mkdirs(folder, err));
    EM_TRY(em_file_publish(path, image.data, image.size, err));
done:
    em_free(folder);
    em_str_release(&image);
    return rc;
}

static void params_of(const em_inputs *in, const ek_samples *samples, ek_grow_params *out)
{
    const em_config_forest *const f = &in->config.forest;
    int32_t mtry = (int32_t)f->mtry;
    if (mtry == 0) {
        while ((mtry + 1) * (mtry + 1) <= samples->n_feature) mtry++;
    }
    *out = (ek_grow_params){.mtry = mtry < samples->n_feature ? mtry : samples->n_feature,
                            .max_depth = (int32_t)f->max_depth,
                            .min_leaf = (int32_t)f->min_leaf,
                            .seed = (uint64_t)f->seed};
    ek_class_weights(samples, f->balanced, out->class_weight);
}

static em_status grow_forest(const em_inputs *in, const em_training *t, int threads, em_tell *tell,
                             em_model *model, em_error *err)
{
    em_status rc = EM_OK;
    grower g = {.samples = {t->features, t->classes, t->n, (int32_t)in->features.n, t->n_class},
                .tell = tell,
                .n_tree = (size_t)in->config.forest.trees};
    params_of(in, &g.samples, &g.par);
    EM_TRY(fill_bins(&g, &g.bins, err));
    EM_TRY(em_calloc(g.n_tree, sizeof *g.trees, "trees", &g.trees, err));
    EM_TRY(em_calloc((size_t)threads, sizeof *g.work, "thread memory", &g.work, err));
    for (int i = 0; i < threads; i++) EM_TRY(work_init(&g, &g.work[i], err));
    EM_TRY(em_exec_each(g.n_tree, threads, grow_one, &g, err));
    EM_TRY(flatten(&g, model, err));
    EM_TRY(sum_figures(&g, threads, model, err));
done:
    for (size_t i = 0; g.trees && i < g.n_tree; i++) {
        em_free(g.trees[i].nodes);
        em_free(g.trees[i].leaves);
    }
    for (int i = 0; g.work && i < threads; i++) work_release(&g.work[i]);
    em_free(g.trees);
    em_free(g.work);
    em_free(g.bins.bin);
    em_free(g.bins.lower);
    em_free(g.bins.upper);
    em_free(g.bins.n_bin);
    return rc;
}

em_status em_train_grow(const em_inputs *inputs, const em_plan *plan, const em_hash *key,
                        const char *path, int threads, em_tell *tell, em_model *model,
                        em_training *training, em_error *err)
{
    em_status rc = EM_OK;
    em_model grown = {0};
    *model = (em_model){0};
    *training = (em_training){0};
    EM_TRY(em_training_gather(inputs, plan, threads, tell, training, err));
    EM_TRY(describe(inputs, training, key, &grown, err));
    EM_TRY(grow_forest(inputs, training, threads, tell, &grown, err));
    EM_TRY(publish(&grown, path, err));
    EM_TRY(em_model_read(path, model, err));
done:
    em_model_release(&grown);
    if (rc != EM_OK) em_training_release(training);
    return rc == EM_OK || rc == EM_ECONFIG ? rc : em_context(err, rc, "train");
}
