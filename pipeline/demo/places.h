/* Places in the made county: training squares and an independent stratified sample of points. */
#ifndef EM_DEMO_PLACES_H
#define EM_DEMO_PLACES_H

#include "pipeline/demo/towns.h"

typedef struct em_place_at {
    int32_t x, y; /* pixel: of a square its upper left one */
    uint8_t code;
} em_place_at;

typedef struct em_places {
    em_place_at *squares; /* training: EM_DEMO_SQUARE pixels a side, all of one class, owned */
    size_t n_square;
    em_place_at *points; /* validation: single pixels, none in or beside a square, owned */
    size_t n_point;
} em_places;

enum { EM_DEMO_SQUARE = 5 };

/* Draws up to `squares` squares and `points` points of each class inside the county, from the
 * classes on `day`; fewer where the county has not that many places. The caller releases *out. */
em_status em_places_draw(const em_world *world, const em_county *county, int32_t day,
                         int32_t squares, int32_t points, em_places *out, em_error *err);
void em_places_release(em_places *places);

#endif
