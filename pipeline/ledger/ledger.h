/* What runs remember between nights, in one SQLite file of the work folder: file hashes that are
 * still good, scenes that were rejected, runs that were published. A cache: without it a run only
 * works longer. */
#ifndef EM_LEDGER_LEDGER_H
#define EM_LEDGER_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "pipeline/base/hash.h"
#include "pipeline/base/str.h"

typedef struct em_ledger
    em_ledger; /* used by one thread at a time; em_ledger_hash locks by itself */

/* Opens or makes the ledger. A file that is no ledger of ours, or is damaged, is EM_EENV and named.
 * *out belongs to the caller: em_ledger_close. */
em_status em_ledger_open(const char *path, em_ledger **out, em_error *err);
/* The same for looking only: nothing is written, not even beside it. Where there is no ledger yet,
 * it is empty. */
em_status em_ledger_open_reading(const char *path, em_ledger **out, em_error *err);
void em_ledger_close(em_ledger *ledger); /* accepts NULL */

/* SHA-256 of a file: the remembered one while device, inode, size, mtime and ctime are unchanged,
 * else read anew and remembered. Safe from several threads: files are read in parallel. */
em_status em_ledger_hash(em_ledger *ledger, const char *path, em_hash *out, em_error *err);

/* Remembers that the scene with this content was rejected, and why. */
em_status em_ledger_reject(em_ledger *ledger, const em_hash *content, const char *scene,
                           const char *why, em_error *err);
/* *known = was this content rejected before; *why (may be NULL) receives the reason. */
em_status em_ledger_was_rejected(em_ledger *ledger, const em_hash *content, bool *known,
                                 em_str *why, em_error *err);

/* Remembers a published run. */
em_status em_ledger_add_run(em_ledger *ledger, const char *run_id, const char *region,
                            const char *period, int status, const char *folder, em_error *err);

#endif
