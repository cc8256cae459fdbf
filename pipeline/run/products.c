#include "pipeline/run/products.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/publish/extent_table.h"
#include "pipeline/publish/manifest.h"
#include "pipeline/publish/maps.h"
#include "pipeline/run/accuracy.h"
#include "pipeline/run/describe.h"

em_rect em_products_area(const em_inputs *inputs)
{
    em_rect area = {0};
    for (size_t u = 0; u < inputs->units.n; u++) {
        const em_unit *const unit = &inputs->units.items[u];
        if (unit->state == EM_UNIT_OK) area = em_rect_union(area, unit->box);
    }
    return area;
}

/* ---- maps ---- */

static em_status write_maps(const em_session *s, const em_results *results, const char *folder,
                            em_list *files, em_error *err)
{
    em_status rc = EM_OK;
    em_map_tile *tiles = NULL;
    const em_config *const c = &s->inputs.config;
    EM_TRY(em_calloc(results->n + 1, sizeof *tiles, "map tiles", &tiles, err));
    for (size_t r = 0; r < results->n; r++) {
        const em_tile_result *const result = &results->items[r];
        tiles[r] = (em_map_tile){.rect = s->plan.tiles.items[result->tile].rect,
                                 .path = result->failed ? NULL : result->path,
                                 .key = result->carried ? NULL : &result->key};
    }
    const em_rect area = em_products_area(&s->inputs);
    for (size_t p = 0; p < c->n_product; p++) {
        EM_TRY(em_map_publish(&s->inputs.grid, area, tiles, results->n, c->products[p], folder,
                              files, err));
    }
done:
    em_free(tiles);
    return rc;
}

/* ---- the table ---- */

/* Codes that every table has are 1 to 7; the model may know 8 and 9 too. */
static size_t extra_codes(const em_model *model, uint8_t out[EM_MODEL_CLASSES])
{
    size_t n = 0;
    for (int32_t k = 0; k < model->n_class; k++) {
        if (model->codes[k] > 7) out[n++] = model->codes[k];
    }
    return n;
}

/* Whether a fault of the areas begins with the unit's type and code, and then a blank or colon. */
static bool is_fault(const em_areas *areas, const char *type, const char *code)
{
    char head[400];
    const int n = snprintf(head, sizeof head, "%s %s", type, code);
    for (size_t i = 0; i < areas->faults.n && n > 0 && n < (int)sizeof head; i++) {
        const char *const fault = areas->faults.items[i];
        if (strncmp(fault, head, (size_t)n) == 0 && strchr(" :", fault[n])) return true;
    }
    return false;
}

static size_t fill_units(const em_session *s, const em_areas *areas, em_extent_unit *out)
{
    size_t n = 0;
    const em_config_county *const county = &s->inputs.config.county;
    const bool with_county = county->code[0] && areas->n_town;
    if (with_county) {
        out[n++] = (em_extent_unit){.code = county->code,
                                    .type = "county",
                                    .name = county->name ? county->name : "",
                                    .area = areas->county.area,
                                    .px = areas->county.px,
                                    .known = areas->county.complete,
                                    .mismatch = is_fault(areas, "county", county->code)};
    }
    for (size_t u = 0; u < s->inputs.units.n; u++) {
        const em_unit *const unit = &s->inputs.units.items[u];
        const bool mismatch = is_fault(areas, unit->type, unit->code);
        if (with_county && mismatch && strcmp(unit->type, "town") == 0) out[0].mismatch = true;
        out[n++] = (em_extent_unit){.code = unit->code,
                                    .type = unit->type,
                                    .name = unit->name,
                                    .area = areas->units[u].area,
                                    .px = areas->units[u].px,
                                    .known = areas->units[u].complete,
                                    .mismatch = mismatch};
    }
    return n;
}

static em_status write_table(const em_session *s, const em_areas *areas, const char *run_id,
                             bool assessed, const char *folder, em_list *files, em_error *err)
{
    char method[32];
    uint8_t extra[EM_MODEL_CLASSES];
    em_extent_unit *units = NULL;
    em_status rc = em_calloc(s->inputs.units.n + 1, sizeof *units, "table units", &units, err);
    if (rc != EM_OK) return rc;
    snprintf(method, sizeof method, "rf_v%d", EM_CLASSIFY_VERSION);
    const em_extent_table table = {.run_id = run_id,
                                   .period = s->inputs.period.name,
                                   .method = method,
                                   .units = units,
                                   .n_unit = fill_units(s, areas, units),
                                   .extra = extra,
                                   .n_extra = extra_codes(&s->model, extra),
                                   .assessed = assessed,
                                   .bom = s->inputs.config.csv_bom};
    rc = em_extent_publish(&table, folder, files, err);
    em_free(units);
    return rc;
}

/* ---- quality ---- */

/* Whether the model was grown from the very places that it would be judged by. */
static em_status are_samples(const em_session *s, bool *out, em_error *err)
{
    em_hash samples;
    em_hash validation;
    const em_config *const c = &s->inputs.config;
    *out = false;
    if (!c->samples.path) return EM_OK;
    em_status rc = em_ledger_hash(s->ledger, c->samples.path, &samples, err);
    if (rc == EM_OK) rc = em_ledger_hash(s->ledger, c->validation.path, &validation, err);
    if (rc == EM_OK) *out = strcmp(samples.hex, validation.hex) == 0;
    return rc;
}

static em_status validate(em_session *s, const char *folder, em_publication *publication,
                          json_t **out, em_error *err)
{
    em_status rc = EM_OK;
    em_str path = {0};
    em_str json = {0};
    bool same = false;
    *out = NULL;
    if (!s->inputs.config.validation.path) return EM_OK;
    EM_TRY(are_samples(s, &same, err));
    if (same) {
        rc = em_session_note(s, err,
                             "no accuracy: validation and samples are one file, and a map fits "
                             "its own samples");
        goto done;
    }
    em_str_printf(&path, "%s/class.tif", folder);
    EM_TRY(em_str_check(&path, err));
    if (!em_file_exists(path.data)) {
        rc = em_session_note(s, err, "no accuracy: the products have no class map");
        goto done;
    }
    EM_TRY(em_accuracy_points(path.data, &s->inputs.config.validation, &s->inputs.grid,
                              &publication->validation, &json, err));
    *out = json_loadb(json.data, json.size, 0, NULL);
    if (!*out) rc = em_fail(err, EM_EINTERNAL, "the validation's JSON cannot be read");
done:
    em_str_release(&path);
    em_str_release(&json);
    return rc == EM_OK ? rc : em_context(err, rc, "validation");
}

static em_status write_quality(const em_session *s, const em_areas *areas, json_t *validation,
                               const char *folder, em_list *files, em_error *err)
{
    json_t *root = NULL;
    em_status rc = em_describe_quality(s, areas, validation, &root, err);
    if (rc == EM_OK) rc = em_json_publish(root, folder, "quality.json", err);
    if (rc == EM_OK) rc = em_list_add(files, "quality.json", err);
    json_decref(root);
    return rc;
}

/* ---- all ---- */

em_status em_products_record(const em_session *s, const em_publication *publication,
                             em_status status, const char *error, const char *folder, em_error *err)
{
    json_t *root = NULL;
    em_status rc = em_describe_record(s, publication, status, error, &root, err);
    if (rc == EM_OK) rc = em_json_publish(root, folder, "run.json", err);
    json_decref(root);
    return rc;
}

em_status em_products_write(em_session *s, const em_results *results, const em_areas *areas,
                            em_publication *publication, const char *folder, em_error *err)
{
    em_status rc = EM_OK;
    em_list files = {0};
    json_t *validation = NULL;
    json_t *root = NULL;
    EM_TRY(write_maps(s, results, folder, &files, err));
    EM_TRY(validate(s, folder, publication, &validation, err));
    EM_TRY(write_table(s, areas, publication->run_id, validation != NULL, folder, &files, err));
    EM_TRY(write_quality(s, areas, validation, folder, &files, err));
    EM_TRY(em_products_record(s, publication, s->worst, "", folder, err));
    EM_TRY(em_describe_run(s, results, publication, &root, err));
    EM_TRY(em_manifest_publish(root, folder, &files, "run.json", err));
done:
    json_decref(root);
    json_decref(validation);
    em_list_release(&files);
    return rc;
}
