#include "pipeline/demo/sky.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/demo/noise.h"

enum { PROBES = 4096 };
#define CLOUD_SIZE 90.0  /* pixels */
#define SOFT       0.10  /* of noise between clear and thick */
#define SHADOW_X   (-14) /* pixels from a cloud to its shadow: the sun stands in the south-east */
#define SHADOW_Y   (-10)

em_status em_sky_init(const em_world *world, em_sky *out, em_error *err)
{
    const size_t n = (size_t)world->width * (size_t)world->height;
    *out = (em_sky){0};
    em_status rc = em_calloc(n, 1, "sky", &out->cloud, err);
    if (rc == EM_OK) rc = em_calloc(n, 1, "sky", &out->shadow, err);
    if (rc == EM_OK) rc = em_calloc(n, 1, "sky", &out->haze, err);
    if (rc != EM_OK) em_sky_release(out);
    return rc;
}

void em_sky_release(em_sky *sky)
{
    em_free(sky->cloud);
    em_free(sky->shadow);
    em_free(sky->haze);
    *sky = (em_sky){0};
}

static uint64_t stream(const em_world *w, int32_t date)
{
    return w->seed * 7919 + (uint64_t)(date + 1) * 104729;
}

/* Cover of one date: most are nearly clear, some half, a few nearly hidden; their mean is 1. Dates
 * step through the shares by the golden ratio, so that a dozen of them come near the wish. */
static double cover_of(const em_world *w, int32_t date, double clouds)
{
    const double at = em_draw(w->seed * 7919, 1, 1) + date * 0.6180339887498949;
    const double share = at - (double)(int64_t)at;
    const double cover = clouds * (share < 0.4 ? 0.15 : share < 0.75 ? 0.9 : 2.5);
    return cover < 0.95 ? cover : 0.95;
}

static int by_value(const void *a, const void *b)
{
    const double p = *(const double *)a;
    const double q = *(const double *)b;
    return (p > q) - (p < q);
}

static double cloud_noise(const em_world *w, int32_t date, double x, double y)
{
    return em_fractal(stream(w, date) + 16, x / CLOUD_SIZE, y / CLOUD_SIZE);
}

/* The noise above which the wanted share of the scene lies. */
static double threshold_of(const em_world *w, int32_t date, double cover)
{
    double probe[PROBES];
    for (int i = 0; i < PROBES; i++) {
        probe[i] = cloud_noise(w, date, em_draw(stream(w, date) + 1, i, 0) * w->width,
                               em_draw(stream(w, date) + 1, i, 1) * w->height);
    }
    qsort(probe, PROBES, sizeof *probe, by_value);
    const int at = (int)((1 - cover) * PROBES);
    return probe[at < PROBES ? at : PROBES - 1];
}

static uint8_t to_byte(double share)
{
    return (uint8_t)(share <= 0 ? 0 : share >= 1 ? 255 : share * 255);
}

static void make_clouds(const em_world *w, int32_t date, double cover, em_sky *sky)
{
    const double least = threshold_of(w, date, cover);
    size_t thick = 0;
    for (int32_t y = 0; y < w->height; y++) {
        for (int32_t x = 0; x < w->width; x++) {
            const size_t at = (size_t)y * (size_t)w->width + (size_t)x;
            const double f = cloud_noise(w, date, x, y);
            const double haze = em_noise(stream(w, date) + 32, x / 200.0, y / 200.0);
            sky->cloud[at] = to_byte((f - least) / SOFT + 0.3);
            sky->haze[at] =
                to_byte(0.25 * (haze - 0.4) + 0.5 * (f - least + 0.08) / SOFT * (cover > 0.05));
            thick += sky->cloud[at] > 76;
        }
    }
    sky->cover = (double)thick / ((double)w->width * w->height);
}

/* The shadow of the cloud that stands between the sun and the place. */
static void make_shadows(const em_world *w, em_sky *sky)
{
    for (int32_t y = 0; y < w->height; y++) {
        for (int32_t x = 0; x < w->width; x++) {
            const int32_t cx = x - SHADOW_X;
            const int32_t cy = y - SHADOW_Y;
            const bool off = cx < 0 || cy < 0 || cx >= w->width || cy >= w->height;
            const size_t at = (size_t)y * (size_t)w->width + (size_t)x;
            sky->shadow[at] = off ? 0 : sky->cloud[(size_t)cy * (size_t)w->width + (size_t)cx];
        }
    }
}

void em_sky_make(const em_world *w, int32_t date, double clouds, em_sky *sky)
{
    const bool cut = em_draw(stream(w, date), 2, 1) < 0.25; /* one date in four */
    sky->edge = cut ? w->width * 0.3 * em_draw(stream(w, date), 2, 2) : -1e9;
    sky->slope = cut ? -0.2 : 0;
    make_clouds(w, date, cover_of(w, date, clouds), sky);
    make_shadows(w, sky);
}
