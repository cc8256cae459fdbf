/* One run at a time per work folder: an OFD lock, which the kernel frees when its holder dies. */
#ifndef EM_LEDGER_LOCK_H
#define EM_LEDGER_LOCK_H

#include "pipeline/base/error.h"

typedef struct em_lock {
    int fd; /* -1: not held */
} em_lock;

/* Takes the lock file `path` (made if absent) and writes who holds it: pid, host, start. EM_EBUSY,
 * at once, where another process holds it; the message says who and since when. EM_EENV where the
 * file cannot be made. */
em_status em_lock_take(const char *path, em_lock *out, em_error *err);

/* Gives the lock back. The file stays: removing it would let two processes hold two locks. */
void em_lock_release(em_lock *lock);

#endif
