/* Values of a config with a form of their own: periods, windows, boxes, band maps, class maps. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"
#include "pipeline/config/classes.h"
#include "pipeline/config/fill.h"

/* 0 to 9 stand for a digit in the form, other characters for themselves. */
static bool has_form(const char *text, const char *form)
{
    for (; *form; form++, text++) {
        if (isdigit((unsigned char)*form) ? !isdigit((unsigned char)*text) : *form != *text)
            return false;
    }
    return *text == '\0';
}

static int number_at(const char *text, int n)
{
    int value = 0;
    for (int i = 0; i < n; i++) value = value * 10 + (text[i] - '0');
    return value;
}

static bool day_exists(int year, int month, int day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (month < 1 || month > 12 || day < 1) return false;
    return day <= days[month - 1] + (leap && month == 2);
}

static bool range_form(const char *text)
{
    if (!has_form(text, "00000000-00000000")) return false;
    const char *const last = text + 9;
    return day_exists(number_at(text, 4), number_at(text + 4, 2), number_at(text + 6, 2)) &&
           day_exists(number_at(last, 4), number_at(last + 4, 2), number_at(last + 6, 2)) &&
           strncmp(text, last, 8) <= 0;
}

bool em_period_form(const char *text)
{
    if (strcmp(text, "auto") == 0 || strcmp(text, "auto-quarter") == 0 ||
        strcmp(text, "auto-month") == 0)
        return true;
    if (has_form(text, "0000")) return number_at(text, 4) >= 1900;
    if (has_form(text, "0000Q0")) return text[5] >= '1' && text[5] <= '4';
    if (has_form(text, "0000-00")) return day_exists(number_at(text, 4), number_at(text + 5, 2), 1);
    return range_form(text);
}

/* "06-01..08-31" */
static bool window_days(const char *text, int32_t *from, int32_t *to)
{
    if (!has_form(text, "00-00..00-00")) return false;
    const int m0 = number_at(text, 2);
    const int d0 = number_at(text + 3, 2);
    const int m1 = number_at(text + 7, 2);
    const int d1 = number_at(text + 10, 2);
    *from = m0 * 100 + d0;
    *to = m1 * 100 + d1;
    return day_exists(2000, m0, d0) && day_exists(2000, m1, d1);
}

static bool is_word(const char *text)
{
    const size_t n = strlen(text);
    return n >= 1 && n <= 20 && islower((unsigned char)text[0]) &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

em_status em_fill_windows(em_filler *f, const em_node *node, em_config_features *features)
{
    if (node->kind != EM_NODE_MAP) {
        return em_fault_add(f->faults, node->line, node->column,
                            "windows: expected a mapping of name to MM-DD..MM-DD");
    }
    em_status rc =
        em_calloc(node->n, sizeof *features->windows, "windows", &features->windows, f->err);
    for (size_t i = 0; i < node->n && rc == EM_OK; i++) {
        const em_node *const key = node->keys[i];
        const em_node *const value = node->items[i];
        em_config_window *const w = &features->windows[features->n_window];
        if (!is_word(key->text)) {
            rc = em_fault_add(
                f->faults, key->line, key->column,
                "windows: name \"%.60s\", expected up to 20 lower-case letters, digits and _",
                key->text);
        } else if (value->kind != EM_NODE_SCALAR || !window_days(value->text, &w->from, &w->to)) {
            rc = em_fault_add(f->faults, value->line, value->column,
                              "windows: %s: expected two days of the year as 06-01..08-31",
                              key->text);
        } else {
            rc = em_strdup(key->text, &w->name, f->err);
            features->n_window++;
        }
    }
    return rc;
}

void em_fill_box(em_filler *f, const em_node *node, double out[4])
{
    for (int i = 0; i < 4; i++) out[i] = (double)NAN;
    if (!node) return;
    double box[4] = {0};
    bool good = node->kind == EM_NODE_LIST && node->n == 4;
    for (size_t i = 0; good && i < 4; i++) {
        const em_node *const item = node->items[i];
        good = item->kind == EM_NODE_SCALAR && em_parse_double(item->text, &box[i]) &&
               fabs(box[i]) <= (i % 2 ? 90 : 180);
    }
    if (good && box[0] < box[2] && box[1] < box[3]) {
        memcpy(out, box, sizeof box);
        return;
    }
    em_fault_add(f->faults, node->line, node->column,
                 "expected_bbox: expected [west, south, east, north] in degrees, west below east "
                 "and south below north");
}

static const em_key band_keys[] = {
    {.name = "file", .type = EM_KEY_TEXT},
    {.name = "band", .type = EM_KEY_INT, .low = 1, .high = 1000},
    {.name = "scale", .type = EM_KEY_REAL, .low = -1e6, .high = 1e6},
    {.name = "offset", .type = EM_KEY_REAL, .low = -1e6, .high = 1e6},
};

static em_status fill_band_map(em_filler *f, const em_node *node, em_config_band *band)
{
    for (size_t i = 0; i < node->n; i++) {
        const em_node *const key = node->keys[i];
        void *const at[] = {&band->file, &band->band, &band->scale, &band->offset};
        size_t k = 0;
        while (k < 4 && strcmp(band_keys[k].name, key->text) != 0) k++;
        const em_status rc =
            k < 4 ? em_fill_scalar(f, &band_keys[k], node->items[i], at[k])
                  : em_fault_add(f->faults, key->line, key->column,
                                 "unknown key \"%.80s\"; a band has file, band, scale and offset",
                                 key->text);
        if (rc != EM_OK) return rc;
    }
    return EM_OK;
}

/* A number is the band of the scene's file, a text the pattern of the band's own file. */
static em_status fill_band(em_filler *f, const em_node *node, em_config_band *band)
{
    if (node->kind == EM_NODE_MAP) return fill_band_map(f, node, band);
    if (node->kind != EM_NODE_SCALAR) {
        return em_fault_add(f->faults, node->line, node->column,
                            "bands: %s: expected a band number, a file pattern or a mapping",
                            band->role);
    }
    int64_t number = 0;
    if (em_parse_int(node->text, &number))
        return em_fill_scalar(f, &band_keys[1], node, &band->band);
    return em_strdup(node->text, &band->file, f->err);
}

static bool is_role(const char *text)
{
    static const char *const roles[] = {"blue",     "green", "red",   "rededge1", "rededge2",
                                        "rededge3", "nir",   "nir08", "swir1",    "swir2"};
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        if (strcmp(roles[i], text) == 0) return true;
    }
    return false;
}

em_status em_fill_bands(em_filler *f, const em_node *node, em_config_source *source)
{
    if (node->kind != EM_NODE_MAP) {
        return em_fault_add(f->faults, node->line, node->column,
                            "bands: expected a mapping of role to band");
    }
    em_status rc = em_calloc(node->n, sizeof *source->bands, "bands", &source->bands, f->err);
    for (size_t i = 0; i < node->n && rc == EM_OK; i++) {
        const em_node *const key = node->keys[i];
        em_config_band *const band = &source->bands[source->n_band];
        if (!is_role(key->text)) {
            rc = em_fault_add(f->faults, key->line, key->column,
                              "bands: no role \"%.60s\"; roles are blue green red rededge1 "
                              "rededge2 rededge3 nir nir08 swir1 swir2",
                              key->text);
            continue;
        }
        *band = (em_config_band){.band = 1, .scale = (double)NAN, .offset = (double)NAN};
        rc = em_strdup(key->text, &band->role, f->err);
        source->n_band++;
        if (rc == EM_OK) rc = fill_band(f, node->items[i], band);
    }
    return rc;
}

em_status em_fill_classes(em_filler *f, const em_node *node, em_config_samples *samples)
{
    if (node->kind != EM_NODE_MAP) {
        return em_fault_add(f->faults, node->line, node->column,
                            "map: expected a mapping of value to class");
    }
    em_status rc = em_calloc(node->n, sizeof *samples->from, "class map", &samples->from, f->err);
    if (rc == EM_OK)
        rc = em_calloc(node->n, sizeof *samples->to, "class map", &samples->to, f->err);
    for (size_t i = 0; i < node->n && rc == EM_OK; i++) {
        const em_node *const value = node->items[i];
        const em_class *const found =
            value->kind == EM_NODE_SCALAR ? em_class_find(value->text) : NULL;
        if (!found || found->code > 9) {
            rc = em_fault_add(f->faults, value->line, value->column,
                              "map: %.60s: expected a class (cropland forest grass water wetland "
                              "built bare shrub orchard, or 1 to 9)",
                              node->keys[i]->text);
            continue;
        }
        samples->to[samples->n_map] = found->code;
        rc = em_strdup(node->keys[i]->text, &samples->from[samples->n_map++], f->err);
    }
    return rc;
}
