/* The true area of pixels (geo.h: em_pixel_area). */
#include <math.h>
#include <proj.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/str.h"
#include "pipeline/io/crs.h"
#include "pipeline/io/geo.h"

#define STEP 64 /* pixels between two points of the lattice */

/* Abscissae and weights of Gauss-Legendre on -1 .. 1 with five points (Abramowitz and Stegun
 * 25.4.30): exact to double precision for bands of a degree, and free of the cancellation that a
 * difference of two zone areas has. */
static const double gauss_x[5] = {-0.906179845938664, -0.538469310105683, 0, 0.538469310105683,
                                  0.906179845938664};
static const double gauss_w[5] = {0.236926885056189, 0.478628670499366, 0.568888888888889,
                                  0.478628670499366, 0.236926885056189};

/* Area per radian of longitude between two latitudes (radians):
 * integral of a^2 (1 - e2) cos(phi) / (1 - e2 sin^2 phi)^2 (Snyder 1987, eq. 3-10 before
 * integration). */
static double band(double a, double f, double south, double north)
{
    const double e2 = f * (2 - f);
    const double pole = 1.57079632679489661923;
    const double lo = south < -pole ? -pole : south;
    const double hi = north > pole ? pole : north;
    if (!(hi > lo)) return 0;
    double sum = 0;
    for (int i = 0; i < 5; i++) {
        const double phi = (lo + hi) / 2 + (hi - lo) / 2 * gauss_x[i];
        const double s = sin(phi);
        const double d = 1 - e2 * s * s;
        sum += gauss_w[i] * cos(phi) / (d * d);
    }
    return a * a * (1 - e2) * sum * (hi - lo) / 2;
}

static em_status geographic_area(const em_grid *grid, em_rect rect, double radians, double *out,
                                 em_error *err)
{
    double a = 0;
    double f = 0;
    const em_status rc = em_crs_ellipsoid(grid->crs, &a, &f, err);
    if (rc != EM_OK) return rc;
    const int64_t w = rect.x1 - rect.x0;
    for (int64_t r = rect.y0; r < rect.y1; r++) {
        const double north = grid->ay - (double)r * grid->px;
        const double south = grid->ay - (double)(r + 1) * grid->px;
        const double area = band(a, f, south * radians, north * radians) * grid->px * radians;
        for (int64_t c = 0; c < w; c++) out[(r - rect.y0) * w + c] = area;
    }
    return EM_OK;
}

/* The projection of a CRS alone, without datum or axis order, for which PROJ gives scale factors in
 * microseconds (on the CRS itself it takes ten milliseconds a point, and gets those with feet or
 * northing-first axes wrong). Takes radians forward, gives CRS units. */
static em_status plain_projection(PJ_CONTEXT *ctx, PJ *crs, PJ **out, em_error *err)
{
    const char *const text = proj_as_proj_string(ctx, crs, PJ_PROJ_4, NULL);
    char *plain = NULL;
    *out = NULL;
    if (text) {
        const em_status rc = em_strdup(text, &plain, err);
        if (rc != EM_OK) return rc;
        char *const typed = strstr(plain, "+type=crs");
        if (typed) memset(typed, ' ', strlen("+type=crs"));
        *out = proj_create(ctx, plain);
        em_free(plain);
    }
    return *out ? EM_OK
                : em_fail(err, EM_EINPUT, "%.100s: PROJ knows no plain projection of this system",
                          proj_get_name(crs));
}

/* True area over cell area at each point of the lattice: nodes [ny][nx], the first at column i0,
 * row j0 of the lattice. */
static em_status lattice(const em_grid *grid, PJ *projection, int64_t i0, int64_t j0, size_t nx,
                         size_t ny, double *nodes, em_error *err)
{
    for (size_t k = 0; k < nx * ny; k++) {
        double x = 0;
        double y = 0;
        em_grid_to_crs(grid, (double)(i0 + (int64_t)(k % nx)) * STEP,
                       (double)(j0 + (int64_t)(k / nx)) * STEP, &x, &y);
        proj_errno_reset(projection);
        const PJ_COORD at = proj_trans(projection, PJ_INV, proj_coord(x, y, 0, 0));
        const PJ_FACTORS scale = proj_factors(projection, at);
        if (!isfinite(at.lp.lam) || !(scale.areal_scale > 0) || !isfinite(scale.areal_scale)) {
            return em_fail(err, EM_EINPUT, "%.100s has no areal scale at %.9g, %.9g", grid->crs, x,
                           y);
        }
        nodes[k] = 1 / scale.areal_scale;
    }
    return EM_OK;
}

static em_status projected_area(const em_grid *grid, PJ_CONTEXT *ctx, PJ *crs, em_rect rect,
                                double unit_m, double *out, em_error *err)
{
    em_status rc = EM_OK;
    double *nodes = NULL;
    PJ *projection = NULL;
    const int64_t i0 = em_floor_div(rect.x0, STEP);
    const int64_t j0 = em_floor_div(rect.y0, STEP);
    const size_t nx = (size_t)(em_floor_div(rect.x1 - 1, STEP) + 2 - i0);
    const size_t ny = (size_t)(em_floor_div(rect.y1 - 1, STEP) + 2 - j0);
    size_t n = 0;
    EM_TRY(em_size_mul(nx, ny, "pixel area lattice", &n, err));
    EM_TRY(em_calloc(n, sizeof *nodes, "pixel area lattice", &nodes, err));
    EM_TRY(plain_projection(ctx, crs, &projection, err));
    EM_TRY(lattice(grid, projection, i0, j0, nx, ny, nodes, err));
    const double side = grid->px * unit_m;
    const double cell = side * side;
    for (int64_t r = rect.y0; r < rect.y1; r++) {
        const int64_t j = em_floor_div(r, STEP);
        const double v = ((double)(r - j * STEP) + 0.5) / STEP;
        const double *const top = nodes + (size_t)(j - j0) * nx;
        const double *const bottom = top + nx;
        double *const row = out + (r - rect.y0) * (rect.x1 - rect.x0);
        for (int64_t c = rect.x0; c < rect.x1; c++) {
            const int64_t i = em_floor_div(c, STEP);
            const double u = ((double)(c - i * STEP) + 0.5) / STEP;
            const size_t k = (size_t)(i - i0);
            const double above = top[k] + u * (top[k + 1] - top[k]);
            const double below = bottom[k] + u * (bottom[k + 1] - bottom[k]);
            row[c - rect.x0] = cell * (above + v * (below - above));
        }
    }
done:
    proj_destroy(projection);
    em_free(nodes);
    return rc;
}

em_status em_pixel_area(const em_grid *grid, em_rect rect, double *out, em_error *err)
{
    em_status rc = EM_OK;
    PJ_CONTEXT *ctx = NULL;
    PJ *crs = NULL;
    if (em_rect_empty(rect)) return EM_OK;
    EM_TRY(em_proj_context(&ctx, err));
    EM_TRY(em_proj_crs(ctx, grid->crs, &crs, err));
    if (proj_get_type(crs) == PJ_TYPE_BOUND_CRS) {
        PJ *const inner = proj_get_source_crs(ctx, crs);
        proj_destroy(crs);
        crs = inner;
    }
    bool geographic = false;
    EM_TRY(em_crs_is_geographic(grid->crs, &geographic, err));
    double unit = 0;
    EM_TRY(em_proj_axis_unit(ctx, crs, &unit, err));
    if (geographic)
        EM_TRY(geographic_area(grid, rect, unit, out, err));
    else
        EM_TRY(projected_area(grid, ctx, crs, rect, unit, out, err));
done:
    proj_destroy(crs);
    proj_context_destroy(ctx);
    return rc;
}
