#include "pipeline/stages/features.h"

#include <stdio.h>
#include <string.h>

#include "kernels/mask/qa.h"
#include "kernels/temporal/count.h"
#include "kernels/temporal/median.h"
#include "pipeline/base/memory.h"

/* A reflectance that was clipped is still a look; everything else hides the pixel. */
#define HIDES ((uint8_t)(0xFF & ~EK_FLAG_RANGE))
#define FILL  INT16_MIN

static const char *const default_indices[] = {"ndvi", "evi2", "mndwi", "lswi", "ndbi", "bsi"};

/* ---- names ---- */

static bool has_role(const ek_band *roles, int32_t n_role, ek_band role)
{
    for (int32_t r = 0; r < n_role; r++) {
        if (roles[r] == role) return true;
    }
    return false;
}

static bool index_possible(int32_t index, const ek_band *roles, int32_t n_role)
{
    for (int32_t b = 0; b < EK_BANDS; b++) {
        if (ek_index_needs(index, (ek_band)b) && !has_role(roles, n_role, (ek_band)b)) return false;
    }
    return true;
}

static em_status add_feature(em_feature_set *set, em_layer_kind kind, int32_t which,
                             const char *layer, const char *rest, int32_t window, size_t *cap,
                             em_error *err)
{
    em_feature f = {.kind = kind, .which = which, .window = window};
    snprintf(f.name, sizeof f.name, "%s.%s", layer, rest);
    for (size_t i = 0; i < set->n; i++) {
        if (strcmp(set->items[i].name, f.name) == 0) return EM_OK;
    }
    const em_status rc =
        em_reserve(&set->items, cap, set->n, set->n + 1, sizeof *set->items, "features", err);
    if (rc == EM_OK) set->items[set->n++] = f;
    return rc;
}

/* Says what is wrong with a layer's name, with the nearest that exists. */
static em_status unknown_layer(const char *name, const char *layer, em_error *err)
{
    const char *best = "clear";
    size_t least = em_edit_distance(layer, best);
    for (int32_t b = 0; b < EK_BANDS + ek_index_count(); b++) {
        const char *const known =
            b < EK_BANDS ? ek_band_name((ek_band)b) : ek_index_name(b - EK_BANDS);
        const size_t off = em_edit_distance(layer, known);
        if (off < least) {
            least = off;
            best = known;
        }
    }
    return em_fail(err, EM_ECONFIG,
                   "features.list: \"%s\": no band or index \"%s\"; did you mean \"%s\"?", name,
                   layer, best);
}

typedef struct wanted {
    const char *name; /* as written */
    char layer[64], rest[64];
    int32_t window;
} wanted;

static em_status split_name(const em_config_features *config, const char *name, wanted *out,
                            em_error *err)
{
    const size_t n = strcspn(name, ".");
    *out = (wanted){.name = name, .window = -1};
    snprintf(out->layer, sizeof out->layer, "%.*s", (int)n, name);
    snprintf(out->rest, sizeof out->rest, "%s", name[n] ? name + n + 1 : "");
    const char *const dot = strchr(out->rest, '.');
    if (!dot) return EM_OK;
    for (size_t w = 0; w < config->n_window; w++) {
        if (strcmp(config->windows[w].name, dot + 1) == 0) out->window = (int32_t)w;
    }
    if (out->window >= 0) return EM_OK;
    return em_fail(err, EM_ECONFIG,
                   "features.list: \"%s\": no window \"%s\" under features.windows", name, dot + 1);
}

static em_status check_statistic(const wanted *w, const char *expected, em_error *err)
{
    const size_t n = strlen(expected);
    if (strncmp(w->rest, expected, n) == 0 && (w->rest[n] == '\0' || w->rest[n] == '.'))
        return EM_OK;
    return em_fail(err, EM_ECONFIG,
                   "features.list: \"%s\": statistic \"%s\" of \"%s\", expected \"%s\"", w->name,
                   w->rest, w->layer, expected);
}

static em_status add_group(em_feature_set *set, const wanted *w, const ek_band *roles,
                           int32_t n_role, size_t *cap, em_error *err)
{
    em_status rc = check_statistic(w, "median", err);
    if (strcmp(w->layer, "bands") == 0) {
        for (int32_t r = 0; r < n_role && rc == EM_OK; r++) {
            rc = add_feature(set, EM_LAYER_BAND, (int32_t)roles[r], ek_band_name(roles[r]), w->rest,
                             w->window, cap, err);
        }
        return rc;
    }
    for (size_t i = 0; i < sizeof default_indices / sizeof *default_indices && rc == EM_OK; i++) {
        const int32_t index = ek_index_find(default_indices[i]);
        if (!index_possible(index, roles, n_role)) continue;
        rc = add_feature(set, EM_LAYER_INDEX, index, default_indices[i], w->rest, w->window, cap,
                         err);
    }
    return rc;
}

static em_status add_named(em_feature_set *set, const wanted *w, const ek_band *roles,
                           int32_t n_role, size_t *cap, em_error *err)
{
    if (strcmp(w->layer, "bands") == 0 || strcmp(w->layer, "indices") == 0) {
        return add_group(set, w, roles, n_role, cap, err);
    }
    const bool clear = strcmp(w->layer, "clear") == 0;
    const em_status rc = check_statistic(w, clear ? "count" : "median", err);
    if (rc != EM_OK) return rc;
    if (clear) return add_feature(set, EM_LAYER_CLEAR, 0, w->layer, w->rest, w->window, cap, err);
    const int32_t band = ek_band_find(w->layer);
    const int32_t index = ek_index_find(w->layer);
    if (band < 0 && index < 0) return unknown_layer(w->name, w->layer, err);
    const bool possible =
        band >= 0 ? has_role(roles, n_role, (ek_band)band) : index_possible(index, roles, n_role);
    if (!possible) {
        return em_fail(
            err, EM_ECONFIG,
            "features.list: \"%s\" needs a band that not every source under scenes delivers",
            w->name);
    }
    return add_feature(set, band >= 0 ? EM_LAYER_BAND : EM_LAYER_INDEX, band >= 0 ? band : index,
                       w->layer, w->rest, w->window, cap, err);
}

static void list_bands(em_feature_set *set)
{
    for (int32_t b = 0; b < EK_BANDS; b++) {
        bool needed = false;
        for (size_t f = 0; f < set->n; f++) {
            const em_feature *const item = &set->items[f];
            needed = needed || (item->kind == EM_LAYER_BAND && item->which == b) ||
                     (item->kind == EM_LAYER_INDEX && ek_index_needs(item->which, (ek_band)b));
        }
        if (needed) set->bands[set->n_band++] = (ek_band)b;
    }
}

em_status em_features_resolve(const em_config_features *config, const ek_band *roles,
                              int32_t n_role, em_feature_set *out, em_error *err)
{
    em_status rc = EM_OK;
    size_t cap = 0;
    *out = (em_feature_set){.config = config};
    for (size_t i = 0; i < config->n_list; i++) {
        wanted w;
        EM_TRY(split_name(config, config->list[i], &w, err));
        EM_TRY(add_named(out, &w, roles, n_role, &cap, err));
    }
    if (out->n == 0)
        rc = em_fail(err, EM_ECONFIG,
                     "features.list: no feature is left for the bands that the sources deliver");
    list_bands(out);
done:
    if (rc != EM_OK) em_features_release(out);
    return rc;
}

void em_features_release(em_feature_set *set)
{
    em_free(set->items);
    *set = (em_feature_set){0};
}

/* ---- values ---- */

static bool in_window(const em_feature_set *set, int32_t window, int32_t month_day)
{
    if (window < 0) return true;
    const em_config_window *const w = &set->config->windows[window];
    if (w->from <= w->to) return month_day >= w->from && month_day <= w->to;
    return month_day >= w->from || month_day <= w->to;
}

/* Planes of one layer, one per look, with what is hidden set to fill. */
typedef struct layer_stack {
    int16_t **planes;       /* [n_look] */
    const int16_t **chosen; /* [n_look] those of a window */
    int16_t *whole;         /* the whole period's median, for the gap rule */
} layer_stack;

static void fill_stack(const em_feature_set *set, const em_features_in *in, em_layer_kind kind,
                       int32_t which, layer_stack *stack, int64_t *range_fail)
{
    for (size_t t = 0; t < in->n_look; t++) {
        const int16_t *bands[EK_BANDS] = {0};
        for (int32_t b = 0; b < set->n_band; b++) {
            bands[set->bands[b]] = in->planes[t * (size_t)set->n_band + (size_t)b];
        }
        if (kind == EM_LAYER_BAND) {
            memcpy(stack->planes[t], bands[which], in->n * sizeof(int16_t));
        } else {
            ek_index_plane(which, bands, in->n, stack->planes[t], range_fail);
        }
        ek_mask_apply(in->flags[t], HIDES, in->n, stack->planes[t]);
    }
}

static void reduce_window(const em_feature_set *set, const em_features_in *in,
                          const layer_stack *stack, int32_t window, ek_arena *arena, int16_t *out)
{
    size_t n = 0;
    for (size_t t = 0; t < in->n_look; t++) {
        if (in_window(set, window, in->looks[t].month_day)) stack->chosen[n++] = stack->planes[t];
    }
    ek_median(stack->chosen, n, in->n, arena, out);
}

/* All features of one layer; items[first] is the first that uses it. */
static void reduce_layer(const em_feature_set *set, const em_features_in *in, size_t first,
                         layer_stack *stack, ek_arena *arena, int16_t *const *out)
{
    const em_feature *const lead = &set->items[first];
    const bool by_period = strcmp(set->config->gap, "period") == 0;
    reduce_window(set, in, stack, -1, arena, stack->whole);
    for (size_t f = first; f < set->n; f++) {
        const em_feature *const item = &set->items[f];
        if (item->kind != lead->kind || item->which != lead->which) continue;
        if (item->window < 0) {
            memcpy(out[f], stack->whole, in->n * sizeof(int16_t));
            continue;
        }
        reduce_window(set, in, stack, item->window, arena, out[f]);
        for (size_t i = 0; i < in->n && by_period; i++)
            out[f][i] = out[f][i] == FILL ? stack->whole[i] : out[f][i];
    }
}

static bool first_of_layer(const em_feature_set *set, size_t f)
{
    for (size_t g = 0; g < f; g++) {
        if (set->items[g].kind == set->items[f].kind && set->items[g].which == set->items[f].which)
            return false;
    }
    return true;
}

static void count_clear(const em_feature_set *set, const em_features_in *in, int32_t window,
                        ek_arena *arena, uint16_t *out)
{
    const size_t mark = arena->used;
    const uint8_t **const chosen = EK_TAKE(arena, const uint8_t *, in->n_look + 1);
    size_t n = 0;
    for (size_t t = 0; t < in->n_look; t++) {
        if (in_window(set, window, in->looks[t].month_day)) chosen[n++] = in->flags[t];
    }
    ek_clear_count(chosen, n, HIDES, in->n, out);
    arena->used = mark;
}

size_t em_features_scratch_bytes(const em_feature_set *set, size_t n_look, size_t n)
{
    (void)set;
    const size_t plane = ek_align_up(n * sizeof(int16_t));
    return (n_look + 2) * plane + 3 * ek_align_up((n_look + 1) * sizeof(void *)) +
           ek_median_scratch_bytes(n_look, n);
}

void em_features_block(const em_feature_set *set, const em_features_in *in, ek_arena *arena,
                       int16_t *const *out, uint16_t *clear, int64_t *range_fail)
{
    const size_t mark = arena->used;
    layer_stack stack = {.planes = EK_TAKE(arena, int16_t *, in->n_look + 1),
                         .chosen = EK_TAKE(arena, const int16_t *, in->n_look + 1),
                         .whole = EK_TAKE(arena, int16_t, in->n)};
    for (size_t t = 0; t < in->n_look; t++) stack.planes[t] = EK_TAKE(arena, int16_t, in->n);
    count_clear(set, in, -1, arena, clear);
    for (size_t f = 0; f < set->n; f++) {
        const em_feature *const item = &set->items[f];
        if (item->kind == EM_LAYER_CLEAR) {
            uint16_t *const count = EK_TAKE(arena, uint16_t, in->n);
            count_clear(set, in, item->window, arena, count);
            for (size_t i = 0; i < in->n; i++)
                out[f][i] = count[i] > INT16_MAX ? INT16_MAX : (int16_t)count[i];
            arena->used -= ek_align_up(in->n * sizeof(uint16_t));
        } else if (first_of_layer(set, f)) {
            fill_stack(set, in, item->kind, item->which, &stack, range_fail);
            reduce_layer(set, in, f, &stack, arena, out);
        }
    }
    arena->used = mark;
}
