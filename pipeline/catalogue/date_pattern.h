/* Dates in file names: "LE7??????{YYYY}{DDD}*". Internal to pipeline/catalogue. */
#ifndef EM_CATALOGUE_DATE_PATTERN_H
#define EM_CATALOGUE_DATE_PATTERN_H

#include <stdbool.h>
#include <stdint.h>

/* True where `pattern` is a plain date ("2002-02-05") rather than a pattern. */
bool em_date_is_plain(const char *pattern);

/* Seconds since 1970 of a file name by the pattern ({YYYY} {MM} {DD} {DDD} {hh} {mm} {ss}, * and
 * ?), or of the plain date. False where the name does not match or holds no existing date. */
bool em_date_from_name(const char *pattern, const char *name, int64_t *seconds);

#endif
