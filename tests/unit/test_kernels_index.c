/* Spectral indices: published figures, planes against the scalar definition, what has no value. */
#include <math.h>

#include "kernels/base/rng.h"
#include "kernels/index/spectral.h"
#include "tests/support/test.h"

static const ek_band order[] = {EK_BLUE, EK_GREEN, EK_RED, EK_NIR, EK_SWIR1, EK_SWIR2};

static void every_oracle_is_met(void **state)
{
    (void)state;
    char line[400];
    int n = 0;
    FILE *const f = fopen(ECOMON_SOURCE_DIR "/tests/golden/index_oracles.tsv", "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        char name[32];
        double v[7];
        double reflectance[EK_BANDS];
        if (line[0] == '#') continue;
        assert_int_equal(sscanf(line, "%31s %lf %lf %lf %lf %lf %lf %lf", name, &v[0], &v[1], &v[2],
                                &v[3], &v[4], &v[5], &v[6]),
                         8);
        for (int b = 0; b < EK_BANDS; b++) reflectance[b] = (double)NAN;
        for (int i = 0; i < 6; i++) reflectance[order[i]] = v[i];
        const int32_t index = ek_index_find(name);
        if (index < 0) fail_msg("there is no index %s", name);
        const double got = ek_index_value(index, reflectance);
        if (!(fabs(got - v[6]) <= 1e-9)) fail_msg("%s: got %.17g, expected %.17g", name, got, v[6]);
        n++;
    }
    fclose(f);
    assert_true(n >= 51);
}

/* By hand: nir .4, red .1, swir1 .2, swir2 .1. */
static void burn_ratios_by_hand(void **state)
{
    (void)state;
    double r[EK_BANDS];
    for (int b = 0; b < EK_BANDS; b++) r[b] = (double)NAN;
    r[EK_NIR] = 0.4;
    r[EK_SWIR1] = 0.2;
    r[EK_SWIR2] = 0.1;
    TEST_NEAR(ek_index_value(ek_index_find("nbr"), r), 0.3 / 0.5, 1e-15);
    TEST_NEAR(ek_index_value(ek_index_find("nbr2"), r), 0.1 / 0.3, 1e-15);
    r[EK_SWIR2] = (double)NAN;
    assert_true(isnan(ek_index_value(ek_index_find("nbr"), r)));
}

enum { N = 4000 };

/* A stored value is the scalar one times the scale, rounded half away from zero and clipped. */
static void planes_are_the_scalar_rounded(void **state)
{
    (void)state;
    static int16_t plane[EK_BANDS][N];
    static int16_t out[N];
    const int16_t *bands[EK_BANDS];
    for (int b = 0; b < EK_BANDS; b++) {
        bands[b] = plane[b];
        for (size_t i = 0; i < N; i++) {
            const uint32_t kind = ek_rng_below(3, i * EK_BANDS + (size_t)b, 60);
            plane[b][i] =
                kind == 0 ? INT16_MIN
                : kind == 1
                    ? 13000
                    : (int16_t)((int32_t)ek_rng_below(4, i * EK_BANDS + (size_t)b, 12400) - 400);
        }
    }
    for (int32_t k = 0; k < ek_index_count(); k++) {
        int64_t fails = 0;
        int64_t expected_fails = 0;
        ek_index_plane(k, bands, N, out, &fails);
        for (size_t i = 0; i < N; i++) {
            double r[EK_BANDS];
            bool outside = false;
            bool missing = false; /* a pixel that was not seen fails nothing */
            for (int b = 0; b < EK_BANDS; b++) {
                r[b] = plane[b][i] == INT16_MIN ? (double)NAN : plane[b][i] * 1e-4;
                outside = outside || (ek_index_needs(k, (ek_band)b) && plane[b][i] > 12000);
                missing = missing || (ek_index_needs(k, (ek_band)b) && plane[b][i] == INT16_MIN);
            }
            expected_fails += outside && !missing;
            const double v = ek_index_value(k, r) * ek_index_scale(k);
            if (isnan(v)) {
                assert_int_equal(out[i], INT16_MIN);
                continue;
            }
            const double clipped = fmax(-32767, fmin(32767, v));
            if (fabs(out[i] - clipped) > 0.5 + 1e-6)
                fail_msg("%s: %d, expected %.6f", ek_index_name(k), out[i], clipped);
        }
        assert_int_equal(fails, expected_fails);
    }
}

static void a_vanishing_denominator_has_no_value(void **state)
{
    (void)state;
    int16_t zero[2] = {0, 100};
    int16_t out[2] = {7, 7};
    int64_t fails = 0;
    const int16_t *bands[EK_BANDS] = {0};
    bands[EK_NIR] = zero;
    bands[EK_RED] = zero;
    ek_index_plane(ek_index_find("ndvi"), bands, 2, out, &fails);
    assert_int_equal(out[0], INT16_MIN);
    assert_int_equal(out[1], 0);
    assert_int_equal(fails, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_oracle_is_met),
        cmocka_unit_test(burn_ratios_by_hand),
        cmocka_unit_test(planes_are_the_scalar_rounded),
        cmocka_unit_test(a_vanishing_denominator_has_no_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
