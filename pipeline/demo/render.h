/* One date's digital numbers: the landscape's spectra with their spread, seen through the sky. */
#ifndef EM_DEMO_RENDER_H
#define EM_DEMO_RENDER_H

#include "pipeline/demo/sky.h"
#include "pipeline/demo/spectra.h"

#define EM_DEMO_OFFSET                                                                             \
    1000 /* added to reflectance x 10^4, as products have it since baseline 04.00 */

typedef struct em_view {
    const em_world *world;
    em_sky sky;
    int32_t date;  /* number of the date, for its draws */
    int32_t day;   /* days since 1970 */
    float *parcel; /* [parcels][EM_DEMO_BANDS] owned: reflectance x 10^4 on the day */
    float fixed[EM_DEMO_CLASSES][EM_DEMO_BANDS]; /* of rivers and canals */
} em_view;

em_status em_view_init(const em_world *world, em_view *out, em_error *err);
void em_view_release(em_view *view);

/* Prepares a date. */
void em_view_set(em_view *view, int32_t date, int32_t day, double clouds);

/* Digital numbers of band b: [height][width] at 10 m, [height / 2][width / 2] at 20 m; 0 where
 * nothing was delivered. */
void em_view_band(const em_view *view, int32_t b, uint16_t *out);

/* The supplier's scene classification [height / 2][width / 2]: like the real one, it misses the
 * rims of clouds and takes some bright roofs for clouds. */
void em_view_scl(const em_view *view, uint8_t *out);

#endif
