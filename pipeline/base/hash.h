/* SHA-256 of bytes and files: the identity of every input and product. (libcrypto does the maths;
 * see pipeline/decisions/0001-sha256.md.) */
#ifndef EM_BASE_HASH_H
#define EM_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/error.h"

typedef struct em_hash {
    char hex[65]; /* 64 lower-case hexadecimal digits and a NUL; "" where unset */
} em_hash;

typedef struct em_hasher em_hasher;

em_status em_hasher_new(em_hasher **out, em_error *err);
em_status em_hasher_add(em_hasher *h, const void *bytes, size_t n, em_error *err);
/* Adds the text and a NUL, so that ("ab","c") and ("a","bc") differ. */
em_status em_hasher_add_text(em_hasher *h, const char *text, em_error *err);
em_status em_hasher_finish(em_hasher *h, em_hash *out, em_error *err);
void em_hasher_free(em_hasher *h);

em_status em_hash_bytes(const void *bytes, size_t n, em_hash *out, em_error *err);

/* Streams the file in 1 MiB pieces. EM_EINPUT if it cannot be opened or read. */
em_status em_hash_file(const char *path, em_hash *out, em_error *err);

#endif
