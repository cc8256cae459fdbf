#include "kernels/accuracy/confusion.h"

#include <assert.h>
#include <math.h>

int64_t ek_confusion_add(ek_confusion *c, const uint8_t *map, const uint8_t *reference, size_t n)
{
    assert(c->n_class >= 1 && c->n_class <= EK_CONFUSION_CLASSES);
    int64_t counted = 0;
    for (size_t i = 0; i < n; i++) {
        if (map[i] >= c->n_class || reference[i] >= c->n_class) continue;
        c->n[map[i]][reference[i]]++;
        counted++;
    }
    return counted;
}

void ek_confusion_merge(ek_confusion *to, const ek_confusion *from)
{
    assert(to->n_class == from->n_class);
    for (int32_t i = 0; i < to->n_class; i++) {
        for (int32_t j = 0; j < to->n_class; j++) to->n[i][j] += from->n[i][j];
    }
}

static double share(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : NAN;
}

void ek_confusion_accuracy(const ek_confusion *c, ek_accuracy *out)
{
    int64_t row[EK_CONFUSION_CLASSES] = {0};
    int64_t column[EK_CONFUSION_CLASSES] = {0};
    int64_t right = 0;
    *out = (ek_accuracy){0};
    for (int32_t i = 0; i < c->n_class; i++) {
        for (int32_t j = 0; j < c->n_class; j++) {
            row[i] += c->n[i][j];
            column[j] += c->n[i][j];
        }
        right += c->n[i][i];
    }
    double f1_sum = 0;
    double chance = 0;
    int64_t present = 0;
    for (int32_t i = 0; i < c->n_class; i++) out->total += row[i];
    const double total = (double)out->total;
    for (int32_t i = 0; i < c->n_class; i++) {
        out->user[i] = share(c->n[i][i], row[i]);
        out->producer[i] = share(c->n[i][i], column[i]);
        out->f1[i] = share(2 * c->n[i][i], row[i] + column[i]);
        if (column[i] > 0) {
            f1_sum += out->f1[i];
            present++;
        }
        chance += ((double)row[i] / total) * ((double)column[i] / total);
    }
    out->overall = share(right, out->total);
    out->macro_f1 = present ? f1_sum / (double)present : NAN;
    out->kappa = out->total && chance < 1 ? (out->overall - chance) / (1 - chance) : NAN;
}
