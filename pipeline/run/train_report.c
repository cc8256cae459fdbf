/* What a forest knows about itself, for people and for programs. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "pipeline/base/memory.h"
#include "pipeline/config/classes.h"
#include "pipeline/run/train.h"

static const char *class_key(uint8_t code)
{
    const em_class *const c = em_class_by_code(code);
    return c ? c->key : "?";
}

static void print_share(em_str *out, double share)
{
    char text[64];
    if (isnan(share)) {
        em_str_printf(out, " %9s", "-");
        return;
    }
    em_print_fixed(share, 3, text);
    em_str_printf(out, " %9s", text);
}

static void print_confusion(em_str *out, const em_model *m, const ek_accuracy *a)
{
    em_str_append(out,
                  "\nconfusion out of bag (rows: the forest, columns: the samples)\n          ");
    for (int32_t c = 0; c < m->n_class; c++) em_str_printf(out, " %9s", class_key(m->codes[c]));
    em_str_append(out, "      user\n");
    for (int32_t r = 0; r < m->n_class; r++) {
        em_str_printf(out, "%-10s", class_key(m->codes[r]));
        for (int32_t c = 0; c < m->n_class; c++)
            em_str_printf(out, " %9lld", (long long)m->oob.n[r][c]);
        print_share(out, a->user[r]);
        em_str_append(out, "\n");
    }
    em_str_append(out, "producer  ");
    for (int32_t c = 0; c < m->n_class; c++) print_share(out, a->producer[c]);
    em_str_append(out, "\nF1        ");
    for (int32_t c = 0; c < m->n_class; c++) print_share(out, a->f1[c]);
    em_str_append(out, "\n");
}

typedef struct ranked {
    double value;
    size_t at;
} ranked;

static int by_value(const void *a, const void *b)
{
    const ranked *const p = a;
    const ranked *const q = b;
    if (p->value != q->value) return p->value > q->value ? -1 : 1;
    return (p->at > q->at) - (p->at < q->at);
}

static em_status rank(const em_model *m, ranked **out, em_error *err)
{
    const em_status rc = em_calloc(m->features.n, sizeof **out, "importances", out, err);
    for (size_t f = 0; rc == EM_OK && f < m->features.n; f++)
        (*out)[f] = (ranked){m->importance[f], f};
    if (rc == EM_OK) qsort(*out, m->features.n, sizeof **out, by_value);
    return rc;
}

static em_status print_importance(em_str *out, const em_model *m, em_error *err)
{
    ranked *order = NULL;
    const em_status rc = rank(m, &order, err);
    if (rc != EM_OK) return rc;
    em_str_append(out, "\nimportance (accuracy lost when the feature is shuffled)\n");
    for (size_t f = 0; f < m->features.n; f++) {
        char text[64];
        em_print_fixed(order[f].value, 4, text);
        em_str_printf(out, "%8s  %s\n", text, m->features.items[order[f].at]);
    }
    em_free(order);
    return EM_OK;
}

static em_status print_text(const em_model *m, const em_training *t, const ek_accuracy *a,
                            em_str *out, em_error *err)
{
    char overall[64];
    char f1[64];
    char kappa[64];
    em_print_fixed(a->overall, 4, overall);
    em_print_fixed(a->macro_f1, 4, f1);
    em_print_fixed(a->kappa, 4, kappa);
    em_str_printf(out,
                  "random forest: %d trees, %zu features, %lld training pixels of %d classes\n",
                  m->forest.n_tree, m->features.n, (long long)m->n_sample, m->n_class);
    if (t) {
        em_str_printf(out,
                      "left out: %zu pixels claimed by two classes, %zu without a clear look, %zu "
                      "above forest.max_per_class\n",
                      t->n_conflict, t->n_unseen, t->n_capped);
    }
    if (m->oob.n_class == 0) return em_str_check(out, err);
    em_str_printf(out, "out of bag: accuracy %s, macro-F1 %s, kappa %s\n", overall, f1, kappa);
    print_confusion(out, m, a);
    const em_status rc = m->importance ? print_importance(out, m, err) : EM_OK;
    return rc == EM_OK ? em_str_check(out, err) : rc;
}

/* A JSON number, null where there is none. */
static json_t *number(double value)
{
    return isnan(value) ? json_null() : json_real(value);
}

static json_t *class_object(const em_model *m, const ek_accuracy *a, int32_t r)
{
    json_t *const row = json_array();
    for (int32_t c = 0; c < m->n_class; c++)
        json_array_append_new(row, json_integer(m->oob.n[r][c]));
    json_t *const one = json_object();
    json_object_set_new(one, "code", json_integer(m->codes[r]));
    json_object_set_new(one, "key", json_string(class_key(m->codes[r])));
    json_object_set_new(one, "row", row);
    json_object_set_new(one, "user", number(a->user[r]));
    json_object_set_new(one, "producer", number(a->producer[r]));
    json_object_set_new(one, "f1", number(a->f1[r]));
    return one;
}

static em_status print_json(const em_model *m, const em_training *t, const ek_accuracy *a,
                            em_str *out, em_error *err)
{
    json_t *const root = json_object();
    json_object_set_new(root, "trees", json_integer(m->forest.n_tree));
    json_object_set_new(root, "pixels", json_integer(m->n_sample));
    if (t) {
        json_object_set_new(root, "dropped_conflict", json_integer((json_int_t)t->n_conflict));
        json_object_set_new(root, "dropped_unseen", json_integer((json_int_t)t->n_unseen));
        json_object_set_new(root, "dropped_cap", json_integer((json_int_t)t->n_capped));
    }
    if (m->oob.n_class) {
        json_object_set_new(root, "oob_accuracy", number(a->overall));
        json_object_set_new(root, "oob_macro_f1", number(a->macro_f1));
        json_object_set_new(root, "oob_kappa", number(a->kappa));
        json_t *const classes = json_array();
        for (int32_t r = 0; r < m->n_class; r++)
            json_array_append_new(classes, class_object(m, a, r));
        json_object_set_new(root, "classes", classes);
    }
    json_t *const importance = json_object();
    for (size_t f = 0; m->importance && f < m->features.n; f++)
        json_object_set_new(importance, m->features.items[f], number(m->importance[f]));
    json_object_set_new(root, "importance", importance);
    json_object_set_new(root, "model_sha256", json_string(m->content.hex));
    char *const text = json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(10));
    json_decref(root);
    if (!text) return em_fail(err, EM_EENV, "memory refused for the training report");
    em_str_append(out, text);
    em_str_append(out, "\n");
    free(text);
    return em_str_check(out, err);
}

em_status em_train_report(const em_model *model, const em_training *training, em_str *text,
                          em_str *json, em_error *err)
{
    ek_accuracy accuracy = {0};
    if (model->oob.n_class) ek_confusion_accuracy(&model->oob, &accuracy);
    em_status rc = EM_OK;
    if (text) rc = print_text(model, training, &accuracy, text, err);
    if (rc == EM_OK && json) rc = print_json(model, training, &accuracy, json, err);
    return rc;
}
