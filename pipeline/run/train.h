/* From samples to a model file. */
#ifndef EM_RUN_TRAIN_H
#define EM_RUN_TRAIN_H

#include "pipeline/io/model_file.h"
#include "pipeline/run/sample_pixels.h"

/* Raise when the same samples and features give another forest. */
#define EM_TRAIN_VERSION 1

/* Gathers the training pixels and, where the model file of that very training does not exist yet,
 * grows the forest on `threads` threads and publishes it at `path` (NULL: <work>/models/<training
 * hash>.h5). Reads it back into *model. *report receives the out-of-bag confusion and the
 * importances as text, *json the same for programs; both may be NULL. *grown tells whether it was
 * grown now. */
em_status em_train_model(const em_inputs *inputs, const em_plan *plan, const char *work,
                         const char *path, int threads, em_tell *tell, em_model *model, bool *grown,
                         em_str *report, em_str *json, em_error *err);

#endif
