#include "pipeline/config/classes.h"

#include <string.h>

#include "pipeline/base/str.h"

/* Codes, names and colours of legend L1. */
static const em_class legend[] = {
    {1, "cropland", "农田", "cropland", 0xF2D16B},
    {2, "forest", "森林", "forest", 0x1B7A3D},
    {3, "grass", "草地", "grassland", 0xA8D46F},
    {4, "water", "水域", "open water", 0x2F7ED8},
    {5, "wetland", "湿地", "wetland", 0x5CC6C0},
    {6, "built", "人工表面", "built-up", 0xC03B3B},
    {7, "bare", "裸地", "bare land", 0xB8A58A},
    {8, "shrub", "灌丛", "shrubland", 0x5E9B4B},
    {9, "orchard", "园地", "orchard and nursery", 0xD99A3E},
    {EM_CLASS_NOOBS, "noobs", "云/无有效观测", "no observation", 0xBDBDBD},
    {EM_CLASS_OUTSIDE, "outside", "界外", "outside", 0x808080},
};
enum { N_ALL = sizeof legend / sizeof *legend, N_CLASS = N_ALL - 2 };

const em_class *em_classes(size_t *n)
{
    *n = N_CLASS;
    return legend;
}

const em_class *em_class_by_code(int64_t code)
{
    for (size_t i = 0; i < N_ALL; i++) {
        if (legend[i].code == code) return &legend[i];
    }
    return NULL;
}

const em_class *em_class_find(const char *text)
{
    int64_t code = 0;
    if (em_parse_int(text, &code)) return em_class_by_code(code);
    for (size_t i = 0; i < N_ALL; i++) {
        if (strcmp(legend[i].key, text) == 0 || strcmp(legend[i].name_zh, text) == 0) {
            return &legend[i];
        }
    }
    return NULL;
}
