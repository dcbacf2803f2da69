/* SPDX-License-Identifier: Apache-2.0 */
#include "office/import/block.h"
#include "office/json.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Beginning an import: the header is read and held against the kind before a run exists, so that the wrong file is told at
 * once. The run's own key seals what is kept of an upload and of bad rows. */

struct starting {
        struct import_request q;
        const struct import_kind *kind;
        struct buf header;   /* UTF-8 */
        size_t header_bytes; /* in the source */
        int64_t lines, size;
        struct seal_key key;
        char key_hex[2 * (SEAL_KEY_BYTES + SEAL_OVERHEAD) + 1];
        struct str upload; /* whole body, else empty */
        char path[PATH_MAX];
        int64_t run, parts;
};

static int header_check(struct starting *s, struct error *err)
{
        struct csv_reader *r = NULL;
        char needed[256] = "";
        int rc = csv_open_text(&r, (struct str){buf_text(&s->header), s->header.n}, CSV_UTF8, err);

        if (rc == 0)
                rc = csv_header(r, err);
        for (int i = 0; i < s->kind->required; i++) {
                char before[256];
                text_copy(before, sizeof before, str_from(needed));
                text_format(needed, sizeof needed, "%s%s%s", before, i == 0 ? "" : ", ", s->kind->columns[i]);
        }
        for (int i = 0; rc == 0 && i < s->kind->required; i++)
                if (csv_column(r, s->kind->columns[i]) < 0)
                        rc = error_raise(err, SB_IMPORT_COLUMN, "%s|%s", s->kind->columns[i], needed);
        csv_close(r);
        return rc;
}

/* The first record of the bytes, decoded. */
static int header_take(struct starting *s, struct str bytes, struct error *err)
{
        size_t at = bytes.n >= 3 && memcmp(bytes.p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
        const char *end = bytes.n == 0 ? NULL : memchr(bytes.p + at, '\n', bytes.n - at);
        size_t n = end == NULL ? bytes.n : (size_t)(end - bytes.p) + 1;
        struct str record = {bytes.p + at, n - at};

        s->header_bytes = n;
        int rc = 0;
        if (strcmp(s->q.encoding, "gb18030") == 0)
                rc = text_from_gb18030(&s->header, record, err);
        else
                buf_add_str(&s->header, record);
        if (rc == 0)
                rc = buf_check(&s->header, err);
        return rc < 0 ? rc : header_check(s, err);
}

static int64_t count_lines(const char *p, size_t n)
{
        int64_t lines = 0;

        for (const char *end = p + n; p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
                lines++;
        return lines;
}

static int io_error(struct error *err, const char *path)
{
        char why[128];

        return error_raise(err, SB_IO, "%s|%s", path, strerror_r(errno, why, sizeof why));
}

/* Size, header and number of lines of a file; read once from end to end. */
static int file_look(struct starting *s, struct error *err)
{
        static const size_t step = 65536;
        char *bytes = malloc(step);
        size_t n;
        int rc = 0;

        if (bytes == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        FILE *f = realpath(s->q.path, s->path) == NULL ? NULL : fopen(s->path, "rb");
        if (f == NULL)
                rc = io_error(err, s->q.path);
        while (rc == 0 && (n = fread(bytes, 1, step, f)) > 0) {
                if (s->size == 0)
                        rc = header_take(s, (struct str){bytes, n}, err);
                s->size += (int64_t)n;
                s->lines += count_lines(bytes, n);
        }
        if (rc == 0 && ferror(f))
                rc = io_error(err, s->q.path);
        if (rc == 0 && s->size == 0)
                rc = header_take(s, STR(""), err);
        if (f != NULL)
                fclose(f);
        free(bytes);
        return rc;
}

static int key_make(struct starting *s, struct house *h)
{
        unsigned char wrapped[SEAL_KEY_BYTES + SEAL_OVERHEAD];

        seal_key_new(&s->key);
        keyring_wrap(h->keys, &s->key, wrapped);
        for (size_t i = 0; i < sizeof wrapped; i++)
                text_format(s->key_hex + 2 * i, 3, "%02x", wrapped[i]);
        return 0;
}

static json_t *inputs_make(const struct starting *s, struct call *c)
{
        json_t *o = json_object();

        put_text(o, "kind", s->kind->name);
        put_bool(o, "dry_run", s->q.dry_run);
        put_text(o, "encoding", s->q.encoding);
        put_str(o, "header", (struct str){s->header.p, s->header.n});
        put_text(o, "fault_key", s->key_hex);
        put_int(o, "office", c->who.office);
        if (s->upload.n > 0) {
                put_int(o, "parts", s->parts);
        } else {
                put_text(o, "path", s->path);
                put_int(o, "size", s->size);
                put_int(o, "start", (int64_t)s->header_bytes);
        }
        return o;
}

/* --- an upload is kept in sealed parts of whole records ---------------------------------------------------------------------- */

static int part_store(struct tx *tx, struct call *c, const struct starting *s, int64_t number, struct str bytes,
                      struct error *err)
{
        char title[32];
        int64_t id;
        unsigned char *sealed = malloc(bytes.n + SEAL_OVERHEAD);

        if (sealed == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        seal(&s->key, "import.part", bytes, sealed);
        int rc =
            document_store(tx, c, "import", 0, "run", s->run, text_format(title, sizeof title, "%06lld", (long long)number),
                           "application/octet-stream", (struct str){(const char *)sealed, bytes.n + SEAL_OVERHEAD}, &id, err);
        free(sealed);
        return rc;
}

static size_t part_length(struct str rest)
{
        size_t n = rest.n > BLOCK_BYTES ? BLOCK_BYTES : rest.n;
        size_t whole = records_length(rest.p, n, n == rest.n);

        if (whole == 0) {
                n = rest.n > RECORD_BYTES ? RECORD_BYTES : rest.n;
                whole = records_length(rest.p, n, n == rest.n);
        }
        if (whole == 0) {
                const char *end = memchr(rest.p, '\n', rest.n);
                whole = end == NULL ? rest.n : (size_t)(end - rest.p) + 1;
        }
        return whole;
}

static int parts_store(struct tx *tx, struct call *c, struct starting *s, struct error *err)
{
        struct str rest = {s->upload.p + s->header_bytes, s->upload.n - s->header_bytes};
        int rc = 0;

        s->parts = 0;
        while (rc == 0 && rest.n > 0) {
                size_t n = part_length(rest);
                rc = part_store(tx, c, s, s->parts++, (struct str){rest.p, n}, err);
                rest = (struct str){rest.p + n, rest.n - n};
        }
        return rc;
}

static int run_make(struct tx *tx, struct call *c, struct starting *s, struct error *err)
{
        char title[96];
        int rc = s->upload.n > 0 ? parts_store(tx, c, s, err) : 0;
        json_t *inputs = rc == 0 ? inputs_make(s, c) : NULL;

        if (rc == 0)
                rc = inputs == NULL
                         ? error_raise(err, SB_MEMORY, "%s", "")
                         : run_create(tx, c, "import",
                                      text_format(title, sizeof title, s->q.dry_run ? "%s (dry run)" : "%s", s->kind->name),
                                      inputs, NULL, s->run, err);
        if (rc == 0)
                rc = tx_exec(tx, err, "UPDATE run SET total = ?3@int WHERE home = ?1@int AND id = ?2@int", "iii",
                             (int64_t)c->house->home, s->run, s->lines);
        json_decref(inputs);
        return rc;
}

static int prepare(struct starting *s, struct call *c, struct error *err)
{
        buf_init(&s->header, 65536);
        s->kind = import_kind_find(s->q.kind);
        if (s->kind == NULL)
                return error_raise(err, SB_IMPORT_KIND, "%s", s->q.kind);
        if (strcmp(s->q.encoding, "utf-8") != 0 && strcmp(s->q.encoding, "gb18030") != 0)
                return error_raise(err, SB_FIELD_TYPE, "%s|%s", "encoding", "utf-8 / gb18030");
        key_make(s, c->house);
        int rc = ids_next(c->house->ids, &s->run, err);
        if (rc == 0 && s->upload.n == 0)
                rc = file_look(s, err);
        else if (rc == 0) {
                rc = header_take(s, s->upload, err);
                s->lines = count_lines(s->upload.p, s->upload.n);
        }
        s->lines = s->lines > 0 ? s->lines - 1 : 0;
        return rc;
}

static void starting_dispose(struct starting *s)
{
        explicit_bzero(&s->key, sizeof s->key);
        buf_dispose(&s->header);
}

struct creation {
        struct starting *s;
        struct call *call;
};

static int create_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct creation *x = ctx;

        return run_make(tx, x->call, x->s, err);
}

int import_create(struct call *c, const struct import_request *q, int64_t *run, struct error *err)
{
        struct starting s = {.q = *q};
        struct creation x = {&s, c};
        int rc = prepare(&s, c, err);

        if (rc == 0)
                rc = store_write(c->house->store, create_apply, &x, err);
        if (rc == 0)
                *run = s.run;
        starting_dispose(&s);
        return rc;
}

static int start_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct starting *s = ctx;
        int rc = run_make(tx, c, s, err);

        if (rc < 0)
                return rc;
        change->subject_kind = "run";
        change->subject = s->run;
        change->audit = json_pack("{s:s,s:b}", "kind", s->kind->name, "dry_run", s->q.dry_run);
        *out = json_pack("{s:I}", "run", (json_int_t)s->run);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int import_start(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct starting s = {.q = {.encoding = "utf-8"}, .upload = c->body};
        int rc = json_get_text(in, "kind", true, &s.q.kind, err);

        if (rc == 0)
                rc = json_get_text(in, "encoding", false, &s.q.encoding, err);
        if (rc == 0)
                rc = json_get_bool(in, "dry_run", false, &s.q.dry_run, err);
        if (rc == 0 && c->body.n == 0)
                rc = error_raise(err, SB_FIELD_MISSING, "%s", "body");
        if (rc == 0)
                rc = prepare(&s, c, err);
        if (rc == 0)
                rc = verb_change(c, registry_find(c->house->verbs, "import.start"), in, start_apply, &s, out, err);
        starting_dispose(&s);
        return rc;
}
