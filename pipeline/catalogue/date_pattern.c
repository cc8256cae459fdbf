#include "pipeline/catalogue/date_pattern.h"

#include <ctype.h>
#include <string.h>

#include "pipeline/base/date.h"

enum { YEAR, MONTH, DAY, YEAR_DAY, HOUR, MINUTE, SECOND, N_FIELD };

typedef struct fields {
    int32_t value[N_FIELD]; /* -1: not in the pattern */
} fields;

typedef struct mark {
    const char *text;
    int field, digits;
} mark;

static const mark marks[] = {
    {"{YYYY}", YEAR, 4}, {"{MM}", MONTH, 2},  {"{DDD}", YEAR_DAY, 3}, {"{DD}", DAY, 2},
    {"{hh}", HOUR, 2},   {"{mm}", MINUTE, 2}, {"{ss}", SECOND, 2},
};

bool em_date_is_plain(const char *pattern)
{
    int64_t seconds = 0;
    return em_time_parse(pattern, &seconds);
}

static const mark *mark_at(const char *pattern)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (strncmp(pattern, marks[i].text, strlen(marks[i].text)) == 0) return &marks[i];
    }
    return NULL;
}

/* Backtracks over '*'; names are short. */
static bool match(const char *pattern, const char *name, fields *out)
{
    if (*pattern == '\0') return *name == '\0';
    if (*pattern == '*') {
        for (const char *rest = name;; rest++) {
            if (match(pattern + 1, rest, out)) return true;
            if (*rest == '\0') return false;
        }
    }
    const mark *const m = mark_at(pattern);
    if (!m)
        return *name && (*pattern == '?' || *pattern == *name) && match(pattern + 1, name + 1, out);
    int32_t value = 0;
    for (int i = 0; i < m->digits; i++) {
        if (!isdigit((unsigned char)name[i])) return false;
        value = value * 10 + (name[i] - '0');
    }
    const int32_t before = out->value[m->field];
    out->value[m->field] = value;
    if (match(pattern + strlen(m->text), name + m->digits, out)) return true;
    out->value[m->field] = before;
    return false;
}

bool em_date_from_name(const char *pattern, const char *name, int64_t *seconds)
{
    if (em_time_parse(pattern, seconds)) return true;
    fields f;
    for (int i = 0; i < N_FIELD; i++) f.value[i] = -1;
    if (!match(pattern, name, &f) || f.value[YEAR] < 1) return false;
    em_date date = {f.value[YEAR], 1, 1};
    int32_t day = 0;
    if (f.value[YEAR_DAY] >= 0) {
        const int32_t length = em_month_length(date.year, 2) + 337;
        if (f.value[YEAR_DAY] < 1 || f.value[YEAR_DAY] > length) return false;
        day = em_day_from_date(date) + f.value[YEAR_DAY] - 1;
    } else {
        if (f.value[MONTH] >= 0) date.month = f.value[MONTH];
        if (f.value[DAY] >= 0) date.day = f.value[DAY];
        if (!em_date_exists(date)) return false;
        day = em_day_from_date(date);
    }
    const int32_t h = f.value[HOUR] < 0 ? 0 : f.value[HOUR];
    const int32_t m = f.value[MINUTE] < 0 ? 0 : f.value[MINUTE];
    const int32_t s = f.value[SECOND] < 0 ? 0 : f.value[SECOND];
    *seconds = (int64_t)day * 86400 + h * 3600 + m * 60 + s;
    return h < 24 && m < 60 && s < 61;
}
