/* How classes look through the year: reflectance x 10^4 in ten bands. */
#ifndef EM_DEMO_SPECTRA_H
#define EM_DEMO_SPECTRA_H

#include <stdint.h>

enum { EM_DEMO_BANDS = 10 }; /* B02 B03 B04 B05 B06 B07 B08 B8A B11 B12 */

typedef struct em_demo_band {
    const char *name;   /* B02 */
    const char *role;   /* blue */
    int32_t meters;     /* 10 or 20 */
    double cloud, haze; /* reflectance x 10^4 of a thick cloud, and what thin haze adds */
} em_demo_band;

extern const em_demo_band em_demo_bands[EM_DEMO_BANDS];

/* The spectrum of a class (code 1..7) and kind on a day of the year (1..366), before any spread. */
void em_demo_spectrum(uint8_t code, uint8_t kind, double day, double out[EM_DEMO_BANDS]);

#endif
