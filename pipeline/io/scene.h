/* What io must know to read one scene: plain data, filled by the catalogue's adapters.
 *
 * A stored value is round(DN * gain + bias): reflectance x 10^4. */
#ifndef EM_IO_SCENE_H
#define EM_IO_SCENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"

#define EM_FILL      INT16_MIN /* no value in any int16 plane of ours */
#define EM_MAX_BANDS 16
#define EM_MAX_RING  64

typedef struct em_scene_band {
    char name[16];    /* role: blue green red rededge1 rededge2 rededge3 nir nir08 swir1 swir2 */
    char *path;       /* owned; absolute path of the file */
    int32_t band;     /* 1-based band of that file */
    double gain;      /* per digital number, see above */
    double bias;      /* stored units */
    double nodata;    /* digital number that means no value; NaN where there is none */
    double saturated; /* digital number at or above which the detector was full; NaN: unknown */
    double pixel;     /* pixel size in the scene's CRS units */
    int32_t cols, rows;
} em_scene_band;

typedef enum em_mask_kind {
    EM_MASK_NONE = 0, /* nothing but nodata hides a pixel */
    EM_MASK_SCL,      /* Sentinel-2 scene classification */
    EM_MASK_VALUES,   /* hidden where the value is one of `values` */
    EM_MASK_BITS,     /* hidden where value & bits is not 0 */
} em_mask_kind;

typedef struct em_scene_mask {
    em_mask_kind kind;
    char *path; /* owned; NULL for EM_MASK_NONE */
    int32_t band;
    int32_t values[32];
    int32_t n_value;
    uint32_t bits;
    double pixel;
    int32_t cols, rows;
} em_scene_mask;

typedef struct em_scene {
    char *id;                    /* owned; product name, unique in a catalogue, no slash */
    char *root;                  /* owned; folder or file it was found as */
    char format[24];             /* sentinel2_l2a or geotiff */
    char sensor[16];             /* S2A, S2B, ..., or what the config calls it */
    char tile[8];                /* MGRS tile, "" where there is none */
    char baseline[8];            /* processing baseline "05.09", "" where there is none */
    int32_t pass;                /* relative orbit, 0 where there is none */
    int64_t time;                /* sensing time, seconds since 1970-01-01 UTC */
    int32_t day;                 /* days since 1970-01-01 UTC */
    int64_t made;                /* processing time, seconds since 1970; 0 where unknown */
    double cloud_pct;            /* by the supplier; NaN where unknown */
    char *crs;                   /* owned; "EPSG:32651" or WKT2 */
    double x0, y0;               /* CRS position of the scene's upper left corner */
    double ring[EM_MAX_RING][2]; /* footprint, longitude and latitude in degrees, closed */
    int32_t n_ring;
    em_scene_band bands[EM_MAX_BANDS];
    int32_t n_band;
    em_scene_mask mask;
    em_hash content; /* over names and bytes of every file used; "" until hashed */
} em_scene;

/* Releases what the scene owns and leaves it empty. */
void em_scene_release(em_scene *scene);

#endif
