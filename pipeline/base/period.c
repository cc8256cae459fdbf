#include "pipeline/base/period.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/base/date.h"

static em_period months(const char *name, int32_t year, int32_t first, int32_t last)
{
    em_period p = {.first_day = em_day_from_date((em_date){year, first, 1}),
                   .last_day =
                       em_day_from_date((em_date){year, last, em_month_length(year, last)})};
    snprintf(p.name, sizeof p.name, "%s", name);
    return p;
}

/* True where `text` has digits at the 0 places of `form` and its other characters elsewhere. */
static bool has_form(const char *text, const char *form)
{
    for (; *form; form++, text++) {
        if (*form == '0' ? *text < '0' || *text > '9' : *text != *form) return false;
    }
    return *text == '\0';
}

static int32_t number(const char *text, int n)
{
    int32_t v = 0;
    for (int i = 0; i < n; i++) v = v * 10 + (text[i] - '0');
    return v;
}

static void resolve_auto(const char *text, int32_t newest_day, char out[20])
{
    const em_date d = em_date_from_day(newest_day);
    if (strcmp(text, "auto") == 0) snprintf(out, 20, "%04d", d.year % 10000);
    if (strcmp(text, "auto-quarter") == 0)
        snprintf(out, 20, "%04dQ%d", d.year % 10000, (d.month - 1) / 3 % 4 + 1);
    if (strcmp(text, "auto-month") == 0)
        snprintf(out, 20, "%04d-%02d", d.year % 10000, d.month % 100);
}

em_status em_period_parse(const char *text, int32_t newest_day, em_period *out, em_error *err)
{
    char name[20] = "";
    if (strncmp(text, "auto", 4) == 0) resolve_auto(text, newest_day, name);
    const char *const t = name[0] ? name : text;
    const int32_t year =
        strlen(t) >= 4 && has_form((char[]){t[0], t[1], t[2], t[3], 0}, "0000") ? number(t, 4) : 0;
    if (year && has_form(t, "0000")) {
        *out = months(t, year, 1, 12);
        return EM_OK;
    }
    if (year && strlen(t) == 6 && t[4] == 'Q' && t[5] >= '1' && t[5] <= '4') {
        *out = months(t, year, 3 * (t[5] - '1') + 1, 3 * (t[5] - '0'));
        return EM_OK;
    }
    if (year && has_form(t, "0000-00") && number(t + 5, 2) >= 1 && number(t + 5, 2) <= 12) {
        *out = months(t, year, number(t + 5, 2), number(t + 5, 2));
        return EM_OK;
    }
    if (has_form(t, "00000000-00000000")) {
        const em_date a = {year, number(t + 4, 2), number(t + 6, 2)};
        const em_date b = {number(t + 9, 4), number(t + 13, 2), number(t + 15, 2)};
        if (em_date_exists(a) && em_date_exists(b) && em_day_from_date(a) <= em_day_from_date(b)) {
            *out = (em_period){.first_day = em_day_from_date(a), .last_day = em_day_from_date(b)};
            snprintf(out->name, sizeof out->name, "%s", t);
            return EM_OK;
        }
    }
    return em_fail(err, EM_ECONFIG,
                   "period \"%.40s\", expected 2026, 2026Q3, 2026-07, 20260701-20260710, auto, "
                   "auto-quarter or auto-month",
                   text);
}
