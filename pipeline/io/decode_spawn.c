/* Starts the decoding process with its descriptors, its environment and nothing else of ours, and
 * ends it. */
#include <errno.h>
#include <fcntl.h>
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

static em_status make_job(const em_decode_job *job, em_child *c, em_error *err)
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
static em_status make_memory(const em_decode_job *job, em_child *c, em_error *err)
{
    em_cube_meta meta; /* of the first tile: the layout is the same for all */
    em_decode_meta(job, 0, &meta);
    c->slot = em_decode_layout(&meta, c->at);
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

static em_status make_control(em_child *c, em_error *err)
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

/* A group of its own, so that a Ctrl-C at the terminal reaches the parent alone, and signals as
 * they are by default, whatever the calling thread blocks or the program ignores. */
static int set_manner(posix_spawnattr_t *manner)
{
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    int failed = posix_spawnattr_setflags(manner, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                      POSIX_SPAWN_SETSIGDEF);
    if (!failed) failed = posix_spawnattr_setpgroup(manner, 0);
    if (!failed) failed = posix_spawnattr_setsigmask(manner, &none);
    if (!failed) failed = posix_spawnattr_setsigdefault(manner, &all);
    return failed;
}

/* Standard output goes nowhere: what a library prints must not mix with a job's results. */
static int place_files(posix_spawn_file_actions_t *files, const em_child *c)
{
    int failed = posix_spawn_file_actions_adddup2(files, c->job, STDIN_FILENO);
    if (!failed)
        failed = posix_spawn_file_actions_addopen(files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (!failed) failed = posix_spawn_file_actions_adddup2(files, c->memory, EM_CHILD_MEMORY_FD);
    if (!failed) failed = posix_spawn_file_actions_adddup2(files, c->theirs, EM_CHILD_CONTROL_FD);
    return failed;
}

static em_status spawn(const em_decode_job *job, em_child *c, em_error *err)
{
    const char *const program = job->program ? job->program : "/proc/self/exe";
    char name[] = "ecomon";
    char mode[] = "--internal-decode";
    char *const argv[] = {name, mode, NULL};
    em_list names = {0};
    char **environment = NULL;
    posix_spawn_file_actions_t files;
    posix_spawnattr_t manner;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&manner);
    em_status rc = make_environment(&names, err);
    if (rc == EM_OK)
        rc = em_calloc(names.n + 1, sizeof *environment, "environment", &environment, err);
    if (rc != EM_OK) goto done;
    memcpy(environment, names.items, names.n * sizeof *environment);
    int failed = place_files(&files, c);
    if (!failed) failed = set_manner(&manner);
    if (!failed) failed = posix_spawn(&c->pid, program, &files, &manner, argv, environment);
    if (failed) {
        c->pid = 0;
        rc = em_fail(err, EM_EENV, "the decoder cannot be started: %s: %s", program,
                     strerror(failed));
    }
    close(c->theirs); /* so that the child's end is the only one */
    c->theirs = -1;
done:
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&manner);
    em_list_release(&names);
    em_free(environment);
    return rc;
}

em_status em_child_start(const em_decode_job *job, em_child *out, em_error *err)
{
    *out = (em_child){.job = -1, .memory = -1, .control = -1, .theirs = -1};
    em_status rc = make_job(job, out, err);
    if (rc == EM_OK) rc = make_memory(job, out, err);
    if (rc == EM_OK) rc = make_control(out, err);
    return rc == EM_OK ? spawn(job, out, err) : rc;
}

/* ---- ending ---- */

/* A child whose end of the line is closed is already dying, or means no good: the signal ends the
 * second and does not show in the state of the first. */
int em_child_reap(em_child *c)
{
    int state = 0;
    kill(c->pid, SIGKILL);
    while (waitpid(c->pid, &state, 0) < 0 && errno == EINTR) {
    }
    c->pid = 0;
    return state;
}

void em_child_release(em_child *c)
{
    const int fds[] = {c->job, c->memory, c->control, c->theirs};
    if (c->pid > 0) em_child_reap(c);
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
        if (fds[i] >= 0) close(fds[i]);
    }
    if (c->shared) munmap(c->shared, c->slot * EM_CHILD_SLOTS);
    *c = (em_child){.job = -1, .memory = -1, .control = -1, .theirs = -1};
}
