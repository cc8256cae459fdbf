/* Confusion matrix against figures worked out by hand. */
#include "kernels/accuracy/confusion.h"

#include <math.h>

#include "tests/support/test.h"

/* 20 of 30 on the diagonal: rows (map) 12, 10, 8; columns (reference) 10, 10, 10. */
static void fill(ek_confusion *c)
{
    static const int64_t counts[3][3] = {{8, 2, 2}, {1, 7, 2}, {1, 1, 6}};
    *c = (ek_confusion){.n_class = 3};
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) c->n[i][j] = counts[i][j];
    }
}

static void three_classes_match_hand_calculation(void **state)
{
    ek_confusion c;
    ek_accuracy a;
    fill(&c);
    ek_confusion_accuracy(&c, &a);
    assert_int_equal(a.total, 30);
    TEST_NEAR(a.overall, 21.0 / 30, 1e-15);
    TEST_NEAR(a.user[0], 8.0 / 12, 1e-15);
    TEST_NEAR(a.producer[2], 6.0 / 10, 1e-15);
    TEST_NEAR(a.f1[1], 14.0 / 20, 1e-15);
    TEST_NEAR(a.macro_f1, (16.0 / 22 + 14.0 / 20 + 12.0 / 18) / 3, 1e-15);
    TEST_NEAR(a.kappa, (0.7 - 1.0 / 3) / (1 - 1.0 / 3), 1e-12); /* E = (12+10+8)*10/900 */
}

static void empty_classes_are_not_numbers(void **state)
{
    ek_confusion c = {.n_class = 3};
    ek_accuracy a;
    const uint8_t map[] = {0, 0, 2, 255};
    const uint8_t ref[] = {0, 0, 0, 1};
    assert_int_equal(ek_confusion_add(&c, map, ref, 4), 3);
    ek_confusion_accuracy(&c, &a);
    assert_true(isnan(a.user[1]) && isnan(a.producer[1]) && isnan(a.f1[1]) && isnan(a.producer[2]));
    TEST_NEAR(a.overall, 2.0 / 3, 1e-15);
    TEST_NEAR(a.macro_f1, 4.0 / 5, 1e-15); /* only class 0 is in the reference */
    ek_confusion none = {.n_class = 2};
    ek_confusion_accuracy(&none, &a);
    assert_true(isnan(a.overall) && isnan(a.kappa));
}

static void any_split_merges_to_the_same_matrix(void **state)
{
    uint8_t map[500];
    uint8_t ref[500];
    for (int i = 0; i < 500; i++) {
        map[i] = (uint8_t)(i * 7 % 11);
        ref[i] = (uint8_t)(i * 5 % 9);
    }
    ek_confusion whole = {.n_class = 8};
    ek_confusion left = {.n_class = 8};
    ek_confusion right = {.n_class = 8};
    ek_confusion_add(&whole, map, ref, 500);
    ek_confusion_add(&left, map, ref, 123);
    ek_confusion_add(&right, map + 123, ref + 123, 377);
    ek_confusion_merge(&left, &right);
    assert_true(test_same_bits(&whole, &left, sizeof whole));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_classes_match_hand_calculation),
        cmocka_unit_test(empty_classes_are_not_numbers),
        cmocka_unit_test(any_split_merges_to_the_same_matrix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
