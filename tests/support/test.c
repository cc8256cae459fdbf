#include "tests/support/test.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/base/file.h"

static char root[256];
static char folders[64][512];
static int n_folder;

static void remove_root(void)
{
    if (root[0]) em_remove_tree(root, NULL);
}

static void make_root(void)
{
    const char *const base = getenv("TMPDIR");
    snprintf(root, sizeof root, "%s/ecomon-test-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(root)) fail_msg("temp folder %s: %s", root, strerror(errno));
    atexit(remove_root);
}

const char *test_folder(const char *name)
{
    if (!root[0]) make_root();
    char *const path = folders[n_folder++ % 64];
    snprintf(path, sizeof folders[0], "%s/%s", root, name);
    if (em_remove_tree(path, NULL) != EM_OK || em_mkdirs(path, NULL) != EM_OK) {
        fail_msg("temp folder %s cannot be made", path);
    }
    return path;
}

const char *test_shared(const char *path)
{
    static char found[8][1024];
    static int next;
    char *const full = found[next++ % 8];
    const char *const base = getenv("ECOMON_SHARED");
    snprintf(full, sizeof found[0], "%s/%s", base ? base : ECOMON_SOURCE_DIR "/../shared", path);
    struct stat st;
    return stat(full, &st) == 0 ? full : NULL;
}

void test_near_at(double got, double want, double tol, const char *file, int line)
{
    const double off = got > want ? got - want : want - got;
    if (off <= tol) return;
    print_error("%s:%d: got %.17g, want %.17g within %g\n", file, line, got, want, tol);
    _fail(file, line);
}

bool test_same_bits(const void *a, const void *b, size_t bytes)
{
    return memcmp(a, b, bytes) == 0;
}
