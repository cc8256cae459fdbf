#include "pipeline/run/carry.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/io/geo.h"
#include "pipeline/run/train.h"

/* ---- the earlier run ---- */

static void copy_hash(const json_t *root, const char *name, em_hash *out)
{
    const char *const text = json_string_value(json_object_get(root, name));
    if (text && strlen(text) < sizeof out->hex) memcpy(out->hex, text, strlen(text) + 1);
}

static em_status take_tiles(const json_t *list, em_carry *out, em_error *err)
{
    em_status rc =
        em_calloc(json_array_size(list), sizeof *out->keys, "tile keys", &out->keys, err);
    for (size_t i = 0; i < json_array_size(list) && rc == EM_OK; i++) {
        const json_t *const one = json_array_get(list, i);
        const char *const name = json_string_value(json_object_get(one, "tile"));
        if (!name) continue;
        rc = em_list_add(&out->tiles, name, err);
        if (rc == EM_OK) copy_hash(one, "key", &out->keys[out->tiles.n - 1]);
    }
    return rc;
}

em_status em_carry_read(const em_session *session, em_carry *out, em_error *err)
{
    em_status rc = EM_OK;
    em_str path = {0};
    em_str text = {0};
    json_t *root = NULL;
    json_error_t why;
    *out = (em_carry){0};
    em_str_printf(&path, "%s/current/manifest.json", session->folder);
    EM_TRY(em_str_check(&path, err));
    if (!em_file_exists(path.data)) goto done;
    EM_TRY(em_file_read(path.data, (size_t)256 << 20, &text, err));
    root = json_loadb(text.data, text.size, 0, &why);
    if (!root) {
        rc = em_fail(err, EM_EINPUT, "%s: line %d: %s", path.data, why.line, why.text);
        goto done;
    }
    const char *const id = json_string_value(json_object_get(root, "run_id"));
    snprintf(out->run_id, sizeof out->run_id, "%s", id ? id : "");
    copy_hash(root, "settings", &out->settings);
    copy_hash(root, "units", &out->units);
    copy_hash(json_object_get(root, "model"), "key", &out->model_key);
    rc = take_tiles(json_object_get(root, "tiles"), out, err);
done:
    json_decref(root);
    em_str_release(&text);
    em_str_release(&path);
    if (rc != EM_OK) em_carry_release(out);
    return rc;
}

void em_carry_release(em_carry *carry)
{
    em_list_release(&carry->tiles);
    em_free(carry->keys);
    *carry = (em_carry){0};
}

/* ---- which tiles ---- */

static em_status select_unit(em_session *s, const char *code, bool *chosen, em_error *err)
{
    const em_unit *unit = NULL;
    const char *near = NULL;
    size_t least = 5;
    for (size_t u = 0; u < s->inputs.units.n; u++) {
        const em_unit *const one = &s->inputs.units.items[u];
        const size_t off = em_edit_distance(code, one->code);
        if (strcmp(one->code, code) == 0 || strcmp(one->name, code) == 0) unit = one;
        if (off < least) {
            least = off;
            near = one->code;
        }
    }
    if (!unit) {
        return em_fail(err, EM_ECONFIG, "--unit \"%s\": no unit has this code or name%s%s%s", code,
                       near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    }
    if (unit->state != EM_UNIT_OK) return em_fail(err, EM_EINPUT, "--unit %s: %s", code, unit->why);
    for (size_t t = 0; t < s->plan.tiles.n; t++)
        chosen[t] = em_rings_touch(unit->rings, unit->n_ring, s->plan.tiles.items[t].rect);
    return EM_OK;
}

/* The box's edges are cut into pieces, since they are curves on the grid. */
static em_status select_box(em_session *s, const double box[4], bool *chosen, em_error *err)
{
    enum { PIECES = 32 };
    double at[4 * PIECES][2];
    double low[2] = {INFINITY, INFINITY};
    double high[2] = {-INFINITY, -INFINITY};
    static const int corner[5][2] = {{0, 1}, {2, 1}, {2, 3}, {0, 3}, {0, 1}};
    for (int i = 0; i < 4 * PIECES; i++) {
        const int *const a = corner[i / PIECES];
        const int *const b = corner[i / PIECES + 1];
        const double t = (double)(i % PIECES) / PIECES;
        at[i][0] = box[a[0]] + t * (box[b[0]] - box[a[0]]);
        at[i][1] = box[a[1]] + t * (box[b[1]] - box[a[1]]);
    }
    em_status rc = em_crs_transform("EPSG:4326", s->inputs.grid.crs, at, 4 * (size_t)PIECES, err);
    if (rc != EM_OK) return em_context(err, EM_ECONFIG, "--bbox");
    for (int i = 0; i < 4 * PIECES; i++) {
        double p[2];
        em_grid_to_pixel(&s->inputs.grid, at[i][0], at[i][1], &p[0], &p[1]);
        for (int k = 0; k < 2; k++) {
            low[k] = fmin(low[k], p[k]);
            high[k] = fmax(high[k], p[k]);
        }
    }
    const em_rect rect = {(int64_t)floor(low[0]), (int64_t)floor(low[1]), (int64_t)ceil(high[0]),
                          (int64_t)ceil(high[1])};
    for (size_t t = 0; t < s->plan.tiles.n; t++)
        chosen[t] = chosen[t] || !em_rect_empty(em_rect_clip(rect, s->plan.tiles.items[t].rect));
    return EM_OK;
}

/* ---- carrying over ---- */

static const em_hash *key_of(const em_carry *carry, const char *tile)
{
    for (size_t i = 0; i < carry->tiles.n; i++) {
        if (strcmp(carry->tiles.items[i], tile) == 0) return &carry->keys[i];
    }
    return NULL;
}

static em_status result_path(const em_session *s, const char *tile, const em_hash *key, em_str *out,
                             em_error *err)
{
    em_str_clear(out);
    em_str_printf(out, "%s/tiles/classify/%s/%s.%.12s.h5", s->work, s->inputs.period.name, tile,
                  key->hex);
    return em_str_check(out, err);
}

/* The earlier run's model, and whether its settings and units are still these; `why` says what is
 * in the way. */
static em_status can_carry(em_session *s, const em_carry *carry, const char **why, em_error *err)
{
    em_status rc = EM_OK;
    char *path = NULL;
    em_hash settings;
    em_hash units;
    *why = NULL;
    if (!carry->tiles.n) {
        *why = "no run of this period has been published yet";
        return EM_OK;
    }
    if (s->inputs.config.model) {
        EM_TRY(em_strdup(s->inputs.config.model, &path, err));
    } else {
        EM_TRY(em_train_path(&s->inputs, &carry->model_key, s->work, &path, err));
    }
    if (!em_file_exists(path)) {
        *why = "the model of the run before is not in the work folder";
        goto done;
    }
    EM_TRY(em_model_read(path, &s->model, err));
    EM_TRY(em_results_settings(&s->inputs, &s->model.content, &settings, err));
    EM_TRY(em_results_units(&s->inputs, &units, err));
    if (strcmp(settings.hex, carry->settings.hex) != 0)
        *why = "grid, features or model are other than in the run before";
    else if (strcmp(units.hex, carry->units.hex) != 0)
        *why = "the units are other than in the run before";
    s->model_carried = *why == NULL;
done:
    if (!s->model_carried) em_model_release(&s->model);
    em_free(path);
    return rc;
}

static em_status leave_out(em_session *s, const em_carry *carry, const bool *chosen, em_error *err)
{
    em_status rc = EM_OK;
    em_str path = {0};
    for (size_t t = 0; t < s->plan.tiles.n && rc == EM_OK; t++) {
        em_tile_use *const tile = &s->plan.tiles.items[t];
        const em_hash *const key = key_of(carry, tile->name);
        if (chosen[t]) continue;
        if (!tile->report) {
            tile->wanted = false; /* only samples lie there, and the model is carried over */
            continue;
        }
        if (key) rc = result_path(s, tile->name, key, &path, err);
        if (rc != EM_OK) break;
        if (key && em_file_exists(path.data)) {
            tile->wanted = false;
        } else {
            rc = em_session_note(s, err,
                                 "tile %s is done too: its result of run %s is not in the work "
                                 "folder",
                                 tile->name, carry->run_id);
        }
    }
    em_str_release(&path);
    return rc;
}

em_status em_carry_select(em_session *s, const em_carry *carry, em_error *err)
{
    em_status rc = EM_OK;
    bool *chosen = NULL;
    const char *why = NULL;
    if (!s->request->unit && !s->request->has_bbox) return EM_OK;
    EM_TRY(em_calloc(s->plan.tiles.n, sizeof *chosen, "tile list", &chosen, err));
    if (s->request->unit) EM_TRY(select_unit(s, s->request->unit, chosen, err));
    if (s->request->has_bbox) EM_TRY(select_box(s, s->request->bbox, chosen, err));
    size_t n = 0;
    for (size_t t = 0; t < s->plan.tiles.n; t++) n += chosen[t];
    if (n == 0) {
        rc = em_fail(err, EM_ECONFIG, "--bbox touches none of the %zu tiles", s->plan.tiles.n);
        goto done;
    }
    EM_TRY(can_carry(s, carry, &why, err));
    if (why) {
        rc = em_session_note(s, err, "all tiles are looked at, not only the chosen ones: %s", why);
        goto done;
    }
    EM_TRY(leave_out(s, carry, chosen, err));
done:
    em_free(chosen);
    return rc;
}

em_status em_carry_results(const em_session *s, const em_carry *carry, em_results *results,
                           em_error *err)
{
    em_status rc = EM_OK;
    em_str path = {0};
    for (size_t r = 0; r < results->n && rc == EM_OK; r++) {
        em_tile_result *const result = &results->items[r];
        const em_tile_use *const tile = &s->plan.tiles.items[result->tile];
        const em_hash *const key = key_of(carry, tile->name);
        if (tile->wanted || !key) continue;
        if (strcmp(key->hex, result->key.hex) == 0) continue; /* what it would be now, too */
        rc = result_path(s, tile->name, key, &path, err);
        em_free(result->path);
        result->path = NULL;
        if (rc == EM_OK) rc = em_strdup(path.data, &result->path, err);
        result->key = *key;
        result->present = true;
        result->carried = true;
    }
    em_str_release(&path);
    return rc;
}
