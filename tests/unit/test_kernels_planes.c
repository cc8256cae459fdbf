/* Kernels over planes against their plain definitions: medians, counts, masks, upsampling. */
#include <math.h>

#include "kernels/base/rng.h"
#include "kernels/mask/buffer.h"
#include "kernels/mask/qa.h"
#include "kernels/resample/upsample.h"
#include "kernels/temporal/count.h"
#include "kernels/temporal/median.h"
#include "pipeline/base/memory.h"
#include "tests/support/test.h"

static em_error err;

/* ---- temporal ---- */

enum { N = 331, MOST = 80 };

static int by_value(const void *a, const void *b)
{
    return *(const int16_t *)a - *(const int16_t *)b;
}

static int16_t sorted_median(int16_t (*planes)[N], size_t n_plane, size_t i)
{
    int16_t v[MOST];
    size_t c = 0;
    for (size_t t = 0; t < n_plane; t++) {
        if (planes[t][i] != INT16_MIN) v[c++] = planes[t][i];
    }
    if (c == 0) return INT16_MIN;
    qsort(v, c, sizeof *v, by_value);
    return (int16_t)floor((v[(c + 1) / 2 - 1] + v[c / 2] + 1) / 2.0);
}

static void medians_equal_a_sort(void **state)
{
    (void)state;
    static int16_t planes[MOST][N];
    static int16_t out[2][N];
    const int16_t *list[MOST];
    ek_arena arena;
    for (size_t t = 0; t < MOST; t++) {
        list[t] = planes[t];
        for (size_t i = 0; i < N; i++) {
            planes[t][i] = ek_rng_below(1, t * N + i, 4) == 0
                               ? INT16_MIN
                               : (int16_t)((int32_t)ek_rng_below(2, t * N + i, 65535) - 32767);
        }
    }
    for (size_t i = 0; i < 3; i++) {
        for (size_t t = 0; t < MOST; t++)
            planes[t][i] = i == 0 ? INT16_MIN : (int16_t)(i == 1 ? 5 : -5);
    }
    TEST_OK(em_arena_init(&arena, ek_median_scratch_bytes(MOST, N), &err));
    for (size_t n = 0; n <= MOST; n += n < 20 ? 1 : 15) {
        ek_median(list, n, N, &arena, out[0]);
        ek_median_plain(list, n, N, &arena, out[1]);
        for (size_t i = 0; i < N; i++) {
            assert_int_equal(out[0][i], sorted_median(planes, n, i));
            assert_int_equal(out[1][i], out[0][i]);
        }
        ek_median(list, n, 7, &arena, out[1]); /* another split */
        assert_true(test_same_bits(out[0], out[1], 7 * sizeof(int16_t)));
    }
    assert_true(arena.used == 0);
    em_arena_release(&arena);
}

/* Of an even count the mean, half a unit up: of 1 and 2 it is 2, of -2 and -1 it is -1. */
static void medians_by_hand(void **state)
{
    (void)state;
    int16_t a[3] = {1, -2, INT16_MIN};
    int16_t b[3] = {2, -1, 9};
    int16_t out[3];
    ek_arena arena;
    const int16_t *list[] = {a, b};
    TEST_OK(em_arena_init(&arena, ek_median_scratch_bytes(2, 3), &err));
    ek_median(list, 2, 3, &arena, out);
    assert_int_equal(out[0], 2);
    assert_int_equal(out[1], -1);
    assert_int_equal(out[2], 9);
    em_arena_release(&arena);
}

static void clear_looks_are_counted(void **state)
{
    (void)state;
    const uint8_t a[3] = {0, EK_FLAG_CLOUD, EK_FLAG_RANGE};
    const uint8_t b[3] = {0, EK_FLAG_NEAR, 0};
    const uint8_t *list[] = {a, b};
    uint16_t out[3] = {9, 9, 9};
    ek_clear_count(list, 2, (uint8_t)~EK_FLAG_RANGE, 3, out);
    assert_int_equal(out[0], 2);
    assert_int_equal(out[1], 0);
    assert_int_equal(out[2], 2);
    ek_clear_count(list, 0, 255, 3, out);
    assert_int_equal(out[0], 0);
}

/* ---- mask ---- */

static void scene_classes_become_flags(void **state)
{
    (void)state;
    static const int64_t masked[] = {0, 1, 3, 8, 9, 10};
    static const uint8_t want[13] = {
        EK_FLAG_NODATA, EK_FLAG_SATURATED, 0, EK_FLAG_SHADOW, 0, 0, 0, 0, EK_FLAG_CLOUD,
        EK_FLAG_CLOUD,  EK_FLAG_CIRRUS,    0, EK_FLAG_NODATA};
    ek_mask_table table;
    ek_mask_table_scl(masked, 6, &table);
    for (int code = 0; code < 13; code++) assert_int_equal(table.flags[code], want[code]);
    assert_int_equal(table.flags[255], EK_FLAG_NODATA);
    static const int64_t snow[] = {11};
    ek_mask_table_scl(snow, 1, &table);
    assert_int_equal(table.flags[11], EK_FLAG_SNOW);
    assert_int_equal(table.flags[9], 0);
}

static void buffers_equal_brute_force(void **state)
{
    (void)state;
    enum { W = 50, H = 37, MOST_R = 9 };
    static uint8_t in[(H + 2 * MOST_R) * (W + 2 * MOST_R)];
    static uint8_t out[H * W];
    for (int32_t r = 0; r <= MOST_R; r += r < 5 ? 1 : 4) {
        const size_t pitch = (size_t)(W + 2 * r);
        ek_arena arena;
        for (size_t i = 0; i < pitch * (size_t)(H + 2 * r); i++)
            in[i] = ek_rng_below(5 + (uint64_t)r, i, 90) == 0 ? EK_FLAG_CLOUD : EK_FLAG_NODATA;
        TEST_OK(em_arena_init(&arena, ek_buffer_scratch_bytes(W, H, r), &err));
        ek_buffer(in, pitch, W, H, r, EK_FLAG_CLOUD, &arena, out);
        for (int y = 0; y < H; y++) {
            for (int x = 0; x < W; x++) {
                int near = 0;
                for (int dy = -r; dy <= r; dy++) {
                    for (int dx = -r; dx <= r; dx++) {
                        near |= dx * dx + dy * dy <= r * r &&
                                (in[(size_t)(y + r + dy) * pitch + (size_t)(x + r + dx)] &
                                 EK_FLAG_CLOUD);
                    }
                }
                assert_int_equal(out[y * W + x], near != 0);
            }
        }
        em_arena_release(&arena);
    }
}

/* ---- resample ---- */

/* Weights of coarse pixels along one axis for fine pixel i: the definition in double. */
static void bilinear_axis(int i, int *other, double *own_weight)
{
    *other = i % 2 ? 1 : -1;
    *own_weight = 0.75;
}

static double bilinear(const int16_t *in, size_t pitch, int halo, int fx, int fy)
{
    int ox = 0;
    int oy = 0;
    double w = 0;
    double sum = 0;
    double weights = 0;
    bilinear_axis(fx, &ox, &w);
    bilinear_axis(fy, &oy, &w);
    for (int ky = 0; ky < 2; ky++) {
        for (int kx = 0; kx < 2; kx++) {
            const int16_t v =
                in[(size_t)(fy / 2 + halo + ky * oy) * pitch + (size_t)(fx / 2 + halo + kx * ox)];
            const double weight = (kx ? 0.25 : 0.75) * (ky ? 0.25 : 0.75);
            if (v == INT16_MIN) continue;
            sum += weight * v;
            weights += weight;
        }
    }
    return sum / weights;
}

static void upsampling_equals_its_definition(void **state)
{
    (void)state;
    enum { W = 20, H = 17, HALO = 2, PITCH = W + 2 * HALO };
    static int16_t in[(H + 2 * HALO) * PITCH];
    static int16_t out[2 * H * 2 * W];
    for (size_t i = 0; i < sizeof in / sizeof *in; i++)
        in[i] = ek_rng_below(8, i, 12) ? (int16_t)((int32_t)ek_rng_below(9, i, 12000) - 300)
                                       : INT16_MIN;
    ek_upsample2(in, PITCH, HALO, W, H, EK_RESAMPLE_NEAREST, out);
    for (int y = 0; y < 2 * H; y++) {
        for (int x = 0; x < 2 * W; x++)
            assert_int_equal(out[y * 2 * W + x], in[(y / 2 + HALO) * PITCH + x / 2 + HALO]);
    }
    ek_upsample2(in, PITCH, HALO, W, H, EK_RESAMPLE_BILINEAR, out);
    for (int y = 0; y < 2 * H; y++) {
        for (int x = 0; x < 2 * W; x++) {
            if (in[(y / 2 + HALO) * PITCH + x / 2 + HALO] == INT16_MIN) {
                assert_int_equal(out[y * 2 * W + x], INT16_MIN);
            } else {
                TEST_NEAR(out[y * 2 * W + x], bilinear(in, PITCH, HALO, x, y), 0.5 + 1e-9);
            }
        }
    }
}

/* A plane a + bx + cy stays one under both kernels (cubic convolution with a = -1/2 too). */
static void planes_stay_planes(void **state)
{
    (void)state;
    enum { W = 8, H = 8, HALO = 2, PITCH = W + 2 * HALO };
    int16_t in[(H + 2 * HALO) * PITCH];
    int16_t out[2 * H * 2 * W];
    static const ek_resample methods[] = {EK_RESAMPLE_BILINEAR, EK_RESAMPLE_CUBIC};
    for (int y = 0; y < H + 2 * HALO; y++) {
        for (int x = 0; x < PITCH; x++) in[y * PITCH + x] = (int16_t)(1000 + 40 * x - 24 * y);
    }
    for (int m = 0; m < 2; m++) {
        ek_upsample2(in, PITCH, HALO, W, H, methods[m], out);
        for (int y = 0; y < 2 * H; y++) {
            for (int x = 0; x < 2 * W; x++) {
                const double cx = (x + 0.5) / 2 - 0.5 + HALO;
                const double cy = (y + 0.5) / 2 - 0.5 + HALO;
                TEST_NEAR(out[y * 2 * W + x], 1000 + 40 * cx - 24 * cy, 0.5 + 1e-9);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(medians_equal_a_sort),
        cmocka_unit_test(medians_by_hand),
        cmocka_unit_test(clear_looks_are_counted),
        cmocka_unit_test(scene_classes_become_flags),
        cmocka_unit_test(buffers_equal_brute_force),
        cmocka_unit_test(upsampling_equals_its_definition),
        cmocka_unit_test(planes_stay_planes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
