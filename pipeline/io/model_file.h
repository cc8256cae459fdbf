/* A trained forest as one small HDF5 file of flat arrays: self-describing, refused by name where it
 * does not fit. */
#ifndef EM_IO_MODEL_FILE_H
#define EM_IO_MODEL_FILE_H

#include "kernels/accuracy/confusion.h"
#include "kernels/forest/model.h"
#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"
#include "pipeline/base/str.h"

enum { EM_MODEL_CLASSES = 32 };

typedef struct em_model {
    ek_forest forest;                /* arrays owned by the model */
    em_list features;                /* names, in the order of the forest's features */
    uint8_t codes[EM_MODEL_CLASSES]; /* class code of each class index */
    int32_t n_class;
    double oob_accuracy; /* out-of-bag, NaN where not known */
    ek_confusion oob;    /* out-of-bag votes against samples; n_class 0 where not known */
    double *importance; /* [n_feature] owned; loss of accuracy with the feature shuffled; NULL where
                           not known */
    int64_t n_sample;
    em_hash key;      /* of the training task; "" for a model from elsewhere */
    em_hash training; /* of samples and features that it was grown from */
    em_hash content;  /* of the file's bytes */
} em_model;

/* Encodes the model; same model, same bytes. */
em_status em_model_encode(const em_model *model, em_str *image, em_error *err);

/* Reads and checks a model file. EM_EINPUT where it is none or is damaged. The caller releases
 * *out. */
em_status em_model_read(const char *path, em_model *out, em_error *err);
void em_model_release(em_model *model);

/* EM_ECONFIG naming the first difference where the model's features are not exactly `names`, in
 * this order. */
em_status em_model_fits(const em_model *model, const char *const *names, size_t n, em_error *err);

#endif
