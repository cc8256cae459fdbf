/* run.json: the part of a run that is not the same twice. */
#include <pwd.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "pipeline/base/date.h"
#include "pipeline/base/memory.h"
#include "pipeline/publish/manifest.h"
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
        json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:b}", "kind", f->kind, "what",
                                              em_json_text(f->what), "why", em_json_text(f->why),
                                              "counts", f->counts));
    }
    return list;
}

static json_t *notes_of(const em_session *s)
{
    json_t *const list = json_array();
    for (size_t i = 0; i < s->notes.n; i++)
        json_array_append_new(list, em_json_text(s->notes.items[i]));
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

static json_t *tiles_of(const em_session *s)
{
    return json_pack("{s:I, s:I, s:I, s:I}", "done", (json_int_t)s->tiles.done, "unchanged",
                     (json_int_t)s->tiles.unchanged, "carried_over", (json_int_t)s->tiles.carried,
                     "failed", (json_int_t)s->tiles.failed);
}

em_status em_describe_record(const em_session *s, const em_publication *publication,
                             em_status status, const char *error, json_t **out, em_error *err)
{
    char began[32];
    char ended[32];
    char host[256] = "";
    em_str settings = {0}; /* the whole config, the keys of this machine too */
    const em_status rc = em_config_print(&s->inputs.config, &settings, err);
    if (rc != EM_OK) {
        em_str_release(&settings);
        return rc;
    }
    em_time_print(s->began, began);
    em_time_print((int64_t)time(NULL), ended);
    gethostname(host, sizeof host - 1);
    *out = json_pack(
        "{s:s, s:o, s:s, s:s, s:s, s:f, s:o, s:o, s:i, s:i, s:o, s:i, s:o, s:o, s:o, s:o, s:o, "
        "s:o, s:o, s:f, s:f}",
        "run_id", publication ? publication->run_id : "", "published",
        em_json_text(publication ? em_str_text(&publication->folder) : ""), "software",
        "ecomon " ECOMON_VERSION, "began", began, "ended", ended, "seconds",
        em_tell_seconds(&s->tell), "host", em_json_text(host), "user", em_json_text(user_name()),
        "pid", (int)getpid(), "threads", s->threads, "reason",
        em_json_text(s->request->reason ? s->request->reason : ""), "exit_code", (int)status,
        "error", em_json_text(error ? error : ""), "config",
        em_json_text(s->inputs.config.file ? s->inputs.config.file : ""), "settings",
        em_json_text(em_str_text(&settings)), "scenes", scenes_of(s), "tiles", tiles_of(s),
        "failures", failures_of(s), "notes", notes_of(s), "peak_mb", peak_mb(RUSAGE_SELF),
        "peak_child_mb", peak_mb(RUSAGE_CHILDREN));
    em_str_release(&settings);
    return *out ? EM_OK : em_fail(err, EM_EENV, "run.json: memory refused");
}
