/* What every benchmark here shares: two clocks, and one form of line.
 *
 * A benchmark compares two ways of doing the same work in one run, one after the other and several
 * times over, and keeps the best of each: on a shared machine a ratio holds still where seconds do
 * not. */
#ifndef TESTS_SUPPORT_BENCH_H
#define TESTS_SUPPORT_BENCH_H

#include "pipeline/run/session.h"

typedef struct bench_time {
    double wall, cpu; /* seconds; cpu counts all threads of this process */
} bench_time;

bench_time bench_now(void);
bench_time bench_since(bench_time start);

/* Keeps the smaller of each; *best starts at zero, which means "none yet". */
void bench_keep(bench_time *best, bench_time t);

/* Prints "row TAB name TAB unit TAB ours TAB cpu TAB floor TAB cpu TAB ratio" for scripts/bench.
 * Numbers are seconds / `per`; the ratio is ours / floor in CPU seconds. */
void bench_row(const char *name, const char *unit, double per, bench_time ours, bench_time floor);

/* Opens a run of the config on `threads` threads, with every scene in the cube and the model there
 * (made now where they are not yet). The request lives as long as the program. */
void bench_session(const char *config, int threads, em_session *out);

/* Ends the program with a message. */
__attribute__((noreturn, format(printf, 1, 2))) void bench_die(const char *fmt, ...);

#endif
