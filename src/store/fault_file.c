/* SPDX-License-Identifier: Apache-2.0
 *
 * The files of the disk: what the program sees of each, what of it is sure, and what a power failure leaves. All the memory that a file
 * may need is taken when it is written or cut, so that syncing and losing cannot fail on the way.
 */
#include "store/fault_disk.h"

#include "base/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool bytes_room(struct bytes *b, int64_t n)
{
        if (n <= b->cap)
                return true;
        int64_t cap = n + n / 2 + 65536;
        unsigned char *p = realloc(b->p, (size_t)cap);
        if (p == NULL)
                return false;
        memset(p + b->cap, 0, (size_t)(cap - b->cap));
        b->p = p;
        b->cap = cap;
        return true;
}

/* Bytes that were never written are zero. */
static void bytes_size(struct bytes *b, int64_t n)
{
        assert(n <= b->cap);
        if (n < b->n)
                memset(b->p + n, 0, (size_t)(b->n - n));
        b->n = n;
}

static void bytes_put(struct bytes *b, int64_t at, const void *p, int64_t n)
{
        assert(at + n <= b->cap);
        memcpy(b->p + at, p, (size_t)n);
        b->n = at + n > b->n ? at + n : b->n;
}

static bool file_room(struct file *f, int64_t n)
{
        return bytes_room(&f->now, n) && bytes_room(&f->sure, n);
}

static bool dirty_room(struct file *f)
{
        if (f->dirty_count < f->dirty_cap)
                return true;
        size_t cap = f->dirty_cap * 2 + 64;
        struct range *bigger = realloc(f->dirty, cap * sizeof *bigger);
        if (bigger == NULL)
                return false;
        f->dirty = bigger;
        f->dirty_cap = cap;
        return true;
}

bool disk_file_write(struct file *f, int64_t at, const void *p, int64_t n)
{
        if (!file_room(f, at + n) || !dirty_room(f))
                return false;
        bytes_put(&f->now, at, p, n);
        f->dirty[f->dirty_count++] = (struct range){at, n};
        return true;
}

bool disk_file_cut(struct file *f, int64_t n)
{
        if (!file_room(f, n))
                return false;
        f->cut = n < f->cut ? n : f->cut;
        bytes_size(&f->now, n);
        return true;
}

/* One written range is on the disk, as far as the file still has it. */
static void range_keep(struct file *f, int64_t at, int64_t n)
{
        if (at < f->now.n)
                bytes_put(&f->sure, at, f->now.p + at, at + n > f->now.n ? f->now.n - at : n);
}

void disk_file_sync(struct file *f)
{
        if (f->cut < f->sure.n)
                bytes_size(&f->sure, f->cut);
        for (size_t i = 0; i < f->dirty_count; i++)
                range_keep(f, f->dirty[i].at, f->dirty[i].n);
        bytes_size(&f->sure, f->now.n);
        f->dirty_count = 0;
        f->cut = INT64_MAX;
}

static void file_free(struct file *f)
{
        free(f->now.p);
        free(f->sure.p);
        free(f->dirty);
        disk_index_drop(f);
        free(f);
}

struct file *disk_file_find(struct disk *d, const char *name)
{
        for (struct file *f = d->files; f != NULL; f = f->next)
                if (!f->removed && strcmp(f->name, name) == 0)
                        return f;
        return NULL;
}

struct file *disk_file_make(struct disk *d, const char *name)
{
        struct file *f = calloc(1, sizeof *f);

        if (f == NULL || !file_room(f, 1)) {
                free(f);
                return NULL;
        }
        text_copy(f->name, sizeof f->name, str_from(name));
        f->cut = INT64_MAX;
        f->next = d->files;
        d->files = f;
        return f;
}

void disk_file_drop(struct disk *d, struct file *f)
{
        struct file **at = &d->files;

        while (*at != f)
                at = &(*at)->next;
        *at = f->next;
        file_free(f);
}

bool disk_file_copy(struct disk *d, const struct file *of)
{
        struct file *f = disk_file_make(d, of->name);

        if (f == NULL || !file_room(f, of->sure.n))
                return false;
        bytes_put(&f->now, 0, of->sure.p, of->sure.n);
        bytes_put(&f->sure, 0, of->sure.p, of->sure.n);
        return true;
}

static bool by_chance(struct disk *d)
{
        return rng_below(&d->rng, 2) == 0;
}

static void sectors_keep(struct disk *d, struct file *f, struct range r)
{
        for (int64_t at = r.at; at < r.at + r.n;) {
                int64_t end = (at / SECTOR + 1) * SECTOR;
                end = end > r.at + r.n ? r.at + r.n : end;
                if (by_chance(d))
                        range_keep(f, at, end - at);
                at = end;
        }
}

void disk_file_lose(struct disk *d, struct file *f, enum loss how)
{
        size_t kept = how == LOSE_ALL        ? 0
                      : how == LOSE_THE_LAST ? rng_below(&d->rng, (uint32_t)f->dirty_count + 1)
                                             : f->dirty_count;

        if (f->cut < f->sure.n && how != LOSE_ALL && (how == LOSE_NOTHING || by_chance(d)))
                bytes_size(&f->sure, f->cut);
        for (size_t i = 0; i < kept; i++)
                if (how == LOSE_SECTORS)
                        sectors_keep(d, f, f->dirty[i]);
                else if (how != LOSE_SOME || by_chance(d))
                        range_keep(f, f->dirty[i].at, f->dirty[i].n);
        f->dirty_count = 0;
        f->cut = INT64_MAX;
        bytes_size(&f->now, 0);
        bytes_put(&f->now, 0, f->sure.p, f->sure.n);
}
