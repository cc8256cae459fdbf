/* What scenes there are: scans the sources, reads metadata only, decodes nothing. */
#ifndef EM_CATALOGUE_CATALOGUE_H
#define EM_CATALOGUE_CATALOGUE_H

#include "pipeline/config/config.h"
#include "pipeline/io/scene.h"

/* Something that looks like a scene and cannot be used. */
typedef struct em_rejected {
    char *path, *why; /* owned */
} em_rejected;

typedef struct em_catalogue {
    em_scene *scenes; /* by time, then id */
    size_t n;
    em_rejected *rejected; /* by path */
    size_t n_rejected;
    em_list notes; /* duplicates, superseded versions, new baselines */
} em_catalogue;

/* Scans every source, at most 6 folders deep. A bad scene is listed and never stops the others.
 * EM_EINPUT where a source's folder is absent or cannot be listed. The same product twice is taken
 * once; of several processings of one product the newest baseline, then the newest processing, is
 * taken; both with a note. The caller releases *out. */
em_status em_catalogue_scan(const em_config_source *sources, size_t n_source, em_catalogue *out,
                            em_error *err);
void em_catalogue_release(em_catalogue *catalogue);

#endif
