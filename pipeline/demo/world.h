/* The made landscape: parcels, rivers, towns, and what becomes of them. A pure function of seed and
 * size; classes are the codes of legend L1. */
#ifndef EM_DEMO_WORLD_H
#define EM_DEMO_WORLD_H

#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/error.h"

enum { EM_DEMO_TOWNS = 14, EM_DEMO_CLASSES = 8 }; /* classes: index by code, 1..7 */

/* Upper left corner: on the 20 m lattice of Sentinel-2 tile 51STR, near Rugao. */
#define EM_DEMO_CRS   "EPSG:32651"
#define EM_DEMO_X0    249980.0
#define EM_DEMO_Y0    3596000.0
#define EM_DEMO_PIXEL 10.0

typedef struct em_parcel {
    float x, y;    /* its seed point, pixels */
    uint8_t code;  /* class at the beginning */
    uint8_t kind;  /* 0 or 1: two sorts of a class (rice or dry crop; dense or loose town) */
    uint8_t later; /* class after its change; 0: none */
    int32_t day;   /* of the change, days since 1970 */
} em_parcel;

typedef struct em_world {
    uint64_t seed;
    int32_t width, height, cols, rows; /* pixels; parcels across and down */
    em_parcel *parcels;                /* [rows * cols] owned */
    uint32_t *parcel_of;               /* [height][width] owned */
    uint8_t *fixed;                /* [height][width] owned: class of rivers and canals that cross
                                      parcels, else 0 */
    double town[EM_DEMO_TOWNS][2]; /* centres, pixels */
} em_world;

/* Makes the landscape; changes are planted between the first and last day of each of `years` years
 * up to `last_year`. The caller releases *out. EM_EENV where memory is refused. */
em_status em_world_make(uint64_t seed, int32_t width, int32_t height, int32_t last_year,
                        int32_t years, em_world *out, em_error *err);
void em_world_release(em_world *world);

/* The class of a pixel on a day. */
static inline uint8_t em_world_class(const em_world *w, size_t at, int32_t day)
{
    const em_parcel *const p = &w->parcels[w->parcel_of[at]];
    if (w->fixed[at]) return w->fixed[at];
    return p->later && day >= p->day ? p->later : p->code;
}

#endif
