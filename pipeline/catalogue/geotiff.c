/* Any GeoTIFF stack through the band map of the config: one file per scene with several bands, or
 * one file per band grouped by folder and date. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/date.h"
#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"
#include "pipeline/catalogue/adapter.h"
#include "pipeline/catalogue/date_pattern.h"
#include "pipeline/io/raster_info.h"

static bool is_tiff(const char *name)
{
    static const char *const tails[] = {".tif", ".tiff", ".gtif", ".TIF", ".TIFF"};
    const size_t n = strlen(name);
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        const size_t m = strlen(tails[i]);
        if (n > m && strcmp(name + n - m, tails[i]) == 0) return true;
    }
    return false;
}

/* Is this file part of a scene: the one file, a band's own, or the mask's own. */
static bool is_wanted(const em_config_source *s, const char *name)
{
    bool wanted = s->file && em_pattern_matches(s->file, name);
    for (size_t b = 0; b < s->n_band; b++) {
        wanted = wanted || (s->bands[b].file && em_pattern_matches(s->bands[b].file, name));
    }
    return wanted && is_tiff(name);
}

/* A scene is known by its folder and the date text that its files share:
 * "folder\n2002-02-05T00:00:00Z", or with the one file's name behind it where scenes are single
 * files. */
static em_status add_found(const char *folder, int64_t time, const char *file, em_list *found,
                           em_error *err)
{
    em_str text = {0};
    char when[32];
    em_time_print(time, when);
    em_str_printf(&text, "%s\n%s\n%s", folder, when, file);
    em_status rc = em_str_check(&text, err);
    bool known = false;
    for (size_t i = 0; i < found->n; i++)
        known = known || strcmp(found->items[i], em_str_text(&text)) == 0;
    if (rc == EM_OK && !known) rc = em_list_add(found, text.data, err);
    em_str_release(&text);
    return rc;
}

static em_status geotiff_find(const em_config_source *source, const char *folder,
                              const em_list *entries, const bool *is_folder, em_list *found,
                              em_error *err)
{
    for (size_t i = 0; i < entries->n; i++) {
        const char *const name = entries->items[i];
        int64_t time = 0;
        if (is_folder[i] || !is_wanted(source, name)) continue;
        if (!em_date_from_name(source->date, name, &time))
            time = INT64_MIN / 2; /* told when it is opened */
        const bool alone = source->file != NULL;
        if (alone && !em_pattern_matches(source->file, name)) continue;
        if (time == INT64_MIN / 2) {
            em_str text = {0};
            em_str_printf(&text, "%s\n-\n%s", folder, name);
            em_status rc = em_str_check(&text, err);
            if (rc == EM_OK) rc = em_list_add(found, text.data, err);
            em_str_release(&text);
            if (rc != EM_OK) return rc;
            continue;
        }
        const em_status rc = add_found(folder, time, alone ? name : "", found, err);
        if (rc != EM_OK) return rc;
    }
    return EM_OK;
}

/* ---- opening ---- */

typedef struct stack {
    const em_config_source *source;
    char *folder, *file; /* file: "" where bands have their own */
    int64_t time;
    em_list names; /* of the folder */
    em_scene *out;
    em_error *err;
} stack;

static em_status split_found(const char *found, stack *s)
{
    const char *const first = strchr(found, '\n');
    const char *const second = first ? strchr(first + 1, '\n') : NULL;
    if (!second) return em_fail(s->err, EM_EINTERNAL, "a stack's name has no date");
    em_status rc = em_strdup(found, &s->folder, s->err);
    if (rc == EM_OK) rc = em_strdup(second + 1, &s->file, s->err);
    if (rc != EM_OK) return rc;
    s->folder[first - found] = '\0';
    char when[40];
    snprintf(when, sizeof when, "%.*s", (int)(second - first - 1), first + 1);
    if (em_time_parse(when, &s->time)) return EM_OK;
    return em_fail(s->err, EM_EINPUT, "%s/%s: no date where \"%s\" has it", s->folder, s->file,
                   s->source->date);
}

/* The scene's file for a pattern (NULL: the one file). */
static em_status find_file(const stack *s, const char *pattern, const char *what, char **out)
{
    const char *found = pattern ? NULL : s->file;
    for (size_t i = 0; pattern && i < s->names.n; i++) {
        const char *const name = s->names.items[i];
        int64_t time = 0;
        if (!em_pattern_matches(pattern, name) || !is_tiff(name)) continue;
        if (!em_date_from_name(s->source->date, name, &time) || time != s->time) continue;
        if (found) {
            return em_fail(s->err, EM_EINPUT, "%s: both %s and %s match \"%s\" of %s for one date",
                           s->folder, found, name, pattern, what);
        }
        found = name;
    }
    if (!found || !found[0]) {
        return em_fail(s->err, EM_EINPUT, "%s: band %s is missing, expected a file like %s",
                       s->folder, what, pattern ? pattern : "?");
    }
    em_str path = {0};
    em_str_printf(&path, "%s/%s", s->folder, found);
    em_status rc = em_str_check(&path, s->err);
    if (rc == EM_OK) rc = em_strdup(path.data, out, s->err);
    em_str_release(&path);
    return rc;
}

/* Place and CRS are the first band's; the others must agree. */
static em_status take_place(stack *s, const em_raster *raster, const char *path)
{
    const em_raster_info *const info = em_raster_get_info(raster);
    em_scene *const o = s->out;
    if (!o->crs) {
        if (!info->crs[0])
            return em_fail(s->err, EM_EINPUT, "%s: has no coordinate reference system", path);
        o->x0 = info->x0;
        o->y0 = info->y0;
        em_status rc = em_strdup(info->crs, &o->crs, s->err);
        if (rc == EM_OK) rc = em_raster_footprint(raster, o->ring, &o->n_ring, s->err);
        return rc;
    }
    if (strcmp(o->crs, info->crs) != 0) {
        return em_fail(s->err, EM_EINPUT, "%s: is in %.60s, the scene's first band in %.60s", path,
                       info->crs, o->crs);
    }
    if (fabs(o->x0 - info->x0) > 1e-6 * info->pixel ||
        fabs(o->y0 - info->y0) > 1e-6 * info->pixel) {
        return em_fail(s->err, EM_EINPUT,
                       "%s: begins at %.3f %.3f, the scene's first band at %.3f %.3f", path,
                       info->x0, info->y0, o->x0, o->y0);
    }
    return EM_OK;
}

static em_status open_band(stack *s, const em_config_band *want)
{
    em_raster *raster = NULL;
    em_scene_band *const b = &s->out->bands[s->out->n_band];
    *b = (em_scene_band){.band = (int32_t)want->band};
    snprintf(b->name, sizeof b->name, "%s", want->role);
    em_status rc = find_file(s, want->file, want->role, &b->path);
    s->out->n_band++;
    if (rc == EM_OK) rc = em_raster_open(b->path, &raster, s->err);
    if (rc == EM_OK) rc = take_place(s, raster, b->path);
    if (rc == EM_OK) {
        const em_raster_info *const info = em_raster_get_info(raster);
        const double scale = isnan(want->scale) ? s->source->scale : want->scale;
        const double offset = isnan(want->offset) ? s->source->offset : want->offset;
        b->gain = scale * 1e4;
        b->bias = offset * 1e4;
        b->nodata = isnan(s->source->nodata) ? info->nodata : s->source->nodata;
        b->saturated = (double)NAN;
        b->pixel = info->pixel;
        b->cols = info->cols;
        b->rows = info->rows;
        if (b->band > info->bands) {
            rc = em_fail(s->err, EM_EINPUT, "%s: band %s is band %d of the file, which has %d",
                         b->path, b->name, b->band, info->bands);
        }
    }
    em_raster_close(raster);
    return rc;
}

static em_status open_mask(stack *s)
{
    const em_config_source *const c = s->source;
    em_scene_mask *const m = &s->out->mask;
    em_raster *raster = NULL;
    if (c->mask_band == 0) return EM_OK;
    *m = (em_scene_mask){.kind = c->n_mask_value ? EM_MASK_VALUES : EM_MASK_BITS,
                         .band = (int32_t)c->mask_band,
                         .bits = (uint32_t)c->mask_bits};
    if (c->n_mask_value > sizeof m->values / sizeof *m->values) {
        return em_fail(s->err, EM_ECONFIG, "scenes[]: mask has %zu values, at most 32 are read",
                       c->n_mask_value);
    }
    for (size_t i = 0; i < c->n_mask_value; i++)
        m->values[m->n_value++] = (int32_t)c->mask_values[i];
    em_status rc = find_file(s, c->mask_file, "mask", &m->path);
    if (rc == EM_OK) rc = em_raster_open(m->path, &raster, s->err);
    if (rc == EM_OK) rc = take_place(s, raster, m->path);
    if (rc == EM_OK) {
        const em_raster_info *const info = em_raster_get_info(raster);
        m->pixel = info->pixel;
        m->cols = info->cols;
        m->rows = info->rows;
        if (m->band > info->bands) {
            rc = em_fail(s->err, EM_EINPUT, "%s: the mask is band %d of the file, which has %d",
                         m->path, m->band, info->bands);
        }
    }
    em_raster_close(raster);
    return rc;
}

static em_status name_scene(stack *s)
{
    em_scene *const o = s->out;
    em_str id = {0};
    if (s->file[0]) {
        em_str_append_bytes(&id, s->file, strlen(s->file) - strlen(strrchr(s->file, '.')));
    } else {
        const em_date d = em_date_from_day(o->day);
        em_str_printf(&id, "%s_%04d%02d%02d", em_path_name(s->folder), d.year, d.month, d.day);
    }
    em_status rc = em_str_check(&id, s->err);
    if (rc == EM_OK) rc = em_strdup(em_str_text(&id), &o->id, s->err);
    em_str_release(&id);
    if (rc != EM_OK) return rc;
    em_str root = {0};
    em_str_printf(&root, "%s%s%s", s->folder, s->file[0] ? "/" : "", s->file);
    rc = em_str_check(&root, s->err);
    if (rc == EM_OK) rc = em_strdup(root.data, &o->root, s->err);
    em_str_release(&root);
    return rc;
}

static em_status geotiff_open(const em_config_source *source, const char *found, em_scene *out,
                              em_list *notes, em_error *err)
{
    (void)notes;
    em_status rc = EM_OK;
    stack s = {.source = source, .out = out, .err = err};
    *out = (em_scene){.cloud_pct = (double)NAN};
    snprintf(out->format, sizeof out->format, "geotiff");
    snprintf(out->sensor, sizeof out->sensor, "%s", source->sensor);
    EM_TRY(split_found(found, &s));
    EM_TRY(em_folder_list(s.folder, &s.names, err));
    out->time = s.time;
    out->day = em_day_from_time(s.time);
    EM_TRY(name_scene(&s));
    for (size_t b = 0; b < source->n_band; b++) EM_TRY(open_band(&s, &source->bands[b]));
    EM_TRY(open_mask(&s));
done:
    em_list_release(&s.names);
    em_free(s.folder);
    em_free(s.file);
    if (rc != EM_OK) em_scene_release(out);
    return rc;
}

static bool geotiff_owns(const char *name)
{
    const size_t n = strlen(name);
    return n > 5 && strcmp(name + n - 5, ".SAFE") == 0; /* another family's */
}

const em_adapter em_adapter_geotiff = {
    .format = "geotiff", .find = geotiff_find, .owns_folder = geotiff_owns, .open = geotiff_open};
