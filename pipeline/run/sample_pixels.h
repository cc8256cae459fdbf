/* Training samples as pixels, and their features. */
#ifndef EM_RUN_SAMPLE_PIXELS_H
#define EM_RUN_SAMPLE_PIXELS_H

#include "pipeline/run/looks.h"

typedef struct em_sample_pixel {
    int64_t col, row; /* absolute */
    uint32_t group;   /* sample it comes from: its id */
    uint8_t code;     /* class code */
} em_sample_pixel;

/* Pixels of one sample: those whose centre lies in its polygon, or the one that holds its point.
 * Adds them to *list (em_reserve), with `code` and the sample's id. */
typedef struct em_pixel_list {
    em_sample_pixel *items; /* owned: em_free */
    size_t n, cap;
} em_pixel_list;
em_status em_sample_pixels(const em_sample *sample, uint8_t code, em_pixel_list *list,
                           em_error *err);

/* The class code of a sample's value by `samples.map` and the legend; 0 where it is neither. */
uint8_t em_sample_code(const em_config_samples *config, const em_sample *sample);

/* EM_ECONFIG with the first sample whose value is no class. */
em_status em_sample_classes_check(const em_config_samples *config, const em_samples *samples,
                                  em_error *err);

typedef struct em_training {
    em_sample_pixel *pixels; /* by row, then column; one entry per pixel */
    size_t n;
    int16_t *features; /* [n_feature][n] */
    uint8_t *classes;  /* [n] class index */
    uint8_t codes[32]; /* code of each class index, ascending */
    int32_t n_class;
    size_t n_conflict; /* pixels dropped: samples of two classes */
    size_t n_unseen;   /* pixels dropped: no clear look in the period */
    size_t n_capped;   /* pixels dropped: above forest.max_per_class */
    em_hash hash;      /* of all that the model is grown from, features included */
} em_training;

/* Turns samples into pixels (centre inside a polygon, or the pixel that holds a point), computes
 * their features from the plan's cube files and drops what was not seen. EM_ECONFIG where a value
 * of the class field is no class; EM_EINPUT where a class has no usable pixel, or there are fewer
 * than two classes. The caller releases *out. */
em_status em_training_gather(const em_inputs *inputs, const em_plan *plan, int threads,
                             em_tell *tell, em_training *out, em_error *err);
void em_training_release(em_training *training);

#endif
