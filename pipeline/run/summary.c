#include "pipeline/run/summary.h"

#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/config/classes.h"
#include "pipeline/run/train.h"

static void print_scenes(const em_session *s, em_str *out)
{
    size_t failed = 0;
    size_t known = 0;
    for (size_t i = 0; i < s->plan.n_scene; i++) {
        failed += s->plan.scenes[i].state == EM_SCENE_FAILED;
        known += s->plan.scenes[i].state == EM_SCENE_KNOWN_BAD;
    }
    em_str_printf(out, "scenes   %zu of the period, %zu ingested now", s->plan.n_scene,
                  s->n_ingested);
    if (failed) em_str_printf(out, ", %zu failed", failed);
    if (known) em_str_printf(out, ", %zu known to be bad", known);
    if (s->inputs.catalogue.n_rejected)
        em_str_printf(out, ", %zu rejected", s->inputs.catalogue.n_rejected);
    em_str_printf(out, " (%zu of other times, %zu elsewhere)\n", s->plan.n_out_of_period,
                  s->plan.n_out_of_region);
}

static void print_model(const em_session *s, em_str *out)
{
    char accuracy[64] = "unknown";
    if (s->model.oob.n_class) em_print_fixed(s->model.oob_accuracy, 4, accuracy);
    if (!s->model.n_class) return;
    em_str_printf(out, "model    %s: %d trees, %zu features, out-of-bag accuracy %s\n",
                  s->grown                 ? "grown now"
                  : s->inputs.config.model ? "as configured"
                  : s->model_carried       ? "that of the run before"
                                           : "unchanged",
                  s->model.forest.n_tree, s->model.features.n, accuracy);
}

/* One unit's classes in hectares and per cent of the unit. */
static void print_areas(const char *code, const char *name, const em_unit_areas *a,
                        const em_session *s, em_str *out)
{
    char ha[64];
    char share[64];
    if (!a->complete) {
        em_str_printf(out, "%s %s  not known: a unit was rejected or a tile failed\n", code, name);
        return;
    }
    em_print_fixed((double)a->total * 1e-10, 1, ha);
    em_str_printf(out, "%s %s  %s ha\n", code, name, ha);
    for (int code_at = 1; code_at <= EM_CLASS_NOOBS; code_at++) {
        const em_class *const c = em_class_by_code(code_at);
        bool listed = code_at == EM_CLASS_NOOBS;
        for (int32_t k = 0; k < s->model.n_class; k++)
            listed = listed || s->model.codes[k] == code_at;
        if (!c || !listed) continue;
        em_print_fixed((double)a->area[code_at] * 1e-10, 2, ha);
        em_print_fixed(a->total ? 100 * (double)a->area[code_at] / (double)a->total : 0, 2, share);
        em_str_printf(out, "  %-12s %14s ha %7s %%  %s\n", c->key, ha, share, c->name_zh);
    }
}

/* The county, or the first unit where the config names none. */
static void print_total(const em_session *s, const em_areas *areas, em_str *out)
{
    const em_config_county *const county = &s->inputs.config.county;
    if (county->code[0]) {
        print_areas(county->code, county->name, &areas->county, s, out);
    } else if (s->inputs.units.n) {
        print_areas(s->inputs.units.items[0].code, s->inputs.units.items[0].name, &areas->units[0],
                    s, out);
    }
}

static void print_lists(const em_session *s, em_str *out)
{
    for (size_t i = 0; i < s->n_failure; i++) {
        const em_failure *const f = &s->failures[i];
        em_str_printf(out, "%s %s %s: %s\n", f->counts ? "failed  " : "as before", f->kind, f->what,
                      f->why);
    }
    for (size_t i = 0; i < s->notes.n; i++) em_str_printf(out, "note     %s\n", s->notes.items[i]);
}

em_status em_summary_print(const em_session *s, const em_tile_counts *tiles, const em_areas *areas,
                           const em_publication *publication, const char *why, em_str *out,
                           em_error *err)
{
    const char *const state = s->worst == EM_OK         ? "complete"
                              : s->worst == EM_EPARTIAL ? "partial"
                                                        : "failed";
    em_str_printf(out, "ecomon %s: region %s, period %s: %s\n", ECOMON_VERSION,
                  s->inputs.config.region, s->inputs.period.name, state);
    print_scenes(s, out);
    print_model(s, out);
    if (tiles) {
        em_str_printf(out, "tiles    %zu classified, %zu unchanged, %zu carried over, %zu failed\n",
                      tiles->done, tiles->unchanged, tiles->carried, tiles->failed);
    }
    print_lists(s, out);
    if (areas) print_total(s, areas, out);
    if (publication) em_str_append(out, em_str_text(&publication->validation));
    if (why) em_str_printf(out, "%s\n", why);
    if (publication) {
        em_str_printf(out, "%s %s\n", publication->quarantined ? "quarantined" : "published",
                      em_str_text(&publication->folder));
    }
    return em_str_check(out, err);
}

/* ---- dry run ---- */

static void print_due_scene(const em_session *s, const em_scene_use *use, em_str *out)
{
    size_t n = 0;
    for (size_t c = 0; c < use->n_cube; c++) n += em_plan_wants(&s->plan, &use->cubes[c]);
    if (use->state != EM_SCENE_OK) {
        em_str_printf(out, "left out %s: %s\n", use->scene->id, use->why);
    } else if (n) {
        em_str_printf(out, "ingest   %s: %zu of %zu tiles\n", use->scene->id, n, use->n_cube);
    }
}

em_status em_summary_print_plan(em_session *s, em_str *out, em_error *err)
{
    em_status rc = EM_OK;
    em_hash key;
    char *path = NULL;
    size_t n_tile = 0;
    const size_t missing = em_plan_missing(&s->plan);
    em_str_printf(out, "would do, for region %s, period %s:\n", s->inputs.config.region,
                  s->inputs.period.name);
    for (size_t i = 0; i < s->plan.n_scene; i++) print_due_scene(s, &s->plan.scenes[i], out);
    if (!missing) em_str_append(out, "ingest   nothing: every scene is in the cube\n");
    bool grow = false;
    if (!s->inputs.config.model && !s->model_carried) {
        EM_TRY(em_train_key(&s->inputs, &s->plan, &key, err));
        EM_TRY(em_train_path(&s->inputs, &key, s->work, &path, err));
        grow = !em_file_exists(path);
    }
    em_str_printf(out, "model    %s\n",
                  grow ? "grow: scenes, samples or settings are new" : "nothing to grow");
    for (size_t t = 0; t < s->plan.tiles.n; t++)
        n_tile += s->plan.tiles.items[t].report && s->plan.tiles.items[t].wanted;
    if (grow) {
        em_str_printf(out, "classify %zu tiles: the model is new\n", n_tile);
    } else {
        em_results results = {0};
        if (!s->model.n_class) EM_TRY(em_session_model(s, NULL, err));
        EM_TRY(em_results_plan(&s->inputs, &s->plan, &s->model.content, s->work, &results, err));
        size_t due = 0;
        for (size_t r = 0; r < results.n; r++)
            due += !results.items[r].present && s->plan.tiles.items[results.items[r].tile].wanted;
        em_results_release(&results);
        em_str_printf(out, "classify %zu of %zu tiles\n", due, n_tile);
    }
    print_lists(s, out);
    rc = em_str_check(out, err);
done:
    em_free(path);
    return rc;
}
