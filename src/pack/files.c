/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/pack_internal.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAGIC "shebao-pack 1\n"
#define MAX_FOLDERS 8 /* depth of folders inside a pack */

/* While the files of a pack are collected. */
struct harvest {
        struct pack *p;
        const char *dir;
        size_t bytes, room;
};

/* A path inside a pack: no absolute, empty, dotted or control parts, so that it is safe to join to
 * a folder. */
static bool path_is_good(struct str path)
{
        if (path.n == 0 || path.n >= PACK_PATH_MAX || path.p[0] == '/' || path.p[path.n - 1] == '/' ||
            utf8_check(path, NULL) != 0)
                return false;
        for (size_t i = 0; i < path.n; i++) {
                bool first = i == 0 || path.p[i - 1] == '/';
                unsigned char c = (unsigned char)path.p[i];
                if (c < ' ' || c == 127 || c == '\\' || (first && (c == '.' || c == '/')))
                        return false;
        }
        return true;
}

static int item_add(struct harvest *h, struct str path, struct str bytes, struct error *err)
{
        struct pack *p = h->p;
        if (p->item_count >= PACK_MAX_FILES)
                return error_raise(err, SB_LIMIT, "%s|%d", p->label, PACK_MAX_FILES);
        if (p->item_count == h->room) {
                size_t room = h->room == 0 ? 64 : h->room * 2;
                struct pack_item *items = realloc(p->items, room * sizeof *items);
                if (items == NULL)
                        return error_raise(err, SB_MEMORY, "%s", "");
                p->items = items;
                h->room = room;
        }
        const char *name = arena_text(p->arena, path);
        struct str copy = arena_str(p->arena, bytes);
        if (name == NULL || copy.p == NULL)
                return error_raise(err, SB_LIMIT, "%s|%zu", p->label, PACK_MAX_BYTES);
        p->items[p->item_count++] = (struct pack_item){.path = name, .bytes = copy};
        return 0;
}

static int read_one(struct harvest *h, const char *relative, const char *path, struct error *err)
{
        struct buf b;
        buf_init(&b, PACK_MAX_FILE);
        int rc = file_read(&b, path, PACK_MAX_FILE, err);
        if (rc == 0 && !path_is_good(str_from(relative)))
                rc = error_raise(err, SB_IO, "%s|" ERROR_BOTH("the name cannot stand in a pack", "文件名不能用于政策包"), path);
        h->bytes += b.n;
        if (rc == 0 && h->bytes > PACK_MAX_BYTES)
                rc = error_raise(err, SB_LIMIT, "%s|%zu", h->dir, PACK_MAX_BYTES);
        if (rc == 0)
                rc = item_add(h, str_from(relative), (struct str){b.p == NULL ? "" : b.p, b.n}, err);
        buf_dispose(&b);
        return rc;
}

static int walk(struct harvest *h, const char *relative, int depth, struct error *err);

static int visit(struct harvest *h, const char *relative, const char *name, int depth, struct error *err)
{
        char inside[PACK_PATH_MAX + 256], path[4096];
        struct stat st;
        snprintf(inside, sizeof inside, "%s%s%s", relative, relative[0] == '\0' ? "" : "/", name);
        snprintf(path, sizeof path, "%s/%s", h->dir, inside);
        if (lstat(path, &st) != 0)
                return error_raise(err, SB_IO, "%s|%s", path, strerror(errno));
        if (strlen(inside) >= PACK_PATH_MAX)
                return error_raise(err, SB_LIMIT, "%s|%d", path, PACK_PATH_MAX);
        if (S_ISDIR(st.st_mode))
                return walk(h, inside, depth + 1, err);
        if (S_ISREG(st.st_mode))
                return read_one(h, inside, path, err);
        return error_raise(err, SB_IO, "%s|" ERROR_BOTH("not a plain file", "不是普通文件"), path);
}

/* Files whose names begin with a dot are an editor's, not the pack's. */
static int walk(struct harvest *h, const char *relative, int depth, struct error *err)
{
        char path[4096];
        if (depth > MAX_FOLDERS)
                return error_raise(err, SB_LIMIT, "%s/%s|%d", h->dir, relative, MAX_FOLDERS);
        snprintf(path, sizeof path, "%s/%s", h->dir, relative);
        DIR *d = opendir(path);
        if (d == NULL)
                return error_raise(err, SB_IO, "%s|%s", path, strerror(errno));
        int rc = 0;
        for (struct dirent *e = readdir(d); rc == 0 && e != NULL; e = readdir(d))
                if (e->d_name[0] != '.')
                        rc = visit(h, relative, e->d_name, depth, err);
        closedir(d);
        return rc;
}

static int by_path(const void *a, const void *b)
{
        return strcmp(((const struct pack_item *)a)->path, ((const struct pack_item *)b)->path);
}

int files_read(struct pack *p, const char *dir, struct error *err)
{
        struct harvest h = {.p = p, .dir = dir};
        int rc = walk(&h, "", 0, err);
        if (rc == 0 && p->item_count > 1)
                qsort(p->items, p->item_count, sizeof *p->items, by_path);
        return rc;
}

const struct pack_item *files_find(const struct pack *p, const char *path)
{
        const struct pack_item wanted = {.path = path};
        return p->item_count == 0 ? NULL : bsearch(&wanted, p->items, p->item_count, sizeof *p->items, by_path);
}

const struct pack_item *files_nearest(const struct pack *p, const char *path, const struct pack **owner)
{
        for (; p != NULL; p = p->parent) {
                const struct pack_item *item = files_find(p, path);
                if (item != NULL) {
                        if (owner != NULL)
                                *owner = p;
                        return item;
                }
        }
        return NULL;
}

/* The canonical form: a line for the parent's hash, then each file in bytewise order of its path. */
static void archive_begin(const struct pack *p, struct buf *out)
{
        char hex[65] = "-";
        if (p->parent != NULL)
                hash_hex(&p->parent->hash, hex);
        buf_add_text(out, MAGIC);
        buf_add_format(out, "parent %s\n", hex);
}

static void archive_file(struct buf *out, const char *path, struct str bytes)
{
        buf_add_format(out, "file %zu %s\n", bytes.n, path);
        buf_add_str(out, bytes);
        buf_add_char(out, '\n');
}

int pack_archive_with(const struct pack *p, const struct pack_change *changes, size_t count, struct buf *out, struct error *err)
{
        size_t i = 0, c = 0;
        archive_begin(p, out);
        while (i < p->item_count || c < count) {
                int order = i == p->item_count ? 1 : c == count ? -1 : strcmp(p->items[i].path, changes[c].path);
                if (order < 0)
                        archive_file(out, p->items[i].path, p->items[i].bytes);
                else
                        archive_file(out, changes[c].path, changes[c].bytes);
                i += order <= 0;
                c += order >= 0;
        }
        return buf_check(out, err);
}

int pack_archive(const struct pack *p, struct buf *out, struct error *err)
{
        return pack_archive_with(p, NULL, 0, out, err);
}

static int damaged(struct error *err, const char *both)
{
        return error_raise(err, SB_PACK_ARCHIVE, "%s", both);
}

/* The next line without its end; false when there is none. */
static bool take_line(struct str *rest, struct str *line)
{
        const char *end = rest->n == 0 ? NULL : memchr(rest->p, '\n', rest->n);
        if (end == NULL)
                return false;
        *line = (struct str){rest->p, (size_t)(end - rest->p)};
        rest->p += line->n + 1;
        rest->n -= line->n + 1;
        return true;
}

static bool take_word(struct str *line, const char *word)
{
        size_t n = strlen(word);
        if (line->n < n || memcmp(line->p, word, n) != 0)
                return false;
        line->p += n;
        line->n -= n;
        return true;
}

static int unpack_file(struct harvest *h, struct str *rest, struct error *err)
{
        struct str line;
        uint64_t size;
        const char *blank;
        if (!take_line(rest, &line) || !take_word(&line, "file ") || (blank = memchr(line.p, ' ', line.n)) == NULL)
                return damaged(err, ERROR_BOTH("a file's line is wrong", "文件行有误"));
        struct str path = {blank + 1, line.n - (size_t)(blank + 1 - line.p)};
        if (!text_to_uint((struct str){line.p, (size_t)(blank - line.p)}, &size) || size >= rest->n || rest->p[size] != '\n')
                return damaged(err, ERROR_BOTH("a file is cut short", "文件不完整"));
        if (!path_is_good(path))
                return damaged(err, ERROR_BOTH("a path is wrong", "路径有误"));
        struct str bytes = {rest->p, (size_t)size};
        rest->p += size + 1;
        rest->n -= (size_t)size + 1;
        return item_add(h, path, bytes, err);
}

int files_unpack(struct pack *p, struct str archive, struct hash *parent, bool *has_parent, struct error *err)
{
        struct harvest h = {.p = p};
        struct str rest = archive, line;
        if (archive.n > PACK_MAX_BYTES)
                return error_raise(err, SB_LIMIT, "%s|%zu", p->label, PACK_MAX_BYTES);
        if (!take_word(&rest, MAGIC) || !take_line(&rest, &line) || !take_word(&line, "parent "))
                return damaged(err, ERROR_BOTH("it does not begin as one", "文件头有误"));
        *has_parent = !str_is(line, "-");
        int rc = *has_parent ? hash_parse(parent, line, err) : 0;
        while (rc == 0 && rest.n > 0) {
                rc = unpack_file(&h, &rest, err);
                if (rc == 0 && p->item_count > 1 && by_path(&p->items[p->item_count - 2], &p->items[p->item_count - 1]) >= 0)
                        rc = damaged(err, ERROR_BOTH("files are not in order", "文件次序有误"));
        }
        return rc;
}

int pack_file(const struct pack *p, const char *path, struct str *out, struct error *err)
{
        const struct pack_item *item = files_nearest(p, path, NULL);
        if (item == NULL)
                return error_raise(err, SB_PACK_FILE, "%s|%.150s", p->name, path);
        *out = item->whole.p != NULL ? item->whole : item->bytes;
        return 0;
}

const struct pack *pack_file_owner(const struct pack *p, const char *path)
{
        const struct pack *owner = NULL;
        return files_nearest(p, path, &owner) == NULL ? NULL : owner;
}

/* The least path of the folder that is greater than `after`, over the pack and its ancestors. */
const char *pack_path_after(const struct pack *p, const char *folder, const char *after)
{
        const char *best = NULL;
        size_t n = strlen(folder);
        for (; p != NULL; p = p->parent) {
                for (size_t i = 0; i < p->item_count; i++) {
                        const char *path = p->items[i].path;
                        if (strncmp(path, folder, n) != 0 || path[n] != '/' || strchr(path + n + 1, '/') != NULL)
                                continue;
                        if ((after == NULL || strcmp(path, after) > 0) && (best == NULL || strcmp(path, best) < 0))
                                best = path;
                }
        }
        return best;
}

const char *pack_file_name(const struct pack *p, const char *folder, size_t i)
{
        const char *path = pack_path_after(p, folder, NULL);
        while (path != NULL && i-- > 0)
                path = pack_path_after(p, folder, path);
        return path == NULL ? NULL : path + strlen(folder) + 1;
}
