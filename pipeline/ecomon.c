#include "pipeline/ecomon.h"

#include <math.h>
#include <time.h>

#include "pipeline/config/config.h"
#include "pipeline/demo/demo.h"
#include "pipeline/run/run.h"

void em_summary_release(em_summary *summary)
{
    em_str_release(&summary->text);
    em_str_release(&summary->folder);
}

em_status em_check(const em_request *request, em_list *faults, em_summary *summary, em_error *err)
{
    return em_run_check(request, faults, summary, err);
}

em_status em_run(const em_request *request, const em_listener *listener, em_list *faults,
                 em_summary *summary, em_error *err)
{
    return em_run_whole(request, listener, faults, summary, err);
}

em_status em_scan(const em_request *request, em_list *faults, em_summary *summary, em_error *err)
{
    return em_run_scan(request, faults, summary, err);
}

em_status em_train(const em_request *request, const char *model_path, const em_listener *listener,
                   em_list *faults, em_summary *summary, em_str *json, em_error *err)
{
    return em_run_train(request, model_path, listener, faults, summary, json, err);
}

em_status em_verify(const char *folder, bool deep, em_list *faults, em_summary *summary,
                    em_error *err)
{
    return em_run_verify(folder, deep, faults, summary, err);
}

em_status em_accuracy(const em_accuracy_options *options, em_summary *summary, em_str *json,
                      em_error *err)
{
    return em_run_accuracy(options, summary, json, err);
}

int em_decoder_main(void)
{
    return em_run_decoder();
}

/* One listener hears of each scene. */
typedef struct demo_ear {
    const em_listener *listener;
    struct timespec began;
} demo_ear;

static void tell_scene(void *user, int32_t done, int32_t of)
{
    const demo_ear *const ear = user;
    struct timespec now;
    if (!ear->listener || !ear->listener->progress) return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const em_progress progress = {.stage = "scenes",
                                  .done = done,
                                  .total = of,
                                  .seconds = (double)(now.tv_sec - ear->began.tv_sec) +
                                             1e-9 * (double)(now.tv_nsec - ear->began.tv_nsec)};
    ear->listener->progress(ear->listener->user, &progress);
}

em_status em_demo(const char *folder, const em_demo_options *o, const em_listener *listener,
                  em_summary *summary, em_error *err)
{
    if (o->width > INT32_MAX || o->height > INT32_MAX || o->dates > INT32_MAX ||
        o->years > INT32_MAX)
        return em_fail(err, EM_ECONFIG, "demo: a number is too large");
    const em_demo_settings settings = {
        .width = o->width ? (int32_t)o->width : EM_DEMO_WIDTH,
        .height = o->height ? (int32_t)o->height : EM_DEMO_HEIGHT,
        .dates = o->dates ? (int32_t)o->dates : EM_DEMO_DATES,
        .years = o->years ? (int32_t)o->years : 1,
        .seed = o->seed ? (uint64_t)o->seed : 1,
        .clouds = isnan(o->clouds) ? EM_DEMO_CLOUDS : o->clouds,
        .geotiff = o->geotiff,
    };
    demo_ear ear = {.listener = listener};
    clock_gettime(CLOCK_MONOTONIC, &ear.began);
    const em_status rc = em_demo_write(folder, &settings, tell_scene, &ear, err);
    if (rc != EM_OK) return rc;
    em_str_printf(&summary->text,
                  "made county in %s: %d scenes of %d x %d pixels, 14 towns, samples, truth\n"
                  "next: ecomon run %s/demo.yaml --job nightly\n",
                  folder, settings.dates * settings.years, settings.width, settings.height, folder);
    em_str_append(&summary->folder, folder);
    return em_str_check(&summary->text, err);
}

em_status em_config_reference(em_str *out, em_error *err)
{
    return em_schema_print_reference(out, err);
}

em_status em_config_json_schema(em_str *out, em_error *err)
{
    return em_schema_print_json(out, err);
}
