#include "pipeline/demo/world.h"

#include <math.h>
#include <string.h>

#include "pipeline/base/date.h"
#include "pipeline/base/memory.h"
#include "pipeline/config/classes.h"
#include "pipeline/demo/noise.h"

enum { CROP = 1, FOREST, GRASS, WATER, WETLAND, BUILT, BARE };
enum { CELL = 14 }; /* pixels: parcels of about two hectares */

/* Streams of draws. */
enum {
    S_JITTER = 1,
    S_WARP,
    S_BANK,
    S_FLAT,
    S_RIVER,
    S_MARSH,
    S_TOWN,
    S_VILLAGE,
    S_WOOD,
    S_MEADOW,
    S_FEN,
    S_DRAW,
    S_KIND,
    S_CANAL,
    S_CHANGE
};

static uint64_t stream(const em_world *w, int which)
{
    return w->seed * 1000 + (uint64_t)which * 16;
}

/* ---- where things lie ---- */

/* Towns stand in rows of 3, 4, 4 and 3. */
static void place_towns(em_world *w)
{
    static const int in_row[] = {3, 4, 4, 3};
    int t = 0;
    for (int r = 0; r < 4; r++) {
        for (int c = 0; c < in_row[r]; c++, t++) {
            const double jx = em_draw(stream(w, S_TOWN), t, 1) - 0.5;
            const double jy = em_draw(stream(w, S_TOWN), t, 2) - 0.5;
            w->town[t][0] = w->width * (0.06 + 0.88 * (c + 0.5 + 0.3 * jx) / in_row[r]);
            w->town[t][1] = w->height * (0.06 + 0.86 * (r + 0.5 + 0.3 * jy) / 4);
        }
    }
}

static double bank_of(const em_world *w, double x)
{
    return w->height * (0.90 + 0.05 * em_fractal(stream(w, S_BANK), 3 * x / w->width, 0));
}

/* Distance of a point from the nearer of two winding rivers, in half widths of it. */
static double river_distance(const em_world *w, double x, double y)
{
    const double size = 2 + 0.0015 * w->width;
    const double cx =
        w->width * (0.2 + 0.25 * em_fractal(stream(w, S_RIVER), 4 * y / w->height, 0));
    const double cy =
        w->height * (0.3 + 0.3 * em_fractal(stream(w, S_RIVER) + 8, 4 * x / w->width, 0));
    return fmin(fabs(x - cx), fabs(y - cy)) / size;
}

/* Distance from the nearest town's centre, in its radius. */
static double town_distance(const em_world *w, double x, double y)
{
    const double size = 0.16 * sqrt((double)w->width * w->height / EM_DEMO_TOWNS);
    double least = 1e9;
    for (int t = 0; t < EM_DEMO_TOWNS; t++) {
        const double dx = (x - w->town[t][0]) / size;
        const double dy = (y - w->town[t][1]) / size;
        const double d = sqrt(dx * dx + dy * dy) * (t == 0 ? 0.7 : 1);
        least = d < least ? d : least;
    }
    return least;
}

/* ---- parcels ---- */

static uint8_t town_class(double draw)
{
    return draw < 0.84 ? BUILT : draw < 0.91 ? GRASS : draw < 0.96 ? BARE : WATER;
}

static uint8_t class_of(const em_world *w, double x, double y, int64_t id)
{
    const double draw = em_draw(stream(w, S_DRAW), id, 0);
    const double bank = bank_of(w, x);
    const double flat =
        w->height * (0.02 + 0.05 * em_noise(stream(w, S_FLAT), 8 * x / w->width, 0));
    if (y > bank) return WATER;
    if (bank - y < flat) return draw < 0.8 ? WETLAND : draw < 0.9 ? WATER : GRASS;
    const double river = river_distance(w, x, y);
    if (river < 4 && em_noise(stream(w, S_MARSH), x / 60, y / 60) > 0.55) return WETLAND;
    if (river < 3.5 && draw < 0.35) return FOREST;
    if (town_distance(w, x, y) < 0.5 + em_noise(stream(w, S_TOWN) + 8, x / 25, y / 25))
        return town_class(draw);
    if (em_fractal(stream(w, S_VILLAGE), x / 45, y / 45) > 0.62 && draw < 0.55) return BUILT;
    if (em_fractal(stream(w, S_WOOD), x / 70, y / 70) > 0.66) return draw < 0.85 ? FOREST : GRASS;
    if (em_fractal(stream(w, S_MEADOW), x / 80, y / 80) > 0.68 && draw < 0.7) return GRASS;
    if (em_fractal(stream(w, S_FEN), x / 90, y / 90) > 0.72 && draw < 0.7) return WETLAND;
    return draw < 0.02 ? WATER : draw < 0.035 ? BARE : draw < 0.05 ? GRASS : CROP;
}

static void make_parcels(em_world *w)
{
    for (int32_t r = 0; r < w->rows; r++) {
        for (int32_t c = 0; c < w->cols; c++) {
            const int64_t id = (int64_t)r * w->cols + c;
            em_parcel *const p = &w->parcels[id];
            const double x = (c - 0.5 + 0.8 * em_draw(stream(w, S_JITTER), c, r)) * CELL;
            const double y = (r - 0.5 + 0.8 * em_draw(stream(w, S_JITTER) + 1, c, r)) * CELL;
            *p = (em_parcel){.x = (float)x,
                             .y = (float)y,
                             .code = class_of(w, x, y, id),
                             .kind = em_draw(stream(w, S_KIND), id, 0) < 0.3};
        }
    }
}

/* The parcel whose seed is nearest in a slightly bent plane, by the sum of both distances: fields
 * have straight, mostly right-angled edges. */
static uint32_t nearest_parcel(const em_world *w, int32_t x, int32_t y)
{
    const double px = x + 4 * (em_noise(stream(w, S_WARP), x / 30.0, y / 30.0) - 0.5);
    const double py = y + 4 * (em_noise(stream(w, S_WARP) + 1, x / 30.0, y / 30.0) - 0.5);
    const int32_t c0 = x / CELL + 1;
    const int32_t r0 = y / CELL + 1;
    uint32_t best = 0;
    double least = 1e9;
    for (int32_t r = r0 - 1; r <= r0 + 1; r++) {
        for (int32_t c = c0 - 1; c <= c0 + 1; c++) {
            if (r < 0 || c < 0 || r >= w->rows || c >= w->cols) continue;
            const em_parcel *const p = &w->parcels[(int64_t)r * w->cols + c];
            const double d = fabs(px - (double)p->x) + fabs(py - (double)p->y);
            if (d < least) {
                least = d;
                best = (uint32_t)(r * w->cols + c);
            }
        }
    }
    return best;
}

/* Rivers, the great river, and canals every 90 pixels where fields are. */
static uint8_t fixed_class(const em_world *w, int32_t x, int32_t y)
{
    if (y > bank_of(w, x)) return WATER;
    if (river_distance(w, x, y) < 1) return WATER;
    const int32_t wobble = (int32_t)(6 * em_noise(stream(w, S_CANAL), x / 50.0, y / 50.0));
    const bool canal = (x + wobble) % 90 < 2 || (y + wobble) % 130 < 2;
    return canal && em_noise(stream(w, S_CANAL) + 1, x / 120.0, y / 120.0) > 0.5 ? WATER : 0;
}

static void paint(em_world *w)
{
    for (int32_t y = 0; y < w->height; y++) {
        for (int32_t x = 0; x < w->width; x++) {
            const size_t at = (size_t)y * (size_t)w->width + (size_t)x;
            w->parcel_of[at] = nearest_parcel(w, x, y);
            w->fixed[at] = fixed_class(w, x, y);
        }
    }
}

/* ---- changes ---- */

/* About one parcel in 250 of three classes changes each year, between May and September. */
static void plant_changes(em_world *w, int32_t last_year, int32_t years)
{
    static const struct {
        uint8_t from, to;
        double rate;
    } rules[] = {{FOREST, BUILT, 0.02}, {CROP, WATER, 0.003}, {WETLAND, BUILT, 0.02}};
    const int64_t n = (int64_t)w->rows * w->cols;
    for (int64_t id = 0; id < n; id++) {
        em_parcel *const p = &w->parcels[id];
        for (int32_t year = last_year - years + 1; year <= last_year && !p->later; year++) {
            for (size_t k = 0; k < sizeof rules / sizeof *rules; k++) {
                const double draw = em_draw(stream(w, S_CHANGE), id, year);
                if (p->code != rules[k].from || draw >= rules[k].rate) continue;
                const double when = em_draw(stream(w, S_CHANGE) + 1, id, year);
                p->later = rules[k].to;
                p->day = em_day_from_date((em_date){year, 5, 1}) + (int32_t)(150 * when);
            }
        }
    }
}

em_status em_world_make(uint64_t seed, int32_t width, int32_t height, int32_t last_year,
                        int32_t years, em_world *out, em_error *err)
{
    em_status rc = EM_OK;
    *out = (em_world){.seed = seed,
                      .width = width,
                      .height = height,
                      .cols = width / CELL + 3,
                      .rows = height / CELL + 3};
    const size_t n = (size_t)width * (size_t)height;
    EM_TRY(em_calloc((size_t)out->cols * (size_t)out->rows, sizeof *out->parcels, "parcels",
                     &out->parcels, err));
    EM_TRY(em_calloc(n, sizeof *out->parcel_of, "landscape", &out->parcel_of, err));
    EM_TRY(em_calloc(n, 1, "landscape", &out->fixed, err));
    place_towns(out);
    make_parcels(out);
    paint(out);
    plant_changes(out, last_year, years);
done:
    if (rc != EM_OK) em_world_release(out);
    return rc;
}

void em_world_release(em_world *world)
{
    em_free(world->parcels);
    em_free(world->parcel_of);
    em_free(world->fixed);
    *world = (em_world){0};
}
