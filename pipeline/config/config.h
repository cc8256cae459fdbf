/* A run's configuration: YAML read into one plain struct, checked against one schema table.
 *
 * Every fault is found in one pass and told as "file:line:column: what, and the nearest key". Keys,
 * types, units, ranges, defaults and meanings stand in schema.c, which also prints
 * configs/README.md, the JSON schema for editors and the help. Paths are relative to the config
 * file and are absolute here. Texts are owned by the config; NULL or "" (as said) where not given.
 */
#ifndef EM_CONFIG_CONFIG_H
#define EM_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"
#include "pipeline/base/str.h"

/* One band of a GeoTIFF stack. */
typedef struct em_config_band {
    char *role;    /* blue green red rededge1 rededge2 rededge3 nir nir08 swir1 swir2 */
    char *file;    /* file-name pattern of the band's own file; NULL: the scene's one file */
    int64_t band;  /* 1-based; default 1 */
    double scale;  /* reflectance = DN * scale + offset; NaN: the source's */
    double offset; /* NaN: the source's */
} em_config_band;

/* scenes[]: one place where scenes arrive. */
typedef struct em_config_source {
    char *path;   /* folder, or a pattern with * and ? in its last part; scanned for scenes */
    char *format; /* sentinel2_l2a (default) or geotiff */
    /* geotiff only: */
    char *sensor; /* name written to the cube; default "geotiff" */
    char *file;   /* pattern of the one file of a scene; NULL where every band names its own */
    char *date;   /* "2002-02-05", or where it stands in the file name: "*_{YYYY}{MM}{DD}_*" with
                     {YYYY} {MM} {DD} {DDD} {hh} {mm} {ss} */
    em_config_band *bands;
    size_t n_band;
    double scale, offset; /* for bands that do not say; defaults 0.0001 and 0 */
    double nodata;        /* NaN: as the file declares */
    char *mask_file;      /* pattern of the mask's own file; NULL: the scene's one file */
    int64_t mask_band;    /* 0: no mask */
    int64_t *mask_values; /* hidden where the mask is one of these ... */
    size_t n_mask_value;
    int64_t mask_bits; /* ... or has one of these bits; 0: none */
} em_config_source;

/* units.layers[]: a polygon layer to report on. */
typedef struct em_config_layer {
    char *path;
    char *layer;       /* NULL: the file's only layer */
    char *code;        /* field with the unit's code, default "code" */
    char *name;        /* field with the unit's name, default "name" */
    char *parent;      /* field with the parent's code; NULL: units.county.code for towns */
    char *type;        /* town (default) village corridor project */
    char *code_system; /* what the codes are, free text, default "local" */
    char *encoding;    /* character set of a Shapefile, NULL: as its .cpg says, else UTF-8 */
} em_config_layer;

typedef struct em_config_county {
    char *code; /* "" where not given: no county row */
    char *name;
    char *boundary; /* polygon file that the towns' union is compared with, NULL: none */
    char *layer;
    double tolerance_pct; /* imbalance in per cent that fails the run; NaN: only reported */
} em_config_county;

typedef struct em_config_samples {
    char *path;  /* GeoPackage, Shapefile, GeoJSON, or CSV with WKT or x and y; NULL: none */
    char *layer; /* NULL: the only one */
    char *field; /* class field, default "class" */
    char *crs;   /* of a CSV without one, NULL: the grid's */
    char **from; /* from[i] in the class field means class to[i] (code); others as em_class_find */
    int64_t *to;
    size_t n_map;
} em_config_samples;

typedef struct em_config_forest {
    int64_t trees, max_depth, min_leaf, mtry; /* 500, 30, 1, 0 = floor(sqrt(features)) */
    int64_t seed;                             /* 1 */
    int64_t max_per_class;                    /* training pixels per class, 20000 */
    bool balanced;                            /* weigh classes equally, true */
} em_config_forest;

/* A named part of the year: days from..to inclusive, month * 100 + day; may run over New Year. */
typedef struct em_config_window {
    char *name;
    int32_t from, to;
} em_config_window;

typedef struct em_config_features {
    char **list; /* "ndvi.median", "ndvi.median.summer", "clear.count"; groups "bands.median",
                    "indices.median": see stages/features.h */
    size_t n_list;
    em_config_window *windows; /* default spring summer autumn winter (3-5, 6-8, 9-11, 12-2) */
    size_t n_window;
    char *upsample;    /* nearest, bilinear (default) or cubic */
    char *gap;         /* period (default): a window without a look takes the whole period's value;
                          none: missing */
    int64_t min_clear; /* fewer clear looks in the period than this is "no observation"; 1 */
} em_config_features;

typedef struct em_config_mask {
    int64_t *scl; /* hidden codes, default 0 1 3 8 9 10 */
    size_t n_scl;
    double dilate_m; /* default 40 */
} em_config_mask;

typedef struct em_config_grid {
    char *crs;      /* NULL: the scenes' own */
    double pixel;   /* 0: the scenes' finest */
    int64_t tile;   /* 1024 */
    char *resample; /* for scenes that must be warped: bilinear (default), nearest or cubic */
} em_config_grid;

typedef struct em_config {
    char *file;            /* the config file, absolute */
    char *folder;          /* its folder */
    char *job;             /* job chosen, NULL: none */
    char *region;          /* [a-z0-9_-]+, names the output folder */
    char *period;          /* "2026" "2026Q3" "2026-07" "20260701-20260710" "auto" "auto-quarter"
                              "auto-month" */
    char *out;             /* default "out" */
    char *work;            /* cube, tile results, ledger, models; default <out>/work */
    int64_t memory_mb;     /* 2048 */
    int64_t threads;       /* 0: every core */
    bool allow_incomplete; /* false */
    bool csv_bom;          /* true */
    em_config_grid grid;
    em_config_source *sources;
    size_t n_source;
    em_config_mask mask;
    em_config_layer *layers;
    size_t n_layer;
    em_config_county county;
    double expected_bbox[4];     /* west, south, east, north in degrees; NaN: not given */
    double overlap_tolerance_m2; /* overlap of two units that is still a sliver, 100 */
    em_config_samples samples;
    em_config_samples validation; /* independent points, for accuracy; path NULL: none */
    char *model;                  /* model file to use; NULL: train from samples */
    em_config_forest forest;
    em_config_features features;
    char **products; /* class confidence clear (default all three) */
    size_t n_product;
} em_config;

/* Reads, merges jobs.<job> over the top level (job NULL: none), checks, fills *out. On any fault:
 * EM_ECONFIG, every fault as its own line in *faults ("configs/x.yaml:12:3: unknown key \"scnees\";
 * did you mean \"scenes\"?"), err holding the first; *out is then empty. Files named in the config
 * are checked for form only, not opened. */
em_status em_config_read(const char *path, const char *job, em_config *out, em_list *faults,
                         em_error *err);
void em_config_release(em_config *config);

/* The resolved config as canonical YAML text, same config same bytes; paths inside the config's
 * folder are relative to it. */
em_status em_config_print(const em_config *config, em_str *out, em_error *err);

/* The same without the keys that say where and how fast, not what: out, work, memory_mb, threads.
 * Goes into the manifest, which is the same on any machine. */
em_status em_config_print_made(const em_config *config, em_str *out, em_error *err);

/* configs/README.md, the JSON schema, and the page of one key, all from the schema table. */
em_status em_schema_print_reference(em_str *out, em_error *err);
em_status em_schema_print_json(em_str *out, em_error *err);

#endif
