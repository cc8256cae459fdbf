/* From cube to class map against the floor of it: the same chunks of the same cube files merely
 * read, inflated and unshuffled, as fast as we can write that, on as many threads.
 *
 *   bench_map CONFIG [THREADS]
 *
 * The floor holds exactly the chunks that the map needs: blocks that a unit touches, flags of every
 * look, bands of looks that see something of the block. Both run warm, from the page cache. */
#include <fcntl.h>
#include <libdeflate.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernels/mask/qa.h"
#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"
#include "pipeline/io/cube.h"
#include "pipeline/io/h5.h"
#include "pipeline/run/classify.h"
#include "tests/support/bench.h"

enum {
    REPEATS = 3,
    SIDE = EM_BLOCK,
    HALF = SIDE / 2,
    RING = EM_CUBE_COARSE * EM_CUBE_COARSE - HALF * HALF,
    ROOM = 4 * SIDE * SIDE
};

static em_error err;

typedef struct chunk {
    int fd;
    uint32_t packed, n, item; /* bytes in the file, items, bytes of an item */
    haddr_t at;
} chunk;

typedef struct chunk_list {
    chunk *items;
    size_t n, cap;
    size_t n_block; /* blocks of all tiles that a unit touches */
    double bytes;   /* unpacked */
} chunk_list;

static void must(em_status rc)
{
    if (rc != EM_OK) bench_die("%s", err.text);
}

/* ---- the floor ---- */

typedef struct reader {
    struct libdeflate_decompressor *inflate;
    unsigned char *packed, *planes;
    uint16_t *out;
} reader;

static void reader_init(reader *r)
{
    *r = (reader){.inflate = libdeflate_alloc_decompressor()};
    must(em_calloc(ROOM, 1, "buffer", &r->packed, &err));
    must(em_calloc(ROOM, 1, "buffer", &r->planes, &err));
    must(em_calloc(ROOM, 1, "buffer", &r->out, &err));
}

static void reader_release(reader *r)
{
    libdeflate_free_decompressor(r->inflate);
    em_free(r->packed);
    em_free(r->planes);
    em_free(r->out);
}

__attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"))) static void
unshuffle(const unsigned char *restrict planes, size_t n, uint16_t *restrict out)
{
    for (size_t i = 0; i < n; i++) out[i] = (uint16_t)(planes[i] | planes[n + i] << 8);
}

static void read_plainly(reader *r, const chunk *c)
{
    if (c->packed > ROOM || (size_t)c->n * c->item > ROOM) bench_die("a chunk is too large");
    if (pread(c->fd, r->packed, c->packed, (off_t)c->at) != (ssize_t)c->packed)
        bench_die("a cube file cannot be read");
    void *const to = c->item == 2 ? (void *)r->planes : (void *)r->out;
    if (libdeflate_zlib_decompress(r->inflate, r->packed, c->packed, to, (size_t)c->n * c->item,
                                   NULL) != LIBDEFLATE_SUCCESS)
        bench_die("a chunk does not inflate");
    if (c->item == 2) unshuffle(r->planes, c->n, r->out);
}

static void read_all(const chunk_list *list, reader *readers, int threads)
{
#pragma omp parallel num_threads(threads)
    {
        reader *const r = &readers[omp_get_thread_num()];
#pragma omp for schedule(dynamic, 32)
        for (size_t i = 0; i < list->n; i++) read_plainly(r, &list->items[i]);
    }
}

/* ---- which chunks ---- */

static bool add(chunk_list *list, int fd, hid_t dataset, const hsize_t *offset, uint32_t n,
                uint32_t item)
{
    unsigned mask = 0;
    haddr_t at = HADDR_UNDEF;
    hsize_t size = 0;
    if (H5Dget_chunk_info_by_coord(dataset, offset, &mask, &at, &size) < 0)
        bench_die("a cube file does not tell its chunks");
    if (at == HADDR_UNDEF || size == 0) return false;
    must(em_reserve(&list->items, &list->cap, list->n, list->n + 1, sizeof *list->items, "chunks",
                    &err));
    list->items[list->n++] =
        (chunk){.fd = fd, .packed = (uint32_t)size, .n = n, .item = item, .at = at};
    list->bytes += (double)n * item;
    return true;
}

/* Flags of the block; true where a pixel of it is clear. */
static bool add_flags(chunk_list *list, int fd, hid_t flags, hsize_t bx, hsize_t by, reader *r)
{
    if (!add(list, fd, flags, (const hsize_t[]){by * SIDE, bx * SIDE}, SIDE * SIDE, 1))
        return false;
    read_plainly(r, &list->items[list->n - 1]);
    const unsigned char *const bytes = (const unsigned char *)r->out;
    for (size_t i = 0; i < SIDE * SIDE; i++) {
        if (!(bytes[i] & (0xFF & ~EK_FLAG_RANGE))) return true;
    }
    return false;
}

static void add_block(chunk_list *list, int fd, const hid_t *sets, const hsize_t *n_band,
                      hsize_t bx, hsize_t by, reader *r)
{
    if (!add_flags(list, fd, sets[3], bx, by, r)) return;
    for (hsize_t b = 0; b < n_band[0]; b++)
        add(list, fd, sets[0], (const hsize_t[]){b, by * SIDE, bx * SIDE}, SIDE * SIDE, 2);
    for (hsize_t b = 0; b < n_band[1]; b++) {
        add(list, fd, sets[1], (const hsize_t[]){b, by * HALF, bx * HALF}, HALF * HALF, 2);
        add(list, fd, sets[2], (const hsize_t[]){b, by, bx, 0}, RING, 2);
    }
}

static bool unit_touches(const em_inputs *in, em_rect rect)
{
    for (size_t u = 0; u < in->units.n; u++) {
        const em_unit *const unit = &in->units.items[u];
        if (unit->state == EM_UNIT_OK && em_rings_touch(unit->rings, unit->n_ring, rect))
            return true;
    }
    return false;
}

static void add_cube(chunk_list *list, const em_session *s, const em_cube_use *use, bool count,
                     reader *r)
{
    const em_rect tile = s->plan.tiles.items[use->tile].rect;
    const int fd = open(use->path, O_RDONLY | O_CLOEXEC);
    const hid_t file = H5Fopen(use->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (fd < 0 || file < 0) bench_die("%s: cannot be opened", use->path);
    static const char *const names[] = {"reflectance_1", "reflectance_2", "ring_2", "flags"};
    hid_t sets[4] = {-1, -1, -1, -1};
    hsize_t n_band[2] = {0, 0};
    for (int k = 0; k < 4; k++) {
        if (H5Lexists(file, names[k], H5P_DEFAULT) <= 0) continue;
        sets[k] = H5Dopen2(file, names[k], H5P_DEFAULT);
        hsize_t dims[4] = {0};
        const hid_t space = H5Dget_space(sets[k]);
        H5Sget_simple_extent_dims(space, dims, NULL);
        H5Sclose(space);
        if (k < 2) n_band[k] = dims[0];
    }
    for (int64_t y = tile.y0; y < tile.y1; y += SIDE) {
        for (int64_t x = tile.x0; x < tile.x1; x += SIDE) {
            if (!unit_touches(&s->inputs, (em_rect){x, y, x + SIDE, y + SIDE})) continue;
            list->n_block += count;
            add_block(list, fd, sets, n_band, (hsize_t)(x - tile.x0) / SIDE,
                      (hsize_t)(y - tile.y0) / SIDE, r);
        }
    }
    for (int k = 0; k < 4; k++) {
        if (sets[k] >= 0) H5Dclose(sets[k]);
    }
    H5Fclose(file);
}

static void add_tile(chunk_list *list, const em_session *s, size_t t, reader *r)
{
    bool first = true;
    for (size_t i = 0; i < s->plan.n_scene; i++) {
        const em_scene_use *const scene = &s->plan.scenes[i];
        for (size_t c = 0; c < scene->n_cube && scene->state == EM_SCENE_OK; c++) {
            if (scene->cubes[c].tile != t) continue;
            add_cube(list, s, &scene->cubes[c], first, r);
            first = false;
        }
    }
}

/* ---- ours ---- */

static bench_time make_map(em_session *s, const char *scratch)
{
    em_results results = {0};
    must(em_remove_tree(scratch, &err));
    must(em_results_plan(&s->inputs, &s->plan, &s->model.content, scratch, &results, &err));
    const bench_time t = bench_now();
    must(em_classify(&s->inputs, &s->plan, &s->model, s->threads, &s->tell, &results, &err));
    const bench_time took = bench_since(t);
    if (em_results_missing(&results)) bench_die("a tile was not classified");
    em_results_release(&results);
    must(em_remove_tree(scratch, &err));
    return took;
}

/* The first half alone, on one thread: from cube to features, no forest and no areas. */
static bench_time make_features(const em_session *s)
{
    const em_inputs *const in = &s->inputs;
    const bench_time start = bench_now();
    for (size_t t = 0; t < s->plan.tiles.n; t++) {
        const em_rect tile = s->plan.tiles.items[t].rect;
        em_looks looks = {0};
        em_block_work work = {0};
        if (!s->plan.tiles.items[t].report) continue;
        must(em_looks_open(in, &s->plan, t, &looks, &err));
        must(em_block_work_init(&in->features, looks.n_cube, (size_t)1 << 30, &work, &err));
        for (int64_t y = tile.y0; y < tile.y1; y += SIDE) {
            for (int64_t x = tile.x0; x < tile.x1; x += SIDE) {
                if (!unit_touches(in, (em_rect){x, y, x + SIDE, y + SIDE})) continue;
                must(em_block_features(in, &looks, (int32_t)((x - tile.x0) / SIDE),
                                       (int32_t)((y - tile.y0) / SIDE), &work, &err));
            }
        }
        em_block_work_release(&work);
        em_looks_release(&looks);
    }
    return bench_since(start);
}

static void report(const em_session *s, const chunk_list *list, const char *what, bench_time ours,
                   bench_time floor)
{
    char name[160];
    snprintf(name, sizeof name, "cube to %s, %zu dates, %d thread%s / plain read", what,
             s->plan.n_scene, s->threads, s->threads > 1 ? "s" : "");
    bench_row(name, "ns/pixel/date",
              (double)list->n_block * SIDE * SIDE * (double)s->plan.n_scene * 1e-9, ours, floor);
}

int main(int argc, char **argv)
{
    const long threads = argc > 2 ? strtol(argv[2], NULL, 10) : 1;
    if (argc < 2 || threads < 1 || threads > 64) bench_die("usage: bench_map CONFIG [THREADS]");
    em_session s = {0};
    bench_session(argv[1], (int)threads, &s);
    char scratch[4096];
    snprintf(scratch, sizeof scratch, "%s/bench", s.work);
    reader readers[64];
    for (long k = 0; k < threads; k++) reader_init(&readers[k]);
    chunk_list list = {0};
    for (size_t t = 0; t < s.plan.tiles.n; t++) {
        if (s.plan.tiles.items[t].report) add_tile(&list, &s, t, &readers[0]);
    }
    bench_time ours = {0};
    bench_time features = {0};
    bench_time floor = {0};
    for (int k = 0; k < REPEATS; k++) {
        const bench_time t = bench_now();
        read_all(&list, readers, (int)threads);
        bench_keep(&floor, bench_since(t));
        bench_keep(&ours, make_map(&s, scratch));
        if (threads == 1) bench_keep(&features, make_features(&s));
    }
    char what[64];
    snprintf(what, sizeof what, "%zu features", s.inputs.features.n);
    if (threads == 1) report(&s, &list, what, features, floor);
    snprintf(what, sizeof what, "map, %zu features, %d trees", s.inputs.features.n,
             s.model.forest.n_tree);
    report(&s, &list, what, ours, floor);
    for (long k = 0; k < threads; k++) reader_release(&readers[k]);
    em_free(list.items);
    em_session_close(&s);
    return 0;
}
