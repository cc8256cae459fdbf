#include "pipeline/io/model_file.h"

#include <math.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/io/h5.h"

enum { MOST_NODES = 1 << 28 };

static em_status put_arrays(em_h5_writer *w, const em_model *m, em_error *err)
{
    em_status rc = EM_OK;
    const ek_forest *const f = &m->forest;
    uint16_t *feature = NULL;
    int16_t *threshold = NULL;
    uint32_t *child = NULL;
    const hsize_t n[1] = {f->n_node};
    const hsize_t leaves[2] = {f->n_leaf, (hsize_t)f->n_class};
    EM_TRY(em_calloc(f->n_node, sizeof *feature, "model", &feature, err));
    EM_TRY(em_calloc(f->n_node, sizeof *threshold, "model", &threshold, err));
    EM_TRY(em_calloc(f->n_node, sizeof *child, "model", &child, err));
    for (size_t i = 0; i < f->n_node; i++) {
        feature[i] = f->nodes[i].feature;
        threshold[i] = f->nodes[i].threshold;
        child[i] = f->nodes[i].child;
    }
    EM_TRY(em_h5_put_array(w, "root", EM_H5_U32, 1, (const hsize_t[]){(hsize_t)f->n_tree + 1},
                           f->root, err));
    EM_TRY(em_h5_put_array(w, "feature", EM_H5_U16, 1, n, feature, err));
    EM_TRY(em_h5_put_array(w, "threshold", EM_H5_I16, 1, n, threshold, err));
    EM_TRY(em_h5_put_array(w, "child", EM_H5_U32, 1, n, child, err));
    EM_TRY(em_h5_put_array(w, "leaves", EM_H5_U16, 2, leaves, f->leaves, err));
    EM_TRY(em_h5_put_array(w, "codes", EM_H5_U8, 1, (const hsize_t[]){(hsize_t)m->n_class},
                           m->codes, err));
done:
    em_free(feature);
    em_free(threshold);
    em_free(child);
    return rc;
}

/* What the forest says of itself: as it is known, as it is stored. */
static em_status put_figures(em_h5_writer *w, const em_model *m, em_error *err)
{
    em_status rc = em_h5_put_int(w, "has_oob", m->oob.n_class > 0, err);
    if (rc == EM_OK) rc = em_h5_put_int(w, "has_importance", m->importance != NULL, err);
    if (rc == EM_OK && m->oob.n_class > 0) {
        const hsize_t side = EK_CONFUSION_CLASSES;
        rc = em_h5_put_array(w, "oob_confusion", EM_H5_I64, 2, (const hsize_t[]){side, side},
                             m->oob.n, err);
    }
    if (rc == EM_OK && m->importance) {
        rc = em_h5_put_array(w, "importance", EM_H5_DOUBLE, 1, (const hsize_t[]){m->features.n},
                             m->importance, err);
    }
    return rc;
}

em_status em_model_encode(const em_model *m, em_str *image, em_error *err)
{
    em_status rc = EM_OK;
    em_h5_writer *w = NULL;
    em_str names = {0};
    for (size_t i = 0; i < m->features.n; i++)
        em_str_printf(&names, "%s%s", i ? "\n" : "", m->features.items[i]);
    EM_TRY(em_str_check(&names, err));
    EM_TRY(em_h5_begin(&w, err));
    EM_TRY(em_h5_put_text(w, "format", "ecomon model 1", err));
    EM_TRY(em_h5_put_text(w, "kind", "random forest", err));
    EM_TRY(em_h5_put_text(w, "features", em_str_text(&names), err));
    EM_TRY(em_h5_put_text(w, "training", m->training.hex, err));
    EM_TRY(em_h5_put_int(w, "samples", m->n_sample, err));
    EM_TRY(em_h5_put_double(w, "oob_accuracy", m->oob_accuracy, err));
    EM_TRY(em_h5_put_text(w, "key", m->key.hex, err));
    EM_TRY(put_arrays(w, m, err));
    EM_TRY(put_figures(w, m, err));
    em_h5_writer *const done_with = w;
    w = NULL;
    rc = em_h5_finish(done_with, image, err);
done:
    em_h5_drop(w);
    em_str_release(&names);
    return rc;
}

static em_status split_names(const char *text, em_list *out, em_error *err)
{
    em_status rc = EM_OK;
    while (*text && rc == EM_OK) {
        const size_t n = strcspn(text, "\n");
        em_str name = {0};
        em_str_append_bytes(&name, text, n);
        rc = em_str_check(&name, err);
        if (rc == EM_OK) rc = em_list_add(out, em_str_text(&name), err);
        em_str_release(&name);
        text += n + (text[n] == '\n');
    }
    return rc;
}

static em_status get_nodes(const em_h5_reader *r, ek_node **out, size_t *n, em_error *err)
{
    em_status rc = EM_OK;
    uint16_t *feature = NULL;
    int16_t *threshold = NULL;
    uint32_t *child = NULL;
    hsize_t a = 0;
    hsize_t b = 0;
    hsize_t c = 0;
    EM_TRY(em_h5_get_array(r, "feature", EM_H5_U16, 1, &a, MOST_NODES, &feature, err));
    EM_TRY(em_h5_get_array(r, "threshold", EM_H5_I16, 1, &b, MOST_NODES, &threshold, err));
    EM_TRY(em_h5_get_array(r, "child", EM_H5_U32, 1, &c, MOST_NODES, &child, err));
    if (a != b || a != c) {
        rc = em_fail(err, EM_EINPUT, "%s: node arrays differ in length", r->path);
        goto done;
    }
    EM_TRY(em_calloc((size_t)a, sizeof **out, "model", out, err));
    for (size_t i = 0; i < a; i++) (*out)[i] = (ek_node){feature[i], threshold[i], child[i]};
    *n = (size_t)a;
done:
    em_free(feature);
    em_free(threshold);
    em_free(child);
    return rc;
}

/* The arrays go into the forest at once, so that em_model_release finds them whatever fails. */
static em_status get_forest(const em_h5_reader *r, em_model *m, em_error *err)
{
    em_status rc = EM_OK;
    ek_forest *const f = &m->forest;
    hsize_t n_root = 0;
    hsize_t leaves[2] = {0};
    hsize_t n_code = 0;
    uint32_t *root = NULL;
    ek_node *nodes = NULL;
    uint16_t *leaf = NULL;
    uint8_t *codes = NULL;
    rc = em_h5_get_array(r, "root", EM_H5_U32, 1, &n_root, EK_FOREST_TREES + 1, &root, err);
    f->root = root;
    if (rc == EM_OK) rc = get_nodes(r, &nodes, &f->n_node, err);
    f->nodes = nodes;
    if (rc == EM_OK)
        rc = em_h5_get_array(r, "leaves", EM_H5_U16, 2, leaves, MOST_NODES, &leaf, err);
    f->leaves = leaf;
    if (rc == EM_OK)
        rc = em_h5_get_array(r, "codes", EM_H5_U8, 1, &n_code, EM_MODEL_CLASSES, &codes, err);
    if (rc == EM_OK) {
        f->n_tree = (int32_t)n_root - 1;
        f->n_feature = (int32_t)m->features.n;
        f->n_class = (int32_t)leaves[1];
        f->n_leaf = (size_t)leaves[0];
        m->n_class = (int32_t)n_code;
        memcpy(m->codes, codes, n_code);
        if (n_code != leaves[1] || ek_forest_check(f) != EK_OK) {
            rc = em_fail(err, EM_EINPUT,
                         "%s: the forest is damaged: its trees do not hold together", r->path);
        }
    }
    em_free(codes);
    return rc;
}

static em_status get_figures(const em_h5_reader *r, em_model *m, em_error *err)
{
    int64_t has_oob = 0;
    int64_t has_importance = 0;
    hsize_t dims[2] = {0};
    int64_t *n = NULL;
    em_status rc = em_h5_get_int(r, "has_oob", &has_oob, err);
    if (rc == EM_OK) rc = em_h5_get_int(r, "has_importance", &has_importance, err);
    if (rc == EM_OK && has_oob) {
        rc = em_h5_get_array(r, "oob_confusion", EM_H5_I64, 2, dims, sizeof m->oob.n, &n, err);
        if (rc == EM_OK && dims[0] * dims[1] * sizeof *n != sizeof m->oob.n)
            rc = em_fail(err, EM_EINPUT, "%s: oob_confusion has another size", r->path);
        if (rc == EM_OK) memcpy(m->oob.n, n, sizeof m->oob.n);
        m->oob.n_class = m->n_class;
        em_free(n);
    }
    if (rc == EM_OK && has_importance) {
        rc = em_h5_get_array(r, "importance", EM_H5_DOUBLE, 1, dims, EK_FOREST_FEATURES,
                             &m->importance, err);
        if (rc == EM_OK && dims[0] != m->features.n)
            rc = em_fail(err, EM_EINPUT, "%s: importance has another size", r->path);
    }
    return rc;
}

static em_status get_hash(const em_h5_reader *r, const char *name, em_hash *out, em_error *err)
{
    em_str text = {0};
    const em_status rc = em_h5_get_text(r, name, &text, err);
    if (rc == EM_OK && text.size < sizeof out->hex)
        memcpy(out->hex, em_str_text(&text), text.size + 1);
    em_str_release(&text);
    return rc;
}

em_status em_model_read(const char *path, em_model *out, em_error *err)
{
    em_status rc = EM_OK;
    em_h5_reader r = {0};
    em_str text = {0};
    *out = (em_model){0};
    EM_TRY(em_hash_file(path, &out->content, err));
    EM_TRY(em_h5_open(path, &r, err));
    EM_TRY(em_h5_get_text(&r, "format", &text, err));
    if (strcmp(text.data, "ecomon model 1") != 0) {
        rc = em_fail(err, EM_EINPUT, "%s: no model file of this program", path);
        goto done;
    }
    em_str_clear(&text);
    EM_TRY(em_h5_get_text(&r, "features", &text, err));
    EM_TRY(split_names(em_str_text(&text), &out->features, err));
    EM_TRY(get_hash(&r, "training", &out->training, err));
    EM_TRY(get_hash(&r, "key", &out->key, err));
    EM_TRY(em_h5_get_int(&r, "samples", &out->n_sample, err));
    EM_TRY(em_h5_get_double(&r, "oob_accuracy", &out->oob_accuracy, err));
    EM_TRY(get_forest(&r, out, err));
    EM_TRY(get_figures(&r, out, err));
done:
    em_h5_close(&r);
    em_str_release(&text);
    if (rc != EM_OK) em_model_release(out);
    return rc;
}

/* The forest's arrays are const for its readers; they are the model's to free. */
static void free_array(const void *p)
{
    union {
        const void *in;
        void *out;
    } cast = {.in = p};
    em_free(cast.out);
}

void em_model_release(em_model *m)
{
    free_array(m->forest.root);
    free_array(m->forest.nodes);
    free_array(m->forest.leaves);
    em_free(m->importance);
    em_list_release(&m->features);
    *m = (em_model){0};
}

em_status em_model_fits(const em_model *m, const char *const *names, size_t n, em_error *err)
{
    for (size_t i = 0; i < n || i < m->features.n; i++) {
        const char *const have = i < m->features.n ? m->features.items[i] : "nothing";
        const char *const want = i < n ? names[i] : "nothing";
        if (strcmp(have, want) == 0) continue;
        return em_fail(err, EM_ECONFIG,
                       "the model was trained on other features: its number %zu is %s, the "
                       "config's is %s (model has %zu, config %zu)",
                       i + 1, have, want, m->features.n, n);
    }
    return EM_OK;
}
