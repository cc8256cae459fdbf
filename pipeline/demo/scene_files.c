#include "pipeline/demo/scene_files.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/base/date.h"
#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"
#include "pipeline/io/raster_write.h"

#define NOTE "MADE: synthetic demonstration data of ecomon, not an image of any real place"

void em_scene_name_make(int32_t date, int32_t day, em_scene_name *out)
{
    const em_date d = em_date_from_day(day);
    *out = (em_scene_name){.sensor = date % 2 ? 'B' : 'A'};
    snprintf(out->stamp, sizeof out->stamp, "%04d%02d%02dT023951", d.year, d.month, d.day);
    snprintf(out->made, sizeof out->made, "%04d%02d%02dT061507", d.year, d.month, d.day);
    snprintf(out->product, sizeof out->product, "S2%c_MSIL2A_%s_N0511_R089_T51STR_%s", out->sensor,
             out->stamp, out->made);
    snprintf(out->granule, sizeof out->granule, "L2A_T51STR_A%06d_%s", 40000 + day % 20000,
             out->stamp);
}

static em_status publish(const char *folder, const char *name, const em_str *bytes, em_error *err)
{
    em_str path = {0};
    em_str_printf(&path, "%s/%s", folder, name);
    em_status rc = em_str_check(&path, err);
    if (rc == EM_OK) rc = em_file_publish(path.data, bytes->data, bytes->size, err);
    em_str_release(&path);
    return rc;
}

/* ---- planes ---- */

typedef struct plane_file {
    const em_view *view;
    const char *path;
    int32_t band; /* -1: the scene classification */
    bool tiff;
} plane_file;

/* `plane` holds numbers of 16 bits, or bytes for the classification. */
static em_status write_plane(const plane_file *f, uint16_t *plane, em_error *err)
{
    em_str bytes = {0};
    const em_world *const w = f->view->world;
    const int32_t meters = f->band < 0 ? 20 : em_demo_bands[f->band].meters;
    const int32_t shrink = meters / 10;
    if (f->band < 0) {
        em_view_scl(f->view, (uint8_t *)plane);
    } else {
        em_view_band(f->view, f->band, plane);
    }
    const em_raster_out out = {.cols = w->width / shrink,
                               .rows = w->height / shrink,
                               .x0 = EM_DEMO_X0,
                               .y0 = EM_DEMO_Y0,
                               .pixel = meters,
                               .crs = EM_DEMO_CRS,
                               .wide = f->band >= 0,
                               .pixels = plane,
                               .nodata = f->tiff ? 0 : -1,
                               .note = f->tiff ? NOTE : NULL};
    em_status rc = f->tiff ? em_raster_encode_tiff(&out, &bytes, err)
                           : em_raster_encode_jp2(&out, &bytes, err);
    if (rc == EM_OK) rc = em_file_publish(f->path, bytes.data, bytes.size, err);
    em_str_release(&bytes);
    return rc == EM_OK ? rc : em_context(err, rc, "%s", f->path);
}

/* ---- SAFE ---- */

static em_status write_xml(em_status (*text)(const em_view *, const em_scene_name *, em_str *,
                                             em_error *),
                           const em_view *view, const em_scene_name *name, const char *folder,
                           const char *file, em_error *err)
{
    em_str bytes = {0};
    em_status rc = text(view, name, &bytes, err);
    if (rc == EM_OK) rc = publish(folder, file, &bytes, err);
    em_str_release(&bytes);
    return rc;
}

static em_status write_image(const em_view *view, const em_scene_name *name, const char *granule,
                             int32_t band, uint16_t *plane, em_error *err)
{
    em_str path = {0};
    const int32_t meters = band < 0 ? 20 : em_demo_bands[band].meters;
    em_str_printf(&path, "%s/IMG_DATA/R%dm/T51STR_%s_%s_%dm.jp2", granule, meters, name->stamp,
                  band < 0 ? "SCL" : em_demo_bands[band].name, meters);
    em_status rc = em_str_check(&path, err);
    const plane_file file = {.view = view, .path = path.data, .band = band};
    if (rc == EM_OK) rc = write_plane(&file, plane, err);
    em_str_release(&path);
    return rc;
}

em_status em_safe_write(const em_view *view, const em_scene_name *name, const char *folder,
                        uint16_t *plane, em_error *err)
{
    em_status rc = EM_OK;
    em_str root = {0};
    em_str granule = {0};
    em_str images = {0};
    em_str_printf(&root, "%s/%s.SAFE", folder, name->product);
    em_str_printf(&granule, "%s/GRANULE/%s", em_str_text(&root), name->granule);
    EM_TRY(em_str_check(&granule, err));
    for (int32_t meters = 10; meters <= 20; meters += 10) {
        em_str_clear(&images);
        em_str_printf(&images, "%s/IMG_DATA/R%dm", granule.data, meters);
        EM_TRY(em_str_check(&images, err));
        EM_TRY(em_mkdirs(images.data, err));
    }
    for (int32_t b = -1; b < EM_DEMO_BANDS; b++)
        EM_TRY(write_image(view, name, granule.data, b, plane, err));
    EM_TRY(write_xml(em_safe_tile_xml, view, name, granule.data, "MTD_TL.xml", err));
    EM_TRY(write_xml(em_safe_product_xml, view, name, root.data, "MTD_MSIL2A.xml", err));
done:
    em_str_release(&root);
    em_str_release(&granule);
    em_str_release(&images);
    return rc;
}

/* ---- GeoTIFFs ---- */

em_status em_tiff_scene_write(const em_view *view, const em_scene_name *name, const char *folder,
                              uint16_t *plane, em_error *err)
{
    em_status rc = EM_OK;
    em_str path = {0};
    em_str_printf(&path, "%s/%s", folder, name->product);
    EM_TRY(em_str_check(&path, err));
    EM_TRY(em_mkdirs(path.data, err));
    for (int32_t b = -1; b < EM_DEMO_BANDS; b++) {
        em_str_clear(&path);
        em_str_printf(&path, "%s/%s/S2_%.8s_%s.tif", folder, name->product, name->stamp,
                      b < 0 ? "SCL" : em_demo_bands[b].name);
        EM_TRY(em_str_check(&path, err));
        const plane_file file = {.view = view, .path = path.data, .band = b, .tiff = true};
        EM_TRY(write_plane(&file, plane, err));
    }
done:
    em_str_release(&path);
    return rc;
}
