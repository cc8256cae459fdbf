#include "pipeline/run/ingest.h"

#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/io/cube.h"
#include "pipeline/io/decode.h"
#include "pipeline/run/exec.h"

/* MiB above what libraries map. Ten bands and mask of a full Sentinel-2 tile (10 980 pixels a side)
 * were measured to need 505 where copied and 480 where warped from another zone. */
#define CHILD_MB 700
/* Ten times what warping such a scene whole takes. */
#define CHILD_SECONDS 3600
#define TILE_SECONDS  1.4

double em_ingest_cost(const em_plan *plan)
{
    return TILE_SECONDS * (double)em_plan_missing(plan);
}

typedef struct ingest {
    const em_inputs *in;
    em_plan *plan;
    em_ledger *ledger;
    em_tell *tell;
    size_t *todo; /* places in plan->scenes */
    size_t n_todo;
    size_t n_ingested;
} ingest;

/* One scene on its way through the decoder. */
typedef struct delivery {
    const ingest *job;
    em_scene_use *use;
    size_t next; /* the cube file that the next tile of pixels is for */
} delivery;

static em_cube_use *next_missing(delivery *d)
{
    while (d->next < d->use->n_cube && !em_plan_wants(d->job->plan, &d->use->cubes[d->next]))
        d->next++;
    return d->next < d->use->n_cube ? &d->use->cubes[d->next] : NULL;
}

/* The decoder hands back one tile: encode it and publish the file. */
static em_status take_tile(void *user, const em_cube_meta *meta, const int16_t *const *planes,
                           const uint8_t *flags, em_error *err)
{
    delivery *const d = user;
    em_status rc = EM_OK;
    em_str image = {0};
    char *folder = NULL;
    em_cube_use *const cube = next_missing(d);
    if (!cube)
        return em_fail(err, EM_EINTERNAL, "the decoder handed back a tile that nobody asked for");
    const em_tile_use *const tile = &d->job->plan->tiles.items[cube->tile];
    if (em_tile_compare(&tile->tile, &meta->tile) != 0) {
        return em_fail(err, EM_EINTERNAL, "the decoder handed back the wrong tile, expected %s",
                       tile->name);
    }
    em_cube_meta full = *meta;
    full.content = d->use->content;
    full.key = cube->key;
    EM_TRY(em_cube_encode(&full, planes, flags, &image, err));
    EM_TRY(em_path_folder(cube->path, &folder, err));
    EM_TRY(em_mkdirs(folder, err));
    EM_TRY(em_file_publish(cube->path, image.data, image.size, err));
    cube->present = true;
    d->next++;
    em_tell_done(d->job->tell, "ingest", TILE_SECONDS);
done:
    em_free(folder);
    em_str_release(&image);
    return rc;
}

static em_status decode(const ingest *job, em_scene_use *use, em_error *err)
{
    em_status rc = EM_OK;
    em_tile *tiles = NULL;
    size_t n_tile = 0;
    const em_config *const config = &job->in->config;
    EM_TRY(em_calloc(use->n_cube, sizeof *tiles, "tile list", &tiles, err));
    for (size_t c = 0; c < use->n_cube; c++) {
        if (em_plan_wants(job->plan, &use->cubes[c]))
            tiles[n_tile++] = job->plan->tiles.items[use->cubes[c].tile].tile;
    }
    delivery d = {.job = job, .use = use};
    const em_decode_job request = {.scene = use->scene,
                                   .grid = &job->in->grid,
                                   .tiles = tiles,
                                   .n_tile = n_tile,
                                   .scl_masked = config->mask.scl,
                                   .n_scl_masked = config->mask.n_scl,
                                   .dilate_m = config->mask.dilate_m,
                                   .resample = config->grid.resample,
                                   .memory_mb = CHILD_MB,
                                   .seconds = CHILD_SECONDS};
    EM_TRY(em_decode_scene(&request, take_tile, &d, err));
    if (next_missing(&d)) rc = em_fail(err, EM_EINTERNAL, "the decoder ended before its last tile");
done:
    em_free(tiles);
    return rc;
}

static void remove_cubes(const em_scene_use *use, const bool *was_present)
{
    for (size_t c = 0; c < use->n_cube; c++) {
        if (!was_present[c] && use->cubes[c].present) em_remove_tree(use->cubes[c].path, NULL);
    }
}

static em_status give_up(const ingest *job, em_scene_use *use, em_error *err)
{
    em_tell_log(job->tell, EM_LEVEL_WARNING, "scene %s skipped: %s", use->scene->id, err->text);
    em_status rc = em_scene_mark(use, EM_SCENE_FAILED, err->text, err);
    if (rc == EM_OK)
        rc = em_ledger_reject(job->ledger, &use->content, use->scene->id, use->why, err);
    return rc;
}

static em_status ingest_one(void *user, size_t i, int thread, em_error *err)
{
    (void)thread;
    ingest *const job = user;
    em_scene_use *const use = &job->plan->scenes[job->todo[i]];
    bool *was_present = NULL;
    em_status rc = em_calloc(use->n_cube, sizeof *was_present, "cube list", &was_present, err);
    if (rc != EM_OK) return rc;
    for (size_t c = 0; c < use->n_cube; c++) was_present[c] = use->cubes[c].present;
    rc = decode(job, use, err);
    if (rc != EM_OK) {
        remove_cubes(use, was_present);
        for (size_t c = 0; c < use->n_cube; c++) use->cubes[c].present = was_present[c];
    }
    if (rc == EM_EINPUT) rc = give_up(job, use, err);
    if (rc == EM_OK && use->state == EM_SCENE_OK) {
        em_tell_log(job->tell, EM_LEVEL_DEBUG, "ingested %s", use->scene->id);
        __atomic_add_fetch(&job->n_ingested, 1, __ATOMIC_RELAXED);
    }
    em_free(was_present);
    return rc;
}

em_status em_ingest(const em_inputs *inputs, em_plan *plan, em_ledger *ledger, int threads,
                    em_tell *tell, size_t *n_ingested, em_error *err)
{
    ingest job = {.in = inputs, .plan = plan, .ledger = ledger, .tell = tell};
    em_status rc = em_calloc(plan->n_scene, sizeof *job.todo, "scene list", &job.todo, err);
    if (rc != EM_OK) return rc;
    for (size_t s = 0; s < plan->n_scene; s++) {
        const em_scene_use *const use = &plan->scenes[s];
        bool missing = false;
        for (size_t c = 0; c < use->n_cube; c++)
            missing = missing || em_plan_wants(plan, &use->cubes[c]);
        if (use->state == EM_SCENE_OK && missing) job.todo[job.n_todo++] = s;
    }
    const int64_t room = inputs->config.memory_mb / CHILD_MB;
    const int at_once = room < 1 ? 1 : room < threads ? (int)room : threads;
    rc = em_exec_each(job.n_todo, at_once, ingest_one, &job, err);
    *n_ingested = job.n_ingested;
    em_free(job.todo);
    return rc;
}
