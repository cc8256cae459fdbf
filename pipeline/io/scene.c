#include "pipeline/io/scene.h"

#include "pipeline/base/memory.h"

void em_scene_release(em_scene *scene)
{
    em_free(scene->id);
    em_free(scene->root);
    em_free(scene->crs);
    em_free(scene->mask.path);
    for (int32_t b = 0; b < scene->n_band; b++) em_free(scene->bands[b].path);
    *scene = (em_scene){0};
}
