/* The parts of decoding: where a raster lies on the grid, its file, its pixels.
 *
 * Internal to pipeline/io. All of this runs in one thread of the decoding process. */
#ifndef EM_IO_DECODE_PARTS_H
#define EM_IO_DECODE_PARTS_H

#include <cpl_error.h>
#include <gdal.h>
#include <stdbool.h>
#include <stdint.h>

#include "pipeline/io/decode.h"

/* ---- where a raster lies (decode_place.c) ---- */

/* A raster whose pixels are the grid's own (factor 1) or twice as wide (factor 2) and lie on its
 * lattice is copied; any other is warped to the grid's pixels (factor 1). */
typedef struct em_place {
    bool copied;
    int32_t factor;
    int64_t col, row; /* copied: its upper left pixel, in pixels of grid size * factor */
} em_place;

em_place em_place_of(const em_scene *scene, const em_grid *grid, double pixel);

/* The cube meta of one tile, but for counts and hashes; the same in parent and child. */
void em_decode_meta(const em_decode_job *job, size_t tile, em_cube_meta *out);

/* Pixels of one side of band b's plane, the halo included. */
int32_t em_decode_side(const em_cube_meta *meta, int32_t b);

/* Bytes of all planes and the flags of a tile laid out one after another, and where each begins:
 * planes[b], then the flags at planes[n_band]. */
size_t em_decode_layout(const em_cube_meta *meta, size_t at[EM_MAX_BANDS + 1]);

/* ---- files (decode_source.c) ---- */

/* The first thing of at least a level that GDAL complains of between begin and end. */
typedef struct em_complaint {
    CPLErr least; /* what counts */
    CPLErr found;
    char text[300];
} em_complaint;

void em_complaint_begin(em_complaint *c, CPLErr least);
void em_complaint_end(void);

/* One band of one file, opened and held against what the scene's metadata say. */
typedef struct em_source {
    GDALDatasetH ds; /* several bands of one file share it; `owner` closes it */
    bool owner;
    int32_t band;
    const char *path, *name; /* borrowed; the name is the band's for messages */
    int32_t cols, rows;
    GDALDataType type;
    double nodata; /* NaN: none */
    em_place place;
} em_source;

/* EM_EINPUT where the file is absent, truncated, of another size, place or CRS than the scene says.
 * `like` (may be NULL) is an opened source; a same path shares its dataset. */
em_status em_source_open(const em_scene *scene, const em_grid *grid, const char *name,
                         const char *path, int32_t band, double pixel, int32_t cols, int32_t rows,
                         double nodata, const em_source *like, em_source *out, em_error *err);
void em_source_close(em_source *source);

/* Reads the window (inside the raster) as `type` into out, rows `pitch` items apart. */
em_status em_source_read(const em_source *source, int32_t x, int32_t y, int32_t w, int32_t h,
                         GDALDataType type, void *out, size_t pitch, em_error *err);

/* Bytes of block cache with which every block is decoded once when tiles of `side` grid pixels are
 * read row by row. */
size_t em_source_cache_bytes(const em_source *source, int32_t side);

/* EM_EINPUT where the code stream of a JPEG 2000 file is not whole: decoders give zeros for
 * what is missing at its end. Other files pass. */
em_status em_jp2_check(const char *path, em_error *err);

/* ---- warping (decode_warp.c) ---- */

#define EM_WARP_SIDE 1024   /* pixels of the absolute grid: a window never depends on tiles */
#define EM_WARP_VOID -1e300 /* no value */

typedef struct em_warper em_warper;

/* resample: nearest, bilinear or cubic. EM_EINPUT where only a ballpark transformation leads from
 * the scene's CRS to the grid's. `keep` windows are remembered. */
em_status em_warper_open(const em_scene *scene, const em_grid *grid, const char *resample,
                         size_t keep, em_warper **out, em_error *err);
/* Values of the source in a rectangle of grid pixels, out is [height][width]; EM_WARP_VOID where
 * there is none. */
em_status em_warper_read(em_warper *w, const em_source *source, em_rect rect, double *out,
                         em_error *err);
void em_warper_close(em_warper *w); /* accepts NULL */

/* ---- pixels (decode_band.c, decode_mask.c) ---- */

typedef struct em_band_reader em_band_reader;

/* From a source to stored values; the source is borrowed. `warper` is needed where it is not
 * copied. */
em_status em_band_reader_open(const em_scene_band *band, const em_source *source, em_warper *warper,
                              em_band_reader **out, em_error *err);
/* The rectangle counts pixels of the band's own lattice (factor 1 or 2); plane and flags are
 * [height][width]. NODATA, SATURATED and RANGE are set in flags, which the caller has cleared. */
em_status em_band_reader_read(em_band_reader *r, em_rect rect, int16_t *plane, uint8_t *flags,
                              em_error *err);
void em_band_reader_close(em_band_reader *r); /* accepts NULL */

/* ORs the scene's mask, dilated, into the flags of the tile. */
em_status em_mask_read(const em_decode_job *job, const em_source *source, em_warper *warper,
                       em_rect tile, uint8_t *flags, em_error *err);

#endif
