#include "pipeline/run/choose_grid.h"

#include <math.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/io/geo.h"

bool em_scene_meets(const em_scene *scene, const double bounds[4])
{
    double box[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (int32_t i = 0; i < scene->n_ring; i++) {
        box[0] = fmin(box[0], scene->ring[i][0]);
        box[1] = fmin(box[1], scene->ring[i][1]);
        box[2] = fmax(box[2], scene->ring[i][0]);
        box[3] = fmax(box[3], scene->ring[i][1]);
    }
    return box[0] <= bounds[2] && box[2] >= bounds[0] && box[1] <= bounds[3] && box[3] >= bounds[1];
}

static size_t count_crs(const em_catalogue *catalogue, const double bounds[4], const char *crs)
{
    size_t n = 0;
    for (size_t i = 0; i < catalogue->n; i++) {
        const em_scene *const s = &catalogue->scenes[i];
        n += em_scene_meets(s, bounds) && strcmp(s->crs, crs) == 0;
    }
    return n;
}

/* The CRS of most scenes; NULL where none meets the bounds. */
static const char *common_crs(const em_catalogue *catalogue, const double bounds[4], size_t *n_with,
                              size_t *n_met)
{
    const char *best = NULL;
    *n_with = 0;
    *n_met = 0;
    for (size_t i = 0; i < catalogue->n; i++) {
        const em_scene *const s = &catalogue->scenes[i];
        if (!em_scene_meets(s, bounds)) continue;
        (*n_met)++;
        const size_t n = count_crs(catalogue, bounds, s->crs);
        if (n > *n_with || (n == *n_with && best && strcmp(s->crs, best) < 0)) {
            best = s->crs;
            *n_with = n;
        }
    }
    return best;
}

static double finest_pixel(const em_scene *scene)
{
    double px = INFINITY;
    for (int32_t b = 0; b < scene->n_band; b++) px = fmin(px, scene->bands[b].pixel);
    return px;
}

/* The first scene in this CRS whose finest pixel is the finest of all. */
static const em_scene *lattice_scene(const em_catalogue *catalogue, const double bounds[4],
                                     const char *crs)
{
    const em_scene *best = NULL;
    for (size_t i = 0; i < catalogue->n; i++) {
        const em_scene *const s = &catalogue->scenes[i];
        if (!em_scene_meets(s, bounds) || strcmp(s->crs, crs) != 0) continue;
        if (!best || finest_pixel(s) < finest_pixel(best)) best = s;
    }
    return best;
}

static double wrap(double at, double step)
{
    const double rest = at - step * floor(at / step);
    const double near = rint(rest / step * 1e6) / 1e6; /* a corner a hair below a step is on it */
    return near >= 1 ? 0 : rest;
}

/* Anchor so that bands of px and of 2 px both lie on the lattice. */
static void anchor_on(const em_scene *scene, double px, double *ax, double *ay)
{
    double coarse = px;
    for (int32_t b = 0; b < scene->n_band; b++) {
        if (fabs(scene->bands[b].pixel / px - 2) < 1e-6) coarse = 2 * px;
    }
    *ax = wrap(scene->x0, coarse);
    *ay = wrap(scene->y0, coarse);
}

em_status em_choose_grid(const em_config_grid *config, const em_catalogue *catalogue,
                         const double bounds[4], em_grid *out, em_list *notes, em_error *err)
{
    em_status rc = EM_OK;
    size_t n_with = 0;
    size_t n_met = 0;
    char *crs = NULL;
    double ax = 0;
    double ay = 0;
    const char *const common = common_crs(catalogue, bounds, &n_with, &n_met);
    if (!common) {
        return em_fail(err, EM_EINPUT,
                       "none of the %zu scenes touches the units (%.4f to %.4f E, %.4f to %.4f N)",
                       catalogue->n, bounds[0], bounds[2], bounds[1], bounds[3]);
    }
    if (config->crs) {
        EM_TRY(em_crs_canonical(config->crs, &crs, err));
    } else {
        EM_TRY(em_strdup(common, &crs, err));
        if (n_with < n_met) {
            em_str note = {0};
            em_str_printf(&note,
                          "scenes come in several CRSs; %s, of %zu of %zu scenes, is the grid's: "
                          "set grid.crs to keep it so",
                          crs, n_with, n_met);
            rc = em_str_check(&note, err);
            if (rc == EM_OK) rc = em_list_add(notes, note.data, err);
            em_str_release(&note);
            if (rc != EM_OK) goto done;
        }
    }
    const em_scene *const scene = lattice_scene(catalogue, bounds, crs);
    const double px = config->pixel > 0 ? config->pixel : scene ? finest_pixel(scene) : NAN;
    if (isnan(px)) {
        rc = em_fail(
            err, EM_ECONFIG,
            "grid.pixel is needed: no scene is in the grid's CRS %s, whose pixel could be taken",
            crs);
        goto done;
    }
    if (scene) anchor_on(scene, px, &ax, &ay);
    rc = em_grid_init(out, crs, px, ax, ay, (int32_t)config->tile, err);
done:
    em_free(crs);
    return rc;
}
