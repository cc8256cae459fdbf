#include "pipeline/ecomon.h"

#include "pipeline/config/config.h"
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

em_status em_config_reference(em_str *out, em_error *err)
{
    return em_schema_print_reference(out, err);
}

em_status em_config_json_schema(em_str *out, em_error *err)
{
    return em_schema_print_json(out, err);
}
