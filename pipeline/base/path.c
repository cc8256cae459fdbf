/* Paths as text: the part of file.h that touches no disk. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "pipeline/base/file.h"
#include "pipeline/base/memory.h"

/* Drops "." and resolves ".." by text, in place; a leading ".." of a relative path stays. */
static void tidy(char *path)
{
    const bool rooted = path[0] == '/';
    char *out = path + (rooted ? 1 : 0);
    char *const floor_at = out;
    const char *in = out;
    while (*in) {
        const size_t n = strcspn(in, "/");
        const bool up = n == 2 && in[0] == '.' && in[1] == '.';
        const bool here = n == 0 || (n == 1 && in[0] == '.');
        char *last = out;
        while (last > floor_at && last[-1] != '/') last--;
        const bool last_is_up = out - last == 2 && last[0] == '.' && last[1] == '.';
        if (up && out > floor_at && !last_is_up) {
            out = last > floor_at ? last - 1 : last;
        } else if (!here && !(up && rooted)) {
            if (out > floor_at) *out++ = '/';
            memmove(out, in, n);
            out += n;
        }
        in += n;
        while (*in == '/') in++;
    }
    if (out == path) *out++ = '.';
    *out = '\0';
}

em_status em_path_join(const char *base, const char *path, char **out, em_error *err)
{
    em_str joined = {0};
    if (path[0] != '/') {
        em_str_append(&joined, base);
        em_str_append(&joined, "/");
    }
    em_str_append(&joined, path);
    em_status rc = em_str_check(&joined, err);
    if (rc == EM_OK) {
        tidy(joined.data);
        rc = em_strdup(joined.data, out, err);
    }
    em_str_release(&joined);
    return rc;
}

const char *em_path_name(const char *path)
{
    const char *const slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

em_status em_path_folder(const char *path, char **out, em_error *err)
{
    const char *const slash = strrchr(path, '/');
    const em_status rc = em_strdup(slash ? path : ".", out, err);
    if (rc == EM_OK && slash) (*out)[slash == path ? 1 : slash - path] = '\0';
    return rc;
}

em_status em_path_check(const char *path, em_error *err)
{
    const char *why = NULL;
    size_t word = 0;
    while (isalnum((unsigned char)path[word]) || path[word] == '_') word++;
    if (path[0] == '\0') why = "it is empty";
    if (strncasecmp(path, "/vsi", 4) == 0 || strstr(path, "/vsi"))
        why = "virtual file systems are not read";
    if (word > 1 && path[word] == ':') why = "a driver prefix is not a path";
    if (path[0] == '<' || path[0] == '{' || path[0] == '[') why = "inline documents are not paths";
    if (strpbrk(path, "\r\n")) why = "it holds a line break";
    return why ? em_fail(err, EM_ECONFIG, "path \"%.120s\" refused: %s", path, why) : EM_OK;
}
