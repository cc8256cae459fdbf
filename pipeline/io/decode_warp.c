/* Rasters that do not lie on the grid, brought there window by window of the absolute grid. */
#include <cpl_conv.h>
#include <cpl_string.h>
#include <gdal_alg.h>
#include <gdalwarper.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/io/crs.h"
#include "pipeline/io/decode_parts.h"
#include "pipeline/io/geo.h"

/* GDAL's own buffers for one window. Fixed, since GDAL cuts a window that needs more. */
#define WARP_MB 64.0

typedef struct window {
    const em_source *source; /* NULL: free */
    int64_t x, y;            /* counted in windows */
    uint64_t used;
    double *values; /* [1024][1024] */
} window;

struct em_warper {
    const em_grid *grid;
    bool same_units; /* scene and grid are both in metres, or both in degrees */
    GDALResampleAlg method;
    OGRSpatialReferenceH srs;
    window *windows;
    size_t n, most;
    uint64_t clock;
};

em_status em_warper_open(const em_scene *scene, const em_grid *grid, const char *resample,
                         size_t keep, em_warper **out, em_error *err)
{
    em_status rc = EM_OK;
    em_warper *w = NULL;
    em_transform *probe = NULL;
    bool degrees[2] = {false, false};
    *out = NULL;
    EM_TRY(em_crs_is_geographic(scene->crs, &degrees[0], err));
    EM_TRY(em_crs_is_geographic(grid->crs, &degrees[1], err));
    EM_TRY(em_transform_open(scene->crs, grid->crs, &probe, err)); /* refuses ballpark */
    EM_TRY(em_calloc(1, sizeof *w, "warper", &w, err));
    w->grid = grid;
    w->most = keep ? keep : 1;
    w->same_units = degrees[0] == degrees[1];
    w->method = strcmp(resample, "nearest") == 0 ? GRA_NearestNeighbour
                : strcmp(resample, "cubic") == 0 ? GRA_Cubic
                                                 : GRA_Bilinear;
    EM_TRY(em_calloc(w->most, sizeof *w->windows, "warper", &w->windows, err));
    w->srs = OSRNewSpatialReference(NULL);
    if (!w->srs || OSRSetFromUserInput(w->srs, grid->crs) != OGRERR_NONE) {
        rc = em_fail(err, EM_EINPUT, "%.80s: GDAL does not know this CRS", grid->crs);
        goto done;
    }
    OSRSetAxisMappingStrategy(w->srs, OAMS_TRADITIONAL_GIS_ORDER);
    *out = w;
    w = NULL;
done:
    em_transform_close(probe);
    em_warper_close(w);
    return rc;
}

void em_warper_close(em_warper *w)
{
    if (!w) return;
    for (size_t i = 0; w->windows && i < w->n; i++) em_free(w->windows[i].values);
    if (w->srs) OSRDestroySpatialReference(w->srs);
    em_free(w->windows);
    em_free(w);
}

/* ---- one window ---- */

static GDALDatasetH make_target(const em_warper *w, int64_t x, int64_t y)
{
    double gt[6] = {0, w->grid->px, 0, 0, 0, -w->grid->px};
    em_grid_to_crs(w->grid, (double)(x * EM_WARP_SIDE), (double)(y * EM_WARP_SIDE), &gt[0], &gt[3]);
    const GDALDatasetH ds = GDALCreate(GDALGetDriverByName("MEM"), "", EM_WARP_SIDE, EM_WARP_SIDE,
                                       1, GDT_Float64, NULL);
    if (!ds) return NULL;
    GDALSetGeoTransform(ds, gt);
    GDALSetSpatialRef(ds, w->srs);
    return ds;
}

/* GDAL guesses from the turned source window whether it shrinks the image, and then widens its
 * kernel; it is told instead. */
static void set_scale(const em_warper *w, const em_source *source, GDALWarpOptions *o)
{
    char text[32];
    double gt[6];
    if (!w->same_units || GDALGetGeoTransform(source->ds, gt) != CE_None) return;
    em_print_double(gt[1] / w->grid->px, text);
    o->papszWarpOptions = CSLSetNameValue(o->papszWarpOptions, "XSCALE", text);
    o->papszWarpOptions = CSLSetNameValue(o->papszWarpOptions, "YSCALE", text);
}

static GDALWarpOptions *make_options(const em_warper *w, const em_source *source, GDALDatasetH to)
{
    GDALWarpOptions *const o = GDALCreateWarpOptions();
    o->hSrcDS = source->ds;
    o->hDstDS = to;
    o->nBandCount = 1;
    o->panSrcBands = CPLMalloc(sizeof(int));
    o->panDstBands = CPLMalloc(sizeof(int));
    o->panSrcBands[0] = source->band;
    o->panDstBands[0] = 1;
    o->eResampleAlg = w->method;
    o->eWorkingDataType = GDT_Float64;
    o->dfWarpMemoryLimit = WARP_MB * 1048576;
    o->padfSrcNoDataReal = CPLMalloc(sizeof(double));
    o->padfSrcNoDataReal[0] = source->nodata; /* NaN: not-a-number has no value */
    o->padfDstNoDataReal = CPLMalloc(sizeof(double));
    o->padfDstNoDataReal[0] = EM_WARP_VOID;
    o->papszWarpOptions = CSLSetNameValue(o->papszWarpOptions, "INIT_DEST", "NO_DATA");
    o->papszWarpOptions = CSLSetNameValue(o->papszWarpOptions, "SAMPLE_GRID", "YES");
    o->papszWarpOptions = CSLSetNameValue(o->papszWarpOptions, "SOURCE_EXTRA", "8");
    o->papszWarpOptions = CSLSetNameValue(o->papszWarpOptions, "NUM_THREADS", "1");
    set_scale(w, source, o);
    return o;
}

static CPLErr warp(const em_warper *w, const em_source *source, GDALDatasetH to, double *values)
{
    CPLErr rc = CE_Failure;
    GDALWarpOptions *const options = make_options(w, source, to);
    options->pTransformerArg = GDALCreateGenImgProjTransformer2(source->ds, to, NULL);
    options->pfnTransformer = GDALGenImgProjTransform; /* exact: no approximation on top */
    GDALWarpOperationH op = options->pTransformerArg ? GDALCreateWarpOperation(options) : NULL;
    if (op) rc = GDALChunkAndWarpImage(op, 0, 0, EM_WARP_SIDE, EM_WARP_SIDE);
    if (op) GDALDestroyWarpOperation(op);
    if (options->pTransformerArg) GDALDestroyGenImgProjTransformer(options->pTransformerArg);
    GDALDestroyWarpOptions(options);
    if (rc != CE_None) return rc;
    return GDALRasterIO(GDALGetRasterBand(to, 1), GF_Read, 0, 0, EM_WARP_SIDE, EM_WARP_SIDE, values,
                        EM_WARP_SIDE, EM_WARP_SIDE, GDT_Float64, 0, 0);
}

static em_status fill(const em_warper *w, window *at, em_error *err)
{
    em_complaint c;
    em_complaint_begin(&c, CE_Warning); /* drivers only warn where a code block is damaged */
    const GDALDatasetH to = make_target(w, at->x, at->y);
    const CPLErr rc = to ? warp(w, at->source, to, at->values) : CE_Failure;
    if (to) GDALClose(to);
    em_complaint_end();
    if (rc == CE_None && c.found == CE_None) return EM_OK;
    return em_fail(err, EM_EINPUT, "%s: band %s: cannot be warped to the grid: %s",
                   at->source->path, at->source->name, c.text[0] ? c.text : "no reason given");
}

/* The window from memory, or made now in the place of the one that was not used for longest. */
static em_status find(em_warper *w, const em_source *source, int64_t x, int64_t y,
                      const double **out, em_error *err)
{
    window *at = NULL;
    for (size_t i = 0; i < w->n; i++) {
        window *const one = &w->windows[i];
        if (one->source == source && one->x == x && one->y == y) {
            one->used = ++w->clock;
            *out = one->values;
            return EM_OK;
        }
        if (!at || one->used < at->used) at = one;
    }
    em_status rc = EM_OK;
    if (w->n < w->most) {
        at = &w->windows[w->n];
        rc = em_calloc((size_t)EM_WARP_SIDE * EM_WARP_SIDE, sizeof(double), "warp window",
                       &at->values, err);
        if (rc != EM_OK) return rc;
        w->n++;
    }
    *at = (window){.source = source, .x = x, .y = y, .used = ++w->clock, .values = at->values};
    rc = fill(w, at, err);
    if (rc != EM_OK) at->source = NULL;
    *out = at->values;
    return rc;
}

em_status em_warper_read(em_warper *w, const em_source *source, em_rect rect, double *out,
                         em_error *err)
{
    const int64_t side = EM_WARP_SIDE;
    const size_t width = (size_t)(rect.x1 - rect.x0);
    for (int64_t wy = em_floor_div(rect.y0, side); wy * side < rect.y1; wy++) {
        for (int64_t wx = em_floor_div(rect.x0, side); wx * side < rect.x1; wx++) {
            const double *values = NULL;
            const em_status rc = find(w, source, wx, wy, &values, err);
            if (rc != EM_OK) return rc;
            const em_rect part = em_rect_clip(
                rect, (em_rect){wx * side, wy * side, (wx + 1) * side, (wy + 1) * side});
            for (int64_t y = part.y0; y < part.y1; y++) {
                memcpy(out + (size_t)(y - rect.y0) * width + (size_t)(part.x0 - rect.x0),
                       values + (y - wy * side) * side + (part.x0 - wx * side),
                       (size_t)(part.x1 - part.x0) * sizeof *out);
            }
        }
    }
    return EM_OK;
}
