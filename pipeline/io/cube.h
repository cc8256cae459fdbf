/* The cube: one immutable HDF5 file per tile and scene, readable by any HDF5 tool.
 *
 *   /reflectance_1  int16 [band][T][T]          chunks 1 x 256 x 256, fill -32768, x 10^4
 *   /reflectance_2  int16 [band][T/2][T/2]      chunks 1 x 128 x 128: bands of twice the grid's
 * pixel /ring_2         int16 [band][T/256][T/256][1040]  the two pixels around each 128 x 128
 * block, row by row from the top left, so that a block is interpolated without its neighbours
 *   /flags          uint8 [T][T]                chunks 256 x 256, EK_FLAG_* bits of kernels/mask
 *
 * Chunks are shuffle + deflate 1. A chunk that is all fill (flags: all NODATA) is not stored; the
 * dataset's fill value stands for it. Attributes of the root name the scene, its content hash,
 * time, grid, tile and bands. The same planes give the same bytes.
 *
 * A block is EM_BLOCK x EM_BLOCK grid pixels: one chunk of every dataset.
 */
#ifndef EM_IO_CUBE_H
#define EM_IO_CUBE_H

#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/error.h"
#include "pipeline/base/str.h"
#include "pipeline/grid/grid.h"
#include "pipeline/io/scene.h"

#define EM_CUBE_HALO 2 /* pixels, at the band's own size */
#define EM_CUBE_COARSE                                                                             \
    (EM_BLOCK / 2 + 2 * EM_CUBE_HALO) /* 132: side of a coarse block with halo                     \
                                       */

typedef struct em_cube_band {
    char name[16];
    int32_t factor; /* 1: at grid resolution; 2: pixels twice as wide */
} em_cube_band;

typedef struct em_cube_meta {
    char scene_id[160];
    char sensor[16];
    em_hash content; /* of the scene */
    em_hash key;     /* of the ingest task */
    int64_t time;    /* seconds since 1970 UTC */
    int32_t day;
    int32_t pass;
    char crs[64]; /* first 63 bytes where the grid's CRS is longer */
    double px, ax, ay;
    int32_t tile_px; /* T */
    em_tile tile;
    em_cube_band bands[EM_MAX_BANDS];
    int32_t n_band;
    int64_t n_clear; /* pixels of the tile without any flag that hides: all but EK_FLAG_RANGE */
    int64_t n_data;  /* pixels of the tile without EK_FLAG_NODATA */
} em_cube_meta;

/* Encodes a whole tile in memory. planes[b] is [T][T] for factor 1 and [T/2 + 4][T/2 + 4], with a
 * halo of EM_CUBE_HALO pixels on every side, for factor 2; flags is [T][T]. *image receives the
 * bytes of the file, to be handed to em_file_publish; the caller releases it. Safe from several
 * threads. */
em_status em_cube_encode(const em_cube_meta *meta, const int16_t *const *planes,
                         const uint8_t *flags, em_str *image, em_error *err);

typedef struct em_cube em_cube;

/* Opens a cube file: reads attributes and chunk addresses, checks every size and address against
 * the file, then needs HDF5 no more. EM_EINPUT where it is not such a file or is damaged. On
 * success *out belongs to the caller (em_cube_close). Safe from several threads. */
em_status em_cube_open(const char *path, em_cube **out, em_error *err);
const em_cube_meta *em_cube_get_meta(const em_cube *cube);
void em_cube_close(em_cube *cube); /* accepts NULL */

/* Bytes of scratch that each reading call wants, EK_ALIGN-aligned. */
size_t em_cube_scratch_bytes(void);

/* Reads block (bx, by), counted from the tile's upper left corner, of band b. out is [256][256] for
 * factor 1 and [132][132] (block and halo) for factor 2. Safe from several threads on one cube. */
em_status em_cube_read_block(const em_cube *cube, int32_t b, int32_t bx, int32_t by, void *scratch,
                             int16_t *out, em_error *err);
em_status em_cube_read_flags(const em_cube *cube, int32_t bx, int32_t by, void *scratch,
                             uint8_t *out, em_error *err);

#endif
