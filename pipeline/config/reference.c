/* configs/README.md and the JSON schema, from the schema table. */
#include <string.h>

#include "pipeline/config/config.h"
#include "pipeline/config/schema.h"

static const char intro[] =
    "# Configuration reference\n\n"
    "One YAML file describes a region and its runs. `ecomon check CONFIG` finds every fault at "
    "once, each as\n"
    "`file:line:column` with the nearest key. Paths are relative to the config file. This page is "
    "generated\n"
    "(`ecomon pages config-reference`), and a test holds it true; `ecomon.schema.json` beside it "
    "serves "
    "editors.\n\n"
    "The smallest useful config:\n\n"
    "```yaml\n"
    "region: rugao\n"
    "scenes: inbox                # Sentinel-2 L2A SAFE folders\n"
    "units: boundaries/towns.gpkg # fields code and name\n"
    "samples: samples.gpkg        # field class\n"
    "```\n\n"
    "One with most of what a county wants:\n\n"
    "```yaml\n"
    "region: rugao\n"
    "period: \"2026\"\n"
    "scenes:\n"
    "  - path: inbox/s2\n"
    "  - path: inbox/l7\n"
    "    format: geotiff\n"
    "    sensor: LE7\n"
    "    file: \"LE7*_stack.tif\"\n"
    "    date: \"LE7??????{YYYY}{DDD}*\"\n"
    "    bands: {blue: 1, green: 2, red: 3, nir: 4, swir1: 5, swir2: 6}\n"
    "    scale: 0.0001\n"
    "    mask: {band: 8, values: [2, 4]}\n"
    "units:\n"
    "  expected_bbox: [120.3, 31.9, 120.9, 32.5]\n"
    "  county: {code: \"320682\", name: 如皋市}\n"
    "  layers:\n"
    "    - {path: boundaries.gpkg, layer: towns, type: town}\n"
    "    - {path: boundaries.gpkg, layer: villages, type: village, parent: town_code}\n"
    "samples: {path: samples.gpkg, field: habitat, map: {reed: wetland, paddy: cropland}}\n"
    "features:\n"
    "  list: [bands.median, indices.median, ndvi.median.spring, lswi.median.rice]\n"
    "  windows: {spring: 03-01..04-30, rice: 06-10..07-10}\n"
    "jobs:\n"
    "  nightly: {period: auto}\n"
    "  may: {period: 2026-05, features: {list: [bands.median]}}\n"
    "```\n";

static void put_type(em_str *out, const em_key *key)
{
    static const char *const names[] = {
        [EM_KEY_TEXT] = "text",
        [EM_KEY_PATH] = "path",
        [EM_KEY_INT] = "whole number",
        [EM_KEY_REAL] = "number",
        [EM_KEY_BOOL] = "true or false",
        [EM_KEY_CHOICE] = "choice",
        [EM_KEY_TEXTS] = "list of text",
        [EM_KEY_INTS] = "list of whole numbers",
        [EM_KEY_MAP] = "mapping",
        [EM_KEY_LIST] = "list of mappings",
        [EM_KEY_PERIOD] = "period",
        [EM_KEY_REGION] = "name",
        [EM_KEY_BOX] = "four numbers",
        [EM_KEY_BANDS] = "mapping of role to band",
        [EM_KEY_WINDOWS] = "mapping of name to MM-DD..MM-DD",
        [EM_KEY_CLASSES] = "mapping of value to class",
        [EM_KEY_JOBS] = "mapping of name to settings",
    };
    em_str_append(out, names[key->type]);
}

static void put_range(em_str *out, const em_key *key)
{
    if (key->choices) {
        for (const char *c = key->choices; *c; c++) {
            if (*c == '|') {
                em_str_append(out, ", ");
            } else {
                em_str_append_bytes(out, c, 1);
            }
        }
    } else if (key->low > -1e299 && key->high < 1e299) {
        char low[32];
        char high[32];
        em_print_double(key->low, low);
        em_print_double(key->high, high);
        em_str_printf(out, "%s to %s", low, high);
    }
    if (key->unit) em_str_printf(out, " %s", key->unit);
}

em_status em_schema_print_reference(em_str *out, em_error *err)
{
    em_str_append(out, intro);
    for (size_t s = 0; s < em_n_section; s++) {
        em_str_printf(out, "\n## %s\n\n", em_sections[s].title);
        if (em_sections[s].shorthand)
            em_str_printf(out, "A plain text instead of the mapping is its `%s`.\n\n",
                          em_sections[s].shorthand);
        em_str_append(
            out,
            "| key | type | range, unit | default | meaning |\n| --- | --- | --- | --- | --- |\n");
        for (size_t i = 0; i < em_n_key; i++) {
            const em_key *const key = &em_keys[i];
            if (strcmp(key->section, em_sections[s].name) != 0) continue;
            em_str_printf(out, "| %s | ", key->name);
            put_type(out, key);
            em_str_append(out, " | ");
            put_range(out, key);
            em_str_printf(out, " | %s | %s%s |\n", key->fallback ? key->fallback : "", key->meaning,
                          key->only ? " (geotiff only)" : "");
        }
    }
    return em_str_check(out, err);
}

/* ---- JSON schema (draft 2020-12) ---- */

static void json_text(em_str *out, const char *text)
{
    em_str_append(out, "\"");
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\') em_str_append(out, "\\");
        em_str_append_bytes(out, c, 1);
    }
    em_str_append(out, "\"");
}

static void json_enum(em_str *out, const char *choices, bool numbers)
{
    em_str_append(out, "\"enum\": [");
    for (const char *p = choices; *p;) {
        const size_t n = strcspn(p, "|");
        em_str_printf(out, numbers ? "%s%.*s" : "%s\"%.*s\"", p == choices ? "" : ", ", (int)n, p);
        p += n + (p[n] == '|');
    }
    em_str_append(out, "], ");
}

static void json_limits(em_str *out, const em_key *key)
{
    char low[32];
    char high[32];
    if (key->choices) {
        json_enum(out, key->choices, true);
    } else if (key->low > -1e299) {
        em_print_double(key->low, low);
        em_print_double(key->high, high);
        em_str_printf(out, "\"minimum\": %s, \"maximum\": %s, ", low, high);
    }
}

static void json_type(em_str *out, const em_key *key)
{
    switch (key->type) {
    case EM_KEY_INT:
        em_str_append(out, "\"type\": \"integer\", ");
        json_limits(out, key);
        break;
    case EM_KEY_REAL:
        em_str_append(out, "\"type\": \"number\", ");
        json_limits(out, key);
        break;
    case EM_KEY_BOOL:
        em_str_append(out, "\"type\": \"boolean\", ");
        break;
    case EM_KEY_CHOICE:
        json_enum(out, key->choices, false);
        break;
    case EM_KEY_TEXTS:
        em_str_append(out,
                      "\"type\": [\"array\", \"string\"], \"items\": {\"type\": \"string\"}, ");
        break;
    case EM_KEY_INTS:
        em_str_append(out,
                      "\"type\": [\"array\", \"integer\"], \"items\": {\"type\": \"integer\"}, ");
        break;
    case EM_KEY_BOX:
        em_str_append(out, "\"type\": \"array\", \"items\": {\"type\": \"number\"}, \"minItems\": "
                           "4, \"maxItems\": 4, ");
        break;
    case EM_KEY_MAP:
        em_str_printf(
            out, "\"anyOf\": [{\"$ref\": \"#/$defs/%s\"}, {\"type\": [\"string\", \"array\"]}], ",
            key->sub);
        break;
    case EM_KEY_LIST:
        em_str_printf(out,
                      "\"anyOf\": [{\"type\": \"string\"}, {\"$ref\": \"#/$defs/%s\"}, {\"type\": "
                      "\"array\", \"items\": "
                      "{\"anyOf\": [{\"type\": \"string\"}, {\"$ref\": \"#/$defs/%s\"}]}}], ",
                      key->sub, key->sub);
        break;
    case EM_KEY_BANDS:
    case EM_KEY_WINDOWS:
    case EM_KEY_CLASSES:
    case EM_KEY_JOBS:
        em_str_append(out, "\"type\": \"object\", ");
        break;
    case EM_KEY_TEXT:
    case EM_KEY_PATH:
    case EM_KEY_PERIOD:
    case EM_KEY_REGION:
        em_str_append(out, "\"type\": [\"string\", \"number\"], ");
        break;
    }
}

static void json_properties(em_str *out, const char *section, const char *pad)
{
    bool first = true;
    em_str_printf(out, "\"type\": \"object\", \"additionalProperties\": false, \"properties\": {");
    for (size_t i = 0; i < em_n_key; i++) {
        const em_key *const key = &em_keys[i];
        if (strcmp(key->section, section) != 0) continue;
        em_str_printf(out, "%s\n%s\"%s\": {", first ? "" : ",", pad, key->name);
        json_type(out, key);
        em_str_append(out, "\"description\": ");
        json_text(out, key->meaning);
        em_str_append(out, "}");
        first = false;
    }
    em_str_append(out, "}");
}

em_status em_schema_print_json(em_str *out, em_error *err)
{
    em_str_append(out,
                  "{\n\"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n\"title\": "
                  "\"ecomon config\",\n");
    json_properties(out, "", "  ");
    em_str_append(out, ",\n\"required\": [\"region\", \"scenes\", \"units\"],\n\"$defs\": {");
    for (size_t s = 1; s < em_n_section; s++) {
        em_str_printf(out, "%s\n  \"%s\": {", s > 1 ? "," : "", em_sections[s].name);
        json_properties(out, em_sections[s].name, "    ");
        em_str_append(out, "}");
    }
    em_str_append(out, "\n}\n}\n");
    return em_str_check(out, err);
}
