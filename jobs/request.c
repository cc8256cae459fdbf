#include "jobs/request.h"

#include <stdio.h>
#include <string.h>

#include "jobs/console.h"

/* "W,S,E,N" in degrees. */
static bool parse_bbox(const char *text, double out[4])
{
    char part[64];
    for (int i = 0; i < 4; i++) {
        const size_t n = strcspn(text, ",");
        if (n >= sizeof part || (text[n] == ',') != (i < 3)) return false;
        snprintf(part, sizeof part, "%.*s", (int)n, text);
        if (!em_parse_double(part, &out[i])) return false;
        text += n + (i < 3);
    }
    return out[0] >= -180 && out[2] <= 180 && out[1] >= -90 && out[3] <= 90 && out[0] < out[2] &&
           out[1] < out[3];
}

bool request_fill(const job_args *args, em_request *out)
{
    long long threads = 0;
    const char *const bbox = job_value(args, "bbox");
    *out = (em_request){.config = args->operand[0],
                        .job = job_value(args, "job"),
                        .period = job_value(args, "period"),
                        .unit = job_value(args, "unit"),
                        .reason = job_value(args, "reason"),
                        .dry_run = job_value(args, "dry-run") != NULL};
    if (!job_number(args, "threads", 1, &threads)) return false;
    out->threads = threads;
    if (!bbox) return true;
    out->has_bbox = parse_bbox(bbox, out->bbox);
    if (!out->has_bbox)
        console_error("--bbox: expected WEST,SOUTH,EAST,NORTH in degrees, found \"%s\"", bbox);
    return out->has_bbox;
}

static bool told_already(const em_list *faults, const em_error *err)
{
    for (size_t i = 0; i < faults->n; i++) {
        if (strcmp(faults->items[i], err->text) == 0) return true;
    }
    return false;
}

int request_finish(em_status rc, const em_error *err, em_list *faults, em_summary *summary,
                   em_str *json, bool want_json)
{
    const char *const text = em_str_text(want_json && json ? json : &summary->text);
    int code = rc;
    console_end();
    if (text[0] && console_print(text) != EM_OK) code = em_worst(rc, EM_EENV);
    if (faults) console_lines(faults);
    if (rc != EM_OK && !(faults && told_already(faults, err))) console_error("%s", err->text);
    if (faults) em_list_release(faults);
    if (json) em_str_release(json);
    em_summary_release(summary);
    return code;
}
