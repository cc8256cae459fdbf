/* Sizes that cannot overflow and memory that is counted against a budget. */
#ifndef EM_BASE_MEMORY_H
#define EM_BASE_MEMORY_H

#include <stddef.h>

#include "kernels/base/arena.h"
#include "pipeline/base/error.h"

/* *out = a * b, or EM_EENV "… too large" with `what` in the message. */
em_status em_size_mul(size_t a, size_t b, const char *what, size_t *out, em_error *err);

/* *out = n * size bytes, EK_ALIGN-aligned and zeroed; NULL where n * size is 0. The caller
 * releases it with em_free. EM_EENV on overflow or when memory is refused; *out is then NULL.
 * `what` names the thing for the message. */
em_status em_calloc(size_t n, size_t size, const char *what, void *out, em_error *err);

/* Grows *array (from em_calloc or NULL) to hold at least `want` items of `size` bytes, keeping
 * the first `used`; *cap is its capacity in items. On failure nothing changes. */
em_status em_reserve(void *array, size_t *cap, size_t used, size_t want, size_t size,
                     const char *what, em_error *err);

/* Releases what em_calloc gave. Accepts NULL. */
void em_free(void *p);

/* An arena of `size` bytes; release it with em_arena_release. */
em_status em_arena_init(ek_arena *arena, size_t size, em_error *err);
void em_arena_release(ek_arena *arena);

#endif
