/* SPDX-License-Identifier: Apache-2.0 */
#include "case/file_store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEPT_MAX ((size_t)32 << 20)

/* --- what it is --------------------------------------------------------------------------------------------------------------------- */

static bool begins(struct str s, const char *with, size_t n)
{
        return s.n >= n && memcmp(s.p, with, n) == 0;
}

static uint32_t big_endian(const char *p)
{
        const unsigned char *b = (const unsigned char *)p;

        return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* Chunk after chunk from IHDR to IEND. */
static bool png_whole(struct str s)
{
        size_t at = 8;

        if (s.n < 33 || memcmp(s.p + 12, "IHDR", 4) != 0)
                return false;
        while (at + 12 <= s.n) {
                uint32_t length = big_endian(s.p + at);
                if (memcmp(s.p + at + 4, "IEND", 4) == 0)
                        return length == 0;
                if (length > s.n - at - 12)
                        return false;
                at += (size_t)length + 12;
        }
        return false;
}

/* Segment after segment up to the picture's data, and the end of the picture. */
static bool jpeg_whole(struct str s)
{
        const unsigned char *b = (const unsigned char *)s.p;
        size_t at = 2, end = s.n;

        while (b[end - 1] == 0) /* its first bytes are not */
                end--;
        if (end < 4 || b[end - 2] != 0xFF || b[end - 1] != 0xD9)
                return false;
        while (at + 4 <= s.n && b[at] == 0xFF) {
                size_t length = (size_t)b[at + 2] << 8 | b[at + 3];
                if (b[at + 1] == 0xDA)
                        return true;
                if (length < 2 || length > s.n - at - 2)
                        return false;
                at += 2 + length;
        }
        return false;
}

static const char *last_of(const char *from, size_t n, const char *word)
{
        const char *found = NULL, *p = from;
        size_t length = strlen(word);

        while (n >= length && (p = memmem(p, n - (size_t)(p - from), word, length)) != NULL) {
                found = p;
                p++;
        }
        return found;
}

/* The last cross-reference stands where the file says, and the file ends as it should. */
static bool pdf_whole(struct str s)
{
        size_t tail = s.n < 1200 ? s.n : 1200;
        const char *end = s.p + s.n, *start = last_of(end - tail, tail, "startxref");
        size_t at = 0;

        if (start == NULL || memmem(start, (size_t)(end - start), "%%EOF", 5) == NULL)
                return false;
        for (start += 9; *start == ' ' || *start == '\r' || *start == '\n'; start++) /* %%EOF stands behind it */
                continue;
        for (; *start >= '0' && *start <= '9' && at < s.n; start++)
                at = at * 10 + (size_t)(*start - '0');
        if (at == 0 || at + 4 > s.n)
                return false;
        bool table = memcmp(s.p + at, "xref", 4) == 0, stream = s.p[at] >= '0' && s.p[at] <= '9';
        return (table || stream) && memmem(s.p, s.n, "/Root", 5) != NULL;
}

const char *file_type(struct str s, const char **why)
{
        static const char broken[] = ERROR_BOTH("it is damaged or not complete", "文件已损坏或不完整");
        const char *type = NULL;
        bool whole = false;

        if (begins(s, "%PDF-", 5)) {
                type = "application/pdf";
                whole = pdf_whole(s);
        } else if (begins(s, "\x89PNG\r\n\x1a\n", 8)) {
                type = "image/png";
                whole = png_whole(s);
        } else if (begins(s, "\xff\xd8\xff", 3)) {
                type = "image/jpeg";
                whole = jpeg_whole(s);
        }
        *why = type == NULL ? ERROR_BOTH("it is no PDF, PNG or JPEG", "仅支持PDF、PNG、JPEG文件") : broken;
        return whole ? type : NULL;
}

/* --- keeping ------------------------------------------------------------------------------------------------------------------------- */

static int folder_make(const char *path, struct error *err)
{
        if (mkdir(path, 0700) == 0)
                return file_sync_folder(path, err);
        return errno == EEXIST ? 0 : error_raise(err, SB_CASE_FILES, "%s", "");
}

static void path_of(const char *dir, const struct hash *hash, char folder[512], char path[600])
{
        char hex[65];

        hash_hex(hash, hex);
        text_format(folder, 512, "%s/%.2s", dir, hex);
        text_format(path, 600, "%s/%s", folder, hex + 2);
}

int file_keep(const char *dir, struct str bytes, struct hash *out, struct error *err)
{
        char folder[512], path[600];

        if (dir == NULL)
                return error_raise(err, SB_CASE_FILES, "%s", "");
        *out = hash_of(bytes.p, bytes.n);
        path_of(dir, out, folder, path);
        int rc = folder_make(dir, err);
        rc = rc ? rc : folder_make(folder, err);
        rc = rc ? rc : file_write(path, bytes.p, bytes.n, err);
        return rc ? rc : file_sync_folder(path, err);
}

int file_load(const char *dir, const struct hash *hash, const char *what, struct buf *out, struct error *err)
{
        char folder[512], path[600];
        struct error none = {0};

        if (dir == NULL)
                return error_raise(err, SB_CASE_FILES, "%s", "");
        path_of(dir, hash, folder, path);
        bool good = file_read(out, path, KEPT_MAX, &none) == 0;
        if (good) {
                struct hash found = hash_of(out->p, out->n);
                good = memcmp(&found, hash, sizeof found) == 0;
        }
        return good ? 0 : error_raise(err, SB_CASE_FILE_DAMAGED, "%s", what);
}

void file_forget(const char *dir, const struct hash *hash)
{
        char folder[512], path[600];

        if (dir == NULL)
                return;
        path_of(dir, hash, folder, path);
        unlink(path);
}

bool file_kept(const char *dir, const struct hash *hash)
{
        char folder[512], path[600];

        path_of(dir, hash, folder, path);
        return access(path, R_OK) == 0;
}
