/* Civil dates and days since 1970-01-01, UTC; no locale, no time zone, no clock. */
#ifndef EM_BASE_DATE_H
#define EM_BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct em_date {
    int32_t year, month, day; /* proleptic Gregorian, month 1..12 */
} em_date;

int32_t em_day_from_date(em_date date); /* days since 1970-01-01; the date must exist */
em_date em_date_from_day(int32_t day);
bool em_date_exists(em_date date); /* year 1..9999 */
int32_t em_month_length(int32_t year, int32_t month);

/* "2023-08-21T22:19:41.024Z", with or without fraction, 'Z' and time of day, to seconds since 1970
 * (fraction dropped). False where it is no such text. */
bool em_time_parse(const char *text, int64_t *out);

/* The day of a time, days since 1970-01-01. */
int32_t em_day_from_time(int64_t seconds);

/* "2023-08-21T22:19:41Z" */
void em_time_print(int64_t seconds, char out[32]);

#endif
