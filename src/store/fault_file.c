/* SPDX-License-Identifier: Apache-2.0
 *
 * The files of the disk: what the program sees of each, what of it is sure, and what a power failure leaves.
 */
#include "store/fault_disk.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* Bytes that were never written are zero. */
static bool bytes_size(struct bytes *b, int64_t n)
{
        if (n > b->cap) {
                int64_t cap = b->cap > 0 ? b->cap : 65536;
                while (cap < n)
                        cap *= 2;
                unsigned char *p = realloc(b->p, (size_t)cap);
                if (p == NULL)
                        return false;
                memset(p + b->cap, 0, (size_t)(cap - b->cap));
                b->p = p;
                b->cap = cap;
        }
        if (n < b->n)
                memset(b->p + n, 0, (size_t)(b->n - n));
        b->n = n;
        return true;
}

bool disk_bytes_put(struct bytes *b, int64_t at, const void *p, int64_t n)
{
        if (at + n > b->n && !bytes_size(b, at + n))
                return false;
        memcpy(b->p + at, p, (size_t)n);
        return true;
}

static bool dirty_add(struct file *f, int64_t at, int64_t n)
{
        if (f->dirty_count == f->dirty_cap) {
                size_t cap = f->dirty_cap > 0 ? f->dirty_cap * 2 : 64;
                struct range *bigger = realloc(f->dirty, cap * sizeof *bigger);
                if (bigger == NULL)
                        return false;
                f->dirty = bigger;
                f->dirty_cap = cap;
        }
        f->dirty[f->dirty_count++] = (struct range){at, n};
        return true;
}

bool disk_file_write(struct file *f, int64_t at, const void *p, int64_t n)
{
        return disk_bytes_put(&f->now, at, p, n) && dirty_add(f, at, n);
}

bool disk_file_cut(struct file *f, int64_t n)
{
        if (f->cut < 0 || n < f->cut)
                f->cut = n;
        return bytes_size(&f->now, n);
}

/* One written range is on the disk, as far as the file still has it. */
static bool range_keep(struct file *f, int64_t at, int64_t n)
{
        if (at >= f->now.n)
                return true;
        return disk_bytes_put(&f->sure, at, f->now.p + at, at + n > f->now.n ? f->now.n - at : n);
}

bool disk_file_sync(struct file *f)
{
        bool good = f->cut < 0 || f->cut >= f->sure.n || bytes_size(&f->sure, f->cut);

        for (size_t i = 0; good && i < f->dirty_count; i++)
                good = range_keep(f, f->dirty[i].at, f->dirty[i].n);
        good = good && bytes_size(&f->sure, f->now.n);
        f->dirty_count = 0;
        f->cut = -1;
        return good;
}

static void file_free(struct file *f)
{
        free(f->now.p);
        free(f->sure.p);
        free(f->dirty);
        for (int i = 0; i < f->page_count; i++)
                free(f->pages[i]);
        free(f->pages);
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

        if (f != NULL) {
                text_copy(f->name, sizeof f->name, str_from(name));
                f->cut = -1;
                f->next = d->files;
                d->files = f;
        }
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
void disk_file_lose(struct disk *d, struct file *f, enum loss how)
{
        size_t kept = how == LOSE_THE_LAST ? rng_below(&d->rng, (uint32_t)f->dirty_count + 1) : f->dirty_count;

        if (how == LOSE_ALL)
                kept = 0;
        if (f->cut >= 0 && f->cut < f->sure.n && kept > 0 && (how == LOSE_NOTHING || rng_below(&d->rng, 2) == 0))
                (void)bytes_size(&f->sure, f->cut);
        for (size_t i = 0; i < kept; i++) {
                struct range r = f->dirty[i];
                if (how == LOSE_SOME && rng_below(&d->rng, 2) == 0)
                        continue;
                if (how != LOSE_SECTORS) {
                        (void)range_keep(f, r.at, r.n);
                        continue;
                }
                for (int64_t at = r.at; at < r.at + r.n;) {
                        int64_t end = (at / SECTOR + 1) * SECTOR;
                        end = end > r.at + r.n ? r.at + r.n : end;
                        if (rng_below(&d->rng, 2) == 0)
                                (void)range_keep(f, at, end - at);
                        at = end;
                }
        }
        f->dirty_count = 0;
        f->cut = -1;
        (void)bytes_size(&f->now, 0);
        (void)disk_bytes_put(&f->now, 0, f->sure.p == NULL ? (unsigned char *)"" : f->sure.p, f->sure.n);
}
