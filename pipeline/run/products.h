/* Everything that one run publishes, written into a folder: maps, tables, quality, manifest,
 * run.json. */
#ifndef EM_RUN_PRODUCTS_H
#define EM_RUN_PRODUCTS_H

#include "pipeline/run/publish_run.h"

/* Pixels that the maps cover: the box of all usable units. */
em_rect em_products_area(const em_inputs *inputs);

/* Writes every product into `folder`, the manifest last. publication->validation receives the
 * comparison with the validation points. */
em_status em_products_write(em_session *session, const em_results *results, const em_areas *areas,
                            em_publication *publication, const char *folder, em_error *err);

/* Writes run.json alone into a folder. `error` is what ended the run, "" where nothing did. */
em_status em_products_record(const em_session *session, const em_publication *publication,
                             em_status status, const char *error, const char *folder,
                             em_error *err);

#endif
