/* A decoding job as bytes and back. Both sides are the same program, so that numbers go as they lie
 * in memory; the reader checks every length all the same. */
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/io/decode_run.h"

static const char magic[8] = "emjob 1";

/* ---- packing ---- */

static void put(em_str *out, const void *bytes, size_t n)
{
    em_str_append_bytes(out, bytes, n);
}

static void put_text(em_str *out, const char *text)
{
    const uint64_t n = text ? strlen(text) + 1 : 0;
    put(out, &n, sizeof n);
    if (n) put(out, text, n);
}

em_status em_job_pack(const em_decode_job *job, em_str *out, em_error *err)
{
    const em_scene *const s = job->scene;
    const uint64_t counts[2] = {job->n_tile, job->n_scl_masked};
    put(out, magic, sizeof magic);
    put(out, counts, sizeof counts);
    put(out, &job->dilate_m, sizeof job->dilate_m);
    put(out, &job->memory_mb, sizeof job->memory_mb);
    put(out, &job->seconds, sizeof job->seconds);
    put_text(out, job->resample);
    put(out, job->tiles, job->n_tile * sizeof *job->tiles);
    put(out, job->scl_masked, job->n_scl_masked * sizeof *job->scl_masked);
    put(out, job->grid, sizeof *job->grid); /* pointers inside are replaced when read */
    put_text(out, job->grid->crs);
    put(out, s, sizeof *s);
    put_text(out, s->id);
    put_text(out, s->root);
    put_text(out, s->crs);
    for (int32_t b = 0; b < s->n_band; b++) put_text(out, s->bands[b].path);
    put_text(out, s->mask.path);
    return em_str_check(out, err);
}

/* ---- unpacking ---- */

typedef struct reader {
    const em_str *bytes;
    size_t at;
    em_error *err;
} reader;

static em_status get(reader *r, void *out, size_t n)
{
    if (n > r->bytes->size - r->at)
        return em_fail(r->err, EM_EINTERNAL, "the decoder's job ends at byte %zu", r->bytes->size);
    if (n) memcpy(out, r->bytes->data + r->at, n);
    r->at += n;
    return EM_OK;
}

static em_status get_text(reader *r, char **out)
{
    uint64_t n = 0;
    *out = NULL;
    em_status rc = get(r, &n, sizeof n);
    if (rc != EM_OK || n == 0) return rc;
    if (n > r->bytes->size - r->at || r->bytes->data[r->at + n - 1] != '\0')
        return em_fail(r->err, EM_EINTERNAL, "the decoder's job holds a broken text");
    rc = em_strdup(r->bytes->data + r->at, out, r->err);
    r->at += n;
    return rc;
}

static em_status get_array(reader *r, uint64_t n, size_t size, void *out)
{
    void *array = NULL;
    if (n > r->bytes->size / size)
        return em_fail(r->err, EM_EINTERNAL, "the decoder's job holds a broken list");
    em_status rc = em_calloc(n, size, "decoder's job", &array, r->err);
    if (rc == EM_OK) memcpy(out, &array, sizeof array);
    return rc == EM_OK ? get(r, array, n * size) : rc;
}

static em_status get_scene(reader *r, em_scene *out)
{
    em_scene plain;
    em_status rc = get(r, &plain, sizeof plain);
    if (rc != EM_OK) return rc;
    if (plain.n_band < 0 || plain.n_band > EM_MAX_BANDS)
        return em_fail(r->err, EM_EINTERNAL, "the decoder's job holds %d bands", plain.n_band);
    plain.id = plain.root = plain.crs = plain.mask.path = NULL;
    for (int32_t b = 0; b < EM_MAX_BANDS; b++) plain.bands[b].path = NULL;
    *out = plain;
    rc = get_text(r, &out->id);
    if (rc == EM_OK) rc = get_text(r, &out->root);
    if (rc == EM_OK) rc = get_text(r, &out->crs);
    for (int32_t b = 0; b < out->n_band && rc == EM_OK; b++) rc = get_text(r, &out->bands[b].path);
    return rc == EM_OK ? get_text(r, &out->mask.path) : rc;
}

em_status em_job_unpack(const em_str *bytes, em_job_copy *out, em_error *err)
{
    em_status rc = EM_OK;
    reader r = {.bytes = bytes, .err = err};
    char head[sizeof magic] = {0};
    uint64_t counts[2] = {0};
    em_grid grid;
    *out = (em_job_copy){0};
    EM_TRY(get(&r, head, sizeof head));
    if (memcmp(head, magic, sizeof magic) != 0) {
        rc = em_fail(err, EM_ECONFIG, "--internal-decode is started by ecomon itself");
        goto done;
    }
    EM_TRY(get(&r, counts, sizeof counts));
    EM_TRY(get(&r, &out->job.dilate_m, sizeof out->job.dilate_m));
    EM_TRY(get(&r, &out->job.memory_mb, sizeof out->job.memory_mb));
    EM_TRY(get(&r, &out->job.seconds, sizeof out->job.seconds));
    EM_TRY(get_text(&r, &out->resample));
    EM_TRY(get_array(&r, counts[0], sizeof *out->tiles, &out->tiles));
    EM_TRY(get_array(&r, counts[1], sizeof *out->scl, &out->scl));
    EM_TRY(get(&r, &grid, sizeof grid));
    grid.crs = NULL;
    out->grid = grid;
    EM_TRY(get_text(&r, &out->grid.crs));
    EM_TRY(get_scene(&r, &out->scene));
    out->job.scene = &out->scene;
    out->job.grid = &out->grid;
    out->job.tiles = out->tiles;
    out->job.n_tile = counts[0];
    out->job.scl_masked = out->scl;
    out->job.n_scl_masked = counts[1];
    out->job.resample = out->resample;
done:
    if (rc != EM_OK) em_job_release(out);
    return rc;
}

void em_job_release(em_job_copy *copy)
{
    em_scene_release(&copy->scene);
    em_grid_release(&copy->grid);
    em_free(copy->tiles);
    em_free(copy->scl);
    em_free(copy->resample);
    *copy = (em_job_copy){0};
}
