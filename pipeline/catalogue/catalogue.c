#include "pipeline/catalogue/catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"
#include "pipeline/catalogue/adapter.h"

enum { MOST_DEPTH = 6 };

static const em_adapter *const adapters[] = {&em_adapter_safe, &em_adapter_geotiff};

typedef struct scan {
    const em_config_source *source;
    const em_adapter *adapter;
    em_catalogue *out;
    size_t cap, cap_rejected;
    em_error *err;
} scan;

static em_status reject(scan *s, const char *path, const char *why)
{
    em_catalogue *const c = s->out;
    em_status rc = em_reserve(&c->rejected, &s->cap_rejected, c->n_rejected, c->n_rejected + 1,
                              sizeof *c->rejected, "rejected scenes", s->err);
    if (rc != EM_OK) return rc;
    em_rejected *const r = &c->rejected[c->n_rejected++];
    *r = (em_rejected){0};
    rc = em_strdup(path, &r->path, s->err);
    return rc == EM_OK ? em_strdup(why, &r->why, s->err) : rc;
}

static em_status open_scene(scan *s, const char *found)
{
    em_catalogue *const c = s->out;
    em_status rc =
        em_reserve(&c->scenes, &s->cap, c->n, c->n + 1, sizeof *c->scenes, "scenes", s->err);
    if (rc != EM_OK) return rc;
    em_error why = {0};
    c->scenes[c->n] = (em_scene){0};
    rc = s->adapter->open(s->source, found, &c->scenes[c->n], &c->notes, &why);
    if (rc == EM_OK) {
        c->n++;
        return EM_OK;
    }
    if (rc == EM_EINPUT) return reject(s, found, why.text);
    if (s->err) *s->err = why;
    return rc;
}

static em_status scan_folder(scan *s, const char *folder, const char *pattern, int depth);

static em_status scan_entries(scan *s, const char *folder, const em_list *names, int depth)
{
    em_status rc = EM_OK;
    bool *is_folder = NULL;
    em_list found = {0};
    em_str path = {0};
    EM_TRY(em_calloc(names->n + 1, sizeof *is_folder, "folder list", &is_folder, s->err));
    for (size_t i = 0; i < names->n; i++) {
        em_str_clear(&path);
        em_str_printf(&path, "%s/%s", folder, names->items[i]);
        EM_TRY(em_str_check(&path, s->err));
        is_folder[i] = em_folder_exists(path.data);
    }
    EM_TRY(s->adapter->find(s->source, folder, names, is_folder, &found, s->err));
    for (size_t i = 0; i < found.n; i++) EM_TRY(open_scene(s, found.items[i]));
    for (size_t i = 0; i < names->n && depth < MOST_DEPTH; i++) {
        if (!is_folder[i] || s->adapter->owns_folder(names->items[i])) continue;
        em_str_clear(&path);
        em_str_printf(&path, "%s/%s", folder, names->items[i]);
        EM_TRY(em_str_check(&path, s->err));
        EM_TRY(scan_folder(s, path.data, NULL, depth + 1));
    }
done:
    em_free(is_folder);
    em_list_release(&found);
    em_str_release(&path);
    return rc;
}

/* `pattern` (NULL: all) chooses among the entries of the topmost folder. */
static em_status scan_folder(scan *s, const char *folder, const char *pattern, int depth)
{
    em_list all = {0};
    em_list names = {0};
    em_status rc = em_folder_list(folder, &all, s->err);
    for (size_t i = 0; i < all.n && rc == EM_OK; i++) {
        if (!pattern || em_pattern_matches(pattern, all.items[i]))
            rc = em_list_add(&names, all.items[i], s->err);
    }
    if (rc == EM_OK) rc = scan_entries(s, folder, &names, depth);
    em_list_release(&all);
    em_list_release(&names);
    return rc;
}

static em_status scan_source(scan *s)
{
    char *folder = NULL;
    const char *const name = em_path_name(s->source->path);
    const bool pattern = strpbrk(name, "*?") != NULL;
    /* A scene named by itself is found like one among the entries of its folder. */
    const bool alone =
        !pattern && (s->adapter->owns_folder(name) || em_file_exists(s->source->path));
    em_status rc = EM_OK;
    if (!pattern && !alone) return scan_folder(s, s->source->path, NULL, 0);
    rc = em_path_folder(s->source->path, &folder, s->err);
    if (rc == EM_OK) rc = scan_folder(s, folder, name, 0);
    em_free(folder);
    return rc;
}

/* ---- order, duplicates, versions ---- */

static int by_time(const void *a, const void *b)
{
    const em_scene *const p = a;
    const em_scene *const q = b;
    if (p->time != q->time) return p->time < q->time ? -1 : 1;
    const int by_id = strcmp(p->id, q->id);
    return by_id ? by_id : strcmp(p->root, q->root);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const em_rejected *)a)->path, ((const em_rejected *)b)->path);
}

/* The same view of the same ground, processed twice. Overlapping granules have other tiles. */
static bool same_view(const em_scene *a, const em_scene *b)
{
    return a->tile[0] && a->time == b->time && strcmp(a->tile, b->tile) == 0 &&
           strcmp(a->sensor, b->sensor) == 0 && strcmp(a->format, b->format) == 0;
}

static bool is_newer(const em_scene *a, const em_scene *b)
{
    const int baseline = strcmp(a->baseline, b->baseline);
    if (baseline) return baseline > 0;
    return a->made > b->made;
}

static em_status note_pair(em_catalogue *c, const char *fmt_kind, const em_scene *kept,
                           const em_scene *left, em_error *err)
{
    em_str text = {0};
    em_str_printf(&text, "%s: %s is used, %s is not", fmt_kind, kept->root, left->root);
    em_status rc = em_str_check(&text, err);
    if (rc == EM_OK) rc = em_list_add(&c->notes, text.data, err);
    em_str_release(&text);
    return rc;
}

static em_status keep_one(em_catalogue *c, em_error *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->n; i++) {
        em_scene *const scene = &c->scenes[i];
        em_scene *twin = NULL;
        const char *kind = NULL;
        for (size_t k = kept; k-- > 0 && c->scenes[k].time == scene->time;) {
            if (strcmp(c->scenes[k].id, scene->id) == 0)
                kind = "the same product twice";
            else if (same_view(&c->scenes[k], scene))
                kind = "two processings of one product";
            if (kind) {
                twin = &c->scenes[k];
                break;
            }
        }
        if (!twin) {
            if (kept != i) c->scenes[kept] = *scene;
            if (kept != i) *scene = (em_scene){0};
            kept++;
            continue;
        }
        const bool swap = is_newer(scene, twin);
        const em_status rc = note_pair(c, kind, swap ? scene : twin, swap ? twin : scene, err);
        if (swap) {
            em_scene_release(twin);
            *twin = *scene;
            *scene = (em_scene){0};
        } else {
            em_scene_release(scene);
        }
        if (rc != EM_OK) return rc;
    }
    c->n = kept;
    return EM_OK;
}

em_status em_catalogue_scan(const em_config_source *sources, size_t n_source, em_catalogue *out,
                            em_error *err)
{
    em_status rc = EM_OK;
    *out = (em_catalogue){0};
    scan s = {.out = out, .err = err};
    for (size_t i = 0; i < n_source && rc == EM_OK; i++) {
        s.source = &sources[i];
        s.adapter = NULL;
        for (size_t a = 0; a < sizeof adapters / sizeof *adapters; a++) {
            if (strcmp(adapters[a]->format, sources[i].format) == 0) s.adapter = adapters[a];
        }
        rc = s.adapter
                 ? scan_source(&s)
                 : em_fail(err, EM_EINTERNAL, "no adapter for the format %s", sources[i].format);
    }
    if (rc == EM_OK) {
        if (out->n) qsort(out->scenes, out->n, sizeof *out->scenes, by_time);
        if (out->n_rejected) qsort(out->rejected, out->n_rejected, sizeof *out->rejected, by_path);
        rc = keep_one(out, err);
    }
    if (rc != EM_OK) em_catalogue_release(out);
    return rc;
}

void em_catalogue_release(em_catalogue *c)
{
    for (size_t i = 0; i < c->n; i++) em_scene_release(&c->scenes[i]);
    for (size_t i = 0; i < c->n_rejected; i++) {
        em_free(c->rejected[i].path);
        em_free(c->rejected[i].why);
    }
    em_free(c->scenes);
    em_free(c->rejected);
    em_list_release(&c->notes);
    *c = (em_catalogue){0};
}
