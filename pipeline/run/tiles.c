#include "pipeline/run/tiles.h"

#include <math.h>
#include <stdlib.h>

#include "pipeline/base/memory.h"

enum { MOST_TILES = 100000 };

/* Does the segment meet the rectangle? Liang and Barsky's clipping of its parameter. */
static bool segment_meets(const double a[2], const double b[2], em_rect rect)
{
    const double low[2] = {(double)rect.x0, (double)rect.y0};
    const double high[2] = {(double)rect.x1, (double)rect.y1};
    double from = 0;
    double to = 1;
    for (int k = 0; k < 2; k++) {
        const double d = b[k] - a[k];
        if (d == 0) {
            if (a[k] < low[k] || a[k] > high[k]) return false;
            continue;
        }
        const double t0 = (low[k] - a[k]) / d;
        const double t1 = (high[k] - a[k]) / d;
        from = fmax(from, fmin(t0, t1));
        to = fmin(to, fmax(t0, t1));
    }
    return from <= to;
}

/* Even-odd rule for one point. */
static bool rings_hold(const em_ring *rings, size_t n_ring, double x, double y)
{
    bool in = false;
    for (size_t r = 0; r < n_ring; r++) {
        for (size_t i = 0; i + 1 < rings[r].n; i++) {
            const double *const a = rings[r].at[i];
            const double *const b = rings[r].at[i + 1];
            if ((a[1] > y) != (b[1] > y) && x < a[0] + (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]))
                in = !in;
        }
    }
    return in;
}

bool em_rings_touch(const em_ring *rings, size_t n_ring, em_rect rect)
{
    for (size_t r = 0; r < n_ring; r++) {
        for (size_t i = 0; i + 1 < rings[r].n; i++) {
            if (segment_meets(rings[r].at[i], rings[r].at[i + 1], rect)) return true;
        }
    }
    return rings_hold(rings, n_ring, (double)rect.x0 + 0.5, (double)rect.y0 + 0.5);
}

static em_tile_use *find(em_tile_list *list, em_tile tile)
{
    for (size_t i = list->n; i-- > 0;) {
        if (em_tile_compare(&list->items[i].tile, &tile) == 0) return &list->items[i];
    }
    return NULL;
}

static em_status find_or_add(em_tile_list *list, const em_grid *grid, em_tile tile,
                             em_tile_use **out, em_error *err)
{
    *out = find(list, tile);
    if (*out) return EM_OK;
    const em_status rc = em_reserve(&list->items, &list->cap, list->n, list->n + 1,
                                    sizeof *list->items, "tiles", err);
    if (rc != EM_OK) return rc;
    if (list->n == MOST_TILES) {
        return em_fail(err, EM_EENV,
                       "more than %d tiles are wanted; the units reach too far for one run",
                       MOST_TILES);
    }
    em_tile_use *const use = &list->items[list->n++];
    *use = (em_tile_use){.tile = tile, .rect = em_tile_rect(grid, tile), .wanted = true};
    em_tile_name(tile, use->name);
    *out = use;
    return EM_OK;
}

/* Tiles of one polygon; a box whose corners lie in two tiles has those and all between. */
static em_status add_box(em_tile_list *list, const em_grid *grid, em_rect box, const em_ring *rings,
                         size_t n_ring, bool sample, em_error *err)
{
    if (em_rect_empty(box)) return EM_OK;
    const em_tile first = em_tile_at(grid, box.x0, box.y0);
    const em_tile last = em_tile_at(grid, box.x1 - 1, box.y1 - 1);
    if ((int64_t)(last.east - first.east + 1) * (first.north - last.north + 1) > MOST_TILES) {
        return em_fail(err, EM_EENV,
                       "one polygon spans more than %d tiles; its coordinates or CRS may be wrong",
                       MOST_TILES);
    }
    for (int32_t north = first.north; north >= last.north; north--) {
        for (int32_t east = first.east; east <= last.east; east++) {
            const em_tile tile = {east, north};
            if (n_ring && !em_rings_touch(rings, n_ring, em_tile_rect(grid, tile))) continue;
            em_tile_use *use = NULL;
            const em_status rc = find_or_add(list, grid, tile, &use, err);
            if (rc != EM_OK) return rc;
            use->report = use->report || !sample;
            use->sample = use->sample || sample;
        }
    }
    return EM_OK;
}

static int by_place(const void *a, const void *b)
{
    const em_tile_use *const p = a;
    const em_tile_use *const q = b;
    return em_tile_compare(&p->tile, &q->tile);
}

em_status em_tiles_find(const em_grid *grid, const em_units *units, const em_samples *samples,
                        em_tile_list *out, em_error *err)
{
    em_status rc = EM_OK;
    *out = (em_tile_list){0};
    for (size_t u = 0; u < units->n && rc == EM_OK; u++) {
        const em_unit *const unit = &units->items[u];
        if (unit->state != EM_UNIT_OK) continue;
        rc = add_box(out, grid, unit->box, unit->rings, unit->n_ring, false, err);
        if (rc != EM_OK) rc = em_context(err, rc, "unit %s", unit->code);
    }
    for (size_t s = 0; s < samples->n && rc == EM_OK; s++) {
        const em_sample *const sample = &samples->items[s];
        rc = add_box(out, grid, sample->box, sample->rings, sample->n_ring, true, err);
        if (rc != EM_OK) rc = em_context(err, rc, "sample %lld", (long long)sample->id);
    }
    if (rc != EM_OK) {
        em_free(out->items);
        *out = (em_tile_list){0};
        return rc;
    }
    if (out->n) qsort(out->items, out->n, sizeof *out->items, by_place);
    return EM_OK;
}
