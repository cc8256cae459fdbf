/* `ecomon scan` and `ecomon check`: what there is, and what is wrong with it, without any work. */
#include <math.h>
#include <string.h>

#include "pipeline/base/date.h"
#include "pipeline/base/memory.h"
#include "pipeline/io/model_file.h"
#include "pipeline/run/run.h"

static void print_scene(em_str *out, const em_scene *s)
{
    char when[32];
    char cloud[64] = "-";
    em_time_print(s->time, when);
    if (!isnan(s->cloud_pct)) em_print_fixed(s->cloud_pct, 1, cloud);
    em_str_printf(out, "%s  %-8s %-6s %-6s %6s  %-12.40s %s\n", when, s->sensor,
                  s->tile[0] ? s->tile : "-", s->baseline[0] ? s->baseline : "-", cloud, s->crs,
                  s->id);
}

static void print_lines(em_str *out, const char *head, const em_list *lines)
{
    for (size_t i = 0; i < lines->n; i++) em_str_printf(out, "%s: %s\n", head, lines->items[i]);
}

em_status em_run_scan(const em_request *request, em_list *faults, em_summary *summary,
                      em_error *err)
{
    em_inputs in;
    em_status rc = em_inputs_scan(request, faults, &in, err);
    if (rc != EM_OK) return rc;
    em_str *const out = &summary->text;
    em_str_printf(out, "%-20s  %-8s %-6s %-6s %6s  %-12s %s\n", "sensing time", "sensor", "tile",
                  "base", "cloud%", "crs", "scene");
    for (size_t i = 0; i < in.catalogue.n; i++) print_scene(out, &in.catalogue.scenes[i]);
    em_str_printf(out, "%zu scenes, %zu rejected\n", in.catalogue.n, in.catalogue.n_rejected);
    for (size_t i = 0; i < in.catalogue.n_rejected; i++) {
        em_str_printf(out, "rejected: %s: %s\n", in.catalogue.rejected[i].path,
                      in.catalogue.rejected[i].why);
    }
    print_lines(out, "note", &in.catalogue.notes);
    const bool partial = in.catalogue.n_rejected > 0;
    const bool none = in.catalogue.n == 0;
    em_inputs_release(&in);
    rc = em_str_check(out, err);
    if (rc != EM_OK) return rc;
    if (none) return em_fail(err, EM_EINPUT, "no usable scene in any of the sources");
    return partial ? em_fail(err, EM_EPARTIAL, "some scenes cannot be used") : EM_OK;
}

static em_status check_model(const em_inputs *in, em_error *err)
{
    em_status rc = EM_OK;
    em_model model = {0};
    const char **names = NULL;
    if (!in->config.model) return EM_OK;
    EM_TRY(em_model_read(in->config.model, &model, err));
    EM_TRY(em_calloc(in->features.n, sizeof *names, "feature names", &names, err));
    for (size_t f = 0; f < in->features.n; f++) names[f] = in->features.items[f].name;
    rc = em_model_fits(&model, names, in->features.n, err);
    if (rc != EM_OK) rc = em_context(err, rc, "%s", in->config.model);
done:
    em_free(names);
    em_model_release(&model);
    return rc;
}

static em_status check_validation(const em_inputs *in, em_error *err)
{
    em_samples samples;
    const em_config_samples *const v = &in->config.validation;
    if (!v->path) return EM_OK;
    const em_samples_source source = {
        .path = v->path, .layer = v->layer, .field = v->field, .crs = v->crs};
    const em_status rc = em_samples_read(&source, &in->grid, &samples, err);
    if (rc == EM_OK) em_samples_release(&samples);
    return rc;
}

static em_status add_fault(em_list *faults, const char *what, const char *why, em_error *err)
{
    em_str text = {0};
    em_str_printf(&text, "%s%s%s", what, what[0] ? ": " : "", why);
    em_status rc = em_str_check(&text, err);
    if (rc == EM_OK) rc = em_list_add(faults, text.data, err);
    em_str_release(&text);
    return rc;
}

/* Faults of single scenes and units: the run would go on without them. */
static em_status list_partial(const em_inputs *in, em_list *faults, em_status *worst, em_error *err)
{
    em_status rc = EM_OK;
    for (size_t i = 0; i < in->catalogue.n_rejected && rc == EM_OK; i++) {
        rc = add_fault(faults, "scene rejected", in->catalogue.rejected[i].why, err);
        *worst = em_worst(*worst, EM_EPARTIAL);
    }
    for (size_t u = 0; u < in->units.n && rc == EM_OK; u++) {
        if (in->units.items[u].state == EM_UNIT_OK) continue;
        em_str what = {0};
        em_str_printf(&what, "unit %s %s rejected", in->units.items[u].code,
                      in->units.items[u].name);
        rc = add_fault(faults, em_str_text(&what), in->units.items[u].why, err);
        em_str_release(&what);
        *worst = em_worst(*worst, EM_EPARTIAL);
    }
    return rc;
}

static void print_check(em_str *out, const em_inputs *in)
{
    em_str_printf(out, "region %s, period %s (%d features)\n", in->config.region, in->period.name,
                  (int)in->features.n);
    em_str_printf(out, "scenes: %zu usable, %zu rejected\n", in->catalogue.n,
                  in->catalogue.n_rejected);
    em_str_printf(out, "units: %zu; samples: %zu, %zu rejected\n", in->units.n, in->samples.n,
                  in->samples.n_rejected);
    em_str_printf(out, "grid: %s, pixel %g, tiles of %d\n", in->grid.crs, in->grid.px,
                  in->grid.tile);
    print_lines(out, "note", &in->catalogue.notes);
    print_lines(out, "note", &in->notes);
    print_lines(out, "note", &in->units.notes);
    print_lines(out, "note", &in->samples.notes);
}

em_status em_run_check(const em_request *request, em_list *faults, em_summary *summary,
                       em_error *err)
{
    em_inputs in;
    em_error why;
    em_status worst = em_inputs_read(request, faults, &in, err);
    if (worst != EM_OK) return worst;
    em_status rc = list_partial(&in, faults, &worst, err);
    em_status (*const checks[])(const em_inputs *, em_error *) = {check_model, check_validation};
    for (size_t i = 0; i < sizeof checks / sizeof *checks && rc == EM_OK; i++) {
        const em_status found = checks[i](&in, &why);
        if (found != EM_OK) rc = add_fault(faults, "", why.text, err);
        worst = em_worst(worst, found);
    }
    print_check(&summary->text, &in);
    if (worst == EM_OK) em_str_append(&summary->text, "nothing is wrong\n");
    em_inputs_release(&in);
    if (rc == EM_OK) rc = em_str_check(&summary->text, err);
    if (rc != EM_OK) return rc;
    return worst == EM_OK ? EM_OK : em_fail(err, worst, "%s", faults->items[0]);
}
