#include "pipeline/run/describe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/date.h"
#include "pipeline/base/memory.h"
#include "pipeline/config/classes.h"
#include "pipeline/io/geo.h"
#include "pipeline/publish/manifest.h"

static em_status no_memory(em_error *err)
{
    return em_fail(err, EM_EENV, "manifest: memory refused");
}

/* The path as seen from the config's folder, so that the same inputs elsewhere say the same. */
static const char *relative(const em_config *config, const char *path)
{
    const size_t n = strlen(config->folder);
    if (strncmp(path, config->folder, n) == 0 && path[n] == '/') return path + n + 1;
    return path;
}

static json_t *real_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* ---- inputs ---- */

static em_status add_file(const em_session *s, const char *path, json_t *files, em_error *err)
{
    em_hash hash;
    const em_status rc = em_ledger_hash(s->ledger, path, &hash, err);
    if (rc != EM_OK) return rc;
    json_t *const one = json_pack(
        "{s:o, s:s}", "path", em_json_text(relative(&s->inputs.config, path)), "sha256", hash.hex);
    return json_array_append_new(files, one) == 0 ? EM_OK : no_memory(err);
}

static bool path_is_before(const em_scene *scene, int32_t band, const char *path)
{
    for (int32_t b = 0; b < band; b++) {
        if (strcmp(scene->bands[b].path, path) == 0) return true;
    }
    return false;
}

static em_status add_scene(const em_session *s, const em_scene_use *use, json_t *inputs,
                           em_error *err)
{
    char when[32];
    const em_scene *const scene = use->scene;
    json_t *const files = json_array();
    em_status rc = EM_OK;
    for (int32_t b = 0; b < scene->n_band && rc == EM_OK; b++) {
        if (!path_is_before(scene, b, scene->bands[b].path))
            rc = add_file(s, scene->bands[b].path, files, err);
    }
    if (rc == EM_OK && scene->mask.path && !path_is_before(scene, scene->n_band, scene->mask.path))
        rc = add_file(s, scene->mask.path, files, err);
    em_time_print(scene->time, when);
    json_t *const one = json_pack(
        "{s:s, s:o, s:o, s:s, s:s, s:o, s:o, s:s, s:o}", "kind", "scene", "id",
        em_json_text(scene->id), "sensor", em_json_text(scene->sensor), "format", scene->format,
        "time", when, "baseline", em_json_text(scene->baseline), "cloud_pct",
        real_or_null(scene->cloud_pct), "content", use->content.hex, "files", files);
    if (json_array_append_new(inputs, one) != 0 && rc == EM_OK) rc = no_memory(err);
    return rc;
}

/* A file or a few that belong together. */
static em_status add_input(const em_session *s, const char *kind, char *const *paths, size_t n,
                           json_t *inputs, em_error *err)
{
    json_t *const files = json_array();
    em_status rc = EM_OK;
    for (size_t i = 0; i < n && rc == EM_OK; i++) rc = add_file(s, paths[i], files, err);
    json_t *const one = json_pack("{s:s, s:o}", "kind", kind, "files", files);
    if (json_array_append_new(inputs, one) != 0 && rc == EM_OK) rc = no_memory(err);
    return rc;
}

static em_status list_inputs(const em_session *s, json_t *inputs, em_error *err)
{
    em_status rc = EM_OK;
    const em_config *const c = &s->inputs.config;
    const struct {
        const char *kind;
        char *const *path;
    } single[] = {{"samples", &c->samples.path},
                  {"validation", &c->validation.path},
                  {"county boundary", &c->county.boundary},
                  {"model", &c->model}};
    for (size_t i = 0; i < s->plan.n_scene && rc == EM_OK; i++) {
        if (s->plan.scenes[i].state == EM_SCENE_OK)
            rc = add_scene(s, &s->plan.scenes[i], inputs, err);
    }
    if (rc == EM_OK)
        rc = add_input(s, "units", s->inputs.units.files, s->inputs.units.n_file, inputs, err);
    for (size_t i = 0; i < sizeof single / sizeof *single && rc == EM_OK; i++) {
        if (*single[i].path) rc = add_input(s, single[i].kind, single[i].path, 1, inputs, err);
    }
    return rc;
}

/* ---- what the run is made of ---- */

static json_t *model_of(const em_session *s)
{
    const em_model *const m = &s->model;
    json_t *const features = json_array();
    json_t *const codes = json_array();
    for (size_t f = 0; f < m->features.n; f++)
        json_array_append_new(features, json_string(m->features.items[f]));
    for (int32_t k = 0; k < m->n_class; k++)
        json_array_append_new(codes, json_integer(m->codes[k]));
    return json_pack("{s:s, s:s, s:s, s:i, s:I, s:o, s:o, s:o}", "key", m->key.hex, "sha256",
                     m->content.hex, "training", m->training.hex, "trees", m->forest.n_tree,
                     "samples", (json_int_t)m->n_sample, "oob_accuracy",
                     real_or_null(m->oob_accuracy), "classes", codes, "features", features);
}

static json_t *grid_of(const em_grid *g)
{
    return json_pack("{s:s, s:f, s:[f,f], s:i}", "crs", g->crs, "pixel", g->px, "anchor", g->ax,
                     g->ay, "tile", g->tile);
}

static json_t *tiles_of(const em_session *s, const em_results *results)
{
    json_t *const tiles = json_array();
    for (size_t r = 0; r < results->n; r++) {
        const em_tile_result *const result = &results->items[r];
        json_array_append_new(tiles, json_pack("{s:s, s:s, s:s}", "tile",
                                               s->plan.tiles.items[result->tile].name, "key",
                                               result->failed ? "" : result->key.hex, "state",
                                               result->failed    ? "failed"
                                               : result->carried ? "carried over"
                                                                 : "whole"));
    }
    return tiles;
}

static int by_kind_and_name(const void *a, const void *b)
{
    const em_failure *const x = *(const em_failure *const *)a;
    const em_failure *const y = *(const em_failure *const *)b;
    const int order = strcmp(x->kind, y->kind);
    return order ? order : strcmp(x->what, y->what);
}

/* Scenes, tiles and units that the result does without; why is in run.json. Sorted: a scene that
 * fails now is met later in the run than one that is known to be bad. */
static em_status left_out(const em_session *s, json_t *list, em_error *err)
{
    const em_failure **order = NULL;
    const em_status rc =
        em_calloc(s->n_failure + 1, sizeof(const em_failure *), "failures", &order, err);
    if (rc != EM_OK) return rc;
    for (size_t i = 0; i < s->n_failure; i++) order[i] = &s->failures[i];
    qsort(order, s->n_failure, sizeof(const em_failure *), by_kind_and_name);
    for (size_t i = 0; i < s->n_failure; i++) {
        json_array_append_new(list, json_pack("{s:s, s:o}", "kind", order[i]->kind, "what",
                                              em_json_text(order[i]->what)));
    }
    em_free(order);
    return EM_OK;
}

/* Packages whose version can change a byte of maps and tables. */
static em_status libraries(json_t *list, em_error *err)
{
    em_list names = {0};
    const em_status rc = em_geo_versions(&names, err);
    for (size_t i = 0; i < names.n && rc == EM_OK; i++)
        json_array_append_new(list, em_json_text(names.items[i]));
    em_list_release(&names);
    return rc;
}

static json_t *texts_of(const em_list *list)
{
    json_t *const out = json_array();
    for (size_t i = 0; i < list->n; i++) json_array_append_new(out, em_json_text(list->items[i]));
    return out;
}

static em_status add_config(const em_session *s, json_t *root, em_error *err)
{
    em_str text = {0};
    em_hash hash;
    em_status rc = em_config_print_made(&s->inputs.config, &text, err);
    if (rc == EM_OK) rc = em_hash_bytes(em_str_text(&text), text.size, &hash, err);
    if (rc == EM_OK &&
        (json_object_set_new(root, "config", em_json_text(em_str_text(&text))) != 0 ||
         json_object_set_new(root, "config_sha256", json_string(hash.hex)) != 0))
        rc = no_memory(err);
    em_str_release(&text);
    return rc;
}

em_status em_describe_run(em_session *s, const em_results *results,
                          const em_publication *publication, json_t **out, em_error *err)
{
    em_status rc = EM_OK;
    em_hash settings;
    em_hash units;
    json_t *const inputs = json_array();
    json_t *const out_of_it = json_array();
    json_t *const packages = json_array();
    json_t *root = NULL;
    EM_TRY(libraries(packages, err));
    EM_TRY(left_out(s, out_of_it, err));
    EM_TRY(em_results_settings(&s->inputs, &s->model.content, &settings, err));
    EM_TRY(em_results_units(&s->inputs, &units, err));
    EM_TRY(list_inputs(s, inputs, err));
    root = json_pack("{s:s, s:s, s:s, s:s, s:O, s:s, s:s, s:o, s:o, s:O, s:o, s:O}", "run_id",
                     publication->run_id, "region", s->inputs.config.region, "period",
                     s->inputs.period.name, "software", "ecomon " ECOMON_VERSION, "libraries",
                     packages, "settings", settings.hex, "units", units.hex, "grid",
                     grid_of(&s->inputs.grid), "model", model_of(s), "inputs", inputs, "tiles",
                     tiles_of(s, results), "left_out", out_of_it);
    if (!root) {
        rc = no_memory(err);
        goto done;
    }
    EM_TRY(add_config(s, root, err));
    *out = root;
    root = NULL;
done:
    json_decref(root);
    json_decref(inputs);
    json_decref(out_of_it);
    json_decref(packages);
    return rc;
}

/* ---- quality ---- */

static json_t *unit_of(const em_unit *unit, const em_unit_areas *a)
{
    json_t *const one =
        json_pack("{s:o, s:o, s:o, s:s}", "code", em_json_text(unit->code), "type",
                  em_json_text(unit->type), "name", em_json_text(unit->name), "state",
                  unit->state != EM_UNIT_OK ? "rejected"
                  : a->complete             ? "whole"
                                            : "incomplete");
    if (one && unit->why[0]) json_object_set_new(one, "why", em_json_text(unit->why));
    if (!one || !a->complete) return one;
    const double found = (double)a->total * 1e-6;
    json_object_set_new(one, "polygon_m2", json_real(unit->area_m2));
    json_object_set_new(one, "classes_m2", json_real(found));
    json_object_set_new(one, "imbalance_pct",
                        json_real(100 * (found - unit->area_m2) / unit->area_m2));
    json_object_set_new(
        one, "observed",
        json_real(a->total ? 1 - (double)a->area[EM_CLASS_NOOBS] / (double)a->total : 0));
    return one;
}

em_status em_describe_quality(const em_session *s, const em_areas *areas, json_t *validation,
                              json_t **out, em_error *err)
{
    json_t *const units = json_array();
    for (size_t u = 0; u < s->inputs.units.n; u++)
        json_array_append_new(units, unit_of(&s->inputs.units.items[u], &areas->units[u]));
    *out = json_pack("{s:s, s:o, s:o, s:o, s:O}", "result", areas->faults.n ? "failed" : "passed",
                     "faults", texts_of(&areas->faults), "notes", texts_of(&areas->notes), "units",
                     units, "validation", validation ? validation : json_null());
    return *out ? EM_OK : no_memory(err);
}
