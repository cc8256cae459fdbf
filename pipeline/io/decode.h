/* From a scene's files to the planes of grid tiles: copied where the scene lies on the grid, warped
 * where it does not, masked, counted.
 *
 * The work is done in a child process that is exec'd (the program's internal mode), limited in
 * memory and time, and hands pixels back through shared memory: a scene that fails, hangs or
 * crashes costs that scene only. */
#ifndef EM_IO_DECODE_H
#define EM_IO_DECODE_H

#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/error.h"
#include "pipeline/grid/grid.h"
#include "pipeline/io/cube.h"
#include "pipeline/io/scene.h"

/* What to decode. Everything is borrowed for the call. */
typedef struct em_decode_job {
    const em_scene *scene;
    const em_grid *grid;
    const em_tile *tiles; /* [n_tile] in the order in which they are handed over */
    size_t n_tile;
    const int64_t *scl_masked; /* scene classes that hide a pixel (EM_MASK_SCL) */
    size_t n_scl_masked;
    double dilate_m;      /* pixels this near to a hidden one get EK_FLAG_NEAR; at most 64 pixels */
    const char *resample; /* nearest, bilinear or cubic; for what does not lie on the grid */
    int64_t memory_mb;    /* limit of the child's address space beyond what libraries map */
    int64_t seconds;      /* limit of the child's CPU time */
    const char *program;  /* what to exec; NULL: this very program */
} em_decode_job;

/* Receives one tile. meta's content and key are empty, everything else is set. planes as
 * em_cube_encode wants them; they belong to the decoder and change after the call. A failure ends
 * the decoding. */
typedef em_status (*em_decode_fn)(void *user, const em_cube_meta *meta,
                                  const int16_t *const *planes, const uint8_t *flags,
                                  em_error *err);

/* Decodes all bands of the scene for every tile, in the child. EM_EINPUT with file, band and block
 * where the scene's bytes are at fault, with the signal where the child died of it, and where it
 * used up its processor time or was silent for twice that; EM_EENV where the child could not be
 * started, was stopped from outside (a person, a service manager, the kernel out of memory) or our
 * own buffers were refused memory. Safe from several threads: each call has a child of its own, and
 * leaves neither process nor descriptor behind. */
em_status em_decode_scene(const em_decode_job *job, em_decode_fn take, void *user, em_error *err);

/* The same in this process, for the child itself, for tests and as the measure. */
em_status em_decode_here(const em_decode_job *job, em_decode_fn take, void *user, em_error *err);

/* The child's main: reads a job from descriptor 0. Returns the exit code. */
int em_decode_child(void);

#endif
