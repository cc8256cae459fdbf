/* Files: whole reads, paths, and the one writer function.
 *
 * Every file that is published or remembered is written by em_file_publish (bytes in memory) or
 * em_file_adopt (a temporary file that its maker has read back and compared). Both end the same
 * way: fsync, rename, fsync of the folder, every result checked; a reader of the final name sees
 * the whole file or none. Nothing else in ecomon creates a file under a final name. */
#ifndef EM_BASE_FILE_H
#define EM_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/error.h"
#include "pipeline/base/str.h"

/* Writes bytes under `path`, replacing what was there. The folder must exist. The written bytes
 * are read back from the temporary file and compared before the rename (an EIO that write
 * did not report was seen to publish zeros). EM_EENV with path, bytes needed and bytes free. On
 * failure the old file, if any, is untouched and no temporary file remains. */
em_status em_file_publish(const char *path, const void *data, size_t size, em_error *err);

/* Makes `temp`, on the same file system and already verified by the caller, the file `path`:
 * fsync, rename, fsync of the folder. On failure `temp` is removed and `path` untouched. */
em_status em_file_adopt(const char *temp, const char *path, em_error *err);

/* Points the symbolic link `path` at `target` in one step. */
em_status em_link_publish(const char *path, const char *target, em_error *err);

/* Renames the folder `temp` to `path`, which must not exist yet, and fsyncs both parents. Used to
 * publish a run folder whose every file is already in place. */
em_status em_folder_publish(const char *temp, const char *path, em_error *err);

/* Reads a whole regular file of at most `limit` bytes. EM_EINPUT if it is absent, larger or
 * unreadable. *out must be empty; the caller releases it. */
em_status em_file_read(const char *path, size_t limit, em_str *out, em_error *err);

/* Makes the folder and its parents. EM_EENV where that is refused. */
em_status em_mkdirs(const char *path, em_error *err);

/* Removes a file or a folder with all in it; absent is fine. Never follows links. */
em_status em_remove_tree(const char *path, em_error *err);

bool em_file_exists(const char *path);   /* a regular file */
bool em_folder_exists(const char *path); /* a folder */

/* Names in a folder (without . and ..), sorted by bytes. EM_EINPUT if it cannot be listed. */
em_status em_folder_list(const char *path, em_list *out, em_error *err);

/* What says that a file was not touched: reuse a hash only while all of it is unchanged. */
typedef struct em_file_id {
    uint64_t device, inode, size;
    int64_t mtime_ns, ctime_ns;
} em_file_id;

em_status em_file_identify(const char *path, em_file_id *out, em_error *err);

/* `base` joined with `path` unless that is absolute; "." and ".." are resolved by text. Heap text,
 * release with em_free. */
em_status em_path_join(const char *base, const char *path, char **out, em_error *err);
/* The part after the last slash; borrowed from `path`. */
const char *em_path_name(const char *path);
/* The folder part ("." if none) as heap text. */
em_status em_path_folder(const char *path, char **out, em_error *err);
/* Refuses what must never come from a config or a data file: /vsi…, DRIVER: prefixes, inline XML or
 * JSON, line breaks. EM_ECONFIG with the offending text. */
em_status em_path_check(const char *path, em_error *err);

#endif
