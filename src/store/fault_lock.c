/* SPDX-License-Identifier: Apache-2.0
 *
 * Who holds which lock: on a database file, and on the shared index of its log. SQLite asks for a lock that it does not hold, and gives
 * back to "shared" or to none.
 */
#include "store/fault_disk.h"

#include <assert.h>
#include <stdlib.h>

struct page {
        struct page *next;
        _Alignas(16) unsigned char bytes[];
};

static bool raise_to_exclusive(struct file *f, struct handle *h)
{
        if (h->level < SQLITE_LOCK_PENDING) {
                if (f->pending > 0)
                        return false;
                f->pending++;
                h->level = SQLITE_LOCK_PENDING; /* nobody new may read, and it stays so */
        }
        if (f->shared > 1)
                return false;
        f->exclusive++;
        h->level = SQLITE_LOCK_EXCLUSIVE;
        return true;
}

/* The locks of a database file, as the documents of SQLite describe them. */
bool disk_lock_raise(struct file *f, struct handle *h, int level)
{
        assert(h->level < level && level != SQLITE_LOCK_PENDING);
        if (level == SQLITE_LOCK_EXCLUSIVE)
                return raise_to_exclusive(f, h);
        if (level == SQLITE_LOCK_SHARED) {
                if (f->pending > 0)
                        return false;
                f->shared++;
        } else {
                if (f->reserved > 0)
                        return false;
                f->reserved++;
                h->reserved = true;
        }
        h->level = level;
        return true;
}

void disk_lock_lower(struct file *f, struct handle *h, int level)
{
        assert(level <= SQLITE_LOCK_SHARED);
        if (h->level <= level)
                return;
        f->exclusive -= h->level == SQLITE_LOCK_EXCLUSIVE;
        f->pending -= h->level >= SQLITE_LOCK_PENDING;
        f->reserved -= h->reserved;
        f->shared -= level == SQLITE_LOCK_NONE;
        h->reserved = false;
        h->level = level;
}

bool disk_index_lock(struct file *f, struct handle *h, int first, int n, bool shared)
{
        for (int i = first; i < first + n; i++) {
                assert(((h->shm_shared | h->shm_exclusive) >> i & 1) == 0);
                if (f->shm_exclusive[i] > 0 || (!shared && f->shm_shared[i] > 0))
                        return false;
        }
        for (int i = first; i < first + n; i++) {
                f->shm_shared[i] += shared;
                f->shm_exclusive[i] += !shared;
                h->shm_shared |= (unsigned)shared << i;
                h->shm_exclusive |= (unsigned)!shared << i;
        }
        return true;
}

void disk_index_unlock(struct file *f, struct handle *h, int first, int n)
{
        for (int i = first; i < first + n; i++) {
                f->shm_shared[i] -= (int)(h->shm_shared >> i & 1);
                f->shm_exclusive[i] -= (int)(h->shm_exclusive >> i & 1);
                h->shm_shared &= ~(1u << i);
                h->shm_exclusive &= ~(1u << i);
        }
}

bool disk_index_page(struct file *f, int page, int size, bool make, void volatile **out)
{
        struct page **at = &f->pages;

        *out = NULL;
        for (int i = 0;; i++, at = &(*at)->next) {
                if (*at == NULL && make)
                        *at = calloc(1, sizeof **at + (size_t)size);
                if (*at == NULL)
                        return !make;
                if (i == page) {
                        *out = (*at)->bytes;
                        return true;
                }
        }
}

void disk_index_drop(struct file *f)
{
        while (f->pages != NULL) {
                struct page *next = f->pages->next;
                free(f->pages);
                f->pages = next;
        }
}
