/* Which tile results there should be: the keys of the classify tasks. */
#include <stdio.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/run/classify.h"

/* All but the tile size. */
static em_status hash_settings(const em_inputs *in, const em_hash *model, em_hash *out,
                               em_error *err)
{
    em_status rc = EM_OK;
    em_str text = {0};
    em_hash grid;
    const em_config_features *const f = &in->config.features;
    EM_TRY(em_grid_hash(&in->grid, &grid, err));
    em_str_printf(&text, "classify|%d|%s|%s|%s|%s|%lld", EM_CLASSIFY_VERSION, grid.hex, model->hex,
                  f->upsample, f->gap, (long long)f->min_clear);
    for (size_t i = 0; i < in->features.n; i++)
        em_str_printf(&text, "|%s", in->features.items[i].name);
    for (size_t w = 0; w < f->n_window; w++) {
        em_str_printf(&text, "|%s:%d-%d", f->windows[w].name, f->windows[w].from, f->windows[w].to);
    }
    EM_TRY(em_str_check(&text, err));
    EM_TRY(em_hash_bytes(text.data, text.size, out, err));
done:
    em_str_release(&text);
    return rc;
}

em_status em_results_settings(const em_inputs *in, const em_hash *model, em_hash *out,
                              em_error *err)
{
    em_hash all;
    char text[128];
    const em_status rc = hash_settings(in, model, &all, err);
    if (rc != EM_OK) return rc;
    const int n = snprintf(text, sizeof text, "%s|%d", all.hex, in->grid.tile);
    return em_hash_bytes(text, (size_t)n, out, err);
}

static em_status hash_unit(const em_unit *unit, em_hash *out, em_error *err)
{
    em_status rc = EM_OK;
    em_hasher *h = NULL;
    EM_TRY(em_hasher_new(&h, err));
    EM_TRY(em_hasher_add_text(h, unit->type, err));
    EM_TRY(em_hasher_add_text(h, unit->code, err));
    for (size_t r = 0; r < unit->n_ring; r++) {
        EM_TRY(em_hasher_add(h, &unit->rings[r].n, sizeof unit->rings[r].n, err));
        EM_TRY(
            em_hasher_add(h, unit->rings[r].at, unit->rings[r].n * sizeof *unit->rings[r].at, err));
    }
    EM_TRY(em_hasher_finish(h, out, err));
done:
    em_hasher_free(h);
    return rc;
}

em_status em_results_units(const em_inputs *in, em_hash *out, em_error *err)
{
    em_status rc = EM_OK;
    em_hasher *h = NULL;
    EM_TRY(em_hasher_new(&h, err));
    for (size_t u = 0; u < in->units.n; u++) {
        em_hash one;
        if (in->units.items[u].state != EM_UNIT_OK) continue;
        EM_TRY(hash_unit(&in->units.items[u], &one, err));
        EM_TRY(em_hasher_add_text(h, one.hex, err));
    }
    EM_TRY(em_hasher_finish(h, out, err));
done:
    em_hasher_free(h);
    return rc;
}

static em_status add_cube_keys(em_hasher *h, const em_plan *plan, size_t t, em_error *err)
{
    for (size_t s = 0; s < plan->n_scene; s++) {
        const em_scene_use *const use = &plan->scenes[s];
        for (size_t c = 0; c < use->n_cube && use->state == EM_SCENE_OK; c++) {
            if (use->cubes[c].tile != t) continue;
            const em_status rc = em_hasher_add_text(h, use->cubes[c].key.hex, err);
            if (rc != EM_OK) return rc;
        }
    }
    return EM_OK;
}

/* The tile's scenes, and the shape of every unit that it touches. */
static em_status hash_tile(const em_inputs *in, const em_plan *plan, size_t t,
                           const em_hash *shared, const em_hash *units, em_hash *out, em_error *err)
{
    em_status rc = EM_OK;
    em_hasher *h = NULL;
    const em_tile_use *const tile = &plan->tiles.items[t];
    EM_TRY(em_hasher_new(&h, err));
    EM_TRY(em_hasher_add_text(h, shared->hex, err));
    EM_TRY(em_hasher_add_text(h, tile->name, err));
    EM_TRY(add_cube_keys(h, plan, t, err));
    for (size_t u = 0; u < in->units.n; u++) {
        const em_unit *const unit = &in->units.items[u];
        if (unit->state != EM_UNIT_OK || em_rect_empty(em_rect_clip(unit->box, tile->rect)))
            continue;
        if (em_rings_touch(unit->rings, unit->n_ring, tile->rect))
            EM_TRY(em_hasher_add_text(h, units[u].hex, err));
    }
    EM_TRY(em_hasher_finish(h, out, err));
done:
    em_hasher_free(h);
    return rc;
}

static bool meets_a_unit(const em_inputs *in, const em_scene_use *use)
{
    for (size_t u = 0; u < in->units.n; u++) {
        const em_unit *const unit = &in->units.items[u];
        if (unit->state == EM_UNIT_OK && !em_rect_empty(em_rect_clip(unit->box, use->rect)))
            return true;
    }
    return false;
}

em_status em_results_identity(const em_inputs *in, const em_plan *plan, const em_hash *model,
                              const em_results *results, em_hash *out, em_error *err)
{
    em_status rc = EM_OK;
    em_hasher *h = NULL;
    em_hash part;
    EM_TRY(em_hasher_new(&h, err));
    EM_TRY(hash_settings(in, model, &part, err));
    EM_TRY(em_hasher_add_text(h, part.hex, err));
    EM_TRY(em_plan_ingest_settings(in, &part, err));
    EM_TRY(em_hasher_add_text(h, part.hex, err));
    EM_TRY(em_results_units(in, &part, err));
    EM_TRY(em_hasher_add_text(h, part.hex, err));
    for (size_t s = 0; s < plan->n_scene; s++) {
        const em_scene_use *const use = &plan->scenes[s];
        if (use->state == EM_SCENE_OK && meets_a_unit(in, use))
            EM_TRY(em_hasher_add_text(h, use->content.hex, err));
    }
    for (size_t r = 0; r < results->n; r++) {
        const em_tile_result *const result = &results->items[r];
        if (!result->failed && !result->carried) continue;
        EM_TRY(em_hasher_add_text(h, plan->tiles.items[result->tile].name, err));
        EM_TRY(em_hasher_add_text(h, result->failed ? "failed" : result->key.hex, err));
    }
    EM_TRY(em_hasher_finish(h, out, err));
done:
    em_hasher_free(h);
    return rc;
}

static em_status name_result(const em_inputs *in, const em_plan *plan, const char *work,
                             em_tile_result *result, em_error *err)
{
    em_str path = {0};
    em_str_printf(&path, "%s/tiles/classify/%s/%s.%.12s.h5", work, in->period.name,
                  plan->tiles.items[result->tile].name, result->key.hex);
    em_status rc = em_str_check(&path, err);
    if (rc == EM_OK) rc = em_strdup(path.data, &result->path, err);
    if (rc == EM_OK) result->present = em_file_exists(result->path);
    em_str_release(&path);
    return rc;
}

em_status em_results_plan(const em_inputs *inputs, const em_plan *plan, const em_hash *model,
                          const char *work, em_results *out, em_error *err)
{
    em_status rc = EM_OK;
    em_hash shared;
    em_hash *units = NULL;
    *out = (em_results){0};
    EM_TRY(em_results_settings(inputs, model, &shared, err));
    EM_TRY(em_calloc(inputs->units.n + 1, sizeof *units, "unit hashes", &units, err));
    for (size_t u = 0; u < inputs->units.n; u++)
        EM_TRY(hash_unit(&inputs->units.items[u], &units[u], err));
    EM_TRY(em_calloc(plan->tiles.n + 1, sizeof *out->items, "tile results", &out->items, err));
    for (size_t t = 0; t < plan->tiles.n; t++) {
        if (!plan->tiles.items[t].report) continue;
        em_tile_result *const result = &out->items[out->n++];
        result->tile = t;
        EM_TRY(hash_tile(inputs, plan, t, &shared, units, &result->key, err));
        EM_TRY(name_result(inputs, plan, work, result, err));
    }
done:
    em_free(units);
    if (rc != EM_OK) em_results_release(out);
    return rc;
}

void em_results_release(em_results *results)
{
    for (size_t r = 0; r < results->n; r++) {
        em_free(results->items[r].path);
        em_free(results->items[r].why);
    }
    em_free(results->items);
    *results = (em_results){0};
}

size_t em_results_missing(const em_results *results)
{
    size_t n = 0;
    for (size_t r = 0; r < results->n; r++) n += !results->items[r].present;
    return n;
}
