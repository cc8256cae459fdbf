/* HDF5 files as bytes in memory, and flat arrays read back from files. Internal to pipeline/io.
 *
 * The library holds one global lock; every call to it here is made under em_h5_lock, so that any
 * thread may use this. */
#ifndef EM_IO_H5_H
#define EM_IO_H5_H

#include <stddef.h>
#include <stdint.h>

#include <hdf5.h>

#include "pipeline/base/error.h"
#include "pipeline/base/str.h"

void em_h5_lock(void);
void em_h5_unlock(void);

typedef enum em_h5_type {
    EM_H5_U8,
    EM_H5_I16,
    EM_H5_U16,
    EM_H5_I32,
    EM_H5_U32,
    EM_H5_I64,
    EM_H5_DOUBLE,
} em_h5_type;

size_t em_h5_size(em_h5_type type);

/* ---- writing ---- */

typedef struct em_h5_writer em_h5_writer;

/* A file in memory; nothing reaches a disk. Same calls, same bytes: no times are stored. */
em_status em_h5_begin(em_h5_writer **out, em_error *err);
em_status em_h5_put_text(em_h5_writer *w, const char *name, const char *text, em_error *err);
em_status em_h5_put_int(em_h5_writer *w, const char *name, int64_t value, em_error *err);
em_status em_h5_put_double(em_h5_writer *w, const char *name, double value, em_error *err);
/* A whole array, not compressed. rank 1..4. */
em_status em_h5_put_array(em_h5_writer *w, const char *name, em_h5_type type, int rank,
                          const hsize_t *dims, const void *data, em_error *err);
/* An array in shuffled and deflated chunks, u8 or int16, whose chunks are added one by one; absent
 * ones hold `fill`. */
em_status em_h5_begin_chunks(em_h5_writer *w, const char *name, em_h5_type type, int rank,
                             const hsize_t *dims, const hsize_t *chunk, int32_t fill, hid_t *out,
                             em_error *err);
em_status em_h5_put_chunk(hid_t dataset, const hsize_t *offset, const void *packed, size_t size,
                          em_error *err);
void em_h5_end_chunks(hid_t dataset);
/* The file's bytes; ends the writer whatever comes out. */
em_status em_h5_finish(em_h5_writer *w, em_str *image, em_error *err);
void em_h5_drop(em_h5_writer *w); /* without a file; accepts NULL */

/* ---- chunks as bytes: no lock is needed ---- */

/* Shuffles and deflates (level 1) n items of `size` bytes into `packed`, of em_pack_bound bytes;
 * scratch of n * size. *packed_size receives the length. EM_EENV where the compressor is refused
 * memory. */
size_t em_pack_bound(size_t n, size_t size);
em_status em_pack(const void *items, size_t n, size_t size, void *scratch, void *packed,
                  size_t *packed_size, em_error *err);
/* The reverse; EM_EINPUT where the bytes are damaged. scratch of n * size. */
em_status em_unpack(const void *packed, size_t packed_size, size_t n, size_t size, void *scratch,
                    void *items, em_error *err);

/* ---- the checksum of a whole file (h5_seal.c) ---- */

/* Appends it to the file's bytes; done by em_h5_finish. */
em_status em_h5_seal(em_str *image, em_error *err);
/* EM_EINPUT where the file is absent, cut off, or other bytes than were sealed; done by em_h5_open.
 */
em_status em_h5_check_seal(const char *path, em_error *err);

/* ---- reading ---- */

typedef struct em_h5_reader {
    hid_t file;
    const char *path; /* borrowed */
} em_h5_reader;

em_status em_h5_open(const char *path, em_h5_reader *out, em_error *err);
void em_h5_close(em_h5_reader *r);
/* Attributes of the root; EM_EINPUT where absent or of another kind. */
em_status em_h5_get_text(const em_h5_reader *r, const char *name, em_str *out, em_error *err);
em_status em_h5_get_int(const em_h5_reader *r, const char *name, int64_t *out, em_error *err);
em_status em_h5_get_double(const em_h5_reader *r, const char *name, double *out, em_error *err);
/* Opens a dataset that lies in this very file (no external storage, no virtual layout), of this
 * type and rank. dims is filled. */
em_status em_h5_open_array(const em_h5_reader *r, const char *name, em_h5_type type, int rank,
                           hsize_t *dims, hid_t *out, em_error *err);
/* Reads a whole array of at most `most` items into new memory (em_free). */
em_status em_h5_get_array(const em_h5_reader *r, const char *name, em_h5_type type, int rank,
                          hsize_t *dims, size_t most, void *out, em_error *err);

#endif
