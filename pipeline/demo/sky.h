/* What lies between ground and satellite on one date: clouds and their shadows, haze, and where the
 * swath ends. */
#ifndef EM_DEMO_SKY_H
#define EM_DEMO_SKY_H

#include <stdbool.h>

#include "pipeline/demo/world.h"

typedef struct em_sky {
    uint8_t *cloud;     /* [height][width] owned: 0 none .. 255 thick */
    uint8_t *shadow;    /* [height][width] owned: 0 none .. 255 full */
    uint8_t *haze;      /* [height][width] owned */
    double edge, slope; /* nothing was delivered west of edge + slope * row, pixels */
    double cover;       /* share of pixels under more than a thin cloud */
} em_sky;

em_status em_sky_init(const em_world *world, em_sky *out, em_error *err);
void em_sky_release(em_sky *sky);

/* Makes the sky of date number `date`; `clouds` is the mean cover of all dates. */
void em_sky_make(const em_world *world, int32_t date, double clouds, em_sky *sky);

static inline bool em_sky_is_void(const em_sky *sky, int32_t x, int32_t y)
{
    return x < sky->edge + sky->slope * y;
}

#endif
