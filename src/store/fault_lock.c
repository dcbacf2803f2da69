/* SPDX-License-Identifier: Apache-2.0
 *
 * Who holds which lock: on a database file, and on the shared index of its log.
 */
#include "store/fault_disk.h"

/* The locks of a database file, as the documents of SQLite describe them. */
bool disk_lock_raise(struct file *f, struct handle *h, int level)
{
        switch (level) {
        case SQLITE_LOCK_SHARED:
                if (f->pending > 0 || f->exclusive > 0)
                        return false;
                f->shared++;
                break;
        case SQLITE_LOCK_RESERVED:
                if (f->reserved > 0)
                        return false;
                f->reserved++;
                break;
        default:
                if (f->pending > 0 && h->level < SQLITE_LOCK_PENDING)
                        return false;
                if (h->level < SQLITE_LOCK_PENDING)
                        f->pending++;
                h->level = SQLITE_LOCK_PENDING;
                if (f->shared > 1)
                        return false;
                f->exclusive++;
        }
        h->level = level;
        return true;
}

bool disk_index_lock(struct file *f, struct handle *h, int first, int n, int flags)
{
        bool shared = (flags & SQLITE_SHM_SHARED) != 0;

        for (int i = first; i < first + n; i++) {
                int mine = (h->shm_exclusive >> i & 1), mine_shared = (h->shm_shared >> i & 1);
                if (f->shm_exclusive[i] > mine || (!shared && f->shm_shared[i] > mine_shared))
                        return false;
        }
        for (int i = first; i < first + n; i++) {
                if (shared && (h->shm_shared >> i & 1) == 0) {
                        f->shm_shared[i]++;
                        h->shm_shared |= (uint16_t)(1 << i);
                } else if (!shared && (h->shm_exclusive >> i & 1) == 0) {
                        f->shm_exclusive[i]++;
                        h->shm_exclusive |= (uint16_t)(1 << i);
                }
        }
        return true;
}

void disk_index_unlock(struct file *f, struct handle *h, int first, int n)
{
        for (int i = first; i < first + n; i++) {
                f->shm_shared[i] -= h->shm_shared >> i & 1;
                f->shm_exclusive[i] -= h->shm_exclusive >> i & 1;
                h->shm_shared &= (uint16_t) ~(1 << i);
                h->shm_exclusive &= (uint16_t) ~(1 << i);
        }
}
