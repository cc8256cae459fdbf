/* HDF5 files in memory: several at once, and the same bytes whatever came before. */
#include "pipeline/io/h5.h"
#include "tests/support/test.h"

static em_error err;

static void fill(em_h5_writer *w, int value)
{
    const hsize_t dims[1] = {4};
    const int32_t data[4] = {value, value + 1, value + 2, value + 3};
    TEST_OK(em_h5_put_text(w, "what", "a test", &err));
    TEST_OK(em_h5_put_int(w, "value", value, &err));
    TEST_OK(em_h5_put_array(w, "data", EM_H5_I32, 1, dims, data, &err));
}

static void two_files_are_made_at_once(void **state)
{
    (void)state;
    em_h5_writer *a = NULL;
    em_h5_writer *b = NULL;
    em_str first = {0};
    em_str second = {0};
    TEST_OK(em_h5_begin(&a, &err));
    TEST_OK(em_h5_begin(&b, &err));
    fill(a, 7);
    fill(b, 7);
    TEST_OK(em_h5_finish(b, &second, &err));
    TEST_OK(em_h5_finish(a, &first, &err));
    assert_int_equal(first.size, second.size);
    assert_true(test_same_bits(first.data, second.data, first.size));
    em_str_release(&first);
    em_str_release(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(two_files_are_made_at_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
