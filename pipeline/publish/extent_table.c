#include "pipeline/publish/extent_table.h"

#include <string.h>

#include "pipeline/base/file.h"
#include "pipeline/config/classes.h"
#include "pipeline/publish/csv.h"
#include "pipeline/publish/extent_columns.h"

#define M2        1000000 /* in units of the sums */
#define HA        ((em_wide)10000 * M2)
#define SEEN_WELL 80 /* per cent of the unit's area; below it the flag is O */

/* Area that was seen: every class, without nodata, no observation and outside. */
static int64_t seen_of(const em_extent_unit *u)
{
    int64_t seen = 0;
    for (int code = 1; code < EM_CLASS_NOOBS; code++) seen += u->area[code];
    return seen;
}

/* What shares are of. */
static int64_t total_of(const em_extent_unit *u)
{
    return seen_of(u) + u->area[EM_CLASS_NOOBS];
}

/* Letters in alphabetical order; G where there is none. */
static void append_flags(const em_extent_table *t, const em_extent_unit *u, int64_t total,
                         em_str *out)
{
    char flags[8];
    size_t n = 0;
    const em_wide seen = u->known ? seen_of(u) : 0;
    if (!t->assessed) flags[n++] = 'A';
    if (u->known && u->mismatch) flags[n++] = 'M';
    if (!u->known) flags[n++] = 'N';
    if (u->known && 100 * seen < (em_wide)SEEN_WELL * total) flags[n++] = 'O';
    if (n == 0) flags[n++] = 'G';
    flags[n] = '\0';
    em_csv_text(out, flags);
}

static void append_figures(const em_extent_unit *u, int code, int64_t total, em_str *out)
{
    const em_wide area = u->area[code];
    em_str_printf(out, "%lld,", (long long)u->px[code]);
    em_csv_ratio(out, area, M2, 2);
    em_str_append(out, ",");
    em_csv_ratio(out, area, HA, 4);
    em_str_append(out, ",");
    em_csv_ratio(out, 15 * area, HA, 2); /* 15 mu are a hectare */
    em_str_append(out, ",");
    if (total > 0) em_csv_ratio(out, 100 * area, total, 6);
    em_str_append(out, ",,,,,"); /* adjusted area, its error and interval */
    if (total > 0) em_csv_ratio(out, seen_of(u), total, 6);
    em_str_append(out, ",,"); /* legal wetland area */
}

static void append_row(const em_extent_table *t, const em_extent_unit *u, int code, em_str *out)
{
    const int64_t total = u->known ? total_of(u) : 0;
    em_csv_text(out, t->run_id);
    em_str_append(out, ",");
    em_csv_text(out, u->code);
    em_str_append(out, ",");
    em_csv_text(out, u->type);
    em_str_append(out, ",");
    em_csv_text(out, u->name);
    em_str_append(out, ",");
    em_csv_text(out, t->period);
    em_str_printf(out, ",L1,%d,", code);
    em_csv_text(out, em_class_by_code(code)->name_zh);
    em_str_append(out, ",");
    if (u->known) {
        append_figures(u, code, total, out);
    } else {
        em_str_append(out, ",,,,,,,,,,,"); /* px_count to wetland_legal_ha */
    }
    em_csv_text(out, t->method);
    em_str_append(out, ",");
    append_flags(t, u, total, out);
    em_str_append(out, ",,\n"); /* parameter set, profile */
}

em_status em_extent_csv(const em_extent_table *t, em_str *out, em_error *err)
{
    if (t->bom) em_str_append(out, "\xEF\xBB\xBF");
    for (size_t c = 0; c < em_extent_n_column; c++)
        em_str_printf(out, "%s%s", c ? "," : "", em_extent_columns[c].name);
    em_str_append(out, "\n");
    for (size_t u = 0; u < t->n_unit; u++) {
        for (int code = 1; code <= 7; code++) append_row(t, &t->units[u], code, out);
        for (size_t e = 0; e < t->n_extra; e++) append_row(t, &t->units[u], t->extra[e], out);
        append_row(t, &t->units[u], EM_CLASS_NOOBS, out);
    }
    return em_str_check(out, err);
}

/* ---- files ---- */

static em_status publish(const char *folder, const char *name, const void *bytes, size_t size,
                         em_list *files, em_error *err)
{
    em_str path = {0};
    em_str_printf(&path, "%s/%s", folder, name);
    em_status rc = em_str_check(&path, err);
    if (rc == EM_OK) rc = em_file_publish(path.data, bytes, size, err);
    if (rc == EM_OK) rc = em_list_add(files, name, err);
    em_str_release(&path);
    return rc;
}

em_status em_extent_publish(const em_extent_table *table, const char *folder, em_list *files,
                            em_error *err)
{
    em_str csv = {0};
    em_str schema = {0};
    em_status rc = em_extent_csv(table, &csv, err);
    if (rc == EM_OK) rc = em_extent_schema(&schema, err);
    if (rc == EM_OK) rc = publish(folder, "gep_input_extent.csv", csv.data, csv.size, files, err);
    if (rc == EM_OK)
        rc = publish(folder, "gep_input_extent.schema.json", schema.data, schema.size, files, err);
    if (rc == EM_OK)
        rc = publish(folder, "IMPORT.txt", em_extent_guide, strlen(em_extent_guide), files, err);
    em_str_release(&csv);
    em_str_release(&schema);
    return rc;
}
