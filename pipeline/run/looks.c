#include "pipeline/run/looks.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/base/date.h"
#include "pipeline/base/memory.h"

typedef struct found {
    const em_scene_use *use;
    const em_cube_use *cube;
} found;

static const em_cube_use *cube_of_tile(const em_scene_use *use, size_t t)
{
    for (size_t c = 0; c < use->n_cube && use->state == EM_SCENE_OK; c++) {
        if (use->cubes[c].tile == t) return &use->cubes[c];
    }
    return NULL;
}

/* Two granules or datastrips of one pass over one place are one look. */
static bool same_pass(const em_scene *a, const em_scene *b)
{
    return a->pass > 0 && a->pass == b->pass && a->day == b->day &&
           strcmp(a->sensor, b->sensor) == 0;
}

static size_t find_cubes(const em_plan *plan, size_t t, found *out)
{
    size_t n = 0;
    for (size_t s = 0; s < plan->n_scene; s++) {
        const em_cube_use *const cube = cube_of_tile(&plan->scenes[s], t);
        if (!cube) continue;
        size_t at = n;
        for (size_t i = n; i-- > 0 && out[i].use->scene->day == plan->scenes[s].scene->day;) {
            if (same_pass(out[i].use->scene, plan->scenes[s].scene)) {
                at = i + 1;
                break;
            }
        }
        memmove(out + at + 1, out + at, (n - at) * sizeof *out);
        out[at] = (found){&plan->scenes[s], cube};
        n++;
    }
    return n;
}

size_t em_looks_count(const em_plan *plan, size_t t)
{
    size_t n = 0;
    for (size_t s = 0; s < plan->n_scene; s++) n += cube_of_tile(&plan->scenes[s], t) != NULL;
    return n;
}

static em_status open_cube(const em_inputs *in, const found *f, em_looks *out, em_error *err)
{
    const size_t c = out->n_cube;
    const em_status rc = em_cube_open(f->cube->path, &out->cubes[c], err);
    if (rc != EM_OK) return rc;
    out->n_cube++;
    const em_cube_meta *const meta = em_cube_get_meta(out->cubes[c]);
    if (strcmp(meta->key.hex, f->cube->key.hex) != 0 || meta->tile_px != in->grid.tile) {
        return em_fail(
            err, EM_EINPUT,
            "%s: holds task %.12s, expected %.12s as its name says; remove it and run again",
            f->cube->path, meta->key.hex, f->cube->key.hex);
    }
    for (int32_t r = 0; r < EK_BANDS; r++) {
        out->band_at[c][r] = -1;
        for (int32_t b = 0; b < meta->n_band; b++) {
            if (strcmp(meta->bands[b].name, ek_band_name((ek_band)r)) == 0) out->band_at[c][r] = b;
        }
    }
    for (int32_t b = 0; b < in->features.n_band; b++) {
        if (out->band_at[c][in->features.bands[b]] < 0) {
            return em_fail(err, EM_EINPUT, "%s: has no band %s", f->cube->path,
                           ek_band_name(in->features.bands[b]));
        }
    }
    return EM_OK;
}

em_status em_looks_open(const em_inputs *inputs, const em_plan *plan, size_t t, em_looks *out,
                        em_error *err)
{
    em_status rc = EM_OK;
    found *list = NULL;
    *out = (em_looks){0};
    EM_TRY(em_calloc(plan->n_scene + 1, sizeof *list, "look list", &list, err));
    const size_t n = find_cubes(plan, t, list);
    EM_TRY(em_calloc(n + 1, sizeof *out->looks, "look list", &out->looks, err));
    EM_TRY(em_calloc(n + 1, sizeof *out->of, "look list", &out->of, err));
    EM_TRY(em_calloc(n + 1, sizeof(em_cube *), "look list", &out->cubes, err));
    EM_TRY(em_calloc(n + 1, sizeof *out->band_at, "look list", &out->band_at, err));
    for (size_t i = 0; i < n; i++) {
        EM_TRY(open_cube(inputs, &list[i], out, err));
        if (i && same_pass(list[i - 1].use->scene, list[i].use->scene)) {
            out->of[out->n - 1].n++;
            continue;
        }
        const em_date date = em_date_from_day(list[i].use->scene->day);
        out->looks[out->n] =
            (em_look){.day = list[i].use->scene->day, .month_day = date.month * 100 + date.day};
        out->of[out->n++] = (em_look_cubes){i, 1};
    }
done:
    em_free(list);
    if (rc != EM_OK) em_looks_release(out);
    return rc;
}

void em_looks_release(em_looks *looks)
{
    for (size_t c = 0; c < looks->n_cube; c++) em_cube_close(looks->cubes[c]);
    em_free(looks->cubes);
    em_free(looks->band_at);
    em_free(looks->of);
    em_free(looks->looks);
    *looks = (em_looks){0};
}
