/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/backup_folder.h"

#include "base/stream.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORK_IN_FRAMES 4000
#define HEAD_BYTES 256 /* the first bytes of a sealed file, as text */
#define BLOCK ((size_t)1 << 16)

static int io(struct error *err, const char *path)
{
        char why[128];

        return error_raise(err, SB_IO, "%s|%s", path, strerror_r(errno, why, sizeof why));
}

static int folder_make(const char *path, struct error *err)
{
        return mkdir(path, 0700) == 0 || errno == EEXIST ? 0 : io(err, path);
}

int backup_open(struct backup_folder *b, const char *dir, const char *key_file, bool *made, struct error *err)
{
        struct keyring *k = NULL;
        unsigned char signature[64];
        char part[PATH_MAX];

        *made = access(key_file, F_OK) != 0;
        text_copy(b->dir, sizeof b->dir, str_from(dir));
        int rc = keyring_open(&k, key_file, err);
        if (rc == 0) {
                keyring_sign(k, STR("shebao: the key of backups"), signature);
                struct hash h = hash_of(signature, sizeof signature);
                memcpy(b->key, h.b, sizeof b->key);
        }
        keyring_free(k);
        rc = rc ? rc : folder_make(dir, err);
        for (int i = 0; rc == 0 && i < 3; i++)
                rc = folder_make(text_format(part, sizeof part, "%s/%s", dir, ((const char *[]){"copies", "log", "files"})[i]),
                                 err);
        return rc;
}

/* --- heads -------------------------------------------------------------------------------------------------------------------------- */

static void piece_name(const struct backup_folder *b, int64_t number, char *out, size_t size, char context[64])
{
        text_format(out, size, "%s/log/%012lld.log", b->dir, (long long)number);
        text_format(context, 64, "shebao log %lld", (long long)number);
}

static void copy_name(const struct backup_folder *b, instant_t time, char *out, size_t size, char context[64])
{
        text_format(out, size, "%s/copies/%020lld.copy", b->dir, (long long)time);
        text_format(context, 64, "shebao copy %lld", (long long)time);
}

static void head_text(char out[HEAD_BYTES], int64_t number, instant_t time, const struct log_place *at, int64_t from)
{
        memset(out, 0, HEAD_BYTES);
        text_format(out, HEAD_BYTES, "%lld %lld %u %u %u %u %lld %lld", (long long)number, (long long)time, at->checkpoint,
                    at->salt[0], at->salt[1], at->page_size, (long long)at->frame, (long long)from);
}

static bool head_parse(const char head[HEAD_BYTES], int64_t *number, instant_t *time, struct log_place *at, int64_t *from)
{
        int64_t v[8];
        struct str rest = {head, strnlen(head, HEAD_BYTES)};

        for (int i = 0; i < 8; i++) {
                size_t n = 0;
                while (n < rest.n && rest.p[n] != ' ')
                        n++;
                if (!text_to_int((struct str){rest.p, n}, &v[i]))
                        return false;
                n += n < rest.n;
                rest.p += n;
                rest.n -= n;
        }
        *number = v[0];
        *time = v[1];
        *at = (struct log_place){(uint32_t)v[2], {(uint32_t)v[3], (uint32_t)v[4]}, (uint32_t)v[5], v[6]};
        *from = v[7];
        return rest.n == 0;
}

static int head_read(struct opener *o, int64_t *number, instant_t *time, struct log_place *at, int64_t *from, struct error *err)
{
        char head[HEAD_BYTES];
        int rc = opener_read(o, head, sizeof head, err);

        return rc < 0                                                ? rc
               : rc == 1 && head_parse(head, number, time, at, from) ? 0
                                                                     : error_raise(err, SB_SEAL_BROKEN, "%s", "");
}

static int piece_open(const struct backup_folder *b, int64_t number, struct opener **out, struct backup_piece *p,
                      struct error *err)
{
        char name[PATH_MAX], context[64];

        piece_name(b, number, name, sizeof name, context);
        int rc = opener_open(out, name, b->key, context, err);
        rc = rc ? rc : head_read(*out, &p->number, &p->time, &p->at, &p->from, err);
        return rc < 0 ? error_in(err, name) : 0;
}

static int64_t size_of(const char *name)
{
        struct stat st;

        return stat(name, &st) == 0 ? (int64_t)st.st_size : 0;
}

static int copy_open(const struct backup_folder *b, instant_t time, struct opener **out, struct backup_copy *c,
                     struct error *err)
{
        char name[PATH_MAX], context[64];

        copy_name(b, time, name, sizeof name, context);
        int rc = opener_open(out, name, b->key, context, err);
        rc = rc ? rc : head_read(*out, &c->piece, &c->time, &c->at, &(int64_t){0}, err);
        c->size = size_of(name);
        return rc < 0 ? error_in(err, name) : 0;
}

static int compare(const void *a, const void *b)
{
        int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

        return x < y ? -1 : x > y;
}

/* The numbers that name the files of a part, in order. */
static int numbers(const struct backup_folder *b, const char *part, const char *end, int64_t **out, size_t *count,
                   struct error *err)
{
        char path[PATH_MAX];
        struct dirent *e;
        DIR *d = opendir(text_format(path, sizeof path, "%s/%s", b->dir, part));

        *out = NULL;
        *count = 0;
        if (d == NULL)
                return io(err, path);
        while ((e = readdir(d)) != NULL) {
                size_t n = strlen(e->d_name), tail = strlen(end);
                int64_t number = 0;
                if (n <= tail || strcmp(e->d_name + n - tail, end) != 0)
                        continue;
                const char *p = e->d_name;
                while (*p == '0' && p + 1 < e->d_name + n - tail)
                        p++;
                if (!text_to_int((struct str){p, (size_t)(e->d_name + n - tail - p)}, &number))
                        continue;
                int64_t *more = realloc(*out, (*count + 1) * sizeof **out);
                if (more == NULL) {
                        closedir(d);
                        return error_raise(err, SB_MEMORY, "%s", "");
                }
                *out = more;
                (*out)[(*count)++] = number;
        }
        closedir(d);
        if (*count > 0)
                qsort(*out, *count, sizeof **out, compare);
        return 0;
}

int backup_copies(const struct backup_folder *b, struct backup_copy **out, size_t *count, struct error *err)
{
        int64_t *times = NULL;
        int rc = numbers(b, "copies", ".copy", &times, count, err);

        *out = rc == 0 ? calloc(*count + 1, sizeof **out) : NULL;
        if (rc == 0 && *out == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        for (size_t i = 0; rc == 0 && i < *count; i++) {
                struct opener *o = NULL;
                rc = copy_open(b, times[i], &o, &(*out)[i], err);
                opener_close(o);
        }
        free(times);
        return rc;
}

int backup_pieces(const struct backup_folder *b, struct backup_piece **out, size_t *count, struct error *err)
{
        int64_t *list = NULL;
        int rc = numbers(b, "log", ".log", &list, count, err);

        *out = rc == 0 ? calloc(*count + 1, sizeof **out) : NULL;
        if (rc == 0 && *out == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        for (size_t i = 0; rc == 0 && i < *count; i++) {
                struct opener *o = NULL;
                rc = piece_open(b, list[i], &o, &(*out)[i], err);
                opener_close(o);
        }
        free(list);
        return rc;
}

static bool same_log(const struct log_place *a, const struct log_place *b)
{
        return a->salt[0] == b->salt[0] && a->salt[1] == b->salt[1];
}

/* Does the log `from` frame of `at` follow on `before` without a gap? */
static bool follows(const struct log_place *before, const struct log_place *at, int64_t from)
{
        return same_log(before, at) ? from <= before->frame : from == 0 && at->checkpoint == before->checkpoint + 1;
}

/* --- archiving ----------------------------------------------------------------------------------------------------------------------- */

int archiver_open(struct archiver *a, const struct backup_folder *b, const char *path, struct error *err)
{
        int64_t *list = NULL;
        size_t count = 0;

        *a = (struct archiver){.folder = *b, .work_in_frames = WORK_IN_FRAMES};
        text_copy(a->path, sizeof a->path, str_from(path));
        int rc = numbers(b, "log", ".log", &list, &count, err);
        if (rc == 0 && count > 0) {
                struct opener *o = NULL;
                rc = piece_open(b, list[count - 1], &o, &a->last, err);
                opener_close(o);
        }
        free(list);
        return rc;
}

static int frame_add(void *ctx, uint32_t page, uint32_t pages, const void *bytes, size_t n, struct error *err)
{
        uint32_t head[2] = {page, pages};
        int rc = sealer_add(ctx, head, sizeof head, err);

        return rc ? rc : sealer_add(ctx, bytes, n, err);
}

/* What is committed now and not archived yet becomes a piece. */
static int piece_write(struct archiver *a, struct clock *clock, struct error *err)
{
        struct log_place end = a->last.at, at = a->last.at;
        char name[PATH_MAX], context[64], head[HEAD_BYTES];
        struct sealer *s = NULL;
        int rc = log_read(a->path, &end, NULL, NULL, NULL, err);
        instant_t now = clock_now(clock);
        bool same = same_log(&end, &a->last.at);

        if (rc < 0 || end.page_size == 0 || (same && end.frame <= a->last.at.frame) || (!same && end.frame == 0))
                return rc;
        int64_t from = same ? a->last.at.frame : 0, number = a->last.number + 1;
        if (a->last.number > 0 && !follows(&a->last.at, &end, from))
                a->gap = true;
        piece_name(&a->folder, number, name, sizeof name, context);
        rc = sealer_open(&s, name, a->folder.key, context, err);
        if (rc < 0)
                return rc;
        head_text(head, number, now, &end, from);
        rc = sealer_add(s, head, sizeof head, err);
        rc = rc ? rc : log_read(a->path, &at, &end, frame_add, s, err);
        if (rc == 0)
                rc = sealer_close(s, err);
        else
                sealer_abort(s);
        if (rc == 0)
                a->last = (struct backup_piece){.number = number, .time = now, .at = end, .from = from};
        return rc;
}

struct rest {
        struct archiver *a;
        struct clock *clock;
};

static int take_rest(void *ctx, struct error *err)
{
        struct rest *r = ctx;

        return piece_write(r->a, r->clock, err);
}

int archiver_step(struct archiver *a, struct clock *clock, struct error *err)
{
        struct rest r = {a, clock};
        int rc = piece_write(a, clock, err);

        if (rc == 0 && a->last.at.frame >= a->work_in_frames)
                rc = log_work_in(a->path, take_rest, &r, err);
        return rc;
}

/* --- copies ------------------------------------------------------------------------------------------------------------------------- */

static int seal_file(struct sealer *s, const char *path, struct error *err)
{
        FILE *in = fopen(path, "re");
        unsigned char *block = malloc(BLOCK);
        int rc = in == NULL ? io(err, path) : block == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        while (rc == 0) {
                size_t n = fread(block, 1, BLOCK, in);
                if (n == 0) {
                        rc = ferror(in) ? io(err, path) : 0;
                        break;
                }
                rc = sealer_add(s, block, n, err);
        }
        free(block);
        if (in != NULL)
                fclose(in);
        return rc;
}

/* Files named by their bytes: what is there is never another one. A half written one never bears the name. */
static int file_take(const char *from, const char *to, struct error *err)
{
        struct buf bytes;
        int rc = 0;

        if (access(to, F_OK) == 0)
                return 0;
        buf_init(&bytes, (size_t)1 << 30);
        rc = file_read(&bytes, from, (size_t)1 << 30, err);
        rc = rc ? rc : file_write(to, bytes.p, bytes.n, err);
        buf_dispose(&bytes);
        return rc;
}

static int files_take(const char *from, const char *to, int depth, struct error *err)
{
        struct dirent *e;
        DIR *d = opendir(from);
        int rc = 0;

        if (d == NULL)
                return errno == ENOENT ? 0 : io(err, from);
        rc = folder_make(to, err);
        while (rc == 0 && (e = readdir(d)) != NULL) {
                char a[PATH_MAX], b[PATH_MAX];
                struct stat st;
                if (e->d_name[0] == '.')
                        continue;
                text_format(a, sizeof a, "%s/%s", from, e->d_name);
                text_format(b, sizeof b, "%s/%s", to, e->d_name);
                if (stat(a, &st) != 0)
                        continue; /* taken away meanwhile */
                if (S_ISDIR(st.st_mode) && depth > 0)
                        rc = files_take(a, b, depth - 1, err);
                else if (S_ISREG(st.st_mode))
                        rc = file_take(a, b, err);
        }
        closedir(d);
        return rc;
}

int backup_copy(const struct backup_folder *b, const char *path, const char *files, struct clock *clock,
                struct backup_copy *out, struct error *err)
{
        char plain[PATH_MAX], name[PATH_MAX], context[64], head[HEAD_BYTES];
        int64_t *pieces = NULL;
        size_t count = 0;
        struct sealer *s = NULL;
        int rc = numbers(b, "log", ".log", &pieces, &count, err);

        *out = (struct backup_copy){.piece = rc == 0 && count > 0 ? pieces[count - 1] : 0};
        free(pieces);
        text_format(plain, sizeof plain, "%s-copying", path); /* beside the database, which is no more secret */
        unlink(plain);
        rc = rc ? rc : archive_copy(path, plain, err);
        rc = rc ? rc : log_read(path, &out->at, NULL, NULL, NULL, err);
        out->time = clock_now(clock);
        if (rc == 0) {
                copy_name(b, out->time, name, sizeof name, context);
                head_text(head, out->piece, out->time, &out->at, 0);
                rc = sealer_open(&s, name, b->key, context, err);
                rc = rc ? rc : sealer_add(s, head, sizeof head, err);
                rc = rc ? rc : seal_file(s, plain, err);
                if (rc == 0)
                        rc = sealer_close(s, err);
                else
                        sealer_abort(s);
                out->size = size_of(name);
        }
        unlink(plain);
        if (rc == 0 && files != NULL)
                rc = files_take(files, text_format(name, sizeof name, "%s/files", b->dir), 3, err);
        return rc;
}

int backup_prune(const struct backup_folder *b, instant_t now, int days, int *removed, struct error *err)
{
        struct backup_copy *copies = NULL;
        int64_t *pieces = NULL;
        size_t count = 0, n = 0, first = 0;
        char name[PATH_MAX], context[64];
        int rc = backup_copies(b, &copies, &count, err);

        *removed = 0;
        while (rc == 0 && first + 1 < count && copies[first + 1].time <= now - (int64_t)days * 86400 * 1000000)
                first++; /* the newest of the old ones stays: the first days need it */
        for (size_t i = 0; rc == 0 && i < first; i++) {
                copy_name(b, copies[i].time, name, sizeof name, context);
                *removed += unlink(name) == 0;
        }
        rc = rc ? rc : numbers(b, "log", ".log", &pieces, &n, err);
        for (size_t i = 0; rc == 0 && count > 0 && i + 1 < n && pieces[i] < copies[first].piece; i++) {
                piece_name(b, pieces[i], name, sizeof name, context);
                *removed += unlink(name) == 0;
        }
        free(pieces);
        free(copies);
        return rc;
}

/* --- restoring ---------------------------------------------------------------------------------------------------------------------- */

static int copy_unseal(struct opener *o, int fd, const char *path, struct error *err)
{
        unsigned char *block = malloc(BLOCK);
        int rc = block == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 1;

        /* A database is whole pages of at least 512 bytes. */
        while (rc == 1 && (rc = opener_read(o, block, 512, err)) == 1)
                if (write(fd, block, 512) != 512)
                        rc = io(err, path);
        free(block);
        return rc;
}

static int piece_apply(struct opener *o, const struct backup_piece *p, int fd, struct error *err)
{
        uint32_t head[2];
        unsigned char *page = malloc(p->at.page_size);
        int rc = page == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        while (rc == 0 && (rc = opener_read(o, head, sizeof head, err)) == 1) {
                rc = opener_read(o, page, p->at.page_size, err);
                if (rc == 1)
                        rc = head[0] == 0 ? error_raise(err, SB_SEAL_BROKEN, "%s", "")
                                          : archive_page(fd, p->at.page_size, head[0], head[1], page, err);
                else if (rc == 0)
                        rc = error_raise(err, SB_SEAL_BROKEN, "%s", "");
        }
        free(page);
        return rc;
}

/* The pieces after the copy until the time, each following on the one before; does the copy's own moment lie in them? */
static int pieces_until(const struct backup_copy *c, const struct backup_piece *p, size_t count, instant_t time, size_t *first,
                        size_t *end, bool *whole, struct error *err)
{
        const struct log_place *at = NULL;

        *first = 0;
        while (*first < count && p[*first].number <= c->piece) {
                at = &p[*first].at;
                ++*first;
        }
        *whole = c->at.frame == 0 || (at != NULL && same_log(at, &c->at) && at->frame >= c->at.frame);
        for (*end = *first; *end < count && p[*end].time <= time; ++*end) {
                const struct backup_piece *x = &p[*end];
                bool joins = at == NULL ? !same_log(&x->at, &c->at) || x->from <= c->at.frame : follows(at, &x->at, x->from);
                if (!joins || (*end > *first && x->number != p[*end - 1].number + 1))
                        return error_raise(err, SB_BACKUP_GAP, "%lld", (long long)x->number);
                *whole =
                    *whole || (same_log(&x->at, &c->at) ? x->at.frame >= c->at.frame : x->at.checkpoint > c->at.checkpoint);
                at = &x->at;
        }
        *whole = *whole || count == 0; /* no log is kept: the copy alone */
        return 0;
}

static int restore_from(const struct backup_folder *b, const struct backup_copy *c, const struct backup_piece *p, size_t first,
                        size_t end, const char *path, struct error *err)
{
        struct backup_copy head;
        struct backup_piece piece;
        struct opener *o = NULL;
        int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        int rc = fd < 0 ? (errno == EEXIST ? error_raise(err, SB_RESTORE_EXISTS, "%s", path) : io(err, path)) : 0;

        if (rc < 0)
                return rc;
        rc = copy_open(b, c->time, &o, &head, err);
        rc = rc ? rc : copy_unseal(o, fd, path, err);
        opener_close(o);
        for (size_t i = first; rc == 0 && i < end; i++) {
                o = NULL;
                rc = piece_open(b, p[i].number, &o, &piece, err);
                rc = rc ? rc : piece_apply(o, &piece, fd, err);
                opener_close(o);
        }
        if (rc == 0 && fsync(fd) != 0)
                rc = io(err, path);
        close(fd);
        rc = rc ? rc : archive_sound(path, err);
        if (rc < 0)
                unlink(path);
        return rc;
}

int backup_restore(const struct backup_folder *b, instant_t time, const char *path, const char *files, instant_t *reached,
                   struct error *err)
{
        struct backup_copy *copies = NULL;
        struct backup_piece *pieces = NULL;
        size_t count = 0, n = 0, first = 0, end = 0, i = 0;
        char text[32], name[PATH_MAX];
        bool whole = false;
        int rc = backup_copies(b, &copies, &count, err);

        rc = rc ? rc : backup_pieces(b, &pieces, &n, err);
        for (i = count; rc == 0 && !whole && i > 0; i--)
                if (copies[i - 1].time <= time)
                        rc = pieces_until(&copies[i - 1], pieces, n, time, &first, &end, &whole, err);
        if (rc == 0 && !whole)
                rc = error_raise(err, SB_BACKUP_NONE, "%s|%s", b->dir, instant_text(time, text));
        if (rc == 0) {
                *reached = end > first ? pieces[end - 1].time : copies[i].time;
                rc = restore_from(b, &copies[i], pieces, first, end, path, err);
        }
        if (rc == 0 && files != NULL)
                rc = files_take(text_format(name, sizeof name, "%s/files", b->dir), files, 3, err);
        free(copies);
        free(pieces);
        return rc;
}
