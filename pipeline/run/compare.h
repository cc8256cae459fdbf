/* Counting a class map against what is known: places from rasters or samples, and the report. */
#ifndef EM_RUN_COMPARE_H
#define EM_RUN_COMPARE_H

#include "kernels/accuracy/confusion.h"
#include "pipeline/base/hash.h"
#include "pipeline/base/str.h"
#include "pipeline/io/raster_info.h"
#include "pipeline/run/sample_pixels.h"

/* Counts of one comparison. Class codes are 1 to 9. */
typedef struct em_comparison {
    int64_t n[10][10];  /* [map][reference] */
    int64_t no_class;   /* places where the map has no class: 250, 255, other codes */
    int64_t off_map;    /* places outside the map */
    int64_t not_listed; /* places whose reference is no class, or is left out on wish */
    int64_t masked;     /* places inside the polygons that were to be left out */
} em_comparison;

void em_comparison_add(em_comparison *c, uint8_t map, uint8_t reference);

/* Looks up the pixels, given in pixels of `grid`, in the map. Sorts the list by place. */
em_status em_compare_pixels(em_raster *map, const em_grid *grid, em_pixel_list *pixels,
                            em_comparison *out, em_error *err);

/* Lines for people and a JSON object. EM_EINPUT where no place was compared. */
em_status em_comparison_report(const em_comparison *c, const char *map, const em_hash *map_hash,
                               em_str *text, em_str *json, em_error *err);

#endif
