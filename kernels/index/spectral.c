#include "kernels/index/spectral.h"

#include <math.h>
#include <string.h>

#include "kernels/base/clones.h"
#include "kernels/base/mathf.h"

#define FILL INT16_MIN
#define LOW  (-500) /* reflectance x 10^4: SPEC.md, validity */
#define HIGH 12000
#define TINY 1e-12 /* smaller denominators give no value */

static const char *const band_names[EK_BANDS] = {
    "blue", "green", "red", "rededge1", "rededge2", "rededge3", "nir", "nir08", "swir1", "swir2"};

const char *ek_band_name(ek_band band)
{
    return band_names[band];
}

int32_t ek_band_find(const char *name)
{
    for (int32_t b = 0; b < EK_BANDS; b++) {
        if (strcmp(band_names[b], name) == 0) return b;
    }
    return -1;
}

/* Letters of the formulas: B G R E(red edge 1) N S(swir 1) T(swir 2). */
typedef struct pixel {
    double b, g, r, e, n, s, t;
} pixel;

static inline double ratio(double num, double den)
{
    return fabs(den) < TINY ? (double)NAN : num / den;
}

/* SPEC.md eqs. 1-19, in the table's order. */
static inline double f_ndvi(const pixel *q)
{
    return ratio(q->n - q->r, q->n + q->r);
}
static inline double f_evi(const pixel *q)
{
    return ratio(2.5 * (q->n - q->r), q->n + 6 * q->r - 7.5 * q->b + 1);
}
static inline double f_evi2(const pixel *q)
{
    return ratio(2.5 * (q->n - q->r), q->n + 2.4 * q->r + 1);
}
static inline double f_savi(const pixel *q)
{
    return ratio(1.5 * (q->n - q->r), q->n + q->r + 0.5);
}
static inline double f_ndwi(const pixel *q)
{
    return ratio(q->g - q->n, q->g + q->n);
}
static inline double f_mndwi(const pixel *q)
{
    return ratio(q->g - q->s, q->g + q->s);
}
static inline double f_lswi(const pixel *q)
{
    return ratio(q->n - q->s, q->n + q->s);
}
static inline double f_ndbi(const pixel *q)
{
    return ratio(q->s - q->n, q->s + q->n);
}
static inline double f_bsi(const pixel *q)
{
    return ratio((q->s + q->r) - (q->n + q->b), (q->s + q->r) + (q->n + q->b));
}
static inline double f_awei_nsh(const pixel *q)
{
    return 4 * (q->g - q->s) - (0.25 * q->n + 2.75 * q->t);
}
static inline double f_awei_sh(const pixel *q)
{
    return q->b + 2.5 * q->g - 1.5 * (q->n + q->s) - 0.25 * q->t;
}
static inline double f_ibi(const pixel *q)
{
    const double built = ratio(2 * q->s, q->s + q->n);
    const double other = ratio(q->n, q->n + q->r) + ratio(q->g, q->g + q->s);
    return ratio(built - other, built + other);
}
static inline double f_ndbsi(const pixel *q)
{
    return (f_bsi(q) + f_ibi(q)) / 2;
}
static inline double f_sr(const pixel *q)
{
    return ratio(q->n, q->r);
}
static inline double f_kndvi(const pixel *q)
{
    const double v = f_ndvi(q);
    return ek_tanh(v * v);
}
static inline double f_nirv(const pixel *q)
{
    return f_ndvi(q) * q->n;
}
static inline double f_wi2015(const pixel *q)
{
    return 1.7204 + 171 * q->g + 3 * q->r - 70 * q->n - 45 * q->s - 71 * q->t;
}
static inline double f_ndti(const pixel *q)
{
    return ratio(q->r - q->g, q->r + q->g);
}
static inline double f_ndci(const pixel *q)
{
    return ratio(q->e - q->r, q->e + q->r);
}
static inline double f_nbr(const pixel *q)
{
    return ratio(q->n - q->t, q->n + q->t);
}
static inline double f_nbr2(const pixel *q)
{
    return ratio(q->s - q->t, q->s + q->t);
}

enum {
    B = 1 << EK_BLUE,
    G = 1 << EK_GREEN,
    R = 1 << EK_RED,
    E = 1 << EK_REDEDGE1,
    N = 1 << EK_NIR,
    S = 1 << EK_SWIR1,
    T = 1 << EK_SWIR2
};

/* name, bands, stored scale, title, formula, source */
#define INDEX_TABLE(X)                                                                             \
    X(ndvi, N | R, 1e4, "Normalized difference vegetation index", "(N-R)/(N+R)",                   \
      "Rouse et al. 1974")                                                                         \
    X(evi, N | R | B, 1e4, "Enhanced vegetation index", "2.5(N-R)/(N+6R-7.5B+1)",                  \
      "Huete et al. 2002")                                                                         \
    X(evi2, N | R, 1e4, "Two-band enhanced vegetation index", "2.5(N-R)/(N+2.4R+1)",               \
      "Jiang et al. 2008")                                                                         \
    X(savi, N | R, 1e4, "Soil-adjusted vegetation index", "1.5(N-R)/(N+R+0.5)", "Huete 1988")      \
    X(ndwi, G | N, 1e4, "Normalized difference water index", "(G-N)/(G+N)", "McFeeters 1996")      \
    X(mndwi, G | S, 1e4, "Modified normalized difference water index", "(G-S1)/(G+S1)", "Xu 2006") \
    X(lswi, N | S, 1e4, "Land surface water index", "(N-S1)/(N+S1)", "Xiao et al. 2004")           \
    X(ndbi, S | N, 1e4, "Normalized difference built-up index", "(S1-N)/(S1+N)",                   \
      "Zha et al. 2003")                                                                           \
    X(bsi, B | R | N | S, 1e4, "Bare soil index", "((S1+R)-(N+B))/((S1+R)+(N+B))",                 \
      "Rikimaru et al. 2002")                                                                      \
    X(awei_nsh, G | N | S | T, 4e3, "Automated water extraction index, no shadow",                 \
      "4(G-S1)-(0.25N+2.75S2)", "Feyisa et al. 2014")                                              \
    X(awei_sh, B | G | N | S | T, 4e3, "Automated water extraction index, shadow",                 \
      "B+2.5G-1.5(N+S1)-0.25S2", "Feyisa et al. 2014")                                             \
    X(ibi, G | R | N | S, 1e4, "Index-based built-up index, band ratios",                          \
      "(2S1/(S1+N)-(N/(N+R)+G/(G+S1)))/(2S1/(S1+N)+(N/(N+R)+G/(G+S1)))", "Xu 2008")                \
    X(ndbsi, B | G | R | N | S, 1e4, "Normalized difference built-up and soil index",              \
      "(BSI+IBI)/2", "Hu and Xu 2018")                                                             \
    X(sr, N | R, 1e3, "Simple ratio", "N/R", "Jordan 1969")                                        \
    X(kndvi, N | R, 1e4, "Kernel NDVI", "tanh(NDVI^2)", "Camps-Valls et al. 2021")                 \
    X(nirv, N | R, 1e4, "Near-infrared reflectance of vegetation", "NDVI*N",                       \
      "Badgley et al. 2017")                                                                       \
    X(wi2015, G | R | N | S | T, 1e2, "Water index 2015", "1.7204+171G+3R-70N-45S1-71S2",          \
      "Fisher et al. 2016")                                                                        \
    X(ndti, R | G, 1e4, "Normalized difference turbidity index", "(R-G)/(R+G)",                    \
      "Lacaux et al. 2007")                                                                        \
    X(ndci, E | R, 1e4, "Normalized difference chlorophyll index", "(RE1-R)/(RE1+R)",              \
      "Mishra and Mishra 2012")                                                                    \
    X(nbr, N | T, 1e4, "Normalized burn ratio", "(N-S2)/(N+S2)", "Key and Benson 2006")            \
    X(nbr2, S | T, 1e4, "Normalized burn ratio 2", "(S1-S2)/(S1+S2)", "Garcia and Caselles 1991")

static inline int in_range(int v)
{
    return (v >= LOW) & (v <= HIGH);
}

/* Loops over a plane: doubles inside, so that the stored value is that of ek_index_value rounded.
 * Bands that the index does not need are never loaded: `need` is a constant in each copy. */
#define LOAD(letter, role) (double)((need & (1 << (role))) ? band[role][i] : 0) * 1e-4
#define GOOD(role)         ((need & (1 << (role))) ? in_range(band[role][i]) : 1)
#define THERE(role)        ((need & (1 << (role))) ? band[role][i] != FILL : 1)
#define PLANE(name, bands_needed, scale_by, title, formula, source)                                \
    EK_CLONES static int64_t plane_##name(const int16_t *const *band, size_t n,                    \
                                          int16_t *restrict out)                                   \
    {                                                                                              \
        enum { need = (bands_needed) };                                                            \
        int64_t fail = 0;                                                                          \
        for (size_t i = 0; i < n; i++) {                                                           \
            const pixel q = {LOAD(b, EK_BLUE),     LOAD(g, EK_GREEN), LOAD(r, EK_RED),             \
                             LOAD(e, EK_REDEDGE1), LOAD(n, EK_NIR),   LOAD(s, EK_SWIR1),           \
                             LOAD(t, EK_SWIR2)};                                                   \
            const int good = GOOD(EK_BLUE) & GOOD(EK_GREEN) & GOOD(EK_RED) & GOOD(EK_REDEDGE1) &   \
                             GOOD(EK_NIR) & GOOD(EK_SWIR1) & GOOD(EK_SWIR2);                       \
            const int there = THERE(EK_BLUE) & THERE(EK_GREEN) & THERE(EK_RED) &                   \
                              THERE(EK_REDEDGE1) & THERE(EK_NIR) & THERE(EK_SWIR1) &               \
                              THERE(EK_SWIR2);                                                     \
            const double v = f_##name(&q) * (scale_by);                                            \
            const double c = v > 32767 ? 32767 : v < -32767 ? -32767 : v;                          \
            const double h = c + (c >= 0 ? 0.5 : -0.5);                                            \
            const int ok = good & (v == v);                                                        \
            out[i] = (int16_t)(ok ? (int)(ok ? h : 0) : FILL);                                     \
            fail += there & !good;                                                                 \
        }                                                                                          \
        return fail;                                                                               \
    }
INDEX_TABLE(PLANE)

typedef struct row {
    const char *name;
    int need;
    double scale;
    const char *title, *formula, *source;
    double (*value)(const pixel *q);
    int64_t (*plane)(const int16_t *const *band, size_t n, int16_t *restrict out);
} row;

#define ROW(name, need, scale, title, formula, source)                                             \
    {#name, need, scale, title, formula, source, f_##name, plane_##name},
static const row rows[] = {INDEX_TABLE(ROW)};
enum { N_INDEX = sizeof rows / sizeof *rows };

int32_t ek_index_count(void)
{
    return N_INDEX;
}

const char *ek_index_name(int32_t index)
{
    return rows[index].name;
}

const char *ek_index_title(int32_t index)
{
    return rows[index].title;
}

const char *ek_index_formula(int32_t index)
{
    return rows[index].formula;
}

const char *ek_index_source(int32_t index)
{
    return rows[index].source;
}

int32_t ek_index_find(const char *name)
{
    for (int32_t i = 0; i < N_INDEX; i++) {
        if (strcmp(rows[i].name, name) == 0) return i;
    }
    return -1;
}

bool ek_index_needs(int32_t index, ek_band band)
{
    return (rows[index].need >> band) & 1;
}

double ek_index_scale(int32_t index)
{
    return rows[index].scale;
}

double ek_index_value(int32_t index, const double reflectance[EK_BANDS])
{
    for (int32_t b = 0; b < EK_BANDS; b++) {
        if (!ek_index_needs(index, (ek_band)b)) continue;
        if (!(reflectance[b] >= -0.05 && reflectance[b] <= 1.2)) return (double)NAN;
    }
    const pixel q = {reflectance[EK_BLUE],     reflectance[EK_GREEN], reflectance[EK_RED],
                     reflectance[EK_REDEDGE1], reflectance[EK_NIR],   reflectance[EK_SWIR1],
                     reflectance[EK_SWIR2]};
    return rows[index].value(&q);
}

void ek_index_plane(int32_t index, const int16_t *const bands[EK_BANDS], size_t n, int16_t *out,
                    int64_t *range_fail)
{
    *range_fail += rows[index].plane(bands, n, out);
}
