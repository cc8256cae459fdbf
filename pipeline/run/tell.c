#include "pipeline/run/tell.h"

#include <stdarg.h>
#include <stdio.h>

void em_tell_init(em_tell *tell, const em_listener *listener)
{
    *tell = (em_tell){.listener = listener, .stage = "start"};
    pthread_mutex_init(&tell->lock, NULL);
    clock_gettime(CLOCK_MONOTONIC, &tell->began);
}

void em_tell_release(em_tell *tell)
{
    pthread_mutex_destroy(&tell->lock);
}

double em_tell_seconds(const em_tell *tell)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - tell->began.tv_sec) +
           1e-9 * (double)(now.tv_nsec - tell->began.tv_nsec);
}

void em_tell_log(em_tell *tell, em_level level, const char *fmt, ...)
{
    if (!tell->listener || !tell->listener->log) return;
    char text[1400];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    pthread_mutex_lock(&tell->lock);
    tell->listener->log(tell->listener->user, level, text);
    pthread_mutex_unlock(&tell->lock);
}

static void tell_progress(em_tell *tell)
{
    if (!tell->listener || !tell->listener->progress) return;
    const em_progress now = {.stage = tell->stage,
                             .done = tell->done,
                             .total = tell->total,
                             .seconds = em_tell_seconds(tell)};
    tell->listener->progress(tell->listener->user, &now);
}

void em_tell_total(em_tell *tell, double total)
{
    pthread_mutex_lock(&tell->lock);
    tell->total = total;
    tell->done = 0;
    pthread_mutex_unlock(&tell->lock);
}

void em_tell_done(em_tell *tell, const char *stage, double cost)
{
    pthread_mutex_lock(&tell->lock);
    tell->stage = stage;
    tell->done = tell->done + cost < tell->total ? tell->done + cost : tell->total;
    tell_progress(tell);
    pthread_mutex_unlock(&tell->lock);
}
