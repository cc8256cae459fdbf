#include "pipeline/publish/style.h"

#include <stddef.h>
#include <string.h>

#include "pipeline/config/classes.h"

void em_style_class_colours(uint32_t out[256])
{
    memset(out, 0, 256 * sizeof *out);
    for (int code = 0; code < EM_CLASS_OUTSIDE; code++) {
        const em_class *const c = em_class_by_code(code);
        if (c) out[code] = c->rgb << 8 | 0xFF;
    }
}

/* Text between tags. The legend has none of these today, and may have them tomorrow. */
static void append_escaped(em_str *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            em_str_append(out, "&amp;");
            break;
        case '<':
            em_str_append(out, "&lt;");
            break;
        case '>':
            em_str_append(out, "&gt;");
            break;
        case '"':
            em_str_append(out, "&quot;");
            break;
        default:
            em_str_append_bytes(out, text, 1);
        }
    }
}

em_status em_style_class_aux(em_str *out, em_error *err)
{
    em_str_append(out, "<PAMDataset>\n  <PAMRasterBand band=\"1\">\n"
                       "    <Description>land cover class / 土地覆盖类型</Description>\n"
                       "    <CategoryNames>\n");
    for (int code = 0; code < 256; code++) {
        const em_class *const c = em_class_by_code(code);
        em_str_append(out, "      <Category>");
        if (c) {
            append_escaped(out, c->name_zh);
            em_str_append(out, " ");
            append_escaped(out, c->name_en);
        }
        em_str_append(out, "</Category>\n");
    }
    em_str_append(out, "    </CategoryNames>\n  </PAMRasterBand>\n</PAMDataset>\n");
    return em_str_check(out, err);
}

em_status em_style_plain_aux(const char *description, em_str *out, em_error *err)
{
    em_str_append(out, "<PAMDataset>\n  <PAMRasterBand band=\"1\">\n    <Description>");
    append_escaped(out, description);
    em_str_append(out, "</Description>\n  </PAMRasterBand>\n</PAMDataset>\n");
    return em_str_check(out, err);
}

static const char qml_head[] =
    "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    "<qgis version=\"3.22\" styleCategories=\"AllStyleCategories\">\n  <pipe>\n";
static const char qml_foot[] =
    "    <rasterresampler zoomedInResampler=\"nearest\" zoomedOutResampler=\"nearest\"/>\n"
    "  </pipe>\n  <blendMode>0</blendMode>\n</qgis>\n";

em_status em_style_class_qml(em_str *out, em_error *err)
{
    em_str_append(out, qml_head);
    em_str_append(out, "    <rasterrenderer type=\"paletted\" band=\"1\" opacity=\"1\" "
                       "alphaBand=\"-1\" nodataColor=\"\">\n      <colorPalette>\n");
    for (int code = 0; code < EM_CLASS_OUTSIDE; code++) {
        const em_class *const c = em_class_by_code(code);
        if (!c) continue;
        em_str_printf(out,
                      "        <paletteEntry value=\"%d\" color=\"#%06x\" alpha=\"255\" label=\"",
                      code, c->rgb);
        append_escaped(out, c->name_zh);
        em_str_append(out, " ");
        append_escaped(out, c->name_en);
        em_str_append(out, "\"/>\n");
    }
    em_str_append(out, "      </colorPalette>\n    </rasterrenderer>\n");
    em_str_append(out, qml_foot);
    return em_str_check(out, err);
}

em_status em_style_ramp_qml(const char *zh, const char *en, const char *unit, int32_t most,
                            em_str *out, em_error *err)
{
    enum { STEPS = 5 };
    static const uint32_t colour[STEPS + 1] = {0x440154, 0x414487, 0x2A788E,
                                               0x22A884, 0x7AD151, 0xFDE725};
    em_str_append(out, qml_head);
    em_str_printf(out,
                  "    <rasterrenderer type=\"singlebandpseudocolor\" band=\"1\" opacity=\"1\" "
                  "alphaBand=\"-1\" classificationMin=\"0\" classificationMax=\"%d\">\n"
                  "      <rastershader>\n        <colorrampshader colorRampType=\"INTERPOLATED\" "
                  "classificationMode=\"1\" clip=\"0\" minimumValue=\"0\" maximumValue=\"%d\">\n",
                  most, most);
    for (int i = 0; i <= STEPS; i++) {
        const int32_t value = (int32_t)((int64_t)most * i / STEPS);
        em_str_printf(out,
                      "          <item value=\"%d\" color=\"#%06x\" alpha=\"255\" label=\"%d%s",
                      value, colour[i], value, unit);
        if (i == 0) {
            em_str_append(out, " ");
            append_escaped(out, zh);
            em_str_append(out, " ");
            append_escaped(out, en);
        }
        em_str_append(out, "\"/>\n");
    }
    em_str_append(out,
                  "        </colorrampshader>\n      </rastershader>\n    </rasterrenderer>\n");
    em_str_append(out, qml_foot);
    return em_str_check(out, err);
}
