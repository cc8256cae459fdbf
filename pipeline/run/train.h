/* From samples to a model file. */
#ifndef EM_RUN_TRAIN_H
#define EM_RUN_TRAIN_H

#include "pipeline/io/model_file.h"
#include "pipeline/run/sample_pixels.h"

/* Raise when the same samples and features give another forest. */
#define EM_TRAIN_VERSION 3

/* The key of the training task: samples, features, cube files of the tiles with samples, forest
 * settings. Known before any pixel is read. */
em_status em_train_key(const em_inputs *inputs, const em_plan *plan, em_hash *out, em_error *err);

/* Where the model of that task is kept: <work>/models/<period>.<key>.h5. Heap text. */
em_status em_train_path(const em_inputs *inputs, const em_hash *key, const char *work, char **out,
                        em_error *err);

/* Rough cost in seconds of one thread, for progress. */
double em_train_cost(const em_inputs *inputs);

/* Gathers the training pixels, grows the forest on `threads` threads, publishes it at `path` and
 * reads it back into *model. *training tells what became of the samples; the caller releases both.
 */
em_status em_train_grow(const em_inputs *inputs, const em_plan *plan, const em_hash *key,
                        const char *path, int threads, em_tell *tell, em_model *model,
                        em_training *training, em_error *err);

/* Out-of-bag confusion and importances as text and as a JSON object; `training` may be NULL (a
 * model that was not grown now). */
em_status em_train_report(const em_model *model, const em_training *training, em_str *text,
                          em_str *json, em_error *err);

#endif
