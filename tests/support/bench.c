#include "tests/support/bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

bench_time bench_now(void)
{
    return (bench_time){seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID)};
}

bench_time bench_since(bench_time start)
{
    const bench_time now = bench_now();
    return (bench_time){now.wall - start.wall, now.cpu - start.cpu};
}

void bench_keep(bench_time *best, bench_time t)
{
    if (best->wall <= 0 || t.wall < best->wall) best->wall = t.wall;
    if (best->cpu <= 0 || t.cpu < best->cpu) best->cpu = t.cpu;
}

void bench_row(const char *name, const char *unit, double per, bench_time ours, bench_time floor)
{
    printf("row\t%s\t%s\t%.4g\t%.4g\t%.4g\t%.4g\t%.2f\n", name, unit, ours.wall / per,
           ours.cpu / per, floor.wall / per, floor.cpu / per, ours.cpu / floor.cpu);
    fflush(stdout);
}

void bench_session(const char *config, int threads, em_session *out)
{
    static em_request request;
    em_error err = {0};
    em_list faults = {0};
    request = (em_request){.config = config, .threads = threads};
    em_status rc = em_session_open(&request, NULL, &faults, out, &err);
    for (size_t i = 0; i < faults.n; i++) fprintf(stderr, "%s\n", faults.items[i]);
    if (rc == EM_OK) rc = em_session_ingest(out, &err);
    if (rc == EM_OK) rc = em_session_model(out, NULL, &err);
    if (rc != EM_OK) bench_die("%s: %s", config, err.text);
    em_list_release(&faults);
}

void bench_die(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}
