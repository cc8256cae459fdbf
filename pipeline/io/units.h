/* Reporting units (towns, villages, corridors) and training samples, read from vector files onto
 * the run's grid.
 *
 * Rings are in absolute pixel coordinates of the grid (fractions kept): column east, row south,
 * from vertices that were transformed to the grid's CRS and rounded to 1e-6 CRS units (1e-12 in a
 * geographic CRS).
 */
#ifndef EM_IO_UNITS_H
#define EM_IO_UNITS_H

#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/error.h"
#include "pipeline/base/str.h"
#include "pipeline/grid/grid.h"

typedef struct em_ring {
    double (*at)[2]; /* [n] column, row; first equals last; EK_ALIGNed, owned */
    size_t n;
} em_ring;

typedef enum em_unit_state {
    EM_UNIT_OK = 0,
    EM_UNIT_REJECTED, /* geometry unusable: `why` says so; its rows are empty */
} em_unit_state;

typedef struct em_unit {
    char *code, *name, *type, *parent, *code_system; /* owned; parent "" where there is none */
    em_ring
        *rings; /* outer and inner, any order and direction: covered where the even-odd rule says */
    size_t n_ring;
    em_rect box;    /* pixels that the rings touch */
    double area_m2; /* geodesic area on the ellipsoid, by PROJ, of the polygon as supplied */
    em_unit_state state;
    char *why; /* owned; "" when ok */
} em_unit;

typedef struct em_units {
    em_unit *items; /* in layer order, then file order */
    size_t n;
    em_list notes; /* what a person should know: slivers, pairs that overlap within tolerance,
                      checks that were skipped */
    char **files;  /* every file read, for hashing; owned */
    size_t n_file;
} em_units;

/* One layer to read; texts borrowed. See em_config_layer for their meaning. */
typedef struct em_units_layer {
    const char *path, *layer, *code, *name, *parent, *type, *code_system, *encoding;
    const char *default_parent;
} em_units_layer;

typedef struct em_units_check {
    double expected_bbox[4];     /* NaN: skip, and say so in notes */
    double overlap_tolerance_m2; /* overlaps of two units of one layer above this reject both */
} em_units_check;

/* Reads all layers. A unit that cannot be used is kept with state EM_UNIT_REJECTED; a layer that
 * cannot be used at all (absent, no code field, no CRS, duplicate codes, outside expected_bbox with
 * the measured shift) fails with EM_EINPUT (EM_ECONFIG for a missing field or layer name: `err`
 * lists those that exist). On success the caller releases *out. */
em_status em_units_read(const em_units_layer *layers, size_t n_layer, const em_units_check *check,
                        const em_grid *grid, em_units *out, em_error *err);
void em_units_release(em_units *units);

/* West, south, east, north in degrees of all layers together, before any grid is known. */
em_status em_units_bounds(const em_units_layer *layers, size_t n_layer, double out[4],
                          em_error *err);

/* A training sample: pixels of one class. */
typedef struct em_sample {
    em_ring *rings; /* polygon, as in em_unit; n_ring 0: a point */
    size_t n_ring;
    double col, row; /* the point */
    char *value;     /* owned; text of the class field */
    int64_t id;      /* feature number in its file, from 1: the group in cross-validation */
    em_rect box;
} em_sample;

typedef struct em_samples {
    em_sample *items; /* in file order */
    size_t n;
    size_t n_rejected; /* geometries that could not be used; notes say which */
    em_list notes;
} em_samples;

typedef struct em_samples_source {
    const char *path, *layer, *field, *crs;
} em_samples_source;

/* Polygons and points from GeoPackage, Shapefile, GeoJSON, or CSV (a column WKT, or columns x and y
 * / lon and lat). */
em_status em_samples_read(const em_samples_source *in, const em_grid *grid, em_samples *out,
                          em_error *err);
void em_samples_release(em_samples *samples);

#endif
