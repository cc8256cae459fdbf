#include "pipeline/demo/render.h"

#include <math.h>

#include "pipeline/base/date.h"
#include "pipeline/base/memory.h"
#include "pipeline/demo/noise.h"

#define PARCEL_SPREAD 0.10 /* of a parcel's brightness */
#define BAND_SPREAD   0.05 /* of a parcel's colour */
#define PIXEL_SPREAD  0.05 /* inside a parcel, the same on every date */
#define DAYS_SPREAD   9.0  /* of a parcel's calendar */
#define SENSOR_NOISE  12.0
#define PSF_SIDE      0.08 /* share of each neighbour in a pixel of 10 m */

enum { S_BRIGHT = 401, S_COLOUR, S_CALENDAR, S_TEXTURE, S_SENSOR, S_WET, S_SCL };

em_status em_view_init(const em_world *world, em_view *out, em_error *err)
{
    *out = (em_view){.world = world};
    const size_t n = (size_t)world->rows * (size_t)world->cols;
    em_status rc = em_sky_init(world, &out->sky, err);
    if (rc == EM_OK)
        rc = em_calloc(n * EM_DEMO_BANDS, sizeof *out->parcel, "parcel spectra", &out->parcel, err);
    if (rc != EM_OK) em_view_release(out);
    return rc;
}

void em_view_release(em_view *view)
{
    em_sky_release(&view->sky);
    em_free(view->parcel);
    *view = (em_view){0};
}

static double day_of_year(int32_t day)
{
    const em_date date = em_date_from_day(day);
    return day - em_day_from_date((em_date){date.year, 1, 1}) + 1;
}

static double wrap_year(double day)
{
    return day < 1 ? day + 365 : day > 365 ? day - 365 : day;
}

/* Reeds stand in water, now more, now less. */
static void make_wet(double share, double s[EM_DEMO_BANDS])
{
    double water[EM_DEMO_BANDS];
    em_demo_spectrum(4, 0, 1, water);
    for (int k = 0; k < EM_DEMO_BANDS; k++) s[k] = s[k] * (1 - share) + water[k] * share;
}

static void paint_parcel(em_view *v, int64_t id, double day)
{
    const em_world *const w = v->world;
    const em_parcel *const p = &w->parcels[id];
    const uint8_t code = p->later && v->day >= p->day ? p->later : p->code;
    const double bright = 1 + PARCEL_SPREAD * em_draw_normal(w->seed + S_BRIGHT, id, 0);
    const double shift = DAYS_SPREAD * em_draw_normal(w->seed + S_CALENDAR, id, 0);
    double s[EM_DEMO_BANDS];
    em_demo_spectrum(code, p->kind, wrap_year(day + shift), s);
    if (code == 5) make_wet(0.5 * em_draw(w->seed + S_WET, id, 0), s);
    for (int k = 0; k < EM_DEMO_BANDS; k++) {
        const double colour = 1 + BAND_SPREAD * em_draw_normal(w->seed + S_COLOUR, id, k);
        v->parcel[id * EM_DEMO_BANDS + k] = (float)(s[k] * bright * colour);
    }
}

void em_view_set(em_view *v, int32_t date, int32_t day, double clouds)
{
    const em_world *const w = v->world;
    const double of_year = day_of_year(day);
    v->date = date;
    v->day = day;
    for (int64_t id = 0; id < (int64_t)w->rows * w->cols; id++) paint_parcel(v, id, of_year);
    for (int code = 1; code < EM_DEMO_CLASSES; code++) {
        double s[EM_DEMO_BANDS];
        em_demo_spectrum((uint8_t)code, 0, of_year, s);
        for (int k = 0; k < EM_DEMO_BANDS; k++) v->fixed[code][k] = (float)s[k];
    }
    em_sky_make(w, date, clouds, &v->sky);
}

/* ---- pixels ---- */

static inline double ground(const em_view *v, size_t at, int32_t b)
{
    const em_world *const w = v->world;
    if (w->fixed[at]) return (double)v->fixed[w->fixed[at]][b];
    return (double)v->parcel[(size_t)w->parcel_of[at] * EM_DEMO_BANDS + (size_t)b];
}

/* The ground as a pixel of 10 m sees it: some light comes from its neighbours. */
static double blended(const em_view *v, int32_t x, int32_t y, int32_t b)
{
    const em_world *const w = v->world;
    const size_t width = (size_t)w->width;
    const size_t at = (size_t)y * width + (size_t)x;
    const double own = ground(v, at, b);
    const double left = x > 0 ? ground(v, at - 1, b) : own;
    const double right = x + 1 < w->width ? ground(v, at + 1, b) : own;
    const double up = y > 0 ? ground(v, at - width, b) : own;
    const double down = y + 1 < w->height ? ground(v, at + width, b) : own;
    return own * (1 - 4 * PSF_SIDE) + PSF_SIDE * (left + right + up + down);
}

/* Through haze, shadow and cloud. */
static double through_sky(const em_view *v, size_t at, int32_t b, double r)
{
    const em_demo_band *const band = &em_demo_bands[b];
    const double haze = v->sky.haze[at] / 255.0;
    const double shadow = v->sky.shadow[at] / 255.0;
    const double cloud = v->sky.cloud[at] / 255.0;
    r = r * (1 - 0.6 * shadow) + haze * band->haze;
    return r * (1 - cloud) + cloud * band->cloud;
}

static uint16_t to_number(double r)
{
    const double dn = floor(r + 0.5) + EM_DEMO_OFFSET;
    return (uint16_t)(dn < 1 ? 1 : dn > 65534 ? 65534 : dn);
}

static void fill_10m(const em_view *v, int32_t b, uint16_t *out)
{
    const em_world *const w = v->world;
    const uint64_t texture = w->seed * 31 + S_TEXTURE * 64 + (uint64_t)b;
    const uint64_t sensor = w->seed * 37 + S_SENSOR * 64 + (uint64_t)(v->date * 16 + b);
    for (int32_t y = 0; y < w->height; y++) {
        for (int32_t x = 0; x < w->width; x++) {
            const size_t at = (size_t)y * (size_t)w->width + (size_t)x;
            if (em_sky_is_void(&v->sky, x, y)) {
                out[at] = 0;
                continue;
            }
            const double r =
                blended(v, x, y, b) * (1 + PIXEL_SPREAD * em_draw_normal(texture, x, y));
            out[at] =
                to_number(through_sky(v, at, b, r) + SENSOR_NOISE * em_draw_normal(sensor, x, y));
        }
    }
}

static void fill_20m(const em_view *v, int32_t b, uint16_t *out)
{
    const em_world *const w = v->world;
    const uint64_t texture = w->seed * 31 + S_TEXTURE * 64 + (uint64_t)b;
    const uint64_t sensor = w->seed * 37 + S_SENSOR * 64 + (uint64_t)(v->date * 16 + b);
    const int32_t half = w->width / 2;
    for (int32_t y = 0; y < w->height / 2; y++) {
        for (int32_t x = 0; x < half; x++) {
            double sum = 0;
            uint16_t *const to = &out[(size_t)y * (size_t)half + (size_t)x];
            for (int k = 0; k < 4; k++) {
                const size_t at =
                    (size_t)(2 * y + k / 2) * (size_t)w->width + (size_t)(2 * x + k % 2);
                sum += through_sky(v, at, b, ground(v, at, b)) / 4;
            }
            *to = em_sky_is_void(&v->sky, 2 * x, 2 * y)
                      ? 0
                      : to_number(sum * (1 + PIXEL_SPREAD * em_draw_normal(texture, x, y)) +
                                  SENSOR_NOISE * em_draw_normal(sensor, x, y));
        }
    }
}

void em_view_band(const em_view *view, int32_t b, uint16_t *out)
{
    if (em_demo_bands[b].meters == 10) {
        fill_10m(view, b, out);
    } else {
        fill_20m(view, b, out);
    }
}

/* ---- the supplier's classification ---- */

static uint8_t scl_of_ground(const em_view *v, size_t at, double draw)
{
    const em_world *const w = v->world;
    const uint8_t code = em_world_class(w, at, v->day);
    const double red = ground(v, at, 2);
    const double nir = ground(v, at, 6);
    if (code == 6 && draw < 0.02) return 8; /* a bright roof */
    if (draw > 0.997) return 7;
    if (nir < 900) return 6;
    return (nir - red) / (nir + red) > 0.35 ? 4 : 5;
}

void em_view_scl(const em_view *v, uint8_t *out)
{
    const em_world *const w = v->world;
    const uint64_t seed = w->seed * 41 + S_SCL * 64 + (uint64_t)v->date;
    for (int32_t y = 0; y < w->height / 2; y++) {
        for (int32_t x = 0; x < w->width / 2; x++) {
            const size_t at = (size_t)(2 * y) * (size_t)w->width + (size_t)(2 * x);
            const uint8_t cloud = v->sky.cloud[at];
            uint8_t *const to = &out[(size_t)y * (size_t)(w->width / 2) + (size_t)x];
            if (em_sky_is_void(&v->sky, 2 * x, 2 * y)) {
                *to = 0;
            } else if (cloud > 150) {
                *to = 9;
            } else if (cloud > 76) {
                *to = 8;
            } else if (v->sky.shadow[at] > 90) {
                *to = 3;
            } else if (v->sky.haze[at] > 60) {
                *to = 10;
            } else {
                *to = scl_of_ground(v, at, em_draw(seed, x, y));
            }
        }
    }
}
