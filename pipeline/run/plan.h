/* What there is to do: scenes of the period, tiles, and the cube files that they should give.
 *
 * A cube file's name holds the key of the task that made it, so a file that exists is a task that
 * is done. */
#ifndef EM_RUN_PLAN_H
#define EM_RUN_PLAN_H

#include "pipeline/ledger/ledger.h"
#include "pipeline/run/inputs.h"
#include "pipeline/run/tiles.h"

/* Raise when the pixels or the form of cube files change. */
#define EM_INGEST_VERSION 2

typedef struct em_cube_use {
    size_t tile;  /* place in plan->tiles */
    em_hash key;  /* of the ingest task */
    char *path;   /* owned; where the file is or will be */
    bool present; /* it is there */
} em_cube_use;

typedef enum em_scene_state {
    EM_SCENE_OK = 0,
    EM_SCENE_FAILED,    /* could not be read, in this run */
    EM_SCENE_KNOWN_BAD, /* could not be read in an earlier run, and is unchanged */
} em_scene_state;

/* A scene of the period that touches a tile. */
typedef struct em_scene_use {
    const em_scene *scene; /* in inputs->catalogue */
    em_rect rect;          /* pixels of the grid that its raster covers */
    em_hash content;
    em_scene_state state;
    char *why;          /* owned; NULL while ok */
    em_cube_use *cubes; /* in the order of the tiles */
    size_t n_cube;
} em_scene_use;

typedef struct em_plan {
    em_tile_list tiles;
    em_scene_use *scenes; /* by time, then id */
    size_t n_scene;
    size_t n_out_of_period, n_out_of_region; /* scenes of the catalogue that play no part */
} em_plan;

/* Finds tiles and scenes, hashes the scenes' files (remembered ones are not read again), names the
 * cube files and looks which exist. A scene whose files cannot be read is EM_SCENE_FAILED, the
 * others go on. `work` is the work folder. */
em_status em_plan_make(const em_inputs *inputs, em_ledger *ledger, const char *work, int threads,
                       em_plan *out, em_error *err);
void em_plan_release(em_plan *plan);

/* Marks a scene that could not be used; `why` is copied. */
em_status em_scene_mark(em_scene_use *use, em_scene_state state, const char *why, em_error *err);

/* What all pixels of cube files depend on beside scene, grid and tile: form, masks, resampling. */
em_status em_plan_ingest_settings(const em_inputs *inputs, em_hash *out, em_error *err);

/* True for a cube file that this run has to make: it is missing, and its tile is wanted. */
bool em_plan_wants(const em_plan *plan, const em_cube_use *cube);

/* How many those are, over all usable scenes. */
size_t em_plan_missing(const em_plan *plan);

#endif
