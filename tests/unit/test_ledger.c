/* Lock and ledger. */
#include "pipeline/ledger/ledger.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pipeline/ledger/lock.h"
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

static void the_second_holder_is_told_who_the_first_is(void **state)
{
    const char *const path = in(test_folder("lock"), "lock");
    em_lock first;
    em_lock second;
    TEST_OK(em_lock_take(path, &first, &err));
    assert_int_equal(em_lock_take(path, &second, &err), EM_EBUSY);
    char pid[40];
    snprintf(pid, sizeof pid, "pid %ld on ", (long)getpid());
    assert_non_null(strstr(err.text, pid));
    assert_non_null(strstr(err.text, " since 20"));
    em_lock_release(&first);
    TEST_OK(em_lock_take(path, &second, &err));
    em_lock_release(&second);
}

static void a_dead_holder_frees_its_lock(void **state)
{
    const char *const path = in(test_folder("dead"), "lock");
    const pid_t child = fork();
    if (child == 0) {
        em_lock held;
        _exit(em_lock_take(path, &held, NULL) == EM_OK ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    em_lock mine;
    TEST_OK(em_lock_take(path, &mine, &err));
    em_lock_release(&mine);
}

static void a_hash_is_reused_until_the_file_changes(void **state)
{
    const char *const dir = test_folder("hash");
    const char *const file = in(dir, "a.bin");
    em_ledger *ledger = NULL;
    em_hash one;
    em_hash two;
    TEST_OK(em_ledger_open(in(dir, "ledger.db"), &ledger, &err));
    TEST_OK(em_file_publish(file, "abc", 3, &err));
    TEST_OK(em_ledger_hash(ledger, file, &one, &err));
    TEST_OK(em_ledger_hash(ledger, file, &two, &err));
    assert_string_equal(one.hex, two.hex);
    assert_memory_equal(one.hex, "ba7816bf", 8);
    TEST_OK(em_file_publish(file, "abd", 3,
                            &err)); /* same size, perhaps the same second: a new inode */
    TEST_OK(em_ledger_hash(ledger, file, &two, &err));
    assert_string_not_equal(one.hex, two.hex);
    assert_int_equal(em_ledger_hash(ledger, in(dir, "none"), &two, &err), EM_EINPUT);
    em_ledger_close(ledger);
}

static void a_rejection_outlives_the_process(void **state)
{
    const char *const dir = test_folder("reject");
    em_ledger *ledger = NULL;
    em_hash content;
    bool known = true;
    em_str why = {0};
    TEST_OK(em_hash_bytes("scene", 5, &content, &err));
    TEST_OK(em_ledger_open(in(dir, "ledger.db"), &ledger, &err));
    TEST_OK(em_ledger_was_rejected(ledger, &content, &known, NULL, &err));
    assert_false(known);
    TEST_OK(em_ledger_reject(ledger, &content, "S2A_x", "band B04: truncated", &err));
    em_ledger_close(ledger);
    TEST_OK(em_ledger_open(in(dir, "ledger.db"), &ledger, &err));
    TEST_OK(em_ledger_was_rejected(ledger, &content, &known, &why, &err));
    assert_true(known);
    assert_string_equal(why.data, "band B04: truncated");
    TEST_OK(em_ledger_add_run(ledger, "2026-abc", "demo", "2026", 0, "out/x", &err));
    em_str_release(&why);
    em_ledger_close(ledger);
}

static void a_file_that_is_no_ledger_is_named(void **state)
{
    const char *const dir = test_folder("foreign");
    const char *const path = in(dir, "ledger.db");
    em_ledger *ledger = NULL;
    TEST_OK(em_file_publish(path, "this is not a database, not at all, really", 42, &err));
    assert_int_equal(em_ledger_open(path, &ledger, &err), EM_EENV);
    assert_null(ledger);
    assert_non_null(strstr(err.text, path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_holder_is_told_who_the_first_is),
        cmocka_unit_test(a_dead_holder_frees_its_lock),
        cmocka_unit_test(a_hash_is_reused_until_the_file_changes),
        cmocka_unit_test(a_rejection_outlives_the_process),
        cmocka_unit_test(a_file_that_is_no_ledger_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
