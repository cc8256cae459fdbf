/* The executor. */
#include "pipeline/run/exec.h"

#include "tests/support/test.h"

static em_status square(void *user, size_t i, int thread, em_error *err)
{
    int64_t *const out = user;
    out[i] = (int64_t)(i * i);
    return EM_OK;
}

static em_status fail_some(void *user, size_t i, int thread, em_error *err)
{
    int64_t *const out = user;
    out[i] = 1;
    if (i == 7 || i == 3) return em_fail(err, EM_EINPUT, "item %zu is bad", i);
    return EM_OK;
}

static em_status fail_hard(void *user, size_t i, int thread, em_error *err)
{
    int64_t *const out = user;
    out[i] = 1;
    return i == 2 ? em_fail(err, EM_EENV, "disk full") : EM_OK;
}

static void every_item_is_done_once_on_any_thread_count(void **state)
{
    for (int threads = 1; threads <= 5; threads++) {
        int64_t out[100] = {0};
        assert_int_equal(em_exec_each(100, threads, square, out, NULL), EM_OK);
        for (int i = 0; i < 100; i++) assert_int_equal(out[i], i * i);
    }
}

static void a_bad_item_costs_itself_and_the_first_is_told(void **state)
{
    for (int threads = 1; threads <= 4; threads++) {
        int64_t out[20] = {0};
        em_error err = {0};
        assert_int_equal(em_exec_each(20, threads, fail_some, out, &err), EM_EINPUT);
        assert_string_equal(err.text, "item 3 is bad");
        for (int i = 0; i < 20; i++) assert_int_equal(out[i], 1);
    }
}

static void a_full_disk_stops_what_has_not_begun(void **state)
{
    int64_t out[20] = {0};
    em_error err = {0};
    assert_int_equal(em_exec_each(20, 1, fail_hard, out, &err), EM_EENV);
    assert_int_equal(out[2], 1);
    assert_int_equal(out[3], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_is_done_once_on_any_thread_count),
        cmocka_unit_test(a_bad_item_costs_itself_and_the_first_is_told),
        cmocka_unit_test(a_full_disk_stops_what_has_not_begun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
