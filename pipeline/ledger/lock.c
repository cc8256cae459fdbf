#include "pipeline/ledger/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static em_status busy(int fd, const char *path, em_error *err)
{
    char who[300] = "";
    const ssize_t n = pread(fd, who, sizeof who - 1, 0);
    if (n > 0) who[n] = '\0';
    who[strcspn(who, "\n")] = '\0';
    return em_fail(err, EM_EBUSY,
                   "another run holds %s: %s; wait for it to end, or stop that process", path,
                   who[0] ? who : "holder unknown");
}

static em_status write_holder(int fd, const char *path, em_error *err)
{
    char host[128] = "unknown";
    char when[40] = "";
    char text[300];
    gethostname(host, sizeof host - 1);
    const time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc)) strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
    const int n =
        snprintf(text, sizeof text, "pid %ld on %s since %s\n", (long)getpid(), host, when);
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n) {
        return em_fail(err, EM_EENV, "write lock file %s: %s", path, strerror(errno));
    }
    return EM_OK;
}

em_status em_lock_take(const char *path, em_lock *out, em_error *err)
{
    out->fd = -1;
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) return em_fail(err, EM_EENV, "open lock file %s: %s", path, strerror(errno));
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    em_status rc = EM_OK;
    if (fcntl(fd, F_OFD_SETLK, &whole) != 0) {
        rc = errno == EAGAIN || errno == EACCES
                 ? busy(fd, path, err)
                 : em_fail(err, EM_EENV, "lock %s: %s", path, strerror(errno));
    } else {
        rc = write_holder(fd, path, err);
    }
    if (rc == EM_OK) {
        out->fd = fd;
    } else {
        close(fd);
    }
    return rc;
}

void em_lock_release(em_lock *lock)
{
    if (lock->fd >= 0) close(lock->fd);
    lock->fd = -1;
}
