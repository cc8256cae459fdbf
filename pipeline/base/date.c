#include "pipeline/base/date.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/base/str.h"

static bool is_leap(int32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int32_t em_month_length(int32_t year, int32_t month)
{
    static const int32_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

bool em_date_exists(em_date d)
{
    return d.year >= 1 && d.year <= 9999 && d.month >= 1 && d.month <= 12 && d.day >= 1 &&
           d.day <= em_month_length(d.year, d.month);
}

/* Days from 0000-03-01, with March as the first month, so that leap days end a year. */
int32_t em_day_from_date(em_date d)
{
    const int32_t y = d.month <= 2 ? d.year - 1 : d.year;
    const int32_t m = (d.month + 9) % 12;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + d.day - 1 - 719468;
}

em_date em_date_from_day(int32_t day)
{
    em_date d = {.year = 1970 + day / 366 - 2, .month = 1, .day = 1};
    while (em_day_from_date((em_date){d.year + 1, 1, 1}) <= day) d.year++;
    int32_t left = day - em_day_from_date(d);
    while (left >= em_month_length(d.year, d.month)) left -= em_month_length(d.year, d.month++);
    d.day = 1 + left;
    return d;
}

/* Reads exactly n digits. */
static bool digits(const char **p, int n, int32_t *out)
{
    *out = 0;
    for (int i = 0; i < n; i++, (*p)++) {
        if (!isdigit((unsigned char)**p)) return false;
        *out = *out * 10 + (**p - '0');
    }
    return true;
}

static bool expect(const char **p, char c)
{
    if (**p != c) return false;
    (*p)++;
    return true;
}

bool em_time_parse(const char *text, int64_t *out)
{
    const char *p = text;
    em_date d;
    int32_t hour = 0;
    int32_t minute = 0;
    int32_t second = 0;
    while (*p == ' ' || *p == '\n') p++;
    if (!digits(&p, 4, &d.year) || !expect(&p, '-') || !digits(&p, 2, &d.month) ||
        !expect(&p, '-') || !digits(&p, 2, &d.day) || !em_date_exists(d)) {
        return false;
    }
    if (*p == 'T' || *p == ' ') {
        p++;
        if (!digits(&p, 2, &hour) || !expect(&p, ':') || !digits(&p, 2, &minute) ||
            !expect(&p, ':') || !digits(&p, 2, &second) || hour > 23 || minute > 59 ||
            second > 60) {
            return false;
        }
        if (*p == '.') p += 1 + strspn(p + 1, "0123456789");
    }
    if (*p == 'Z') p++;
    while (*p == ' ' || *p == '\n') p++;
    *out = (int64_t)em_day_from_date(d) * 86400 + hour * 3600 + minute * 60 + second;
    return *p == '\0';
}

int32_t em_day_from_time(int64_t seconds)
{
    return (int32_t)(seconds / 86400 - (seconds % 86400 < 0));
}

void em_time_print(int64_t seconds, char out[32])
{
    const int64_t day = em_day_from_time(seconds);
    const int32_t rest = (int32_t)(seconds - day * 86400);
    const em_date d = em_date_from_day((int32_t)day);
    snprintf(out, 32, "%04d-%02d-%02dT%02d:%02d:%02dZ", d.year % 10000, d.month % 100, d.day % 100,
             rest / 3600, rest / 60 % 60, rest % 60);
}
