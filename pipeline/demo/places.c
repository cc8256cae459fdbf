#include "pipeline/demo/places.h"

#include <stdbool.h>
#include <string.h>

#include "kernels/zonal/coverage.h"
#include "pipeline/base/memory.h"
#include "pipeline/demo/noise.h"

enum { TRIES = 200000, APART = 8, STRIP = 256 };

/* inside[i] = 1 in a town, 2 where a training square or its neighbourhood lies. */
typedef struct canvas {
    const em_world *world;
    int32_t day;
    uint8_t *state; /* [height][width] */
} canvas;

static em_status mark_town(canvas *c, const em_outline *town, uint8_t *strip, em_error *err)
{
    em_status rc = EM_OK;
    const em_world *const w = c->world;
    double(*xy)[2] = NULL;
    void *memory = NULL;
    ek_zone zone;
    EM_TRY(em_calloc(town->n, sizeof *xy, "outline", &xy, err));
    for (size_t i = 0; i < town->n; i++) {
        xy[i][0] = (town->xy[i][0] - EM_DEMO_X0) / EM_DEMO_PIXEL;
        xy[i][1] = (EM_DEMO_Y0 - town->xy[i][1]) / EM_DEMO_PIXEL;
    }
    const ek_zone_ring ring = {&xy[0][0], town->n};
    EM_TRY(em_calloc(ek_zone_bytes(&ring, 1), 1, "outline", &memory, err));
    if (ek_zone_init(&ring, 1, memory, &zone) != EK_OK) {
        rc = em_fail(err, EM_EINTERNAL, "the made town %s has no area", town->code);
        goto done;
    }
    for (int32_t y = 0; y < w->height; y += STRIP) {
        const int32_t rows = w->height - y < STRIP ? w->height - y : STRIP;
        const size_t n = (size_t)rows * (size_t)w->width;
        ek_centres(&zone, (ek_window){0, y, w->width, rows}, strip);
        for (size_t i = 0; i < n; i++) c->state[(size_t)y * (size_t)w->width + i] |= strip[i];
    }
done:
    em_free(xy);
    em_free(memory);
    return rc;
}

/* The square around a pixel has one class, lies in the county and near no other square. */
static bool is_free(const canvas *c, int32_t x, int32_t y, int32_t side, uint8_t code)
{
    const em_world *const w = c->world;
    if (x < 0 || y < 0 || x + side > w->width || y + side > w->height) return false;
    for (int32_t v = y; v < y + side; v++) {
        for (int32_t u = x; u < x + side; u++) {
            const size_t at = (size_t)v * (size_t)w->width + (size_t)u;
            if (c->state[at] != 1 || em_world_class(w, at, c->day) != code) return false;
        }
    }
    return true;
}

static void block(canvas *c, int32_t x, int32_t y, int32_t side)
{
    const em_world *const w = c->world;
    for (int32_t v = y - APART; v < y + side + APART; v++) {
        for (int32_t u = x - APART; u < x + side + APART; u++) {
            if (u >= 0 && v >= 0 && u < w->width && v < w->height)
                c->state[(size_t)v * (size_t)w->width + (size_t)u] |= 2;
        }
    }
}

/* Even draws over the county until enough were found, or the county seems to have no more. */
static size_t draw_class(canvas *c, uint8_t code, int32_t side, int32_t wanted, uint64_t seed,
                         bool blocks, em_place_at *out)
{
    size_t n = 0;
    const em_world *const w = c->world;
    for (int64_t k = 0; k < TRIES && n < (size_t)wanted; k++) {
        const int32_t x = (int32_t)(em_draw(seed, k, 1) * (w->width - side));
        const int32_t y = (int32_t)(em_draw(seed, k, 2) * (w->height - side));
        if (!is_free(c, x, y, side, code)) continue;
        out[n++] = (em_place_at){x, y, code};
        if (blocks) block(c, x, y, side);
    }
    return n;
}

em_status em_places_draw(const em_world *world, const em_county *county, int32_t day,
                         int32_t squares, int32_t points, em_places *out, em_error *err)
{
    em_status rc = EM_OK;
    uint8_t *strip = NULL;
    canvas c = {.world = world, .day = day};
    const size_t width = (size_t)world->width;
    *out = (em_places){0};
    EM_TRY(em_calloc(width * (size_t)world->height, 1, "places", &c.state, err));
    EM_TRY(em_calloc(width, STRIP, "places", &strip, err));
    EM_TRY(em_calloc(7 * (size_t)squares, sizeof *out->squares, "places", &out->squares, err));
    EM_TRY(em_calloc(7 * (size_t)points, sizeof *out->points, "places", &out->points, err));
    for (int t = 0; t < EM_DEMO_TOWNS; t++) EM_TRY(mark_town(&c, &county->towns[t], strip, err));
    for (uint8_t code = 1; code <= 7; code++) {
        out->n_square += draw_class(&c, code, EM_DEMO_SQUARE, squares, world->seed * 61 + code,
                                    true, out->squares + out->n_square);
    }
    for (uint8_t code = 1; code <= 7; code++) {
        out->n_point += draw_class(&c, code, 1, points, world->seed * 67 + code, false,
                                   out->points + out->n_point);
    }
done:
    em_free(c.state);
    em_free(strip);
    if (rc != EM_OK) em_places_release(out);
    return rc;
}

void em_places_release(em_places *places)
{
    em_free(places->squares);
    em_free(places->points);
    *places = (em_places){0};
}
