/* SPDX-License-Identifier: Apache-2.0
 *
 * Anchors: once a day the heads of the seals of all homes, chained and signed, also written to a file that leaves the machine.
 */
#include "case/anchor.h"

#include "case/case.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES ((size_t)1 << 20)

struct making {
        struct house *house;
        bool now, made;
};

/* One line a home: which seal is its last, its head, and how many rows of the trail are under seals. */
static int homes_read(struct tx *tx, json_t *body, struct error *err)
{
        struct stmt *q = NULL;
        json_t *homes = json_array();
        int rc = json_put(body, "homes", homes, err);

        if (rc == 0)
                rc = tx_query(
                    &q, tx, err,
                    "SELECT s.home, s.sequence, s.head, t.n FROM audit_seal s JOIN (SELECT home, MAX(sequence) AS last, "
                    "CAST(SUM(row_count) AS @int) AS n FROM audit_seal GROUP BY home) t ON t.home = s.home AND t.last = "
                    "s.sequence ORDER BY s.home",
                    "");
        while ((rc = row_next(rc, q, err)) == 1) {
                struct hash head;
                char hex[65];
                if (!hash_take(&head, stmt_blob(q, 2)))
                        return error_raise(err, SB_CASE_AUDIT_ROW, "%s", "head");
                json_t *home =
                    json_pack("{s:I,s:I,s:s,s:I}", "home", (json_int_t)stmt_int(q, 0), "seal", (json_int_t)stmt_int(q, 1),
                              "head", hash_hex(&head, hex), "rows", (json_int_t)stmt_int(q, 3));
                if (json_array_append_new(homes, home) != 0) /* also when there is none */
                        return error_raise(err, SB_MEMORY, "%s", "");
        }
        return rc;
}

/* The state of all tables, where it is kept (store_guard). */
static int tables_read(struct tx *tx, json_t *body, struct error *err)
{
        struct hash total;
        char hex[65];
        struct stmt *q;

        int rc = store_guard_settle(tx, err);
        rc = rc ? rc : tx_one(&q, tx, err, "SELECT version, total FROM table_digest WHERE name = ''", "");
        if (rc != 1)
                return rc;
        if (!hash_take(&total, stmt_blob(q, 1)))
                return error_raise(err, SB_CASE_AUDIT_ROW, "%s", "tables");
        rc = json_put_int(body, "version", stmt_int(q, 0), err);
        return rc ? rc : json_put_text(body, "tables", hash_hex(&total, hex), err);
}

static int anchor_insert(struct tx *tx, struct house *h, int64_t sequence, day_t day, instant_t at, const json_t *body,
                         struct error *err)
{
        struct buf text;
        unsigned char signature[64];

        buf_init(&text, LINE_MAX_BYTES);
        int rc = json_canonical(&text, body, err);
        if (rc == 0) {
                struct hash hash = anchor_hash((struct str){text.p, text.n});
                keyring_sign(h->keys, hash_str(&hash), signature);
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO anchor (sequence, day, at, body, hash, signature) VALUES (?1@int, ?2@int, ?3@int, ?4@text, "
                    "?5@blob, ?6@blob)",
                    "iiitbb", sequence, (int64_t)day, at, buf_text(&text), hash_str(&hash),
                    (struct str){(const char *)signature, sizeof signature});
        }
        buf_dispose(&text);
        return rc;
}

static int make(struct tx *tx, void *ctx, struct error *err)
{
        struct making *m = ctx;
        instant_t at = clock_now(m->house->clock);
        day_t day = instant_day(at);
        struct hash previous = {{0}};
        int64_t sequence = 0;
        struct stmt *q;
        char text[32], date[16], hex[65];

        m->made = false;
        int rc = tx_one(&q, tx, err, "SELECT sequence, day, hash FROM anchor ORDER BY sequence DESC LIMIT 1", "");
        if (rc == 1) {
                if (!m->now && stmt_int(q, 1) >= day)
                        return 0;
                sequence = stmt_int(q, 0);
                (void)hash_take(&previous, stmt_blob(q, 2));
        }
        if (rc < 0)
                return rc;
        json_t *body = json_pack("{s:I,s:s,s:s,s:s}", "anchor", (json_int_t)sequence + 1, "day", day_text(day, date), "at",
                                 instant_text(at, text), "previous", hash_hex(&previous, hex));
        rc = body == NULL ? error_raise(err, SB_MEMORY, "%s", "") : homes_read(tx, body, err);
        rc = rc ? rc : tables_read(tx, body, err);
        if (rc == 0 && json_array_size(json_object_get(body, "homes")) > 0) {
                rc = anchor_insert(tx, m->house, sequence + 1, day, at, body, err);
                m->made = rc == 0;
        }
        json_decref(body);
        return rc;
}

int anchor_make(struct house *h, bool now, bool *made, struct error *err)
{
        struct making m = {.house = h, .now = now};
        int rc = store_write(h->store, make, &m, err);

        *made = rc == 0 && m.made;
        return rc;
}

struct hash anchor_hash(struct str body)
{
        struct hash_state s = hash_begin();

        hash_add(&s, "shebao anchor\n", 14);
        hash_add(&s, body.p, body.n);
        return hash_end(&s);
}

/* --- the file ------------------------------------------------------------------------------------------------------------------- */

/* The body of the last line, as it was signed; sequence 0 for a file that is empty or not there yet. */
static int last_line(const char *path, int64_t *sequence, struct hash *hash, struct error *err)
{
        struct buf all, body;
        json_t *line = NULL;
        int rc = 0;

        *sequence = 0;
        if (access(path, F_OK) != 0)
                return 0;
        buf_init(&all, (size_t)256 << 20);
        buf_init(&body, LINE_MAX_BYTES);
        rc = file_read(&all, path, (size_t)256 << 20, err);
        while (all.n > 0 && all.p[all.n - 1] == '\n')
                all.n--;
        size_t begin = all.n;
        while (begin > 0 && all.p[begin - 1] != '\n')
                begin--;
        if (rc == 0 && all.n > 0) {
                rc = json_read(&line, (struct str){all.p + begin, all.n - begin}, err);
                rc = rc ? rc : json_canonical(&body, json_object_get(line, "body"), err);
                rc = rc ? rc : json_get_int(json_object_get(line, "body"), "anchor", true, sequence, err);
                if (rc < 0)
                        error_in(err, path);
        }
        if (rc == 0 && *sequence > 0)
                *hash = anchor_hash((struct str){body.p, body.n});
        json_decref(line);
        buf_dispose(&body);
        buf_dispose(&all);
        return rc;
}

struct writing {
        int64_t after;
        struct hash hash;
        struct buf lines;
        int count;
};

static int lines_read(struct tx *tx, void *ctx, struct error *err)
{
        struct writing *w = ctx;
        struct stmt *q = NULL;
        int rc = 0;

        buf_clear(&w->lines);
        w->count = 0;
        if (w->after > 0) {
                rc = tx_one(&q, tx, err, "SELECT hash FROM anchor WHERE sequence = ?1@int", "i", w->after);
                if (rc == 0 || (rc == 1 && !str_equal(stmt_blob(q, 0), hash_str(&w->hash))))
                        return error_raise(err, SB_AUDIT_ANCHOR_LOST, "%s", "");
        }
        rc = rc < 0 ? rc
                    : tx_query(&q, tx, err, "SELECT body, signature FROM anchor WHERE sequence > ?1@int ORDER BY sequence", "i",
                               w->after);
        while ((rc = row_next(rc, q, err)) == 1) {
                struct str signature = stmt_blob(q, 1);
                buf_add_text(&w->lines, "{\"body\":");
                buf_add_str(&w->lines, stmt_text(q, 0));
                buf_add_text(&w->lines, ",\"signature\":\"");
                for (size_t i = 0; i < signature.n; i++)
                        buf_add_format(&w->lines, "%02x", (unsigned char)signature.p[i]);
                buf_add_text(&w->lines, "\"}\n");
                w->count++;
                rc = buf_check(&w->lines, err);
        }
        return rc;
}

static int append(const char *path, struct str lines, struct error *err)
{
        char why[128];
        int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        bool good = fd >= 0;

        while (good && lines.n > 0) {
                ssize_t n = write(fd, lines.p, lines.n);
                if (n < 0 && errno == EINTR)
                        continue;
                good = n > 0;
                lines.p += good ? n : 0;
                lines.n -= good ? (size_t)n : 0;
        }
        good = good && fsync(fd) == 0;
        int rc = good ? 0 : error_raise(err, SB_IO, "%s|%s", path, strerror_r(errno, why, sizeof why));
        if (fd >= 0)
                close(fd);
        return rc ? rc : file_sync_folder(path, err);
}

int anchor_write(struct store *s, const char *path, int *written, struct error *err)
{
        struct writing w = {.after = 0};

        *written = 0;
        buf_init(&w.lines, (size_t)256 << 20);
        int rc = last_line(path, &w.after, &w.hash, err);
        rc = rc ? rc : store_read(s, lines_read, &w, err);
        if (rc == 0 && w.count > 0)
                rc = append(path, (struct str){w.lines.p, w.lines.n}, err);
        if (rc == 0)
                *written = w.count;
        buf_dispose(&w.lines);
        return rc;
}
