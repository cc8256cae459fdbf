/* The decoder of one scene, opened once and asked for one tile after another; and what parent and
 * child say to each other. Internal to pipeline/io. */
#ifndef EM_IO_DECODE_RUN_H
#define EM_IO_DECODE_RUN_H

#include <sys/types.h>

#include "pipeline/io/decode_parts.h"

typedef struct em_decoder em_decoder;

/* Opens every file of the scene and holds it against the metadata. `job` must outlive *out. */
em_status em_decoder_open(const em_decode_job *job, em_decoder **out, em_error *err);
/* Fills meta, planes and flags (sides as em_decode_side says) for job->tiles[tile]. */
em_status em_decoder_tile(em_decoder *d, size_t tile, em_cube_meta *meta, int16_t *const *planes,
                          uint8_t *flags, em_error *err);
void em_decoder_close(em_decoder *d); /* accepts NULL */

/* ---- the job as bytes (decode_wire.c) ---- */

em_status em_job_pack(const em_decode_job *job, em_str *out, em_error *err);

/* A job with everything that it points at. Release with em_job_release. */
typedef struct em_job_copy {
    em_decode_job job;
    em_scene scene;
    em_grid grid;
    em_tile *tiles;
    int64_t *scl;
    char *resample;
} em_job_copy;

em_status em_job_unpack(const em_str *bytes, em_job_copy *out, em_error *err);
void em_job_release(em_job_copy *copy);

/* ---- from child to parent ---- */

enum {
    EM_CHILD_MEMORY_FD = 3,  /* two slots of em_decode_layout bytes, shared */
    EM_CHILD_CONTROL_FD = 4, /* a stream socket: the child sends em_child_word, the parent a byte
                                for every slot that is free again */
    EM_CHILD_SLOTS = 2,
};

typedef enum em_child_kind {
    EM_CHILD_TILE = 1, /* the next tile lies in slot index % 2 */
    EM_CHILD_DONE,
    EM_CHILD_FAILED,
} em_child_kind;

typedef struct em_child_word {
    uint32_t kind;
    uint32_t index;
    int64_t n_clear, n_data;
    int32_t status;  /* of a failure */
    char text[1000]; /* of a failure */
} em_child_word;

/* ---- the process (decode_spawn.c) ---- */

typedef struct em_child {
    pid_t pid; /* 0: none */
    int job, memory, control, theirs;
    unsigned char *shared; /* EM_CHILD_SLOTS slots, read only here */
    size_t slot, at[EM_MAX_BANDS + 1];
} em_child;

/* Starts the process for the job. *out is to be released after success and after failure. */
em_status em_child_start(const em_decode_job *job, em_child *out, em_error *err);
/* Ends the process, if it has not ended, and returns its wait status. A process that died before
 * keeps the state that it died in. */
int em_child_reap(em_child *child);
void em_child_release(em_child *child);

#endif
