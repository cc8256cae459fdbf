/* The one way that pipeline code fails. */
#ifndef EM_BASE_ERROR_H
#define EM_BASE_ERROR_H

/* Zero is success. The value is also a job's exit code, so never renumber. */
typedef enum em_status {
    EM_OK = 0,
    EM_EPARTIAL = 1,   /* some scenes, tiles or units failed; the rest is whole */
    EM_ECONFIG = 2,    /* usage or configuration; do not retry */
    EM_EENV = 3,       /* disk, memory or permission; a retry may succeed */
    EM_EINPUT = 4,     /* no usable input: scene, model or zone file */
    EM_EQUALITY = 5,   /* a quality gate failed; results are quarantined */
    EM_EPARAMS = 6,    /* a requested table needs parameters that nobody supplied */
    EM_EINTERNAL = 70, /* a broken invariant: our bug */
    EM_EBUSY = 75,     /* another process holds the lock */
} em_status;

/* Owned by the caller of the outermost function; no heap, so it cannot fail. */
typedef struct em_error {
    em_status status;
    char text[1000]; /* "run: tile x0026_y0351: read T51STR_B04.jp2: short read" */
} em_error;

/* Sets the message and returns `status`. Called once, where the failure is found.
 * `err` may be NULL here and everywhere. A text too long for the buffer keeps its beginning. */
__attribute__((format(printf, 3, 4))) em_status em_fail(em_error *err, em_status status,
                                                        const char *fmt, ...);

/* Puts "text: " before the message and returns `status`. Called where a reader
 * would ask "which file, which tile?", not at every return. */
__attribute__((format(printf, 3, 4))) em_status em_context(em_error *err, em_status status,
                                                           const char *fmt, ...);

/* The more serious of two results, in the order that the exit code follows: 70, 3, 2, 4, 5, 6, 75,
 * 1, 0. */
em_status em_worst(em_status a, em_status b);

/* For a function that starts with `em_status rc = EM_OK;` and ends with a label
 * `done:` that releases everything. */
#define EM_TRY(call)                                                                               \
    do {                                                                                           \
        rc = (call);                                                                               \
        if (rc != EM_OK) goto done;                                                                \
    } while (0)

#endif
