/* gep_input_extent.csv: hectares of every class in every unit, the first input of a GEP engine.
 *
 * One row per unit and class, classes without area included, 250 (no observation) last. Figures are
 * printed from integers, rounded once. A column that is not known is empty, never 0: adjusted areas
 * and intervals need an area estimate, the legal wetland area needs a wetland layer, parameter set
 * and standard profile are not used by this table. */
#ifndef EM_PUBLISH_EXTENT_TABLE_H
#define EM_PUBLISH_EXTENT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/str.h"

typedef struct em_extent_unit {
    const char *code, *type, *name;
    const int64_t *area; /* [256] 1e-6 m2 by class code */
    const int64_t *px;   /* [256] pixels whose centre lies inside */
    bool known;          /* false: rejected or incomplete; its figures are empty, its flag is N */
    bool mismatch;       /* classes do not add up to the polygon: flag M */
} em_extent_unit;

typedef struct em_extent_table {
    const char *run_id, *period, *method;
    const em_extent_unit *units; /* in the order of the rows */
    size_t n_unit;
    const uint8_t *extra; /* codes above 7 that the model knows: 8, 9 */
    size_t n_extra;
    bool assessed; /* an accuracy report stands beside the table; else flag A */
    bool bom;      /* begin with a byte order mark */
} em_extent_table;

/* Writes gep_input_extent.csv, gep_input_extent.schema.json and IMPORT.txt into the folder and adds
 * their names to `files`. */
em_status em_extent_publish(const em_extent_table *table, const char *folder, em_list *files,
                            em_error *err);

/* The two texts, for tests and previews. */
em_status em_extent_csv(const em_extent_table *table, em_str *out, em_error *err);
em_status em_extent_schema(em_str *out, em_error *err);

#endif
