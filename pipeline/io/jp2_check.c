/* Is a JPEG 2000 file whole? Walks the boxes of the file format (ISO/IEC 15444-1 annex I) and the
 * tile-parts of the code stream (annex A) by their declared lengths: nothing is decoded. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/io/decode_parts.h"

typedef struct jp2 {
    FILE *file;
    const char *path;
    uint64_t size;
    em_error *err;
} jp2;

static em_status damaged(const jp2 *j, uint64_t at, const char *what)
{
    return em_fail(j->err, EM_EINPUT, "%s: truncated or damaged at byte %llu of %llu: %s", j->path,
                   (unsigned long long)at, (unsigned long long)j->size, what);
}

/* n bytes at a place, most significant first. */
static em_status get(const jp2 *j, uint64_t at, int n, uint64_t *out)
{
    unsigned char bytes[8];
    *out = 0;
    if (at + (uint64_t)n > j->size) return damaged(j, j->size, "the file ends here");
    if (fseeko(j->file, (off_t)at, SEEK_SET) != 0 ||
        fread(bytes, 1, (size_t)n, j->file) != (size_t)n) {
        return em_fail(j->err, EM_EINPUT, "%s: cannot be read: %s", j->path, strerror(errno));
    }
    for (int i = 0; i < n; i++) *out = *out << 8 | bytes[i];
    return EM_OK;
}

enum { SOC = 0xFF4F, SOT = 0xFF90, EOC = 0xFFD9 };

static em_status skip_main_header(const jp2 *j, uint64_t end, uint64_t *at)
{
    uint64_t marker = 0;
    uint64_t length = 0;
    em_status rc = get(j, *at, 2, &marker);
    if (rc == EM_OK && marker != SOC) rc = damaged(j, *at, "no code stream begins here");
    *at += 2;
    while (rc == EM_OK && (rc = get(j, *at, 2, &marker)) == EM_OK && marker != SOT) {
        if (marker < 0xFF01) return damaged(j, *at, "no marker of the main header");
        rc = get(j, *at + 2, 2, &length);
        if (rc == EM_OK && (length < 2 || *at + 2 + length > end))
            rc = damaged(j, *at, "the main header does not end");
        *at += 2 + length;
    }
    return rc;
}

static em_status walk_tile_parts(const jp2 *j, uint64_t at, uint64_t end)
{
    uint64_t marker = 0;
    uint64_t length = 0;
    em_status rc = skip_main_header(j, end, &at);
    while (rc == EM_OK && (rc = get(j, at, 2, &marker)) == EM_OK && marker == SOT) {
        rc = get(j, at + 6, 4, &length);
        if (rc != EM_OK) return rc;
        if (length == 0) length = end - 2 - at; /* the last tile-part, up to the end marker */
        if (length < 14 || at + length > end)
            return damaged(j, at, "a tile-part runs past the end");
        at += length;
    }
    if (rc == EM_OK && (marker != EOC || at + 2 > end))
        rc = damaged(j, at, "the code stream does not end with its end marker");
    return rc;
}

/* The contiguous code stream box. */
static em_status find_stream(const jp2 *j, uint64_t *from, uint64_t *end)
{
    uint64_t at = 0;
    while (at < j->size) {
        uint64_t length = 0;
        uint64_t type = 0;
        uint64_t head = 8;
        em_status rc = get(j, at, 4, &length);
        if (rc == EM_OK) rc = get(j, at + 4, 4, &type);
        if (rc == EM_OK && length == 1) {
            rc = get(j, at + 8, 8, &length);
            head = 16;
        }
        if (rc != EM_OK) return rc;
        if (length == 0) length = j->size - at;
        if (length < head || length > j->size - at)
            return damaged(j, at, "a box runs past the end");
        if (type == 0x6A703263) { /* jp2c */
            *from = at + head;
            *end = at + length;
            return EM_OK;
        }
        at += length;
    }
    return damaged(j, at, "there is no code stream");
}

static em_status check(const jp2 *j)
{
    static const unsigned char signature[4] = {'j', 'P', ' ', ' '};
    unsigned char start[12] = {0};
    uint64_t from = 0;
    uint64_t end = j->size;
    if (fread(start, 1, sizeof start, j->file) < sizeof start) return EM_OK; /* no JPEG 2000 */
    if (start[0] == 0xFF && start[1] == 0x4F) return walk_tile_parts(j, 0, end);
    if (memcmp(start + 4, signature, sizeof signature) != 0) return EM_OK;
    const em_status rc = find_stream(j, &from, &end);
    return rc == EM_OK ? walk_tile_parts(j, from, end) : rc;
}

em_status em_jp2_check(const char *path, em_error *err)
{
    jp2 j = {.path = path, .err = err, .file = fopen(path, "rbe")};
    if (!j.file) return em_fail(err, EM_EINPUT, "%s: cannot be read: %s", path, strerror(errno));
    em_status rc = EM_OK;
    if (fseeko(j.file, 0, SEEK_END) != 0) {
        rc = em_fail(err, EM_EINPUT, "%s: cannot be read: %s", path, strerror(errno));
    } else {
        j.size = (uint64_t)ftello(j.file);
        rewind(j.file);
        rc = check(&j);
    }
    fclose(j.file);
    return rc;
}
