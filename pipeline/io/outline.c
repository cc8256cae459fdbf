#include "pipeline/io/outline.h"

#include "pipeline/io/shape.h"
#include "pipeline/io/vector.h"

static em_status add_feature(em_shaper *s, OGRFeatureH feature, const char *path, double *sum,
                             em_error *err)
{
    em_str why = {0};
    GEOSGeometry *shape = NULL;
    double area = 0;
    em_status rc = em_shape_read(s, OGR_F_GetGeometryRef(feature), &shape, &why, err);
    if (rc == EM_OK && !shape)
        rc = em_fail(err, EM_EINPUT, "%.300s: the outline: %s", path, em_str_text(&why));
    if (rc == EM_OK) rc = em_shape_area(s, shape, &area, err);
    if (shape) GEOSGeom_destroy_r(s->geos, shape);
    em_str_release(&why);
    *sum += area;
    return rc;
}

static em_status add_features(em_vector *file, em_shaper *s, double *sum, em_error *err)
{
    for (;;) {
        OGRFeatureH feature = NULL;
        em_status rc = em_vector_next(file, &feature, err);
        if (rc != EM_OK || !feature) return rc;
        rc = add_feature(s, feature, file->path, sum, err);
        OGR_F_Destroy(feature);
        if (rc != EM_OK) return rc;
    }
}

em_status em_outline_area(const char *path, const char *layer, double *out, em_error *err)
{
    em_vector file;
    em_shaper shaper;
    double sum = 0;
    em_status rc = em_vector_open(path, layer, NULL, &file, err);
    if (rc != EM_OK) return rc;
    if (!file.crs) {
        em_vector_close(&file);
        return em_fail(err, EM_EINPUT, "%.300s: has no coordinate reference system", path);
    }
    rc = em_shaper_open(file.crs, NULL, &shaper, err);
    if (rc == EM_OK) {
        rc = add_features(&file, &shaper, &sum, err);
        em_shaper_close(&shaper);
    }
    em_vector_close(&file);
    if (rc == EM_OK) *out = sum;
    return rc;
}
