/* A published folder, and on wish its inputs, against the manifest. */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/base/file.h"
#include "pipeline/base/hash.h"
#include "pipeline/base/memory.h"
#include "pipeline/publish/manifest.h"

enum { MOST_MANIFEST = 256 << 20 };

__attribute__((format(printf, 3, 4))) static em_status add(em_list *list, em_error *err,
                                                           const char *fmt, ...)
{
    char text[1400];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return em_list_add(list, text, err);
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *const text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static em_status read_manifest(const char *folder, json_t **out, em_error *err)
{
    em_status rc = EM_OK;
    em_str path = {0};
    em_str text = {0};
    json_error_t why;
    *out = NULL;
    em_str_printf(&path, "%s/manifest.json", folder);
    EM_TRY(em_str_check(&path, err));
    EM_TRY(em_file_read(path.data, MOST_MANIFEST, &text, err));
    *out = json_loadb(em_str_text(&text), text.size, JSON_REJECT_DUPLICATES, &why);
    if (!*out) {
        rc = em_fail(err, EM_EINPUT, "%s: line %d: %s", path.data, why.line, why.text);
    } else if (!json_is_array(json_object_get(*out, "outputs")) || !text_of(*out, "run_id")[0]) {
        rc = em_fail(err, EM_EINPUT, "%s: is no manifest: it has no run_id or no outputs",
                     path.data);
    }
done:
    if (rc != EM_OK) {
        json_decref(*out);
        *out = NULL;
    }
    em_str_release(&path);
    em_str_release(&text);
    return rc;
}

/* One file against size (below 0: any) and sha256. */
static em_status check_file(const char *path, const char *name, json_int_t size, const char *sha,
                            em_list *faults, em_error *err)
{
    em_file_id id;
    em_hash hash;
    em_error why;
    if (!em_file_exists(path)) return add(faults, err, "%s: is missing", name);
    if (em_file_identify(path, &id, &why) != EM_OK || em_hash_file(path, &hash, &why) != EM_OK)
        return add(faults, err, "%s: cannot be read: %s", name, why.text);
    if (size >= 0 && (json_int_t)id.size != size) {
        return add(faults, err, "%s: expected %lld bytes, found %llu", name, (long long)size,
                   (unsigned long long)id.size);
    }
    if (strcmp(hash.hex, sha) == 0) return EM_OK;
    return add(faults, err, "%s: its bytes have changed: sha256 expected %.16s..., found %.16s...",
               name, sha, hash.hex);
}

/* A path that stays inside its folder: data of the manifest, not trusted. */
static bool is_plain(const char *name)
{
    return name[0] && !strchr(name, '/') && strcmp(name, "..") != 0 && strcmp(name, ".") != 0;
}

static em_status check_outputs(const json_t *root, const char *folder, em_list *faults,
                               em_verified *out, em_error *err)
{
    em_status rc = EM_OK;
    size_t i = 0;
    const json_t *one = NULL;
    json_array_foreach(json_object_get(root, "outputs"), i, one)
    {
        char path[4600];
        const char *const name = text_of(one, "path");
        if (!is_plain(name)) {
            rc = add(faults, err, "manifest.json: output %zu has no plain name", i);
        } else {
            snprintf(path, sizeof path, "%s/%s", folder, name);
            const json_t *const size = json_object_get(one, "size");
            rc = check_file(path, name, json_is_integer(size) ? json_integer_value(size) : 0,
                            text_of(one, "sha256"), faults, err);
        }
        if (rc != EM_OK) return rc;
        out->outputs++;
    }
    return EM_OK;
}

static bool listed(const json_t *root, const char *name)
{
    size_t i = 0;
    const json_t *one = NULL;
    if (strcmp(name, "manifest.json") == 0) return true;
    json_array_foreach(json_object_get(root, "outputs"), i, one)
    {
        if (strcmp(text_of(one, "path"), name) == 0) return true;
    }
    json_array_foreach(json_object_get(root, "unhashed"), i, one)
    {
        const char *const text = json_string_value(one);
        if (text && strcmp(text, name) == 0) return true;
    }
    return false;
}

/* Files that have no hash since every run writes them anew are there all the same. */
static em_status check_unhashed(const json_t *root, const char *folder, em_list *faults,
                                em_error *err)
{
    size_t i = 0;
    const json_t *one = NULL;
    json_array_foreach(json_object_get(root, "unhashed"), i, one)
    {
        char path[4600];
        const char *const name = json_string_value(one);
        em_status rc = EM_OK;
        if (!name || !is_plain(name)) {
            rc = add(faults, err, "manifest.json: unhashed file %zu has no plain name", i);
        } else {
            snprintf(path, sizeof path, "%s/%s", folder, name);
            if (!em_file_exists(path)) rc = add(faults, err, "%s: is missing", name);
        }
        if (rc != EM_OK) return rc;
    }
    return EM_OK;
}

static em_status check_others(const json_t *root, const char *folder, em_list *faults,
                              em_error *err)
{
    em_list names = {0};
    em_status rc = em_folder_list(folder, &names, err);
    for (size_t i = 0; i < names.n && rc == EM_OK; i++) {
        if (!listed(root, names.items[i]))
            rc = add(faults, err, "%s: is not in the manifest", names.items[i]);
    }
    em_list_release(&names);
    return rc;
}

static em_status check_inputs(const json_t *root, const char *base, em_list *faults,
                              em_verified *out, em_error *err)
{
    size_t i = 0;
    size_t k = 0;
    const json_t *one = NULL;
    const json_t *file = NULL;
    if (json_array_size(json_object_get(root, "inputs")) == 0)
        return add(faults, err, "manifest.json: names no inputs");
    json_array_foreach(json_object_get(root, "inputs"), i, one)
    {
        json_array_foreach(json_object_get(one, "files"), k, file)
        {
            char *path = NULL;
            const char *const name = text_of(file, "path");
            em_status rc = em_path_join(base, name, &path, err);
            if (rc == EM_OK) rc = check_file(path, name, -1, text_of(file, "sha256"), faults, err);
            em_free(path);
            if (rc != EM_OK) return rc;
            out->inputs++;
        }
    }
    return EM_OK;
}

em_status em_manifest_verify(const char *folder, const char *base, em_list *faults,
                             em_verified *out, em_error *err)
{
    em_status rc = EM_OK;
    json_t *root = NULL;
    *out = (em_verified){0};
    EM_TRY(read_manifest(folder, &root, err));
    snprintf(out->run_id, sizeof out->run_id, "%s", text_of(root, "run_id"));
    EM_TRY(check_outputs(root, folder, faults, out, err));
    EM_TRY(check_unhashed(root, folder, faults, err));
    EM_TRY(check_others(root, folder, faults, err));
    if (base) EM_TRY(check_inputs(root, base, faults, out, err));
    if (faults->n)
        rc = em_fail(err, EM_EQUALITY, "%s: %zu faults, the first: %s", folder, faults->n,
                     faults->items[0]);
done:
    json_decref(root);
    return rc;
}
