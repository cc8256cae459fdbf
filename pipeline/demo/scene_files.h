/* One made scene on disk, as a SAFE folder or as GeoTIFFs. */
#ifndef EM_DEMO_SCENE_FILES_H
#define EM_DEMO_SCENE_FILES_H

#include "pipeline/base/str.h"
#include "pipeline/demo/render.h"

/* Names of a scene: sensing at 02:39:51 UTC, as over this place. */
typedef struct em_scene_name {
    char stamp[32];   /* 20250115T023951 */
    char made[32];    /* 20250115T061507: the processing */
    char sensor;      /* A or B */
    char product[96]; /* S2A_MSIL2A_..., without .SAFE */
    char granule[64]; /* L2A_T51STR_A..._... */
} em_scene_name;

void em_scene_name_make(int32_t date, int32_t day, em_scene_name *out);

/* Both write below `folder`, which exists. `plane` is scratch for one plane of 16 bits at 10 m.
 * EM_EENV where the disk refuses. */
em_status em_safe_write(const em_view *view, const em_scene_name *name, const char *folder,
                        uint16_t *plane, em_error *err);
em_status em_tiff_scene_write(const em_view *view, const em_scene_name *name, const char *folder,
                              uint16_t *plane, em_error *err);

/* The texts of a SAFE folder's metadata. */
em_status em_safe_product_xml(const em_view *view, const em_scene_name *name, em_str *out,
                              em_error *err);
em_status em_safe_tile_xml(const em_view *view, const em_scene_name *name, em_str *out,
                           em_error *err);

#endif
