/* Confusion matrix and the figures drawn from it. Equations: SPEC.md.
 *
 * Layer: kernel. No I/O, no allocation, no globals. */
#ifndef EK_ACCURACY_CONFUSION_H
#define EK_ACCURACY_CONFUSION_H

#include <stddef.h>
#include <stdint.h>

#define EK_CONFUSION_CLASSES 32

typedef struct ek_confusion {
    int64_t n[EK_CONFUSION_CLASSES][EK_CONFUSION_CLASSES]; /* [map][reference] */
    int32_t n_class;                                       /* 1..32 */
} ek_confusion;

typedef struct ek_accuracy {
    int64_t total;
    double overall, macro_f1, kappa; /* NaN where undefined */
    double user[EK_CONFUSION_CLASSES], producer[EK_CONFUSION_CLASSES], f1[EK_CONFUSION_CLASSES];
} ek_accuracy;

/* Adds n places; map[i] and reference[i] are class indexes, places with either at or above n_class
 * are left out. Returns how many were counted. */
int64_t ek_confusion_add(ek_confusion *c, const uint8_t *map, const uint8_t *reference, size_t n);

/* to += from; both have the same n_class. */
void ek_confusion_merge(ek_confusion *to, const ek_confusion *from);

/* SPEC.md eqs. 1-6. */
void ek_confusion_accuracy(const ek_confusion *c, ek_accuracy *out);

#endif
