/* Growing byte strings, lists of strings, and numbers that parse and print in the C locale only. */
#ifndef EM_BASE_STR_H
#define EM_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/error.h"

/* Owned bytes; `data` always ends with an extra NUL that `size` does not count. Zero-initialise
 * before use, release with em_str_release. A failed append leaves the content as it was and is
 * remembered in `failed`, so that a long chain of appends needs one check at its end
 * (em_str_check). */
typedef struct em_str {
    char *data; /* NULL while empty */
    size_t size;
    size_t cap;
    bool failed;
} em_str;

void em_str_append(em_str *s, const char *text);
void em_str_append_bytes(em_str *s, const void *bytes, size_t n);
__attribute__((format(printf, 2, 3))) void em_str_printf(em_str *s, const char *fmt, ...);
void em_str_clear(em_str *s); /* keeps the memory */
void em_str_release(em_str *s);
/* EM_EENV if any append was refused memory. */
em_status em_str_check(const em_str *s, em_error *err);
/* The text, "" while empty. Borrowed until the next change. */
const char *em_str_text(const em_str *s);

/* A list of owned strings. Zero-initialise; release with em_list_release. */
typedef struct em_list {
    char **items;
    size_t n;
    size_t cap;
} em_list;

em_status em_list_add(em_list *list, const char *text, em_error *err);
/* Sorts by bytes (strcmp), the same in every locale. */
void em_list_sort(em_list *list);
void em_list_release(em_list *list);

/* A heap copy; release with em_free. */
em_status em_strdup(const char *text, char **out, em_error *err);

/* Parse the whole of `text` (surrounding blanks allowed); false if it is not such a number, is out
 * of the type's range, or is not finite. Never looks at the locale. */
bool em_parse_double(const char *text, double *out);
bool em_parse_int(const char *text, int64_t *out);

/* The shortest text that em_parse_double reads back as exactly `value` (finite); at most 32 bytes
 * with the NUL. */
void em_print_double(double value, char out[32]);

/* `value` with `decimals` (0..9) places, half to even on the decimal value of the double;
 * never "-0.00". At most 64 bytes. */
void em_print_fixed(double value, int decimals, char out[64]);

/* Smallest number of single-character edits from a to b, counting a swap of neighbours as one;
 * texts longer than 63 bytes give a large number. For "did you mean". */
size_t em_edit_distance(const char *a, const char *b);

#endif
