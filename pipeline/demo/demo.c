#include "pipeline/demo/demo.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/base/date.h"
#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"
#include "pipeline/config/classes.h"
#include "pipeline/demo/places.h"
#include "pipeline/demo/scene_files.h"
#include "pipeline/demo/texts.h"
#include "pipeline/demo/truth.h"
#include "pipeline/io/raster_write.h"
#include "pipeline/io/vector_write.h"

enum { SQUARES = 30, POINTS = 100 }; /* of each class */

typedef struct demo {
    const char *folder;
    const em_demo_settings *settings;
    em_world world;
    em_county county;
    em_places places;
} demo;

static em_status check_folder(const char *folder, em_error *err)
{
    em_list names = {0};
    if (em_file_exists(folder))
        return em_fail(err, EM_ECONFIG, "%s: is a file, expected an absent or empty folder",
                       folder);
    if (!em_folder_exists(folder)) return em_mkdirs(folder, err);
    const em_status rc = em_folder_list(folder, &names, err);
    const size_t n = names.n;
    em_list_release(&names);
    if (rc != EM_OK || n == 0) return rc;
    return em_fail(err, EM_ECONFIG, "%s: is not empty; a made county goes into a folder of its own",
                   folder);
}

static em_status check_settings(const em_demo_settings *s, em_error *err)
{
    if (s->width < 256 || s->height < 256 || s->width > 20000 || s->height > 20000 ||
        s->width % 2 || s->height % 2) {
        return em_fail(err, EM_ECONFIG,
                       "--size: expected even numbers from 256 to 20000, found %dx%d", s->width,
                       s->height);
    }
    if (s->dates < 1 || s->dates > 365)
        return em_fail(err, EM_ECONFIG, "--dates: expected 1 to 365, found %d", s->dates);
    if (s->years < 1 || s->years > 20)
        return em_fail(err, EM_ECONFIG, "--years: expected 1 to 20, found %d", s->years);
    return EM_OK;
}

static em_status publish(const demo *d, const char *name, const em_str *bytes, em_error *err)
{
    em_str path = {0};
    em_str_printf(&path, "%s/%s", d->folder, name);
    em_status rc = em_str_check(&path, err);
    if (rc == EM_OK) rc = em_file_publish(path.data, bytes->data, bytes->size, err);
    em_str_release(&path);
    return rc;
}

static em_status make_folder(const demo *d, const char *name, em_str *path, em_error *err)
{
    em_str_clear(path);
    em_str_printf(path, "%s/%s", d->folder, name);
    const em_status rc = em_str_check(path, err);
    return rc == EM_OK ? em_mkdirs(path->data, err) : rc;
}

/* ---- vectors ---- */

static em_status write_outlines(const demo *d, const char *name, const em_outline *list, int n,
                                em_error *err)
{
    static const char *const fields[] = {"code", "name", "parent"};
    char file[64];
    em_str bytes = {0};
    em_layer_writer *layer = NULL;
    em_status rc = em_layer_begin(name, EM_DEMO_CRS, true, fields, 3,
                                  "MADE: made-up shapes of a demonstration county", &layer, err);
    for (int i = 0; i < n && rc == EM_OK; i++) {
        const char *const values[] = {list[i].code, list[i].name, list[i].parent};
        rc = em_layer_add(layer, (const double(*)[2])list[i].xy, list[i].n, values, err);
    }
    if (rc == EM_OK)
        rc = em_layer_finish(layer, &bytes, err);
    else
        em_layer_drop(layer);
    snprintf(file, sizeof file, "%s.gpkg", name);
    if (rc == EM_OK) rc = publish(d, file, &bytes, err);
    em_str_release(&bytes);
    return rc;
}

/* Squares a little inside their pixels' edges, or points in the middle of theirs. */
static em_status write_places(const demo *d, const char *name, const em_place_at *list, size_t n,
                              bool squares, em_error *err)
{
    static const char *const fields[] = {"class"};
    char file[64];
    em_str bytes = {0};
    em_layer_writer *layer = NULL;
    em_status rc = em_layer_begin(name, EM_DEMO_CRS, squares, fields, 1,
                                  "MADE: places of a demonstration county", &layer, err);
    for (size_t i = 0; i < n && rc == EM_OK; i++) {
        const double side = squares ? EM_DEMO_SQUARE : 1;
        const double low = squares ? 0.1 : 0.5;
        const double x0 = EM_DEMO_X0 + EM_DEMO_PIXEL * (list[i].x + low);
        const double y0 = EM_DEMO_Y0 - EM_DEMO_PIXEL * (list[i].y + low);
        const double x1 = EM_DEMO_X0 + EM_DEMO_PIXEL * (list[i].x + side - low);
        const double y1 = EM_DEMO_Y0 - EM_DEMO_PIXEL * (list[i].y + side - low);
        const double ring[4][2] = {{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}};
        const char *const values[] = {em_class_by_code(list[i].code)->key};
        rc = em_layer_add(layer, ring, squares ? 4 : 1, values, err);
    }
    if (rc == EM_OK)
        rc = em_layer_finish(layer, &bytes, err);
    else
        em_layer_drop(layer);
    snprintf(file, sizeof file, "%s.gpkg", name);
    if (rc == EM_OK) rc = publish(d, file, &bytes, err);
    em_str_release(&bytes);
    return rc;
}

/* ---- truth ---- */

static int32_t last_day_of(int32_t year)
{
    return em_day_from_date((em_date){year, 12, 31});
}

static em_status write_class_map(const demo *d, int32_t year, const uint8_t *classes, em_error *err)
{
    char name[64];
    em_str bytes = {0};
    const em_raster_out out = {.cols = d->world.width,
                               .rows = d->world.height,
                               .x0 = EM_DEMO_X0,
                               .y0 = EM_DEMO_Y0,
                               .pixel = EM_DEMO_PIXEL,
                               .crs = EM_DEMO_CRS,
                               .pixels = classes,
                               .nodata = 0,
                               .note = "MADE: true classes of a demonstration county"};
    snprintf(name, sizeof name, "truth/class_%d.tif", year);
    em_status rc = em_raster_encode_tiff(&out, &bytes, err);
    if (rc == EM_OK) rc = publish(d, name, &bytes, err);
    em_str_release(&bytes);
    return rc;
}

static em_status write_truth(const demo *d, em_error *err)
{
    em_status rc = EM_OK;
    uint8_t *classes = NULL;
    em_str bytes = {0};
    em_str path = {0};
    const em_demo_settings *const s = d->settings;
    EM_TRY(make_folder(d, "truth", &path, err));
    EM_TRY(em_calloc((size_t)s->width * (size_t)s->height, 1, "truth", &classes, err));
    for (int32_t year = EM_DEMO_YEAR - s->years + 1; year <= EM_DEMO_YEAR; year++) {
        em_truth_classes(&d->world, last_day_of(year), classes);
        EM_TRY(write_class_map(d, year, classes, err));
    }
    EM_TRY(em_truth_areas(&d->world, &d->county, classes, &bytes, err));
    EM_TRY(publish(d, "truth/areas.csv", &bytes, err));
    em_str_release(&bytes);
    EM_TRY(em_truth_changes(&d->world, &bytes, err));
    EM_TRY(publish(d, "truth/changes.gpkg", &bytes, err));
done:
    em_free(classes);
    em_str_release(&bytes);
    em_str_release(&path);
    return rc;
}

/* ---- scenes ---- */

static em_status write_scenes(const demo *d, em_demo_told told, void *user, em_error *err)
{
    em_status rc = EM_OK;
    em_view view = {0};
    uint16_t *plane = NULL;
    em_str path = {0};
    const em_demo_settings *const s = d->settings;
    const int32_t n = s->dates * s->years;
    EM_TRY(make_folder(d, "scenes", &path, err));
    EM_TRY(em_view_init(&d->world, &view, err));
    EM_TRY(em_calloc((size_t)s->width * (size_t)s->height, sizeof *plane, "plane", &plane, err));
    for (int32_t k = 0; k < n; k++) {
        const int32_t year = EM_DEMO_YEAR - s->years + 1 + k / s->dates;
        const int32_t first = em_day_from_date((em_date){year, 1, 1});
        const int32_t day = first + (2 * (k % s->dates) + 1) * 365 / (2 * s->dates);
        em_scene_name name;
        em_scene_name_make(k, day, &name);
        em_view_set(&view, k, day, s->clouds);
        EM_TRY((s->geotiff ? em_tiff_scene_write : em_safe_write)(&view, &name, path.data, plane,
                                                                  err));
        if (told) told(user, k + 1, n);
    }
done:
    em_view_release(&view);
    em_free(plane);
    em_str_release(&path);
    return rc;
}

static em_status write_text(const demo *d, const char *name,
                            em_status (*text)(const em_demo_settings *, em_str *, em_error *),
                            em_error *err)
{
    em_str bytes = {0};
    em_status rc = text(d->settings, &bytes, err);
    if (rc == EM_OK) rc = publish(d, name, &bytes, err);
    em_str_release(&bytes);
    return rc;
}

em_status em_demo_write(const char *folder, const em_demo_settings *settings, em_demo_told told,
                        void *user, em_error *err)
{
    em_status rc = EM_OK;
    demo d = {.folder = folder, .settings = settings};
    EM_TRY(check_settings(settings, err));
    EM_TRY(check_folder(folder, err));
    EM_TRY(em_world_make(settings->seed, settings->width, settings->height, EM_DEMO_YEAR,
                         settings->years, &d.world, err));
    EM_TRY(em_county_make(&d.world, &d.county, err));
    EM_TRY(em_places_draw(&d.world, &d.county, last_day_of(EM_DEMO_YEAR), SQUARES, POINTS,
                          &d.places, err));
    EM_TRY(write_outlines(&d, "towns", d.county.towns, EM_DEMO_TOWNS, err));
    EM_TRY(write_outlines(&d, "villages", d.county.villages, EM_DEMO_VILLAGES, err));
    EM_TRY(write_places(&d, "samples", d.places.squares, d.places.n_square, true, err));
    EM_TRY(write_places(&d, "validation", d.places.points, d.places.n_point, false, err));
    EM_TRY(write_truth(&d, err));
    EM_TRY(write_scenes(&d, told, user, err));
    EM_TRY(write_text(&d, "demo.yaml", em_demo_config_text, err));
    EM_TRY(write_text(&d, "README.txt", em_demo_readme_text, err));
done:
    em_places_release(&d.places);
    em_county_release(&d.county);
    em_world_release(&d.world);
    return rc;
}
