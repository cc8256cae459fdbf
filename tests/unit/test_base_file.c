/* The one writer, paths, hashes, errors. */
#include "pipeline/base/file.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/base/hash.h"
#include "pipeline/base/memory.h"
#include "tests/support/test.h"

static em_error err;

static const char *in(const char *folder, const char *name)
{
    static char path[4][800];
    static int next;
    char *const p = path[next++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return p;
}

static void a_published_file_replaces_the_old_one_whole(void **state)
{
    const char *const dir = test_folder("publish");
    const char *const path = in(dir, "a.bin");
    TEST_OK(em_file_publish(path, "old", 3, &err));
    TEST_OK(em_file_publish(path, "newer", 5, &err));
    em_str text = {0};
    TEST_OK(em_file_read(path, 100, &text, &err));
    assert_string_equal(text.data, "newer");
    em_str_release(&text);
    em_list names = {0};
    TEST_OK(em_folder_list(dir, &names, &err));
    assert_int_equal(names.n, 1); /* no temporary file is left */
    em_list_release(&names);
}

static void a_refused_write_leaves_the_old_file(void **state)
{
    const char *const dir = test_folder("full");
    const char *const path = in(dir, "a.bin");
    static char big[100000];
    TEST_OK(em_file_publish(path, "old", 3, &err));
    signal(SIGXFSZ, SIG_IGN);
    const struct rlimit tight = {4096, 4096 * 1024};
    struct rlimit before;
    getrlimit(RLIMIT_FSIZE, &before);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){tight.rlim_cur, before.rlim_max});
    assert_int_equal(em_file_publish(path, big, sizeof big, &err), EM_EENV);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_non_null(strstr(err.text, "100000 bytes needed"));
    em_list names = {0};
    TEST_OK(em_folder_list(dir, &names, &err));
    assert_int_equal(names.n, 1);
    em_list_release(&names);
    em_str text = {0};
    TEST_OK(em_file_read(path, 100, &text, &err));
    assert_string_equal(text.data, "old");
    em_str_release(&text);
}

static void an_absent_folder_is_named(void **state)
{
    assert_int_equal(em_file_publish("/nonexistent/x/y", "a", 1, &err), EM_EENV);
    assert_non_null(strstr(err.text, "/nonexistent/x/y: No such file or directory"));
}

static void reads_stop_at_their_limit_and_at_odd_files(void **state)
{
    const char *const path = in(test_folder("limit"), "a.bin");
    em_str text = {0};
    TEST_OK(em_file_publish(path, "12345", 5, &err));
    assert_int_equal(em_file_read(path, 4, &text, &err), EM_EINPUT);
    assert_int_equal(em_file_read("/dev/null", 4, &text, &err), EM_EINPUT);
    assert_int_equal(em_file_read("/tmp", 4, &text, &err), EM_EINPUT);
    em_str_release(&text);
}

static void links_and_folders_switch_in_one_step(void **state)
{
    const char *const dir = test_folder("link");
    TEST_OK(em_mkdirs(in(dir, "run.tmp/maps"), &err));
    TEST_OK(em_folder_publish(in(dir, "run.tmp"), in(dir, "run1"), &err));
    TEST_OK(em_link_publish(in(dir, "current"), "run0", &err));
    TEST_OK(em_link_publish(in(dir, "current"), "run1", &err));
    assert_true(em_folder_exists(in(dir, "current/maps")));
    TEST_OK(em_remove_tree(in(dir, "current"), &err)); /* the link, not what it points at */
    assert_true(em_folder_exists(in(dir, "run1/maps")));
}

static void paths_join_by_text(void **state)
{
    static const char *const cases[][3] = {
        {"/a/b", "c", "/a/b/c"},  {"/a/b", "../c", "/a/c"}, {"/a/b", "/c/./d/", "/c/d"},
        {"a", "../../b", "../b"}, {"/", "../x", "/x"},      {".", "x/..", "."},
        {"../a", "b", "../a/b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *got = NULL;
        TEST_OK(em_path_join(cases[i][0], cases[i][1], &got, &err));
        assert_string_equal(got, cases[i][2]);
        em_free(got);
    }
}

static void paths_that_are_not_paths_are_refused(void **state)
{
    static const char *const bad[] = {
        "/vsicurl/http://x", "GTIFF_DIR:1:a.tif", "<VRTDataset/>", "{\"a\":1}", "a\nb", "",
        "a//vsizip/b"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(em_path_check(bad[i], &err), EM_ECONFIG);
    }
    assert_int_equal(em_path_check("inbox/2026/T51STR.SAFE", &err), EM_OK);
    assert_int_equal(em_path_check("C:/not-windows-but-harmless", &err), EM_OK);
}

static void sha256_matches_the_published_vectors(void **state)
{
    em_hash h;
    TEST_OK(em_hash_bytes("abc", 3, &h, &err)); /* FIPS 180-2, appendix B.1 */
    assert_string_equal(h.hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const char *const path = in(test_folder("hash"), "abc");
    em_hash f;
    TEST_OK(em_file_publish(path, "abc", 3, &err));
    TEST_OK(em_hash_file(path, &f, &err));
    assert_string_equal(f.hex, h.hex);
}

static void the_worst_status_follows_the_order_of_the_exit_codes(void **state)
{
    assert_int_equal(em_worst(EM_EPARTIAL, EM_EQUALITY), EM_EQUALITY);
    assert_int_equal(em_worst(EM_EENV, EM_EQUALITY), EM_EENV);
    assert_int_equal(em_worst(EM_EINTERNAL, EM_EENV), EM_EINTERNAL);
    assert_int_equal(em_worst(EM_OK, EM_EPARTIAL), EM_EPARTIAL);
    assert_int_equal(em_worst(EM_EPARAMS, EM_EPARTIAL), EM_EPARAMS);
    assert_int_equal(em_worst(EM_OK, EM_OK), EM_OK);
}

static void context_goes_before_and_long_texts_are_cut(void **state)
{
    em_error e = {0};
    em_fail(&e, EM_EINPUT, "short read");
    em_context(&e, EM_EINPUT, "tile %d", 7);
    assert_string_equal(e.text, "tile 7: short read");
    char longer[2000];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    em_context(&e, EM_EINPUT, "%s", longer);
    assert_true(strlen(e.text) < sizeof e.text);
    em_fail(NULL, EM_EINPUT, "nobody listens");
}

static void sizes_that_overflow_are_refused(void **state)
{
    void *p = &p;
    assert_int_equal(em_calloc(SIZE_MAX / 2, 3, "planes", &p, &err), EM_EENV);
    assert_null(p);
    assert_non_null(strstr(err.text, "planes"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_published_file_replaces_the_old_one_whole),
        cmocka_unit_test(a_refused_write_leaves_the_old_file),
        cmocka_unit_test(an_absent_folder_is_named),
        cmocka_unit_test(reads_stop_at_their_limit_and_at_odd_files),
        cmocka_unit_test(links_and_folders_switch_in_one_step),
        cmocka_unit_test(paths_join_by_text),
        cmocka_unit_test(paths_that_are_not_paths_are_refused),
        cmocka_unit_test(sha256_matches_the_published_vectors),
        cmocka_unit_test(the_worst_status_follows_the_order_of_the_exit_codes),
        cmocka_unit_test(context_goes_before_and_long_texts_are_cut),
        cmocka_unit_test(sizes_that_overflow_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
