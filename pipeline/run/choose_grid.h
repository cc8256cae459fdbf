/* The run's grid: the config's where it says, else the scenes' own. */
#ifndef EM_RUN_CHOOSE_GRID_H
#define EM_RUN_CHOOSE_GRID_H

#include "pipeline/catalogue/catalogue.h"
#include "pipeline/config/config.h"
#include "pipeline/grid/grid.h"

/* CRS: the config's, else the one of most scenes that touch `bounds` (west, south, east, north in
 * degrees), the lower name on a tie; a note advises to pin it where scenes come in several. Pixel:
 * the config's, else the finest of those scenes. Anchor: the corner of the first such scene modulo
 * its coarsest copied pixel. EM_EINPUT where no scene touches the bounds; EM_ECONFIG where the
 * pixel size cannot be known. The caller releases *out. */
em_status em_choose_grid(const em_config_grid *config, const em_catalogue *catalogue,
                         const double bounds[4], em_grid *out, em_list *notes, em_error *err);

/* True if the scene's footprint box meets the bounds. */
bool em_scene_meets(const em_scene *scene, const double bounds[4]);

#endif
