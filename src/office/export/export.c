/* SPDX-License-Identifier: Apache-2.0 */
#include "office/export/export.h"

#include "office/office.h"
#include "office/registry/registry.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_ROWS 2000
#define KEYS_MAX 6
#define LINE_MAX_BYTES ((size_t)64 << 20)

struct table {
        const char *name, *keys, *types, *columns, *sql; /* sql NULL: left out */
};
static const struct table TABLES[] = {
#define EXPORT(table, keys, types, columns, sql) {#table, keys, types, columns, sql},
#define LEFT_OUT(table) {#table, "", "", "", NULL},
#include "office/export/tables.h"
#undef EXPORT
#undef LEFT_OUT
};
#define TABLE_COUNT (sizeof TABLES / sizeof TABLES[0])

const char *export_table(size_t i, bool *left_out)
{
        if (i >= TABLE_COUNT)
                return NULL;
        *left_out = TABLES[i].sql == NULL;
        return TABLES[i].name;
}

/* Where a page begins: after these values. Texts and bytes are kept as bytes. */
struct place {
        int64_t number[KEYS_MAX];
        struct buf bytes[KEYS_MAX];
};
struct writing {
        struct house *house;
        FILE *out;
        struct hash_state hash;
        const struct table *table;
        struct place after;
        struct buf lines; /* of a page */
        int64_t rows;     /* of a page */
};

static void place_init(struct place *p)
{
        for (int i = 0; i < KEYS_MAX; i++) {
                p->number[i] = INT64_MIN;
                buf_init(&p->bytes[i], 65536);
        }
}

static void place_dispose(struct place *p)
{
        for (int i = 0; i < KEYS_MAX; i++)
                buf_dispose(&p->bytes[i]);
}

static void place_bind(const struct writing *w, struct stmt *q)
{
        int n = (int)strlen(w->table->keys);

        for (int i = 0; i < n; i++) {
                struct str bytes = {w->after.bytes[i].n > 0 ? w->after.bytes[i].p : "", w->after.bytes[i].n};
                if (w->table->keys[i] == 'i')
                        stmt_bind_int(q, i + 1, w->after.number[i]);
                else if (w->table->keys[i] == 't')
                        stmt_bind_text(q, i + 1, bytes);
                else
                        stmt_bind_blob(q, i + 1, bytes);
        }
        stmt_bind_int(q, n + 1, PAGE_ROWS);
}

static void place_set(struct place *p, const char *keys, const struct stmt *q)
{
        for (int i = 0; keys[i] != '\0'; i++) {
                buf_clear(&p->bytes[i]);
                if (keys[i] == 'i')
                        p->number[i] = stmt_int(q, i);
                else
                        buf_add_str(&p->bytes[i], keys[i] == 't' ? stmt_text(q, i) : stmt_blob(q, i));
        }
}

/* --- values ------------------------------------------------------------------------------------------------------------- */

static json_t *hex_of(struct str bytes)
{
        static const char digit[] = "0123456789abcdef";
        struct buf b;

        buf_init(&b, LINE_MAX_BYTES);
        for (size_t i = 0; i < bytes.n; i++) {
                buf_add_char(&b, digit[(unsigned char)bytes.p[i] >> 4]);
                buf_add_char(&b, digit[(unsigned char)bytes.p[i] & 15]);
        }
        json_t *out = json_string(buf_text(&b));
        buf_dispose(&b);
        return out;
}

/* What a run was told, without its own key and the place of its file on this machine. */
static int run_inputs(struct str text, json_t **out, struct error *err)
{
        int rc = json_read(out, text, err);

        if (rc == 0) {
                json_object_del(*out, "fault_key");
                json_object_del(*out, "path");
        }
        return rc;
}

static int payload_value(struct writing *w, struct str sealed, struct str wrapped, json_t **out, struct error *err)
{
        struct seal_key key;
        struct payload p;

        if (wrapped.n == 0) {
                *out = json_array();
                return 0;
        }
        int rc = keyring_unwrap(w->house->keys, wrapped, &key, err);

        if (rc == 0)
                rc = payload_open(&key, sealed, &p, err);
        explicit_bzero(&key, sizeof key);
        if (rc < 0)
                return rc;
        *out = json_pack("[s,s,s,s,s]", p.name, p.id_number, p.telephone, p.bank_name, p.bank_account);
        payload_dispose(&p);
        return 0;
}

static int account_value(struct writing *w, struct str sealed, json_t **out, struct error *err)
{
        char clear[ACCOUNT_CLEAR];
        int rc = account_open(w->house->keys, sealed, clear, err);

        if (rc == 0)
                *out = json_string(clear);
        explicit_bzero(clear, sizeof clear);
        return rc;
}

/* Of an award, or of a one-off payment. */
static int payee_value(struct writing *w, struct tx *tx, const struct stmt *q, int column, json_t **out, struct error *err)
{
        struct payee p;

        if (stmt_blob(q, column).n == 0) {
                *out = json_array();
                return 0;
        }
        int rc = w->table->types[column] == 'z'
                     ? payment_payee_open(tx, w->house, (int32_t)stmt_int(q, 0), stmt_int(q, 1), &p, err)
                     : award_payee(tx, w->house, (int32_t)stmt_int(q, 0), stmt_int(q, 1), &p, err);
        if (rc == 0)
                *out = json_pack("[s,s,s]", p.name, p.bank, p.account);
        explicit_bzero(&p, sizeof p);
        return rc;
}

static int value_of(struct writing *w, struct tx *tx, const struct stmt *q, int column, json_t **out, struct error *err)
{
        struct str text;

        *out = NULL;
        if (stmt_null(q, column)) {
                *out = json_null();
                return 0;
        }
        switch (w->table->types[column]) {
        case 'i':
                *out = json_integer(stmt_int(q, column));
                return 0;
        case 't':
                text = stmt_text(q, column);
                *out = json_stringn(text.p == NULL ? "" : text.p, text.n);
                return 0;
        case 'a':
                return account_value(w, stmt_text(q, column), out, err);
        case 'b':
                *out = hex_of(stmt_blob(q, column));
                return 0;
        case 'j':
                return run_inputs(stmt_text(q, column), out, err);
        case 'p':
                return payload_value(w, stmt_blob(q, column), stmt_blob(q, column + 1), out, err);
        default:
                assert(w->table->types[column] == 'y' || w->table->types[column] == 'z');
                return payee_value(w, tx, q, column, out, err);
        }
}

static int row_write(struct writing *w, struct tx *tx, const struct stmt *q, struct error *err)
{
        json_t *row = json_array(), *value;
        int rc = row == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        for (int i = 0; rc == 0 && w->table->types[i] != '\0'; i++) {
                if (w->table->types[i] == 'k')
                        continue;
                rc = value_of(w, tx, q, i, &value, err);
                if (rc == 0 && json_array_append_new(row, value) != 0)
                        rc = error_raise(err, SB_MEMORY, "%s", "");
        }
        if (rc == 0)
                rc = json_canonical(&w->lines, row, err);
        buf_add_char(&w->lines, '\n');
        json_decref(row);
        w->rows++;
        return rc;
}

/* --- pages and tables ----------------------------------------------------------------------------------------------------- */

static int page_read(struct tx *tx, void *ctx, struct error *err)
{
        struct writing *w = ctx;
        struct stmt *q;
        struct place next;
        int rc = tx_prepare(&q, tx, w->table->sql, err);

        buf_clear(&w->lines);
        w->rows = 0;
        if (rc < 0)
                return rc;
        place_init(&next);
        place_bind(w, q);
        while ((rc = stmt_step(q, err)) == 1 && rc > 0) {
                place_set(&next, w->table->keys, q);
                if (row_write(w, tx, q, err) < 0) {
                        rc = ERR;
                        break;
                }
        }
        if (rc == 0 && w->rows > 0) {
                place_dispose(&w->after);
                w->after = next;
        } else {
                place_dispose(&next);
        }
        return rc;
}

static int lines_put(struct writing *w, struct error *err)
{
        char why[128];
        int rc = buf_check(&w->lines, err);

        if (rc < 0)
                return rc;
        hash_add(&w->hash, w->lines.p, w->lines.n);
        if (w->out != NULL && w->lines.n > 0 && fwrite(w->lines.p, 1, w->lines.n, w->out) != w->lines.n)
                rc = error_raise(err, SB_IO, "%s|%s", "export", strerror_r(errno, why, sizeof why));
        return rc;
}

static int head_put(struct writing *w, struct error *err)
{
        json_t *names = json_array(), *head = json_pack("{s:s,s:O}", "table", w->table->name, "columns", names);
        int rc = head == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        for (const char *p = w->table->columns; rc == 0 && *p != '\0';) {
                size_t n = strcspn(p, " ");
                json_array_append_new(names, json_stringn(p, n));
                p += n + (p[n] == ' ');
        }
        buf_clear(&w->lines);
        if (rc == 0)
                rc = json_canonical(&w->lines, head, err);
        buf_add_char(&w->lines, '\n');
        json_decref(names);
        json_decref(head);
        return rc == 0 ? lines_put(w, err) : rc;
}

static int table_write(struct writing *w, int64_t *rows, struct error *err)
{
        int rc = head_put(w, err);

        place_init(&w->after);
        do {
                if (rc == 0)
                        rc = store_read(w->house->store, page_read, w, err);
                if (rc == 0)
                        rc = lines_put(w, err);
                *rows += rc == 0 ? w->rows : 0;
        } while (rc == 0 && w->rows == PAGE_ROWS);
        place_dispose(&w->after);
        return rc;
}

int export_write(struct house *h, FILE *out, struct hash *digest, int64_t *rows, struct error *err)
{
        struct writing w = {.house = h, .out = out, .hash = hash_begin()};
        int rc = 0;

        *rows = 0;
        buf_init(&w.lines, LINE_MAX_BYTES);
        for (size_t i = 0; rc == 0 && i < TABLE_COUNT; i++) {
                w.table = &TABLES[i];
                if (w.table->sql != NULL)
                        rc = table_write(&w, rows, err);
        }
        buf_dispose(&w.lines);
        *digest = hash_end(&w.hash);
        return rc;
}
