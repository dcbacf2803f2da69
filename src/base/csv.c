/* SPDX-License-Identifier: Apache-2.0 */
#include "base/csv.h"

#include <assert.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#define RAW_BYTES ((size_t)16 << 10)
#define BLOCK_BYTES (4 * RAW_BYTES) /* no byte of GB18030 becomes more than three of UTF-8 */
#define RECORD_BYTES ((size_t)1 << 20)
#define RECORD_FIELDS ((size_t)4096)

struct csv_reader {
        FILE *in;        /* NULL when reading from memory */
        struct str text; /* what is left of the memory */
        iconv_t decode;  /* (iconv_t)-1 for UTF-8 */
        char raw[RAW_BYTES];
        size_t raw_n; /* bytes that wait to be decoded */
        bool raw_end;
        size_t raw_total;    /* bytes decoded so far: where a bad one is */
        const char *p, *end; /* UTF-8 that waits to be parsed */
        char *block;         /* decoded text of GB18030, or the file's own */
        bool started, failed;
        size_t line, record_line;
        char *record; /* the bytes of the fields, one after the other */
        size_t record_n, record_cap;
        struct str *fields;
        size_t count, fields_cap;
        struct csv_header *header;
};

struct csv_header {
        size_t count;
        char **names;
};

static int reader_new(struct csv_reader **out, FILE *in, struct str text, enum csv_encoding enc, struct error *err)
{
        struct csv_reader *r = calloc(1, sizeof *r);
        if (r == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        r->in = in;
        r->text = text;
        r->line = r->record_line = 1;
        r->decode = (iconv_t)-1;
        r->block = malloc(BLOCK_BYTES);
        if (r->block == NULL) {
                csv_close(r);
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        r->p = r->end = r->block;
        if (enc == CSV_GB18030) {
                r->decode = iconv_open("UTF-8", "GB18030");
                if (r->decode == (iconv_t)-1) {
                        csv_close(r);
                        return error_raise(err, SB_INTERNAL, "%s", "iconv GB18030");
                }
        }
        *out = r;
        return 0;
}

int csv_open_file(struct csv_reader **out, FILE *in, enum csv_encoding enc, struct error *err)
{
        return reader_new(out, in, (struct str){NULL, 0}, enc, err);
}

int csv_open_text(struct csv_reader **out, struct str text, enum csv_encoding enc, struct error *err)
{
        return reader_new(out, NULL, text, enc, err);
}

void csv_close(struct csv_reader *r)
{
        if (r == NULL)
                return;
        if (r->decode != (iconv_t)-1)
                iconv_close(r->decode);
        if (r->header != NULL) {
                for (size_t i = 0; i < r->header->count; i++)
                        free(r->header->names[i]);
                free(r->header->names);
                free(r->header);
        }
        free(r->block);
        free(r->record);
        free(r->fields);
        free(r);
}

/* At most n bytes of input; 0 at the end or with *bad. */
static size_t take(struct csv_reader *r, char *out, size_t n, bool *bad)
{
        *bad = false;
        if (r->in != NULL) {
                size_t got = fread(out, 1, n, r->in);
                *bad = got == 0 && ferror(r->in) != 0;
                return got;
        }
        if (n > r->text.n)
                n = r->text.n;
        if (n > 0)
                memcpy(out, r->text.p, n);
        r->text.p += n;
        r->text.n -= n;
        return n;
}

static int fail(struct csv_reader *r, struct error *err, enum error_code code, const char *what)
{
        r->failed = true;
        error_raise(err, code, "%s", what);
        return error_where(err, "%zu", r->line);
}

static int not_text(struct csv_reader *r, struct error *err, const char *encoding, size_t byte)
{
        r->failed = true;
        error_raise(err, SB_NOT_UTF8, "%s|%zu", encoding, byte);
        return error_where(err, "%zu", r->line);
}

static int input_error(struct csv_reader *r, struct error *err)
{
        char why[128];
        r->failed = true;
        return error_raise(err, SB_IO, "%s|%s", "CSV", strerror_r(errno, why, sizeof why));
}

/* The next block of GB18030 as UTF-8. A sequence that the block cuts waits for the next one. */
static int decode_block(struct csv_reader *r, struct error *err)
{
        bool bad = false;
        if (!r->raw_end) {
                size_t got = take(r, r->raw + r->raw_n, RAW_BYTES - r->raw_n, &bad);
                if (bad)
                        return input_error(r, err);
                r->raw_n += got;
                r->raw_end = got == 0;
        }
        char *in = r->raw, *out = r->block;
        size_t left = r->raw_n, room = BLOCK_BYTES;
        if (left > 0 && iconv(r->decode, &in, &left, &out, &room) == (size_t)-1) {
                bool cut = errno == EINVAL && !r->raw_end;
                if (!cut && errno != E2BIG && out == r->block)
                        return not_text(r, err, "GB18030", r->raw_total + (r->raw_n - left) + 1);
        }
        r->raw_total += r->raw_n - left;
        memmove(r->raw, in, left);
        r->raw_n = left;
        r->p = r->block;
        r->end = out;
        return 0;
}

/* 1 there is text at r->p, 0 the end, ERR. */
static int fill(struct csv_reader *r, struct error *err)
{
        if (r->p < r->end)
                return 1;
        if (r->decode == (iconv_t)-1) {
                bool bad = false;
                size_t n = take(r, r->block, BLOCK_BYTES, &bad);
                if (bad)
                        return input_error(r, err);
                r->p = r->block;
                r->end = r->block + n;
                return n > 0;
        }
        while (r->p == r->end && !(r->raw_end && r->raw_n == 0))
                if (decode_block(r, err) != 0)
                        return ERR;
        return r->p < r->end;
}

static int put(struct csv_reader *r, const char *bytes, size_t n, struct error *err)
{
        if (n > RECORD_BYTES - r->record_n) {
                r->failed = true;
                error_raise(err, SB_LIMIT, "%s|1 MiB", ERROR_BOTH("a record of CSV", "CSV记录"));
                return error_where(err, "%zu", r->record_line);
        }
        if (r->record_n + n > r->record_cap) {
                size_t cap = r->record_cap == 0 ? 4096 : r->record_cap * 2;
                while (cap < r->record_n + n)
                        cap *= 2;
                char *p = realloc(r->record, cap);
                if (p == NULL)
                        return fail(r, err, SB_MEMORY, "");
                r->record = p;
                r->record_cap = cap;
        }
        if (n > 0)
                memcpy(r->record + r->record_n, bytes, n);
        r->record_n += n;
        return 0;
}

/* Close the field that began at byte `start` of the record. Its pointer is set when the record is
 * whole. */
static int end_field(struct csv_reader *r, size_t start, struct error *err)
{
        if (r->count == RECORD_FIELDS) {
                r->failed = true;
                error_raise(err, SB_LIMIT, "%s|%zu", ERROR_BOTH("the fields of a record", "一条记录的字段数"), RECORD_FIELDS);
                return error_where(err, "%zu", r->record_line);
        }
        if (r->count == r->fields_cap) {
                size_t cap = r->fields_cap == 0 ? 64 : r->fields_cap * 2;
                struct str *f = realloc(r->fields, cap * sizeof *f);
                if (f == NULL)
                        return fail(r, err, SB_MEMORY, "");
                r->fields = f;
                r->fields_cap = cap;
        }
        r->fields[r->count++] = (struct str){NULL, r->record_n - start};
        return 0;
}

/* The rest of a quoted field, after its first quote and up to its last. */
static int quoted_field(struct csv_reader *r, struct error *err)
{
        for (;;) {
                int rc = fill(r, err);
                if (rc < 0)
                        return rc;
                if (rc == 0)
                        return fail(r, err, SB_CSV_SYNTAX,
                                    ERROR_BOTH("the file ends inside a quoted field", "文件在带引号的字段中结束"));
                const char *p = r->p;
                while (p < r->end && *p != '"') {
                        r->line += *p == '\n';
                        p++;
                }
                if (put(r, r->p, (size_t)(p - r->p), err) != 0)
                        return ERR;
                r->p = p;
                if (p == r->end)
                        continue;
                r->p++;
                rc = fill(r, err);
                if (rc < 0)
                        return rc;
                if (rc == 0 || *r->p != '"')
                        return 0;
                if (put(r, "\"", 1, err) != 0)
                        return ERR;
                r->p++;
        }
}

/* Plain characters up to a comma, a line end, a quote or the end of the input. */
static int plain_field(struct csv_reader *r, struct error *err)
{
        for (;;) {
                int rc = fill(r, err);
                if (rc <= 0)
                        return rc;
                const char *p = r->p;
                while (p < r->end && *p != ',' && *p != '\n' && *p != '\r' && *p != '"')
                        p++;
                if (put(r, r->p, (size_t)(p - r->p), err) != 0)
                        return ERR;
                r->p = p;
                if (p < r->end)
                        return 0;
        }
}

enum after { AFTER_COMMA, AFTER_LINE };

/* What closes a field: a comma, a line end (LF or CRLF) or the end of the input. */
static int closing(struct csv_reader *r, enum after *out, struct error *err)
{
        int rc = fill(r, err);
        if (rc < 0)
                return rc;
        *out = AFTER_LINE;
        if (rc == 0)
                return 0;
        char c = *r->p++;
        if (c == ',') {
                *out = AFTER_COMMA;
                return 0;
        }
        if (c == '"')
                return fail(r, err, SB_CSV_SYNTAX,
                            ERROR_BOTH("a quote inside a field; quote the whole field and double the quote",
                                       "字段中有引号；请给整个字段加引号并将引号写两次"));
        if (c == '\r') {
                rc = fill(r, err);
                if (rc < 0)
                        return rc;
                if (rc == 0 || *r->p != '\n')
                        return fail(r, err, SB_CSV_SYNTAX,
                                    ERROR_BOTH("a carriage return without a line feed", "回车符后缺少换行符"));
                c = *r->p++;
        }
        if (c != '\n')
                return fail(r, err, SB_CSV_SYNTAX,
                            ERROR_BOTH("characters after the closing quote of a field", "字段结束引号之后还有字符"));
        r->line++;
        return 0;
}

/* One record; *blank when the line holds nothing at all. */
static int read_record(struct csv_reader *r, bool *blank, struct error *err)
{
        enum after after = AFTER_COMMA;
        *blank = false;
        r->record_n = r->count = 0;
        r->record_line = r->line;
        while (after == AFTER_COMMA) {
                size_t start = r->record_n;
                int rc = fill(r, err);
                if (rc < 0)
                        return rc;
                bool quoted = rc == 1 && *r->p == '"';
                if (quoted) {
                        r->p++;
                        rc = quoted_field(r, err);
                } else if (rc == 1) {
                        rc = plain_field(r, err);
                }
                if (rc < 0 || end_field(r, start, err) != 0 || closing(r, &after, err) != 0)
                        return ERR;
                *blank = r->count == 1 && r->fields[0].n == 0 && !quoted;
        }
        return 0;
}

/* A byte order mark at the very beginning is not part of the first field. */
static int skip_mark(struct csv_reader *r, struct error *err)
{
        int rc = fill(r, err);
        r->started = true;
        if (rc == 1 && r->end - r->p >= 3 && memcmp(r->p, "\xEF\xBB\xBF", 3) == 0)
                r->p += 3;
        return rc < 0 ? rc : 0;
}

static int check_record(struct csv_reader *r, struct error *err)
{
        for (size_t i = 0; i < r->count; i++) {
                if (utf8_check(r->fields[i], err) != 0) {
                        r->failed = true;
                        return error_where(err, "%zu", r->record_line);
                }
        }
        if (r->header != NULL && r->count != r->header->count) {
                error_raise(err, SB_CSV_SYNTAX,
                            ERROR_BOTH("%zu fields where the header names %zu", "有%zu个字段，而表头有%zu个"), r->count,
                            r->header->count, r->count, r->header->count);
                return error_where(err, "%zu", r->record_line);
        }
        return 1;
}

int csv_next(struct csv_reader *r, const struct str **fields, size_t *count, struct error *err)
{
        bool blank = true;
        *fields = NULL;
        *count = 0;
        if (r->failed)
                return error_raise(err, SB_CSV_SYNTAX, "%s",
                                   ERROR_BOTH("it cannot be read beyond an earlier error", "此前出错，无法继续读取"));
        if (!r->started && skip_mark(r, err) != 0)
                return ERR;
        while (blank) {
                int rc = fill(r, err);
                if (rc <= 0)
                        return rc;
                if (read_record(r, &blank, err) != 0)
                        return ERR;
        }
        size_t at = 0;
        for (size_t i = 0; i < r->count; i++) {
                r->fields[i].p = r->record_n == 0 ? "" : r->record + at;
                at += r->fields[i].n;
        }
        assert(at == r->record_n);
        *fields = r->fields;
        *count = r->count;
        return check_record(r, err);
}

size_t csv_line(const struct csv_reader *r)
{
        return r->record_line;
}

int csv_header(struct csv_reader *r, struct error *err)
{
        const struct str *fields;
        size_t count;
        assert(r->header == NULL);
        int rc = csv_next(r, &fields, &count, err);
        if (rc < 0)
                return rc;
        if (rc == 0)
                return fail(r, err, SB_CSV_SYNTAX, ERROR_BOTH("the file has no header line", "文件没有表头"));
        struct csv_header *h = calloc(1, sizeof *h);
        if (h == NULL)
                return fail(r, err, SB_MEMORY, "");
        r->header = h;
        h->names = calloc(count, sizeof *h->names);
        if (h->names == NULL)
                return fail(r, err, SB_MEMORY, "");
        for (size_t i = 0; i < count; i++) {
                struct str s = str_trim(fields[i]);
                h->names[i] = malloc(s.n + 1);
                if (h->names[i] == NULL)
                        return fail(r, err, SB_MEMORY, "");
                h->count = i + 1;
                text_copy(h->names[i], s.n + 1, s);
                for (size_t k = 0; k < i; k++)
                        if (s.n > 0 && strcmp(h->names[k], h->names[i]) == 0)
                                return fail(r, err, SB_CSV_SYNTAX,
                                            ERROR_BOTH("the header names a column twice", "表头中有重复的列名"));
        }
        return 0;
}

int csv_column(const struct csv_reader *r, const char *name)
{
        for (size_t i = 0; r->header != NULL && i < r->header->count; i++)
                if (strcmp(r->header->names[i], name) == 0)
                        return (int)i;
        return -1;
}

size_t csv_columns(const struct csv_reader *r)
{
        return r->header == NULL ? 0 : r->header->count;
}

const char *csv_column_name(const struct csv_reader *r, size_t i)
{
        assert(i < csv_columns(r));
        return r->header->names[i];
}

void csv_put(struct buf *out, bool first, struct str field)
{
        /* A field that looks like a byte order mark would be taken for one at the beginning of a
         * file. */
        bool quote = first && field.n >= 3 && memcmp(field.p, "\xEF\xBB\xBF", 3) == 0;
        for (size_t i = 0; i < field.n && !quote; i++)
                quote = strchr(",\"\r\n", field.p[i]) != NULL;
        if (!first)
                buf_add_char(out, ',');
        if (!quote) {
                buf_add_str(out, field);
                return;
        }
        buf_add_char(out, '"');
        for (size_t i = 0, from = 0; i <= field.n; i++) {
                if (i < field.n && field.p[i] != '"')
                        continue;
                buf_add(out, field.p + from, i - from);
                if (i < field.n)
                        buf_add_text(out, "\"\"");
                from = i + 1;
        }
        buf_add_char(out, '"');
}

void csv_end(struct buf *out)
{
        /* A record of one empty field would be a blank line, which readers pass over. */
        if (!out->failed && (out->n == 0 || out->p[out->n - 1] == '\n'))
                buf_add_text(out, "\"\"");
        buf_add_text(out, "\r\n");
}
