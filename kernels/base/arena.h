/* Scratch memory for kernels: a bump pointer over a buffer that the caller owns.
 *
 * Layer: kernel. A kernel takes what it needs, uses it and rewinds to the mark in the same
 * function; `<fn>_scratch_bytes` says how much that is. One arena belongs to one thread. */
#ifndef EK_BASE_ARENA_H
#define EK_BASE_ARENA_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define EK_ALIGN 64 /* bytes; a cache line and the widest vector register */

typedef struct ek_arena {
    unsigned char *base; /* EK_ALIGN-aligned */
    size_t size;         /* bytes in `base` */
    size_t used;         /* bytes handed out now */
    size_t peak;         /* most bytes that were ever handed out */
} ek_arena;

/* `bytes` rounded up to a multiple of EK_ALIGN; `bytes` must be below SIZE_MAX - EK_ALIGN. */
static inline size_t ek_align_up(size_t bytes)
{
    return (bytes + (EK_ALIGN - 1)) & ~(size_t)(EK_ALIGN - 1);
}

/* Hands out `bytes` of uninitialised, EK_ALIGN-aligned memory. The arena must have room for them.
 */
static inline void *ek_arena_take(ek_arena *arena, size_t bytes)
{
    const size_t want = ek_align_up(bytes);
    assert(want <= arena->size - arena->used);
    void *const at = arena->base + arena->used;
    arena->used += want;
    arena->peak = arena->used > arena->peak ? arena->used : arena->peak;
    return at;
}

#define EK_TAKE(arena, type, n) ((type *)ek_arena_take((arena), (n) * sizeof(type)))

#endif
