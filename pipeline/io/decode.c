/* The parent's side: takes the tiles of the decoding process, and says what it died of. */
#include "pipeline/io/decode.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "pipeline/io/decode_run.h"

/* ---- listening ---- */

typedef enum heard {
    HEARD_WORD,
    HEARD_END,     /* the child is gone */
    HEARD_NOTHING, /* for too long */
} heard;

/* How long a child may be silent: it may be slowed by others or by a slow disk, it is stuck when it
 * has had twice its processor time. */
static int64_t patience_s(const em_decode_job *job)
{
    return job->seconds > 0 && job->seconds < 1000000 ? 2 * job->seconds + 2 : 0;
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Milliseconds left until `end` (0: no end), as poll wants them. */
static int left_until(int64_t end)
{
    if (end == 0) return -1;
    const int64_t left = end - now_ms();
    return left < 0 ? 0 : (int)left;
}

/* One whole word within the patience, however many pieces it comes in. */
static heard listen_for(const em_child *c, const em_decode_job *job, em_child_word *word)
{
    size_t got = 0;
    const int64_t patience = patience_s(job);
    const int64_t end = patience ? now_ms() + 1000 * patience : 0;
    while (got < sizeof *word) {
        struct pollfd p = {.fd = c->control, .events = POLLIN};
        const int ready = poll(&p, 1, left_until(end));
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return HEARD_NOTHING;
        const ssize_t n = recv(c->control, (char *)word + got, sizeof *word - got, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return HEARD_END;
        got += (size_t)n;
    }
    return HEARD_WORD;
}

static em_status take_tile(const em_decode_job *job, const em_child *c, size_t t,
                           const em_child_word *word, em_decode_fn take, void *user, em_error *err)
{
    const unsigned char *const base = c->shared + c->slot * (t % EM_CHILD_SLOTS);
    const int64_t all = (int64_t)job->grid->tile * job->grid->tile;
    const int16_t *planes[EM_MAX_BANDS];
    em_cube_meta meta;
    if (word->index != t || t >= job->n_tile || word->n_clear < 0 || word->n_data > all ||
        word->n_clear > word->n_data) {
        return em_fail(err, EM_EINPUT,
                       "the decoder handed back a tile out of turn (%u, expected %zu)", word->index,
                       t);
    }
    em_decode_meta(job, t, &meta);
    meta.n_clear = word->n_clear;
    meta.n_data = word->n_data;
    for (int32_t b = 0; b < meta.n_band; b++)
        planes[b] = (const int16_t *)(const void *)(base + c->at[b]);
    return take(user, &meta, planes, base + c->at[meta.n_band], err);
}

static em_status pass_on(const em_child_word *word, em_error *err)
{
    char text[sizeof word->text];
    memcpy(text, word->text, sizeof text);
    text[sizeof text - 1] = '\0';
    for (char *p = text; *p; p++) {
        if ((unsigned char)*p < ' ') *p = ' ';
    }
    const bool known =
        word->status == EM_EENV || word->status == EM_ECONFIG || word->status == EM_EINTERNAL;
    return em_fail(err, known ? (em_status)word->status : EM_EINPUT, "%s", text);
}

/* Everything that the child hands over. HEARD_END: it stopped before its last word. */
static em_status converse(const em_decode_job *job, const em_child *c, em_decode_fn take,
                          void *user, heard *last, em_error *err)
{
    size_t t = 0;
    em_child_word word;
    while ((*last = listen_for(c, job, &word)) == HEARD_WORD) {
        if (word.kind == EM_CHILD_FAILED) return pass_on(&word, err);
        if (word.kind == EM_CHILD_DONE && t == job->n_tile) return EM_OK;
        if (word.kind != EM_CHILD_TILE) {
            return em_fail(err, EM_EINPUT, "the decoder stopped after %zu of %zu tiles", t,
                           job->n_tile);
        }
        const em_status rc = take_tile(job, c, t++, &word, take, user, err);
        if (rc != EM_OK) return rc;
        send(c->control, "", 1, MSG_NOSIGNAL); /* a child that is gone is noticed above */
    }
    return EM_OK;
}

/* ---- ending ---- */

/* Stopped by someone, not by the scene: a person, a service manager, the kernel short of memory. */
static bool is_from_outside(int number)
{
    return number == SIGKILL || number == SIGTERM || number == SIGINT || number == SIGHUP ||
           number == SIGQUIT;
}

static em_status say_death(const em_decode_job *job, int state, em_error *err)
{
    const char *const id = job->scene->id;
    if (!WIFSIGNALED(state)) {
        return em_fail(err, EM_EINPUT, "%s: its decoder ended with code %d and without a word", id,
                       WEXITSTATUS(state));
    }
    const int number = WTERMSIG(state);
    if (number == SIGXCPU) {
        return em_fail(err, EM_EINPUT, "%s: its decoder used more than %lld s", id,
                       (long long)job->seconds);
    }
    if (is_from_outside(number)) {
        return em_fail(err, EM_EENV, "%s: its decoder was stopped from outside (signal %d, %s)%s",
                       id, number, strsignal(number),
                       number == SIGKILL ? ", perhaps because the machine is out of memory" : "");
    }
    return em_fail(err, EM_EINPUT, "%s: its decoder crashed (signal %d, %s)", id, number,
                   strsignal(number));
}

em_status em_decode_scene(const em_decode_job *job, em_decode_fn take, void *user, em_error *err)
{
    heard last = HEARD_WORD;
    em_child c;
    if (job->n_tile == 0) return EM_OK;
    em_status rc = em_child_start(job, &c, err);
    if (rc == EM_OK) rc = converse(job, &c, take, user, &last, err);
    if (rc == EM_OK && last == HEARD_END) {
        rc = say_death(job, em_child_reap(&c), err);
    } else if (rc == EM_OK && last == HEARD_NOTHING) {
        rc = em_fail(err, EM_EINPUT, "%s: its decoder gave no sign for %lld s and was stopped",
                     job->scene->id, (long long)patience_s(job));
    }
    em_child_release(&c);
    return rc;
}
