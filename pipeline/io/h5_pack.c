/* Chunks of HDF5 files as bytes: the shuffle and deflate filters, done here, outside the library's
 * lock. */
#include <libdeflate.h>
#include <string.h>

#include "kernels/base/clones.h"
#include "pipeline/io/h5.h"

size_t em_pack_bound(size_t n, size_t size)
{
    return libdeflate_zlib_compress_bound(NULL, n * size);
}

/* HDF5's shuffle: all first bytes, then all second bytes. */
EK_CLONES static void shuffle2(const unsigned char *restrict items, size_t n,
                               unsigned char *restrict out)
{
    for (size_t i = 0; i < n; i++) out[i] = items[2 * i];
    for (size_t i = 0; i < n; i++) out[n + i] = items[2 * i + 1];
}

EK_CLONES static void unshuffle2(const unsigned char *restrict planes, size_t n,
                                 uint16_t *restrict items)
{
    for (size_t i = 0; i < n; i++) items[i] = (uint16_t)(planes[i] | (planes[n + i] << 8));
}

em_status em_pack(const void *items, size_t n, size_t size, void *scratch, void *packed,
                  size_t *packed_size, em_error *err)
{
    struct libdeflate_compressor *const c = libdeflate_alloc_compressor(1);
    if (!c) return em_fail(err, EM_EENV, "memory refused for the compressor");
    if (size == 2) {
        shuffle2(items, n, scratch);
    } else {
        memcpy(scratch, items, n);
    }
    *packed_size = libdeflate_zlib_compress(c, scratch, n * size, packed, em_pack_bound(n, size));
    libdeflate_free_compressor(c);
    return *packed_size ? EM_OK
                        : em_fail(err, EM_EINTERNAL, "the compressor's bound was too small");
}

em_status em_unpack(const void *packed, size_t packed_size, size_t n, size_t size, void *scratch,
                    void *items, em_error *err)
{
    struct libdeflate_decompressor *const d = libdeflate_alloc_decompressor();
    if (!d) return em_fail(err, EM_EENV, "memory refused for the decompressor");
    const enum libdeflate_result got = libdeflate_zlib_decompress(
        d, packed, packed_size, size == 2 ? scratch : items, n * size, NULL);
    libdeflate_free_decompressor(d);
    if (got != LIBDEFLATE_SUCCESS)
        return em_fail(err, EM_EINPUT, "damaged chunk: %zu bytes do not unpack to %zu", packed_size,
                       n * size);
    if (size == 2) unshuffle2(scratch, n, items);
    return EM_OK;
}
