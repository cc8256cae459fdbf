/* The made county's towns and villages: an exact partition, whose neighbours share every vertex of
 * the line between them. Names and codes are Rugao's (statistical division codes); the shapes are
 * made up. */
#ifndef EM_DEMO_TOWNS_H
#define EM_DEMO_TOWNS_H

#include "pipeline/demo/world.h"

enum { EM_DEMO_VILLAGES = 8 };

typedef struct em_outline {
    const char *code, *name, *parent;
    double (*xy)[2]; /* [n] CRS coordinates, closed; owned */
    size_t n;
} em_outline;

typedef struct em_county {
    em_outline towns[EM_DEMO_TOWNS];
    em_outline villages[EM_DEMO_VILLAGES]; /* of the town Changjiang */
} em_county;

em_status em_county_make(const em_world *world, em_county *out, em_error *err);
void em_county_release(em_county *county);

#endif
