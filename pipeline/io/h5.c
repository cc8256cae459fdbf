#include "pipeline/io/h5.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/base/memory.h"

static pthread_mutex_t library_lock = PTHREAD_MUTEX_INITIALIZER;

void em_h5_lock(void)
{
    pthread_mutex_lock(&library_lock);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* failures are told by us */
}

void em_h5_unlock(void)
{
    pthread_mutex_unlock(&library_lock);
}

struct em_h5_writer {
    hid_t file;
};

size_t em_h5_size(em_h5_type type)
{
    static const size_t sizes[] = {1, 2, 2, 4, 4, 8, 8};
    return sizes[type];
}

static hid_t stored_type(em_h5_type type)
{
    switch (type) {
    case EM_H5_U8:
        return H5T_STD_U8LE;
    case EM_H5_I16:
        return H5T_STD_I16LE;
    case EM_H5_U16:
        return H5T_STD_U16LE;
    case EM_H5_I32:
        return H5T_STD_I32LE;
    case EM_H5_U32:
        return H5T_STD_U32LE;
    case EM_H5_I64:
        return H5T_STD_I64LE;
    case EM_H5_DOUBLE:
        return H5T_IEEE_F64LE;
    }
    return H5I_INVALID_HID;
}

static em_status refused(const char *what, const char *name, em_error *err)
{
    return em_fail(err, EM_EENV, "HDF5: cannot %s %s", what, name);
}

/* ---- writing ---- */

em_status em_h5_begin(em_h5_writer **out, em_error *err)
{
    static unsigned long count; /* under the lock */
    em_h5_writer *w = NULL;
    char name[48];
    *out = NULL;
    const em_status rc = em_calloc(1, sizeof *w, "HDF5 writer", &w, err);
    if (rc != EM_OK) return rc;
    em_h5_lock();
    /* Two files of one name cannot be open at once, be they in memory; the name is not stored. */
    snprintf(name, sizeof name, "memory-%lu.h5", count++);
    const hid_t fapl = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_core(fapl, 1 << 20, 0); /* no backing store: bytes in memory only */
    H5Pset_libver_bounds(fapl, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18);
    w->file = H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, fapl);
    H5Pclose(fapl);
    em_h5_unlock();
    if (w->file < 0) {
        em_free(w);
        return refused("make", "a file in memory", err);
    }
    *out = w;
    return EM_OK;
}

static em_status put_attribute(const em_h5_writer *w, const char *name, hid_t type,
                               const void *value, em_error *err)
{
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t attribute = H5Acreate2(w->file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    const herr_t wrote = attribute < 0 ? -1 : H5Awrite(attribute, type, value);
    if (attribute >= 0) H5Aclose(attribute);
    H5Sclose(space);
    return wrote < 0 ? refused("write attribute", name, err) : EM_OK;
}

em_status em_h5_put_text(em_h5_writer *w, const char *name, const char *text, em_error *err)
{
    em_h5_lock();
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, strlen(text) + 1);
    H5Tset_cset(type, H5T_CSET_UTF8);
    const em_status rc = put_attribute(w, name, type, text, err);
    H5Tclose(type);
    em_h5_unlock();
    return rc;
}

em_status em_h5_put_int(em_h5_writer *w, const char *name, int64_t value, em_error *err)
{
    em_h5_lock();
    const em_status rc = put_attribute(w, name, H5T_STD_I64LE, &value, err);
    em_h5_unlock();
    return rc;
}

em_status em_h5_put_double(em_h5_writer *w, const char *name, double value, em_error *err)
{
    em_h5_lock();
    const em_status rc = put_attribute(w, name, H5T_IEEE_F64LE, &value, err);
    em_h5_unlock();
    return rc;
}

/* Dataset without times, so that the same content has the same bytes. */
static hid_t make_dataset(const em_h5_writer *w, const char *name, hid_t type, int rank,
                          const hsize_t *dims, hid_t dcpl)
{
    const hid_t space = H5Screate_simple(rank, dims, NULL);
    H5Pset_obj_track_times(dcpl, 0);
    const hid_t dataset = H5Dcreate2(w->file, name, type, space, H5P_DEFAULT, dcpl, H5P_DEFAULT);
    H5Sclose(space);
    return dataset;
}

em_status em_h5_put_array(em_h5_writer *w, const char *name, em_h5_type type, int rank,
                          const hsize_t *dims, const void *data, em_error *err)
{
    em_h5_lock();
    const hid_t dcpl = H5Pcreate(H5P_DATASET_CREATE);
    const hid_t dataset = make_dataset(w, name, stored_type(type), rank, dims, dcpl);
    const herr_t wrote =
        dataset < 0 ? -1
        : data      ? H5Dwrite(dataset, stored_type(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, data)
                    : 0;
    if (dataset >= 0) H5Dclose(dataset);
    H5Pclose(dcpl);
    em_h5_unlock();
    return wrote < 0 ? refused("write", name, err) : EM_OK;
}

em_status em_h5_begin_chunks(em_h5_writer *w, const char *name, em_h5_type type, int rank,
                             const hsize_t *dims, const hsize_t *chunk, int32_t fill, hid_t *out,
                             em_error *err)
{
    em_h5_lock();
    const hid_t dcpl = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(dcpl, rank, chunk);
    H5Pset_fill_value(dcpl, H5T_NATIVE_INT32, &fill);
    H5Pset_shuffle(dcpl);
    H5Pset_deflate(dcpl, 1);
    *out = make_dataset(w, name, stored_type(type), rank, dims, dcpl);
    H5Pclose(dcpl);
    em_h5_unlock();
    return *out < 0 ? refused("make", name, err) : EM_OK;
}

em_status em_h5_put_chunk(hid_t dataset, const hsize_t *offset, const void *packed, size_t size,
                          em_error *err)
{
    em_h5_lock();
    const herr_t wrote = H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, offset, size, packed);
    em_h5_unlock();
    return wrote < 0 ? refused("write", "a chunk", err) : EM_OK;
}

void em_h5_end_chunks(hid_t dataset)
{
    em_h5_lock();
    if (dataset >= 0) H5Dclose(dataset);
    em_h5_unlock();
}

em_status em_h5_finish(em_h5_writer *w, em_str *image, em_error *err)
{
    em_status rc = EM_OK;
    unsigned char *bytes = NULL;
    em_h5_lock();
    H5Fflush(w->file, H5F_SCOPE_GLOBAL);
    const ssize_t size = H5Fget_file_image(w->file, NULL, 0);
    if (size <= 0) rc = refused("take the bytes of", "a file in memory", err);
    if (rc == EM_OK) rc = em_calloc((size_t)size, 1, "HDF5 image", &bytes, err);
    if (rc == EM_OK && H5Fget_file_image(w->file, bytes, (size_t)size) != size) {
        rc = refused("take the bytes of", "a file in memory", err);
    }
    em_h5_unlock();
    if (rc == EM_OK) {
        em_str_append_bytes(image, bytes, (size_t)size);
        rc = em_str_check(image, err);
        if (rc == EM_OK) rc = em_h5_seal(image, err);
    }
    em_free(bytes);
    em_h5_drop(w);
    return rc;
}

void em_h5_drop(em_h5_writer *w)
{
    if (!w) return;
    em_h5_lock();
    H5Fclose(w->file);
    em_h5_unlock();
    em_free(w);
}

/* ---- reading ---- */

static em_status unusable(const em_h5_reader *r, const char *name, const char *why, em_error *err)
{
    return em_fail(err, EM_EINPUT, "%s: %s: %s", r->path, name, why);
}

em_status em_h5_open(const char *path, em_h5_reader *out, em_error *err)
{
    *out = (em_h5_reader){.path = path};
    const em_status rc = em_h5_check_seal(path, err);
    if (rc != EM_OK) return rc;
    em_h5_lock();
    const hid_t fapl = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_sec2(fapl);
    out->file = H5Fopen(path, H5F_ACC_RDONLY, fapl);
    H5Pclose(fapl);
    em_h5_unlock();
    return out->file < 0
               ? em_fail(err, EM_EINPUT, "%s: absent, or no HDF5 file that can be read", path)
               : EM_OK;
}

void em_h5_close(em_h5_reader *r)
{
    em_h5_lock();
    if (r->file > 0) H5Fclose(r->file);
    em_h5_unlock();
    r->file = 0;
}

em_status em_h5_get_text(const em_h5_reader *r, const char *name, em_str *out, em_error *err)
{
    enum { MOST = 1 << 20 };
    em_status rc = EM_OK;
    char *text = NULL;
    em_h5_lock();
    const hid_t attribute = H5Aopen(r->file, name, H5P_DEFAULT);
    const hid_t type = attribute < 0 ? -1 : H5Aget_type(attribute);
    const size_t size = type < 0 ? 0 : H5Tget_size(type);
    const htri_t variable = type < 0 ? 1 : H5Tis_variable_str(type);
    if (type < 0 || H5Tget_class(type) != H5T_STRING || variable != 0 || size < 1 || size > MOST ||
        H5Aget_storage_size(attribute) != size) {
        rc = unusable(r, name, "no such text attribute", err);
    }
    if (rc == EM_OK) rc = em_calloc(size + 1, 1, "attribute", &text, err);
    if (rc == EM_OK && H5Aread(attribute, type, text) < 0)
        rc = unusable(r, name, "attribute cannot be read", err);
    if (type >= 0) H5Tclose(type);
    if (attribute >= 0) H5Aclose(attribute);
    em_h5_unlock();
    if (rc == EM_OK) {
        em_str_append(out, text);
        rc = em_str_check(out, err);
    }
    em_free(text);
    return rc;
}

static em_status get_number(const em_h5_reader *r, const char *name, hid_t want, H5T_class_t class,
                            void *out, em_error *err)
{
    em_status rc = EM_OK;
    em_h5_lock();
    const hid_t attribute = H5Aopen(r->file, name, H5P_DEFAULT);
    const hid_t type = attribute < 0 ? -1 : H5Aget_type(attribute);
    if (type < 0 || H5Tget_class(type) != class || H5Aget_storage_size(attribute) != 8 ||
        H5Aread(attribute, want, out) < 0) {
        rc = unusable(r, name, "no such number attribute", err);
    }
    if (type >= 0) H5Tclose(type);
    if (attribute >= 0) H5Aclose(attribute);
    em_h5_unlock();
    return rc;
}

em_status em_h5_get_int(const em_h5_reader *r, const char *name, int64_t *out, em_error *err)
{
    return get_number(r, name, H5T_NATIVE_INT64, H5T_INTEGER, out, err);
}

em_status em_h5_get_double(const em_h5_reader *r, const char *name, double *out, em_error *err)
{
    return get_number(r, name, H5T_NATIVE_DOUBLE, H5T_FLOAT, out, err);
}

/* Storage in this file itself: neither elsewhere on the machine nor made up from other datasets. */
static int is_own_storage(hid_t dataset)
{
    const hid_t dcpl = H5Dget_create_plist(dataset);
    const int own = dcpl >= 0 && H5Pget_external_count(dcpl) == 0 &&
                    (H5Pget_layout(dcpl) == H5D_CONTIGUOUS || H5Pget_layout(dcpl) == H5D_CHUNKED);
    if (dcpl >= 0) H5Pclose(dcpl);
    return own;
}

static int is_hard_link(hid_t file, const char *name)
{
    H5L_info_t link;
    return H5Lget_info(file, name, &link, H5P_DEFAULT) >= 0 && link.type == H5L_TYPE_HARD;
}

em_status em_h5_open_array(const em_h5_reader *r, const char *name, em_h5_type type, int rank,
                           hsize_t *dims, hid_t *out, em_error *err)
{
    em_status rc = EM_OK;
    *out = -1;
    em_h5_lock();
    const hid_t dataset = is_hard_link(r->file, name) ? H5Dopen2(r->file, name, H5P_DEFAULT) : -1;
    const hid_t space = dataset < 0 ? -1 : H5Dget_space(dataset);
    const hid_t found = dataset < 0 ? -1 : H5Dget_type(dataset);
    if (space < 0 || found < 0 || !is_own_storage(dataset)) {
        rc = unusable(r, name, "no such array in this file", err);
    } else if (H5Sget_simple_extent_ndims(space) != rank ||
               H5Sget_simple_extent_dims(space, dims, NULL) != rank ||
               H5Tequal(found, stored_type(type)) <= 0) {
        rc = unusable(r, name, "array of another type or rank", err);
    }
    if (found >= 0) H5Tclose(found);
    if (space >= 0) H5Sclose(space);
    if (rc != EM_OK && dataset >= 0) H5Dclose(dataset);
    if (rc == EM_OK) *out = dataset;
    em_h5_unlock();
    return rc;
}

em_status em_h5_get_array(const em_h5_reader *r, const char *name, em_h5_type type, int rank,
                          hsize_t *dims, size_t most, void *out, em_error *err)
{
    hid_t dataset = -1;
    void *data = NULL;
    size_t n = 1;
    em_status rc = em_h5_open_array(r, name, type, rank, dims, &dataset, err);
    if (rc != EM_OK) return rc;
    for (int d = 0; d < rank && rc == EM_OK; d++) {
        if (dims[d] > most || __builtin_mul_overflow(n, (size_t)dims[d], &n) || n > most) {
            rc = unusable(r, name, "array larger than it may be", err);
        }
    }
    if (rc == EM_OK) rc = em_calloc(n, em_h5_size(type), name, &data, err);
    em_h5_lock();
    if (rc == EM_OK && n &&
        H5Dread(dataset, stored_type(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0) {
        rc = unusable(r, name, "array is damaged", err);
    }
    H5Dclose(dataset);
    em_h5_unlock();
    if (rc != EM_OK) {
        em_free(data);
        data = NULL;
    }
    memcpy(out, &data, sizeof data);
    return rc;
}
