#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "jobs/commands.h"
#include "jobs/console.h"
#include "jobs/request.h"
#include "pipeline/ecomon.h"

const job_option cmd_demo_options[] = {
    {"size", 0, "WxH", "Pixels of 10 m, columns and rows; Rugao has 4670x5500."},
    {"dates", 0, "N", "Scenes per year."},
    {"years", 0, "N", "Years, the last one being that of the config."},
    {"seed", 0, "N", "Another number, another county."},
    {"clouds", 0, "SHARE", "Mean share of a scene under cloud, 0 to 0.9."},
    {"geotiff", 0, NULL, "One tiled GeoTIFF per date instead of SAFE folders."},
    {NULL, 0, NULL, NULL},
};

static bool parse_size(const char *text, em_demo_options *out)
{
    char width[32];
    const char *const x = text ? strchr(text, 'x') : NULL;
    if (!text) return true;
    if (x && (size_t)(x - text) < sizeof width) {
        memcpy(width, text, (size_t)(x - text));
        width[x - text] = '\0';
        if (em_parse_int(width, &out->width) && em_parse_int(x + 1, &out->height) &&
            out->width > 0 && out->height > 0)
            return true;
    }
    console_error("--size: expected WIDTHxHEIGHT in pixels, found \"%s\"", text);
    return false;
}

static bool parse_clouds(const char *text, double *out)
{
    if (!text) return true;
    if (em_parse_double(text, out) && *out >= 0 && *out <= 0.9) return true;
    console_error("--clouds: expected a share from 0 to 0.9, found \"%s\"", text);
    return false;
}

int cmd_demo(const job_args *args)
{
    em_listener listener;
    em_summary summary = {0};
    em_error err = {0};
    em_demo_options options = {.clouds = (double)NAN,
                               .geotiff = job_value(args, "geotiff") != NULL};
    long long numbers[3] = {0};
    console_start(args, &listener);
    if (!parse_size(job_value(args, "size"), &options) ||
        !parse_clouds(job_value(args, "clouds"), &options.clouds) ||
        !job_number(args, "dates", 1, &numbers[0]) || !job_number(args, "years", 1, &numbers[1]) ||
        !job_number(args, "seed", 1, &numbers[2]))
        return EM_ECONFIG;
    options.dates = numbers[0];
    options.years = numbers[1];
    options.seed = numbers[2];
    const em_status rc = em_demo(args->operand[0], &options, &listener, &summary, &err);
    return request_finish(rc, &err, NULL, &summary, NULL, false);
}
