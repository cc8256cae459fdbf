/* Blocks of a tile: from cube files to features, in one thread's memory. */
#include <string.h>

#include "kernels/mask/qa.h"
#include "kernels/resample/upsample.h"
#include "pipeline/base/memory.h"
#include "pipeline/run/looks.h"

#define SIDE  EM_BLOCK
#define BLOCK ((size_t)SIDE * SIDE)
#define HIDES ((uint8_t)(0xFF & ~EK_FLAG_RANGE))

size_t em_block_work_bytes(const em_feature_set *set, size_t n_look, int32_t rows)
{
    const size_t n = (size_t)rows * SIDE;
    const size_t looks = n_look ? n_look : 1;
    const size_t stack = looks * ((size_t)set->n_band * n * sizeof(int16_t) + n);
    const size_t fixed = BLOCK * (1 + 2 + 2 + 2 * set->n) + EM_CUBE_COARSE * EM_CUBE_COARSE * 2 + n;
    return stack + fixed + em_features_scratch_bytes(set, looks, n) + em_cube_scratch_bytes();
}

static em_status take(em_block_work *work, int slot, size_t n, size_t size, void *out,
                      em_error *err)
{
    const em_status rc = em_calloc(n, size, "block memory", out, err);
    if (rc == EM_OK) memcpy(&work->memory[slot], out, sizeof(void *));
    return rc;
}

/* One run of planes of n items each, cut into `count` pointers. */
static em_status take_planes(em_block_work *work, int slot, size_t count, size_t n, size_t size,
                             void *pointers, em_error *err)
{
    unsigned char *base = NULL;
    void **list = NULL;
    size_t bytes = 0;
    em_status rc = em_size_mul(ek_align_up(n * size), count, "block memory", &bytes, err);
    if (rc == EM_OK) rc = take(work, slot, bytes, 1, &base, err);
    if (rc == EM_OK) rc = take(work, slot + 1, count, sizeof(void *), &list, err);
    if (rc != EM_OK) return rc;
    for (size_t i = 0; i < count; i++) list[i] = base + i * ek_align_up(n * size);
    memcpy(pointers, &list, sizeof list);
    return EM_OK;
}

em_status em_block_work_init(const em_feature_set *set, size_t n_look, size_t budget,
                             em_block_work *out, em_error *err)
{
    em_status rc = EM_OK;
    const size_t looks = n_look ? n_look : 1;
    *out = (em_block_work){.rows = SIDE};
    while (out->rows > 8 && em_block_work_bytes(set, looks, out->rows) > budget) out->rows /= 2;
    if (em_block_work_bytes(set, looks, out->rows) > budget) {
        return em_fail(
            err, EM_EENV,
            "memory_mb is too small: one thread needs %zu MiB for %zu looks, and has %zu MiB",
            em_block_work_bytes(set, looks, out->rows) >> 20, looks, budget >> 20);
    }
    const size_t n = (size_t)out->rows * SIDE;
    EM_TRY(take_planes(out, 0, looks * (size_t)set->n_band, n, sizeof(int16_t), &out->planes, err));
    EM_TRY(take_planes(out, 2, looks, n, 1, &out->flags, err));
    EM_TRY(take_planes(out, 4, set->n, BLOCK, sizeof(int16_t), &out->features, err));
    EM_TRY(take(out, 6, looks, sizeof *out->looks, &out->looks, err));
    EM_TRY(take(out, 7, BLOCK, 1, &out->all_flags, err));
    EM_TRY(take(out, 8, n, 1, &out->seen_by, err));
    EM_TRY(take(out, 9, EM_CUBE_COARSE * EM_CUBE_COARSE, sizeof(int16_t), &out->coarse, err));
    EM_TRY(take(out, 10, BLOCK, sizeof(int16_t), &out->fine, err));
    EM_TRY(take(out, 11, em_cube_scratch_bytes(), 1, &out->scratch, err));
    EM_TRY(take(out, 12, BLOCK, sizeof *out->clear, &out->clear, err));
    EM_TRY(em_arena_init(&out->arena, em_features_scratch_bytes(set, looks, n), err));
done:
    if (rc != EM_OK) em_block_work_release(out);
    return rc;
}

void em_block_work_release(em_block_work *work)
{
    for (size_t i = 0; i < sizeof work->memory / sizeof *work->memory; i++)
        em_free(work->memory[i]);
    em_arena_release(&work->arena);
    *work = (em_block_work){0};
}

/* The part of a block that is done at a time. */
typedef struct part {
    int32_t bx, by;
    size_t from, n; /* pixels of the block */
} part;

/* Flags of a look: of the first cube that has data. seen_by says which. Returns whether any pixel
 * is clear. */
static em_status read_look_flags(const em_looks *looks, size_t t, const part *p,
                                 em_block_work *work, uint8_t *flags, bool *any, em_error *err)
{
    const em_look_cubes of = looks->of[t];
    memset(flags, EK_FLAG_NODATA, p->n);
    memset(work->seen_by, 0, p->n);
    for (size_t c = 0; c < of.n; c++) {
        const em_status rc = em_cube_read_flags(looks->cubes[of.first + c], p->bx, p->by,
                                                work->scratch, work->all_flags, err);
        if (rc != EM_OK) return rc;
        const uint8_t *const mine = work->all_flags + p->from;
        for (size_t i = 0; i < p->n; i++) {
            const bool better = (flags[i] & EK_FLAG_NODATA) && !(mine[i] & EK_FLAG_NODATA);
            flags[i] = better ? mine[i] : flags[i];
            work->seen_by[i] = better ? (uint8_t)c : work->seen_by[i];
        }
    }
    *any = false;
    for (size_t i = 0; i < p->n; i++) *any = *any || !(flags[i] & HIDES);
    return EM_OK;
}

static bool cube_is_used(const em_block_work *work, const uint8_t *flags, size_t n, size_t c)
{
    for (size_t i = 0; i < n; i++) {
        if (work->seen_by[i] == c && !(flags[i] & HIDES)) return true;
    }
    return false;
}

/* One band of one cube for the whole block, at grid resolution, in work->fine. */
static em_status read_band(const em_inputs *in, const em_cube *cube, int32_t b, const part *p,
                           em_block_work *work, em_error *err)
{
    const em_cube_meta *const meta = em_cube_get_meta(cube);
    if (meta->bands[b].factor == 1)
        return em_cube_read_block(cube, b, p->bx, p->by, work->scratch, work->fine, err);
    const em_status rc =
        em_cube_read_block(cube, b, p->bx, p->by, work->scratch, work->coarse, err);
    if (rc == EM_OK) {
        ek_upsample2(work->coarse, EM_CUBE_COARSE, EM_CUBE_HALO, SIDE / 2, SIDE / 2,
                     ek_resample_find(in->config.features.upsample), work->fine);
    }
    return rc;
}

/* Puts the pixels that look t takes from its c-th cube into the look's planes. */
static em_status read_cube_bands(const em_inputs *in, const em_looks *looks, size_t t, size_t c,
                                 const part *p, em_block_work *work, int16_t **planes,
                                 em_error *err)
{
    const size_t at = looks->of[t].first + c;
    for (int32_t b = 0; b < in->features.n_band; b++) {
        const em_status rc = read_band(in, looks->cubes[at],
                                       looks->band_at[at][in->features.bands[b]], p, work, err);
        if (rc != EM_OK) return rc;
        const int16_t *const fine = work->fine + p->from;
        if (looks->of[t].n == 1) {
            memcpy(planes[b], fine, p->n * sizeof(int16_t));
            continue;
        }
        for (size_t i = 0; i < p->n; i++)
            planes[b][i] = work->seen_by[i] == c ? fine[i] : planes[b][i];
    }
    return EM_OK;
}

static void fill_planes(int16_t **planes, int32_t n_band, size_t n)
{
    for (int32_t b = 0; b < n_band; b++) {
        for (size_t i = 0; i < n; i++) planes[b][i] = EM_FILL;
    }
}

static em_status do_part(const em_inputs *in, const em_looks *looks, const part *p,
                         em_block_work *work, em_error *err)
{
    const size_t n_band = (size_t)in->features.n_band;
    size_t n = 0;
    for (size_t t = 0; t < looks->n; t++) {
        bool any = false;
        uint8_t *const flags = work->flags[n];
        int16_t **const planes = work->planes + n * n_band;
        em_status rc = read_look_flags(looks, t, p, work, flags, &any, err);
        if (rc != EM_OK) return rc;
        if (!any) continue; /* nothing of the block was seen: its bands are not decoded */
        if (looks->of[t].n > 1) fill_planes(planes, in->features.n_band, p->n);
        for (size_t c = 0; c < looks->of[t].n && rc == EM_OK; c++) {
            if (cube_is_used(work, flags, p->n, c))
                rc = read_cube_bands(in, looks, t, c, p, work, planes, err);
        }
        if (rc != EM_OK) return rc;
        work->looks[n++] = looks->looks[t];
    }
    const em_features_in features = {.looks = work->looks,
                                     .n_look = n,
                                     .flags = (const uint8_t *const *)work->flags,
                                     .planes = (const int16_t *const *)work->planes,
                                     .n = p->n};
    int16_t *out[1024];
    for (size_t f = 0; f < in->features.n; f++) out[f] = work->features[f] + p->from;
    em_features_block(&in->features, &features, &work->arena, out, work->clear + p->from,
                      &work->range_fail);
    return EM_OK;
}

em_status em_block_features(const em_inputs *inputs, const em_looks *looks, int32_t bx, int32_t by,
                            em_block_work *work, em_error *err)
{
    for (int32_t row = 0; row < SIDE; row += work->rows) {
        const part p = {bx, by, (size_t)row * SIDE, (size_t)work->rows * SIDE};
        const em_status rc = do_part(inputs, looks, &p, work, err);
        if (rc != EM_OK) return rc;
    }
    return EM_OK;
}
