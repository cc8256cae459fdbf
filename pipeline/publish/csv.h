/* The one place where text and exact numbers become CSV (RFC 4180). */
#ifndef EM_PUBLISH_CSV_H
#define EM_PUBLISH_CSV_H

#include <stdint.h>

#include "pipeline/base/str.h"

/* Wide enough for an area in 1e-6 m2 times any factor used here. */
__extension__ typedef __int128 em_wide;

/* Appends a field, quoted where it holds a comma, quote or line break. Text that a spreadsheet
 * would take for a formula (it begins with = + - @ tab or return) gets an apostrophe before it. */
void em_csv_text(em_str *out, const char *text);

/* Appends numerator / denominator with `decimals` (0..9) places, rounded half to even on the exact
 * quotient. denominator > 0. Never "-0". */
void em_csv_ratio(em_str *out, em_wide numerator, em_wide denominator, int decimals);

#endif
