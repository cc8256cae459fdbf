#include "pipeline/base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/base/memory.h"

struct em_hasher {
    EVP_MD_CTX *ctx;
};

em_status em_hasher_new(em_hasher **out, em_error *err)
{
    *out = NULL;
    em_hasher *h = NULL;
    const em_status rc = em_calloc(1, sizeof *h, "sha256", &h, err);
    if (rc != EM_OK) return rc;
    h->ctx = EVP_MD_CTX_new();
    if (!h->ctx || EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL) != 1) {
        em_hasher_free(h);
        return em_fail(err, EM_EENV, "sha256: the crypto library refused to start");
    }
    *out = h;
    return EM_OK;
}

em_status em_hasher_add(em_hasher *h, const void *bytes, size_t n, em_error *err)
{
    if (EVP_DigestUpdate(h->ctx, bytes, n) == 1) return EM_OK;
    return em_fail(err, EM_EENV, "sha256: the crypto library refused %zu bytes", n);
}

em_status em_hasher_add_text(em_hasher *h, const char *text, em_error *err)
{
    return em_hasher_add(h, text, strlen(text) + 1, err);
}

em_status em_hasher_finish(em_hasher *h, em_hash *out, em_error *err)
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (EVP_DigestFinal_ex(h->ctx, sum, &n) != 1 || n != 32) {
        return em_fail(err, EM_EENV, "sha256: the crypto library did not finish");
    }
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < 32; i++) {
        out->hex[2 * i] = digits[sum[i] >> 4];
        out->hex[2 * i + 1] = digits[sum[i] & 15];
    }
    out->hex[64] = '\0';
    return EM_OK;
}

void em_hasher_free(em_hasher *h)
{
    if (!h) return;
    EVP_MD_CTX_free(h->ctx);
    em_free(h);
}

em_status em_hash_bytes(const void *bytes, size_t n, em_hash *out, em_error *err)
{
    em_hasher *h = NULL;
    em_status rc = em_hasher_new(&h, err);
    if (rc == EM_OK) rc = em_hasher_add(h, bytes, n, err);
    if (rc == EM_OK) rc = em_hasher_finish(h, out, err);
    em_hasher_free(h);
    return rc;
}

static em_status add_descriptor(em_hasher *h, int fd, const char *path, unsigned char *buf,
                                size_t size, em_error *err)
{
    for (;;) {
        const ssize_t n = read(fd, buf, size);
        if (n == 0) return EM_OK;
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return em_fail(err, EM_EINPUT, "read %s: %s", path, strerror(errno));
        const em_status rc = em_hasher_add(h, buf, (size_t)n, err);
        if (rc != EM_OK) return rc;
    }
}

em_status em_hash_file(const char *path, em_hash *out, em_error *err)
{
    enum { PIECE = 1 << 20 };
    em_status rc = EM_OK;
    em_hasher *h = NULL;
    unsigned char *buf = NULL;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return em_fail(err, EM_EINPUT, "open %s: %s", path, strerror(errno));
    EM_TRY(em_hasher_new(&h, err));
    EM_TRY(em_calloc(PIECE, 1, "read buffer", &buf, err));
    EM_TRY(add_descriptor(h, fd, path, buf, PIECE, err));
    EM_TRY(em_hasher_finish(h, out, err));
done:
    em_free(buf);
    em_hasher_free(h);
    close(fd);
    return rc;
}
