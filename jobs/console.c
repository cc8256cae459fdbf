#include "jobs/console.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REDRAW_SECONDS 0.2
#define STEP_PER_CENT  5

/* One program, one terminal. */
static struct {
    int level;
    bool json, quiet, terminal;
    bool drawn;       /* a bar stands on the last line */
    double last_draw; /* seconds of the run */
    int last_step;    /* of STEP_PER_CENT */
} state = {.level = EM_LEVEL_INFO};

/* ---- stdout ---- */

int console_print(const char *text)
{
    console_end();
    const size_t n = strlen(text);
    if (fwrite(text, 1, n, stdout) == n && fflush(stdout) == 0) return EM_OK;
    console_error("stdout: %zu bytes could not be written: %s", n, strerror(errno));
    return EM_EENV;
}

/* ---- stderr ---- */

static void line(const char *level, const char *text)
{
    console_end();
    if (!state.json) {
        fprintf(stderr, "ecomon: %s\n", text);
        return;
    }
    json_t *const object = json_pack("{s:s, s:s}", "level", level, "text", text);
    char *const out = object ? json_dumps(object, JSON_COMPACT) : NULL;
    fprintf(stderr, "%s\n", out ? out : "{\"level\":\"error\",\"text\":\"not UTF-8\"}");
    free(out);
    json_decref(object);
}

void console_error(const char *fmt, ...)
{
    char text[2000];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    line("error", text);
}

void console_lines(const em_list *lines)
{
    console_end();
    for (size_t i = 0; i < lines->n; i++) {
        if (state.json) {
            line("error", lines->items[i]);
        } else {
            fprintf(stderr, "%s\n", lines->items[i]);
        }
    }
}

static void hear_log(void *user, em_level level, const char *text)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    (void)user;
    if ((int)level >= state.level) line(names[level], text);
}

/* ---- progress ---- */

static void print_span(double seconds, char out[32])
{
    const int s = seconds > 0 && seconds < 360000 ? (int)(seconds + 0.5) : 0;
    if (s >= 3600) {
        snprintf(out, 32, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
    } else {
        snprintf(out, 32, "%d:%02d", s / 60, s % 60);
    }
}

static void draw(const em_progress *now, double share)
{
    enum { WIDTH = 30 };
    char bar[WIDTH + 1];
    char gone[32];
    char left[32] = "?";
    const int full = (int)(share * WIDTH);
    for (int i = 0; i < WIDTH; i++) bar[i] = i < full ? '#' : '.';
    bar[WIDTH] = '\0';
    print_span(now->seconds, gone);
    if (share > 0.02) print_span(now->seconds * (1 - share) / share, left);
    const double rate = now->seconds > 0 ? 60 * 100 * share / now->seconds : 0;
    fprintf(stderr, "\r\033[K%-8s [%s] %3d %%  %s gone, %s left, %.0f %%/min", now->stage, bar,
            (int)(100 * share), gone, left, rate);
    state.drawn = true;
}

static void tell_step(const em_progress *now, double share)
{
    char text[128];
    char gone[32];
    char left[32] = "?";
    const int step = (int)(100 * share) / STEP_PER_CENT;
    if (step == state.last_step) return;
    state.last_step = step;
    print_span(now->seconds, gone);
    if (share > 0.02) print_span(now->seconds * (1 - share) / share, left);
    snprintf(text, sizeof text, "%3d %%  %s, %s gone, %s left", step * STEP_PER_CENT, now->stage,
             gone, left);
    line("progress", text);
}

static void hear_progress(void *user, const em_progress *now)
{
    (void)user;
    const double share = now->total > 0 ? now->done / now->total : 0;
    if (!state.terminal) {
        tell_step(now, share);
        return;
    }
    if (share < 1 && now->seconds - state.last_draw < REDRAW_SECONDS) return;
    state.last_draw = now->seconds;
    draw(now, share);
}

void console_end(void)
{
    if (state.drawn) fputs("\r\033[K", stderr);
    state.drawn = false;
}

void console_start(const job_args *args, em_listener *out)
{
    state.level = args->log_level;
    state.json = args->json_log;
    state.quiet = args->quiet;
    state.terminal = isatty(STDERR_FILENO) && !args->json_log;
    *out = (em_listener){.log = hear_log, .progress = args->quiet ? NULL : hear_progress};
}
