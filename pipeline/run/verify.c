/* `ecomon verify`, and the decoder's entry: what ecomon.h offers beside a run. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/io/decode.h"
#include "pipeline/publish/manifest.h"
#include "pipeline/run/run.h"

/* The folder of the run's config, which the inputs' paths start from; run.json knows it. */
static em_status find_base(const char *folder, char **out, em_error *err)
{
    em_status rc = EM_OK;
    em_str path = {0};
    em_str text = {0};
    json_t *root = NULL;
    em_str_printf(&path, "%s/run.json", folder);
    EM_TRY(em_str_check(&path, err));
    EM_TRY(em_file_read(path.data, (size_t)16 << 20, &text, err));
    root = json_loadb(em_str_text(&text), text.size, 0, NULL);
    const char *const config = json_string_value(json_object_get(root, "config"));
    if (!config || !config[0]) {
        rc = em_fail(err, EM_EINPUT, "%s: does not say where the config was", path.data);
        goto done;
    }
    rc = em_path_folder(config, out, err);
done:
    json_decref(root);
    em_str_release(&path);
    em_str_release(&text);
    return rc;
}

em_status em_run_verify(const char *folder, bool deep, em_list *faults, em_summary *summary,
                        em_error *err)
{
    em_status rc = EM_OK;
    char *base = NULL;
    em_verified seen;
    if (deep) EM_TRY(find_base(folder, &base, err));
    rc = em_manifest_verify(folder, base, faults, &seen, err);
    if (rc != EM_OK) goto done;
    em_str_printf(&summary->text, "run %s: %zu files as the manifest says", seen.run_id,
                  seen.outputs);
    if (deep) em_str_printf(&summary->text, ", %zu inputs unchanged", seen.inputs);
    em_str_append(&summary->text, "\n");
    rc = em_str_check(&summary->text, err);
done:
    em_free(base);
    return rc;
}

int em_run_decoder(void)
{
    return em_decode_child();
}
