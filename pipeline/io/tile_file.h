/* A classified tile as one HDF5 file: class, confidence, clear looks, and the tile's exact partial
 * sums per unit.
 *
 *   /class       uint8  [T][T]   class codes, 250 no observation, 255 outside every unit
 *   /confidence  uint8  [T][T]   0..100, share of the forest's vote; 255 where there is no class
 *   /clear       uint16 [T][T]   clear looks of the period
 *   /area        int64  [unit][256]  1e-6 m2 of each class code in each unit that the tile touches
 *   /px          int64  [unit][256]  pixels whose centre lies in the unit
 */
#ifndef EM_IO_TILE_FILE_H
#define EM_IO_TILE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"
#include "pipeline/base/str.h"
#include "pipeline/grid/grid.h"

typedef struct em_tile_planes {
    int32_t side;     /* T */
    uint8_t *classes; /* [T][T] */
    uint8_t *confidence;
    uint16_t *clear;
    size_t n_unit;
    em_list units; /* "type:code" of each unit */
    int64_t *area; /* [n_unit][256], 1e-6 m2 */
    int64_t *px;   /* [n_unit][256] */
} em_tile_planes;

/* Zeroed planes for a tile with n_unit units (their names are added by the caller). */
em_status em_tile_planes_init(int32_t side, size_t n_unit, em_tile_planes *out, em_error *err);
void em_tile_planes_release(em_tile_planes *planes);

/* Bytes of the file; same planes, same bytes. */
em_status em_tile_file_encode(const em_tile_planes *planes, const char *tile, const em_hash *key,
                              em_str *image, em_error *err);

/* Reads a tile file; EM_EINPUT where it is damaged or is not the tile of this key. The caller
 * releases *out. */
em_status em_tile_file_read(const char *path, const em_hash *key, em_tile_planes *out,
                            em_error *err);

#endif
