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
#include "pipeline/base/str.h"

/* What a person asked for on the command line. Texts are borrowed; NULL or 0 where not given. */
typedef struct em_request {
    const char *config; /* path of the config file */
    const char *job;    /* name under jobs: */
    const char *period; /* instead of the config's */
    const char *unit;   /* only this unit's tiles are looked at anew */
    double bbox[4];     /* west, south, east, north in degrees; used where has_bbox */
    bool has_bbox;
    const char *reason; /* free text for run.json */
    int64_t threads;    /* 0: the config's */
    bool dry_run;       /* plan only: say what would be done, write nothing */
} em_request;

/* Progress of the work, told at most a few times a second from one thread at a time. */
typedef struct em_progress {
    const char *stage;  /* "ingest", "train", "classify", "publish" */
    double done, total; /* work units of the whole run, weighted by cost, the merge included */
    double seconds;     /* since the run began */
} em_progress;

/* How loud a line is. */
typedef enum em_level {
    EM_LEVEL_DEBUG,
    EM_LEVEL_INFO,
    EM_LEVEL_WARNING, /* something was left out, and is named */
    EM_LEVEL_ERROR,
} em_level;

/* Where a run tells what happens. All members may be NULL. Called from any thread, one call at a
 * time. Texts are borrowed for the call. */
typedef struct em_listener {
    void (*log)(void *user, em_level level, const char *text);
    void (*progress)(void *user, const em_progress *now);
    void *user;
} em_listener;

/* A run's outcome. Zero-initialise, release with em_summary_release. */
typedef struct em_summary {
    em_str text;      /* for people, several lines */
    em_str folder;    /* published folder, "" if none */
    bool nothing_new; /* everything was up to date: nothing was written */
} em_summary;
void em_summary_release(em_summary *summary);

/* Checks the config and every input it names without any work. Each fault is a line of *faults.
 * EM_ECONFIG for faults of the config, EM_EINPUT for inputs that cannot be used. */
em_status em_check(const em_request *request, em_list *faults, em_summary *summary, em_error *err);

/* The whole run. The return value is the job's exit code; `err` holds the most serious failure,
 * every failure went to the listener. Faults of the config are lines of *faults. */
em_status em_run(const em_request *request, const em_listener *listener, em_list *faults,
                 em_summary *summary, em_error *err);

/* Scans the sources and lists what is there, one line per scene in summary->text. */
em_status em_scan(const em_request *request, const em_listener *listener, em_list *faults,
                  em_summary *summary, em_error *err);

/* Trains a model from the config's samples and writes it to `model_path` (NULL: into the run's work
 * folder). summary->text holds the out-of-bag confusion and the importances; *json the same for
 * programs. */
em_status em_train(const em_request *request, const char *model_path, const em_listener *listener,
                   em_list *faults, em_summary *summary, em_str *json, em_error *err);

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
