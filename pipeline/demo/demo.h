/* `ecomon demo`: a made county as its users would download it, with everything known. */
#ifndef EM_DEMO_DEMO_H
#define EM_DEMO_DEMO_H

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/base/str.h"

typedef struct em_demo_settings {
    int32_t width, height; /* pixels of 10 m; even, 256..20000 */
    int32_t dates;         /* per year, 1..365 */
    int32_t years;         /* 1..20, the last being EM_DEMO_YEAR */
    uint64_t seed;
    double clouds; /* 0..0.9 */
    bool geotiff;
} em_demo_settings;

enum { EM_DEMO_YEAR = 2025 };

/* What is taken where nothing is said. */
enum { EM_DEMO_WIDTH = 640, EM_DEMO_HEIGHT = 768, EM_DEMO_DATES = 12 };
#define EM_DEMO_CLOUDS 0.2

/* Told after each scene; may be NULL. */
typedef void (*em_demo_told)(void *user, int32_t done, int32_t of);

/* Writes the county into `folder`, which must be absent or empty (EM_ECONFIG otherwise): scenes/,
 * towns.gpkg, villages.gpkg, samples.gpkg, validation.gpkg, truth/, demo.yaml, README.txt, the last
 * being the sign that all is there. Memory grows with the size, not with the dates: about 12 bytes
 * a pixel and one encoded plane. EM_EENV where the disk refuses; what was written then remains. */
em_status em_demo_write(const char *folder, const em_demo_settings *settings, em_demo_told told,
                        void *user, em_error *err);

#endif
