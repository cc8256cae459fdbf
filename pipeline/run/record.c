/* run.json: the part of a run that is not the same twice. */
#include <pwd.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "pipeline/base/date.h"
#include "pipeline/base/memory.h"
#include "pipeline/run/describe.h"

static const char *user_name(void)
{
    const struct passwd *const user = getpwuid(geteuid());
    return user ? user->pw_name : "";
}

/* Largest resident size of this process and of its largest child, MiB. */
static double peak_mb(int who)
{
    struct rusage use = {0};
    getrusage((__rusage_who_t)who, &use);
    return (double)use.ru_maxrss / 1024;
}

static json_t *failures_of(const em_session *s)
{
    json_t *const list = json_array();
    for (size_t i = 0; i < s->n_failure; i++) {
        const em_failure *const f = &s->failures[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:b}", "kind", f->kind, "what",
                                              f->what, "why", f->why, "counts", f->counts));
    }
    return list;
}

static json_t *notes_of(const em_session *s)
{
    json_t *const list = json_array();
    for (size_t i = 0; i < s->notes.n; i++)
        json_array_append_new(list, json_string(s->notes.items[i]));
    return list;
}

static json_t *scenes_of(const em_session *s)
{
    size_t usable = 0;
    for (size_t i = 0; i < s->plan.n_scene; i++) usable += s->plan.scenes[i].state == EM_SCENE_OK;
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "of_period", (json_int_t)s->plan.n_scene,
                     "usable", (json_int_t)usable, "ingested_now", (json_int_t)s->n_ingested,
                     "of_other_times", (json_int_t)s->plan.n_out_of_period, "elsewhere",
                     (json_int_t)s->plan.n_out_of_region);
}

em_status em_describe_record(const em_session *s, const em_publication *publication,
                             em_status status, const char *error, json_t **out, em_error *err)
{
    char began[32];
    char ended[32];
    char host[256] = "";
    em_time_print(s->began, began);
    em_time_print((int64_t)time(NULL), ended);
    gethostname(host, sizeof host - 1);
    *out = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:f, s:s, s:s, s:i, s:i, s:s, s:i, s:s, s:s, s:o, s:o, s:o, "
        "s:f, "
        "s:f}",
        "run_id", publication ? publication->run_id : "", "published",
        publication ? em_str_text(&publication->folder) : "", "software", "ecomon " ECOMON_VERSION,
        "began", began, "ended", ended, "seconds", em_tell_seconds(&s->tell), "host", host, "user",
        user_name(), "pid", (int)getpid(), "threads", s->threads, "reason",
        s->request->reason ? s->request->reason : "", "exit_code", (int)status, "error",
        error ? error : "", "config", s->inputs.config.file ? s->inputs.config.file : "", "scenes",
        scenes_of(s), "failures", failures_of(s), "notes", notes_of(s), "peak_mb",
        peak_mb(RUSAGE_SELF), "peak_child_mb", peak_mb(RUSAGE_CHILDREN));
    return *out ? EM_OK : em_fail(err, EM_EENV, "run.json: memory refused");
}
