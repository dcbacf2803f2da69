/* SPDX-License-Identifier: Apache-2.0 */
#include "base/stream.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD "shebao sealed 1\n"
#define PIECE ((size_t)1 << 16)
#define TAG_BYTES crypto_secretstream_xchacha20poly1305_ABYTES

static_assert(SEAL_KEY_BYTES == crypto_secretstream_xchacha20poly1305_KEYBYTES, "key");

struct sealer {
        crypto_secretstream_xchacha20poly1305_state state;
        FILE *file;
        char path[PATH_MAX], made[PATH_MAX];
        size_t n;
        char context[128];
        unsigned char plain[PIECE], sealed[PIECE + TAG_BYTES];
};

static int io(struct error *err, const char *path)
{
        char why[128];

        return error_raise(err, SB_IO, "%s|%s", path, strerror_r(errno, why, sizeof why));
}

int sealer_open(struct sealer **out, const char *path, const unsigned char key[SEAL_KEY_BYTES], const char *context,
                struct error *err)
{
        unsigned char head[crypto_secretstream_xchacha20poly1305_HEADERBYTES];
        struct sealer *s = calloc(1, sizeof *s);
        int rc = 0;

        if (s == NULL || sodium_init() < 0) {
                free(s);
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        text_copy(s->path, sizeof s->path, str_from(path));
        text_format(s->made, sizeof s->made, "%s.part", path);
        text_copy(s->context, sizeof s->context, str_from(context));
        unlink(s->made);
        mode_t mask = umask(077);
        s->file = fopen(s->made, "wxe");
        umask(mask);
        crypto_secretstream_xchacha20poly1305_init_push(&s->state, head, key);
        if (s->file == NULL || fwrite(HEAD, sizeof HEAD - 1, 1, s->file) != 1 || fwrite(head, sizeof head, 1, s->file) != 1)
                rc = io(err, s->made);
        if (rc == 0)
                *out = s;
        else
                sealer_abort(s);
        return rc;
}

static int piece_write(struct sealer *s, unsigned char tag, struct error *err)
{
        unsigned long long n = 0;

        crypto_secretstream_xchacha20poly1305_push(&s->state, s->sealed, &n, s->plain, s->n, (const unsigned char *)s->context,
                                                   strlen(s->context), tag);
        unsigned char size[4] = {(unsigned char)(n >> 24), (unsigned char)(n >> 16), (unsigned char)(n >> 8), (unsigned char)n};
        s->n = 0;
        return fwrite(size, sizeof size, 1, s->file) == 1 && fwrite(s->sealed, (size_t)n, 1, s->file) == 1 ? 0
                                                                                                           : io(err, s->made);
}

int sealer_add(struct sealer *s, const void *bytes, size_t n, struct error *err)
{
        const unsigned char *p = bytes;
        int rc = 0;

        while (rc == 0 && n > 0) {
                size_t room = PIECE - s->n, part = n < room ? n : room;
                memcpy(s->plain + s->n, p, part);
                s->n += part;
                p += part;
                n -= part;
                if (s->n == PIECE)
                        rc = piece_write(s, crypto_secretstream_xchacha20poly1305_TAG_MESSAGE, err);
        }
        return rc;
}

int sealer_close(struct sealer *s, struct error *err)
{
        int rc = piece_write(s, crypto_secretstream_xchacha20poly1305_TAG_FINAL, err);

        if (rc == 0 && (fflush(s->file) != 0 || fsync(fileno(s->file)) != 0))
                rc = io(err, s->made);
        if (fclose(s->file) != 0 && rc == 0)
                rc = io(err, s->made);
        s->file = NULL;
        if (rc == 0 && rename(s->made, s->path) != 0)
                rc = io(err, s->path);
        if (rc == 0)
                rc = file_sync_folder(s->path, err);
        if (rc == 0)
                s->made[0] = '\0';
        sealer_abort(s);
        return rc;
}

void sealer_abort(struct sealer *s)
{
        if (s == NULL)
                return;
        if (s->file != NULL)
                fclose(s->file);
        if (s->made[0] != '\0')
                unlink(s->made);
        sodium_memzero(s, sizeof *s);
        free(s);
}

struct opener {
        crypto_secretstream_xchacha20poly1305_state state;
        FILE *file;
        char path[PATH_MAX], context[128];
        size_t at, n;
        bool last;
        unsigned char plain[PIECE], sealed[PIECE + TAG_BYTES];
};

static int broken(struct opener *o, struct error *err)
{
        error_raise(err, SB_SEAL_BROKEN, "%s", "");
        return error_in(err, o->path);
}

int opener_open(struct opener **out, const char *path, const unsigned char key[SEAL_KEY_BYTES], const char *context,
                struct error *err)
{
        unsigned char head[crypto_secretstream_xchacha20poly1305_HEADERBYTES];
        char words[sizeof HEAD];
        struct opener *o = calloc(1, sizeof *o);
        int rc = 0;

        if (o == NULL || sodium_init() < 0) {
                free(o);
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        text_copy(o->path, sizeof o->path, str_from(path));
        text_copy(o->context, sizeof o->context, str_from(context));
        o->file = fopen(path, "re");
        if (o->file == NULL)
                rc = io(err, path);
        else if (fread(words, sizeof HEAD - 1, 1, o->file) != 1 || memcmp(words, HEAD, sizeof HEAD - 1) != 0 ||
                 fread(head, sizeof head, 1, o->file) != 1 ||
                 crypto_secretstream_xchacha20poly1305_init_pull(&o->state, head, key) != 0)
                rc = broken(o, err);
        if (rc == 0)
                *out = o;
        else
                opener_close(o);
        return rc;
}

static int piece_read(struct opener *o, struct error *err)
{
        unsigned char size[4], tag = 0;
        unsigned long long n = 0;

        if (o->last)
                return 0;
        if (fread(size, sizeof size, 1, o->file) != 1)
                return broken(o, err);
        size_t sealed = (size_t)size[0] << 24 | (size_t)size[1] << 16 | (size_t)size[2] << 8 | size[3];
        if (sealed < TAG_BYTES || sealed > sizeof o->sealed || fread(o->sealed, sealed, 1, o->file) != 1 ||
            crypto_secretstream_xchacha20poly1305_pull(&o->state, o->plain, &n, &tag, o->sealed, sealed,
                                                       (const unsigned char *)o->context, strlen(o->context)) != 0)
                return broken(o, err);
        o->at = 0;
        o->n = (size_t)n;
        o->last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
        if (o->last && fgetc(o->file) != EOF)
                return broken(o, err);
        return 1;
}

int opener_read(struct opener *o, void *bytes, size_t n, struct error *err)
{
        unsigned char *p = bytes;
        size_t done = 0;

        while (done < n) {
                if (o->at == o->n) {
                        int rc = piece_read(o, err);
                        if (rc < 0)
                                return rc;
                        if (rc == 0)
                                return done == 0 ? 0 : broken(o, err);
                        continue;
                }
                size_t part = o->n - o->at < n - done ? o->n - o->at : n - done;
                memcpy(p + done, o->plain + o->at, part);
                o->at += part;
                done += part;
        }
        return 1;
}

void opener_close(struct opener *o)
{
        if (o == NULL)
                return;
        if (o->file != NULL)
                fclose(o->file);
        sodium_memzero(o, sizeof *o);
        free(o);
}
