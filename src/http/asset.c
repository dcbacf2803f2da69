/* SPDX-License-Identifier: Apache-2.0 */
#include "http/exchange.h"

#include "base/hash.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ASSET_MAX_BYTES ((size_t)32 << 20)
#define ASSET_MAX_FILES 4096
#define ASSET_MAX_DEPTH 8

struct asset {
        char *path;                /* "/assets/x.js" */
        struct buf bytes, gzipped; /* gzipped.n == 0: there is none */
        char etag[80];
};
struct asset_set {
        struct asset *items;
        size_t count;
};

static const struct {
        const char *ending, *media_type;
} TYPES[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".json", "application/json"},
    {".woff2", "font/woff2"},
    {".wasm", "application/wasm"},
    {".txt", "text/plain; charset=utf-8"},
    {".webmanifest", "application/manifest+json"},
};

static const char *media_of(const char *path)
{
        const char *dot = strrchr(path, '.');

        for (size_t i = 0; dot != NULL && i < sizeof(TYPES) / sizeof(TYPES[0]); i++)
                if (strcmp(dot, TYPES[i].ending) == 0)
                        return TYPES[i].media_type;
        return "application/octet-stream";
}

void asset_set_free(struct asset_set *a)
{
        if (a == NULL)
                return;
        for (size_t i = 0; i < a->count; i++) {
                free(a->items[i].path);
                buf_dispose(&a->items[i].bytes);
                buf_dispose(&a->items[i].gzipped);
        }
        free(a->items);
        free(a);
}

static int asset_add(struct asset_set *a, const char *file, const char *path, struct error *err)
{
        struct asset *one;
        char hex[65];

        if (a->count == ASSET_MAX_FILES)
                return error_raise(err, SB_LIMIT, "%s|%d", path, ASSET_MAX_FILES);
        struct asset *grown = realloc(a->items, (a->count + 1) * sizeof *grown);
        if (grown == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        a->items = grown;
        one = &a->items[a->count];
        memset(one, 0, sizeof *one);
        buf_init(&one->bytes, ASSET_MAX_BYTES);
        buf_init(&one->gzipped, ASSET_MAX_BYTES);
        one->path = strdup(path);
        a->count++;
        if (one->path == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        int rc = file_read(&one->bytes, file, ASSET_MAX_BYTES, err);
        if (rc < 0)
                return rc;
        struct hash h = hash_of(one->bytes.p, one->bytes.n);
        text_format(one->etag, sizeof one->etag, "\"%.32s\"", hash_hex(&h, hex));
        return 0;
}

static int folder_load(struct asset_set *a, const char *dir, const char *prefix, int depth, struct error *err)
{
        DIR *d = opendir(dir);
        struct dirent *e;
        int rc = 0;

        if (d == NULL)
                return error_raise(err, SB_IO, "%s|%s", dir, strerror(errno));
        while (rc == 0 && (e = readdir(d)) != NULL) {
                char file[1024], path[512];
                struct stat st;
                if (e->d_name[0] == '.')
                        continue;
                text_format(file, sizeof file, "%s/%s", dir, e->d_name);
                text_format(path, sizeof path, "%s/%s", prefix, e->d_name);
                if (stat(file, &st) != 0)
                        continue;
                if (S_ISDIR(st.st_mode) && depth < ASSET_MAX_DEPTH)
                        rc = folder_load(a, file, path, depth + 1, err);
                else if (S_ISREG(st.st_mode))
                        rc = asset_add(a, file, path, err);
        }
        closedir(d);
        return rc;
}

static struct asset *asset_find(const struct asset_set *a, const char *path)
{
        for (size_t i = 0; i < a->count; i++)
                if (strcmp(a->items[i].path, path) == 0)
                        return &a->items[i];
        return NULL;
}

/* A build may lay "x.js.gz" beside "x.js": the same file, compressed once. */
static void gzipped_join(struct asset_set *a)
{
        char plain[512];

        for (size_t i = 0; i < a->count; i++) {
                size_t n = strlen(a->items[i].path);
                if (n < 4 || strcmp(a->items[i].path + n - 3, ".gz") != 0)
                        continue;
                text_copy(plain, sizeof plain, (struct str){a->items[i].path, n - 3});
                struct asset *of = asset_find(a, plain);
                if (of == NULL)
                        continue;
                of->gzipped = a->items[i].bytes;
                buf_init(&a->items[i].bytes, ASSET_MAX_BYTES);
                a->items[i].path[0] = '\0';
        }
}

int asset_set_load(struct asset_set **out, const char *dir, struct error *err)
{
        struct asset_set *a = calloc(1, sizeof *a);

        if (a == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        int rc = folder_load(a, dir, "", 0, err);
        if (rc < 0) {
                asset_set_free(a);
                return rc;
        }
        gzipped_join(a);
        *out = a;
        return 0;
}

bool asset_answer(const struct asset_set *a, struct exchange *x)
{
        const struct asset *found = x->path[0] == '\0' ? NULL : asset_find(a, x->path);

        /* A page of the client ("/persons/12") has no dot in its last segment: the client routes it. */
        if (found == NULL) {
                const char *last = strrchr(x->path, '/');
                if (last == NULL || strchr(last, '.') != NULL)
                        return false;
                found = asset_find(a, "/index.html");
        }
        if (found == NULL)
                return false;
        x->gzip = x->accepts_gzip && found->gzipped.n > 0;
        const struct buf *bytes = x->gzip ? &found->gzipped : &found->bytes;
        x->borrowed = (struct str){bytes->p, bytes->n};
        x->cacheable = strncmp(found->path, "/assets/", 8) == 0;
        text_copy(x->etag, sizeof x->etag, str_from(found->etag));
        text_copy(x->media_type, sizeof x->media_type, str_from(media_of(found->path)));
        x->status = strcmp(x->if_none_match, found->etag) == 0 ? 304 : 200;
        if (x->status == 304)
                x->borrowed.n = 0;
        return true;
}
