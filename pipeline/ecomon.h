/* Everything that a job program may call. One run = one config, one region, one lock.
 *
 * Data flows one way: scan -> plan -> ingest -> classify -> tables -> publish. A run never edits an
 * input. It writes new files beside their final names, renames them into place, and publishes last.
 */
#ifndef ECOMON_H
#define ECOMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/error.h"
#include "pipeline/base/request.h"
#include "pipeline/base/str.h"

/* Checks the config and every input it names without any work. Each fault is a line of *faults.
 * EM_ECONFIG for faults of the config, EM_EINPUT for inputs that cannot be used, EM_EPARTIAL where
 * only some scenes or units cannot. */
em_status em_check(const em_request *request, em_list *faults, em_summary *summary, em_error *err);

/* The whole run. The return value is the job's exit code; `err` holds the most serious failure,
 * every failure went to the listener. Faults of the config are lines of *faults. */
em_status em_run(const em_request *request, const em_listener *listener, em_list *faults,
                 em_summary *summary, em_error *err);

/* Scans the sources and lists what is there, one line per scene in summary->text. */
em_status em_scan(const em_request *request, em_list *faults, em_summary *summary, em_error *err);

/* Trains a model from the config's samples and writes it to `model_path` (NULL: into the run's work
 * folder, where an equal one that exists is not grown again). summary->text holds the out-of-bag
 * confusion and the importances; *json the same for programs. */
em_status em_train(const em_request *request, const char *model_path, const em_listener *listener,
                   em_list *faults, em_summary *summary, em_str *json, em_error *err);

/* Holds the published folder against its manifest: every file there, none besides, sizes and sha256
 * equal. Each fault is a line of *faults. With `deep`, the inputs that the manifest names are
 * hashed again too. EM_EINPUT where there is no manifest or it is damaged, EM_EQUALITY where
 * anything differs. */
em_status em_verify(const char *folder, bool deep, em_list *faults, em_summary *summary,
                    em_error *err);

/* Compares; summary->text holds the confusion and the figures for people, *json the same for
 * programs, with the sha256 of the map. EM_ECONFIG for options that cannot be, EM_EINPUT where a
 * file cannot be used, the two rasters do not lie on the same pixels, or no place is left to
 * compare. */
em_status em_accuracy(const em_accuracy_options *options, em_summary *summary, em_str *json,
                      em_error *err);

/* The internal decoder: reads one request from descriptor 0 and hands pixels back. The return value
 * is the process's exit code. Only em_run starts it. */
int em_decoder_main(void);

typedef struct em_demo_options {
    int64_t width, height; /* pixels of 10 m; 0: the default size */
    int64_t dates;         /* per year; 0: default */
    int64_t years;         /* 0: default */
    int64_t seed;          /* 0: default */
    double clouds;         /* mean share of a scene under cloud, 0..0.9; NaN: default */
    bool geotiff;          /* tiled GeoTIFFs instead of SAFE folders */
} em_demo_options;

/* Writes the made county to `folder`, which must be absent or empty. */
em_status em_demo(const char *folder, const em_demo_options *options, const em_listener *listener,
                  em_summary *summary, em_error *err);

/* The generated reference of the config keys (Markdown) and its JSON schema. */
em_status em_config_reference(em_str *out, em_error *err);
em_status em_config_json_schema(em_str *out, em_error *err);

#endif
