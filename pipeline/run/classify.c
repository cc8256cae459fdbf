#include "pipeline/run/classify.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "kernels/forest/predict.h"
#include "kernels/zonal/accumulate.h"
#include "kernels/zonal/coverage.h"
#include "pipeline/base/memory.h"
#include "pipeline/config/classes.h"
#include "pipeline/io/geo.h"
#include "pipeline/io/tile_file.h"
#include "pipeline/run/exec.h"

#define BLOCK        ((size_t)EM_BLOCK * EM_BLOCK)
#define LOOK_SECONDS 0.0025 /* of one look of one 256 x 256 block, with ten bands */
#define TREE_SECONDS 0.0006 /* of one tree for such a block, measured on the made county */

static double block_cost(const em_inputs *in, const em_plan *plan, size_t t)
{
    return LOOK_SECONDS * (1 + (double)em_looks_count(plan, t)) +
           TREE_SECONDS * (double)in->config.forest.trees;
}

double em_classify_tile_cost(const em_inputs *in, const em_plan *plan, size_t t)
{
    const em_rect rect = plan->tiles.items[t].rect;
    const double side = (double)(rect.x1 - rect.x0) / EM_BLOCK;
    return side * side * block_cost(in, plan, t);
}

/* A tile while its blocks are being done; opened by the thread that takes its first block. */
typedef struct tile_job {
    em_tile_result *result;
    const em_tile_use *use;
    pthread_mutex_t lock;
    bool open;
    size_t left; /* blocks not yet done */
    em_looks looks;
    em_tile_planes planes;
    double *area;  /* [T][T] m2 */
    size_t *units; /* units that the tile touches */
    size_t n_unit;
} tile_job;

/* One thread's memory beside the features. */
typedef struct thread_work {
    em_block_work block;
    double *coverage; /* [256 * 256] */
    uint8_t *centre;  /* [256 * 256] */
    uint8_t *inside;  /* [256 * 256] some unit covers some of the pixel */
    uint8_t *valid;   /* inside and seen */
    uint8_t *label, *confidence;
    double *area;   /* [256 * 256] */
    ek_arena arena; /* of the forest and the coverage kernels */
} thread_work;

typedef struct classify {
    const em_inputs *in;
    const em_plan *plan;
    const em_model *model;
    em_tell *tell;
    tile_job *jobs;
    size_t n_job;
    thread_work *work;
    int32_t per_side; /* blocks per tile side */
    ek_zone *zones;   /* [n_unit] units made ready for exact coverage */
    void **memory;    /* [n_unit] what they lie in */
} classify;

/* ---- opening and closing a tile ---- */

static em_status find_units(const classify *c, tile_job *job, em_error *err)
{
    const em_units *const units = &c->in->units;
    const em_status rc =
        em_calloc(units->n + 1, sizeof *job->units, "units of a tile", &job->units, err);
    if (rc != EM_OK) return rc;
    for (size_t u = 0; u < units->n; u++) {
        const em_unit *const unit = &units->items[u];
        if (unit->state != EM_UNIT_OK || em_rect_empty(em_rect_clip(unit->box, job->use->rect)))
            continue;
        if (em_rings_touch(unit->rings, unit->n_ring, job->use->rect))
            job->units[job->n_unit++] = u;
    }
    return EM_OK;
}

static em_status open_tile(const classify *c, tile_job *job, em_error *err)
{
    em_status rc = EM_OK;
    const size_t side = (size_t)c->in->grid.tile;
    em_str name = {0};
    EM_TRY(em_looks_open(c->in, c->plan, job->result->tile, &job->looks, err));
    EM_TRY(find_units(c, job, err));
    EM_TRY(em_tile_planes_init(c->in->grid.tile, job->n_unit, &job->planes, err));
    for (size_t k = 0; k < job->n_unit; k++) {
        const em_unit *const unit = &c->in->units.items[job->units[k]];
        em_str_clear(&name);
        em_str_printf(&name, "%s:%s", unit->type, unit->code);
        EM_TRY(em_str_check(&name, err));
        EM_TRY(em_list_add(&job->planes.units, name.data, err));
    }
    EM_TRY(em_calloc(side * side, sizeof *job->area, "pixel areas", &job->area, err));
    EM_TRY(em_pixel_area(&c->in->grid, job->use->rect, job->area, err));
done:
    em_str_release(&name);
    return rc;
}

static void close_tile(tile_job *job)
{
    em_looks_release(&job->looks);
    em_tile_planes_release(&job->planes);
    em_free(job->area);
    em_free(job->units);
    job->area = NULL;
    job->units = NULL;
}

static em_status finish_tile(tile_job *job, em_error *err)
{
    em_status rc = EM_OK;
    em_str image = {0};
    char *folder = NULL;
    EM_TRY(em_tile_file_encode(&job->planes, job->use->name, &job->result->key, &image, err));
    EM_TRY(em_path_folder(job->result->path, &folder, err));
    EM_TRY(em_mkdirs(folder, err));
    EM_TRY(em_file_publish(job->result->path, image.data, image.size, err));
    job->result->present = true;
done:
    em_free(folder);
    em_str_release(&image);
    return rc;
}

/* ---- one block ---- */

static void cover(const classify *c, size_t unit, ek_window window, thread_work *w)
{
    ek_coverage(&c->zones[unit], window, w->coverage, &w->arena);
}

static em_rect block_rect(const tile_job *job, int32_t bx, int32_t by)
{
    const int64_t x0 = job->use->rect.x0 + (int64_t)bx * EM_BLOCK;
    const int64_t y0 = job->use->rect.y0 + (int64_t)by * EM_BLOCK;
    return (em_rect){x0, y0, x0 + EM_BLOCK, y0 + EM_BLOCK};
}

/* Which pixels of the block belong to any unit. */
static bool find_inside(const classify *c, const tile_job *job, em_rect rect, ek_window window,
                        thread_work *w)
{
    bool any = false;
    memset(w->inside, 0, BLOCK);
    for (size_t k = 0; k < job->n_unit; k++) {
        if (em_rect_empty(em_rect_clip(c->in->units.items[job->units[k]].box, rect))) continue;
        cover(c, job->units[k], window, w);
        for (size_t i = 0; i < BLOCK; i++) {
            w->inside[i] = w->inside[i] | (w->coverage[i] > 0);
            any = any || w->coverage[i] > 0;
        }
    }
    return any;
}

/* Class codes of the block from the forest's class indexes. */
static void decide(const classify *c, thread_work *w)
{
    const int64_t least = c->in->config.features.min_clear;
    for (size_t i = 0; i < BLOCK; i++) w->valid[i] = w->inside[i] && w->block.clear[i] >= least;
    const ek_forest_in in = {
        .planes = (const int16_t *const *)w->block.features, .valid = w->valid, .n = BLOCK};
    const ek_forest_out out = {.label = w->label, .confidence = w->confidence};
    ek_forest_predict(&c->model->forest, &in, &w->arena, &out);
    for (size_t i = 0; i < BLOCK; i++) {
        const uint8_t other = w->inside[i] ? EM_CLASS_NOOBS : EM_CLASS_OUTSIDE;
        w->label[i] = w->valid[i] ? c->model->codes[w->label[i]] : other;
        w->confidence[i] = w->valid[i] ? w->confidence[i] : 255;
    }
}

static void store(tile_job *job, int32_t bx, int32_t by, const thread_work *w)
{
    const size_t side = (size_t)job->planes.side;
    for (size_t y = 0; y < EM_BLOCK; y++) {
        const size_t to = ((size_t)by * EM_BLOCK + y) * side + (size_t)bx * EM_BLOCK;
        memcpy(job->planes.classes + to, w->label + y * EM_BLOCK, EM_BLOCK);
        memcpy(job->planes.confidence + to, w->confidence + y * EM_BLOCK, EM_BLOCK);
        memcpy(job->planes.clear + to, w->block.clear + y * EM_BLOCK, EM_BLOCK * sizeof(uint16_t));
    }
}

/* Adds the block to the partial sums of every unit that it touches; integers, so the order does not
 * matter. */
static void add_areas(const classify *c, tile_job *job, em_rect rect, ek_window window,
                      thread_work *w)
{
    const size_t side = (size_t)job->planes.side;
    const size_t from =
        (size_t)(rect.y0 - job->use->rect.y0) * side + (size_t)(rect.x0 - job->use->rect.x0);
    for (size_t y = 0; y < EM_BLOCK; y++) {
        memcpy(w->area + y * EM_BLOCK, job->area + from + y * side, EM_BLOCK * sizeof(double));
    }
    for (size_t k = 0; k < job->n_unit; k++) {
        const em_unit *const unit = &c->in->units.items[job->units[k]];
        if (em_rect_empty(em_rect_clip(unit->box, rect))) continue;
        ek_zonal_sum partial = {0};
        cover(c, job->units[k], window, w);
        ek_centres(&c->zones[job->units[k]], window, w->centre);
        ek_zonal_add(w->label, w->coverage, w->centre, w->area, BLOCK, &partial);
        pthread_mutex_lock(&job->lock);
        for (size_t code = 0; code < 256; code++) {
            job->planes.area[k * 256 + code] += partial.area[code];
            job->planes.px[k * 256 + code] += partial.px_count[code];
        }
        pthread_mutex_unlock(&job->lock);
    }
}

static em_status do_block(const classify *c, tile_job *job, int32_t bx, int32_t by, thread_work *w,
                          em_error *err)
{
    const em_rect rect = block_rect(job, bx, by);
    const ek_window window = {rect.x0, rect.y0, EM_BLOCK, EM_BLOCK};
    if (!find_inside(c, job, rect, window, w)) {
        memset(w->label, EM_CLASS_OUTSIDE, BLOCK);
        memset(w->confidence, 255, BLOCK);
        memset(w->block.clear, 0, BLOCK * sizeof(uint16_t));
        store(job, bx, by, w);
        return EM_OK;
    }
    const em_status rc = em_block_features(c->in, &job->looks, bx, by, &w->block, err);
    if (rc != EM_OK) return rc;
    decide(c, w);
    for (size_t i = 0; i < BLOCK; i++) w->block.clear[i] = w->inside[i] ? w->block.clear[i] : 0;
    store(job, bx, by, w);
    add_areas(c, job, rect, window, w);
    return EM_OK;
}

static em_status fail_tile(const classify *c, tile_job *job, em_error *err)
{
    if (job->result->failed) return EM_OK;
    job->result->failed = true;
    em_tell_log(c->tell, EM_LEVEL_ERROR, "tile %s failed: %s", job->use->name, err->text);
    return em_strdup(err->text, &job->result->why, err);
}

/* Task i is block i % (per_side^2) of tile i / (per_side^2). The thread that does a tile's last
 * block writes its file. */
static em_status classify_block(void *user, size_t i, int thread, em_error *err)
{
    classify *const c = user;
    const size_t per_tile = (size_t)c->per_side * (size_t)c->per_side;
    tile_job *const job = &c->jobs[i / per_tile];
    const int32_t bx = (int32_t)(i % per_tile) % c->per_side;
    const int32_t by = (int32_t)(i % per_tile) / c->per_side;
    em_status rc = EM_OK;
    pthread_mutex_lock(&job->lock);
    if (!job->open) {
        job->open = true;
        rc = open_tile(c, job, err);
        if (rc == EM_EINPUT) rc = fail_tile(c, job, err);
    }
    const bool failed = job->result->failed;
    pthread_mutex_unlock(&job->lock);
    if (rc == EM_OK && !failed) rc = do_block(c, job, bx, by, &c->work[thread], err);
    pthread_mutex_lock(&job->lock);
    if (rc == EM_EINPUT) rc = fail_tile(c, job, err);
    const bool last = --job->left == 0;
    pthread_mutex_unlock(&job->lock);
    if (last) {
        if (rc == EM_OK && !job->result->failed) rc = finish_tile(job, err);
        close_tile(job);
    }
    em_tell_done(c->tell, "classify", block_cost(c->in, c->plan, job->result->tile));
    return rc == EM_OK ? rc : em_context(err, rc, "tile %s", job->use->name);
}

/* ---- memory ---- */

static em_status make_zone(const em_unit *unit, void **memory, ek_zone *out, em_error *err)
{
    em_status rc = EM_OK;
    ek_zone_ring *rings = NULL;
    EM_TRY(em_calloc(unit->n_ring, sizeof *rings, "unit rings", &rings, err));
    for (size_t r = 0; r < unit->n_ring; r++)
        rings[r] = (ek_zone_ring){&unit->rings[r].at[0][0], unit->rings[r].n};
    EM_TRY(em_calloc(ek_zone_bytes(rings, unit->n_ring), 1, "unit rings", memory, err));
    if (ek_zone_init(rings, unit->n_ring, *memory, out) != EK_OK)
        rc = em_fail(err, EM_EINTERNAL, "unit %s passed every check and has no area", unit->code);
done:
    em_free(rings);
    return rc;
}

static em_status make_zones(classify *c, em_error *err)
{
    const em_units *const units = &c->in->units;
    em_status rc = em_calloc(units->n + 1, sizeof *c->zones, "units", &c->zones, err);
    if (rc == EM_OK) rc = em_calloc(units->n + 1, sizeof *c->memory, "units", &c->memory, err);
    for (size_t u = 0; u < units->n && rc == EM_OK; u++) {
        if (units->items[u].state == EM_UNIT_OK)
            rc = make_zone(&units->items[u], &c->memory[u], &c->zones[u], err);
    }
    return rc;
}

static em_status work_init(const classify *c, size_t n_look, size_t budget, thread_work *w,
                           em_error *err)
{
    em_status rc = EM_OK;
    const size_t forest = ek_forest_predict_scratch_bytes(&c->model->forest, BLOCK);
    const size_t zonal = ek_coverage_scratch_bytes(EM_BLOCK, EM_BLOCK);
    EM_TRY(em_block_work_init(&c->in->features, n_look, budget, &w->block, err));
    EM_TRY(em_calloc(BLOCK, sizeof *w->coverage, "coverage", &w->coverage, err));
    EM_TRY(em_calloc(BLOCK, 1, "block plane", &w->centre, err));
    EM_TRY(em_calloc(BLOCK, 1, "block plane", &w->inside, err));
    EM_TRY(em_calloc(BLOCK, 1, "block plane", &w->valid, err));
    EM_TRY(em_calloc(BLOCK, 1, "block plane", &w->label, err));
    EM_TRY(em_calloc(BLOCK, 1, "block plane", &w->confidence, err));
    EM_TRY(em_calloc(BLOCK, sizeof *w->area, "block plane", &w->area, err));
    EM_TRY(em_arena_init(&w->arena, forest > zonal ? forest : zonal, err));
done:
    return rc;
}

static void work_release(thread_work *w)
{
    em_block_work_release(&w->block);
    em_free(w->coverage);
    em_free(w->centre);
    em_free(w->inside);
    em_free(w->valid);
    em_free(w->label);
    em_free(w->confidence);
    em_free(w->area);
    em_arena_release(&w->arena);
}

static em_status make_jobs(classify *c, em_results *results, em_error *err)
{
    const size_t per_tile = (size_t)c->per_side * (size_t)c->per_side;
    const em_status rc = em_calloc(results->n + 1, sizeof *c->jobs, "tile jobs", &c->jobs, err);
    if (rc != EM_OK) return rc;
    for (size_t r = 0; r < results->n; r++) {
        em_tile_result *const result = &results->items[r];
        if (result->present) continue;
        tile_job *const job = &c->jobs[c->n_job++];
        *job = (tile_job){
            .result = result, .use = &c->plan->tiles.items[result->tile], .left = per_tile};
        pthread_mutex_init(&job->lock, NULL);
    }
    return EM_OK;
}

em_status em_classify(const em_inputs *inputs, const em_plan *plan, const em_model *model,
                      int threads, em_tell *tell, em_results *results, em_error *err)
{
    em_status rc = EM_OK;
    classify c = {.in = inputs,
                  .plan = plan,
                  .model = model,
                  .tell = tell,
                  .per_side = inputs->grid.tile / EM_BLOCK};
    size_t most = 0;
    EM_TRY(make_jobs(&c, results, err));
    for (size_t j = 0; j < c.n_job; j++) {
        const size_t n = em_looks_count(plan, c.jobs[j].result->tile);
        most = n > most ? n : most;
    }
    EM_TRY(make_zones(&c, err));
    EM_TRY(em_calloc((size_t)threads, sizeof *c.work, "thread memory", &c.work, err));
    const size_t budget = ((size_t)inputs->config.memory_mb << 20) / 2 / (size_t)threads;
    for (int t = 0; t < threads && c.n_job; t++)
        EM_TRY(work_init(&c, most, budget, &c.work[t], err));
    rc = em_exec_each(c.n_job * (size_t)c.per_side * (size_t)c.per_side, threads, classify_block,
                      &c, err);
done:
    for (size_t j = 0; j < c.n_job; j++) {
        close_tile(&c.jobs[j]);
        pthread_mutex_destroy(&c.jobs[j].lock);
    }
    for (int t = 0; c.work && t < threads; t++) work_release(&c.work[t]);
    for (size_t u = 0; c.memory && u < inputs->units.n; u++) em_free(c.memory[u]);
    em_free(c.memory);
    em_free(c.zones);
    em_free(c.work);
    em_free(c.jobs);
    return rc;
}
