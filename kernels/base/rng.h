/* Counter-based random numbers: the draw for (seed, index) is the same on any thread, in any order.
 *
 * Layer: kernel. The mixer is SplitMix64 of Steele, Lea and Flood (2014), "Fast splittable
 * pseudorandom number generators", doi:10.1145/2660193.2660195; it is no cipher. */
#ifndef EK_BASE_RNG_H
#define EK_BASE_RNG_H

#include <stdint.h>

/* 64 random bits for draw `index` of stream `seed`. */
static inline uint64_t ek_rng_bits(uint64_t seed, uint64_t index)
{
    uint64_t z = seed + (index + 1) * UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* A stream of its own for part `part` of `seed` (a tree, a class, a date). */
static inline uint64_t ek_rng_split(uint64_t seed, uint64_t part)
{
    return ek_rng_bits(seed ^ UINT64_C(0xD6E8FEB86659FD93), part);
}

/* A whole number in [0, n), n >= 1; the bias is below n / 2^32. */
static inline uint32_t ek_rng_below(uint64_t seed, uint64_t index, uint32_t n)
{
    return (uint32_t)(((ek_rng_bits(seed, index) >> 32) * n) >> 32);
}

/* A double in [0, 1) with 53 random bits. */
static inline double ek_rng_unit(uint64_t seed, uint64_t index)
{
    return (double)(ek_rng_bits(seed, index) >> 11) * 0x1p-53;
}

#endif
