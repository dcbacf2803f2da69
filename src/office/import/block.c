/* SPDX-License-Identifier: Apache-2.0 */
#include "office/import/names.h"

#include "office/json.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CURSOR_BYTES 96
#define NAMES_PHASE "names:"

static const struct import_kind *const KINDS[] = {&import_persons, &import_employers, &import_employments,
                                                  &import_contributions, &import_balances};

const struct import_kind *import_kind_find(const char *name)
{
        for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
                if (strcmp(KINDS[i]->name, name) == 0)
                        return KINDS[i];
        return NULL;
}

/* --- rows and faults ------------------------------------------------------------------------------------------------------- */

static int fault_add(struct block *b, int64_t line, size_t row, const char *field, const struct error *fault, struct error *err)
{
        if (b->fault_count == b->fault_cap) {
                size_t cap = b->fault_cap == 0 ? 32 : 2 * b->fault_cap;
                struct fault *bigger = realloc(b->faults, cap * sizeof *bigger);
                if (bigger == NULL)
                        return error_raise(err, SB_MEMORY, "%s", "");
                b->faults = bigger;
                b->fault_cap = cap;
        }
        b->faults[b->fault_count++] =
            (struct fault){.line = line, .row = row, .field = field, .late = b->writing, .error = *fault};
        return 0;
}

int block_fault(struct block *b, size_t row, int column, struct error *fault, struct error *err)
{
        assert(fault->code != SB_OK && column < COLUMNS_MAX);
        if (fault->soft || error_http(fault->code) >= 500) {
                if (err != fault)
                        *err = *fault;
                return fault->soft ? ERR_SOFT : ERR;
        }
        b->rows[row].bad = true;
        struct error copy = *fault;
        error_clear(fault);
        return fault_add(b, b->rows[row].line, row, b->kind->columns[column], &copy, err);
}

int64_t block_id(struct block *b)
{
        assert(b->ids_left > 0);
        b->ids_left--;
        return b->next_id++;
}

int block_bulk_close(struct bulk *k, int rc, struct error *err)
{
        if (k == NULL)
                return rc;
        struct error none = {0};
        int closed = bulk_close(k, rc == 0 ? err : &none);
        return rc == 0 ? closed : rc;
}

static const char *topic(const struct block *b, char out[40])
{
        return text_format(out, 40, "import-%lld", (long long)b->run->id);
}

int block_note(struct tx *tx, struct block *b, struct str key, int64_t row_line, int64_t *line, struct error *err)
{
        struct stmt *q;
        char name[40];
        int64_t home = b->house->home;
        int rc = tx_one(&q, tx, err,
                        "SELECT received_at FROM inbox WHERE home = ?1@int AND topic = ?2@text AND message_key = ?3@text",
                        "its", home, topic(b, name), key);

        *line = rc == 1 ? stmt_int(q, 0) : 0;
        if (rc != 0)
                return rc < 0 ? rc : 0;
        return tx_exec(tx, err,
                       "INSERT INTO inbox (home, topic, message_key, received_at) VALUES (?1@int, ?2@text, ?3@text, ?4@int)",
                       "itsi", home, topic(b, name), key, row_line);
}

static int row_add(struct block *b, int64_t line, const struct str *fields, size_t count, struct row **out, struct error *err)
{
        if (b->count == b->cap) {
                size_t cap = b->cap == 0 ? 1024 : 2 * b->cap;
                struct row *bigger = realloc(b->rows, cap * sizeof *bigger);
                if (bigger == NULL)
                        return error_raise(err, SB_MEMORY, "%s", "");
                b->rows = bigger;
                b->cap = cap;
        }
        struct row *r = &b->rows[b->count++];
        memset(r, 0, sizeof *r);
        r->line = line;
        r->record = b->records.n;
        for (size_t i = 0; i < count; i++)
                csv_put(&b->records, i == 0, fields[i]);
        r->record_n = b->records.n - r->record;
        *out = r;
        return buf_check(&b->records, err);
}

static void block_dispose(struct block *b)
{
        for (size_t i = 0; i < b->count && b->kind == &import_persons; i++) {
                if (b->rows[i].u.person != NULL)
                        explicit_bzero(b->rows[i].u.person, sizeof *b->rows[i].u.person);
                free(b->rows[i].u.person);
        }
        free(b->rows);
        free(b->faults);
        buf_wipe(&b->records);
        explicit_bzero(&b->key, sizeof b->key);
}

/* --- parsing --------------------------------------------------------------------------------------------------------------- */

static int count_fault(struct block *b, size_t count, struct error *err)
{
        struct error fault = {0};
        size_t row = b->count - 1;

        error_raise(&fault, SB_CSV_SYNTAX, ERROR_BOTH("it has %zu fields, the header has %zu", "有%zu个字段，表头有%zu个"),
                    count, b->field_count, count, b->field_count);
        b->rows[row].bad = true;
        return fault_add(b, b->rows[row].line, row, "", &fault, err);
}

static int row_parse(struct block *b, int64_t line, const struct str *fields, size_t count, struct error *err)
{
        struct str cells[COLUMNS_MAX] = {{NULL, 0}};
        struct row *r;
        int rc = row_add(b, line, fields, count, &r, err);

        if (rc < 0)
                return rc;
        if (count != b->field_count)
                return count_fault(b, count, err);
        for (int i = 0; b->kind->columns[i] != NULL; i++)
                if (b->columns[i] >= 0)
                        cells[i] = str_trim(fields[b->columns[i]]);
        return b->kind->parse(b, b->count - 1, cells, err);
}

/* A record that cannot be read: kept by its first line, and the reader begins again after that. */
static int broken_line(struct block *b, struct str text, size_t *at, int64_t line, struct error *fault, struct error *err)
{
        const char *end = memchr(text.p + *at, '\n', text.n - *at);
        size_t n = end == NULL ? text.n - *at : (size_t)(end - (text.p + *at));
        struct str field = {text.p + *at, n > 4096 ? 4096 : n};
        struct row *r;

        *at += end == NULL ? n : n + 1;
        if (utf8_check(field, NULL) != 0)
                field = STR("");
        int rc = row_add(b, line, &field, 1, &r, err);
        if (rc < 0)
                return rc;
        r->bad = true;
        fault->where[0] = '\0';
        return fault_add(b, line, b->count - 1, "", fault, err);
}

static size_t line_offset(struct str text, size_t from, int64_t lines)
{
        size_t at = from;

        for (; lines > 0 && at < text.n; lines--) {
                const char *end = memchr(text.p + at, '\n', text.n - at);
                at = end == NULL ? text.n : (size_t)(end - text.p) + 1;
        }
        return at;
}

/* One stretch of text up to its end or to a record that cannot be read. */
static int stretch_parse(struct block *b, struct str text, size_t *at, int64_t *line, struct error *err)
{
        struct csv_reader *r = NULL;
        const struct str *fields;
        size_t count;
        struct error fault = {0};
        size_t begin = *at;
        int64_t begin_line = *line;
        int rc = csv_open_text(&r, (struct str){text.p + begin, text.n - begin}, CSV_UTF8, err);

        while (rc == 0) {
                fields = NULL;
                count = 0;
                int got = csv_next(r, &fields, &count, &fault);
                if (got == 0) {
                        *at = text.n;
                        break;
                }
                *line = begin_line + (int64_t)csv_line(r) - 1;
                if (got < 0) {
                        *at = line_offset(text, begin, (int64_t)csv_line(r) - 1);
                        rc = broken_line(b, text, at, *line, &fault, err);
                        ++*line;
                        break;
                }
                rc = row_parse(b, *line, fields, count, err);
        }
        csv_close(r);
        return rc;
}

static int64_t lines_in(struct str text)
{
        int64_t n = 0;

        for (const char *p = text.p, *end = text.p + text.n; p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
                n++;
        return n;
}

static int block_parse(struct block *b, struct str text, struct error *err)
{
        size_t at = 0;
        int64_t line = b->first_line;
        int rc = 0;

        while (rc == 0 && at < text.n)
                rc = stretch_parse(b, text, &at, &line, err);
        b->next_line = b->first_line + lines_in(text);
        return rc;
}

/* --- writing ----------------------------------------------------------------------------------------------------------------- */

static void sealed_hex(struct block *b, struct str plain, struct buf *out)
{
        unsigned char bytes[8192];
        static const char digit[] = "0123456789abcdef";

        if (plain.n > sizeof bytes - SEAL_OVERHEAD)
                plain.n = sizeof bytes - SEAL_OVERHEAD;
        seal(&b->key, "run_fault", plain, bytes);
        for (size_t i = 0; i < plain.n + SEAL_OVERHEAD; i++) {
                buf_add_char(out, digit[bytes[i] >> 4]);
                buf_add_char(out, digit[bytes[i] & 15]);
        }
}

/* The text of the record stands with its first fault. */
static int fault_write(struct tx *tx, struct block *b, size_t i, int64_t id, bool first, struct error *err)
{
        const struct fault *f = &b->faults[i];
        const struct row *r = &b->rows[f->row];
        struct buf args, record;

        buf_init(&args, 32768);
        buf_init(&record, 32768);
        sealed_hex(b, str_from(f->error.args), &args);
        if (first)
                sealed_hex(b, (struct str){b->records.p + r->record, r->record_n}, &record);
        int rc =
            tx_exec(tx, err,
                    "INSERT INTO run_fault (home, run, id, line, field, code, args, record) VALUES (?1@int, ?2@int, ?3@int, "
                    "?4@int, ?5@text, ?6@int, ?7@text, ?8@text)",
                    "iiiititt", (int64_t)b->house->home, b->run->id, id, f->line, f->field, (int64_t)f->error.code,
                    buf_text(&args), buf_text(&record));
        buf_dispose(&args);
        buf_dispose(&record);
        return rc;
}

#define FAULTS_A_LINE 64
static int compare_faults(const void *a, const void *b)
{
        const struct fault *x = a, *y = b;

        return (x->line > y->line) - (x->line < y->line);
}

static int faults_write(struct tx *tx, struct block *b, struct error *err)
{
        int64_t line = -1;
        int k = 0, rc = 0;

        if (b->fault_count > 0)
                qsort(b->faults, b->fault_count, sizeof *b->faults, compare_faults);
        for (size_t i = 0; rc == 0 && i < b->fault_count; i++) {
                k = b->faults[i].line == line ? k + 1 : 0;
                line = b->faults[i].line;
                if (k < FAULTS_A_LINE)
                        rc = fault_write(tx, b, i, line * FAULTS_A_LINE + k, k == 0, err);
        }
        return rc;
}

static bool names_due(const struct block *b)
{
        return b->kind == &import_persons && !b->dry_run && (b->last || b->waiting >= NAMES_BLOCKS);
}

static int64_t bad_rows(const struct block *b)
{
        int64_t n = 0;

        for (size_t i = 0; i < b->count; i++)
                n += b->rows[i].bad;
        return n;
}

static int audit_write(struct tx *tx, struct block *b, int64_t bad, struct error *err)
{
        char hex[65];
        json_t *body = json_pack("{s:s,s:I,s:I,s:I,s:s}", "kind", b->kind->name, "first_line", (json_int_t)b->first_line,
                                 "rows", (json_int_t)b->count, "rejected", (json_int_t)bad, "sha256", hash_hex(&b->hash, hex));
        int rc = body == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                              : audit_add(tx, &b->call, "import.block", "run", b->run->id, body, err);

        json_decref(body);
        return rc;
}

static int result_write(struct tx *tx, struct block *b, int64_t bad, struct error *err)
{
        int64_t rows = b->run->done + (int64_t)b->count, failed = b->run->failed + bad;
        json_t *result =
            json_pack("{s:s,s:b,s:I,s:I,s:I}", "kind", b->kind->name, "dry_run", b->dry_run, "rows", (json_int_t)rows,
                      "rejected", (json_int_t)failed, "imported", (json_int_t)(b->dry_run ? 0 : rows - failed));
        int rc = result == NULL ? error_raise(err, SB_MEMORY, "%s", "") : run_result(tx, b->run, result, err);

        json_decref(result);
        if (rc == 0) /* an upload is kept no longer than it is needed */
                rc = tx_exec(tx, err,
                             "DELETE FROM document WHERE home = ?1@int AND subject_kind = 'run' AND subject = ?2@int AND kind "
                             "= 'import'",
                             "ii", (int64_t)b->house->home, b->run->id);
        char name[40];
        if (rc == 0 && b->dry_run)
                rc = tx_exec(tx, err, "DELETE FROM inbox WHERE home = ?1@int AND topic = ?2@text", "it",
                             (int64_t)b->house->home, topic(b, name));
        return rc;
}

/* Rows that an attempt which was rolled back found bad are good again. */
static void faults_forget_late(struct block *b)
{
        size_t kept = 0;

        for (size_t i = 0; i < b->fault_count; i++)
                if (!b->faults[i].late)
                        b->faults[kept++] = b->faults[i];
        b->fault_count = kept;
        for (size_t i = 0; i < b->count; i++)
                b->rows[i].bad = false;
        for (size_t i = 0; i < kept; i++)
                b->rows[b->faults[i].row].bad = true;
}

/* "offset line waiting"; with "names:" before it while the names of the blocks so far are merged. */
static void cursor_write(const struct block *b, char out[CURSOR_BYTES])
{
        text_format(out, CURSOR_BYTES, "%s%lld %lld %lld", names_due(b) ? NAMES_PHASE : "", (long long)b->next_offset,
                    (long long)b->next_line, b->last ? -1LL : (long long)b->waiting);
}

static int block_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct block *b = ctx;
        char cursor[CURSOR_BYTES];

        faults_forget_late(b);
        b->writing = true;
        b->next_id = b->first_id;
        b->ids_left = (int64_t)b->count * b->kind->ids + 1;
        int rc = b->kind->write(tx, b, err);
        int64_t bad = bad_rows(b);

        if (rc == 0)
                rc = faults_write(tx, b, err);
        if (rc == 0 && !b->dry_run)
                rc = audit_write(tx, b, bad, err);
        cursor_write(b, cursor);
        int64_t rows = b->run->done + (int64_t)b->count;
        int64_t total = b->last || rows > b->run->total ? rows : b->run->total;
        if (rc == 0)
                rc = run_progress(tx, b->run, str_from(cursor), total, (int64_t)b->count, bad, err);
        if (rc == 0 && b->last)
                rc = result_write(tx, b, bad, err);
        b->writing = false;
        return rc;
}

/* --- one block of a run --------------------------------------------------------------------------------------------------------- */

static int key_open(struct block *b, const json_t *inputs, struct error *err)
{
        const char *hex;
        char bytes[SEAL_KEY_BYTES + SEAL_OVERHEAD];
        int rc = json_get_text(inputs, "fault_key", true, &hex, err);

        if (rc < 0)
                return rc;
        if (strlen(hex) != 2 * sizeof bytes)
                return error_raise(err, SB_SEAL_BROKEN, "%s", "");
        for (size_t i = 0; i < sizeof bytes; i++) {
                unsigned value;
                if (sscanf(hex + 2 * i, "%2x", &value) != 1)
                        return error_raise(err, SB_SEAL_BROKEN, "%s", "");
                bytes[i] = (char)value;
        }
        return keyring_unwrap(b->house->keys, (struct str){bytes, sizeof bytes}, &b->key, err);
}

static int columns_find(struct block *b, const char *header, struct error *err)
{
        struct csv_reader *r = NULL;
        int rc = csv_open_text(&r, str_from(header), CSV_UTF8, err);

        if (rc == 0)
                rc = csv_header(r, err);
        for (int i = 0; rc == 0 && b->kind->columns[i] != NULL; i++)
                b->columns[i] = csv_column(r, b->kind->columns[i]);
        if (rc == 0)
                b->field_count = csv_columns(r);
        csv_close(r);
        return rc;
}

static int block_open(struct block *b, const struct run *r, struct error *err)
{
        const char *kind = "", *header = "";
        int rc = json_get_text(r->inputs, "kind", true, &kind, err);

        b->kind = import_kind_find(kind);
        if (rc == 0 && b->kind == NULL)
                rc = error_raise(err, SB_IMPORT_KIND, "%s", kind);
        if (rc == 0)
                rc = json_get_text(r->inputs, "header", true, &header, err);
        if (rc == 0)
                rc = json_get_bool(r->inputs, "dry_run", false, &b->dry_run, err);
        if (rc == 0)
                rc = json_get_int(r->inputs, "office", false, &b->office, err);
        if (rc == 0)
                rc = key_open(b, r->inputs, err);
        b->call = (struct call){.house = b->house, .who = {.staff = r->created_by, .office = b->office}};
        return rc < 0 ? rc : columns_find(b, header, err);
}

/* Three numbers; a cursor of an earlier version has two. */
static void cursor_read(struct block *b, const struct run *r, int64_t *offset)
{
        char text[CURSOR_BYTES];
        long long at = 0, line = 0, waiting = 0;

        text_copy(text, sizeof text, r->cursor);
        if (sscanf(text, "%lld %lld %lld", &at, &line, &waiting) >= 2) {
                *offset = at;
                b->first_line = line;
                b->waiting = waiting < 0 ? 1 : waiting + 1;
                return;
        }
        *offset = 0;
        b->first_line = 2;
        b->waiting = 1;
        json_get_int(r->inputs, "start", false, offset, NULL);
        json_get_int(r->inputs, "start_line", false, &b->first_line, NULL);
}

/* A step of the phase of names: afterwards the run reads on, or is done when the file had been read to its end. */
static int names_block(struct house *h, const struct run *r, enum run_result *more, struct error *err)
{
        char text[CURSOR_BYTES], after[CURSOR_BYTES];
        long long at = 0, line = 0, waiting = 0;
        bool waits = false;

        text_copy(text, sizeof text, r->cursor);
        if (sscanf(text, NAMES_PHASE "%lld %lld %lld", &at, &line, &waiting) != 3)
                return error_raise(err, SB_INTERNAL, "%s", "cursor of an import");
        bool last = waiting < 0; /* the cursor stays: an attempt that comes too late finds nothing and is done as well */
        text_format(after, sizeof after, "%s%lld %lld %lld", last ? NAMES_PHASE : "", at, line, last ? -1LL : 0LL);
        int rc = names_merge(h, r, after, &waits, err);
        *more = rc == 0 && last && !waits ? RUN_DONE : RUN_MORE;
        return rc;
}

static int block_write(struct block *b, struct error *err)
{
        int rc = ids_range(b->house->ids, (int64_t)b->count * b->kind->ids + 1, &b->first_id, err);

        /* What another writer registered between two looks is found by the second. */
        for (int attempt = 0; rc == 0; attempt++) {
                error_clear(err);
                rc = store_write(b->house->store, block_apply, b, err);
                if (rc == 0 || err->code != SB_STORE_UNIQUE || attempt == 3)
                        break;
                rc = 0;
        }
        return rc;
}

static int import_block(struct house *h, const struct run *r, enum run_result *more, struct error *err)
{
        struct block b = {.house = h, .run = r};
        struct buf text;
        int64_t offset;

        if (r->cursor.n > strlen(NAMES_PHASE) && memcmp(r->cursor.p, NAMES_PHASE, strlen(NAMES_PHASE)) == 0)
                return names_block(h, r, more, err);
        buf_init(&b.records, 8 * RECORD_BYTES);
        buf_init(&text, 4 * RECORD_BYTES);
        int rc = block_open(&b, r, err);
        if (rc == 0) {
                struct source s = {.inputs = r->inputs, .house = h, .run = r->id, .key = b.key};
                cursor_read(&b, r, &offset);
                rc = source_read(&s, offset, &text, &b.hash, &b.next_offset, &b.last, err);
                explicit_bzero(&s.key, sizeof s.key);
        }
        if (rc == 0)
                rc = block_parse(&b, (struct str){buf_text(&text), text.n}, err);
        if (rc == 0)
                rc = block_write(&b, err);
        if (rc == 0)
                *more = b.last && !names_due(&b) ? RUN_DONE : RUN_MORE;
        buf_wipe(&text);
        block_dispose(&b);
        return rc;
}

const struct run_kind import_run = {"import", import_block, names_settle};
