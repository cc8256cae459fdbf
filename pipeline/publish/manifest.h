/* manifest.json: what a published folder holds and what it was made from. Without it nothing is
 * published; readers trust only it. The same run gives the same bytes: no time, no host, no place.
 *
 *   {... what the run says of itself ...,
 *    "outputs":  [{"path", "size", "sha256"}],   every file but the unhashed and itself
 *    "unhashed": ["run.json"]}
 */
#ifndef EM_PUBLISH_MANIFEST_H
#define EM_PUBLISH_MANIFEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "pipeline/base/str.h"

/* Adds outputs and unhashed to `root` (borrowed, changed) and writes <folder>/manifest.json.
 * `files` are names in the folder that were written before. */
em_status em_manifest_publish(json_t *root, const char *folder, const em_list *files,
                              const char *unhashed, em_error *err);

/* A JSON string of any bytes: what is not UTF-8 (a file name in GBK, a message cut within a letter)
 * becomes U+FFFD, so that nothing is left out for its spelling. NULL: memory refused. */
json_t *em_json_text(const char *text);

/* Writes any JSON as <folder>/<name>, indented, keys in the order in which they were set. */
em_status em_json_publish(const json_t *root, const char *folder, const char *name, em_error *err);

typedef struct em_verified {
    size_t outputs, inputs; /* files looked at */
    char run_id[64];
} em_verified;

/* See em_verify in ecomon.h. `base` is the folder that the inputs' paths are relative to; NULL: not
 * deep. */
em_status em_manifest_verify(const char *folder, const char *base, em_list *faults,
                             em_verified *out, em_error *err);

#endif
