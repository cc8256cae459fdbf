/* Quality masks of all products as one flag byte per pixel. Rules: SPEC.md.
 *
 * Layer: kernel. No I/O, no allocation, no globals. */
#ifndef EK_MASK_QA_H
#define EK_MASK_QA_H

#include <stddef.h>
#include <stdint.h>

enum {
    EK_FLAG_NODATA = 1, /* nothing was delivered here */
    EK_FLAG_CLOUD = 2,
    EK_FLAG_SHADOW = 4,
    EK_FLAG_CIRRUS = 8,
    EK_FLAG_SNOW = 16,
    EK_FLAG_SATURATED = 32,
    EK_FLAG_NEAR = 64,   /* within the dilation distance of a hidden pixel */
    EK_FLAG_RANGE = 128, /* a reflectance was clipped; hides nothing */
};

/* A rule for mask values 0..255: the flags of each. */
typedef struct ek_mask_table {
    uint8_t flags[256];
} ek_mask_table;

/* Sentinel-2 scene classification: the n masked codes (0..11) get their flag, the others none;
 * codes that the legend does not have (12..255) count as no data. SPEC.md table 1. */
void ek_mask_table_scl(const int64_t *masked, size_t n, ek_mask_table *out);

/* Hidden (EK_FLAG_CLOUD) where the value is one of `values`, or has one of `bits`. Values above 255
 * are compared by ek_mask_rule, not by a table. */
void ek_mask_table_apply(const ek_mask_table *table, const uint8_t *values, size_t n,
                         uint8_t *flags);

/* The same for wider masks: flags[i] = EK_FLAG_CLOUD where value is one of `hidden` or value &
 * bits is not 0, else 0. */
void ek_mask_rule(const int32_t *values, size_t n, const int32_t *hidden, size_t n_hidden,
                  uint32_t bits, uint8_t *flags);

/* plane[i] = INT16_MIN where flags[i] & bits. */
void ek_mask_apply(const uint8_t *flags, uint8_t bits, size_t n, int16_t *plane);

#endif
