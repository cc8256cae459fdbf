/* Text, numbers and edit distance. */
#include "pipeline/base/str.h"

#include <locale.h>

#include "tests/support/test.h"

static void numbers_parse_whole_and_in_the_c_locale(void **state)
{
    double d = 0;
    int64_t i = 0;
    setlocale(LC_ALL, "de_DE.UTF-8");
    assert_true(em_parse_double(" 0.5 ", &d));
    TEST_NEAR(d, 0.5, 0);
    assert_false(em_parse_double("0,5", &d));
    assert_false(em_parse_double("nan", &d));
    assert_false(em_parse_double("inf", &d));
    assert_false(em_parse_double("1e999", &d));
    assert_false(em_parse_double("0x10", &d));
    assert_false(em_parse_double("1 2", &d));
    assert_true(em_parse_int("-42", &i) && i == -42);
    assert_false(em_parse_int("4.2", &i));
    assert_false(em_parse_int("9223372036854775808", &i));
    setlocale(LC_ALL, "C");
}

static void numbers_print_shortest_and_fixed(void **state)
{
    char text[64];
    em_print_double(0.1, text);
    assert_string_equal(text, "0.1");
    em_print_double(1.0 / 3.0, text);
    double back = 0;
    assert_true(em_parse_double(text, &back) && back == 1.0 / 3.0);
    em_print_fixed(-0.00001, 2, text);
    assert_string_equal(text, "0.00");
    em_print_fixed(2.5, 0, text);
    assert_string_equal(text, "2");
    em_print_fixed(-12.345, 1, text);
    assert_string_equal(text, "-12.3");
}

static void edits_count_a_swap_of_neighbours_once(void **state)
{
    assert_int_equal(em_edit_distance("scenes", "scenes"), 0);
    assert_int_equal(em_edit_distance("scnees", "scenes"), 1);
    assert_int_equal(em_edit_distance("scene", "scenes"), 1);
    assert_int_equal(em_edit_distance("", "abc"), 3);
    assert_int_equal(em_edit_distance("units", "grid"), 4);
}

static void appends_grow_and_keep_their_text(void **state)
{
    em_str s = {0};
    for (int i = 0; i < 1000; i++) em_str_printf(&s, "%d,", i);
    assert_int_equal(em_str_check(&s, NULL), EM_OK);
    assert_int_equal(s.size, 3890);
    assert_memory_equal(s.data + s.size - 4, "999,", 5);
    em_str_release(&s);
    assert_string_equal(em_str_text(&s), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_parse_whole_and_in_the_c_locale),
        cmocka_unit_test(numbers_print_shortest_and_fixed),
        cmocka_unit_test(edits_count_a_swap_of_neighbours_once),
        cmocka_unit_test(appends_grow_and_keep_their_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
