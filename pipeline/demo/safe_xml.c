/* Metadata of a made SAFE folder: what a Level-2A product of baseline 05.11 says of the things that
 * a reader needs. */
#include <stdio.h>

#include "pipeline/demo/scene_files.h"
#include "pipeline/io/geo.h"

/* "20250115T023951" as "2025-01-15T02:39:51.024Z". */
static void print_time(const char *stamp, char out[40])
{
    snprintf(out, 40, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s.024Z", stamp, stamp + 4, stamp + 6, stamp + 9,
             stamp + 11, stamp + 13);
}

static void append_images(const em_scene_name *name, em_str *out)
{
    for (int32_t b = -1; b < EM_DEMO_BANDS; b++) {
        const int32_t meters = b < 0 ? 20 : em_demo_bands[b].meters;
        em_str_printf(out,
                      "            <IMAGE_FILE>GRANULE/%s/IMG_DATA/R%dm/T51STR_%s_%s_%dm"
                      "</IMAGE_FILE>\n",
                      name->granule, meters, name->stamp, b < 0 ? "SCL" : em_demo_bands[b].name,
                      meters);
    }
}

static void append_info(const em_scene_name *name, em_str *out)
{
    char sensed[40];
    char made[40];
    print_time(name->stamp, sensed);
    print_time(name->made, made);
    em_str_printf(
        out,
        "  <n1:General_Info>\n    <Product_Info>\n"
        "      <PRODUCT_START_TIME>%s</PRODUCT_START_TIME>\n"
        "      <PRODUCT_STOP_TIME>%s</PRODUCT_STOP_TIME>\n"
        "      <PRODUCT_URI>%s.SAFE</PRODUCT_URI>\n"
        "      <PROCESSING_LEVEL>Level-2A</PROCESSING_LEVEL>\n"
        "      <PRODUCT_TYPE>S2MSI2A</PRODUCT_TYPE>\n"
        "      <PROCESSING_BASELINE>05.11</PROCESSING_BASELINE>\n"
        "      <GENERATION_TIME>%s</GENERATION_TIME>\n"
        "      <Datatake datatakeIdentifier=\"GS2%c_%s_%.6s_N05.11\">\n"
        "        <SPACECRAFT_NAME>Sentinel-2%c</SPACECRAFT_NAME>\n"
        "        <DATATAKE_TYPE>INS-NOBS</DATATAKE_TYPE>\n"
        "        <DATATAKE_SENSING_START>%s</DATATAKE_SENSING_START>\n"
        "        <SENSING_ORBIT_NUMBER>89</SENSING_ORBIT_NUMBER>\n"
        "        <SENSING_ORBIT_DIRECTION>DESCENDING</SENSING_ORBIT_DIRECTION>\n"
        "      </Datatake>\n"
        "      <Query_Options completeSingleTile=\"true\">\n"
        "        <PRODUCT_FORMAT>SAFE_COMPACT</PRODUCT_FORMAT>\n      </Query_Options>\n"
        "      <Product_Organisation>\n        <Granule_List>\n"
        "          <Granule datastripIdentifier=\"S2%c_OPER_MSI_L2A_DS_MADE_%s_S%s_N05.11\" "
        "granuleIdentifier=\"S2%c_OPER_MSI_L2A_TL_MADE_%s_T51STR_N05.11\" "
        "imageFormat=\"JPEG2000\">\n",
        sensed, sensed, name->product, made, name->sensor, name->stamp, name->granule + 12,
        name->sensor, sensed, name->sensor, name->made, name->stamp, name->sensor, name->made);
    append_images(name, out);
    em_str_append(out, "          </Granule>\n        </Granule_List>\n"
                       "      </Product_Organisation>\n    </Product_Info>\n");
}

static void append_values(em_str *out)
{
    static const char *const physical[] = {"B1", "B2",  "B3", "B4",  "B5",  "B6", "B7",
                                           "B8", "B8A", "B9", "B10", "B11", "B12"};
    enum { N = sizeof physical / sizeof *physical };
    em_str_append(
        out, "    <Product_Image_Characteristics>\n"
             "      <Special_Values>\n        <SPECIAL_VALUE_TEXT>NODATA</SPECIAL_VALUE_TEXT>\n"
             "        <SPECIAL_VALUE_INDEX>0</SPECIAL_VALUE_INDEX>\n      </Special_Values>\n"
             "      <Special_Values>\n"
             "        <SPECIAL_VALUE_TEXT>SATURATED</SPECIAL_VALUE_TEXT>\n"
             "        <SPECIAL_VALUE_INDEX>65535</SPECIAL_VALUE_INDEX>\n"
             "      </Special_Values>\n      <QUANTIFICATION_VALUES_LIST>\n"
             "        <BOA_QUANTIFICATION_VALUE unit=\"none\">10000</BOA_QUANTIFICATION_VALUE>\n"
             "      </QUANTIFICATION_VALUES_LIST>\n      <BOA_ADD_OFFSET_VALUES_LIST>\n");
    for (int i = 0; i < N; i++)
        em_str_printf(out, "        <BOA_ADD_OFFSET band_id=\"%d\">%d</BOA_ADD_OFFSET>\n", i,
                      -EM_DEMO_OFFSET);
    em_str_append(out, "      </BOA_ADD_OFFSET_VALUES_LIST>\n      <Spectral_Information_List>\n");
    for (int i = 0; i < N; i++) {
        em_str_printf(out, "        <Spectral_Information bandId=\"%d\" physicalBand=\"%s\"/>\n", i,
                      physical[i]);
    }
    em_str_append(out, "      </Spectral_Information_List>\n"
                       "    </Product_Image_Characteristics>\n  </n1:General_Info>\n");
}

/* The scene's corners as latitude longitude pairs. */
static em_status append_footprint(const em_view *view, em_str *out, em_error *err)
{
    const double w = view->world->width * EM_DEMO_PIXEL;
    const double h = view->world->height * EM_DEMO_PIXEL;
    double at[5][2] = {{EM_DEMO_X0, EM_DEMO_Y0},
                       {EM_DEMO_X0 + w, EM_DEMO_Y0},
                       {EM_DEMO_X0 + w, EM_DEMO_Y0 - h},
                       {EM_DEMO_X0, EM_DEMO_Y0 - h},
                       {EM_DEMO_X0, EM_DEMO_Y0}};
    const em_status rc = em_crs_transform(EM_DEMO_CRS, "EPSG:4326", at, 5, err);
    if (rc != EM_OK) return rc;
    em_str_append(out, "  <n1:Geometric_Info>\n    <Product_Footprint>\n      <Product_Footprint>\n"
                       "        <Global_Footprint>\n          <EXT_POS_LIST>");
    for (int i = 0; i < 5; i++) {
        char lat[64];
        char lon[64];
        em_print_fixed(at[i][1], 9, lat);
        em_print_fixed(at[i][0], 9, lon);
        em_str_printf(out, "%s %s ", lat, lon);
    }
    em_str_append(out, "</EXT_POS_LIST>\n        </Global_Footprint>\n      </Product_Footprint>\n"
                       "    </Product_Footprint>\n  </n1:Geometric_Info>\n");
    return EM_OK;
}

em_status em_safe_product_xml(const em_view *view, const em_scene_name *name, em_str *out,
                              em_error *err)
{
    char cover[64];
    em_str_append(out,
                  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                  "<!-- MADE: synthetic demonstration data of ecomon, of no real place -->\n"
                  "<n1:Level-2A_User_Product xmlns:n1=\"https://psd-14.sentinel2.eo.esa.int/PSD/"
                  "User_Product_Level-2A.xsd\">\n");
    append_info(name, out);
    append_values(out);
    const em_status rc = append_footprint(view, out, err);
    if (rc != EM_OK) return rc;
    em_print_fixed(100 * view->sky.cover, 6, cover);
    em_str_printf(out,
                  "  <n1:Quality_Indicators_Info>\n"
                  "    <Cloud_Coverage_Assessment>%s</Cloud_Coverage_Assessment>\n"
                  "  </n1:Quality_Indicators_Info>\n</n1:Level-2A_User_Product>\n",
                  cover);
    return em_str_check(out, err);
}

em_status em_safe_tile_xml(const em_view *view, const em_scene_name *name, em_str *out,
                           em_error *err)
{
    char sensed[40];
    print_time(name->stamp, sensed);
    em_str_printf(out,
                  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                  "<n1:Level-2A_Tile_ID xmlns:n1=\"https://psd-14.sentinel2.eo.esa.int/PSD/"
                  "S2_PDI_Level-2A_Tile_Metadata.xsd\">\n  <n1:General_Info>\n"
                  "    <SENSING_TIME metadataLevel=\"Standard\">%s</SENSING_TIME>\n"
                  "  </n1:General_Info>\n  <n1:Geometric_Info>\n"
                  "    <Tile_Geocoding metadataLevel=\"Brief\">\n"
                  "      <HORIZONTAL_CS_NAME>WGS84 / UTM zone 51N</HORIZONTAL_CS_NAME>\n"
                  "      <HORIZONTAL_CS_CODE>" EM_DEMO_CRS "</HORIZONTAL_CS_CODE>\n",
                  sensed);
    for (int32_t meters = 10; meters <= 20; meters += 10) {
        em_str_printf(out,
                      "      <Size resolution=\"%d\">\n        <NROWS>%d</NROWS>\n"
                      "        <NCOLS>%d</NCOLS>\n      </Size>\n",
                      meters, view->world->height * 10 / meters, view->world->width * 10 / meters);
    }
    for (int32_t meters = 10; meters <= 20; meters += 10) {
        em_str_printf(out,
                      "      <Geoposition resolution=\"%d\">\n        <ULX>%.0f</ULX>\n"
                      "        <ULY>%.0f</ULY>\n        <XDIM>%d</XDIM>\n        <YDIM>-%d</YDIM>\n"
                      "      </Geoposition>\n",
                      meters, EM_DEMO_X0, EM_DEMO_Y0, meters, meters);
    }
    em_str_append(out, "    </Tile_Geocoding>\n  </n1:Geometric_Info>\n</n1:Level-2A_Tile_ID>\n");
    return em_str_check(out, err);
}
