/* From the tree of a YAML file to struct em_config, by the schema table. Internal to
 * pipeline/config. */
#ifndef EM_CONFIG_FILL_H
#define EM_CONFIG_FILL_H

#include "pipeline/config/config.h"
#include "pipeline/config/schema.h"
#include "pipeline/config/yaml.h"

typedef struct em_filler {
    const char *folder; /* of the config file */
    em_faults *faults;
    em_error *err;
    bool geotiff; /* the source being read is a GeoTIFF stack */
} em_filler;

/* Fills `base`, the struct of the section, from a map node (NULL: defaults only). Unknown keys,
 * wrong types and values out of range become faults. Fails only where memory is refused. */
em_status em_fill_section(em_filler *f, const char *section, const em_node *node, void *base);

/* Values with a form of their own: fill_values.c. */
em_status em_fill_bands(em_filler *f, const em_node *node, em_config_source *source);
em_status em_fill_windows(em_filler *f, const em_node *node, em_config_features *features);
em_status em_fill_classes(em_filler *f, const em_node *node, em_config_samples *samples);
void em_fill_box(em_filler *f, const em_node *node, double out[4]);
bool em_period_form(const char *text);

/* One scalar as the key's type into `at`; faults where it does not fit. */
em_status em_fill_scalar(em_filler *f, const em_key *key, const em_node *node, void *at);

#endif
