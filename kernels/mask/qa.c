#include "kernels/mask/qa.h"

#include "kernels/base/clones.h"

/* SPEC.md table 1: flag of each scene-classification code that a config may mask. */
static const uint8_t scl_flags[12] = {
    EK_FLAG_NODATA, EK_FLAG_SATURATED, EK_FLAG_SHADOW, EK_FLAG_SHADOW,
    EK_FLAG_CLOUD,  EK_FLAG_CLOUD,     EK_FLAG_CLOUD,  EK_FLAG_CLOUD,
    EK_FLAG_CLOUD,  EK_FLAG_CLOUD,     EK_FLAG_CIRRUS, EK_FLAG_SNOW,
};

void ek_mask_table_scl(const int64_t *masked, size_t n, ek_mask_table *out)
{
    for (int v = 0; v < 256; v++) out->flags[v] = v < 12 ? 0 : EK_FLAG_NODATA;
    for (size_t i = 0; i < n; i++) {
        if (masked[i] >= 0 && masked[i] < 12) out->flags[masked[i]] = scl_flags[masked[i]];
    }
}

void ek_mask_table_apply(const ek_mask_table *table, const uint8_t *values, size_t n,
                         uint8_t *flags)
{
    for (size_t i = 0; i < n; i++) flags[i] = table->flags[values[i]];
}

void ek_mask_rule(const int32_t *values, size_t n, const int32_t *hidden, size_t n_hidden,
                  uint32_t bits, uint8_t *flags)
{
    for (size_t i = 0; i < n; i++) flags[i] = ((uint32_t)values[i] & bits) ? EK_FLAG_CLOUD : 0;
    for (size_t h = 0; h < n_hidden; h++) {
        for (size_t i = 0; i < n; i++) flags[i] = values[i] == hidden[h] ? EK_FLAG_CLOUD : flags[i];
    }
}

EK_CLONES void ek_mask_apply(const uint8_t *flags, uint8_t bits, size_t n, int16_t *plane)
{
    for (size_t i = 0; i < n; i++) plane[i] = (flags[i] & bits) ? INT16_MIN : plane[i];
}
