#include "pipeline/config/config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"
#include "pipeline/config/fill.h"

enum { MOST_BYTES = 1 << 20 };

/* ---- release ---- */

static void release_source(em_config_source *s)
{
    for (size_t b = 0; b < s->n_band; b++) {
        em_free(s->bands[b].role);
        em_free(s->bands[b].file);
    }
    em_free(s->bands);
    em_free(s->path);
    em_free(s->format);
    em_free(s->sensor);
    em_free(s->file);
    em_free(s->date);
    em_free(s->mask_file);
    em_free(s->mask_values);
}

static void release_layer(em_config_layer *l)
{
    char *const texts[] = {l->path,   l->layer, l->code,        l->name,
                           l->parent, l->type,  l->code_system, l->encoding};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) em_free(texts[i]);
}

static void release_samples(em_config_samples *s)
{
    for (size_t i = 0; i < s->n_map; i++) em_free(s->from[i]);
    em_free(s->from);
    em_free(s->to);
    em_free(s->path);
    em_free(s->layer);
    em_free(s->field);
    em_free(s->crs);
}

static void release_features(em_config_features *f)
{
    for (size_t i = 0; i < f->n_list; i++) em_free(f->list[i]);
    for (size_t i = 0; i < f->n_window; i++) em_free(f->windows[i].name);
    em_free(f->list);
    em_free(f->windows);
    em_free(f->upsample);
    em_free(f->gap);
}

void em_config_release(em_config *c)
{
    for (size_t i = 0; i < c->n_source; i++) release_source(&c->sources[i]);
    for (size_t i = 0; i < c->n_layer; i++) release_layer(&c->layers[i]);
    for (size_t i = 0; i < c->n_product; i++) em_free(c->products[i]);
    release_samples(&c->samples);
    release_samples(&c->validation);
    release_features(&c->features);
    char *const texts[] = {c->file,
                           c->folder,
                           c->job,
                           c->region,
                           c->period,
                           c->out,
                           c->work,
                           c->model,
                           c->grid.crs,
                           c->grid.resample,
                           c->county.code,
                           c->county.name,
                           c->county.boundary,
                           c->county.layer};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) em_free(texts[i]);
    em_free(c->sources);
    em_free(c->layers);
    em_free(c->products);
    em_free(c->mask.scl);
    *c = (em_config){0};
}

/* ---- what no single key can tell ---- */

static em_status need(em_faults *faults, const em_node *node, bool there, const char *what)
{
    return there ? EM_OK
                 : em_fault_add(faults, node ? node->line : 1, node ? node->column : 1, "%s", what);
}

static em_status check_source(em_faults *faults, const em_node *list, size_t i,
                              const em_config_source *s)
{
    const em_node *const node =
        list && list->kind == EM_NODE_LIST && i < list->n ? list->items[i] : list;
    em_status rc = need(faults, node, s->path != NULL, "scenes[]: path is missing");
    if (rc != EM_OK || !s->format || strcmp(s->format, "geotiff") != 0) return rc;
    rc = need(faults, node, s->n_band > 0, "scenes[]: a GeoTIFF stack needs bands");
    if (rc == EM_OK)
        rc = need(faults, node, s->date != NULL, "scenes[]: a GeoTIFF stack needs date");
    size_t own = 0;
    for (size_t b = 0; b < s->n_band; b++) own += s->bands[b].file != NULL;
    if (rc == EM_OK && s->n_band && own < s->n_band && !s->file) {
        rc = need(faults, node, false,
                  "scenes[]: bands without a file pattern of their own need file");
    }
    if (rc == EM_OK && s->mask_band > 0 && s->n_mask_value == 0 && s->mask_bits == 0) {
        rc = need(faults, node, false, "scenes[]: mask needs values or bits");
    }
    if (rc == EM_OK && em_node_get(em_node_get(node, "mask"), "values") && s->mask_band == 0) {
        rc = need(faults, node, false, "scenes[]: mask needs band");
    }
    return rc;
}

static em_status check_whole(const em_config *c, const em_node *root, em_faults *faults)
{
    em_status rc =
        need(faults, root, c->region != NULL || em_node_get(root, "region"), "region is missing");
    if (rc == EM_OK)
        rc = need(faults, root, em_node_get(root, "scenes") != NULL, "scenes is missing");
    if (rc == EM_OK)
        rc = need(faults, root, em_node_get(root, "units") != NULL, "units is missing");
    const em_node *const units = em_node_get(root, "units");
    if (rc == EM_OK && units) {
        rc = need(faults, units,
                  units->kind == EM_NODE_SCALAR || em_node_get(units, "layers") != NULL,
                  "units: layers is missing");
    }
    if (rc == EM_OK) {
        rc = need(faults, root, em_node_get(root, "samples") || em_node_get(root, "model"),
                  "samples or model is missing");
    }
    for (size_t i = 0; i < c->n_source && rc == EM_OK; i++) {
        rc = check_source(faults, em_node_get(root, "scenes"), i, &c->sources[i]);
    }
    for (size_t i = 0; i < c->n_layer && rc == EM_OK; i++) {
        const em_node *const layers = em_node_get(units, "layers");
        rc = need(faults, layers ? layers : units, c->layers[i].path != NULL,
                  "units.layers[]: path is missing");
    }
    const em_node *const samples = em_node_get(root, "samples");
    if (rc == EM_OK && samples)
        rc = need(faults, samples, c->samples.path != NULL, "samples: path is missing");
    return rc;
}

/* `units: towns.gpkg` is short for one town layer. */
static em_status fill_top(em_filler *f, em_node *root, em_config *out)
{
    em_node *const units = em_node_get(root, "units");
    em_node list = {.kind = EM_NODE_LIST};
    em_node key = {.kind = EM_NODE_SCALAR};
    char name[] = "layers";
    em_node *items[1] = {units};
    em_node *keys[1] = {&key};
    em_node map = {.kind = EM_NODE_MAP, .items = items, .keys = keys, .n = 1};
    key.text = name;
    if (!units || units->kind == EM_NODE_MAP) return em_fill_section(f, "", root, out);
    list = (em_node){
        .kind = EM_NODE_LIST, .line = units->line, .column = units->column, .items = items, .n = 1};
    em_node *inner[1] = {units->kind == EM_NODE_LIST ? units : &list};
    map = (em_node){.kind = EM_NODE_MAP,
                    .line = units->line,
                    .column = units->column,
                    .items = inner,
                    .keys = keys,
                    .n = 1};
    size_t at = 0;
    while (root->items[at] != units) at++;
    root->items[at] = &map;
    const em_status rc = em_fill_section(f, "", root, out);
    root->items[at] = units;
    return rc;
}

/* ---- jobs ---- */

/* `over` laid over `under`: a tree of borrowed nodes whose own arrays only are to be freed. */
typedef struct layered {
    em_node nodes[64];
    size_t n;
} layered;

static em_status lay_over(layered *l, em_node *under, em_node *over, em_node **out, em_error *err)
{
    if (!under || under->kind != EM_NODE_MAP || over->kind != EM_NODE_MAP || l->n == 64) {
        *out = over;
        return EM_OK;
    }
    em_node *const both = &l->nodes[l->n++];
    *both = (em_node){.kind = EM_NODE_MAP, .line = over->line, .column = over->column};
    em_status rc = em_calloc(under->n + over->n, sizeof *both->items, "job", &both->items, err);
    if (rc == EM_OK)
        rc = em_calloc(under->n + over->n, sizeof *both->keys, "job", &both->keys, err);
    for (size_t i = 0; i < under->n && rc == EM_OK; i++) {
        em_node *const above = em_node_get(over, under->keys[i]->text);
        both->keys[both->n] = under->keys[i];
        both->items[both->n] = under->items[i];
        if (above) rc = lay_over(l, under->items[i], above, &both->items[both->n], err);
        both->n++;
    }
    for (size_t i = 0; i < over->n && rc == EM_OK; i++) {
        if (em_node_get(under, over->keys[i]->text)) continue;
        both->keys[both->n] = over->keys[i];
        both->items[both->n++] = over->items[i];
    }
    *out = both;
    return rc;
}

static void layered_release(layered *l)
{
    for (size_t i = 0; i < l->n; i++) {
        em_free(l->nodes[i].items);
        em_free(l->nodes[i].keys);
    }
    l->n = 0;
}

static em_status check_job_keys(em_faults *faults, const em_node *job)
{
    static const char *const fixed[] = {"region", "jobs"};
    if (job->kind != EM_NODE_MAP)
        return em_fault_add(faults, job->line, job->column, "a job is a mapping of settings");
    for (size_t i = 0; i < job->n; i++) {
        for (size_t k = 0; k < 2; k++) {
            if (strcmp(job->keys[i]->text, fixed[k]) != 0) continue;
            return em_fault_add(faults, job->keys[i]->line, job->keys[i]->column,
                                "a job cannot set \"%s\"", fixed[k]);
        }
    }
    return EM_OK;
}

static em_status unknown_job(em_faults *faults, const em_node *jobs, const char *job)
{
    em_str text = {0};
    em_str_printf(&text, "no job \"%.60s\"; jobs are:", job);
    for (size_t i = 0; jobs && i < jobs->n; i++) em_str_printf(&text, " %s", jobs->keys[i]->text);
    if (!jobs || !jobs->n) em_str_append(&text, " none");
    const em_status rc = em_fault_add(faults, jobs ? jobs->line : 1, jobs ? jobs->column : 1, "%s",
                                      em_str_text(&text));
    em_str_release(&text);
    return rc;
}

static em_status read_one(em_filler *f, em_node *root, em_config *out)
{
    em_status rc = fill_top(f, root, out);
    if (rc == EM_OK) rc = check_whole(out, root, f->faults);
    return rc;
}

/* Reads the config as the chosen job sees it, and every other job for its faults. */
static em_status read_all(em_filler *f, em_node *root, const char *job, em_config *out)
{
    em_node *const jobs = em_node_get(root, "jobs");
    em_status rc = EM_OK;
    bool found = false;
    if (jobs && jobs->kind != EM_NODE_MAP) {
        return em_fault_add(f->faults, jobs->line, jobs->column,
                            "jobs: expected a mapping of name to settings");
    }
    if (!job) rc = read_one(f, root, out);
    for (size_t j = 0; jobs && j < jobs->n && rc == EM_OK; j++) {
        layered l = {.n = 0};
        em_config other = {0};
        em_node *whole = NULL;
        const bool chosen = job && strcmp(job, jobs->keys[j]->text) == 0;
        const size_t before = f->faults->n;
        found = found || chosen;
        rc = check_job_keys(f->faults, jobs->items[j]);
        if (rc == EM_OK && f->faults->n == before) {
            rc = lay_over(&l, root, jobs->items[j], &whole, f->err);
            if (rc == EM_OK) rc = read_one(f, whole, chosen ? out : &other);
        }
        layered_release(&l);
        em_config_release(&other);
    }
    if (rc == EM_OK && job && !found) rc = unknown_job(f->faults, jobs, job);
    return rc;
}

/* ---- reading ---- */

static int by_place(const void *a, const void *b)
{
    const em_fault *const p = a;
    const em_fault *const q = b;
    if (p->line != q->line) return p->line < q->line ? -1 : 1;
    if (p->column != q->column) return p->column < q->column ? -1 : 1;
    return strcmp(p->text, q->text);
}

/* Every fault once, in file order. */
static em_status tell_faults(const char *path, em_faults *faults, em_list *out, em_error *err)
{
    em_status rc = EM_OK;
    qsort(faults->items, faults->n, sizeof *faults->items, by_place);
    for (size_t i = 0; i < faults->n && rc == EM_OK; i++) {
        if (i && by_place(&faults->items[i - 1], &faults->items[i]) == 0) continue;
        em_str line = {0};
        em_str_printf(&line, "%s:%d:%d: %s", path, faults->items[i].line, faults->items[i].column,
                      faults->items[i].text);
        rc = em_str_check(&line, err);
        if (rc == EM_OK) rc = em_list_add(out, line.data, err);
        if (rc == EM_OK && i == 0) em_fail(err, EM_ECONFIG, "%s", line.data);
        em_str_release(&line);
    }
    return rc == EM_OK ? EM_ECONFIG : rc;
}

static em_status set_places(const char *path, const char *job, em_config *out, em_error *err)
{
    em_status rc = EM_OK;
    char *here = NULL;
    em_free(out->file);
    em_free(out->folder);
    here = getcwd(NULL, 0);
    EM_TRY(em_path_join(here ? here : ".", path, &out->file, err));
    EM_TRY(em_path_folder(out->file, &out->folder, err));
    if (job) EM_TRY(em_strdup(job, &out->job, err));
    if (out->out && !out->work) EM_TRY(em_path_join(out->out, "work", &out->work, err));
done:
    free(here);
    return rc;
}

em_status em_config_read(const char *path, const char *job, em_config *out, em_list *faults,
                         em_error *err)
{
    em_status rc = EM_OK;
    em_str text = {0};
    em_node *root = NULL;
    em_faults found = {0};
    *out = (em_config){0};
    rc = em_file_read(path, MOST_BYTES, &text, err);
    if (rc == EM_EINPUT) rc = em_context(err, EM_ECONFIG, "config");
    if (rc != EM_OK) goto done;
    em_config places = {0};
    EM_TRY(set_places(path, NULL, &places, err));
    em_filler f = {.folder = places.folder, .faults = &found, .err = err};
    rc = em_yaml_parse(em_str_text(&text), text.size, &root, &found, err);
    if (rc == EM_OK && !root && !found.n) rc = em_fault_add(&found, 1, 1, "the file is empty");
    if (rc == EM_OK && root && root->kind != EM_NODE_MAP) {
        rc = em_fault_add(&found, root->line, root->column, "a config is a mapping of keys");
    } else if (rc == EM_OK && root) {
        rc = read_all(&f, root, job, out);
    }
    em_config_release(&places);
    if (rc == EM_OK && found.n) rc = tell_faults(path, &found, faults, err);
    if (rc == EM_OK) rc = set_places(path, job, out, err);
done:
    if (rc != EM_OK) em_config_release(out);
    em_faults_release(&found);
    em_node_free(root);
    em_str_release(&text);
    return rc;
}
