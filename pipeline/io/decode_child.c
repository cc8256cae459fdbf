/* The decoding process: its limits, its job, its words to the parent. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/base/memory.h"
#include "pipeline/io/decode_run.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1 /* shadow memory takes the whole address space */
#else
#define SANITIZED 0
#endif

/* ---- words ---- */

static bool send_word(const em_child_word *word)
{
    const char *at = (const char *)word;
    size_t left = sizeof *word;
    while (left) {
        const ssize_t n = send(EM_CHILD_CONTROL_FD, at, left, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        at += n;
        left -= (size_t)n;
    }
    return true;
}

static void send_failure(const em_error *why)
{
    em_child_word word = {.kind = EM_CHILD_FAILED, .status = (int32_t)why->status};
    snprintf(word.text, sizeof word.text, "%s", why->text);
    send_word(&word);
}

/* Waits until the parent has done with a slot. */
static bool wait_for_slot(void)
{
    char byte = 0;
    ssize_t n = 0;
    do n = recv(EM_CHILD_CONTROL_FD, &byte, 1, 0);
    while (n < 0 && errno == EINTR);
    return n == 1;
}

/* ---- limits ---- */

/* Address space that libraries have mapped already, in bytes. */
static size_t mapped(void)
{
    unsigned long pages = 0;
    FILE *const f = fopen("/proc/self/statm", "re");
    if (!f) return 0;
    if (fscanf(f, "%lu", &pages) != 1) pages = 0;
    fclose(f);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* `hard` is where the kernel kills without a word; a limit that holds already and is tighter
 * stays. */
static em_status limit(int what, rlim_t soft, rlim_t hard, const char *name, em_error *err)
{
    struct rlimit now;
    const __rlimit_resource_t which = (__rlimit_resource_t)what;
    if (getrlimit(which, &now) == 0 && now.rlim_max != RLIM_INFINITY) {
        hard = now.rlim_max < hard ? now.rlim_max : hard;
        soft = soft < hard ? soft : hard;
    }
    const struct rlimit want = {soft, hard};
    if (setrlimit(which, &want) == 0) return EM_OK;
    return em_fail(err, EM_EENV, "the decoder cannot limit its %s: %s", name, strerror(errno));
}

/* Processor time ends in SIGXCPU, which says what it is; at an equal hard limit the kernel would
 * send SIGKILL at once, which looks like a machine without memory. */
static em_status set_limits(const em_decode_job *job, size_t base, em_error *err)
{
    const rlim_t seconds = (rlim_t)job->seconds;
    const rlim_t memory = base + ((rlim_t)job->memory_mb << 20);
    em_status rc = limit(RLIMIT_CORE, 0, 0, "core files", err);
    if (rc == EM_OK && job->seconds > 0)
        rc = limit(RLIMIT_CPU, seconds, seconds + 5, "processor time", err);
    if (rc == EM_OK && job->memory_mb > 0 && !SANITIZED)
        rc = limit(RLIMIT_AS, memory, memory, "memory", err);
    return rc;
}

/* The most address space that this process ever had, in bytes; 0 where unknown. */
static size_t peak(void)
{
    char line[128];
    unsigned long kib = 0;
    FILE *const f = fopen("/proc/self/status", "re");
    if (!f) return 0;
    while (fgets(line, sizeof line, f)) {
        if (sscanf(line, "VmPeak: %lu kB", &kib) == 1) break;
    }
    fclose(f);
    return kib * 1024;
}

/* Libraries name a refusal of memory as they please ("Size of tile data exceeds system limits"):
 * whoever reads of a failure close to the limit is told of the limit. */
static em_status name_limit(const em_decode_job *job, size_t base, em_status rc, em_error *err)
{
    const size_t all = (size_t)job->memory_mb << 20;
    const size_t most = peak();
    if (rc == EM_OK || SANITIZED || job->memory_mb <= 0 || most < base + all / 4 * 3) return rc;
    return em_context(err, rc, "%s: its decoder took %zu of %lld MiB of memory", job->scene->id,
                      (most - base) >> 20, (long long)job->memory_mb);
}

/* ---- work ---- */

static em_status read_job(em_str *out, em_error *err)
{
    char part[65536];
    ssize_t n = 0;
    while ((n = read(STDIN_FILENO, part, sizeof part)) != 0) {
        if (n < 0 && errno == EINTR) continue;
        if (n < 0)
            return em_fail(err, EM_EENV, "the decoder cannot read its job: %s", strerror(errno));
        em_str_append_bytes(out, part, (size_t)n);
    }
    return em_str_check(out, err);
}

static em_status decode_all(const em_decode_job *job, unsigned char *shared, size_t slot,
                            const size_t *at, em_error *err)
{
    em_status rc = EM_OK;
    em_decoder *d = NULL;
    em_cube_meta meta;
    EM_TRY(em_decoder_open(job, &d, err));
    for (size_t t = 0; t < job->n_tile; t++) {
        unsigned char *const base = shared + slot * (t % EM_CHILD_SLOTS);
        int16_t *planes[EM_MAX_BANDS];
        for (int32_t b = 0; b < job->scene->n_band; b++)
            planes[b] = (int16_t *)(void *)(base + at[b]);
        if (t >= EM_CHILD_SLOTS && !wait_for_slot()) goto done; /* nobody listens any more */
        EM_TRY(em_decoder_tile(d, t, &meta, planes, base + at[job->scene->n_band], err));
        const em_child_word word = {.kind = EM_CHILD_TILE,
                                    .index = (uint32_t)t,
                                    .n_clear = meta.n_clear,
                                    .n_data = meta.n_data};
        if (!send_word(&word)) goto done;
    }
    send_word(&(em_child_word){.kind = EM_CHILD_DONE});
done:
    em_decoder_close(d);
    return rc;
}

static em_status work(em_error *err)
{
    em_status rc = EM_OK;
    em_str bytes = {0};
    em_job_copy copy = {0};
    em_cube_meta meta;
    size_t at[EM_MAX_BANDS + 1];
    void *shared = MAP_FAILED;
    EM_TRY(read_job(&bytes, err));
    EM_TRY(em_job_unpack(&bytes, &copy, err));
    em_decode_meta(&copy.job, 0, &meta);
    const size_t slot = em_decode_layout(&meta, at);
    shared = mmap(NULL, slot * EM_CHILD_SLOTS, PROT_READ | PROT_WRITE, MAP_SHARED,
                  EM_CHILD_MEMORY_FD, 0);
    if (shared == MAP_FAILED) {
        rc = em_fail(err, EM_EENV, "the decoder cannot map its output: %s", strerror(errno));
        goto done;
    }
    const size_t base = mapped();
    EM_TRY(set_limits(&copy.job, base, err));
    rc = decode_all(&copy.job, shared, slot, at, err);
    rc = name_limit(&copy.job, base, rc, err);
done:
    em_job_release(&copy);
    em_str_release(&bytes);
    return rc;
}

/* What libraries print when they die or starve is no message of ours; the parent says what
 * happened. A sanitizer's report is wanted. */
static void silence(void)
{
    const int nowhere = SANITIZED ? -1 : open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0) return;
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
}

int em_decode_child(void)
{
    em_error err = {0};
    struct stat st;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (fstat(EM_CHILD_CONTROL_FD, &st) != 0 || !S_ISSOCK(st.st_mode)) return EM_ECONFIG;
    silence();
    close_range(EM_CHILD_CONTROL_FD + 1, ~0U, 0); /* whatever the parent left open */
    const em_status rc = work(&err);
    err.status = rc;
    if (rc != EM_OK) send_failure(&err);
    return (int)rc;
}
