/* The looks of one tile in the period: its cube files, opened, in time order, overlapping granules
 * of one pass put together; and the features of one block of it. */
#ifndef EM_RUN_LOOKS_H
#define EM_RUN_LOOKS_H

#include "pipeline/io/cube.h"
#include "pipeline/run/plan.h"

/* Cube files of one pass over the tile: cubes[first .. first + n). A pixel is seen by the first of
 * them that has data there. */
typedef struct em_look_cubes {
    size_t first, n;
} em_look_cubes;

typedef struct em_looks {
    em_look *looks;
    em_look_cubes *of; /* [n] */
    size_t n;
    em_cube **cubes;
    int32_t (
        *band_at)[EK_BANDS]; /* [n_cube] place of a role in the cube file, -1 where it has none */
    size_t n_cube;
} em_looks;

/* Opens the cube files of tile `t` of the plan. EM_EINPUT with the file's name where one cannot be
 * read or is not what its name says. The caller releases *out. */
em_status em_looks_open(const em_inputs *inputs, const em_plan *plan, size_t t, em_looks *out,
                        em_error *err);
void em_looks_release(em_looks *looks);

/* How many looks em_looks_open would give; cheap. */
size_t em_looks_count(const em_plan *plan, size_t t);

/* One thread's memory for blocks of at most n_look looks. */
typedef struct em_block_work {
    int32_t rows;       /* rows of a block done at a time: 256 where the budget allows */
    int16_t **planes;   /* [n_look * n_band][rows * 256] */
    uint8_t **flags;    /* [n_look][rows * 256] */
    em_look *looks;     /* [n_look] those that see anything of the block */
    uint8_t *all_flags; /* [256 * 256] of one cube, whole block */
    uint8_t *seen_by;   /* [rows * 256] which cube of a look a pixel is taken from */
    int16_t *coarse;    /* one block at twice the pixel, with halo */
    int16_t *fine;      /* [256 * 256] */
    void *scratch;      /* of the cube reader */
    ek_arena arena;
    int16_t **features; /* [n_feature][256 * 256]: the result */
    uint16_t *clear;    /* [256 * 256]: the result */
    int64_t range_fail; /* index inputs outside their range, summed */
    void *memory[16];
} em_block_work;

/* Bytes of one em_block_work at `rows` rows. */
size_t em_block_work_bytes(const em_feature_set *set, size_t n_look, int32_t rows);

/* Memory for one thread, at most `budget` bytes: fewer rows at a time as looks grow, down to 8.
 * EM_EENV where even that does not fit. The caller releases *out. */
em_status em_block_work_init(const em_feature_set *set, size_t n_look, size_t budget,
                             em_block_work *out, em_error *err);
void em_block_work_release(em_block_work *work);

/* Fills work->features and work->clear for block (bx, by) of the tile. */
em_status em_block_features(const em_inputs *inputs, const em_looks *looks, int32_t bx, int32_t by,
                            em_block_work *work, em_error *err);

#endif
