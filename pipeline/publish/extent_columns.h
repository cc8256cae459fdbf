/* The columns of gep_input_extent.csv in order. Internal to pipeline/publish. */
#ifndef EM_PUBLISH_EXTENT_COLUMNS_H
#define EM_PUBLISH_EXTENT_COLUMNS_H

#include <stddef.h>

typedef struct em_extent_column {
    const char *name, *type, *unit;
    const char *title;       /* Chinese */
    const char *description; /* English */
} em_extent_column;

extern const em_extent_column em_extent_columns[];
extern const size_t em_extent_n_column;
extern const char em_extent_guide[]; /* IMPORT.txt */

#endif
