#include "pipeline/run/exec.h"

#include <omp.h>
#include <stdbool.h>

int em_exec_threads(long wish)
{
    const int most = omp_get_num_procs();
    if (wish <= 0) return most;
    return wish > 1024 ? 1024 : (int)wish;
}

em_status em_exec_each(size_t n, int threads, em_exec_fn fn, void *user, em_error *err)
{
    em_error first = {.status = EM_OK};
    size_t first_at = n;
    bool stop = false;
    if (n == 0) return EM_OK;
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1) default(none)                   \
    shared(n, fn, user, first, first_at, stop)
    for (size_t i = 0; i < n; i++) {
        bool skip = false;
#pragma omp atomic read
        skip = stop;
        if (skip) continue;
        em_error mine = {.status = EM_OK};
        const em_status rc = fn(user, i, omp_get_thread_num(), &mine);
        if (rc == EM_OK) continue;
        mine.status = rc;
#pragma omp critical(em_exec_failure)
        {
            if (i < first_at) {
                first = mine;
                first_at = i;
            }
            if (rc == EM_EENV || rc == EM_EINTERNAL) {
#pragma omp atomic write
                stop = true;
            }
        }
    }
    if (first_at == n) return EM_OK;
    if (err) *err = first;
    return first.status;
}
