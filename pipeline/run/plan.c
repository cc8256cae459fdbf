#include "pipeline/run/plan.h"

#include <math.h>
#include <string.h>

#include "pipeline/base/date.h"
#include "pipeline/base/memory.h"
#include "pipeline/io/geo.h"
#include "pipeline/run/exec.h"

em_status em_scene_mark(em_scene_use *use, em_scene_state state, const char *why, em_error *err)
{
    em_free(use->why);
    use->why = NULL;
    use->state = state;
    return em_strdup(why, &use->why, err);
}

/* Pixels of the grid that the scene's raster covers: exact on the same CRS, else its ring's box and
 * two pixels more. */
static em_status scene_rect(const em_scene *scene, const em_grid *grid, em_rect *out, em_error *err)
{
    double box[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    double at[EM_MAX_RING][2];
    size_t n = 0;
    if (strcmp(scene->crs, grid->crs) == 0) {
        const em_scene_band *const b = &scene->bands[0];
        at[0][0] = scene->x0;
        at[0][1] = scene->y0;
        at[1][0] = scene->x0 + b->cols * b->pixel;
        at[1][1] = scene->y0 - b->rows * b->pixel;
        n = 2;
    } else {
        n = (size_t)scene->n_ring;
        memcpy(at, scene->ring, n * sizeof *at);
        const em_status rc = em_crs_transform("EPSG:4326", grid->crs, at, n, err);
        if (rc != EM_OK) return rc;
    }
    for (size_t i = 0; i < n; i++) {
        double col = 0;
        double row = 0;
        em_grid_to_pixel(grid, at[i][0], at[i][1], &col, &row);
        box[0] = fmin(box[0], col);
        box[1] = fmin(box[1], row);
        box[2] = fmax(box[2], col);
        box[3] = fmax(box[3], row);
    }
    *out = (em_rect){(int64_t)floor(box[0]), (int64_t)floor(box[1]), (int64_t)ceil(box[2]),
                     (int64_t)ceil(box[3])};
    if (n != 2) *out = em_rect_grow(*out, 2);
    return EM_OK;
}

static em_status hash_band(em_hasher *h, em_ledger *ledger, const em_scene_band *b, em_error *err)
{
    em_status rc = EM_OK;
    em_hash file;
    em_str text = {0};
    char number[5][32];
    const double values[5] = {b->gain, b->bias, b->nodata, b->saturated, b->pixel};
    for (int i = 0; i < 5; i++) em_print_double(values[i], number[i]);
    EM_TRY(em_ledger_hash(ledger, b->path, &file, err));
    em_str_printf(&text, "band|%s|%s|%s|%d|%s|%s|%s|%s|%s", b->name, em_path_name(b->path),
                  file.hex, b->band, number[0], number[1], number[2], number[3], number[4]);
    EM_TRY(em_str_check(&text, err));
    EM_TRY(em_hasher_add_text(h, text.data, err));
done:
    em_str_release(&text);
    return rc;
}

static em_status hash_mask(em_hasher *h, em_ledger *ledger, const em_scene_mask *m, em_error *err)
{
    if (m->kind == EM_MASK_NONE) return em_hasher_add_text(h, "mask|none", err);
    em_status rc = EM_OK;
    em_hash file;
    em_str text = {0};
    EM_TRY(em_ledger_hash(ledger, m->path, &file, err));
    em_str_printf(&text, "mask|%d|%s|%d|%u", m->kind, file.hex, m->band, m->bits);
    for (int32_t i = 0; i < m->n_value; i++) em_str_printf(&text, "|%d", m->values[i]);
    EM_TRY(em_str_check(&text, err));
    EM_TRY(em_hasher_add_text(h, text.data, err));
done:
    em_str_release(&text);
    return rc;
}

/* The scene's identity: name, time, place, and the bytes and meaning of every file that is read. */
static em_status hash_scene(em_ledger *ledger, const em_scene *s, em_hash *out, em_error *err)
{
    em_status rc = EM_OK;
    em_hasher *h = NULL;
    em_str text = {0};
    char corner[2][32];
    em_print_double(s->x0, corner[0]);
    em_print_double(s->y0, corner[1]);
    em_str_printf(&text, "scene|%s|%s|%s|%lld|%d|%s|%s|%s", s->id, s->format, s->sensor,
                  (long long)s->time, s->pass, s->crs, corner[0], corner[1]);
    EM_TRY(em_str_check(&text, err));
    EM_TRY(em_hasher_new(&h, err));
    EM_TRY(em_hasher_add_text(h, text.data, err));
    for (int32_t b = 0; b < s->n_band; b++) EM_TRY(hash_band(h, ledger, &s->bands[b], err));
    EM_TRY(hash_mask(h, ledger, &s->mask, err));
    EM_TRY(em_hasher_finish(h, out, err));
done:
    em_hasher_free(h);
    em_str_release(&text);
    return rc;
}

typedef struct hashing {
    em_plan *plan;
    em_ledger *ledger;
} hashing;

/* One scene: a file that cannot be read costs this scene only. */
static em_status hash_one(void *user, size_t i, int thread, em_error *err)
{
    (void)thread;
    const hashing *const work = user;
    em_scene_use *const use = &work->plan->scenes[i];
    const em_status rc = hash_scene(work->ledger, use->scene, &use->content, err);
    if (rc != EM_EINPUT) return rc;
    use->content.hex[0] = '\0';
    return em_scene_mark(use, EM_SCENE_FAILED, err->text, err);
}

em_status em_plan_ingest_settings(const em_inputs *in, em_hash *out, em_error *err)
{
    em_status rc = EM_OK;
    em_str text = {0};
    char number[32];
    em_print_double(in->config.mask.dilate_m, number);
    em_str_printf(&text, "ingest|%d|%s|%s", EM_INGEST_VERSION, in->config.grid.resample, number);
    for (size_t i = 0; i < in->config.mask.n_scl; i++)
        em_str_printf(&text, "|%lld", (long long)in->config.mask.scl[i]);
    EM_TRY(em_str_check(&text, err));
    EM_TRY(em_hash_bytes(text.data, text.size, out, err));
done:
    em_str_release(&text);
    return rc;
}

/* Everything that the pixels of a cube file depend on. */
static em_status cube_key(const em_inputs *in, const em_scene_use *use, const em_tile_use *tile,
                          em_hash *out, em_error *err)
{
    em_status rc = EM_OK;
    em_str text = {0};
    em_hash grid;
    em_hash settings;
    EM_TRY(em_grid_hash(&in->grid, &grid, err));
    EM_TRY(em_plan_ingest_settings(in, &settings, err));
    em_str_printf(&text, "cube|%s|%s|%s|%d|%s", settings.hex, use->content.hex, grid.hex,
                  in->grid.tile, tile->name);
    EM_TRY(em_str_check(&text, err));
    EM_TRY(em_hash_bytes(text.data, text.size, out, err));
done:
    em_str_release(&text);
    return rc;
}

static em_status name_cube(const em_inputs *in, const char *work, const em_scene_use *use,
                           const em_tile_use *tile, em_cube_use *cube, em_error *err)
{
    em_str path = {0};
    em_date date = em_date_from_day(use->scene->day);
    em_status rc = cube_key(in, use, tile, &cube->key, err);
    if (rc != EM_OK) return rc;
    em_str_printf(&path, "%s/cube/%s/%04d%02d%02d_%s_%.12s.h5", work, tile->name, date.year,
                  date.month, date.day, use->scene->sensor, cube->key.hex);
    rc = em_str_check(&path, err);
    if (rc == EM_OK) rc = em_strdup(path.data, &cube->path, err);
    if (rc == EM_OK) cube->present = em_file_exists(cube->path);
    em_str_release(&path);
    return rc;
}

static em_status list_cubes(const em_inputs *in, const em_plan *plan, em_scene_use *use,
                            em_error *err)
{
    em_status rc = scene_rect(use->scene, &in->grid, &use->rect, err);
    if (rc == EM_OK)
        rc = em_calloc(plan->tiles.n, sizeof *use->cubes, "cube list", &use->cubes, err);
    if (rc != EM_OK) return rc;
    for (size_t t = 0; t < plan->tiles.n; t++) {
        if (em_rect_empty(em_rect_clip(use->rect, plan->tiles.items[t].rect))) continue;
        em_cube_use *const cube = &use->cubes[use->n_cube++];
        cube->tile = t;
    }
    return EM_OK;
}

static em_status name_cubes(const em_inputs *in, const char *work, const em_plan *plan,
                            em_scene_use *use, em_error *err)
{
    if (use->state != EM_SCENE_OK) return EM_OK;
    for (size_t c = 0; c < use->n_cube; c++) {
        const em_status rc =
            name_cube(in, work, use, &plan->tiles.items[use->cubes[c].tile], &use->cubes[c], err);
        if (rc != EM_OK) return rc;
    }
    return EM_OK;
}

static em_status look_up_rejection(em_ledger *ledger, em_scene_use *use, em_error *err)
{
    em_str why = {0};
    bool known = false;
    if (use->state != EM_SCENE_OK) return EM_OK;
    em_status rc = em_ledger_was_rejected(ledger, &use->content, &known, &why, err);
    if (rc == EM_OK && known) rc = em_scene_mark(use, EM_SCENE_KNOWN_BAD, em_str_text(&why), err);
    em_str_release(&why);
    return rc;
}

/* Scenes of the period that touch a tile. */
static em_status choose_scenes(const em_inputs *in, em_plan *plan, em_error *err)
{
    em_status rc =
        em_calloc(in->catalogue.n, sizeof *plan->scenes, "scene list", &plan->scenes, err);
    for (size_t i = 0; i < in->catalogue.n && rc == EM_OK; i++) {
        const em_scene *const scene = &in->catalogue.scenes[i];
        if (scene->day < in->period.first_day || scene->day > in->period.last_day) {
            plan->n_out_of_period++;
            continue;
        }
        em_scene_use *const use = &plan->scenes[plan->n_scene];
        *use = (em_scene_use){.scene = scene};
        rc = list_cubes(in, plan, use, err);
        if (rc == EM_OK && use->n_cube == 0) {
            em_free(use->cubes);
            use->cubes = NULL;
            plan->n_out_of_region++;
        } else {
            plan->n_scene++;
        }
    }
    return rc;
}

em_status em_plan_make(const em_inputs *inputs, em_ledger *ledger, const char *work, int threads,
                       em_plan *out, em_error *err)
{
    em_status rc = EM_OK;
    *out = (em_plan){0};
    EM_TRY(em_tiles_find(&inputs->grid, &inputs->units, &inputs->samples, &out->tiles, err));
    EM_TRY(choose_scenes(inputs, out, err));
    hashing job = {out, ledger};
    EM_TRY(em_exec_each(out->n_scene, threads, hash_one, &job, err));
    for (size_t i = 0; i < out->n_scene; i++) {
        EM_TRY(look_up_rejection(ledger, &out->scenes[i], err));
        EM_TRY(name_cubes(inputs, work, out, &out->scenes[i], err));
    }
done:
    if (rc != EM_OK) em_plan_release(out);
    return rc;
}

void em_plan_release(em_plan *plan)
{
    for (size_t i = 0; i < plan->n_scene; i++) {
        em_scene_use *const use = &plan->scenes[i];
        for (size_t c = 0; c < use->n_cube; c++) em_free(use->cubes[c].path);
        em_free(use->cubes);
        em_free(use->why);
    }
    em_free(plan->scenes);
    em_free(plan->tiles.items);
    *plan = (em_plan){0};
}

bool em_plan_wants(const em_plan *plan, const em_cube_use *cube)
{
    return !cube->present && plan->tiles.items[cube->tile].wanted;
}

size_t em_plan_missing(const em_plan *plan)
{
    size_t n = 0;
    for (size_t i = 0; i < plan->n_scene; i++) {
        const em_scene_use *const use = &plan->scenes[i];
        for (size_t c = 0; c < use->n_cube && use->state == EM_SCENE_OK; c++)
            n += em_plan_wants(plan, &use->cubes[c]);
    }
    return n;
}
