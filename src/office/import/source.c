/* SPDX-License-Identifier: Apache-2.0 */
#include "office/import/block.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Neither UTF-8 nor GB18030 uses the bytes of line feed, comma and quotation mark inside of another character, so that
 * records can be cut before they are decoded. A quotation mark opens only at the start of a field. */
size_t records_length(const char *p, size_t n, bool final)
{
        size_t whole = 0;
        bool quoted = false, start = true;

        if (final)
                return n;
        for (size_t i = 0; i < n; i++) {
                char c = p[i];
                if (quoted) {
                        quoted = c != '"';
                        start = false;
                } else if (c == '"' && (start || (i > 0 && p[i - 1] == '"'))) {
                        quoted = true;
                } else if (c == '\n') {
                        whole = i + 1;
                        start = true;
                } else {
                        start = c == ',';
                }
        }
        return whole;
}

static int file_error(struct error *err, const char *path)
{
        char why[128];

        return error_raise(err, SB_IO, "%s|%s", path, strerror_r(errno, why, sizeof why));
}

static int changed(struct error *err, const char *path)
{
        return error_raise(err, SB_IMPORT_SOURCE, "%s", path);
}

/* Bytes of a file from offset on: at most `want` of them. */
static int file_part(const struct source *s, int64_t offset, char *bytes, size_t want, size_t *got, bool *end,
                     struct error *err)
{
        const char *path;
        int64_t size;
        int rc = json_get_text(s->inputs, "path", true, &path, err);

        if (rc == 0)
                rc = json_get_int(s->inputs, "size", true, &size, err);
        if (rc < 0)
                return rc;
        FILE *f = fopen(path, "rb");
        if (f == NULL)
                return file_error(err, path);
        if (fseeko(f, 0, SEEK_END) != 0 || ftello(f) != (off_t)size)
                rc = changed(err, path);
        else if (fseeko(f, (off_t)offset, SEEK_SET) != 0)
                rc = file_error(err, path);
        *got = rc == 0 ? fread(bytes, 1, want, f) : 0;
        if (rc == 0 && ferror(f))
                rc = file_error(err, path);
        fclose(f);
        *end = offset + (int64_t)*got >= size;
        return rc;
}

struct part {
        const struct source *source;
        int64_t number;
        struct buf *out;
        bool found;
};

static int part_read(struct tx *tx, void *ctx, struct error *err)
{
        struct part *p = ctx;
        struct stmt *q;
        char title[32];
        int rc =
            tx_one(&q, tx, err,
                   "SELECT body FROM document WHERE home = ?1@int AND subject_kind = 'run' AND subject = ?2@int AND kind = "
                   "'import' AND title = ?3@text",
                   "iit", (int64_t)p->source->house->home, p->source->run,
                   text_format(title, sizeof title, "%06lld", (long long)p->number));

        buf_clear(p->out);
        p->found = rc == 1;
        return rc == 1 ? unseal(&p->source->key, "import.part", stmt_blob(q, 0), p->out, err) : rc;
}

/* Parts of an upload are whole records; a part is a block. */
static int upload_part(const struct source *s, int64_t number, struct buf *bytes, bool *last, struct error *err)
{
        int64_t parts;
        struct part p = {.source = s, .number = number, .out = bytes};
        int rc = json_get_int(s->inputs, "parts", true, &parts, err);

        if (rc == 0 && number < parts)
                rc = store_read(s->house->store, part_read, &p, err);
        if (rc == 0 && number < parts && !p.found)
                rc = changed(err, "upload");
        *last = number + 1 >= parts;
        return rc;
}

/* What a record that does not end is worth: its first line, so that the rest can go on. */
static size_t first_line(const char *p, size_t n)
{
        const char *end = memchr(p, '\n', n);

        return end == NULL ? n : (size_t)(end - p) + 1;
}

static int file_block(const struct source *s, int64_t offset, struct buf *bytes, int64_t *next, bool *last, struct error *err)
{
        char *room = malloc(RECORD_BYTES);
        size_t got = 0, whole;
        bool end = false;
        int rc =
            room == NULL ? error_raise(err, SB_MEMORY, "%s", "") : file_part(s, offset, room, BLOCK_BYTES, &got, &end, err);

        whole = rc == 0 ? records_length(room, got, end) : 0;
        if (rc == 0 && whole == 0 && got > 0) { /* a record longer than a block */
                rc = file_part(s, offset, room, RECORD_BYTES, &got, &end, err);
                whole = rc == 0 ? records_length(room, got, end) : 0;
                if (rc == 0 && whole == 0)
                        whole = first_line(room, got);
        }
        if (rc == 0) {
                buf_add(bytes, room, whole);
                *next = offset + (int64_t)whole;
                *last = end && whole == got;
                rc = buf_check(bytes, err);
        }
        free(room);
        return rc;
}

int source_read(const struct source *s, int64_t offset, struct buf *text, struct hash *hash, int64_t *next, bool *last,
                struct error *err)
{
        struct buf bytes;
        const char *encoding = "utf-8";
        bool upload = json_object_get(s->inputs, "parts") != NULL;
        int rc = json_get_text(s->inputs, "encoding", false, &encoding, err);

        buf_init(&bytes, 2 * RECORD_BYTES);
        *next = offset + 1;
        if (rc == 0)
                rc = upload ? upload_part(s, offset, &bytes, last, err) : file_block(s, offset, &bytes, next, last, err);
        if (rc == 0) {
                struct str raw = {bytes.n == 0 ? "" : bytes.p, bytes.n};
                *hash = hash_of(raw.p, raw.n);
                if (strcmp(encoding, "gb18030") == 0)
                        rc = text_from_gb18030(text, raw, err);
                else
                        buf_add_str(text, raw);
        }
        if (rc == 0)
                rc = buf_check(text, err);
        buf_wipe(&bytes);
        return rc;
}
