/* Vector files, opened with suspicion: an allow-list of drivers chosen by extension, read-only, no
 * virtual file systems, text that must be UTF-8 after recoding.
 *
 * Internal to pipeline/io. A vector belongs to one thread. */
#ifndef EM_IO_VECTOR_H
#define EM_IO_VECTOR_H

#include <gdal.h>
#include <ogr_api.h>
#include <stddef.h>

#include "pipeline/base/error.h"
#include "pipeline/base/str.h"

typedef struct em_vector {
    GDALDatasetH dataset;
    OGRLayerH layer;
    const char *path; /* borrowed from the caller */
    char *crs;        /* canonical text, owned; NULL where the layer declares none */
} em_vector;

/* Opens `layer` of `path` (NULL: its only one). `encoding`: of a Shapefile without .cpg, or over
 * it; NULL: by .cpg, else UTF-8. EM_EINPUT where the file is absent or unreadable, EM_ECONFIG for a
 * path that is refused, an unknown extension or encoding, a layer name that is missing or needed
 * (`err` lists those that exist). On failure *out is empty. */
em_status em_vector_open(const char *path, const char *layer, const char *encoding, em_vector *out,
                         em_error *err);
void em_vector_close(em_vector *v);

/* Index of a field, any case. EM_ECONFIG with the fields that exist; `key` is the configuration key
 * that named it. */
em_status em_vector_field(const em_vector *v, const char *key, const char *name, int *out,
                          em_error *err);
/* The same, -1 where there is no such field. */
int em_vector_find(const em_vector *v, const char *name);

/* The next feature, NULL at the end; the caller destroys it with OGR_F_Destroy. EM_EINPUT where the
 * file cannot be read on. */
em_status em_vector_next(em_vector *v, OGRFeatureH *out, em_error *err);

/* The field's text without surrounding blanks, "" where unset or null; heap. EM_EINPUT where it is
 * not UTF-8. `number` is the feature's, from 1, for the message. */
em_status em_vector_text(const em_vector *v, OGRFeatureH feature, int field, size_t number,
                         char **out, em_error *err);

/* Adds every file that makes up the dataset, unless the list has it. */
em_status em_vector_files(const em_vector *v, em_list *files, em_error *err);

#endif
