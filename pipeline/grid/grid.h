/* The run's one pixel lattice: a CRS, a pixel size, an anchor, and tiles counted from the CRS
 * origin.
 *
 * Absolute pixel (col, row) covers x in [ax + col * px, ax + (col + 1) * px) and
 * y in (ay - (row + 1) * px, ay - row * px]: columns grow eastwards, rows southwards, both may be
 * negative. The anchor (ax, ay) is the scenes' own pixel corner taken modulo their coarsest copied
 * pixel, so that scene pixels are copied, never resampled, and enlarging a region moves no tile.
 */
#ifndef EM_GRID_GRID_H
#define EM_GRID_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"

/* Grid pixels per side of a block: the unit of storage, of reading and of work in every stage. */
#define EM_BLOCK 256

/* Half-open rectangle of absolute pixels: x0 <= col < x1, y0 <= row < y1. Empty where x1 <= x0 or
 * y1 <= y0. */
typedef struct em_rect {
    int64_t x0, y0, x1, y1;
} em_rect;

bool em_rect_empty(em_rect r);
em_rect em_rect_clip(em_rect a, em_rect b);
em_rect em_rect_union(em_rect a, em_rect b); /* an empty one adds nothing */
em_rect em_rect_grow(em_rect r, int64_t by);

typedef struct em_grid {
    char *crs;     /* owned: "EPSG:32651", or WKT2 where the CRS has no code */
    double px;     /* pixel size in CRS units (metres, or degrees in a geographic CRS), > 0 */
    double ax, ay; /* CRS position of the corner of pixel (0, 0) */
    int32_t tile;  /* pixels per tile side: 256, 512, 1024 or 2048 */
} em_grid;

em_status em_grid_init(em_grid *grid, const char *crs, double px, double ax, double ay,
                       int32_t tile, em_error *err);
em_status em_grid_copy(const em_grid *from, em_grid *to, em_error *err);
void em_grid_release(em_grid *grid);

/* Identity of the lattice without its tile size: CRS, pixel, anchor. Part of every key. */
em_status em_grid_hash(const em_grid *grid, em_hash *out, em_error *err);

/* CRS position -> absolute pixel coordinates (fractions kept): col = (x - ax) / px,
 * row = (ay - y) / px. */
void em_grid_to_pixel(const em_grid *grid, double x, double y, double *col, double *row);
void em_grid_to_crs(const em_grid *grid, double col, double row, double *x, double *y);

/* A tile by its place east and north of the CRS origin; tile (0, 0) has its lower left corner at
 * the anchor. */
typedef struct em_tile {
    int32_t east, north;
} em_tile;

em_rect em_tile_rect(const em_grid *grid, em_tile tile);
/* The tile that holds pixel (col, row). */
em_tile em_tile_at(const em_grid *grid, int64_t col, int64_t row);
/* "x0026_y0351"; negative places as "x-001_y0351". */
void em_tile_name(em_tile tile, char out[32]);
/* Order by north (descending), then east (ascending): the order of rows in a map. For qsort. */
int em_tile_compare(const void *a, const void *b);

int64_t em_floor_div(int64_t a, int64_t b); /* b > 0 */

#endif
