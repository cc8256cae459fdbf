#include "jobs/commands.h"
#include "jobs/console.h"
#include "jobs/request.h"
#include "pipeline/ecomon.h"

const job_option cmd_accuracy_options[] = {
    {"reference", 0, "RASTER", "True classes on the map's pixels."},
    {"points", 0, "FILE", "Or points or polygons with a class field."},
    {"layer", 0, "NAME", "Layer of that file, where it has several."},
    {"field", 0, "NAME", "Class field of that file; default: class."},
    {"codes", 0, "1=1,5=2", "What reference values mean; others are left out."},
    {"outside", 0, "POLYGONS", "Leave out what lies inside these polygons."},
    {"json", 0, NULL, "Print the figures as JSON."},
    {NULL, 0, NULL, NULL},
};

int cmd_accuracy(const job_args *args)
{
    em_listener listener;
    em_summary summary = {0};
    em_str json = {0};
    em_error err = {0};
    console_start(args, &listener);
    const em_accuracy_options options = {.map = args->operand[0],
                                         .reference = job_value(args, "reference"),
                                         .points = job_value(args, "points"),
                                         .layer = job_value(args, "layer"),
                                         .field = job_value(args, "field"),
                                         .codes = job_value(args, "codes"),
                                         .outside = job_value(args, "outside")};
    const em_status rc = em_accuracy(&options, &summary, &json, &err);
    return request_finish(rc, &err, NULL, &summary, &json, job_value(args, "json") != NULL);
}
