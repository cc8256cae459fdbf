/* A checksum behind the last byte of our HDF5 files. The format guards neither its chunks nor its
 * structure: a flipped bit gives other pixels, or asks for gigabytes. Readers of HDF5 take no
 * notice of what stands behind the end that the file declares. */
#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/base/memory.h"
#include "pipeline/io/h5.h"

enum { SEAL = 17, PIECE = 1 << 20 }; /* "ecomon:" 8 digits "\n" and a NUL */

static void print_seal(uint32_t sum, char out[SEAL])
{
    snprintf(out, SEAL, "ecomon:%08x\n", sum);
}

em_status em_h5_seal(em_str *image, em_error *err)
{
    char seal[SEAL];
    print_seal(libdeflate_crc32(0, image->data, image->size), seal);
    em_str_append_bytes(image, seal, SEAL - 1);
    return em_str_check(image, err);
}

static em_status sum_file(int fd, uint64_t size, const char *path, uint32_t *sum, em_error *err)
{
    em_status rc = EM_OK;
    unsigned char *piece = NULL;
    uint64_t at = 0;
    *sum = 0;
    EM_TRY(em_calloc(PIECE, 1, "file piece", &piece, err));
    while (at < size) {
        const size_t want = size - at < PIECE ? (size_t)(size - at) : PIECE;
        const ssize_t n = pread(fd, piece, want, (off_t)at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            rc = em_fail(err, EM_EINPUT, "%s: cannot be read at byte %llu: %s", path,
                         (unsigned long long)at, n ? strerror(errno) : "it ends there");
            goto done;
        }
        *sum = libdeflate_crc32(*sum, piece, (size_t)n);
        at += (uint64_t)n;
    }
done:
    em_free(piece);
    return rc;
}

static em_status check(int fd, const char *path, em_error *err)
{
    struct stat st;
    char found[SEAL] = "";
    char want[SEAL];
    uint32_t sum = 0;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= SEAL - 1 ||
        pread(fd, found, SEAL - 1, st.st_size - (SEAL - 1)) != SEAL - 1 ||
        strncmp(found, "ecomon:", 7) != 0)
        return em_fail(err, EM_EINPUT, "%s: is cut off, or no file of ecomon's", path);
    const em_status rc = sum_file(fd, (uint64_t)st.st_size - (SEAL - 1), path, &sum, err);
    if (rc != EM_OK) return rc;
    print_seal(sum, want);
    if (strcmp(found, want) == 0) return EM_OK;
    return em_fail(err, EM_EINPUT,
                   "%s: is damaged: checksum expected %.8s, found %.8s; remove it and run again",
                   path, found + 7, want + 7);
}

em_status em_h5_check_seal(const char *path, em_error *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return em_fail(err, EM_EINPUT, "%s: cannot be read: %s", path, strerror(errno));
    const em_status rc = check(fd, path, err);
    close(fd);
    return rc;
}
