/* SPDX-License-Identifier: Apache-2.0
 *
 * shebao backup, shebao restore: sealed copies of an installation, what they hold, whether they can be read, the drill that proves it; a new
 * database out of them as it was at a time.
 */
#include "cmd/backup.h"
#include "cmd/command.h"

#include "case/case.h"
#include "office/audit/audit.h"
#include "office/audit/tables.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEEP_DAYS 35

static int folder_open(struct backup_folder *b, const char *dir, const char *key_file, struct error *err)
{
        bool made = false;
        int rc = backup_open(b, dir, key_file, &made, err);

        if (rc == 0 && made)
                fprintf(stderr,
                        terminal_lang() == LANG_ZH
                            ? "已生成新的备份密钥 %s：请另存副本，没有它备份无法打开\n"
                            : "a new backup key was made in %s: keep a copy of it elsewhere, without it no backup opens\n",
                        key_file);
        return rc;
}

/* --- what the installation remembers of its backups ---------------------------------------------------------------------------------- */

struct noting {
        struct house *house;
        const char *name, *verb;
        const json_t *body;
};

static int note_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct noting *n = ctx;
        struct call c = {.house = n->house};
        struct buf text;

        buf_init(&text, 4096);
        int rc = json_canonical(&text, n->body, err);
        rc = rc ? rc
                : tx_exec(tx, err,
                          "INSERT INTO setting (name, value) VALUES (?1@text, ?2@text) ON CONFLICT (name) DO UPDATE SET value "
                          "= ?2@text",
                          "tt", n->name, buf_text(&text));
        rc = rc ? rc : audit_add(tx, &c, n->verb, "setting", 0, n->body, err);
        buf_dispose(&text);
        return rc;
}

static int note(struct house *h, const char *verb, const json_t *body, struct error *err)
{
        struct noting n = {.house = h, .name = verb, .verb = verb, .body = body};

        return body == NULL ? error_raise(err, SB_MEMORY, "%s", "") : store_write(h->store, note_apply, &n, err);
}

int backup_now(struct house *h, const struct backup_folder *b, const char *path, int keep_days, struct backup_copy *copy,
               struct error *err)
{
        char text[32];
        int removed = 0;
        int rc = backup_copy(b, path, h->files, h->clock, copy, err);

        rc = rc ? rc : backup_prune(b, copy->time, keep_days, &removed, err);
        if (rc == 0) {
                json_t *body = json_pack("{s:s,s:I,s:i}", "at", instant_text(copy->time, text), "bytes", (json_int_t)copy->size,
                                         "removed", removed);
                rc = note(h, "backup.copy", body, err);
                json_decref(body);
        }
        return rc;
}

/* --- list, verify --------------------------------------------------------------------------------------------------------------------- */

static int list(const struct backup_folder *b, struct error *err)
{
        struct backup_copy *copies = NULL;
        struct backup_piece *pieces = NULL;
        size_t count = 0, n = 0;
        char text[32];
        int rc = backup_copies(b, &copies, &count, err);

        rc = rc ? rc : backup_pieces(b, &pieces, &n, err);
        for (size_t i = 0; rc == 0 && i < count; i++)
                printf("copy %s %lld bytes\n", instant_text(copies[i].time, text), (long long)copies[i].size);
        if (rc == 0 && n > 0) {
                printf("log %s", instant_text(pieces[0].time, text));
                printf(" – %s, %zu pieces\n", instant_text(pieces[n - 1].time, text), n);
        }
        free(copies);
        free(pieces);
        return rc;
}

static int restore_to(const struct backup_folder *b, instant_t time, const char *path, const char *files, struct error *err)
{
        instant_t reached = 0;
        char text[32];
        int rc = backup_restore(b, time, path, files, &reached, err);

        if (rc == 0)
                printf("restored %s as it was at %s\n", path, instant_text(reached, text));
        return rc;
}

/* --- the drill ------------------------------------------------------------------------------------------------------------------------ */

struct books {
        int64_t pools, postings;
        struct hash hash; /* of every balance: pool, kind, sum; of every personal account */
};

static int books_read(struct tx *tx, void *ctx, struct error *err)
{
        struct books *b = ctx;
        struct hash_state s = hash_begin();
        struct stmt *q = NULL;
        char line[128];

        *b = (struct books){.pools = 0};
        int rc = tx_query(
            &q, tx, err,
            "SELECT pool, kind, CAST(SUM(amount_fen) AS @int), COUNT(*) FROM ledger_posting GROUP BY pool, kind ORDER BY "
            "pool, kind",
            "");
        while ((rc = row_next(rc, q, err)) == 1) {
                text_format(line, sizeof line, "%lld %lld %lld %lld\n", (long long)stmt_int(q, 0), (long long)stmt_int(q, 1),
                            (long long)stmt_int(q, 2), (long long)stmt_int(q, 3));
                hash_add(&s, line, strlen(line));
                b->pools++;
                b->postings += stmt_int(q, 3);
        }
        if (rc == 0)
                rc = tx_query(&q, tx, err, "SELECT home, id, balance_fen, version FROM personal_account ORDER BY home, id", "");
        while ((rc = row_next(rc, q, err)) == 1) {
                text_format(line, sizeof line, "%lld %lld %lld %lld\n", (long long)stmt_int(q, 0), (long long)stmt_int(q, 1),
                            (long long)stmt_int(q, 2), (long long)stmt_int(q, 3));
                hash_add(&s, line, strlen(line));
        }
        b->hash = hash_end(&s);
        return rc;
}

/* The restored database: every book, the trail, the sums of the tables by the installation's own key. */
static int look(const struct house *h, const char *spare, struct house_heard *heard, struct books *books, struct error *err)
{
        char url[PATH_MAX + 8];
        struct store *s = NULL;
        struct audit_result result;
        struct audit_options options = {.keys = h->keys};
        int rc = store_open(&s, text_format(url, sizeof url, "sqlite:%s", spare), NULL, err);

        rc = rc ? rc : audit_run(&result, s, &options, house_hear, heard, err);
        rc = rc ? rc : store_read(s, books_read, books, err);
        store_close(s);
        return rc;
}

static void spare_remove(const char *spare)
{
        static const char *const ends[] = {"", "-wal", "-shm"};
        char name[PATH_MAX];

        for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
                unlink(text_format(name, sizeof name, "%s%s", spare, ends[i]));
}

/* A copy now, restored on the spare path beside it and held against its books: those of the moment when nobody wrote, before and after, or
 * else what the auditor recomputes from raw rows. */
static int drill(struct opened *o, const struct backup_folder *b, const char *path, const char *spare, struct error *err)
{
        struct backup_copy copy;
        struct house_heard heard = {0};
        struct books before, after, restored = {0};
        instant_t reached = 0;
        char text[32], hex[65], why[240] = "";
        double began = clock_monotonic();
        int rc = store_read(o->house.store, books_read, &before, err);

        rc = rc ? rc : backup_copy(b, path, o->house.files, o->house.clock, &copy, err);
        rc = rc ? rc : store_read(o->house.store, books_read, &after, err);
        rc = rc ? rc : backup_restore(b, copy.time, spare, NULL, &reached, err);
        if (rc < 0)
                return rc;
        rc = look(&o->house, spare, &heard, &restored, err);
        spare_remove(spare);
        if (rc == 0 && heard.findings > 0)
                text_format(why, sizeof why, "%lld findings, the first %s", (long long)heard.findings, heard.first);
        else if (rc == 0 && memcmp(&before.hash, &after.hash, sizeof before.hash) == 0 &&
                 memcmp(&before.hash, &restored.hash, sizeof before.hash) != 0)
                text_format(why, sizeof why, "the books differ");
        if (rc == 0) {
                json_t *body =
                    json_pack("{s:s,s:b,s:I,s:s,s:i,s:s}", "at", instant_text(copy.time, text), "passed", why[0] == '\0',
                              "postings", (json_int_t)restored.postings, "books", hash_hex(&restored.hash, hex), "seconds",
                              (int)(clock_monotonic() - began), "why", why);
                rc = note(&o->house, "backup.drill", body, err);
                json_decref(body);
        }
        if (rc == 0 && why[0] != '\0')
                rc = error_raise(err, SB_BACKUP_DRILL, "%s|%s", text, why);
        if (rc == 0)
                printf(
                    "drill of %s passed: %lld balances of %lld postings and all personal accounts are the same, no findings\n",
                    text, (long long)restored.pools, (long long)restored.postings);
        return rc;
}

/* --- the commands --------------------------------------------------------------------------------------------------------------------- */

static void postgresql(const char *what)
{
        bool zh = terminal_lang() == LANG_ZH;

        puts(zh ? "PostgreSQL 由 pgBackRest 备份（deploy/pgbackrest.conf）："
                : "PostgreSQL is copied by pgBackRest (deploy/pgbackrest.conf):");
        if (strcmp(what, "restore") == 0)
                puts("  pgbackrest --stanza=shebao --type=time --target='YYYY-MM-DD HH:MM:SS+08' --target-action=promote "
                     "restore");
        else
                puts("  pgbackrest --stanza=shebao stanza-create\n"
                     "  pgbackrest --stanza=shebao --type=full backup\n"
                     "  pgbackrest --stanza=shebao --type=incr backup\n"
                     "  pgbackrest --stanza=shebao check\n"
                     "  pgbackrest --stanza=shebao info");
}

static int with_database(const struct house_options *options, const struct backup_folder *b, const char *spare, int keep,
                         struct error *err)
{
        struct opened *o = NULL;
        struct backup_copy copy;
        const char *path = archive_path(options->url);
        char text[PATH_MAX];
        int rc = house_open(&o, options, err);

        if (rc == 0 && spare != NULL)
                rc = drill(o, b, path, spare[0] != '\0' ? spare : text_format(text, sizeof text, "%s-drill", path), err);
        else if (rc == 0)
                rc = backup_now(&o->house, b, path, keep, &copy, err);
        if (rc == 0 && spare == NULL)
                printf("copied %s: %lld bytes\n", instant_text(copy.time, text), (long long)copy.size);
        house_close(o);
        return rc;
}

int cmd_backup(int argc, char **argv)
{
        struct house_options options = {0};
        struct backup_folder b;
        struct error err = {0};
        const char *to = command_option(&argc, argv, "--to"), *from = command_option(&argc, argv, "--from");
        const char *key = command_option(&argc, argv, "--backup-key"), *spare = command_option(&argc, argv, "--spare");
        const char *days = command_option(&argc, argv, "--keep");
        int64_t keep = KEEP_DAYS;
        bool database = house_arguments(&argc, argv, &options);
        bool drills = argc == 2 && strcmp(argv[1], "drill") == 0;

        if (database && (argc == 1 || drills) && archive_path(options.url) == NULL) {
                postgresql("backup");
                return 0;
        }
        if (key == NULL || (days != NULL && (!text_to_int(str_from(days), &keep) || keep < 1 || keep > 36500)))
                return command_usage("backup");
        if (argc == 2 && strcmp(argv[1], "list") == 0 && from != NULL) {
                int rc = folder_open(&b, from, key, &err);
                rc = rc ? rc : list(&b, &err);
                return rc < 0 ? command_fail(&err) : 0;
        }
        if (!database || to == NULL || (argc != 1 && !drills))
                return command_usage("backup");
        int rc = folder_open(&b, to, key, &err);
        rc = rc ? rc : with_database(&options, &b, drills ? (spare != NULL ? spare : "") : NULL, (int)keep, &err);
        return rc < 0 ? command_fail(&err) : 0;
}

int cmd_restore(int argc, char **argv)
{
        struct house_options options = {0};
        struct backup_folder b;
        struct error err = {0};
        instant_t time = INSTANT_END;
        char files[PATH_MAX];
        const char *from = command_option(&argc, argv, "--from"), *key = command_option(&argc, argv, "--backup-key");
        const char *to = command_option(&argc, argv, "--to-time");

        if (!house_arguments(&argc, argv, &options) || argc != 1)
                return command_usage("restore");
        const char *path = archive_path(options.url);
        if (path == NULL) {
                postgresql("restore");
                return 0;
        }
        if (from == NULL || key == NULL)
                return command_usage("restore");
        int rc = to != NULL ? instant_parse(&time, str_from(to), &err) : 0;
        rc = rc ? rc : folder_open(&b, from, key, &err);
        text_format(files, sizeof files, "%s.files", path);
        rc = rc ? rc : restore_to(&b, time, path, options.files != NULL ? options.files : files, &err);
        return rc < 0 ? command_fail(&err) : 0;
}
