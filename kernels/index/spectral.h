/* Spectral indices. One table row per index; adding one touches spectral.c and its test. Formulas,
 * ranges and sources: SPEC.md.
 *
 * Layer: kernel. No I/O, no allocation, no globals; safe from any number of threads. */
#ifndef EK_INDEX_SPECTRAL_H
#define EK_INDEX_SPECTRAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Band roles, in the order of wavelength families; the order is part of every cube and model. */
typedef enum ek_band {
    EK_BLUE = 0,
    EK_GREEN,
    EK_RED,
    EK_REDEDGE1,
    EK_REDEDGE2,
    EK_REDEDGE3,
    EK_NIR,
    EK_NIR08,
    EK_SWIR1,
    EK_SWIR2,
    EK_BANDS, /* how many there are */
} ek_band;

/* "blue" ... "swir2". */
const char *ek_band_name(ek_band band);
/* The role of that name, -1 where there is none. */
int32_t ek_band_find(const char *name);

int32_t ek_index_count(void);
const char *ek_index_name(int32_t index);    /* "ndvi" */
const char *ek_index_title(int32_t index);   /* "Normalized difference vegetation index" */
const char *ek_index_formula(int32_t index); /* in the letters of SPEC.md */
const char *ek_index_source(int32_t index);  /* paper */
int32_t ek_index_find(const char *name);     /* -1 where there is none */
bool ek_index_needs(int32_t index, ek_band band);
/* Stored value = index x this, rounded half away from zero and clipped to +-32767. */
double ek_index_scale(int32_t index);

/* The index of one pixel from reflectances 0..1 by role. NaN where a needed band is NaN or outside
 * [-0.05, 1.2], or a denominator is below 1e-12 in magnitude. */
double ek_index_value(int32_t index, const double reflectance[EK_BANDS]);

/* The index of n pixels from planes of reflectance x 10^4. bands[role] may be NULL for roles the
 * index does not need; INT16_MIN is "no value". out[i] is INT16_MIN where an input has no value or
 * is outside [-500, 12000], or the denominator vanishes. *range_fail grows by the pixels with an
 * input outside that range. out overlaps no band. */
void ek_index_plane(int32_t index, const int16_t *const bands[EK_BANDS], size_t n, int16_t *out,
                    int64_t *range_fail);

#endif
