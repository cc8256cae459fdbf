#include "pipeline/ledger/ledger.h"

#include <pthread.h>
#include <sqlite3.h>
#include <string.h>
#include <time.h>

#include "pipeline/base/memory.h"

struct em_ledger {
    sqlite3 *db;
    pthread_mutex_t lock; /* one writer; hashing itself happens outside it */
    bool reading;         /* nothing is remembered */
};

/* "ECOM" as SQLite's application id; user_version is the layout's version. */
#define APPLICATION_ID 0x45434F4D
#define LAYOUT_VERSION 1

static const char layout[] =
    "CREATE TABLE IF NOT EXISTS file (path TEXT PRIMARY KEY, device INTEGER, inode INTEGER, size "
    "INTEGER,"
    " mtime_ns INTEGER, ctime_ns INTEGER, sha256 TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS rejected (content TEXT PRIMARY KEY, scene TEXT NOT NULL, why TEXT "
    "NOT NULL,"
    " since INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS run (run_id TEXT, region TEXT, period TEXT, status INTEGER, folder "
    "TEXT,"
    " at INTEGER, PRIMARY KEY (run_id, region, period));";

static em_status sql_failed(em_ledger *ledger, const char *doing, em_error *err)
{
    return em_fail(err, EM_EENV, "ledger: %s: %s", doing, sqlite3_errmsg(ledger->db));
}

static em_status pragma_int(em_ledger *ledger, const char *sql, int64_t *out, em_error *err)
{
    sqlite3_stmt *st = NULL;
    em_status rc = EM_OK;
    if (sqlite3_prepare_v2(ledger->db, sql, -1, &st, NULL) != SQLITE_OK ||
        sqlite3_step(st) != SQLITE_ROW) {
        rc = sql_failed(ledger, sql, err);
    } else {
        *out = sqlite3_column_int64(st, 0);
    }
    sqlite3_finalize(st);
    return rc;
}

static em_status run_sql(em_ledger *ledger, const char *sql, em_error *err)
{
    if (sqlite3_exec(ledger->db, sql, NULL, NULL, NULL) == SQLITE_OK) return EM_OK;
    return sql_failed(ledger, "set up", err);
}

static em_status set_up(em_ledger *ledger, em_error *err)
{
    em_status rc = EM_OK;
    int64_t id = 0;
    int64_t version = 0;
    em_str stamp = {0};
    sqlite3_busy_timeout(ledger->db, 10000);
    EM_TRY(run_sql(ledger, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;", err));
    EM_TRY(pragma_int(ledger, "PRAGMA application_id", &id, err));
    EM_TRY(pragma_int(ledger, "PRAGMA user_version", &version, err));
    if ((id != 0 && id != APPLICATION_ID) || version > LAYOUT_VERSION) {
        rc = em_fail(err, EM_EENV,
                     "ledger: not a ledger of this program (application id %lld, layout %lld)",
                     (long long)id, (long long)version);
        goto done;
    }
    EM_TRY(run_sql(ledger, layout, err));
    em_str_printf(&stamp, "PRAGMA application_id=%d; PRAGMA user_version=%d;", APPLICATION_ID,
                  LAYOUT_VERSION);
    EM_TRY(em_str_check(&stamp, err));
    EM_TRY(run_sql(ledger, stamp.data, err));
done:
    em_str_release(&stamp);
    return rc;
}

em_status em_ledger_open(const char *path, em_ledger **out, em_error *err)
{
    *out = NULL;
    em_ledger *ledger = NULL;
    em_status rc = em_calloc(1, sizeof *ledger, "ledger", &ledger, err);
    if (rc != EM_OK) return rc;
    pthread_mutex_init(&ledger->lock, NULL);
    if (sqlite3_open_v2(path, &ledger->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX,
                        NULL) != SQLITE_OK) {
        rc = sql_failed(ledger, "open", err);
    } else {
        rc = set_up(ledger, err);
    }
    if (rc != EM_OK) {
        em_ledger_close(ledger);
        return em_context(err, rc, "%s", path);
    }
    *out = ledger;
    return EM_OK;
}

/* A path as the URI of a database that nobody changes: no journal or lock file is made. */
static em_status reading_uri(const char *path, em_str *out, em_error *err)
{
    em_str_append(out, "file:");
    for (const char *p = path; *p; p++) {
        if (strchr("%?#", *p)) {
            em_str_printf(out, "%%%02x", (unsigned)(unsigned char)*p);
        } else {
            em_str_append_bytes(out, p, 1);
        }
    }
    em_str_append(out, "?mode=ro&immutable=1");
    return em_str_check(out, err);
}

em_status em_ledger_open_reading(const char *path, em_ledger **out, em_error *err)
{
    em_str uri = {0};
    if (!em_file_exists(path)) return em_ledger_open(":memory:", out, err);
    *out = NULL;
    em_ledger *ledger = NULL;
    em_status rc = reading_uri(path, &uri, err);
    if (rc == EM_OK) rc = em_calloc(1, sizeof *ledger, "ledger", &ledger, err);
    if (rc == EM_OK) {
        pthread_mutex_init(&ledger->lock, NULL);
        ledger->reading = true;
        if (sqlite3_open_v2(uri.data, &ledger->db,
                            SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_FULLMUTEX,
                            NULL) != SQLITE_OK)
            rc = sql_failed(ledger, "open", err);
    }
    em_str_release(&uri);
    if (rc != EM_OK) {
        em_ledger_close(ledger);
        return em_context(err, rc, "%s", path);
    }
    *out = ledger;
    return EM_OK;
}

void em_ledger_close(em_ledger *ledger)
{
    if (!ledger) return;
    sqlite3_close(ledger->db);
    pthread_mutex_destroy(&ledger->lock);
    em_free(ledger);
}

static bool same_file(sqlite3_stmt *st, const em_file_id *id)
{
    return (uint64_t)sqlite3_column_int64(st, 0) == id->device &&
           (uint64_t)sqlite3_column_int64(st, 1) == id->inode &&
           (uint64_t)sqlite3_column_int64(st, 2) == id->size &&
           sqlite3_column_int64(st, 3) == id->mtime_ns &&
           sqlite3_column_int64(st, 4) == id->ctime_ns;
}

static em_status recall_hash(em_ledger *ledger, const char *path, const em_file_id *id,
                             em_hash *out, em_error *err)
{
    sqlite3_stmt *st = NULL;
    em_status rc = EM_OK;
    out->hex[0] = '\0';
    if (sqlite3_prepare_v2(
            ledger->db,
            "SELECT device, inode, size, mtime_ns, ctime_ns, sha256 FROM file WHERE path = ?", -1,
            &st, NULL) != SQLITE_OK) {
        return sql_failed(ledger, "look up a file", err);
    }
    sqlite3_bind_text(st, 1, path, -1, SQLITE_STATIC);
    const int step = sqlite3_step(st);
    if (step == SQLITE_ROW && same_file(st, id) && sqlite3_column_bytes(st, 5) == 64) {
        memcpy(out->hex, sqlite3_column_text(st, 5), 65);
    } else if (step != SQLITE_ROW && step != SQLITE_DONE) {
        rc = sql_failed(ledger, "look up a file", err);
    }
    sqlite3_finalize(st);
    return rc;
}

static em_status remember_hash(em_ledger *ledger, const char *path, const em_file_id *id,
                               const em_hash *hash, em_error *err)
{
    sqlite3_stmt *st = NULL;
    em_status rc = EM_OK;
    if (ledger->reading) return EM_OK;
    if (sqlite3_prepare_v2(ledger->db, "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?, ?)",
                           -1, &st, NULL) != SQLITE_OK) {
        return sql_failed(ledger, "remember a file", err);
    }
    sqlite3_bind_text(st, 1, path, -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, 2, (int64_t)id->device);
    sqlite3_bind_int64(st, 3, (int64_t)id->inode);
    sqlite3_bind_int64(st, 4, (int64_t)id->size);
    sqlite3_bind_int64(st, 5, id->mtime_ns);
    sqlite3_bind_int64(st, 6, id->ctime_ns);
    sqlite3_bind_text(st, 7, hash->hex, -1, SQLITE_STATIC);
    if (sqlite3_step(st) != SQLITE_DONE) rc = sql_failed(ledger, "remember a file", err);
    sqlite3_finalize(st);
    return rc;
}

em_status em_ledger_hash(em_ledger *ledger, const char *path, em_hash *out, em_error *err)
{
    em_file_id before;
    em_file_id after;
    em_status rc = em_file_identify(path, &before, err);
    if (rc != EM_OK) return rc;
    pthread_mutex_lock(&ledger->lock);
    rc = recall_hash(ledger, path, &before, out, err);
    pthread_mutex_unlock(&ledger->lock);
    if (rc != EM_OK || out->hex[0]) return rc;
    rc = em_hash_file(path, out, err);
    if (rc == EM_OK) rc = em_file_identify(path, &after, err);
    if (rc != EM_OK) return rc;
    if (memcmp(&before, &after, sizeof before) != 0) {
        return em_fail(err, EM_EINPUT,
                       "%s changed while it was being read; it may still be arriving", path);
    }
    pthread_mutex_lock(&ledger->lock);
    rc = remember_hash(ledger, path, &before, out, err);
    pthread_mutex_unlock(&ledger->lock);
    return rc;
}

em_status em_ledger_reject(em_ledger *ledger, const em_hash *content, const char *scene,
                           const char *why, em_error *err)
{
    sqlite3_stmt *st = NULL;
    em_status rc = EM_OK;
    if (ledger->reading) return EM_OK;
    if (sqlite3_prepare_v2(ledger->db, "INSERT OR IGNORE INTO rejected VALUES (?, ?, ?, ?)", -1,
                           &st, NULL) != SQLITE_OK) {
        return sql_failed(ledger, "remember a rejected scene", err);
    }
    sqlite3_bind_text(st, 1, content->hex, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 2, scene, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 3, why, -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, 4, (int64_t)time(NULL));
    if (sqlite3_step(st) != SQLITE_DONE) rc = sql_failed(ledger, "remember a rejected scene", err);
    sqlite3_finalize(st);
    return rc;
}

em_status em_ledger_was_rejected(em_ledger *ledger, const em_hash *content, bool *known,
                                 em_str *why, em_error *err)
{
    sqlite3_stmt *st = NULL;
    em_status rc = EM_OK;
    *known = false;
    if (sqlite3_prepare_v2(ledger->db, "SELECT why FROM rejected WHERE content = ?", -1, &st,
                           NULL) != SQLITE_OK) {
        return sql_failed(ledger, "look up a scene", err);
    }
    sqlite3_bind_text(st, 1, content->hex, -1, SQLITE_STATIC);
    const int step = sqlite3_step(st);
    if (step == SQLITE_ROW) {
        *known = true;
        if (why) em_str_append(why, (const char *)sqlite3_column_text(st, 0));
    } else if (step != SQLITE_DONE) {
        rc = sql_failed(ledger, "look up a scene", err);
    }
    sqlite3_finalize(st);
    return rc;
}

em_status em_ledger_add_run(em_ledger *ledger, const char *run_id, const char *region,
                            const char *period, int status, const char *folder, em_error *err)
{
    sqlite3_stmt *st = NULL;
    em_status rc = EM_OK;
    if (sqlite3_prepare_v2(ledger->db, "INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?, ?)", -1,
                           &st, NULL) != SQLITE_OK) {
        return sql_failed(ledger, "remember a run", err);
    }
    const char *const texts[] = {run_id, region, period};
    for (int i = 0; i < 3; i++) sqlite3_bind_text(st, i + 1, texts[i], -1, SQLITE_STATIC);
    sqlite3_bind_int(st, 4, status);
    sqlite3_bind_text(st, 5, folder, -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, 6, (int64_t)time(NULL));
    if (sqlite3_step(st) != SQLITE_DONE) rc = sql_failed(ledger, "remember a run", err);
    sqlite3_finalize(st);
    return rc;
}
