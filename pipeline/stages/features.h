/* Features of a period: what a classifier sees of a pixel. Computed block by block from the looks
 * of the period and handed on in memory; never written to disk in a normal run.
 *
 * A feature's name is LAYER.STATISTIC or LAYER.STATISTIC.WINDOW:
 *   LAYER      a band role (blue ... swir2), an index (ndvi ...), or "clear"
 *   STATISTIC  "median" for bands and indices, "count" for clear
 *   WINDOW     one of features.windows; without it, the whole period
 * The groups bands.* and indices.* stand for every band that all sources have and for ndvi evi2
 * mndwi lswi ndbi bsi as far as their bands are there.
 *
 * Values are int16: reflectance x 10^4, index x its stored scale, count; EM_FILL is "missing".
 */
#ifndef EM_STAGES_FEATURES_H
#define EM_STAGES_FEATURES_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/base/arena.h"
#include "kernels/index/spectral.h"
#include "pipeline/base/error.h"
#include "pipeline/base/str.h"
#include "pipeline/config/config.h"

typedef enum em_layer_kind {
    EM_LAYER_BAND,
    EM_LAYER_INDEX,
    EM_LAYER_CLEAR,
} em_layer_kind;

typedef struct em_feature {
    char name[64];
    em_layer_kind kind;
    int32_t which;  /* ek_band or ek_index */
    int32_t window; /* place in the config's windows; -1: the whole period */
} em_feature;

typedef struct em_feature_set {
    em_feature *items; /* in the config's order, groups spelt out, no name twice */
    size_t n;
    ek_band bands[EK_BANDS]; /* bands that must be read, in the order of the enum */
    int32_t n_band;
    const em_config_features *config; /* borrowed: windows, gap rule */
} em_feature_set;

/* Spells out the config's list against the bands that every source delivers (`roles`). EM_ECONFIG
 * with the name and the nearest one that exists. The caller releases *out; `config` must outlive
 * it. */
em_status em_features_resolve(const em_config_features *config, const ek_band *roles,
                              int32_t n_role, em_feature_set *out, em_error *err);
void em_features_release(em_feature_set *set);

/* What is known of each look of the period, in time order. */
typedef struct em_look {
    int32_t day;       /* days since 1970 */
    int32_t month_day; /* month * 100 + day of month */
} em_look;

/* One block, or some of its rows: n pixels of n_look looks. */
typedef struct em_features_in {
    const em_look *looks;
    size_t n_look;
    const uint8_t *const *flags; /* [n_look][n] EK_FLAG_* */
    const int16_t *const
        *planes; /* [n_look * n_band][n]: look t, band set->bands[b] at t * n_band + b */
    size_t n;
} em_features_in;

/* Bytes of arena that em_features_block takes. */
size_t em_features_scratch_bytes(const em_feature_set *set, size_t n_look, size_t n);

/* Fills out[f][n] for every feature of the set and clear[n], the clear looks of the whole period. A
 * window without a clear look takes the whole period's value when the gap rule is "period".
 * *range_fail counts index inputs outside their legal range. A pixel depends on its own looks
 * alone: any split into calls gives the same bits. */
void em_features_block(const em_feature_set *set, const em_features_in *in, ek_arena *arena,
                       int16_t *const *out, uint16_t *clear, int64_t *range_fail);

#endif
