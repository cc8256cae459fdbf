/* Which tiles a run needs: those that a unit or a sample touches. */
#ifndef EM_RUN_TILES_H
#define EM_RUN_TILES_H

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/grid/grid.h"
#include "pipeline/io/units.h"

typedef struct em_tile_use {
    em_tile tile;
    em_rect rect;
    char name[32];
    bool report; /* a unit touches it: it is classified and published */
    bool sample; /* a training sample touches it: it is ingested */
    bool wanted; /* this run works on it; where not, its result is carried over */
} em_tile_use;

typedef struct em_tile_list {
    em_tile_use *items; /* in the order of em_tile_compare */
    size_t n, cap;
} em_tile_list;

/* True if the polygon (even-odd over all rings) covers any part of the rectangle. */
bool em_rings_touch(const em_ring *rings, size_t n_ring, em_rect rect);

/* Tiles of all usable units and of all samples. The caller releases *out with em_free(out->items).
 * EM_EENV where memory is refused or more than 100000 tiles are wanted. */
em_status em_tiles_find(const em_grid *grid, const em_units *units, const em_samples *samples,
                        em_tile_list *out, em_error *err);

#endif
