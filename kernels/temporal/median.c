#include "kernels/temporal/median.h"

#include <string.h>

#include "kernels/base/clones.h"

#define FILL INT16_MIN
enum { LANES = 64 };

size_t ek_median_scratch_bytes(size_t n_plane, size_t n)
{
    (void)n;
    return ek_align_up((n_plane + 1) * LANES * sizeof(int16_t));
}

/* Half a unit up: SPEC.md eq. 1. */
static inline int16_t middle(int low, int high)
{
    const int sum = low + high + 1;
    return (int16_t)((sum - (sum < 0 && sum % 2)) / 2);
}

void ek_median_plain(const int16_t *const *planes, size_t n_plane, size_t n, ek_arena *arena,
                     int16_t *out)
{
    const size_t mark = arena->used;
    int16_t *const sorted = EK_TAKE(arena, int16_t, n_plane + 1);
    for (size_t i = 0; i < n; i++) {
        size_t c = 0;
        for (size_t t = 0; t < n_plane; t++) {
            const int16_t v = planes[t][i];
            if (v == FILL) continue;
            size_t at = c++;
            for (; at > 0 && sorted[at - 1] > v; at--) sorted[at] = sorted[at - 1];
            sorted[at] = v;
        }
        out[i] = c ? middle(sorted[(c - 1) / 2], sorted[c / 2]) : FILL;
    }
    arena->used = mark;
}

/* One comparator of the network on LANES pixels at once. */
static inline void order(int16_t *restrict a, int16_t *restrict b)
{
    for (int l = 0; l < LANES; l++) {
        const int16_t low = a[l] < b[l] ? a[l] : b[l];
        const int16_t high = a[l] < b[l] ? b[l] : a[l];
        a[l] = low;
        b[l] = high;
    }
}

/* Batcher's odd-even merge sort (1968) for any n: comparators of the next power of two that reach
 * past n are left out. */
EK_CLONES static void sort_rows(int16_t *rows, size_t n)
{
    for (size_t p = 1; p < n; p *= 2) {
        for (size_t k = p; k >= 1; k /= 2) {
            for (size_t j = k % p; j + k < n; j += 2 * k) {
                for (size_t i = 0; i < k && i + j + k < n; i++) {
                    if ((i + j) / (2 * p) != (i + j + k) / (2 * p)) continue;
                    order(rows + (i + j) * LANES, rows + (i + j + k) * LANES);
                }
            }
        }
    }
}

/* Missing values are the smallest and sort to the front: the median of c values stands behind
 * n_plane - c of them. */
static void pick(const int16_t *rows, size_t n_plane, size_t lanes, int16_t *out)
{
    for (size_t l = 0; l < lanes; l++) {
        size_t missing = 0;
        while (missing < n_plane && rows[missing * LANES + l] == FILL) missing++;
        const size_t c = n_plane - missing;
        const size_t low = missing + (c ? (c - 1) / 2 : 0);
        out[l] = c ? middle(rows[low * LANES + l], rows[(missing + c / 2) * LANES + l]) : FILL;
    }
}

void ek_median(const int16_t *const *planes, size_t n_plane, size_t n, ek_arena *arena,
               int16_t *out)
{
    const size_t mark = arena->used;
    int16_t *const rows = EK_TAKE(arena, int16_t, (n_plane + 1) * LANES);
    for (size_t from = 0; from < n; from += LANES) {
        const size_t lanes = n - from < LANES ? n - from : LANES;
        for (size_t t = 0; t < n_plane; t++) {
            memcpy(rows + t * LANES, planes[t] + from, lanes * sizeof(int16_t));
            for (size_t l = lanes; l < LANES; l++) rows[t * LANES + l] = FILL;
        }
        sort_rows(rows, n_plane);
        pick(rows, n_plane, lanes, out + from);
    }
    arena->used = mark;
}
