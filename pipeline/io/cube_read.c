#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernels/mask/qa.h"
#include "pipeline/base/memory.h"
#include "pipeline/io/cube.h"
#include "pipeline/io/h5.h"

enum {
    SIDE = EM_BLOCK,
    HALF = EM_BLOCK / 2,
    COARSE = EM_CUBE_COARSE,
    RING = COARSE * COARSE - HALF * HALF
};

/* Where a chunk lies in the file; size 0: not stored, all fill. */
typedef struct place {
    uint64_t at;
    uint32_t size;
} place;

typedef struct array {
    const char *name;
    place *chunks; /* [plane][by][bx] */
} array;

struct em_cube {
    em_cube_meta meta;
    char *path;
    int fd;
    int32_t per_side; /* blocks per tile side */
    array fine, coarse, ring, flags;
    int32_t plane_of[EM_MAX_BANDS]; /* place of a band in its array */
};

/* ---- opening ---- */

static em_status damaged(const em_cube *c, const char *what, em_error *err)
{
    return em_fail(err, EM_EINPUT, "%s: damaged or no cube file: %s", c->path, what);
}

static em_status get_word(const em_h5_reader *r, const char *name, char *out, size_t size,
                          em_error *err)
{
    em_str text = {0};
    em_status rc = em_h5_get_text(r, name, &text, err);
    if (rc == EM_OK && text.size >= size)
        rc = em_fail(err, EM_EINPUT, "%s: attribute %s is too long", r->path, name);
    if (rc == EM_OK) memcpy(out, em_str_text(&text), text.size + 1);
    em_str_release(&text);
    return rc;
}

/* "blue,green" and "1,1" into bands. */
static em_status parse_bands(em_cube *c, const char *names, const char *factors, em_error *err)
{
    int32_t n_of[3] = {0};
    while (*names) {
        const size_t n = strcspn(names, ",");
        if (c->meta.n_band == EM_MAX_BANDS || n == 0 || n >= sizeof c->meta.bands[0].name ||
            (factors[0] != '1' && factors[0] != '2')) {
            return damaged(c, "band list", err);
        }
        em_cube_band *const b = &c->meta.bands[c->meta.n_band];
        memcpy(b->name, names, n);
        b->factor = factors[0] - '0';
        c->plane_of[c->meta.n_band++] = n_of[b->factor]++;
        names += n + (names[n] == ',');
        factors += 1 + (factors[1] == ',');
    }
    return c->meta.n_band ? EM_OK : damaged(c, "no band", err);
}

static em_status read_meta(em_cube *c, const em_h5_reader *r, em_error *err)
{
    em_status rc = EM_OK;
    em_cube_meta *const m = &c->meta;
    char format[32];
    char names[16 * EM_MAX_BANDS];
    char factors[4 * EM_MAX_BANDS];
    int64_t v[8];
    static const char *const ints[] = {"time", "day",   "pass",    "tile_px",
                                       "east", "north", "n_clear", "n_data"};
    EM_TRY(get_word(r, "format", format, sizeof format, err));
    if (strcmp(format, "ecomon cube 1") != 0) return damaged(c, "format", err);
    EM_TRY(get_word(r, "scene", m->scene_id, sizeof m->scene_id, err));
    EM_TRY(get_word(r, "sensor", m->sensor, sizeof m->sensor, err));
    EM_TRY(get_word(r, "content", m->content.hex, sizeof m->content.hex, err));
    EM_TRY(get_word(r, "key", m->key.hex, sizeof m->key.hex, err));
    EM_TRY(get_word(r, "crs", m->crs, sizeof m->crs, err));
    EM_TRY(get_word(r, "bands", names, sizeof names, err));
    EM_TRY(get_word(r, "factors", factors, sizeof factors, err));
    for (int i = 0; i < 8; i++) EM_TRY(em_h5_get_int(r, ints[i], &v[i], err));
    EM_TRY(em_h5_get_double(r, "px", &m->px, err));
    EM_TRY(em_h5_get_double(r, "ax", &m->ax, err));
    EM_TRY(em_h5_get_double(r, "ay", &m->ay, err));
    if (v[3] != 256 && v[3] != 512 && v[3] != 1024 && v[3] != 2048)
        return damaged(c, "tile size", err);
    m->time = v[0];
    m->day = (int32_t)v[1];
    m->pass = (int32_t)v[2];
    m->tile_px = (int32_t)v[3];
    m->tile = (em_tile){(int32_t)v[4], (int32_t)v[5]};
    m->n_clear = v[6];
    m->n_data = v[7];
    c->per_side = m->tile_px / SIDE;
    rc = parse_bands(c, names, factors, err);
done:
    return rc;
}

/* Addresses of all chunks of an array; under the library's lock. */
static em_status find_chunks(const em_cube *c, hid_t dataset, int rank, const hsize_t *dims,
                             const hsize_t *chunk, uint64_t file_size, array *out, em_error *err)
{
    size_t n = 1;
    for (int d = 0; d < rank; d++) n *= (size_t)(dims[d] / chunk[d]);
    em_status rc = em_calloc(n, sizeof *out->chunks, "chunk addresses", &out->chunks, err);
    for (size_t i = 0; i < n && rc == EM_OK; i++) {
        hsize_t offset[4];
        size_t rest = i;
        for (int d = rank; d-- > 0;) {
            const size_t along = (size_t)(dims[d] / chunk[d]);
            offset[d] = (rest % along) * chunk[d];
            rest /= along;
        }
        unsigned skipped = 0;
        haddr_t at = HADDR_UNDEF;
        hsize_t size = 0;
        if (H5Dget_chunk_info_by_coord(dataset, offset, &skipped, &at, &size) < 0) {
            rc = damaged(c, out->name, err);
        } else if (at != HADDR_UNDEF && size > 0) {
            if (skipped || size > UINT32_MAX || at > file_size || size > file_size - at)
                rc = damaged(c, out->name, err);
            out->chunks[i] = (place){at, (uint32_t)size};
        }
    }
    return rc;
}

static em_status check_chunking(const em_cube *c, hid_t dataset, int rank, const hsize_t *chunk,
                                const char *name, em_error *err)
{
    hsize_t found[4] = {0};
    const hid_t dcpl = H5Dget_create_plist(dataset);
    const int same = dcpl >= 0 && H5Pget_layout(dcpl) == H5D_CHUNKED &&
                     H5Pget_chunk(dcpl, rank, found) == rank && H5Pget_nfilters(dcpl) == 2 &&
                     memcmp(found, chunk, (size_t)rank * sizeof *chunk) == 0;
    if (dcpl >= 0) H5Pclose(dcpl);
    return same ? EM_OK : damaged(c, name, err);
}

static em_status read_array(const em_cube *c, const em_h5_reader *r, em_h5_type type, int rank,
                            const hsize_t *want, const hsize_t *chunk, uint64_t file_size,
                            array *out, em_error *err)
{
    hsize_t dims[4] = {0};
    hid_t dataset = -1;
    if (want[0] == 0) return EM_OK;
    em_status rc = em_h5_open_array(r, out->name, type, rank, dims, &dataset, err);
    if (rc != EM_OK) return rc;
    if (memcmp(dims, want, (size_t)rank * sizeof *dims) != 0) rc = damaged(c, out->name, err);
    em_h5_lock();
    if (rc == EM_OK) rc = check_chunking(c, dataset, rank, chunk, out->name, err);
    if (rc == EM_OK) rc = find_chunks(c, dataset, rank, dims, chunk, file_size, out, err);
    H5Dclose(dataset);
    em_h5_unlock();
    return rc;
}

static em_status read_arrays(em_cube *c, const em_h5_reader *r, uint64_t file_size, em_error *err)
{
    const hsize_t t = (hsize_t)c->meta.tile_px;
    const hsize_t side = (hsize_t)c->per_side;
    hsize_t n_of[3] = {0};
    for (int32_t b = 0; b < c->meta.n_band; b++) n_of[c->meta.bands[b].factor]++;
    const hsize_t fine[3] = {n_of[1], t, t};
    const hsize_t coarse[3] = {n_of[2], t / 2, t / 2};
    const hsize_t ring[4] = {n_of[2], side, side, RING};
    const hsize_t flags[2] = {t, t};
    em_status rc = EM_OK;
    c->fine.name = "reflectance_1";
    c->coarse.name = "reflectance_2";
    c->ring.name = "ring_2";
    c->flags.name = "flags";
    EM_TRY(read_array(c, r, EM_H5_I16, 3, fine, (const hsize_t[]){1, SIDE, SIDE}, file_size,
                      &c->fine, err));
    EM_TRY(read_array(c, r, EM_H5_I16, 3, coarse, (const hsize_t[]){1, HALF, HALF}, file_size,
                      &c->coarse, err));
    EM_TRY(read_array(c, r, EM_H5_I16, 4, ring, (const hsize_t[]){1, 1, 1, RING}, file_size,
                      &c->ring, err));
    EM_TRY(read_array(c, r, EM_H5_U8, 2, flags, (const hsize_t[]){SIDE, SIDE}, file_size, &c->flags,
                      err));
done:
    return rc;
}

em_status em_cube_open(const char *path, em_cube **out, em_error *err)
{
    em_status rc = EM_OK;
    em_cube *c = NULL;
    em_h5_reader r = {0};
    struct stat st;
    *out = NULL;
    EM_TRY(em_calloc(1, sizeof *c, "cube", &c, err));
    c->fd = -1;
    EM_TRY(em_strdup(path, &c->path, err));
    c->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (c->fd < 0 || fstat(c->fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        rc = em_fail(err, EM_EINPUT, "%s: %s", path,
                     c->fd < 0 ? strerror(errno) : "not a regular file");
        goto done;
    }
    EM_TRY(em_h5_open(path, &r, err));
    EM_TRY(read_meta(c, &r, err));
    EM_TRY(read_arrays(c, &r, (uint64_t)st.st_size, err));
done:
    em_h5_close(&r);
    if (rc != EM_OK) {
        em_cube_close(c);
        return rc;
    }
    *out = c;
    return EM_OK;
}

const em_cube_meta *em_cube_get_meta(const em_cube *cube)
{
    return &cube->meta;
}

void em_cube_close(em_cube *c)
{
    if (!c) return;
    if (c->fd >= 0) close(c->fd);
    em_free(c->fine.chunks);
    em_free(c->coarse.chunks);
    em_free(c->ring.chunks);
    em_free(c->flags.chunks);
    em_free(c->path);
    em_free(c);
}

/* ---- reading ---- */

/* A chunk never packs to more than this: deflate's bound, with room. */
static size_t packed_most(void)
{
    return ek_align_up(em_pack_bound((size_t)SIDE * SIDE, 2) + 65536);
}

size_t em_cube_scratch_bytes(void)
{
    return packed_most() + ek_align_up((size_t)SIDE * SIDE * 2) + ek_align_up((size_t)RING * 2) +
           ek_align_up((size_t)HALF * HALF * 2);
}

static em_status read_bytes(const em_cube *c, const array *a, place p, void *to, em_error *err)
{
    size_t got = 0;
    if (p.size > packed_most()) return damaged(c, a->name, err);
    while (got < p.size) {
        const ssize_t n = pread(c->fd, (char *)to + got, p.size - got, (off_t)(p.at + got));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0)
            return em_fail(err, EM_EINPUT, "%s: %s: %s", c->path, a->name,
                           n < 0 ? strerror(errno) : "file ends early");
        got += (size_t)n;
    }
    return EM_OK;
}

/* Chunk number `at` of n items; scratch begins with room for the packed bytes. */
static em_status read_chunk(const em_cube *c, const array *a, size_t at, size_t n, size_t size,
                            int32_t fill, void *scratch, void *out, em_error *err)
{
    const place p = a->chunks[at];
    if (p.size == 0) {
        if (size == 1) memset(out, fill, n);
        for (size_t i = 0; size == 2 && i < n; i++) ((int16_t *)out)[i] = (int16_t)fill;
        return EM_OK;
    }
    em_status rc = read_bytes(c, a, p, scratch, err);
    if (rc == EM_OK) {
        rc = em_unpack(scratch, p.size, n, size, (char *)scratch + packed_most(), out, err);
        if (rc == EM_EINPUT) rc = em_context(err, rc, "%s: %s, chunk %zu", c->path, a->name, at);
    }
    return rc;
}

/* Block and ring put together to [132][132]. */
static void join(const int16_t *core, const int16_t *ring, int16_t *out)
{
    for (size_t row = 0; row < COARSE; row++) {
        int16_t *const to = out + row * COARSE;
        if (row < EM_CUBE_HALO || row >= HALF + EM_CUBE_HALO) {
            memcpy(to, ring, COARSE * sizeof *to);
            ring += COARSE;
            continue;
        }
        memcpy(to, ring, EM_CUBE_HALO * sizeof *to);
        memcpy(to + EM_CUBE_HALO, core + (row - EM_CUBE_HALO) * HALF, HALF * sizeof *to);
        memcpy(to + EM_CUBE_HALO + HALF, ring + EM_CUBE_HALO, EM_CUBE_HALO * sizeof *to);
        ring += 2 * EM_CUBE_HALO;
    }
}

em_status em_cube_read_block(const em_cube *c, int32_t b, int32_t bx, int32_t by, void *scratch,
                             int16_t *out, em_error *err)
{
    const size_t side = (size_t)c->per_side;
    const size_t at = ((size_t)c->plane_of[b] * side + (size_t)by) * side + (size_t)bx;
    if (c->meta.bands[b].factor == 1) {
        return read_chunk(c, &c->fine, at, (size_t)SIDE * SIDE, 2, EM_FILL, scratch, out, err);
    }
    int16_t *const ring =
        (int16_t *)(void *)((char *)scratch + packed_most() + ek_align_up((size_t)SIDE * SIDE * 2));
    int16_t *const core = (int16_t *)(void *)((char *)ring + ek_align_up((size_t)RING * 2));
    em_status rc =
        read_chunk(c, &c->coarse, at, (size_t)HALF * HALF, 2, EM_FILL, scratch, core, err);
    if (rc == EM_OK) rc = read_chunk(c, &c->ring, at, RING, 2, EM_FILL, scratch, ring, err);
    if (rc == EM_OK) join(core, ring, out);
    return rc;
}

em_status em_cube_read_flags(const em_cube *c, int32_t bx, int32_t by, void *scratch, uint8_t *out,
                             em_error *err)
{
    const size_t at = (size_t)by * (size_t)c->per_side + (size_t)bx;
    return read_chunk(c, &c->flags, at, (size_t)SIDE * SIDE, 1, EK_FLAG_NODATA, scratch, out, err);
}
