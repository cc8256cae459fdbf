/* Smooth made randomness: value noise on a lattice of draws. Plain additions and products only, so
 * that every machine gives the same. */
#ifndef EM_DEMO_NOISE_H
#define EM_DEMO_NOISE_H

#include <stdint.h>

/* A draw in [0, 1) for a cell of the plane. */
double em_draw(uint64_t seed, int64_t x, int64_t y);
/* A draw of about the normal distribution, mean 0, deviation 1: the sum of four even draws. */
double em_draw_normal(uint64_t seed, int64_t x, int64_t y);

/* Noise in [0, 1) whose features are about 1 wide, and three octaves of it. */
double em_noise(uint64_t seed, double x, double y);
double em_fractal(uint64_t seed, double x, double y);

#endif
