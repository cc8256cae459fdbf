#include "pipeline/run/run.h"

#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/run/carry.h"
#include "pipeline/run/ingest.h"
#include "pipeline/run/products.h"
#include "pipeline/run/publish_run.h"
#include "pipeline/run/summary.h"
#include "pipeline/run/train.h"

/* A run's parts beyond the session. */
typedef struct whole {
    em_session s;
    em_carry carry;
    em_results results;
    em_areas areas;
    em_publication publication;
    bool planned, folded, named; /* results, areas, publication are there */
    const char *why;             /* why nothing was published */
} whole;

static void set_total(whole *w)
{
    const em_session *const s = &w->s;
    double tiles = 0;
    for (size_t t = 0; t < s->plan.tiles.n; t++) {
        const em_tile_use *const tile = &s->plan.tiles.items[t];
        if (tile->report && tile->wanted) tiles += em_classify_tile_cost(&s->inputs, &s->plan, t);
    }
    const bool trains = !s->inputs.config.model && !s->model_carried;
    em_tell_total(&w->s.tell, em_ingest_cost(&s->plan) + (trains ? em_train_cost(&s->inputs) : 0) +
                                  tiles + em_publication_cost(s));
}

/* ---- classify ---- */

static em_status count_tiles(whole *w, em_error *err)
{
    for (size_t r = 0; r < w->results.n; r++) {
        const em_tile_result *const result = &w->results.items[r];
        if (!result->failed) continue;
        w->s.tiles.failed++;
        const em_status rc = em_session_fail(
            &w->s, EM_EPARTIAL, "tile", w->s.plan.tiles.items[result->tile].name, result->why, err);
        if (rc != EM_OK) return rc;
    }
    return EM_OK;
}

static em_status classify(whole *w, em_error *err)
{
    em_session *const s = &w->s;
    em_status rc =
        em_results_plan(&s->inputs, &s->plan, &s->model.content, s->work, &w->results, err);
    if (rc != EM_OK) return rc;
    w->planned = true;
    rc = em_carry_results(s, &w->carry, &w->results, err);
    if (rc != EM_OK) return rc;
    for (size_t r = 0; r < w->results.n; r++) {
        const em_tile_result *const result = &w->results.items[r];
        w->s.tiles.carried += result->carried;
        w->s.tiles.unchanged += result->present && !result->carried;
        if (result->present && !result->carried)
            em_tell_done(&s->tell, "classify",
                         em_classify_tile_cost(&s->inputs, &s->plan, result->tile));
    }
    w->s.tiles.done = em_results_missing(&w->results);
    rc = em_classify(&s->inputs, &s->plan, &s->model, s->threads, &s->tell, &w->results, err);
    if (rc == EM_OK) rc = count_tiles(w, err);
    w->s.tiles.done -= w->s.tiles.failed;
    return rc;
}

/* Names of the units that a run over one unit or box has redone, so that nobody wonders. */
static em_status list_redone(whole *w, em_error *err)
{
    em_str text = {0};
    const em_session *const s = &w->s;
    if (!w->s.tiles.carried) return EM_OK;
    em_str_append(&text, "units that share a redone tile:");
    for (size_t u = 0; u < s->inputs.units.n; u++) {
        const em_unit *const unit = &s->inputs.units.items[u];
        bool redone = false;
        for (size_t r = 0; r < w->results.n && unit->state == EM_UNIT_OK; r++) {
            if (w->results.items[r].carried) continue;
            redone = redone || em_rings_touch(unit->rings, unit->n_ring,
                                              s->plan.tiles.items[w->results.items[r].tile].rect);
        }
        if (redone) em_str_printf(&text, " %s %s", unit->code, unit->name);
    }
    em_status rc = em_str_check(&text, err);
    if (rc == EM_OK) rc = em_session_note(&w->s, err, "%s", text.data);
    em_str_release(&text);
    return rc;
}

/* ---- tables and publication ---- */

static em_status fold(whole *w, em_error *err)
{
    em_session *const s = &w->s;
    em_status rc = em_areas_fold(&s->inputs, &s->plan, &w->results, &w->areas, err);
    if (rc != EM_OK) return rc;
    w->folded = true;
    rc = em_areas_check(&s->inputs, &w->areas, err);
    for (size_t i = 0; i < w->areas.faults.n && rc == EM_OK; i++)
        rc = em_session_fail(s, EM_EQUALITY, "run", "area balance", w->areas.faults.items[i], err);
    for (size_t i = 0; i < w->areas.notes.n && rc == EM_OK; i++)
        rc = em_session_note(s, err, "%s", w->areas.notes.items[i]);
    return rc;
}

static em_status publish(whole *w, em_summary *summary, em_error *err)
{
    em_session *const s = &w->s;
    em_status rc = em_publication_plan(s, &w->results, &w->publication, err);
    if (rc != EM_OK) return rc;
    w->named = true;
    if (w->publication.is_current && !w->areas.faults.n) {
        w->why = "nothing new: the published run is up to date";
        summary->nothing_new = true;
    } else {
        rc = em_publication_write(s, &w->results, &w->areas, &w->publication, err);
    }
    if (rc == EM_OK) em_str_append(&summary->folder, em_str_text(&w->publication.folder));
    if (rc == EM_OK)
        rc = em_ledger_add_run(s->ledger, w->publication.run_id, s->inputs.config.region,
                               s->inputs.period.name, (int)s->worst,
                               em_str_text(&w->publication.folder), err);
    return rc;
}

static em_status work(whole *w, em_summary *summary, em_error *err)
{
    em_status rc = EM_OK;
    em_session *const s = &w->s;
    EM_TRY(em_carry_read(s, &w->carry, err));
    EM_TRY(em_carry_select(s, &w->carry, err));
    if (s->request->dry_run) {
        rc = em_summary_print_plan(s, &summary->text, err);
        goto done;
    }
    set_total(w);
    EM_TRY(em_session_ingest(s, err));
    if (!s->model_carried) EM_TRY(em_session_model(s, NULL, err));
    EM_TRY(classify(w, err));
    EM_TRY(list_redone(w, err));
    EM_TRY(fold(w, err));
    if (w->s.tiles.failed && !s->inputs.config.allow_incomplete) {
        w->why = "not published: tiles failed (allow_incomplete publishes all the same); the run "
                 "published before stays";
    } else {
        EM_TRY(publish(w, summary, err));
    }
done:
    return rc;
}

/* run.json beside the published runs says how the last run ended, whatever came out. */
static em_status record(const whole *w, em_status rc, const em_error *why, em_error *err)
{
    const em_session *const s = &w->s;
    if (s->lock.fd < 0 || !s->folder) return EM_OK; /* a dry run, or another run is at work */
    em_status done = em_mkdirs(s->folder, err);
    if (done == EM_OK)
        done = em_products_record(s, w->named ? &w->publication : NULL, rc,
                                  rc == EM_OK ? "" : why->text, s->folder, err);
    return done;
}

em_status em_run_whole(const em_request *request, const em_listener *listener, em_list *faults,
                       em_summary *summary, em_error *err)
{
    whole w = {0};
    em_status rc = em_session_open(request, listener, faults, &w.s, err);
    if (rc == EM_OK) rc = work(&w, summary, err);
    const bool tell = rc == EM_OK && !request->dry_run;
    if (tell) {
        rc = em_summary_print(&w.s, &w.s.tiles, w.folded ? &w.areas : NULL,
                              w.named ? &w.publication : NULL, w.why, &summary->text, err);
    }
    if (rc == EM_OK && w.s.worst != EM_OK) {
        const em_failure *first = w.s.failures;
        while (!first->counts) first++;
        rc = em_fail(err, w.s.worst, "%s %s: %s", first->kind, first->what, first->why);
    }
    em_error lost;
    const em_status recorded = record(&w, rc, err ? err : &(em_error){0}, &lost);
    if (recorded != EM_OK && em_worst(rc, recorded) != rc) {
        rc = recorded;
        if (err) *err = lost;
    }
    if (w.named) em_publication_release(&w.publication);
    if (w.folded) em_areas_release(&w.areas);
    if (w.planned) em_results_release(&w.results);
    em_carry_release(&w.carry);
    em_session_close(&w.s);
    return rc;
}

em_status em_run_train(const em_request *request, const char *model_path,
                       const em_listener *listener, em_list *faults, em_summary *summary,
                       em_str *json, em_error *err)
{
    em_status rc = EM_OK;
    em_session s = {0};
    EM_TRY(em_session_open(request, listener, faults, &s, err));
    if (!s.inputs.config.samples.path) {
        rc = em_fail(err, EM_ECONFIG, "%s: samples are needed to train", request->config);
        goto done;
    }
    for (size_t t = 0; t < s.plan.tiles.n; t++)
        s.plan.tiles.items[t].wanted = s.plan.tiles.items[t].sample;
    em_tell_total(&s.tell, em_ingest_cost(&s.plan) + em_train_cost(&s.inputs));
    em_free(s.inputs.config.model); /* a model is what is wanted */
    s.inputs.config.model = NULL;
    EM_TRY(em_session_ingest(&s, err));
    EM_TRY(em_session_model(&s, model_path, err));
    EM_TRY(em_train_report(&s.model, s.grown ? &s.training : NULL, &summary->text, json, err));
    if (s.worst != EM_OK)
        rc = em_fail(err, s.worst, "trained without %s: %s", s.failures[0].what, s.failures[0].why);
done:
    em_session_close(&s);
    return rc;
}
