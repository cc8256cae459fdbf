#include "pipeline/demo/towns.h"

#include <math.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/demo/noise.h"

#define COUNTY "320682"

/* The 14 towns of the county in the order of its rows, and villages of the first town on the river.
 */
static const char *const town_names[EM_DEMO_TOWNS][2] = {
    {"320682001000", "如城街道"}, {"320682103000", "东陈镇"}, {"320682104000", "丁堰镇"},
    {"320682105000", "白蒲镇"},   {"320682107000", "下原镇"}, {"320682400000", "城北街道"},
    {"320682401000", "城南街道"}, {"320682112000", "吴窑镇"}, {"320682113000", "江安镇"},
    {"320682116000", "搬经镇"},   {"320682117000", "磨头镇"}, {"320682111000", "长江镇"},
    {"320682110000", "石庄镇"},   {"320682108000", "九华镇"},
};
enum { RIVER_TOWN = 11 };
static const char *const village_names[EM_DEMO_VILLAGES][2] = {
    {"320682111002", "二案居委会"},   {"320682111003", "三洞口居委会"},
    {"320682111004", "永建居委会"},   {"320682111005", "永平居委会"},
    {"320682111006", "头案居委会"},   {"320682111007", "中心沙居委会"},
    {"320682111008", "二百亩居委会"}, {"320682111009", "海坝居委会"},
};

static const int in_row[] = {3, 4, 4, 3};
enum { ROWS = 4, STEPS = 4, PIECE = 1 << STEPS, MOST_BREAKS = 10 };

/* A line: points in order. */
typedef struct line {
    double xy[MOST_BREAKS * PIECE + 1][2];
    size_t n;
} line;

static double round_cm(double x)
{
    return floor(x * 100 + 0.5) / 100;
}

/* Adds a bent line from a to b, a included, b not: midpoints moved sideways by a share of their
 * piece's length. */
static void bend(uint64_t seed, int64_t id, const double a[2], const double b[2], double amount,
                 line *out)
{
    double xy[PIECE + 1][2];
    memcpy(xy[0], a, sizeof xy[0]);
    memcpy(xy[PIECE], b, sizeof xy[0]);
    for (int step = PIECE; step > 1; step /= 2) {
        for (int i = 0; i < PIECE; i += step) {
            const double *const p = xy[i];
            const double *const q = xy[i + step];
            const double off = amount * em_draw_normal(seed, id * PIECE + i, step);
            xy[i + step / 2][0] = (p[0] + q[0]) / 2 - off * (q[1] - p[1]);
            xy[i + step / 2][1] = (p[1] + q[1]) / 2 + off * (q[0] - p[0]);
        }
    }
    for (int i = 0; i < PIECE; i++) {
        out->xy[out->n][0] = i ? round_cm(xy[i][0]) : xy[i][0];
        out->xy[out->n++][1] = i ? round_cm(xy[i][1]) : xy[i][1];
    }
}

static void end_at(const double at[2], line *out)
{
    memcpy(out->xy[out->n++], at, sizeof out->xy[0]);
}

/* ---- the plan: breakpoints on the lines between rows ---- */

typedef struct plan {
    const em_world *world;
    uint64_t seed;
    double left, right, top, bottom;     /* of the county, CRS */
    double at[ROWS + 1][MOST_BREAKS][2]; /* breakpoints of each line, west to east */
    int n[ROWS + 1];
} plan;

/* Where the lines between the towns of a row stand, as a share of the width. */
static double share_of(int row, int k)
{
    return (double)k / in_row[row];
}

static void add_break(plan *p, int k, double share)
{
    for (int i = 0; i < p->n[k]; i++) {
        if (fabs(p->at[k][i][0] - share) < 1e-9) return;
    }
    p->at[k][p->n[k]++][0] = share;
}

static void sort_breaks(plan *p, int k)
{
    for (int i = 1; i < p->n[k]; i++) {
        for (int j = i; j > 0 && p->at[k][j][0] < p->at[k][j - 1][0]; j--) {
            const double swap = p->at[k][j][0];
            p->at[k][j][0] = p->at[k][j - 1][0];
            p->at[k][j - 1][0] = swap;
        }
    }
}

static void make_plan(const em_world *w, plan *p)
{
    *p = (plan){.world = w, .seed = w->seed * 53 + 11};
    p->left = EM_DEMO_X0 + 10 * (0.04 * w->width);
    p->right = EM_DEMO_X0 + 10 * (0.96 * w->width);
    p->top = EM_DEMO_Y0 - 10 * (0.04 * w->height);
    p->bottom = EM_DEMO_Y0 - 10 * (0.96 * w->height);
    for (int k = 0; k <= ROWS; k++) {
        for (int r = k - 1; r <= k; r++) {
            for (int c = 0; r >= 0 && r < ROWS && c <= in_row[r]; c++)
                add_break(p, k, share_of(r, c));
        }
        sort_breaks(p, k);
    }
    for (int k = 0; k <= ROWS; k++) {
        for (int i = 0; i < p->n[k]; i++) {
            const double share = p->at[k][i][0];
            const double jx = 0.02 * em_draw_normal(p->seed, k, 2 * i);
            const double jy = 0.02 * em_draw_normal(p->seed, k, 2 * i + 1);
            p->at[k][i][0] = round_cm(p->left + (p->right - p->left) * (share + 0.4 * jx));
            p->at[k][i][1] =
                round_cm(p->top + (p->bottom - p->top) * ((double)k / ROWS + 0.4 * jy));
        }
    }
}

/* Breakpoint of line k that belongs to the share. The x of a breakpoint stays near its share. */
static int break_at(const plan *p, int k, double share)
{
    int best = 0;
    double least = 1e300;
    for (int i = 0; i < p->n[k]; i++) {
        const double off = fabs(p->at[k][i][0] - (p->left + (p->right - p->left) * share));
        if (off < least) {
            least = off;
            best = i;
        }
    }
    return best;
}

/* ---- outlines ---- */

/* Edge between breakpoints i and i + 1 of line k. */
static void across(const plan *p, int k, int i, line *out)
{
    bend(p->seed + 1, k * MOST_BREAKS + i, p->at[k][i], p->at[k][i + 1], 0.05, out);
}

/* Edge between the towns c - 1 and c of a row, downwards. */
static void downwards(const plan *p, int row, int c, line *out)
{
    const double share = share_of(row, c);
    bend(p->seed + 2, row * MOST_BREAKS + c, p->at[row][break_at(p, row, share)],
         p->at[row + 1][break_at(p, row + 1, share)], 0.05, out);
}

static void append_back(const line *from, size_t begin, line *out)
{
    for (size_t i = from->n; i-- > begin;)
        memcpy(out->xy[out->n++], from->xy[i], sizeof out->xy[0]);
}

/* The four sides of a town, each from its first corner up to the next, corners included. */
typedef struct sides {
    line top, right, bottom, left; /* left to right and top to bottom */
} sides;

static void make_sides(const plan *p, int row, int c, sides *s)
{
    *s = (sides){.top.n = 0};
    for (int edge = 0; edge < 2; edge++) {
        const int k = row + edge;
        line *const l = edge ? &s->bottom : &s->top;
        const int from = break_at(p, k, share_of(row, c));
        const int to = break_at(p, k, share_of(row, c + 1));
        for (int i = from; i < to; i++) across(p, k, i, l);
        end_at(p->at[k][to], l);
    }
    downwards(p, row, c, &s->left);
    end_at(s->bottom.xy[0], &s->left);
    downwards(p, row, c + 1, &s->right);
    end_at(s->bottom.xy[s->bottom.n - 1], &s->right);
}

static em_status close_outline(const line *ring, const char *const name[2], const char *parent,
                               em_outline *out, em_error *err)
{
    *out = (em_outline){.code = name[0], .name = name[1], .parent = parent, .n = ring->n};
    const em_status rc = em_calloc(ring->n, sizeof *out->xy, "outline", &out->xy, err);
    if (rc == EM_OK) memcpy(out->xy, ring->xy, ring->n * sizeof *out->xy);
    return rc;
}

static em_status make_town(const plan *p, int row, int c, int town, sides *s, em_outline *out,
                           em_error *err)
{
    line ring = {.n = 0};
    make_sides(p, row, c, s);
    memcpy(ring.xy, s->top.xy, (s->top.n - 1) * sizeof *ring.xy);
    ring.n = s->top.n - 1;
    for (size_t i = 0; i + 1 < s->right.n; i++) end_at(s->right.xy[i], &ring);
    append_back(&s->bottom, 1, &ring);
    append_back(&s->left, 0, &ring);
    return close_outline(&ring, town_names[town], COUNTY, out, err);
}

/* ---- villages: a town cut into two rows of four ---- */

typedef struct cuts {
    const sides *s;
    size_t top[5], bottom[5]; /* vertices of the sides where columns begin */
    size_t left, right;       /* vertices where the middle line meets the sides */
    double middle[5][2];      /* corners on the middle line */
    line across[4], upper[5], lower[5];
} cuts;

static void make_cuts(const plan *p, const sides *s, cuts *c)
{
    *c = (cuts){.s = s, .left = s->left.n / 2, .right = s->right.n / 2};
    for (int k = 0; k < 5; k++) {
        c->top[k] = (s->top.n - 1) * (size_t)k / 4;
        c->bottom[k] = (s->bottom.n - 1) * (size_t)k / 4;
        for (int i = 0; i < 2; i++) {
            const double straight =
                s->left.xy[c->left][i] * (4 - k) / 4.0 + s->right.xy[c->right][i] * k / 4.0;
            const double between = (s->top.xy[c->top[k]][i] + s->bottom.xy[c->bottom[k]][i]) / 2;
            c->middle[k][i] = round_cm((straight + between) / 2);
        }
    }
    memcpy(c->middle[0], s->left.xy[c->left], sizeof c->middle[0]);
    memcpy(c->middle[4], s->right.xy[c->right], sizeof c->middle[0]);
    for (int k = 0; k < 4; k++)
        bend(p->seed + 3, k, c->middle[k], c->middle[k + 1], 0.04, &c->across[k]);
    for (int k = 1; k < 4; k++) {
        bend(p->seed + 4, k, s->top.xy[c->top[k]], c->middle[k], 0.04, &c->upper[k]);
        bend(p->seed + 5, k, c->middle[k], s->bottom.xy[c->bottom[k]], 0.04, &c->lower[k]);
    }
    for (size_t i = 0; i < c->left; i++) end_at(s->left.xy[i], &c->upper[0]);
    for (size_t i = c->left; i + 1 < s->left.n; i++) end_at(s->left.xy[i], &c->lower[0]);
    for (size_t i = 0; i < c->right; i++) end_at(s->right.xy[i], &c->upper[4]);
    for (size_t i = c->right; i + 1 < s->right.n; i++) end_at(s->right.xy[i], &c->lower[4]);
}

static void copy_part(const line *from, size_t a, size_t b, line *out)
{
    for (size_t i = a; i < b; i++) end_at(from->xy[i], out);
}

static em_status make_village(const cuts *c, int row, int k, em_outline *out, em_error *err)
{
    line ring = {.n = 0};
    const line *const right = row ? &c->lower[k + 1] : &c->upper[k + 1];
    const line *const left = row ? &c->lower[k] : &c->upper[k];
    if (row == 0) {
        copy_part(&c->s->top, c->top[k], c->top[k + 1], &ring);
    } else {
        copy_part(&c->across[k], 0, c->across[k].n, &ring);
    }
    copy_part(right, 0, right->n, &ring);
    if (row == 0) {
        end_at(c->middle[k + 1], &ring);
        append_back(&c->across[k], 0, &ring);
    } else {
        for (size_t i = c->bottom[k + 1] + 1; i-- > c->bottom[k];)
            end_at(c->s->bottom.xy[i], &ring);
    }
    append_back(left, 0, &ring);
    return close_outline(&ring, village_names[4 * row + k], town_names[RIVER_TOWN][0], out, err);
}

static em_status make_villages(const plan *p, const sides *s, em_county *out, em_error *err)
{
    cuts *c = NULL;
    em_status rc = em_calloc(1, sizeof *c, "villages", &c, err);
    if (rc == EM_OK) make_cuts(p, s, c);
    for (int v = 0; v < EM_DEMO_VILLAGES && rc == EM_OK; v++)
        rc = make_village(c, v / 4, v % 4, &out->villages[v], err);
    em_free(c);
    return rc;
}

em_status em_county_make(const em_world *world, em_county *out, em_error *err)
{
    em_status rc = EM_OK;
    plan p;
    sides *s = NULL;
    int town = 0;
    *out = (em_county){0};
    make_plan(world, &p);
    EM_TRY(em_calloc(1, sizeof *s, "outlines", &s, err));
    for (int r = 0; r < ROWS; r++) {
        for (int c = 0; c < in_row[r]; c++, town++) {
            EM_TRY(make_town(&p, r, c, town, s, &out->towns[town], err));
            if (town == RIVER_TOWN) EM_TRY(make_villages(&p, s, out, err));
        }
    }
done:
    em_free(s);
    if (rc != EM_OK) em_county_release(out);
    return rc;
}

void em_county_release(em_county *county)
{
    for (int t = 0; t < EM_DEMO_TOWNS; t++) em_free(county->towns[t].xy);
    for (int v = 0; v < EM_DEMO_VILLAGES; v++) em_free(county->villages[v].xy);
    *county = (em_county){0};
}
