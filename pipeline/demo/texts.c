#include "pipeline/demo/texts.h"

#include "pipeline/demo/spectra.h"

em_status em_demo_config_text(const em_demo_settings *s, em_str *out, em_error *err)
{
    em_str_printf(out,
                  "# A made county (ecomon demo): nothing here is real. ecomon run demo.yaml --job "
                  "nightly\n"
                  "region: demo\nperiod: \"%d\"\n",
                  EM_DEMO_YEAR);
    if (!s->geotiff) {
        em_str_append(out, "scenes: scenes\n");
    } else {
        em_str_append(out, "scenes:\n  - path: scenes\n    format: geotiff\n    sensor: S2\n"
                           "    date: \"S2_{YYYY}{MM}{DD}_*\"\n    offset: -0.1\n    nodata: 0\n"
                           "    mask: {file: \"*_SCL.tif\", band: 1, values: [0, 1, 3, 8, 9, 10]}\n"
                           "    bands:\n");
        for (int b = 0; b < EM_DEMO_BANDS; b++) {
            em_str_printf(out, "      %s: {file: \"*_%s.tif\"}\n", em_demo_bands[b].role,
                          em_demo_bands[b].name);
        }
    }
    em_str_append(out, "units:\n"
                       "  expected_bbox: [120.0, 31.0, 121.5, 33.0]\n"
                       "  county: {code: \"320682\", name: 如皋市（演示）}\n"
                       "  layers:\n"
                       "    - {path: towns.gpkg, type: town, code_system: NBS}\n"
                       "    - {path: villages.gpkg, type: village, parent: parent, "
                       "code_system: NBS}\n"
                       "samples: samples.gpkg\n"
                       "validation: validation.gpkg\n"
                       "forest: {trees: 200}\n"
                       "features:\n"
                       "  list: [bands.median, indices.median.spring, indices.median.summer, "
                       "indices.median.autumn]\n"
                       "jobs:\n"
                       "  nightly: {period: auto}\n");
    return em_str_check(out, err);
}

em_status em_demo_readme_text(const em_demo_settings *s, em_str *out, em_error *err)
{
    em_str_append(
        out,
        "MADE, NOT REAL. 本目录全部数据均为程序生成的演示数据，并非真实影像或真实界线。\n"
        "\n"
        "A made county of ecomon. Towns bear the names and codes of Rugao; their shapes, the\n"
        "land and every image are made up. 乡镇名称与代码取自如皋市，边界、地类与影像均为虚构。\n"
        "\n");
    em_str_printf(out,
                  "%d x %d pixels of 10 m, EPSG:32651, %d years up to %d with %d dates each, seed "
                  "%llu\n\n",
                  s->width, s->height, s->years, EM_DEMO_YEAR, s->dates,
                  (unsigned long long)s->seed);
    em_str_printf(out,
                  "scenes/            %s\n"
                  "towns.gpkg         14 towns: code, name, parent\n"
                  "villages.gpkg      8 villages of 长江镇: code, name, parent\n"
                  "samples.gpkg       training polygons: class\n"
                  "validation.gpkg    independent stratified points: class\n"
                  "truth/class_*.tif  true classes on 31 December of each year\n"
                  "truth/areas.csv    true hectares of every class in every town, last year\n"
                  "truth/changes.gpkg planted changes: from, to, date\n"
                  "demo.yaml          the configuration\n\n"
                  "ecomon run demo.yaml --job nightly\n"
                  "ecomon accuracy out/demo/%d/current/class.tif --reference "
                  "truth/class_%d.tif\n",
                  s->geotiff ? "one folder of GeoTIFFs per date (reflectance x 10000 + 1000)"
                             : "Sentinel-2 L2A SAFE folders with JPEG 2000 bands",
                  EM_DEMO_YEAR, EM_DEMO_YEAR);
    return em_str_check(out, err);
}
