/* SPDX-License-Identifier: Apache-2.0
 *
 * What the store costs over SQLite used directly: the same rows by bulk_* and by prepared
 * statements, in blocks of one transaction each, with the same settings; and how many small changes
 * a second are kept.
 */
#include "store/store.h"
#include "base/clock.h"
#include "bench/bench.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = 1000000, BLOCK = 5000, WRITERS = 8, CHANGES = 400 };

#define TABLE                                                                                                                  \
        "CREATE TABLE entry (home @int NOT NULL, month @int NOT NULL, id @int NOT NULL, account "                              \
        "@int NOT NULL, "                                                                                                      \
        "kind @text NOT NULL, amount_fen @int NOT NULL, sealed @blob NOT NULL, PRIMARY KEY "                                   \
        "(home, month, id)) @table"
#define INDEX "CREATE INDEX entry_account ON entry (home, account)"

static void die(const struct error *err)
{
        char text[1024];
        fprintf(stderr, "%s\n", error_text(err, LANG_EN, text, sizeof text));
        exit(1);
}

struct row {
        int64_t id, account, amount;
        char sealed[120];
};

static struct row row_of(int64_t i)
{
        struct row r = {.id = i, .account = (i * 7919) % ROWS, .amount = i * 31 % 100000};
        memset(r.sealed, (int)(i % 251), sizeof r.sealed);
        return r;
}

static int make(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        int rc = tx_exec(tx, err, TABLE, "");
        return rc == 0 ? tx_exec(tx, err, INDEX, "") : rc;
}

static int block(struct tx *tx, void *ctx, struct error *err)
{
        int64_t first = *(int64_t *)ctx;
        struct bulk *b = NULL;
        int rc =
            bulk_open(&b, tx, "entry", "home@int, month@int, id@int, account@int, kind@text, amount_fen@int, sealed@blob", err);
        for (int64_t i = first; rc == 0 && i < first + BLOCK; i++) {
                struct row r = row_of(i);
                bulk_int(b, 1);
                bulk_int(b, 24000);
                bulk_int(b, r.id);
                bulk_int(b, r.account);
                bulk_text(b, STR("contribution"));
                bulk_int(b, r.amount);
                bulk_blob(b, (struct str){r.sealed, sizeof r.sealed});
                rc = bulk_row(b, err);
        }
        int closed = b ? bulk_close(b, err) : 0;
        return rc != 0 ? rc : closed;
}

static double by_store(const char *path)
{
        struct store_options options = {.create = true};
        struct error err = {0};
        struct store *s = NULL;
        char url[256];
        text_format(url, sizeof url, "sqlite:%s", path);
        if (store_open(&s, url, &options, &err) != 0 || store_write(s, make, NULL, &err) != 0) {
                die(&err);
        }
        double began = clock_monotonic();
        for (int64_t i = 0; i < ROWS; i += BLOCK) {
                if (store_write(s, block, &i, &err) != 0) {
                        die(&err);
                }
        }
        double took = clock_monotonic() - began;
        store_close(s);
        return took;
}

static void plain(sqlite3 *db, const char *sql)
{
        if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
                fprintf(stderr, "%s\n", sqlite3_errmsg(db));
                exit(1);
        }
}

static double by_hand(const char *path)
{
        sqlite3 *db = NULL;
        sqlite3_stmt *q = NULL;
        if (sqlite3_open(path, &db) != SQLITE_OK) {
                exit(1);
        }
        plain(db, "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA cache_size=-65536; "
                  "PRAGMA synchronous=FULL; "
                  "PRAGMA wal_autocheckpoint=4000");
        plain(db, "CREATE TABLE entry (home INTEGER NOT NULL, month INTEGER NOT NULL, id INTEGER "
                  "NOT NULL, account INTEGER NOT NULL, "
                  "kind TEXT NOT NULL, amount_fen INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY "
                  "KEY (home, month, id)) STRICT; " INDEX);
        sqlite3_prepare_v2(db, "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", -1, &q, NULL);
        double began = clock_monotonic();
        for (int64_t i = 0; i < ROWS; i++) {
                struct row r = row_of(i);
                if (i % BLOCK == 0) {
                        plain(db, "BEGIN");
                }
                sqlite3_bind_int64(q, 1, 1);
                sqlite3_bind_int64(q, 2, 24000);
                sqlite3_bind_int64(q, 3, r.id);
                sqlite3_bind_int64(q, 4, r.account);
                sqlite3_bind_text(q, 5, "contribution", -1, SQLITE_STATIC);
                sqlite3_bind_int64(q, 6, r.amount);
                sqlite3_bind_blob(q, 7, r.sealed, sizeof r.sealed, SQLITE_STATIC);
                if (sqlite3_step(q) != SQLITE_DONE) {
                        exit(1);
                }
                sqlite3_reset(q);
                if (i % BLOCK == BLOCK - 1) {
                        plain(db, "COMMIT");
                }
        }
        double took = clock_monotonic() - began;
        sqlite3_finalize(q);
        sqlite3_close(db);
        return took;
}

struct writer {
        struct store *s;
        int number;
};

static int change(struct tx *tx, void *ctx, struct error *err)
{
        return tx_exec(tx, err,
                       "INSERT INTO entry (home, month, id, account, kind, amount_fen, sealed) "
                       "VALUES (2, 24000, ?1@int, 1, 'x', 1, ?2@blob)",
                       "ib", *(int64_t *)ctx, STR("x"));
}

static void *write_changes(void *arg)
{
        const struct writer *w = arg;
        struct error err = {0};
        for (int i = 0; i < CHANGES; i++) {
                int64_t id = (int64_t)w->number * CHANGES + i;
                if (store_write(w->s, change, &id, &err) != 0) {
                        die(&err);
                }
        }
        return NULL;
}

static double changes(const char *path, int writers)
{
        struct writer w[WRITERS];
        pthread_t threads[WRITERS];
        struct error err = {0};
        struct store *s = NULL;
        char url[256];
        text_format(url, sizeof url, "sqlite:%s", path);
        if (store_open(&s, url, NULL, &err) != 0) {
                die(&err);
        }
        double began = clock_monotonic();
        for (int i = 0; i < writers; i++) {
                w[i] = (struct writer){s, i + writers * 100};
                pthread_create(&threads[i], NULL, write_changes, &w[i]);
        }
        for (int i = 0; i < writers; i++) {
                pthread_join(threads[i], NULL);
        }
        double took = clock_monotonic() - began;
        store_close(s);
        return writers * CHANGES / took;
}

static void remove_database(const char *path)
{
        static const char *const ends[] = {"", "-wal", "-shm"};
        char name[256];
        for (int i = 0; i < 3; i++) {
                text_format(name, sizeof name, "%s%s", path, ends[i]);
                unlink(name);
        }
}

int main(void)
{
        char folder[] = "/tmp/shebao-bench-XXXXXX", a[64], b[64];
        if (!mkdtemp(folder)) {
                return 1;
        }
        text_format(a, sizeof a, "%s/store", folder);
        text_format(b, sizeof b, "%s/plain", folder);
        /* Disks vary: the better of two rounds each, in turn. */
        double plain_s = by_hand(b), store_s = by_store(a);
        remove_database(a);
        remove_database(b);
        double plain_again_s = by_hand(b), store_again_s = by_store(a);
        plain_s = plain_again_s < plain_s ? plain_again_s : plain_s;
        store_s = store_again_s < store_s ? store_again_s : store_s;
        bench_figure("store.bulk", ROWS / store_s, "rows/s", 0);
        bench_figure("store.bulk.plain", ROWS / plain_s, "rows/s", 0);
        int missed = bench_figure("store.bulk.ratio", store_s / plain_s, "x", 1.3);
        bench_figure("store.changes.1", changes(a, 1), "tx/s", 0);
        bench_figure("store.changes.8", changes(a, WRITERS), "tx/s", 0);
        remove_database(a);
        remove_database(b);
        rmdir(folder);
        return missed;
}
