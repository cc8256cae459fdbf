#include "pipeline/run/inputs.h"

#include <math.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/io/geo.h"
#include "pipeline/run/choose_grid.h"
#include "pipeline/run/sample_pixels.h"

/* Keeps looking for faults in other parts: *worst is the first bad result, later ones only add
 * their line. */
static void gather(em_status rc, em_list *faults, em_status *worst, em_error *first,
                   const em_error *now)
{
    if (rc == EM_OK) return;
    em_error lost;
    if (em_list_add(faults, now->text, &lost) != EM_OK || *worst == EM_OK) *first = *now;
    first->status = rc;
    *worst = em_worst(*worst, rc);
}

em_status em_inputs_scan(const em_request *request, em_list *faults, em_inputs *out, em_error *err)
{
    em_status rc = EM_OK;
    *out = (em_inputs){0};
    EM_TRY(em_config_read(request->config, request->job, &out->config, faults, err));
    EM_TRY(em_geo_start(err));
    EM_TRY(em_catalogue_scan(out->config.sources, out->config.n_source, &out->catalogue, err));
done:
    if (rc != EM_OK) em_inputs_release(out);
    return rc;
}

/* The bands that every source delivers: ten for Sentinel-2, the band map's for a GeoTIFF stack. */
static void find_roles(em_inputs *in)
{
    for (int32_t r = 0; r < EK_BANDS; r++) {
        bool everywhere = true;
        for (size_t s = 0; s < in->config.n_source; s++) {
            const em_config_source *const source = &in->config.sources[s];
            bool here = source->n_band == 0;
            for (size_t b = 0; b < source->n_band && !here; b++) {
                here = strcmp(source->bands[b].role, ek_band_name((ek_band)r)) == 0;
            }
            everywhere = everywhere && here;
        }
        if (everywhere) in->roles[in->n_role++] = (ek_band)r;
    }
}

static em_status layers_of(const em_config *config, em_units_layer **out, em_error *err)
{
    em_units_layer *layers = NULL;
    const em_status rc = em_calloc(config->n_layer, sizeof *layers, "unit layers", &layers, err);
    if (rc != EM_OK) return rc;
    for (size_t i = 0; i < config->n_layer; i++) {
        const em_config_layer *const l = &config->layers[i];
        layers[i] = (em_units_layer){.path = l->path,
                                     .layer = l->layer,
                                     .code = l->code,
                                     .name = l->name,
                                     .parent = l->parent,
                                     .type = l->type,
                                     .code_system = l->code_system,
                                     .encoding = l->encoding,
                                     .default_parent =
                                         strcmp(l->type, "town") == 0 ? config->county.code : ""};
    }
    *out = layers;
    return EM_OK;
}

static em_status read_period(const em_request *request, em_inputs *in, em_error *err)
{
    int32_t newest = INT32_MIN;
    for (size_t i = 0; i < in->catalogue.n; i++) {
        if (in->catalogue.scenes[i].day > newest) newest = in->catalogue.scenes[i].day;
    }
    return em_period_parse(request->period ? request->period : in->config.period, newest,
                           &in->period, err);
}

static em_status read_vectors(em_inputs *in, em_error *err)
{
    em_status rc = EM_OK;
    em_units_layer *layers = NULL;
    em_units_check check = {.overlap_tolerance_m2 = in->config.overlap_tolerance_m2};
    memcpy(check.expected_bbox, in->config.expected_bbox, sizeof check.expected_bbox);
    EM_TRY(layers_of(&in->config, &layers, err));
    EM_TRY(em_units_bounds(layers, in->config.n_layer, in->bounds, err));
    if (in->catalogue.n == 0) goto done; /* without a scene there is no grid to put units on */
    EM_TRY(
        em_choose_grid(&in->config.grid, &in->catalogue, in->bounds, &in->grid, &in->notes, err));
    EM_TRY(em_units_read(layers, in->config.n_layer, &check, &in->grid, &in->units, err));
    if (in->config.samples.path) {
        const em_config_samples *const s = &in->config.samples;
        const em_samples_source source = {
            .path = s->path, .layer = s->layer, .field = s->field, .crs = s->crs};
        EM_TRY(em_samples_read(&source, &in->grid, &in->samples, err));
        EM_TRY(em_sample_classes_check(s, &in->samples, err));
    }
done:
    em_free(layers);
    return rc;
}

em_status em_inputs_read(const em_request *request, em_list *faults, em_inputs *out, em_error *err)
{
    em_error first = {0};
    em_error now = {0};
    em_status worst = EM_OK;
    em_status rc = em_inputs_scan(request, faults, out, err);
    if (rc != EM_OK) return rc;
    find_roles(out);
    rc = em_features_resolve(&out->config.features, out->roles, out->n_role, &out->features, &now);
    gather(rc, faults, &worst, &first, &now);
    if (out->catalogue.n == 0) {
        rc = em_fail(&now, EM_EINPUT,
                     "no usable scene in any of the sources of %s (%zu rejected%s%s)",
                     request->config, out->catalogue.n_rejected,
                     out->catalogue.n_rejected ? ", the first: " : "",
                     out->catalogue.n_rejected ? out->catalogue.rejected[0].why : "");
        gather(rc, faults, &worst, &first, &now);
    } else {
        gather(read_period(request, out, &now), faults, &worst, &first, &now);
    }
    gather(read_vectors(out, &now), faults, &worst, &first, &now);
    if (worst == EM_OK) return EM_OK;
    if (err) *err = first;
    em_inputs_release(out);
    return worst;
}

void em_inputs_release(em_inputs *inputs)
{
    em_features_release(&inputs->features);
    em_samples_release(&inputs->samples);
    em_units_release(&inputs->units);
    em_grid_release(&inputs->grid);
    em_catalogue_release(&inputs->catalogue);
    em_list_release(&inputs->notes);
    em_config_release(&inputs->config);
    *inputs = (em_inputs){0};
}
