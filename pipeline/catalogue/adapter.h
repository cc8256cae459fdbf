/* One product family = one adapter: what its scenes look like on disk and how they become em_scene.
 * Adding a family is one file and one row of the table in catalogue.c. */
#ifndef EM_CATALOGUE_ADAPTER_H
#define EM_CATALOGUE_ADAPTER_H

#include "pipeline/base/str.h"
#include "pipeline/config/config.h"
#include "pipeline/io/scene.h"

typedef struct em_adapter {
    const char *format; /* as in scenes[].format */

    /* Names the scenes among the entries of one folder: adds one text per scene to `found`, which
     * `open` understands. Entries are sorted; `is_folder[i]` tells folders from files. */
    em_status (*find)(const em_config_source *source, const char *folder, const em_list *entries,
                      const bool *is_folder, em_list *found, em_error *err);

    /* True for a folder that is a scene itself and is not searched further. */
    bool (*owns_folder)(const char *name);

    /* Fills *out from one text of `find`. EM_EINPUT with the reason where the scene cannot be used;
     * *out is then empty. Notes for people (a baseline newer than known) go to `notes`. */
    em_status (*open)(const em_config_source *source, const char *found, em_scene *out,
                      em_list *notes, em_error *err);
} em_adapter;

extern const em_adapter em_adapter_safe;
extern const em_adapter em_adapter_geotiff;

/* "*" and "?" against a whole name. */
bool em_pattern_matches(const char *pattern, const char *name);

#endif
