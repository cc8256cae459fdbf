/* The legend: land-cover classes with their codes, names and colours (legend L1). */
#ifndef EM_CONFIG_CLASSES_H
#define EM_CONFIG_CLASSES_H

#include <stddef.h>
#include <stdint.h>

#define EM_CLASS_NODATA  0
#define EM_CLASS_NOOBS   250 /* inside the region, but nothing was seen in the period */
#define EM_CLASS_OUTSIDE 255 /* outside every unit; the nodata value of class maps */

typedef struct em_class {
    uint8_t code;
    const char *key;     /* "wetland" */
    const char *name_zh; /* "湿地" */
    const char *name_en; /* "wetland" */
    uint32_t rgb;        /* 0xRRGGBB */
} em_class;

/* The classes of legend L1 in code order, without 0, 250 and 255: 1 to 9. */
const em_class *em_classes(size_t *n);

/* Any code of the legend, 250 and 255 included; NULL where the legend has none. */
const em_class *em_class_by_code(int64_t code);

/* By key ("wetland"), by Chinese name, or by code in digits; NULL where the legend has none. */
const em_class *em_class_find(const char *text);

#endif
