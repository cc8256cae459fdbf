/* How a map looks in QGIS and other readers: colours, names, legends. */
#ifndef EM_PUBLISH_STYLE_H
#define EM_PUBLISH_STYLE_H

#include <stdint.h>

#include "pipeline/base/str.h"

/* 0xRRGGBBAA of every class code; codes without a class and 255 are transparent. */
void em_style_class_colours(uint32_t out[256]);

/* The .aux.xml beside class.tif: a category name (Chinese and English) for each of the 256 codes,
 * in the form that GDAL reads. */
em_status em_style_class_aux(em_str *out, em_error *err);

/* The .aux.xml beside the other maps: what the values are. */
em_status em_style_plain_aux(const char *description, em_str *out, em_error *err);

/* QGIS layer styles: unique values for classes, a ramp with labels else. */
em_status em_style_class_qml(em_str *out, em_error *err);
em_status em_style_ramp_qml(const char *zh, const char *en, const char *unit, int32_t most,
                            em_str *out, em_error *err);

#endif
