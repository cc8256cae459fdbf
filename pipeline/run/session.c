#include "pipeline/run/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "pipeline/base/memory.h"
#include "pipeline/run/exec.h"
#include "pipeline/run/ingest.h"
#include "pipeline/run/train.h"

em_status em_session_fail(em_session *s, em_status status, const char *kind, const char *what,
                          const char *why, em_error *err)
{
    em_status rc = em_reserve(&s->failures, &s->cap_failure, s->n_failure, s->n_failure + 1,
                              sizeof *s->failures, "failures", err);
    if (rc != EM_OK) return rc;
    em_failure *const f = &s->failures[s->n_failure++];
    *f = (em_failure){.kind = kind, .counts = status != EM_OK};
    s->worst = em_worst(s->worst, status);
    rc = em_strdup(what, &f->what, err);
    return rc == EM_OK ? em_strdup(why, &f->why, err) : rc;
}

em_status em_session_note(em_session *s, em_error *err, const char *fmt, ...)
{
    char text[1000];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return em_list_add(&s->notes, text, err);
}

/* ---- opening ---- */

static em_status make_folder_name(em_session *s, em_error *err)
{
    em_str path = {0};
    em_str_printf(&path, "%s/%s/%s", s->inputs.config.out, s->inputs.config.region,
                  s->inputs.period.name);
    em_status rc = em_str_check(&path, err);
    if (rc == EM_OK) rc = em_strdup(path.data, &s->folder, err);
    em_str_release(&path);
    return rc;
}

static em_status open_work(em_session *s, em_error *err)
{
    em_status rc = EM_OK;
    em_str path = {0};
    em_str_printf(&path, "%s/ledger.sqlite", s->work);
    EM_TRY(em_str_check(&path, err));
    if (s->request->dry_run) {
        rc = em_ledger_open_reading(path.data, &s->ledger, err);
        goto done;
    }
    em_str lock = {0};
    em_str_printf(&lock, "%s/lock", s->work);
    rc = em_str_check(&lock, err);
    if (rc == EM_OK) rc = em_mkdirs(s->work, err);
    if (rc == EM_OK) rc = em_lock_take(lock.data, &s->lock, err);
    em_str_release(&lock);
    if (rc == EM_OK) rc = em_ledger_open(path.data, &s->ledger, err);
done:
    em_str_release(&path);
    return rc;
}

/* What looked like a scene and could not be used counts once: told again, it raises nothing. */
static em_status tell_rejected(em_session *s, em_error *err)
{
    for (size_t i = 0; i < s->inputs.catalogue.n_rejected; i++) {
        const em_rejected *const r = &s->inputs.catalogue.rejected[i];
        em_str text = {0};
        em_hash id = {0};
        bool known = false;
        em_str_printf(&text, "rejected|%s|%s", r->path, r->why);
        em_status rc = em_str_check(&text, err);
        if (rc == EM_OK) rc = em_hash_bytes(text.data, text.size, &id, err);
        em_str_release(&text);
        if (rc == EM_OK) rc = em_ledger_was_rejected(s->ledger, &id, &known, NULL, err);
        if (rc == EM_OK && !known) {
            em_tell_log(&s->tell, EM_LEVEL_WARNING, "scene rejected: %s", r->why);
            rc = em_ledger_reject(s->ledger, &id, r->path, r->why, err);
        }
        if (rc == EM_OK)
            rc = em_session_fail(s, known ? EM_OK : EM_EPARTIAL, "scene", em_path_name(r->path),
                                 r->why, err);
        if (rc != EM_OK) return rc;
    }
    return EM_OK;
}

static em_status tell_units(em_session *s, em_error *err)
{
    for (size_t u = 0; u < s->inputs.units.n; u++) {
        const em_unit *const unit = &s->inputs.units.items[u];
        if (unit->state == EM_UNIT_OK) continue;
        em_str what = {0};
        em_str_printf(&what, "%s %s %s", unit->type, unit->code, unit->name);
        em_tell_log(&s->tell, EM_LEVEL_WARNING, "unit %s rejected: %s", em_str_text(&what),
                    unit->why);
        const em_status rc =
            em_session_fail(s, EM_EPARTIAL, "unit", em_str_text(&what), unit->why, err);
        em_str_release(&what);
        if (rc != EM_OK) return rc;
    }
    return EM_OK;
}

/* Scenes that the plan already knows to be unusable. */
static em_status tell_planned(em_session *s, em_error *err)
{
    for (size_t i = 0; i < s->plan.n_scene; i++) {
        const em_scene_use *const use = &s->plan.scenes[i];
        if (use->state == EM_SCENE_OK) continue;
        const bool known = use->state == EM_SCENE_KNOWN_BAD;
        if (!known)
            em_tell_log(&s->tell, EM_LEVEL_WARNING, "scene %s skipped: %s", use->scene->id,
                        use->why);
        const em_status rc =
            em_session_fail(s, known ? EM_OK : EM_EPARTIAL, "scene", use->scene->id, use->why, err);
        if (rc != EM_OK) return rc;
    }
    return EM_OK;
}

static em_status copy_notes(em_session *s, const em_list *from, em_error *err)
{
    for (size_t i = 0; i < from->n; i++) {
        const em_status rc = em_list_add(&s->notes, from->items[i], err);
        if (rc != EM_OK) return rc;
    }
    return EM_OK;
}

em_status em_session_open(const em_request *request, const em_listener *listener, em_list *faults,
                          em_session *out, em_error *err)
{
    em_status rc = EM_OK;
    *out = (em_session){.request = request, .lock = {.fd = -1}, .began = (int64_t)time(NULL)};
    em_tell_init(&out->tell, listener);
    EM_TRY(em_inputs_read(request, faults, &out->inputs, err));
    const em_config *const config = &out->inputs.config;
    out->work = config->work;
    out->threads = em_exec_threads(request->threads ? request->threads : config->threads);
    EM_TRY(make_folder_name(out, err));
    EM_TRY(open_work(out, err));
    EM_TRY(tell_rejected(out, err));
    EM_TRY(tell_units(out, err));
    EM_TRY(em_plan_make(&out->inputs, out->ledger, out->work, out->threads, &out->plan, err));
    out->planned = true;
    for (size_t t = 0; t < out->plan.tiles.n;
         t++) /* where only samples lie, a model stands for it */
        out->plan.tiles.items[t].wanted = out->plan.tiles.items[t].report || !config->model;
    EM_TRY(tell_planned(out, err));
    EM_TRY(copy_notes(out, &out->inputs.catalogue.notes, err));
    EM_TRY(copy_notes(out, &out->inputs.notes, err));
    EM_TRY(copy_notes(out, &out->inputs.units.notes, err));
    EM_TRY(copy_notes(out, &out->inputs.samples.notes, err));
    if (out->plan.n_scene == 0) {
        rc = em_fail(err, EM_EINPUT,
                     "no scene of period %s touches the units: of %zu scenes, %zu are of other "
                     "times and %zu lie elsewhere",
                     out->inputs.period.name, out->inputs.catalogue.n, out->plan.n_out_of_period,
                     out->plan.n_out_of_region);
    }
done:
    return rc;
}

void em_session_close(em_session *s)
{
    for (size_t i = 0; i < s->n_failure; i++) {
        em_free(s->failures[i].what);
        em_free(s->failures[i].why);
    }
    em_free(s->failures);
    em_list_release(&s->notes);
    em_training_release(&s->training);
    em_model_release(&s->model);
    if (s->planned) em_plan_release(&s->plan);
    em_ledger_close(s->ledger);
    em_lock_release(&s->lock);
    em_inputs_release(&s->inputs);
    em_free(s->folder);
    em_tell_release(&s->tell);
}

/* ---- work ---- */

em_status em_session_ingest(em_session *s, em_error *err)
{
    size_t usable = 0;
    em_status rc =
        em_ingest(&s->inputs, &s->plan, s->ledger, s->threads, &s->tell, &s->n_ingested, err);
    if (rc != EM_OK) return rc;
    for (size_t i = 0; i < s->plan.n_scene; i++) {
        const em_scene_use *const use = &s->plan.scenes[i];
        usable += use->state == EM_SCENE_OK;
        if (use->state != EM_SCENE_FAILED) continue;
        bool told = false;
        for (size_t f = 0; f < s->n_failure; f++)
            told = told || strcmp(s->failures[f].what, use->scene->id) == 0;
        if (!told) rc = em_session_fail(s, EM_EPARTIAL, "scene", use->scene->id, use->why, err);
        if (rc != EM_OK) return rc;
    }
    if (usable) return EM_OK;
    return em_fail(err, EM_EINPUT, "none of the %zu scenes of period %s can be used; the first: %s",
                   s->plan.n_scene, s->inputs.period.name, s->plan.scenes[0].why);
}

static em_status check_fit(const em_session *s, const char *path, em_error *err)
{
    em_status rc = EM_OK;
    const em_feature_set *const set = &s->inputs.features;
    const char **names = NULL;
    rc = em_calloc(set->n, sizeof *names, "feature names", &names, err);
    for (size_t f = 0; rc == EM_OK && f < set->n; f++) names[f] = set->items[f].name;
    if (rc == EM_OK) rc = em_model_fits(&s->model, names, set->n, err);
    em_free(names);
    return rc == EM_OK ? rc : em_context(err, rc, "%s", path);
}

static em_status read_model(em_session *s, const char *path, em_error *err)
{
    const em_status rc = em_model_read(path, &s->model, err);
    return rc == EM_OK ? check_fit(s, path, err) : rc;
}

em_status em_session_model(em_session *s, const char *path, em_error *err)
{
    em_status rc = EM_OK;
    char *own = NULL;
    em_hash key;
    if (s->inputs.config.model && !path) return read_model(s, s->inputs.config.model, err);
    EM_TRY(em_train_key(&s->inputs, &s->plan, &key, err));
    EM_TRY(em_train_path(&s->inputs, &key, s->work, &own, err));
    if (!path && em_file_exists(own)) {
        rc = read_model(s, own, err);
        goto done;
    }
    EM_TRY(em_train_grow(&s->inputs, &s->plan, &key, path ? path : own, s->threads, &s->tell,
                         &s->model, &s->training, err));
    s->grown = true;
done:
    em_free(own);
    return rc;
}
