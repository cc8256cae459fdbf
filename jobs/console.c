#include "jobs/console.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define REDRAW_SECONDS 0.2
#define STEP_PER_CENT  5

/* One program, one terminal. */
static struct {
    int level;
    bool json, terminal;
    double last_draw; /* seconds of the run */
    int last_step;    /* of STEP_PER_CENT */
} state = {.level = EM_LEVEL_INFO};

static volatile sig_atomic_t drawn; /* a bar stands on the last line */

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

/* Heap text, NULL without memory. A file name may be no UTF-8, as every JSON text must be: there
 * its other bytes become "?", so that the line is still told. */
static char *json_line(const char *level, const char *text)
{
    json_t *value = json_string(text);
    if (!value) {
        char plain[2000];
        snprintf(plain, sizeof plain, "%s", text);
        for (char *c = plain; *c; c++) {
            if ((unsigned char)*c > 126) *c = '?';
        }
        value = json_string(plain);
    }
    json_t *const object = json_pack("{s:s, s:o}", "level", level, "text", value);
    char *const out = object ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    return out;
}

static void line(const char *level, const char *text)
{
    console_end();
    if (!state.json) {
        fprintf(stderr, "ecomon: %s\n", text);
        return;
    }
    char *const out = json_line(level, text);
    fprintf(stderr, "%s\n", out ? out : "{\"level\":\"error\",\"text\":\"out of memory\"}");
    free(out);
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

/* "1:05", "12:01:05"; "?" for what is not known or too far away to mean anything. */
static void print_span(double seconds, char out[32])
{
    if (!(seconds >= 0 && seconds < 3600 * 1000)) {
        snprintf(out, 32, "?");
        return;
    }
    const int s = (int)(seconds + 0.5);
    if (s >= 3600) {
        snprintf(out, 32, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
    } else {
        snprintf(out, 32, "%d:%02d", s / 60, s % 60);
    }
}

static size_t terminal_columns(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return 80;
}

/* A line that wraps cannot be drawn over: the bar takes what the words leave, and the words are cut
 * where even they are too long. */
static void draw(const em_progress *now, double share)
{
    enum { WIDEST = 30 };
    char bar[WIDEST + 1];
    char gone[32];
    char left[32] = "?";
    char words[160];
    const size_t columns = terminal_columns() - 1; /* the last one makes some terminals wrap */
    print_span(now->seconds, gone);
    if (share > 0.02) print_span(now->seconds * (1 - share) / share, left);
    const double rate = now->seconds > 0 ? 60 * 100 * share / now->seconds : 0;
    snprintf(words, sizeof words, "%3d %%  %-8s %s gone, %s left, %.0f %%/min", (int)(100 * share),
             now->stage, gone, left, rate);
    const size_t used = strlen(words) + strlen("[] ");
    size_t width = columns > used ? columns - used : 0;
    if (width > WIDEST) width = WIDEST;
    for (size_t i = 0; i < width; i++) bar[i] = (double)i < share * (double)width ? '#' : '.';
    bar[width] = '\0';
    drawn = 1;
    if (width > 3) {
        fprintf(stderr, "\r\033[K[%s] %s", bar, words);
    } else {
        fprintf(stderr, "\r\033[K%.*s", (int)(columns < sizeof words ? columns : sizeof words),
                words);
    }
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
    if (drawn) fputs("\r\033[K", stderr);
    drawn = 0;
}

/* A run may be killed at any moment; what the terminal shows next begins on a line of its own. */
static void end_bar_and_die(int which)
{
    if (drawn && write(STDERR_FILENO, "\n", 1) < 0) drawn = 0;
    raise(
        which); /* the handler is gone (SA_RESETHAND): this ends the process, as if it never was */
}

static void catch_signals(void)
{
    static const int deadly[] = {SIGINT, SIGTERM, SIGHUP};
    const struct sigaction handler = {.sa_handler = end_bar_and_die,
                                      .sa_flags = (int)(SA_RESETHAND | SA_NODEFER)};
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++) {
        struct sigaction old;
        if (sigaction(deadly[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
            sigaction(deadly[i], &handler, NULL);
    }
}

static bool can_redraw(void)
{
    const char *const name = getenv("TERM");
    return isatty(STDERR_FILENO) && name && strcmp(name, "dumb") != 0;
}

void console_start(const job_args *args, em_listener *out)
{
    state.level = args->log_level;
    state.json = args->json_log;
    state.terminal = can_redraw() && !args->json_log;
    if (state.terminal) catch_signals();
    *out = (em_listener){.log = hear_log, .progress = args->quiet ? NULL : hear_progress};
}
