/* The resolved config as canonical YAML, by the schema table. */
#include <math.h>
#include <string.h>

#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"
#include "pipeline/config/config.h"
#include "pipeline/config/schema.h"

typedef struct printer {
    em_str *out;
    const char *folder; /* paths inside it are shown relative to it */
    bool made;          /* leave out what has no part in the result */
} printer;

static void indent(printer *p, int depth)
{
    for (int i = 0; i < depth; i++) em_str_append(p->out, "  ");
}

static void put_text(printer *p, const char *text)
{
    em_str_append(p->out, "\"");
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\') em_str_append(p->out, "\\");
        if ((unsigned char)*c < 0x20) {
            em_str_printf(p->out, "\\x%02X", (unsigned)(unsigned char)*c);
        } else {
            em_str_append_bytes(p->out, c, 1);
        }
    }
    em_str_append(p->out, "\"");
}

static void put_path(printer *p, const char *path)
{
    const size_t n = strlen(p->folder);
    const bool inside = strncmp(path, p->folder, n) == 0 && path[n] == '/';
    put_text(p, inside ? path + n + 1 : path);
}

static void put_real(printer *p, double value)
{
    char text[32];
    em_print_double(value, text);
    em_str_append(p->out, text);
}

static void put_section(printer *p, const char *section, const char *base, int depth);

static void put_bands(printer *p, const em_config_source *s)
{
    em_str_append(p->out, "{");
    for (size_t b = 0; b < s->n_band; b++) {
        const em_config_band *const band = &s->bands[b];
        em_str_printf(p->out, "%s%s: {band: %lld", b ? ", " : "", band->role,
                      (long long)band->band);
        if (band->file) {
            em_str_append(p->out, ", file: ");
            put_text(p, band->file);
        }
        if (!isnan(band->scale)) {
            em_str_append(p->out, ", scale: ");
            put_real(p, band->scale);
        }
        if (!isnan(band->offset)) {
            em_str_append(p->out, ", offset: ");
            put_real(p, band->offset);
        }
        em_str_append(p->out, "}");
    }
    em_str_append(p->out, "}\n");
}

static void put_windows(printer *p, const em_config_features *f)
{
    em_str_append(p->out, "{");
    for (size_t w = 0; w < f->n_window; w++) {
        const em_config_window *const win = &f->windows[w];
        em_str_printf(p->out, "%s%s: %02d-%02d..%02d-%02d", w ? ", " : "", win->name,
                      win->from / 100, win->from % 100, win->to / 100, win->to % 100);
    }
    em_str_append(p->out, "}\n");
}

static void put_classes(printer *p, const em_config_samples *s)
{
    em_str_append(p->out, "{");
    for (size_t i = 0; i < s->n_map; i++) {
        if (i) em_str_append(p->out, ", ");
        put_text(p, s->from[i]);
        em_str_printf(p->out, ": %lld", (long long)s->to[i]);
    }
    em_str_append(p->out, "}\n");
}

static void put_list(printer *p, const em_key *key, const char *at)
{
    const void *array = NULL;
    memcpy(&array, at, sizeof array);
    size_t n = 0;
    memcpy(&n, at + sizeof array, sizeof n);
    em_str_append(p->out, "[");
    for (size_t i = 0; i < n; i++) {
        if (i) em_str_append(p->out, ", ");
        if (key->type == EM_KEY_TEXTS) {
            put_text(p, ((char *const *)array)[i]);
        } else {
            em_str_printf(p->out, "%lld", (long long)((const int64_t *)array)[i]);
        }
    }
    em_str_append(p->out, "]\n");
}

static void put_items(printer *p, const em_key *key, const char *at, int depth)
{
    const em_section *const section = em_section_find(key->sub);
    const char *array = NULL;
    memcpy(&array, at, sizeof array);
    size_t n = 0;
    memcpy(&n, at + sizeof array, sizeof n);
    em_str_append(p->out, "\n");
    for (size_t i = 0; i < n; i++) {
        indent(p, depth + 1);
        em_str_append(p->out, "-\n");
        put_section(p, key->sub, array + i * section->size, depth + 2);
    }
}

/* False where the value is not given and has no default: the key is left out. */
static bool is_set(const em_key *key, const char *base)
{
    const char *const at = base + key->offset;
    const void *pointer = NULL;
    double real = 0;
    switch (key->type) {
    case EM_KEY_TEXT:
    case EM_KEY_PATH:
    case EM_KEY_CHOICE:
    case EM_KEY_PERIOD:
    case EM_KEY_REGION:
    case EM_KEY_TEXTS:
    case EM_KEY_INTS:
    case EM_KEY_LIST:
    case EM_KEY_BANDS:
    case EM_KEY_CLASSES:
    case EM_KEY_WINDOWS:
        memcpy(&pointer, at, sizeof pointer);
        return pointer != NULL;
    case EM_KEY_REAL:
    case EM_KEY_BOX:
        memcpy(&real, at, sizeof real);
        return !isnan(real);
    case EM_KEY_MAP:
        if (strcmp(key->sub, "samples") == 0)
            return ((const em_config_samples *)(const void *)at)->path != NULL;
        if (strcmp(key->sub, "scenes.mask") == 0)
            return ((const em_config_source *)(const void *)base)->mask_band > 0;
        return true;
    case EM_KEY_INT:
        return key->fallback || *(const int64_t *)(const void *)at;
    case EM_KEY_BOOL:
        return true;
    case EM_KEY_JOBS:
        return false;
    }
    return false;
}

static void put_value(printer *p, const em_key *key, const char *base, int depth)
{
    const char *const at = base + key->offset;
    const double *const box = (const double *)(const void *)at;
    switch (key->type) {
    case EM_KEY_PATH:
        put_path(p, *(char *const *)(const void *)at);
        break;
    case EM_KEY_TEXT:
    case EM_KEY_CHOICE:
    case EM_KEY_PERIOD:
    case EM_KEY_REGION:
        put_text(p, *(char *const *)(const void *)at);
        break;
    case EM_KEY_INT:
        em_str_printf(p->out, "%lld", (long long)*(const int64_t *)(const void *)at);
        break;
    case EM_KEY_REAL:
        put_real(p, *box);
        break;
    case EM_KEY_BOOL:
        em_str_append(p->out, *(const bool *)(const void *)at ? "true" : "false");
        break;
    case EM_KEY_TEXTS:
    case EM_KEY_INTS:
        put_list(p, key, at);
        return;
    case EM_KEY_LIST:
        put_items(p, key, at, depth);
        return;
    case EM_KEY_MAP:
        em_str_append(p->out, "\n");
        put_section(p, key->sub, at, depth + 1);
        return;
    case EM_KEY_BOX:
        for (int i = 0; i < 4; i++) {
            em_str_append(p->out, i ? ", " : "[");
            put_real(p, box[i]);
        }
        em_str_append(p->out, "]");
        break;
    case EM_KEY_BANDS:
        put_bands(p, (const em_config_source *)(const void *)base);
        return;
    case EM_KEY_WINDOWS:
        put_windows(p, (const em_config_features *)(const void *)base);
        return;
    case EM_KEY_CLASSES:
        put_classes(p, (const em_config_samples *)(const void *)base);
        return;
    case EM_KEY_JOBS:
        return;
    }
    em_str_append(p->out, "\n");
}

static bool is_of_the_machine(const em_key *key)
{
    static const char *const names[] = {"out", "work", "memory_mb", "threads"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!key->section[0] && strcmp(key->name, names[i]) == 0) return true;
    }
    return false;
}

static void put_section(printer *p, const char *section, const char *base, int depth)
{
    const bool stack =
        strcmp(section, "scenes") != 0 ||
        strcmp(((const em_config_source *)(const void *)base)->format, "geotiff") == 0;
    for (size_t i = 0; i < em_n_key; i++) {
        const em_key *const key = &em_keys[i];
        if (strcmp(key->section, section) != 0 || !is_set(key, base) || (key->only && !stack))
            continue;
        if (p->made && is_of_the_machine(key)) continue;
        indent(p, depth);
        em_str_printf(p->out, "%s: ", key->name);
        put_value(p, key, base, depth);
    }
}

em_status em_config_print(const em_config *config, em_str *out, em_error *err)
{
    printer p = {.out = out, .folder = config->folder};
    put_section(&p, "", (const char *)config, 0);
    return em_str_check(out, err);
}

em_status em_config_print_made(const em_config *config, em_str *out, em_error *err)
{
    printer p = {.out = out, .folder = config->folder, .made = true};
    put_section(&p, "", (const char *)config, 0);
    return em_str_check(out, err);
}
