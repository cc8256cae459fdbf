#include "pipeline/run/sample_pixels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/rng.h"
#include "kernels/zonal/coverage.h"
#include "pipeline/base/memory.h"
#include "pipeline/config/classes.h"
#include "pipeline/run/exec.h"

/* ---- classes ---- */

uint8_t em_sample_code(const em_config_samples *config, const em_sample *sample)
{
    for (size_t i = 0; i < config->n_map; i++) {
        if (strcmp(config->from[i], sample->value) == 0) return (uint8_t)config->to[i];
    }
    const em_class *const found = em_class_find(sample->value);
    return found && found->code >= 1 && found->code <= 9 ? found->code : 0;
}

static em_status class_of(const em_config_samples *config, const em_sample *sample, uint8_t *code,
                          em_error *err)
{
    *code = em_sample_code(config, sample);
    if (*code) return EM_OK;
    return em_fail(err, EM_ECONFIG,
                   "%s: sample %lld has class \"%s\", which is no class of the legend; name it "
                   "under samples.map",
                   config->path, (long long)sample->id, sample->value);
}

em_status em_sample_classes_check(const em_config_samples *config, const em_samples *samples,
                                  em_error *err)
{
    em_status rc = EM_OK;
    for (size_t i = 0; i < samples->n && rc == EM_OK; i++) {
        uint8_t code = 0;
        rc = class_of(config, &samples->items[i], &code, err);
    }
    return rc;
}

/* ---- pixels of one sample ---- */

static em_status add_pixel(em_pixel_list *list, int64_t col, int64_t row, const em_sample *s,
                           uint8_t code, em_error *err)
{
    const em_status rc = em_reserve(&list->items, &list->cap, list->n, list->n + 1,
                                    sizeof *list->items, "sample pixels", err);
    if (rc == EM_OK) list->items[list->n++] = (em_sample_pixel){col, row, (uint32_t)s->id, code};
    return rc;
}

static em_status add_zone(em_pixel_list *list, const em_sample *s, const ek_zone *zone,
                          uint8_t code, em_error *err)
{
    enum { STRIP = 256 };
    em_status rc = EM_OK;
    uint8_t *in = NULL;
    const int64_t width = s->box.x1 - s->box.x0;
    EM_TRY(em_calloc((size_t)width * STRIP, 1, "sample mask", &in, err));
    for (int64_t y = s->box.y0; y < s->box.y1; y += STRIP) {
        const int64_t rows = s->box.y1 - y < STRIP ? s->box.y1 - y : STRIP;
        ek_centres(zone, (ek_window){s->box.x0, y, width, rows}, in);
        for (int64_t i = 0; i < width * rows; i++) {
            if (in[i]) EM_TRY(add_pixel(list, s->box.x0 + i % width, y + i / width, s, code, err));
        }
    }
done:
    em_free(in);
    return rc;
}

static em_status add_polygon(em_pixel_list *list, const em_sample *s, uint8_t code, em_error *err)
{
    em_status rc = EM_OK;
    void *memory = NULL;
    ek_zone zone;
    ek_zone_ring *rings = NULL;
    EM_TRY(em_calloc(s->n_ring, sizeof *rings, "sample rings", &rings, err));
    for (size_t r = 0; r < s->n_ring; r++)
        rings[r] = (ek_zone_ring){&s->rings[r].at[0][0], s->rings[r].n};
    EM_TRY(em_calloc(ek_zone_bytes(rings, s->n_ring), 1, "sample rings", &memory, err));
    if (ek_zone_init(rings, s->n_ring, memory, &zone) == EK_OK)
        rc = add_zone(list, s, &zone, code, err);
done:
    em_free(memory);
    em_free(rings);
    return rc;
}

em_status em_sample_pixels(const em_sample *s, uint8_t code, em_pixel_list *list, em_error *err)
{
    if (s->n_ring) return add_polygon(list, s, code, err);
    return add_pixel(list, (int64_t)floor(s->col), (int64_t)floor(s->row), s, code, err);
}

static em_status list_pixels(const em_inputs *in, em_pixel_list *list, em_error *err)
{
    for (size_t i = 0; i < in->samples.n; i++) {
        const em_sample *const s = &in->samples.items[i];
        uint8_t code = 0;
        em_status rc = class_of(&in->config.samples, s, &code, err);
        if (rc == EM_OK) rc = em_sample_pixels(s, code, list, err);
        if (rc != EM_OK) return rc;
    }
    return EM_OK;
}

/* ---- duplicates, conflicts, caps ---- */

static int by_place(const void *a, const void *b)
{
    const em_sample_pixel *const p = a;
    const em_sample_pixel *const q = b;
    if (p->row != q->row) return p->row < q->row ? -1 : 1;
    if (p->col != q->col) return p->col < q->col ? -1 : 1;
    if (p->code != q->code) return p->code < q->code ? -1 : 1;
    return (p->group > q->group) - (p->group < q->group);
}

/* One entry per pixel; a pixel that samples of two classes claim is dropped. */
static size_t drop_conflicts(em_pixel_list *list)
{
    size_t kept = 0;
    size_t dropped = 0;
    for (size_t i = 0; i < list->n;) {
        size_t next = i + 1;
        bool clash = false;
        while (next < list->n && list->items[next].row == list->items[i].row &&
               list->items[next].col == list->items[i].col) {
            clash = clash || list->items[next].code != list->items[i].code;
            next++;
        }
        if (clash) {
            dropped++;
        } else {
            list->items[kept++] = list->items[i];
        }
        i = next;
    }
    list->n = kept;
    return dropped;
}

typedef struct draw {
    uint64_t key;
    size_t at;
} draw;

static int by_draw(const void *a, const void *b)
{
    const draw *const p = a;
    const draw *const q = b;
    if (p->key != q->key) return p->key < q->key ? -1 : 1;
    return (p->at > q->at) - (p->at < q->at);
}

/* Keeps the pixels of a class that draw the lowest numbers: the same ones on any machine, in any
 * order. */
static em_status cap_class(em_pixel_list *list, uint8_t code, size_t most, uint64_t seed,
                           bool *drop, em_error *err)
{
    draw *draws = NULL;
    size_t n = 0;
    const em_status rc = em_calloc(list->n, sizeof *draws, "sample draws", &draws, err);
    if (rc != EM_OK) return rc;
    for (size_t i = 0; i < list->n; i++) {
        const em_sample_pixel *const p = &list->items[i];
        if (p->code != code) continue;
        draws[n++] = (draw){ek_rng_bits(ek_rng_split(seed, (uint64_t)p->row), (uint64_t)p->col), i};
    }
    if (n > most) {
        qsort(draws, n, sizeof *draws, by_draw);
        for (size_t i = most; i < n; i++) drop[draws[i].at] = true;
    }
    em_free(draws);
    return EM_OK;
}

static em_status cap_classes(const em_inputs *in, em_pixel_list *list, size_t *n_capped,
                             em_error *err)
{
    em_status rc = EM_OK;
    bool *drop = NULL;
    size_t kept = 0;
    EM_TRY(em_calloc(list->n, sizeof *drop, "sample draws", &drop, err));
    for (int code = 1; code <= 9; code++) {
        EM_TRY(cap_class(list, (uint8_t)code, (size_t)in->config.forest.max_per_class,
                         (uint64_t)in->config.forest.seed, drop, err));
    }
    for (size_t i = 0; i < list->n; i++) {
        if (!drop[i]) list->items[kept++] = list->items[i];
    }
    *n_capped = list->n - kept;
    list->n = kept;
done:
    em_free(drop);
    return rc;
}

/* ---- features ---- */

/* A block of a tile and the run of pixels (sorted by block) that lie in it. */
typedef struct sample_block {
    size_t tile;
    int32_t bx, by;
    size_t first, n; /* in order[] */
} sample_block;

typedef struct gather {
    const em_inputs *in;
    const em_plan *plan;
    const em_looks *looks; /* by tile of the plan; opened where samples are */
    em_block_work *work;   /* by thread */
    const em_sample_pixel *pixels;
    const size_t *order;
    const sample_block *blocks;
    size_t n_pixel;
    int16_t *features;
    bool *seen;
    em_tell *tell;
} gather;

static em_status gather_block(void *user, size_t i, int thread, em_error *err)
{
    gather *const g = user;
    const sample_block *const block = &g->blocks[i];
    em_block_work *const work = &g->work[thread];
    const em_tile_use *const tile = &g->plan->tiles.items[block->tile];
    const em_status rc =
        em_block_features(g->in, &g->looks[block->tile], block->bx, block->by, work, err);
    if (rc != EM_OK) return em_context(err, rc, "tile %s", tile->name);
    const int64_t x0 = tile->rect.x0 + (int64_t)block->bx * EM_BLOCK;
    const int64_t y0 = tile->rect.y0 + (int64_t)block->by * EM_BLOCK;
    for (size_t k = block->first; k < block->first + block->n; k++) {
        const em_sample_pixel *const p = &g->pixels[g->order[k]];
        const size_t at = (size_t)((p->row - y0) * EM_BLOCK + (p->col - x0));
        for (size_t f = 0; f < g->in->features.n; f++)
            g->features[f * g->n_pixel + g->order[k]] = work->features[f][at];
        g->seen[g->order[k]] = work->clear[at] >= g->in->config.features.min_clear;
    }
    em_tell_done(g->tell, "train", 0.1);
    return EM_OK;
}

typedef struct placed {
    size_t tile;
    int32_t bx, by;
    size_t pixel;
} placed;

static int by_block(const void *a, const void *b)
{
    const placed *const p = a;
    const placed *const q = b;
    if (p->tile != q->tile) return p->tile < q->tile ? -1 : 1;
    if (p->by != q->by) return p->by < q->by ? -1 : 1;
    if (p->bx != q->bx) return p->bx < q->bx ? -1 : 1;
    return (p->pixel > q->pixel) - (p->pixel < q->pixel);
}

static size_t tile_of(const em_plan *plan, int64_t col, int64_t row)
{
    for (size_t t = 0; t < plan->tiles.n; t++) {
        const em_rect r = plan->tiles.items[t].rect;
        if (col >= r.x0 && col < r.x1 && row >= r.y0 && row < r.y1) return t;
    }
    return plan->tiles.n;
}

/* Sorts the pixels into blocks. order is [n], blocks at most [n]. */
static em_status sort_into_blocks(const em_plan *plan, const em_pixel_list *list, size_t *order,
                                  sample_block *blocks, size_t *n_block, em_error *err)
{
    placed *all = NULL;
    const em_status rc = em_calloc(list->n, sizeof *all, "sample places", &all, err);
    if (rc != EM_OK) return rc;
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        const size_t t = tile_of(plan, list->items[i].col, list->items[i].row);
        if (t == plan->tiles.n) continue; /* outside every tile: nothing is known there */
        const em_rect r = plan->tiles.items[t].rect;
        all[n++] = (placed){t, (int32_t)((list->items[i].col - r.x0) / EM_BLOCK),
                            (int32_t)((list->items[i].row - r.y0) / EM_BLOCK), i};
    }
    if (n) qsort(all, n, sizeof *all, by_block);
    *n_block = 0;
    for (size_t k = 0; k < n; k++) {
        order[k] = all[k].pixel;
        sample_block *const last = *n_block ? &blocks[*n_block - 1] : NULL;
        if (last && last->tile == all[k].tile && last->bx == all[k].bx && last->by == all[k].by) {
            last->n++;
        } else {
            blocks[(*n_block)++] = (sample_block){all[k].tile, all[k].bx, all[k].by, k, 1};
        }
    }
    em_free(all);
    return EM_OK;
}

static em_status compute_features(const em_inputs *in, const em_plan *plan,
                                  const em_pixel_list *list, int threads, em_tell *tell,
                                  int16_t *features, bool *seen, em_error *err)
{
    em_status rc = EM_OK;
    size_t *order = NULL;
    sample_block *blocks = NULL;
    em_looks *looks = NULL;
    em_block_work *work = NULL;
    size_t n_block = 0;
    size_t most = 0;
    EM_TRY(em_calloc(list->n, sizeof *order, "sample order", &order, err));
    EM_TRY(em_calloc(list->n, sizeof *blocks, "sample blocks", &blocks, err));
    EM_TRY(em_calloc(plan->tiles.n, sizeof *looks, "looks", &looks, err));
    EM_TRY(em_calloc((size_t)threads, sizeof *work, "block memory", &work, err));
    EM_TRY(sort_into_blocks(plan, list, order, blocks, &n_block, err));
    for (size_t b = 0; b < n_block; b++) {
        if (b && blocks[b].tile == blocks[b - 1].tile) continue;
        EM_TRY(em_looks_open(in, plan, blocks[b].tile, &looks[blocks[b].tile], err));
        most = looks[blocks[b].tile].n > most ? looks[blocks[b].tile].n : most;
    }
    const size_t budget = ((size_t)in->config.memory_mb << 20) / 2 / (size_t)threads;
    for (int t = 0; t < threads; t++)
        EM_TRY(em_block_work_init(&in->features, most, budget, &work[t], err));
    gather g = {in, plan, looks, work, list->items, order, blocks, list->n, features, seen, tell};
    EM_TRY(em_exec_each(n_block, threads, gather_block, &g, err));
done:
    for (int t = 0; work && t < threads; t++) em_block_work_release(&work[t]);
    for (size_t t = 0; looks && t < plan->tiles.n; t++) em_looks_release(&looks[t]);
    em_free(work);
    em_free(looks);
    em_free(blocks);
    em_free(order);
    return rc;
}

/* ---- putting it together ---- */

static em_status index_classes(const em_inputs *in, const em_pixel_list *list, const bool *seen,
                               em_training *out, em_error *err)
{
    size_t listed[10] = {0};
    size_t usable[10] = {0};
    for (size_t i = 0; i < in->samples.n; i++) {
        uint8_t code = 0;
        const em_status rc = class_of(&in->config.samples, &in->samples.items[i], &code, err);
        if (rc != EM_OK) return rc;
        listed[code]++;
    }
    for (size_t i = 0; i < list->n; i++) usable[list->items[i].code] += seen[i];
    for (int code = 1; code <= 9; code++) {
        if (!listed[code]) continue;
        if (!usable[code]) {
            return em_fail(err, EM_EINPUT,
                           "class %d %s has %zu samples in %s, but no pixel of them was seen in "
                           "period %s: more scenes or "
                           "other samples are needed",
                           code, em_class_by_code(code)->key, listed[code], in->config.samples.path,
                           in->period.name);
        }
        out->codes[out->n_class++] = (uint8_t)code;
    }
    if (out->n_class < 2) {
        return em_fail(err, EM_EINPUT, "%s: samples of %d class, at least two are needed",
                       in->config.samples.path, out->n_class);
    }
    return EM_OK;
}

static em_status compact(const em_inputs *in, const em_pixel_list *list, const bool *seen,
                         const int16_t *all, em_training *out, em_error *err)
{
    em_status rc = EM_OK;
    for (size_t i = 0; i < list->n; i++) out->n += seen[i];
    out->n_unseen = list->n - out->n;
    EM_TRY(em_calloc(out->n, sizeof *out->pixels, "training pixels", &out->pixels, err));
    EM_TRY(em_calloc(out->n, 1, "training classes", &out->classes, err));
    EM_TRY(em_calloc(out->n * in->features.n, sizeof *out->features, "training features",
                     &out->features, err));
    size_t at = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (!seen[i]) continue;
        out->pixels[at] = list->items[i];
        while (out->codes[out->classes[at]] != list->items[i].code) out->classes[at]++;
        for (size_t f = 0; f < in->features.n; f++)
            out->features[f * out->n + at] = all[f * list->n + i];
        at++;
    }
done:
    return rc;
}

/* The identity of a training: features by name and value, classes, forest settings. */
static em_status hash_training(const em_inputs *in, em_training *t, em_error *err)
{
    em_status rc = EM_OK;
    em_hasher *h = NULL;
    em_str text = {0};
    const em_config_forest *const f = &in->config.forest;
    em_str_printf(&text, "training|%zu|%d|%lld|%lld|%lld|%lld|%lld|%d", t->n, t->n_class,
                  (long long)f->trees, (long long)f->max_depth, (long long)f->min_leaf,
                  (long long)f->mtry, (long long)f->seed, f->balanced);
    for (size_t i = 0; i < in->features.n; i++)
        em_str_printf(&text, "|%s", in->features.items[i].name);
    EM_TRY(em_str_check(&text, err));
    EM_TRY(em_hasher_new(&h, err));
    EM_TRY(em_hasher_add_text(h, text.data, err));
    EM_TRY(em_hasher_add(h, t->codes, sizeof t->codes, err));
    EM_TRY(em_hasher_add(h, t->classes, t->n, err));
    EM_TRY(em_hasher_add(h, t->features, t->n * in->features.n * sizeof *t->features, err));
    EM_TRY(em_hasher_finish(h, &t->hash, err));
done:
    em_hasher_free(h);
    em_str_release(&text);
    return rc;
}

em_status em_training_gather(const em_inputs *inputs, const em_plan *plan, int threads,
                             em_tell *tell, em_training *out, em_error *err)
{
    em_status rc = EM_OK;
    em_pixel_list list = {0};
    int16_t *features = NULL;
    bool *seen = NULL;
    *out = (em_training){0};
    EM_TRY(list_pixels(inputs, &list, err));
    if (list.n) qsort(list.items, list.n, sizeof *list.items, by_place);
    out->n_conflict = drop_conflicts(&list);
    EM_TRY(cap_classes(inputs, &list, &out->n_capped, err));
    EM_TRY(em_calloc(list.n * inputs->features.n, sizeof *features, "sample features", &features,
                     err));
    EM_TRY(em_calloc(list.n, sizeof *seen, "sample flags", &seen, err));
    EM_TRY(compute_features(inputs, plan, &list, threads, tell, features, seen, err));
    EM_TRY(index_classes(inputs, &list, seen, out, err));
    EM_TRY(compact(inputs, &list, seen, features, out, err));
    EM_TRY(hash_training(inputs, out, err));
done:
    em_free(seen);
    em_free(features);
    em_free(list.items);
    if (rc != EM_OK) em_training_release(out);
    return rc;
}

void em_training_release(em_training *training)
{
    em_free(training->pixels);
    em_free(training->features);
    em_free(training->classes);
    *training = (em_training){0};
}
