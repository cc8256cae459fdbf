#include "pipeline/base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

em_status em_size_mul(size_t a, size_t b, const char *what, size_t *out, em_error *err)
{
    if (__builtin_mul_overflow(a, b, out) || *out > SIZE_MAX / 2) {
        return em_fail(err, EM_EENV, "%s: %zu x %zu bytes is more than this machine can address",
                       what, a, b);
    }
    return EM_OK;
}

em_status em_calloc(size_t n, size_t size, const char *what, void *out, em_error *err)
{
    void **const slot = out;
    *slot = NULL;
    size_t bytes = 0;
    const em_status rc = em_size_mul(n, size, what, &bytes, err);
    if (rc != EM_OK || bytes == 0) return rc;
    void *const p = aligned_alloc(EK_ALIGN, ek_align_up(bytes));
    if (!p) return em_fail(err, EM_EENV, "%s: memory refused, %zu bytes wanted", what, bytes);
    memset(p, 0, ek_align_up(bytes));
    *slot = p;
    return EM_OK;
}

em_status em_reserve(void *array, size_t *cap, size_t used, size_t want, size_t size,
                     const char *what, em_error *err)
{
    void **const slot = array;
    if (want <= *cap) return EM_OK;
    size_t room = *cap ? *cap : 16;
    while (room < want) room = room > SIZE_MAX / 4 ? want : room * 2;
    void *fresh = NULL;
    const em_status rc = em_calloc(room, size, what, &fresh, err);
    if (rc != EM_OK) return rc;
    if (used) memcpy(fresh, *slot, used * size);
    em_free(*slot);
    *slot = fresh;
    *cap = room;
    return EM_OK;
}

void em_free(void *p)
{
    free(p);
}

em_status em_arena_init(ek_arena *arena, size_t size, em_error *err)
{
    *arena = (ek_arena){0};
    void *base = NULL;
    const em_status rc = em_calloc(1, ek_align_up(size), "scratch memory", &base, err);
    if (rc != EM_OK) return rc;
    *arena = (ek_arena){.base = base, .size = ek_align_up(size)};
    return EM_OK;
}

void em_arena_release(ek_arena *arena)
{
    em_free(arena->base);
    *arena = (ek_arena){0};
}
