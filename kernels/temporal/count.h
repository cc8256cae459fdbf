/* How often a pixel was seen. SPEC.md eq. 2.
 *
 * Layer: kernel. No I/O, no allocation, no globals. */
#ifndef EK_TEMPORAL_COUNT_H
#define EK_TEMPORAL_COUNT_H

#include <stddef.h>
#include <stdint.h>

/* out[i] = number of the n_look flag planes with (flags[t][i] & bits) == 0, at most 65535. */
void ek_clear_count(const uint8_t *const *flags, size_t n_look, uint8_t bits, size_t n,
                    uint16_t *out);

#endif
