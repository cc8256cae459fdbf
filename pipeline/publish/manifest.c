#include "pipeline/publish/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/base/file.h"
#include "pipeline/base/hash.h"

static em_status path_in(const char *folder, const char *name, em_str *out, em_error *err)
{
    em_str_clear(out);
    em_str_printf(out, "%s/%s", folder, name);
    return em_str_check(out, err);
}

/* Bytes of the letter that `text` begins with; 0 where it is none. jansson itself is the judge. */
static size_t letter(const char *text)
{
    const size_t left = strnlen(text, 4);
    for (size_t n = 1; n <= left; n++) {
        json_t *const one = json_stringn(text, n);
        json_decref(one);
        if (one) return n;
    }
    return 0;
}

json_t *em_json_text(const char *text)
{
    json_t *out = json_string(text);
    em_str clean = {0};
    if (out) return out;
    while (*text) {
        const size_t n = letter(text);
        if (n) {
            em_str_append_bytes(&clean, text, n);
        } else {
            em_str_append(&clean, "\xEF\xBF\xBD");
        }
        text += n ? n : 1;
    }
    if (!clean.failed) out = json_string(em_str_text(&clean));
    em_str_release(&clean);
    return out;
}

em_status em_json_publish(const json_t *root, const char *folder, const char *name, em_error *err)
{
    em_str path = {0};
    char *const text = json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
    if (!text) return em_fail(err, EM_EENV, "%s: memory refused", name);
    em_status rc = path_in(folder, name, &path, err);
    if (rc == EM_OK) rc = em_file_publish(path.data, text, strlen(text), err);
    em_str_release(&path);
    free(text);
    return rc;
}

static em_status add_output(json_t *outputs, const char *folder, const char *name, em_error *err)
{
    em_status rc = EM_OK;
    em_str path = {0};
    em_file_id id;
    em_hash hash;
    EM_TRY(path_in(folder, name, &path, err));
    EM_TRY(em_file_identify(path.data, &id, err));
    EM_TRY(em_hash_file(path.data, &hash, err));
    if (json_array_append_new(outputs, json_pack("{s:s, s:I, s:s}", "path", name, "size",
                                                 (json_int_t)id.size, "sha256", hash.hex)) != 0)
        rc = em_fail(err, EM_EENV, "manifest: memory refused");
done:
    em_str_release(&path);
    return rc;
}

em_status em_manifest_publish(json_t *root, const char *folder, const em_list *files,
                              const char *unhashed, em_error *err)
{
    em_status rc = EM_OK;
    em_list names = {0};
    json_t *const outputs = json_array();
    for (size_t i = 0; i < files->n; i++) EM_TRY(em_list_add(&names, files->items[i], err));
    em_list_sort(&names);
    for (size_t i = 0; i < names.n; i++) EM_TRY(add_output(outputs, folder, names.items[i], err));
    if (json_object_set(root, "outputs", outputs) != 0 ||
        json_object_set_new(root, "unhashed", json_pack("[s]", unhashed)) != 0)
        rc = em_fail(err, EM_EENV, "manifest: memory refused");
    else
        rc = em_json_publish(root, folder, "manifest.json", err);
done:
    json_decref(outputs);
    em_list_release(&names);
    return rc;
}
