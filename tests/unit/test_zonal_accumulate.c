/* Areas per class as whole numbers. */
#include "kernels/zonal/accumulate.h"

#include "kernels/base/rng.h"
#include "tests/support/test.h"

static void areas_are_rounded_once_per_pixel_half_up(void **state)
{
    const uint8_t codes[] = {3, 3, 5, 250, 3, 7};
    const double coverage[] = {1, 0.5, 0.25, 1, 0, 0.5};
    const uint8_t centres[] = {1, 1, 0, 1, 0, 0};
    const double area[] = {100, 99.9999991, 100.00000201, 99.95, 100, 1e-6};
    ek_zonal_sum sum = {0};
    ek_zonal_add(codes, coverage, centres, area, 6, &sum);
    assert_int_equal(sum.area[3], 100000000 + 50000000); /* 49.99999955 -> 50.000000 */
    assert_int_equal(sum.area[5], 25000001);             /* 25.0000005025 */
    assert_int_equal(sum.area[7], 1);                    /* half of 1e-6, up */
    assert_int_equal(sum.area[250], 99950000);
    assert_int_equal(sum.px_count[3], 2);
    assert_int_equal(sum.px_count[5], 0);
    assert_int_equal(sum.px_count[250], 1);
    assert_int_equal(ek_zonal_total(&sum), 274950002);
}

static void any_split_merged_in_any_order_gives_the_same_sums(void **state)
{
    enum { N = 5000 };
    static uint8_t codes[N];
    static uint8_t centres[N];
    static double coverage[N];
    static double area[N];
    for (uint64_t i = 0; i < N; i++) {
        codes[i] = (uint8_t)ek_rng_below(1, i, 256);
        centres[i] = (uint8_t)ek_rng_below(2, i, 2);
        coverage[i] = ek_rng_unit(3, i);
        area[i] = 99.9 + ek_rng_unit(4, i) / 10;
    }
    ek_zonal_sum whole = {0};
    ek_zonal_add(codes, coverage, centres, area, N, &whole);
    ek_zonal_sum parts[3] = {{{0}, {0}}};
    const size_t cut[] = {0, 1237, 1238, N};
    for (int p = 0; p < 3; p++) {
        const size_t at = cut[p];
        ek_zonal_add(codes + at, coverage + at, centres + at, area + at, cut[p + 1] - at,
                     &parts[p]);
    }
    ek_zonal_sum merged = {0};
    for (int p = 2; p >= 0; p--) ek_zonal_merge(&parts[p], &merged);
    assert_true(test_same_bits(&whole, &merged, sizeof whole));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(areas_are_rounded_once_per_pixel_half_up),
        cmocka_unit_test(any_split_merged_in_any_order_gives_the_same_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
