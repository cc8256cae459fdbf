/* What a caller asks of a run and hears from it: plain data that jobs and pipeline share. */
#ifndef EM_BASE_REQUEST_H
#define EM_BASE_REQUEST_H

#include <stdbool.h>
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

/* A class map against what is known to be true. Texts are borrowed; NULL where not given. */
typedef struct em_accuracy_options {
    const char *map;       /* GeoTIFF of class codes */
    const char *reference; /* either: a raster on the same pixels ... */
    const char *points;    /* ... or points or polygons of a vector file */
    const char *layer;     /* of the points' file; NULL: its only one */
    const char *field;     /* class field of the points; NULL: "class" */
    const char *codes;   /* "1=1,5=2,6=5": reference value = class code, others are left out; NULL:
                            as they are */
    const char *outside; /* polygon file: places inside its polygons are left out */
} em_accuracy_options;

#endif
