/* SPDX-License-Identifier: Apache-2.0
 *
 * Many rows into one table: COPY in binary form on PostgreSQL, a prepared statement on SQLite.
 * Values are kept until the row is complete, so that a caller may use one buffer for many values.
 */
#include "store/internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { COPY_CHUNK = 256 * 1024 };

struct cell {
        char type; /* i r t b n */
        int64_t number;
        double real;
        size_t at, n; /* of texts and blobs, in `bytes` */
};

struct bulk {
        struct tx *tx;
        struct stmt *insert; /* SQLite */
        int columns, used;
        char types[STORE_COLUMNS_MAX];
        struct cell cells[STORE_COLUMNS_MAX];
        struct buf bytes; /* texts of the row */
        struct buf copy;  /* PostgreSQL: rows not yet sent */
        const char *misuse;
};

/* "home@int, name@text" → "home, name" and types. */
static int parse_columns(struct bulk *b, struct buf *names, const char *columns, struct error *err)
{
        const char *p = columns;
        while (*p != '\0') {
                size_t n = strcspn(p, "@");
                const char *type = p + n + (p[n] == '@');
                if (p[n] != '@' || type[0] == '\0' || strchr("itbr", type[0]) == NULL || b->columns == STORE_COLUMNS_MAX) {
                        return error_raise(err, SB_STORE_SQL, "bad columns of a bulk|%.200s", columns);
                }
                b->types[b->columns++] = type[0];
                buf_add(names, p, n);
                p = type;
                while (isalpha((unsigned char)*p)) {
                        p++;
                }
                if (*p == ',') {
                        buf_add_char(names, ',');
                        p++;
                }
        }
        return b->columns > 0 ? buf_check(names, err) : error_raise(err, SB_STORE_SQL, "no columns of a bulk|%.200s", columns);
}

static int open_insert(struct bulk *b, const char *table, const char *names, struct error *err)
{
        static const char *const words[] = {['i'] = "int", ['t'] = "text", ['b'] = "blob", ['r'] = "real"};
        struct buf sql;
        buf_init(&sql, 1 << 16);
        buf_add_format(&sql, "INSERT INTO %s (%s) VALUES (", table, names);
        for (int i = 0; i < b->columns; i++) {
                buf_add_format(&sql, "%s?%d@%s", i > 0 ? ", " : "", i + 1, words[(int)b->types[i]]);
        }
        buf_add_text(&sql, ")");
        int rc = buf_check(&sql, err);
        if (rc == 0) {
                const char *kept = store_intern(b->tx->store, buf_text(&sql), err);
                rc = kept ? tx_prepare(&b->insert, b->tx, kept, err) : ERR;
        }
        buf_dispose(&sql);
        return rc;
}

static int open_copy(struct bulk *b, const char *table, const char *names, struct error *err)
{
        struct buf sql;
        buf_init(&sql, 1 << 16);
        buf_add_format(&sql, "COPY %s (%s) FROM STDIN (FORMAT binary)", table, names);
        int rc = buf_check(&sql, err);
        if (rc == 0) {
                rc = b->tx->engine->copy_begin(b->tx, buf_text(&sql), err);
        }
        /* The head of the format: signature, flags, length of an extension. */
        buf_add(&b->copy, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
        buf_dispose(&sql);
        return rc;
}

static void bulk_free(struct bulk *b)
{
        if (b) {
                buf_dispose(&b->bytes);
                buf_dispose(&b->copy);
                free(b);
        }
}

int bulk_open(struct bulk **out, struct tx *tx, const char *table, const char *columns, struct error *err)
{
        struct error mine = {0};
        struct buf names;
        struct bulk *b = NULL;
        *out = NULL;
        buf_init(&names, 1 << 16);
        if (tx->failed) {
                mine = tx->first;
        } else if (tx->in_bulk) {
                error_raise(&mine, SB_INTERNAL, "%s", "a bulk while another is open");
        } else if ((b = calloc(1, sizeof *b)) == NULL) {
                error_raise(&mine, SB_MEMORY, "%s", "");
        } else {
                b->tx = tx;
                buf_init(&b->bytes, (size_t)64 << 20);
                buf_init(&b->copy, (size_t)128 << 20);
                if (parse_columns(b, &names, columns, &mine) == 0) {
                        (void)(tx->engine->copy_begin ? open_copy(b, table, buf_text(&names), &mine)
                                                      : open_insert(b, table, buf_text(&names), &mine));
                }
        }
        int rc = 0;
        if (mine.code != SB_OK) {
                rc = tx_failed(tx, &mine, err);
        } else {
                tx->in_bulk = true;
                *out = b;
                b = NULL;
        }
        bulk_free(b);
        buf_dispose(&names);
        return rc;
}

static struct cell *next_cell(struct bulk *b, char type)
{
        if (b->used == b->columns) {
                b->misuse = "more values than columns";
                return NULL;
        }
        if (type != 'n' && type != b->types[b->used]) {
                b->misuse = "a value of another type than its column";
                return NULL;
        }
        struct cell *c = &b->cells[b->used++];
        c->type = type;
        return c;
}

void bulk_int(struct bulk *b, int64_t v)
{
        struct cell *c = next_cell(b, 'i');
        if (c) {
                c->number = v;
        }
}

void bulk_real(struct bulk *b, double v)
{
        struct cell *c = next_cell(b, 'r');
        if (c) {
                c->real = v;
        }
}

static void add_bytes(struct bulk *b, char type, struct str v)
{
        struct cell *c = next_cell(b, type);
        if (c) {
                c->at = b->bytes.n;
                c->n = v.n;
                buf_add(&b->bytes, v.p, v.n);
        }
}

void bulk_text(struct bulk *b, struct str v)
{
        add_bytes(b, 't', v);
}

void bulk_blob(struct bulk *b, struct str v)
{
        add_bytes(b, 'b', v);
}

void bulk_null(struct bulk *b)
{
        next_cell(b, 'n');
}

static void put_u32(struct buf *out, uint32_t v)
{
        unsigned char x[4] = {(unsigned char)(v >> 24), (unsigned char)(v >> 16), (unsigned char)(v >> 8), (unsigned char)v};
        buf_add(out, x, sizeof x);
}

static void put_u64(struct buf *out, uint64_t v)
{
        put_u32(out, (uint32_t)(v >> 32));
        put_u32(out, (uint32_t)v);
}

static int send_copy(struct bulk *b, struct error *err)
{
        int rc = buf_check(&b->copy, err);
        if (rc == 0) {
                rc = b->tx->engine->copy_data(b->tx, (struct str){b->copy.p, b->copy.n}, err);
                buf_clear(&b->copy);
        }
        return rc;
}

static int row_copy(struct bulk *b, struct error *err)
{
        unsigned char count[2] = {(unsigned char)(b->columns >> 8), (unsigned char)b->columns};
        buf_add(&b->copy, count, sizeof count);
        for (int i = 0; i < b->columns; i++) {
                const struct cell *c = &b->cells[i];
                uint64_t bits = 0;
                switch (c->type) {
                case 'i':
                        put_u32(&b->copy, 8);
                        put_u64(&b->copy, (uint64_t)c->number);
                        break;
                case 'r':
                        memcpy(&bits, &c->real, sizeof bits);
                        put_u32(&b->copy, 8);
                        put_u64(&b->copy, bits);
                        break;
                case 'n':
                        put_u32(&b->copy, UINT32_MAX);
                        break;
                default:
                        put_u32(&b->copy, (uint32_t)c->n);
                        buf_add(&b->copy, b->bytes.p + c->at, c->n);
                        break;
                }
        }
        return b->copy.n >= COPY_CHUNK ? send_copy(b, err) : 0;
}

static int row_insert(struct bulk *b, struct error *err)
{
        const struct engine *e = b->tx->engine;
        for (int i = 0; i < b->columns; i++) {
                const struct cell *c = &b->cells[i];
                switch (c->type) {
                case 'i':
                        e->bind_int(b->insert, i + 1, c->number);
                        break;
                case 'r':
                        e->bind_real(b->insert, i + 1, c->real);
                        break;
                case 'n':
                        e->bind_null(b->insert, i + 1);
                        break;
                default:
                        e->bind_bytes(b->insert, i + 1, (struct str){c->n > 0 ? b->bytes.p + c->at : "", c->n}, c->type == 't',
                                      true);
                        break;
                }
        }
        return stmt_step(b->insert, err);
}

int bulk_row(struct bulk *b, struct error *err)
{
        struct error mine = {0};
        int rc = 0;
        if (b->tx->failed) {
                mine = b->tx->first;
        } else if (b->misuse || b->used != b->columns) {
                error_raise(&mine, SB_INTERNAL, "bulk: %s", b->misuse ? b->misuse : "fewer values than columns");
        } else if (buf_check(&b->bytes, &mine) == 0) {
                rc = b->insert ? row_insert(b, &mine) : row_copy(b, &mine);
        }
        b->used = 0;
        buf_clear(&b->bytes);
        return mine.code == SB_OK ? rc : tx_failed(b->tx, &mine, err);
}

int bulk_close(struct bulk *b, struct error *err)
{
        struct error mine = {0};
        struct tx *tx = b->tx;
        int rc = 0;
        if (!tx->failed && b->used != 0) {
                error_raise(&mine, SB_INTERNAL, "%s", "bulk: a row was not finished");
        }
        if (tx->engine->copy_begin) {
                bool ok = !tx->failed && mine.code == SB_OK;
                if (ok) {
                        put_u32(&b->copy, UINT32_MAX);
                        b->copy.n -= 2; /* the trailer is two bytes 0xff */
                        ok = send_copy(b, &mine) == 0;
                }
                rc = tx->engine->copy_end(tx, ok, &mine);
        }
        tx->in_bulk = false;
        if (mine.code != SB_OK) {
                rc = tx_failed(tx, &mine, err);
        } else if (tx->failed) {
                rc = tx->soft ? ERR_SOFT : ERR;
        }
        bulk_free(b);
        return rc;
}
