/* The parent's side: starts the decoding process, takes its tiles, and says what it died of. */
#include "pipeline/io/decode.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pipeline/base/memory.h"
#include "pipeline/io/decode_run.h"

#define SPARE_FD 64 /* descriptors are moved up here before they get their places in the child */

typedef struct child {
    pid_t pid; /* 0: none */
    int job, memory, control, theirs;
    unsigned char *shared;
    size_t slot, at[EM_MAX_BANDS + 1];
    em_cube_meta meta; /* of the first tile: the layout is the same for all */
} child;

/* ---- starting ---- */

static em_status refuse(const char *what, em_error *err)
{
    return em_fail(err, EM_EENV, "the decoder cannot be started: %s: %s", what, strerror(errno));
}

static int move_up(int fd)
{
    const int up = fcntl(fd, F_DUPFD_CLOEXEC, SPARE_FD);
    close(fd);
    return up;
}

static em_status write_all(int fd, const char *bytes, size_t n, em_error *err)
{
    while (n) {
        const ssize_t got = write(fd, bytes, n);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return refuse("job", err);
        bytes += got;
        n -= (size_t)got;
    }
    return EM_OK;
}

static em_status make_job(const em_decode_job *job, child *c, em_error *err)
{
    em_str bytes = {0};
    em_status rc = em_job_pack(job, &bytes, err);
    if (rc == EM_OK) {
        c->job = move_up(memfd_create("ecomon-job", MFD_CLOEXEC));
        rc = c->job < 0 ? refuse("memfd", err) : write_all(c->job, bytes.data, bytes.size, err);
        if (rc == EM_OK && lseek(c->job, 0, SEEK_SET) != 0) rc = refuse("memfd", err);
    }
    em_str_release(&bytes);
    return rc;
}

/* Shared memory whose size neither side can change: a shrunken file would be a bus error here. */
static em_status make_memory(const em_decode_job *job, child *c, em_error *err)
{
    em_decode_meta(job, 0, &c->meta);
    c->slot = em_decode_layout(&c->meta, c->at);
    const size_t bytes = c->slot * EM_CHILD_SLOTS;
    c->memory = move_up(memfd_create("ecomon-tiles", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (c->memory < 0 || ftruncate(c->memory, (off_t)bytes) != 0 ||
        fcntl(c->memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        return refuse("memfd", err);
    void *const at = mmap(NULL, bytes, PROT_READ, MAP_SHARED, c->memory, 0);
    if (at == MAP_FAILED) return refuse("shared memory", err);
    c->shared = at;
    return EM_OK;
}

static em_status make_control(child *c, em_error *err)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return refuse("socket", err);
    c->control = move_up(pair[0]);
    c->theirs = move_up(pair[1]);
    return c->control < 0 || c->theirs < 0 ? refuse("socket", err) : EM_OK;
}

/* What GDAL, PROJ and sanitizers need, and nothing else of ours. */
static em_status make_environment(em_list *out, em_error *err)
{
    static const char *const passed[] = {
        "PATH",         "PROJ_LIB",      "PROJ_DATA",    "GDAL_DATA",   "TMPDIR", "LD_LIBRARY_PATH",
        "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"};
    em_status rc = em_list_add(out, "OMP_WAIT_POLICY=passive", err);
    if (rc == EM_OK) rc = em_list_add(out, "LC_ALL=C", err);
    for (size_t i = 0; i < sizeof passed / sizeof *passed && rc == EM_OK; i++) {
        const char *const value = getenv(passed[i]);
        em_str text = {0};
        if (!value) continue;
        em_str_printf(&text, "%s=%s", passed[i], value);
        rc = em_str_check(&text, err);
        if (rc == EM_OK) rc = em_list_add(out, text.data, err);
        em_str_release(&text);
    }
    return rc;
}

static em_status spawn(const em_decode_job *job, child *c, em_error *err)
{
    const char *const program = job->program ? job->program : "/proc/self/exe";
    char name[] = "ecomon";
    char mode[] = "--internal-decode";
    char *const argv[] = {name, mode, NULL};
    em_list names = {0};
    char **environment = NULL;
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    em_status rc = make_environment(&names, err);
    if (rc == EM_OK)
        rc = em_calloc(names.n + 1, sizeof *environment, "environment", &environment, err);
    if (rc != EM_OK) goto done;
    memcpy(environment, names.items, names.n * sizeof *environment);
    posix_spawn_file_actions_adddup2(&files, c->job, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, c->memory, EM_CHILD_MEMORY_FD);
    posix_spawn_file_actions_adddup2(&files, c->theirs, EM_CHILD_CONTROL_FD);
    const int failed = posix_spawn(&c->pid, program, &files, NULL, argv, environment);
    if (failed) {
        c->pid = 0;
        rc = em_fail(err, EM_EENV, "the decoder cannot be started: %s: %s", program,
                     strerror(failed));
    }
    close(c->theirs); /* so that the child's end is the only one */
    c->theirs = -1;
done:
    posix_spawn_file_actions_destroy(&files);
    em_list_release(&names);
    em_free(environment);
    return rc;
}

/* ---- listening ---- */

typedef enum heard {
    HEARD_WORD,
    HEARD_END,     /* the child is gone */
    HEARD_NOTHING, /* for too long */
} heard;

static heard listen_for(const child *c, int64_t seconds, em_child_word *word)
{
    size_t got = 0;
    const int64_t wait = seconds > 0 ? 2 * seconds + 2 : -1; /* it may be slowed, not stuck */
    while (got < sizeof *word) {
        struct pollfd p = {.fd = c->control, .events = POLLIN};
        const int ready = poll(&p, 1, wait < 0 || wait > 1000000 ? -1 : (int)(wait * 1000));
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return HEARD_NOTHING;
        const ssize_t n = recv(c->control, (char *)word + got, sizeof *word - got, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return HEARD_END;
        got += (size_t)n;
    }
    return HEARD_WORD;
}

static em_status take_tile(const em_decode_job *job, const child *c, size_t t,
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
static em_status converse(const em_decode_job *job, const child *c, em_decode_fn take, void *user,
                          heard *last, em_error *err)
{
    size_t t = 0;
    em_child_word word;
    while ((*last = listen_for(c, job->seconds, &word)) == HEARD_WORD) {
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

static em_status say_death(const em_decode_job *job, int state, em_error *err)
{
    const char *const id = job->scene->id;
    if (WIFSIGNALED(state) && WTERMSIG(state) == SIGXCPU) {
        return em_fail(err, EM_EINPUT, "%s: its decoder used more than %lld s", id,
                       (long long)job->seconds);
    }
    if (WIFSIGNALED(state) && WTERMSIG(state) == SIGKILL) {
        return em_fail(err, EM_EENV,
                       "%s: its decoder was killed, perhaps because the machine is out of memory",
                       id);
    }
    if (WIFSIGNALED(state)) {
        return em_fail(err, EM_EINPUT, "%s: its decoder crashed (signal %d, %s)", id,
                       WTERMSIG(state), strsignal(WTERMSIG(state)));
    }
    return em_fail(err, EM_EINPUT, "%s: its decoder ended with code %d and without a word", id,
                   WEXITSTATUS(state));
}

/* A child whose end of the line is closed is already dying, or means no good: the signal ends the
 * second and does not show in the state of the first. */
static int reap(child *c)
{
    int state = 0;
    kill(c->pid, SIGKILL);
    while (waitpid(c->pid, &state, 0) < 0 && errno == EINTR) {
    }
    c->pid = 0;
    return state;
}

static void release(child *c)
{
    const int fds[] = {c->job, c->memory, c->control, c->theirs};
    if (c->pid > 0) {
        reap(c);
    }
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
        if (fds[i] >= 0) close(fds[i]);
    }
    if (c->shared) munmap(c->shared, c->slot * EM_CHILD_SLOTS);
}

em_status em_decode_scene(const em_decode_job *job, em_decode_fn take, void *user, em_error *err)
{
    em_status rc = EM_OK;
    heard last = HEARD_WORD;
    child c = {.job = -1, .memory = -1, .control = -1, .theirs = -1};
    if (job->n_tile == 0) return EM_OK;
    EM_TRY(make_job(job, &c, err));
    EM_TRY(make_memory(job, &c, err));
    EM_TRY(make_control(&c, err));
    EM_TRY(spawn(job, &c, err));
    EM_TRY(converse(job, &c, take, user, &last, err));
    if (last == HEARD_END) {
        rc = say_death(job, reap(&c), err);
    } else if (last == HEARD_NOTHING) {
        rc = em_fail(err, EM_EINPUT, "%s: its decoder gave no sign for %lld s and was stopped",
                     job->scene->id, (long long)(2 * job->seconds + 2));
    }
done:
    release(&c);
    return rc;
}
