/* SPDX-License-Identifier: Apache-2.0 */
#include "office/import/block.h"

#include "office/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was wrong with the rows of a run: as a list, as text for the command line, as CSV for who sent the file. */

struct faults {
        struct house *house;
        int64_t run, after;
        enum lang lang;
        int limit, shown;
        int64_t count;
        struct seal_key key;
        char header[4096];
        json_t *items;   /* list */
        struct buf *out; /* text or CSV */
        int64_t last;
};

static int from_hex(struct str hex, char *out, size_t size)
{
        if (hex.n % 2 != 0 || hex.n / 2 > size)
                return -1;
        for (size_t i = 0; i < hex.n / 2; i++) {
                char pair[3] = {hex.p[2 * i], hex.p[2 * i + 1], '\0'};
                char *end;
                out[i] = (char)strtoul(pair, &end, 16);
                if (*end != '\0')
                        return -1;
        }
        return (int)(hex.n / 2);
}

/* The run's key and the header of its file. */
static int run_open(struct tx *tx, struct faults *f, struct error *err)
{
        struct stmt *q;
        json_t *inputs = NULL;
        const char *hex = "", *header = "";
        char wrapped[SEAL_KEY_BYTES + SEAL_OVERHEAD];
        int rc = tx_one(&q, tx, err, "SELECT inputs FROM run WHERE home = ?1@int AND id = ?2@int AND kind = 'import'", "ii",
                        (int64_t)f->house->home, f->run);

        if (rc == 0)
                return error_raise(err, SB_IMPORT_RUN, "%lld", (long long)f->run);
        if (rc == 1)
                rc = json_read(&inputs, stmt_text(q, 0), err);
        if (rc == 0)
                rc = json_get_text(inputs, "fault_key", true, &hex, err);
        if (rc == 0)
                rc = json_get_text(inputs, "header", true, &header, err);
        if (rc == 0 && from_hex(str_from(hex), wrapped, sizeof wrapped) != (int)sizeof wrapped)
                rc = error_raise(err, SB_SEAL_BROKEN, "%s", "");
        if (rc == 0)
                rc = keyring_unwrap(f->house->keys, (struct str){wrapped, sizeof wrapped}, &f->key, err);
        text_copy(f->header, sizeof f->header, str_from(header));
        json_decref(inputs);
        return rc;
}

static int unseal_text(struct faults *f, struct str hex, struct buf *out, struct error *err)
{
        char *bytes;
        int n;

        buf_clear(out);
        if (hex.n == 0)
                return 0;
        bytes = malloc(hex.n / 2 + 1);
        if (bytes == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        n = from_hex(hex, bytes, hex.n / 2);
        int rc = n < 0 ? error_raise(err, SB_SEAL_BROKEN, "%s", "")
                       : unseal(&f->key, "run_fault", (struct str){bytes, (size_t)n}, out, err);
        free(bytes);
        return rc;
}

/* The fault of a row as an error again. */
static int fault_error(struct faults *f, struct stmt *q, struct error *out, struct error *err)
{
        struct buf args;

        buf_init(&args, 65536);
        int rc = unseal_text(f, stmt_text(q, 3), &args, err);
        *out = (struct error){.code = (enum error_code)stmt_int(q, 2)};
        text_copy(out->args, sizeof out->args, (struct str){buf_text(&args), args.n});
        buf_dispose(&args);
        return rc;
}

#define FAULT_SELECT                                                                                                           \
        "SELECT line, field, code, args, record, id FROM run_fault WHERE home = ?1@int AND run = ?2@int AND id > ?3@int "

static int faults_query(struct tx *tx, struct faults *f, struct stmt **q, int64_t limit, struct error *err)
{
        return tx_query(q, tx, err, FAULT_SELECT "ORDER BY id LIMIT ?4@int", "iiii", (int64_t)f->house->home, f->run, f->after,
                        limit);
}

/* --- list ---------------------------------------------------------------------------------------------------------------------- */

static int list_read(struct tx *tx, void *ctx, struct error *err)
{
        struct faults *f = ctx;
        struct stmt *q = NULL;
        char name[8], text[768];
        int n = 0;
        int rc = run_open(tx, f, err);

        json_array_clear(f->items);
        f->last = 0;
        if (rc == 0)
                rc = faults_query(tx, f, &q, f->limit + 1, err);
        while ((rc = row_next(rc, q, err)) == 1) {
                struct error fault;
                if (n++ == f->limit) {
                        rc = 0;
                        break;
                }
                rc = fault_error(f, q, &fault, err);
                json_t *o = json_object();
                put_int(o, "line", stmt_int(q, 0));
                put_str(o, "field", stmt_text(q, 1));
                put_text(o, "code", error_name(fault.code, name));
                put_text(o, "text", error_text(&fault, f->lang, text, sizeof text));
                json_array_append_new(f->items, o);
                f->last = stmt_int(q, 5);
        }
        f->shown = n;
        return rc;
}

int import_faults(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct faults f = {.house = c->house, .lang = c->who.lang, .items = json_array()};
        char next[24];
        int rc = json_get_int(in, "run", true, &f.run, err);

        if (rc == 0)
                rc = list_page(in, &f.limit, &f.after, err);
        if (rc == 0)
                rc = store_read(c->house->store, list_read, &f, err);
        explicit_bzero(&f.key, sizeof f.key);
        if (rc < 0) {
                json_decref(f.items);
                return rc;
        }
        text_format(next, sizeof next, "%lld", (long long)f.last);
        return list_answer(out, f.items, f.shown > f.limit ? next : NULL, err);
}

/* --- text ---------------------------------------------------------------------------------------------------------------------- */

static int count_read(struct tx *tx, struct faults *f, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT COUNT(*) FROM run_fault WHERE home = ?1@int AND run = ?2@int", "ii",
                        (int64_t)f->house->home, f->run);

        if (rc == 1)
                f->count = stmt_int(q, 0);
        return rc < 0 ? rc : 0;
}

/* A line is a line: what a field held of line feeds becomes a blank. */
static const char *one_line(char *text)
{
        for (char *p = text; *p != '\0'; p++)
                if (*p == '\n' || *p == '\r')
                        *p = ' ';
        return text;
}

static int text_read(struct tx *tx, void *ctx, struct error *err)
{
        struct faults *f = ctx;
        struct stmt *q = NULL;
        char name[8], text[768];
        int rc = run_open(tx, f, err);

        buf_clear(f->out);
        if (rc == 0)
                rc = count_read(tx, f, err);
        if (rc == 0)
                rc = faults_query(tx, f, &q, f->limit, err);
        while ((rc = row_next(rc, q, err)) == 1) {
                struct error fault;
                rc = fault_error(f, q, &fault, err);
                struct str field = stmt_text(q, 1);
                buf_add_format(f->out, f->lang == LANG_ZH ? "第%lld行" : "line %lld", (long long)stmt_int(q, 0));
                if (field.n > 0)
                        buf_add_format(f->out, ", %.*s", (int)field.n, field.p);
                error_text(&fault, f->lang, text, sizeof text);
                buf_add_format(f->out, ": %s %s\n", error_name(fault.code, name), one_line(text));
        }
        return rc < 0 ? rc : buf_check(f->out, err);
}

int64_t import_faults_text(struct house *h, int64_t run, enum lang lang, int limit, struct buf *out, struct error *err)
{
        struct faults f = {.house = h, .run = run, .lang = lang, .limit = limit, .out = out};
        int rc = store_read(h->store, text_read, &f, err);

        explicit_bzero(&f.key, sizeof f.key);
        return rc < 0 ? rc : f.count;
}

/* --- CSV: the row as it came, and why it did not go in ----------------------------------------------------------------------------- */

static void csv_reason(struct buf *out, struct stmt *q, const struct error *fault, enum lang lang)
{
        char name[8], text[768];
        struct str field = stmt_text(q, 1);

        if (out->n > 0)
                buf_add_text(out, "; ");
        if (field.n > 0)
                buf_add_format(out, "%.*s: ", (int)field.n, field.p);
        buf_add_format(out, "%s %s", error_name(fault->code, name), error_text(fault, lang, text, sizeof text));
}

static void csv_row_end(struct faults *f, struct buf *record, struct buf *reason, int64_t line)
{
        char number[24];

        if (line == 0)
                return;
        buf_add_str(f->out, (struct str){record->p, record->n});
        csv_put(f->out, record->n == 0, str_from(text_format(number, sizeof number, "%lld", (long long)line)));
        csv_put(f->out, false, (struct str){buf_text(reason), reason->n});
        csv_end(f->out);
        buf_clear(reason);
}

static int csv_rows(struct stmt *q, struct faults *f, struct buf *record, struct buf *reason, struct error *err)
{
        int64_t line = 0;
        int rc;

        while ((rc = stmt_step(q, err)) == 1) {
                struct error fault;
                if (stmt_int(q, 0) != line) {
                        csv_row_end(f, record, reason, line);
                        line = stmt_int(q, 0);
                        rc = unseal_text(f, stmt_text(q, 4), record, err);
                }
                if (rc >= 0)
                        rc = fault_error(f, q, &fault, err);
                if (rc < 0)
                        return rc;
                csv_reason(reason, q, &fault, f->lang);
        }
        csv_row_end(f, record, reason, line);
        return rc < 0 ? rc : buf_check(f->out, err);
}

static int csv_read(struct tx *tx, void *ctx, struct error *err)
{
        struct faults *f = ctx;
        struct stmt *q;
        struct buf record, reason;
        int rc = run_open(tx, f, err);

        buf_init(&record, 65536);
        buf_init(&reason, 65536);
        buf_clear(f->out);
        if (rc == 0) {
                struct str header = str_trim(str_from(f->header));
                buf_add_text(f->out, "\xEF\xBB\xBF"); /* spreadsheets take it for UTF-8 then */
                buf_add_str(f->out, header);
                buf_add_text(f->out, header.n == 0 ? "line,error\r\n" : ",line,error\r\n");
                rc = faults_query(tx, f, &q, INT64_MAX, err);
        }
        if (rc == 0)
                rc = csv_rows(q, f, &record, &reason, err);
        buf_dispose(&record);
        buf_dispose(&reason);
        return rc;
}

int import_rejected(struct house *h, int64_t run, enum lang lang, struct buf *out, struct error *err)
{
        struct faults f = {.house = h, .run = run, .lang = lang, .out = out};
        int rc = store_read(h->store, csv_read, &f, err);

        explicit_bzero(&f.key, sizeof f.key);
        return rc;
}

int import_rejected_get(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        int64_t run;
        struct buf text;
        int rc = json_get_int(in, "run", true, &run, err);

        buf_init(&text, (size_t)256 << 20);
        if (rc == 0)
                rc = import_rejected(c->house, run, c->who.lang, &text, err);
        if (rc == 0 && c->raw != NULL) {
                buf_add_str(&c->raw->bytes, (struct str){buf_text(&text), text.n});
                text_copy(c->raw->media_type, sizeof c->raw->media_type, STR("text/csv; charset=utf-8"));
                text_format(c->raw->file_name, sizeof c->raw->file_name, "rejected-%lld.csv", (long long)run);
        }
        if (rc == 0) {
                *out = json_object();
                if (c->raw == NULL)
                        put_str(*out, "csv", (struct str){buf_text(&text), text.n});
        }
        buf_wipe(&text);
        return rc;
}
