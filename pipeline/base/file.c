#include "pipeline/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "pipeline/base/memory.h"

#define READ_PIECE ((size_t)1 << 20)

static em_status no_room(const char *doing, const char *path, size_t size, int why, em_error *err)
{
    struct statvfs fs;
    char folder[512];
    snprintf(folder, sizeof folder, "%s", path);
    char *const slash = strrchr(folder, '/');
    if (slash) *slash = '\0';
    if (statvfs(slash ? folder : ".", &fs) != 0) {
        return em_fail(err, EM_EENV, "%s %s: %s", doing, path, strerror(why));
    }
    const unsigned long long spare = (unsigned long long)fs.f_bavail * fs.f_frsize;
    return em_fail(err, EM_EENV, "%s %s: %s (%zu bytes needed, %llu free)", doing, path,
                   strerror(why), size, spare);
}

/* A name beside `path` that no other process of this machine uses now. */
static em_status temp_beside(const char *path, em_str *out, em_error *err)
{
    em_str_printf(out, "%s.tmp-%ld", path, (long)getpid());
    return em_str_check(out, err);
}

static em_status sync_folder_of(const char *path, em_error *err)
{
    char *folder = NULL;
    em_status rc = em_path_folder(path, &folder, err);
    if (rc != EM_OK) return rc;
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0) {
        rc = em_fail(err, EM_EENV, "fsync of folder %s: %s", folder, strerror(errno));
    }
    if (fd >= 0) close(fd);
    em_free(folder);
    return rc;
}

static em_status write_all(int fd, const char *path, const void *data, size_t size, em_error *err)
{
    const unsigned char *at = data;
    size_t left = size;
    while (left) {
        const ssize_t n = write(fd, at, left);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return no_room("write", path, size, n < 0 ? errno : EIO, err);
        at += n;
        left -= (size_t)n;
    }
    return EM_OK;
}

static em_status compare_all(int fd, const char *path, const void *data, size_t size, em_error *err)
{
    em_status rc = EM_OK;
    unsigned char *buf = NULL;
    size_t at = 0;
    EM_TRY(em_calloc(READ_PIECE, 1, "read-back buffer", &buf, err));
    while (at <= size) {
        const ssize_t n = pread(fd, buf, READ_PIECE, (off_t)at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            rc = em_fail(err, EM_EENV, "read back %s: %s", path, strerror(errno));
            goto done;
        }
        if (n == 0) break;
        const size_t got = (size_t)n;
        if (got > size - at || memcmp(buf, (const unsigned char *)data + at, got) != 0) {
            rc = em_fail(err, EM_EENV, "read back %s: bytes near %zu differ from what was written",
                         path, at);
            goto done;
        }
        at += got;
    }
    if (at != size) rc = em_fail(err, EM_EENV, "read back %s: %zu of %zu bytes", path, at, size);
done:
    em_free(buf);
    return rc;
}

em_status em_file_publish(const char *path, const void *data, size_t size, em_error *err)
{
    em_status rc = EM_OK;
    em_str temp = {0};
    int fd = -1;
    EM_TRY(temp_beside(path, &temp, err));
    fd = open(temp.data, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) {
        em_str_clear(&temp);
        rc = no_room("create", path, size, errno, err);
        goto done;
    }
    EM_TRY(write_all(fd, path, data, size, err));
    EM_TRY(compare_all(fd, path, data, size, err));
    if (fsync(fd) != 0) {
        rc = no_room("fsync", path, size, errno, err);
        goto done;
    }
    if (close(fd) != 0) {
        fd = -1;
        rc = no_room("close", path, size, errno, err);
        goto done;
    }
    fd = -1;
    if (rename(temp.data, path) != 0) {
        rc = no_room("rename to", path, size, errno, err);
        goto done;
    }
    em_str_clear(&temp);
    rc = sync_folder_of(path, err);
done:
    if (fd >= 0) close(fd);
    if (rc != EM_OK && temp.size) unlink(temp.data);
    em_str_release(&temp);
    return rc;
}

em_status em_file_adopt(const char *temp, const char *path, em_error *err)
{
    em_status rc = EM_OK;
    const int fd = open(temp, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0) {
        rc = em_fail(err, EM_EENV, "fsync %s: %s", temp, strerror(errno));
    }
    if (fd >= 0) close(fd);
    if (rc == EM_OK && rename(temp, path) != 0) {
        rc = em_fail(err, EM_EENV, "rename %s to %s: %s", temp, path, strerror(errno));
    }
    if (rc == EM_OK) return sync_folder_of(path, err);
    unlink(temp);
    return rc;
}

em_status em_link_publish(const char *path, const char *target, em_error *err)
{
    em_status rc = EM_OK;
    em_str temp = {0};
    EM_TRY(temp_beside(path, &temp, err));
    unlink(temp.data);
    if (symlink(target, temp.data) != 0 || rename(temp.data, path) != 0) {
        rc = em_fail(err, EM_EENV, "link %s: %s", path, strerror(errno));
        unlink(temp.data);
        goto done;
    }
    rc = sync_folder_of(path, err);
done:
    em_str_release(&temp);
    return rc;
}

em_status em_folder_publish(const char *temp, const char *path, em_error *err)
{
    if (rename(temp, path) != 0) {
        return em_fail(err, EM_EENV, "rename %s to %s: %s", temp, path, strerror(errno));
    }
    const em_status rc = sync_folder_of(path, err);
    return rc == EM_OK ? sync_folder_of(temp, err) : rc;
}

em_status em_file_read(const char *path, size_t limit, em_str *out, em_error *err)
{
    em_status rc = EM_OK;
    struct stat st;
    unsigned char *buf = NULL;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return em_fail(err, EM_EINPUT, "open %s: %s", path, strerror(errno));
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        rc = em_fail(err, EM_EINPUT, "read %s: not a regular file", path);
        goto done;
    }
    if ((uint64_t)st.st_size > limit) {
        rc = em_fail(err, EM_EINPUT, "read %s: %lld bytes, expected at most %zu", path,
                     (long long)st.st_size, limit);
        goto done;
    }
    EM_TRY(em_calloc(READ_PIECE, 1, "read buffer", &buf, err));
    for (;;) {
        const ssize_t n = read(fd, buf, READ_PIECE);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            rc = em_fail(err, EM_EINPUT, "read %s: %s", path, strerror(errno));
            goto done;
        }
        if (n == 0) break;
        em_str_append_bytes(out, buf, (size_t)n);
        if (out->size > limit) {
            rc = em_fail(err, EM_EINPUT, "read %s: grew past %zu bytes while being read", path,
                         limit);
            goto done;
        }
    }
    rc = em_str_check(out, err);
done:
    em_free(buf);
    close(fd);
    return rc;
}

em_status em_mkdirs(const char *path, em_error *err)
{
    char *copy = NULL;
    em_status rc = em_strdup(path, &copy, err);
    if (rc != EM_OK) return rc;
    for (char *p = copy + 1; rc == EM_OK; p++) {
        if (*p != '/' && *p != '\0') continue;
        const char was = *p;
        *p = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST) {
            rc = em_fail(err, EM_EENV, "make folder %s: %s", copy, strerror(errno));
        }
        *p = was;
        if (was == '\0') break;
    }
    if (rc == EM_OK && !em_folder_exists(path)) {
        rc = em_fail(err, EM_EENV, "make folder %s: a file of that name is in the way", path);
    }
    em_free(copy);
    return rc;
}

static int remove_at(int parent, const char *name)
{
    if (unlinkat(parent, name, 0) == 0 || errno == ENOENT) return 0;
    if (errno != EISDIR && errno != EPERM) return -1;
    const int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return -1;
    DIR *const dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return -1;
    }
    int bad = 0;
    for (struct dirent *e = readdir(dir); e && !bad; e = readdir(dir)) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        bad = remove_at(fd, e->d_name);
    }
    closedir(dir);
    return bad ? bad : unlinkat(parent, name, AT_REMOVEDIR);
}

em_status em_remove_tree(const char *path, em_error *err)
{
    if (remove_at(AT_FDCWD, path) == 0) return EM_OK;
    return em_fail(err, EM_EENV, "remove %s: %s", path, strerror(errno));
}

bool em_file_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool em_folder_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

em_status em_folder_list(const char *path, em_list *out, em_error *err)
{
    DIR *const dir = opendir(path);
    if (!dir) return em_fail(err, EM_EINPUT, "list folder %s: %s", path, strerror(errno));
    em_status rc = EM_OK;
    errno = 0;
    for (struct dirent *e = readdir(dir); e && rc == EM_OK; e = readdir(dir)) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            rc = em_list_add(out, e->d_name, err);
        }
        errno = 0;
    }
    if (rc == EM_OK && errno) {
        rc = em_fail(err, EM_EINPUT, "list folder %s: %s", path, strerror(errno));
    }
    closedir(dir);
    em_list_sort(out);
    return rc;
}

em_status em_file_identify(const char *path, em_file_id *out, em_error *err)
{
    struct stat st;
    if (stat(path, &st) != 0) return em_fail(err, EM_EINPUT, "stat %s: %s", path, strerror(errno));
    *out = (em_file_id){
        .device = st.st_dev,
        .inode = st.st_ino,
        .size = (uint64_t)st.st_size,
        .mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec,
        .ctime_ns = (int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec,
    };
    return EM_OK;
}
