#include "pipeline/config/schema.h"

#include <string.h>

#include "pipeline/base/str.h"
#include "pipeline/config/config.h"

#define AT(type, member) offsetof(type, member)
#define TOP(member)      AT(em_config, member)
#define SRC(member)      AT(em_config_source, member)
#define LAY(member)      AT(em_config_layer, member)
#define CTY(member)      AT(em_config_county, member)
#define SMP(member)      AT(em_config_samples, member)
#define FOR(member)      AT(em_config_forest, member)
#define FEA(member)      AT(em_config_features, member)
#define MSK(member)      AT(em_config_mask, member)
#define GRD(member)      AT(em_config_grid, member)

/* Some rows share a struct: scenes[].mask fills members of the source, units members of the config.
 */
const em_section em_sections[] = {
    {"", "top level", NULL, sizeof(em_config)},
    {"grid", "grid", NULL, 0},
    {"scenes", "scenes[]", "path", sizeof(em_config_source)},
    {"scenes.mask", "scenes[].mask", NULL, 0},
    {"mask", "mask", NULL, 0},
    {"units", "units", NULL, 0},
    {"units.layers", "units.layers[]", "path", sizeof(em_config_layer)},
    {"units.county", "units.county", NULL, 0},
    {"samples", "samples, validation", "path", 0},
    {"forest", "forest", NULL, 0},
    {"features", "features", NULL, 0},
};
const size_t em_n_section = sizeof em_sections / sizeof *em_sections;

#define NO_RANGE -1e300, 1e300

const em_key em_keys[] = {
    {"", "region", EM_KEY_REGION, TOP(region), NO_RANGE, NULL, NULL, NULL, NULL,
     "Name of the region: names the output folder. Lower-case letters, digits, _ and -. Required.",
     NULL},
    {"", "period", EM_KEY_PERIOD, TOP(period), NO_RANGE, NULL, NULL, "auto", NULL,
     "What to report on: 2026, 2026Q3, 2026-07, 20260701-20260710; auto, auto-quarter or "
     "auto-month is the year, quarter or "
     "month of the newest scene.",
     NULL},
    {"", "scenes", EM_KEY_LIST, TOP(sources), NO_RANGE, NULL, "scenes", NULL, NULL,
     "Where scenes arrive. Required.", NULL},
    {"", "units", EM_KEY_MAP, 0, NO_RANGE, NULL, "units", NULL, NULL,
     "Polygons to report on: towns, villages, corridors. Required.", NULL},
    {"", "samples", EM_KEY_MAP, TOP(samples), NO_RANGE, NULL, "samples", NULL, NULL,
     "Training polygons or points. Required unless model is given.", NULL},
    {"", "validation", EM_KEY_MAP, TOP(validation), NO_RANGE, NULL, "samples", NULL, NULL,
     "Independent points that the map is compared with after a run.", NULL},
    {"", "model", EM_KEY_PATH, TOP(model), NO_RANGE, NULL, NULL, NULL, NULL,
     "Model file to use instead of training one.", NULL},
    {"", "out", EM_KEY_PATH, TOP(out), NO_RANGE, NULL, NULL, "out", NULL,
     "Folder of the published results.", NULL},
    {"", "work", EM_KEY_PATH, TOP(work), NO_RANGE, NULL, NULL, NULL, NULL,
     "Folder of cube, tile results, models and ledger; default: work inside out.", NULL},
    {"", "memory_mb", EM_KEY_INT, TOP(memory_mb), 256, 1048576, NULL, NULL, "2048", "MiB",
     "Memory that a run keeps to; blocks shrink as dates grow.", NULL},
    {"", "threads", EM_KEY_INT, TOP(threads), 0, 1024, NULL, NULL, "0", NULL,
     "Threads; 0 is every core. Results do not depend on it.", NULL},
    {"", "allow_incomplete", EM_KEY_BOOL, TOP(allow_incomplete), NO_RANGE, NULL, NULL, "false",
     NULL,
     "Publish although tiles failed; units that miss a tile have empty numbers and the exit code "
     "is 1.",
     NULL},
    {"", "csv_bom", EM_KEY_BOOL, TOP(csv_bom), NO_RANGE, NULL, NULL, "true", NULL,
     "Begin CSV files with a byte order mark, which Excel needs to see UTF-8.", NULL},
    {"", "grid", EM_KEY_MAP, TOP(grid), NO_RANGE, NULL, "grid", NULL, NULL,
     "The pixel lattice of the run.", NULL},
    {"", "mask", EM_KEY_MAP, TOP(mask), NO_RANGE, NULL, "mask", NULL, NULL,
     "Which pixels of a scene are not used.", NULL},
    {"", "forest", EM_KEY_MAP, TOP(forest), NO_RANGE, NULL, "forest", NULL, NULL,
     "How the random forest is grown.", NULL},
    {"", "features", EM_KEY_MAP, TOP(features), NO_RANGE, NULL, "features", NULL, NULL,
     "What the classifier sees.", NULL},
    {"", "products", EM_KEY_TEXTS, TOP(products), NO_RANGE, "class|confidence|clear", NULL,
     "class, confidence, clear", NULL, "Maps to publish.", NULL},
    {"", "jobs", EM_KEY_JOBS, 0, NO_RANGE, NULL, NULL, NULL, NULL,
     "Named settings laid over the top level by --job NAME; any key but region and jobs.", NULL},

    {"grid", "crs", EM_KEY_TEXT, GRD(crs), NO_RANGE, NULL, NULL, NULL, NULL,
     "CRS of cube and maps, as EPSG:32651; default: that of most scenes.", NULL},
    {"grid", "pixel", EM_KEY_REAL, GRD(pixel), 0, 1e6, NULL, NULL, "0", "CRS units",
     "Pixel size; 0 is the finest of the scenes.", NULL},
    {"grid", "tile", EM_KEY_INT, GRD(tile), 256, 2048, "256|512|1024|2048", NULL, "1024", "pixels",
     "Tile side. Results do not depend on it.", NULL},
    {"grid", "resample", EM_KEY_CHOICE, GRD(resample), NO_RANGE, "nearest|bilinear|cubic", NULL,
     "bilinear", NULL, "For scenes that do not lie on the grid; those that do are copied.", NULL},

    {"scenes", "path", EM_KEY_PATH, SRC(path), NO_RANGE, NULL, NULL, NULL, NULL,
     "Folder that is searched for scenes, or a pattern with * and ? in its last part. Required.",
     NULL},
    {"scenes", "format", EM_KEY_CHOICE, SRC(format), NO_RANGE, "sentinel2_l2a|geotiff", NULL,
     "sentinel2_l2a", NULL, "Product family.", NULL},
    {"scenes", "sensor", EM_KEY_TEXT, SRC(sensor), NO_RANGE, NULL, NULL, "geotiff", NULL,
     "Sensor name in cube and manifest.", "geotiff"},
    {"scenes", "file", EM_KEY_TEXT, SRC(file), NO_RANGE, NULL, NULL, NULL, NULL,
     "Pattern of the one file of a scene; leave out where every band has its own.", "geotiff"},
    {"scenes", "date", EM_KEY_TEXT, SRC(date), NO_RANGE, NULL, NULL, NULL, NULL,
     "A date as 2002-02-05, or where it stands in the file name: *_{YYYY}{MM}{DD}_* with {YYYY} "
     "{MM} {DD} {DDD} {hh} {mm} "
     "{ss}. Required.",
     "geotiff"},
    {"scenes", "bands", EM_KEY_BANDS, SRC(bands), NO_RANGE, NULL, NULL, NULL, NULL,
     "Band map: role to band number, to file pattern, or to {file, band, scale, offset}. Roles: "
     "blue green red rededge1 "
     "rededge2 rededge3 nir nir08 swir1 swir2. Required.",
     "geotiff"},
    {"scenes", "scale", EM_KEY_REAL, SRC(scale), -1e6, 1e6, NULL, NULL, "0.0001", NULL,
     "Reflectance = number in the file x scale + offset.", "geotiff"},
    {"scenes", "offset", EM_KEY_REAL, SRC(offset), -1e6, 1e6, NULL, NULL, "0", NULL, "See scale.",
     "geotiff"},
    {"scenes", "nodata", EM_KEY_REAL, SRC(nodata), -1e300, 1e300, NULL, NULL, NULL, NULL,
     "Number that means no value; default: as the file says.", "geotiff"},
    {"scenes", "mask", EM_KEY_MAP, 0, NO_RANGE, NULL, "scenes.mask", NULL, NULL,
     "Quality band of the stack.", "geotiff"},
    {"scenes.mask", "file", EM_KEY_TEXT, SRC(mask_file), NO_RANGE, NULL, NULL, NULL, NULL,
     "Pattern of the mask's own file; default: the scene's one file.", "geotiff"},
    {"scenes.mask", "band", EM_KEY_INT, SRC(mask_band), 1, 1000, NULL, NULL, NULL, NULL,
     "Band of the mask. Required.", "geotiff"},
    {"scenes.mask", "values", EM_KEY_INTS, SRC(mask_values), 0, 65535, NULL, NULL, NULL, NULL,
     "A pixel with one of these is not used.", "geotiff"},
    {"scenes.mask", "bits", EM_KEY_INT, SRC(mask_bits), 0, 65535, NULL, NULL, "0", NULL,
     "A pixel with one of these bits is not used.", "geotiff"},

    {"mask", "scl", EM_KEY_INTS, MSK(scl), 0, 11, NULL, NULL, "0, 1, 3, 8, 9, 10", NULL,
     "Sentinel-2 scene classes that are not used: 0 no data, 1 saturated, 3 shadow, 8 and 9 cloud, "
     "10 cirrus, 11 snow.",
     NULL},
    {"mask", "dilate_m", EM_KEY_REAL, MSK(dilate_m), 0, 640, NULL, NULL, "40", "m",
     "Pixels this near to an unused one are not used either.", NULL},

    {"units", "layers", EM_KEY_LIST, TOP(layers), NO_RANGE, NULL, "units.layers", NULL, NULL,
     "Polygon layers. Required.", NULL},
    {"units", "county", EM_KEY_MAP, TOP(county), NO_RANGE, NULL, "units.county", NULL, NULL,
     "The county row: the union of the towns.", NULL},
    {"units", "expected_bbox", EM_KEY_BOX, TOP(expected_bbox), -180, 180, NULL, NULL, NULL,
     "degrees", "West, south, east, north of the region: finds layers in a shifted datum.", NULL},
    {"units", "overlap_tolerance_m2", EM_KEY_REAL, TOP(overlap_tolerance_m2), 0, 1e9, NULL, NULL,
     "100", "m2", "Two units of a layer that overlap by more are both rejected.", NULL},

    {"units.layers", "path", EM_KEY_PATH, LAY(path), NO_RANGE, NULL, NULL, NULL, NULL,
     "GeoPackage, Shapefile or GeoJSON. Required.", NULL},
    {"units.layers", "layer", EM_KEY_TEXT, LAY(layer), NO_RANGE, NULL, NULL, NULL, NULL,
     "Layer of the file; default: its only one.", NULL},
    {"units.layers", "code", EM_KEY_TEXT, LAY(code), NO_RANGE, NULL, NULL, "code", NULL,
     "Field with the unit's code.", NULL},
    {"units.layers", "name", EM_KEY_TEXT, LAY(name), NO_RANGE, NULL, NULL, "name", NULL,
     "Field with the unit's name.", NULL},
    {"units.layers", "parent", EM_KEY_TEXT, LAY(parent), NO_RANGE, NULL, NULL, NULL, NULL,
     "Field with the parent's code; default for towns: the county's code.", NULL},
    {"units.layers", "type", EM_KEY_CHOICE, LAY(type), NO_RANGE, "town|village|corridor|project",
     NULL, "town", NULL, "What the units are; the county is the union of the towns.", NULL},
    {"units.layers", "code_system", EM_KEY_TEXT, LAY(code_system), NO_RANGE, NULL, NULL, "local",
     NULL, "What the codes are.", NULL},
    {"units.layers", "encoding", EM_KEY_TEXT, LAY(encoding), NO_RANGE, NULL, NULL, NULL, NULL,
     "Character set of a Shapefile without .cpg, as GB18030.", NULL},

    {"units.county", "code", EM_KEY_TEXT, CTY(code), NO_RANGE, NULL, NULL, "", NULL,
     "Code of the county; empty: no county row.", NULL},
    {"units.county", "name", EM_KEY_TEXT, CTY(name), NO_RANGE, NULL, NULL, "", NULL,
     "Name of the county.", NULL},
    {"units.county", "boundary", EM_KEY_PATH, CTY(boundary), NO_RANGE, NULL, NULL, NULL, NULL,
     "Polygon file that the towns' union is compared with.", NULL},
    {"units.county", "layer", EM_KEY_TEXT, CTY(layer), NO_RANGE, NULL, NULL, NULL, NULL,
     "Layer of that file.", NULL},
    {"units.county", "tolerance_pct", EM_KEY_REAL, CTY(tolerance_pct), 0, 100, NULL, NULL, NULL,
     "%", "Imbalance that fails the run; default: it is only reported.", NULL},

    {"samples", "path", EM_KEY_PATH, SMP(path), NO_RANGE, NULL, NULL, NULL, NULL,
     "GeoPackage, Shapefile, GeoJSON, or CSV with WKT or x and y. Required.", NULL},
    {"samples", "layer", EM_KEY_TEXT, SMP(layer), NO_RANGE, NULL, NULL, NULL, NULL,
     "Layer; default: the only one.", NULL},
    {"samples", "field", EM_KEY_TEXT, SMP(field), NO_RANGE, NULL, NULL, "class", NULL,
     "Field with the class.", NULL},
    {"samples", "crs", EM_KEY_TEXT, SMP(crs), NO_RANGE, NULL, NULL, NULL, NULL,
     "CRS of a CSV; default: the grid's.", NULL},
    {"samples", "map", EM_KEY_CLASSES, SMP(from), NO_RANGE, NULL, NULL, NULL, NULL,
     "Value of the field to class, as reed: wetland; what is not named must be a class itself, by "
     "key, Chinese name or code.",
     NULL},

    {"forest", "trees", EM_KEY_INT, FOR(trees), 1, 10000, NULL, NULL, "500", NULL, "Trees.", NULL},
    {"forest", "max_depth", EM_KEY_INT, FOR(max_depth), 1, 1000, NULL, NULL, "30", NULL,
     "Deepest level of a tree.", NULL},
    {"forest", "min_leaf", EM_KEY_INT, FOR(min_leaf), 1, 1000000, NULL, NULL, "1", "samples",
     "Fewest samples in a leaf.", NULL},
    {"forest", "mtry", EM_KEY_INT, FOR(mtry), 0, 1024, NULL, NULL, "0", NULL,
     "Features tried per split; 0 is the square root of their number.", NULL},
    {"forest", "seed", EM_KEY_INT, FOR(seed), 0, 9007199254740992.0, NULL, NULL, "1", NULL,
     "Another forest for another number.", NULL},
    {"forest", "max_per_class", EM_KEY_INT, FOR(max_per_class), 1, 1000000, NULL, NULL, "20000",
     "pixels", "Training pixels per class; more are drawn down.", NULL},
    {"forest", "balanced", EM_KEY_BOOL, FOR(balanced), NO_RANGE, NULL, NULL, "true", NULL,
     "Weigh classes equally, however many samples each has.", NULL},

    {"features", "list", EM_KEY_TEXTS, FEA(list), NO_RANGE, NULL, NULL,
     "bands.median, indices.median", NULL,
     "LAYER.STATISTIC or LAYER.STATISTIC.WINDOW: median of a band role or an index, count of "
     "clear; the groups bands and indices "
     "stand for all.",
     NULL},
    {"features", "windows", EM_KEY_WINDOWS, FEA(windows), NO_RANGE, NULL, NULL,
     "spring: 03-01..05-31, summer: 06-01..08-31, autumn: 09-01..11-30, winter: 12-01..02-29", NULL,
     "Named parts of the year, both days included; one may run over New Year.", NULL},
    {"features", "upsample", EM_KEY_CHOICE, FEA(upsample), NO_RANGE, "nearest|bilinear|cubic", NULL,
     "bilinear", NULL, "How 20 m bands are brought to 10 m.", NULL},
    {"features", "gap", EM_KEY_CHOICE, FEA(gap), NO_RANGE, "period|none", NULL, "period", NULL,
     "A window without a clear look takes the whole period's value, or is missing.", NULL},
    {"features", "min_clear", EM_KEY_INT, FEA(min_clear), 1, 10000, NULL, NULL, "1", "looks",
     "A pixel with fewer clear looks in the period is \"no observation\".", NULL},
};
const size_t em_n_key = sizeof em_keys / sizeof *em_keys;

const em_section *em_section_find(const char *name)
{
    for (size_t i = 0; i < em_n_section; i++) {
        if (strcmp(em_sections[i].name, name) == 0) return &em_sections[i];
    }
    return NULL;
}

const em_key *em_key_find(const char *section, const char *name)
{
    for (size_t i = 0; i < em_n_key; i++) {
        if (strcmp(em_keys[i].section, section) == 0 && strcmp(em_keys[i].name, name) == 0)
            return &em_keys[i];
    }
    return NULL;
}

const char *em_key_nearest(const char *section, const char *name)
{
    const char *best = NULL;
    size_t least = strlen(name) / 2 + 2;
    for (size_t i = 0; i < em_n_key; i++) {
        if (strcmp(em_keys[i].section, section) != 0) continue;
        const size_t off = em_edit_distance(name, em_keys[i].name);
        if (off < least) {
            least = off;
            best = em_keys[i].name;
        }
    }
    return best;
}
