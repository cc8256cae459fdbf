/* The executor: the only place with threads. Work items are independent; which thread takes which
 * item, and in what order, never shows in a result. */
#ifndef EM_RUN_EXEC_H
#define EM_RUN_EXEC_H

#include <stddef.h>

#include "pipeline/base/error.h"

/* One item of work on thread `thread` (0..threads-1). A failure is recorded and the other items go
 * on. */
typedef em_status (*em_exec_fn)(void *user, size_t index, int thread, em_error *err);

/* Threads to use for a wish (0: every core that this process may run on). */
int em_exec_threads(long wish);

/* Runs fn for every index in [0, n), in order of index as threads become free. Returns EM_OK, or
 * the failure of the lowest index that failed, with its message in err. EM_EENV and EM_EINTERNAL
 * stop the items not yet begun (a full disk fails them all); other failures do not. */
em_status em_exec_each(size_t n, int threads, em_exec_fn fn, void *user, em_error *err);

#endif
