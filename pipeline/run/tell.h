/* Talking to the listener from any thread, and the weighted progress of a run. */
#ifndef EM_RUN_TELL_H
#define EM_RUN_TELL_H

#include <pthread.h>
#include <time.h>

#include "pipeline/base/request.h"

typedef struct em_tell {
    const em_listener *listener; /* borrowed; NULL: nobody listens */
    pthread_mutex_t lock;
    struct timespec began;
    double done, total; /* cost units */
    const char *stage;
} em_tell;

void em_tell_init(em_tell *tell, const em_listener *listener);
void em_tell_release(em_tell *tell);

__attribute__((format(printf, 3, 4))) void em_tell_log(em_tell *tell, em_level level,
                                                       const char *fmt, ...);

/* Sets the whole run's work, then adds to what is done of it. Costs are in seconds of one thread,
 * roughly. */
void em_tell_total(em_tell *tell, double total);
void em_tell_done(em_tell *tell, const char *stage, double cost);

double em_tell_seconds(const em_tell *tell);

#endif
