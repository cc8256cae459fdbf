/* Reporting periods: a year, a quarter, a month, or a range of days. */
#ifndef EM_BASE_PERIOD_H
#define EM_BASE_PERIOD_H

#include <stdint.h>

#include "pipeline/base/error.h"

typedef struct em_period {
    char name[20];               /* "2026" "2026Q3" "2026-07" "20260701-20260710" */
    int32_t first_day, last_day; /* days since 1970-01-01, both included */
} em_period;

/* Parses a period. "auto", "auto-quarter" and "auto-month" are the year, quarter and month of
 * `newest_day`. EM_ECONFIG where the text is no period. */
em_status em_period_parse(const char *text, int32_t newest_day, em_period *out, em_error *err);

#endif
