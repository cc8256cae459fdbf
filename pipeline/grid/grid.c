#include "pipeline/grid/grid.h"

#include <math.h>
#include <stdio.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/str.h"

bool em_rect_empty(em_rect r)
{
    return r.x1 <= r.x0 || r.y1 <= r.y0;
}

em_rect em_rect_clip(em_rect a, em_rect b)
{
    return (em_rect){.x0 = a.x0 > b.x0 ? a.x0 : b.x0,
                     .y0 = a.y0 > b.y0 ? a.y0 : b.y0,
                     .x1 = a.x1 < b.x1 ? a.x1 : b.x1,
                     .y1 = a.y1 < b.y1 ? a.y1 : b.y1};
}

em_rect em_rect_union(em_rect a, em_rect b)
{
    if (em_rect_empty(a)) return b;
    if (em_rect_empty(b)) return a;
    return (em_rect){.x0 = a.x0 < b.x0 ? a.x0 : b.x0,
                     .y0 = a.y0 < b.y0 ? a.y0 : b.y0,
                     .x1 = a.x1 > b.x1 ? a.x1 : b.x1,
                     .y1 = a.y1 > b.y1 ? a.y1 : b.y1};
}

em_rect em_rect_grow(em_rect r, int64_t by)
{
    return (em_rect){r.x0 - by, r.y0 - by, r.x1 + by, r.y1 + by};
}

em_status em_grid_init(em_grid *grid, const char *crs, double px, double ax, double ay,
                       int32_t tile, em_error *err)
{
    *grid = (em_grid){0};
    if (!(px > 0) || !isfinite(px) || !isfinite(ax) || !isfinite(ay)) {
        return em_fail(err, EM_ECONFIG,
                       "grid: pixel size %g and anchor %g, %g must be finite, and the size above 0",
                       px, ax, ay);
    }
    if (tile < EM_BLOCK || tile > 2048 || (tile & (tile - 1))) {
        return em_fail(err, EM_ECONFIG, "grid: tile size %d, expected 256, 512, 1024 or 2048",
                       tile);
    }
    const em_status rc = em_strdup(crs, &grid->crs, err);
    if (rc != EM_OK) return rc;
    grid->px = px;
    grid->ax = ax;
    grid->ay = ay;
    grid->tile = tile;
    return EM_OK;
}

em_status em_grid_copy(const em_grid *from, em_grid *to, em_error *err)
{
    return em_grid_init(to, from->crs, from->px, from->ax, from->ay, from->tile, err);
}

void em_grid_release(em_grid *grid)
{
    em_free(grid->crs);
    *grid = (em_grid){0};
}

em_status em_grid_hash(const em_grid *grid, em_hash *out, em_error *err)
{
    em_str text = {0};
    char number[3][32];
    em_print_double(grid->px, number[0]);
    em_print_double(grid->ax, number[1]);
    em_print_double(grid->ay, number[2]);
    em_str_printf(&text, "grid|%s|%s|%s|%s", grid->crs, number[0], number[1], number[2]);
    em_status rc = em_str_check(&text, err);
    if (rc == EM_OK) rc = em_hash_bytes(text.data, text.size, out, err);
    em_str_release(&text);
    return rc;
}

void em_grid_to_pixel(const em_grid *grid, double x, double y, double *col, double *row)
{
    *col = (x - grid->ax) / grid->px;
    *row = (grid->ay - y) / grid->px;
}

void em_grid_to_crs(const em_grid *grid, double col, double row, double *x, double *y)
{
    *x = grid->ax + col * grid->px;
    *y = grid->ay - row * grid->px;
}

int64_t em_floor_div(int64_t a, int64_t b)
{
    const int64_t q = a / b;
    return q - (a % b != 0 && a < 0);
}

em_rect em_tile_rect(const em_grid *grid, em_tile tile)
{
    const int64_t side = grid->tile;
    const int64_t x0 = tile.east * side;
    const int64_t y1 = -tile.north * side;
    return (em_rect){x0, y1 - side, x0 + side, y1};
}

em_tile em_tile_at(const em_grid *grid, int64_t col, int64_t row)
{
    return (em_tile){.east = (int32_t)em_floor_div(col, grid->tile),
                     .north = (int32_t)(-em_floor_div(row, grid->tile) - 1)};
}

void em_tile_name(em_tile tile, char out[32])
{
    snprintf(out, 32, "x%04d_y%04d", tile.east, tile.north);
}

int em_tile_compare(const void *a, const void *b)
{
    const em_tile *const p = a;
    const em_tile *const q = b;
    if (p->north != q->north) return p->north > q->north ? -1 : 1;
    return (p->east > q->east) - (p->east < q->east);
}
