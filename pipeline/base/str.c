#include "pipeline/base/str.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"

/* strtod and printf follow the locale; every number here goes through this one instead. It is made
 * once and never freed. */
static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static locale_t plain_locale(void)
{
    pthread_once(&c_locale_once, make_c_locale);
    return c_locale;
}

static bool grow(em_str *s, size_t more)
{
    if (s->failed) return false;
    if (more > SIZE_MAX / 4 || s->size > SIZE_MAX / 4) {
        s->failed = true;
        return false;
    }
    const size_t want = s->size + more + 1;
    if (want <= s->cap) return true;
    size_t cap = s->cap ? s->cap : 64;
    while (cap < want) cap *= 2;
    char *const data = realloc(s->data, cap);
    if (!data) {
        s->failed = true;
        return false;
    }
    s->data = data;
    s->cap = cap;
    return true;
}

void em_str_append_bytes(em_str *s, const void *bytes, size_t n)
{
    if (!grow(s, n)) return;
    if (n) memcpy(s->data + s->size, bytes, n);
    s->size += n;
    s->data[s->size] = '\0';
}

void em_str_append(em_str *s, const char *text)
{
    em_str_append_bytes(s, text, strlen(text));
}

void em_str_printf(em_str *s, const char *fmt, ...)
{
    const locale_t before = uselocale(plain_locale());
    va_list args;
    va_start(args, fmt);
    va_list again;
    va_copy(again, args);
    const int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n < 0) s->failed = true;
    if (n >= 0 && grow(s, (size_t)n)) {
        vsnprintf(s->data + s->size, (size_t)n + 1, fmt, again);
        s->size += (size_t)n;
    }
    va_end(again);
    uselocale(before);
}

void em_str_clear(em_str *s)
{
    s->size = 0;
    if (s->data) s->data[0] = '\0';
}

void em_str_release(em_str *s)
{
    free(s->data);
    *s = (em_str){0};
}

em_status em_str_check(const em_str *s, em_error *err)
{
    return s->failed ? em_fail(err, EM_EENV, "memory refused for a text of %zu bytes", s->size)
                     : EM_OK;
}

const char *em_str_text(const em_str *s)
{
    return s->data ? s->data : "";
}

em_status em_strdup(const char *text, char **out, em_error *err)
{
    const size_t n = strlen(text) + 1;
    const em_status rc = em_calloc(n, 1, "text", out, err);
    if (rc == EM_OK) memcpy(*out, text, n);
    return rc;
}

em_status em_list_add(em_list *list, const char *text, em_error *err)
{
    em_status rc = em_reserve(&list->items, &list->cap, list->n, list->n + 1, sizeof *list->items,
                              "list of names", err);
    if (rc != EM_OK) return rc;
    rc = em_strdup(text, &list->items[list->n], err);
    if (rc == EM_OK) list->n++;
    return rc;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void em_list_sort(em_list *list)
{
    if (list->n) qsort(list->items, list->n, sizeof *list->items, by_bytes);
}

void em_list_release(em_list *list)
{
    for (size_t i = 0; i < list->n; i++) em_free(list->items[i]);
    em_free(list->items);
    *list = (em_list){0};
}

static bool only_blanks(const char *p)
{
    while (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n') p++;
    return *p == '\0';
}

bool em_parse_double(const char *text, double *out)
{
    char *end = NULL;
    errno = 0;
    const double value = strtod_l(text, &end, plain_locale());
    if (end == text || !only_blanks(end) || !isfinite(value)) return false;
    if (strpbrk(text, "xX")) return false; /* hexadecimal: nobody means it in a config */
    *out = value;
    return true;
}

bool em_parse_int(const char *text, int64_t *out)
{
    char *end = NULL;
    errno = 0;
    const long long value = strtoll(text, &end, 10);
    if (end == text || !only_blanks(end) || errno == ERANGE) return false;
    *out = value;
    return true;
}

void em_print_double(double value, char out[32])
{
    const locale_t before = uselocale(plain_locale());
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(out, 32, "%.*g", digits, value);
        if (strtod(out, NULL) == value) break;
    }
    uselocale(before);
}

void em_print_fixed(double value, int decimals, char out[64])
{
    const locale_t before = uselocale(plain_locale());
    snprintf(out, 64, "%.*f", decimals, value);
    uselocale(before);
    if (out[0] == '-' && strspn(out + 1, "0.") == strlen(out + 1))
        memmove(out, out + 1, strlen(out));
}

size_t em_edit_distance(const char *a, const char *b)
{
    enum { MOST = 63 };
    const size_t na = strlen(a);
    const size_t nb = strlen(b);
    if (na > MOST || nb > MOST) return 1000;
    size_t row[3][MOST + 1] = {{0}};
    for (size_t j = 0; j <= nb; j++) row[0][j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t *const now = row[i % 3];
        const size_t *const last = row[(i + 2) % 3];
        const size_t *const older = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);
            if (last[j] + 1 < best) best = last[j] + 1;
            if (now[j - 1] + 1 < best) best = now[j - 1] + 1;
            const int swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && older[j - 2] + 1 < best) best = older[j - 2] + 1;
            now[j] = best;
        }
    }
    return row[na % 3][nb];
}
