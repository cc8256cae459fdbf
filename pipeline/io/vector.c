#include "pipeline/io/vector.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <ctype.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"
#include "pipeline/io/geo.h"

static const struct {
    const char *extension, *driver;
} known[] = {{".gpkg", "GPKG"},
             {".shp", "ESRI Shapefile"},
             {".geojson", "GeoJSON"},
             {".json", "GeoJSON"},
             {".csv", "CSV"}};

static const char *driver_of(const char *path)
{
    const char *const dot = strrchr(em_path_name(path), '.');
    for (size_t i = 0; dot && i < sizeof known / sizeof *known; i++) {
        if (strcasecmp(dot, known[i].extension) == 0) return known[i].driver;
    }
    return NULL;
}

/* "ENCODING=..." for a Shapefile; "" where GDAL goes by the .cpg. */
static em_status shape_encoding(const char *path, const char *encoding, em_str *out, em_error *err)
{
    if (!encoding) {
        const size_t stem = strlen(path) - strlen(".shp");
        const char *const beside[] = {".cpg", ".CPG"};
        for (int k = 0; k < 2; k++) {
            em_str cpg = {0};
            em_str_append_bytes(&cpg, path, stem);
            em_str_append(&cpg, beside[k]);
            const bool there = em_file_exists(em_str_text(&cpg));
            em_str_release(&cpg);
            if (there) return EM_OK;
        }
    }
    em_str_printf(out, "ENCODING=%s", encoding ? encoding : "UTF-8");
    return em_str_check(out, err);
}

static em_status open_dataset(const char *path, const char *encoding, GDALDatasetH *out,
                              em_error *err)
{
    em_status rc = EM_OK;
    em_str option = {0};
    *out = NULL;
    EM_TRY(em_path_check(path, err));
    EM_TRY(em_geo_start(err));
    const char *const driver = driver_of(path);
    if (!driver) {
        rc = em_fail(err, EM_ECONFIG,
                     "extension not known; expected .gpkg, .shp, .geojson, .json or .csv");
        goto done;
    }
    if (!em_file_exists(path)) {
        rc = em_fail(err, EM_EINPUT, "no such file");
        goto done;
    }
    if (strcmp(driver, "ESRI Shapefile") == 0) EM_TRY(shape_encoding(path, encoding, &option, err));
    const char *const drivers[] = {driver, NULL};
    const char *const options[] = {option.size ? option.data : NULL, NULL};
    CPLErrorReset();
    *out = GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_READONLY, drivers, options, NULL);
    if (!*out) {
        const char *const why = CPLGetLastErrorMsg();
        rc = em_fail(err, EM_EINPUT, "cannot be read as %s: %.400s", driver,
                     why[0] ? why : "it is not of this format");
    }
done:
    em_str_release(&option);
    return rc;
}

static em_status choose_layer(em_vector *v, const char *layer, em_error *err)
{
    const int n = GDALDatasetGetLayerCount(v->dataset);
    if (n == 0) return em_fail(err, EM_EINPUT, "the file has no layer");
    if (!layer && n == 1) v->layer = GDALDatasetGetLayer(v->dataset, 0);
    em_str names = {0};
    for (int i = 0; i < n; i++) {
        OGRLayerH const candidate = GDALDatasetGetLayer(v->dataset, i);
        const char *const name = OGR_L_GetName(candidate);
        if (layer && strcmp(name, layer) == 0) v->layer = candidate;
        em_str_printf(&names, "%s%s", i ? ", " : "", name);
    }
    em_status rc = em_str_check(&names, err);
    if (rc == EM_OK && !v->layer) {
        rc = layer ? em_fail(err, EM_ECONFIG, "no layer \"%.100s\"; there are: %.600s", layer,
                             em_str_text(&names))
                   : em_fail(err, EM_ECONFIG, "%d layers; name one as \"layer\": %.600s", n,
                             em_str_text(&names));
    }
    em_str_release(&names);
    return rc;
}

/* A GeoPackage's "undefined" systems come as CRSs of those names; they say as little as none. */
static em_status read_crs(em_vector *v, em_error *err)
{
    OGRSpatialReferenceH const srs = OGR_L_GetSpatialRef(v->layer);
    if (!srs || OSRIsLocal(srs)) return EM_OK;
    const char *const name = OSRGetName(srs);
    if (name && strncasecmp(name, "undefined", 9) == 0) return EM_OK;
    const char *const options[] = {"FORMAT=WKT2_2019", NULL};
    char *wkt = NULL;
    em_status rc = EM_OK;
    if (OSRExportToWktEx(srs, &wkt, options) != OGRERR_NONE || !wkt) {
        rc = em_fail(err, EM_EINPUT, "its coordinate system cannot be read");
    } else {
        rc = em_crs_canonical(wkt, &v->crs, err);
    }
    CPLFree(wkt);
    return rc;
}

em_status em_vector_open(const char *path, const char *layer, const char *encoding, em_vector *out,
                         em_error *err)
{
    em_status rc = EM_OK;
    em_vector v = {.path = path};
    *out = (em_vector){0};
    EM_TRY(open_dataset(path, encoding, &v.dataset, err));
    EM_TRY(choose_layer(&v, layer, err));
    if (encoding && strcmp(driver_of(path), "ESRI Shapefile") == 0 &&
        !OGR_L_TestCapability(v.layer, OLCStringsAsUTF8)) {
        rc = em_fail(err, EM_ECONFIG, "encoding \"%.60s\" is not known", encoding);
        goto done;
    }
    EM_TRY(read_crs(&v, err));
    OGR_L_ResetReading(v.layer);
    *out = v;
    v = (em_vector){0};
done:
    em_vector_close(&v);
    return rc == EM_OK ? rc : em_context(err, rc, "%.300s", path);
}

void em_vector_close(em_vector *v)
{
    if (v->dataset) GDALClose(v->dataset);
    em_free(v->crs);
    *v = (em_vector){0};
}

int em_vector_find(const em_vector *v, const char *name)
{
    return OGR_FD_GetFieldIndex(OGR_L_GetLayerDefn(v->layer), name);
}

em_status em_vector_field(const em_vector *v, const char *key, const char *name, int *out,
                          em_error *err)
{
    *out = em_vector_find(v, name);
    if (*out >= 0) return EM_OK;
    OGRFeatureDefnH const defn = OGR_L_GetLayerDefn(v->layer);
    const int n = OGR_FD_GetFieldCount(defn);
    em_str names = {0};
    for (int i = 0; i < n; i++) {
        const char *const field = OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(defn, i));
        em_str_printf(&names, "%s%s", i ? ", " : "", field);
    }
    em_status rc = em_str_check(&names, err);
    if (rc == EM_OK) {
        rc = em_fail(err, EM_ECONFIG, "%.300s: %s: no field \"%.60s\"; there are: %.400s", v->path,
                     key, name, names.size ? names.data : "none");
    }
    em_str_release(&names);
    return rc;
}

em_status em_vector_next(em_vector *v, OGRFeatureH *out, em_error *err)
{
    CPLErrorReset();
    *out = OGR_L_GetNextFeature(v->layer);
    if (CPLGetLastErrorType() < CE_Failure) return EM_OK;
    OGR_F_Destroy(*out);
    *out = NULL;
    return em_fail(err, EM_EINPUT, "%.300s: damaged: %.400s", v->path, CPLGetLastErrorMsg());
}

em_status em_vector_text(const em_vector *v, OGRFeatureH feature, int field, size_t number,
                         char **out, em_error *err)
{
    *out = NULL;
    const char *text =
        OGR_F_IsFieldSetAndNotNull(feature, field) ? OGR_F_GetFieldAsString(feature, field) : "";
    if (!CPLIsUTF8(text, -1)) {
        return em_fail(err, EM_EINPUT,
                       "%.300s: feature %zu: the text of field \"%.60s\" is not UTF-8; save the "
                       "file as UTF-8, or for a Shapefile name its \"encoding\" (GB18030)",
                       v->path, number, OGR_Fld_GetNameRef(OGR_F_GetFieldDefnRef(feature, field)));
    }
    while (isspace((unsigned char)*text)) text++;
    const em_status rc = em_strdup(text, out, err);
    if (rc != EM_OK) return rc;
    size_t n = strlen(*out);
    while (n && isspace((unsigned char)(*out)[n - 1])) (*out)[--n] = '\0';
    return EM_OK;
}

em_status em_vector_files(const em_vector *v, em_list *files, em_error *err)
{
    em_status rc = EM_OK;
    char **const found = GDALGetFileList(v->dataset);
    for (int i = 0; rc == EM_OK && found && found[i]; i++) {
        bool had = false;
        for (size_t k = 0; k < files->n; k++) had |= strcmp(files->items[k], found[i]) == 0;
        if (!had && em_file_exists(found[i])) rc = em_list_add(files, found[i], err);
    }
    CSLDestroy(found);
    return rc;
}
