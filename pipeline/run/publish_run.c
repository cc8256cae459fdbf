#include "pipeline/run/publish_run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/base/memory.h"
#include "pipeline/config/classes.h"
#include "pipeline/run/products.h"

#define PIXEL_SECONDS                                                                              \
    6e-7 /* of one pixel of the maps: assembling, overviews, packing, reading back */

double em_publication_cost(const em_session *s)
{
    const em_rect area = em_products_area(&s->inputs);
    return 0.5 + PIXEL_SECONDS * (double)(area.x1 - area.x0) * (double)(area.y1 - area.y0);
}

/* ---- identity ---- */

static em_status hash_tables(em_hasher *h, const em_session *s, em_error *err)
{
    em_status rc = EM_OK;
    em_str text = {0};
    const em_config *const c = &s->inputs.config;
    char tolerance[32] = "";
    if (!isnan(c->county.tolerance_pct)) em_print_double(c->county.tolerance_pct, tolerance);
    em_str_printf(&text, "publish|%d|%s|%s|%s|%d|%s", EM_PUBLISH_VERSION, c->region, c->county.code,
                  c->county.name ? c->county.name : "", c->csv_bom, tolerance);
    for (size_t i = 0; i < c->n_product; i++) em_str_printf(&text, "|%s", c->products[i]);
    for (size_t u = 0; u < s->inputs.units.n; u++) {
        const em_unit *const unit = &s->inputs.units.items[u];
        em_str_printf(&text, "\n%s|%s|%s|%s|%s|%d", unit->type, unit->code, unit->name,
                      unit->parent, unit->code_system, unit->state);
    }
    EM_TRY(em_str_check(&text, err));
    EM_TRY(em_hasher_add_text(h, text.data, err));
done:
    em_str_release(&text);
    return rc;
}

/* Files beside the scenes that the tables depend on. */
static em_status hash_files(em_hasher *h, const em_session *s, em_error *err)
{
    const em_config *const c = &s->inputs.config;
    const char *const paths[] = {c->validation.path, c->county.boundary};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        em_hash file = {0};
        em_status rc = paths[i] ? em_ledger_hash(s->ledger, paths[i], &file, err) : EM_OK;
        if (rc == EM_OK) rc = em_hasher_add_text(h, file.hex, err);
        if (rc != EM_OK) return rc;
    }
    return EM_OK;
}

static em_status name_run(const em_session *s, const em_results *results, char out[64],
                          em_error *err)
{
    em_status rc = EM_OK;
    em_hasher *h = NULL;
    em_hash all;
    EM_TRY(em_hasher_new(&h, err));
    EM_TRY(hash_tables(h, s, err));
    EM_TRY(hash_files(h, s, err));
    EM_TRY(em_results_identity(&s->inputs, &s->plan, &s->model.content, results, &all, err));
    EM_TRY(em_hasher_add_text(h, all.hex, err));
    EM_TRY(em_hasher_finish(h, &all, err));
    snprintf(out, 64, "%s-%.12s", s->inputs.period.name, all.hex);
done:
    em_hasher_free(h);
    return rc;
}

/* Where `current` points, "" where it does not. */
static void read_current(const em_session *s, char out[64])
{
    char path[4096];
    const int n = snprintf(path, sizeof path, "%s/current", s->folder);
    const ssize_t got = n > 0 && n < (int)sizeof path ? readlink(path, out, 63) : -1;
    out[got > 0 ? got : 0] = '\0';
}

em_status em_publication_plan(const em_session *session, const em_results *results,
                              em_publication *out, em_error *err)
{
    em_status rc = EM_OK;
    char current[64];
    em_str manifest = {0};
    *out = (em_publication){0};
    EM_TRY(name_run(session, results, out->run_id, err));
    em_str_printf(&out->folder, "%s/%s", session->folder, out->run_id);
    EM_TRY(em_str_check(&out->folder, err));
    em_str_printf(&manifest, "%s/manifest.json", out->folder.data);
    EM_TRY(em_str_check(&manifest, err));
    read_current(session, current);
    out->exists = em_file_exists(manifest.data);
    out->is_current = out->exists && strcmp(current, out->run_id) == 0;
done:
    em_str_release(&manifest);
    if (rc != EM_OK) em_publication_release(out);
    return rc;
}

void em_publication_release(em_publication *p)
{
    em_str_release(&p->folder);
    em_str_release(&p->validation);
}

/* ---- folders ---- */

/* Folders that a run which died left behind: the lock is ours, so no living run has one. */
static em_status sweep(const em_session *s, em_error *err)
{
    em_status rc = EM_OK;
    em_list names = {0};
    em_str path = {0};
    EM_TRY(em_folder_list(s->folder, &names, err));
    for (size_t i = 0; i < names.n; i++) {
        if (strncmp(names.items[i], ".making-", 8) != 0) continue;
        em_str_clear(&path);
        em_str_printf(&path, "%s/%s", s->folder, names.items[i]);
        EM_TRY(em_str_check(&path, err));
        EM_TRY(em_remove_tree(path.data, err));
    }
done:
    em_str_release(&path);
    em_list_release(&names);
    return rc;
}

static em_status move_current(const em_session *s, const em_publication *p, em_error *err)
{
    em_str link = {0};
    em_str_printf(&link, "%s/current", s->folder);
    em_status rc = em_str_check(&link, err);
    if (rc == EM_OK) rc = em_link_publish(link.data, p->run_id, err);
    em_str_release(&link);
    return rc;
}

static em_status place(em_session *s, const em_publication *p, const char *making, em_error *err)
{
    em_status rc = EM_OK;
    em_str parent = {0};
    if (p->quarantined) {
        em_str_printf(&parent, "%s/quarantine", s->folder);
        EM_TRY(em_str_check(&parent, err));
        EM_TRY(em_mkdirs(parent.data, err));
        EM_TRY(em_remove_tree(p->folder.data, err)); /* the same run, quarantined before */
    }
    EM_TRY(em_folder_publish(making, p->folder.data, err));
    if (!p->quarantined) EM_TRY(move_current(s, p, err));
done:
    em_str_release(&parent);
    return rc;
}

em_status em_publication_write(em_session *session, const em_results *results,
                               const em_areas *areas, em_publication *publication, em_error *err)
{
    em_status rc = EM_OK;
    em_str making = {0};
    publication->quarantined = areas->faults.n > 0;
    if (publication->exists && !publication->quarantined) /* made before, and good as it is */
        return move_current(session, publication, err);
    em_str_printf(&making, "%s/.making-%s", session->folder, publication->run_id);
    EM_TRY(em_str_check(&making, err));
    EM_TRY(em_mkdirs(session->folder, err));
    EM_TRY(sweep(session, err));
    EM_TRY(em_mkdirs(making.data, err));
    if (publication->quarantined) {
        em_str_clear(&publication->folder);
        em_str_printf(&publication->folder, "%s/quarantine/%s", session->folder,
                      publication->run_id);
        EM_TRY(em_str_check(&publication->folder, err));
    }
    EM_TRY(em_products_write(session, results, areas, publication, making.data, err));
    EM_TRY(place(session, publication, making.data, err));
done:
    if (rc != EM_OK && making.data) em_remove_tree(making.data, NULL);
    em_str_release(&making);
    return rc;
}
