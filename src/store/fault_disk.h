/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the disk on which things go wrong (store/fault.h) share: what is kept of a file, the locks on it, who has it open. All
 * of it is called with the lock of the disk held.
 */
#ifndef STORE_FAULT_DISK_H
#define STORE_FAULT_DISK_H

#include "store/fault.h"

#include "base/rng.h"

#include <pthread.h>
#include <sqlite3.h>

enum { SECTOR = 512, NAME_BYTES = 64, LOCKS = SQLITE_SHM_NLOCK };

struct bytes {
        unsigned char *p; /* those behind n are zero */
        int64_t n, cap;
};
struct range {
        int64_t at, n;
};
struct page; /* of the shared index of a write-ahead log */
struct file {
        struct file *next;
        char name[NAME_BYTES];
        struct bytes now,
            sure;            /* as the program sees it; as it was when it was synced: there is room for the one in the other */
        int64_t cut;         /* the shortest that it was since; INT64_MAX not cut */
        struct range *dirty; /* written since */
        size_t dirty_count, dirty_cap;
        int open;
        int shared, reserved, pending, exclusive; /* locks held */
        struct page *pages;
        int shm_shared[LOCKS], shm_exclusive[LOCKS];
        bool removed;
};
struct disk {
        sqlite3_vfs vfs;
        char name[32];
        struct rng rng;
        pthread_mutex_t lock; /* of everything below */
        struct file *files;
        enum disk_fault fault;
        int64_t in, times; /* operations until the fault; 0 none is told */
        int64_t failed, changes;
        bool down;
};
struct handle {
        sqlite3_file base;
        struct disk *disk;
        struct file *file;
        int level;
        bool reserved;
        unsigned shm_shared, shm_exclusive; /* a bit for each lock */
};

/* fault_file.c; false: there is no memory. */
struct file *disk_file_find(struct disk *d, const char *name);
struct file *disk_file_make(struct disk *d, const char *name);
void disk_file_drop(struct disk *d, struct file *f);
bool disk_file_write(struct file *f, int64_t at, const void *p, int64_t n);
bool disk_file_cut(struct file *f, int64_t n);
void disk_file_sync(struct file *f);
/* A file of d with what is sure of one of another disk. */
bool disk_file_copy(struct disk *d, const struct file *of);
/* How a power failure treats what was not synced: nothing of it, all, the first writes, each write by chance, each sector by chance. */
enum loss { LOSE_ALL, LOSE_NOTHING, LOSE_THE_LAST, LOSE_SOME, LOSE_SECTORS, LOSSES };
/* The power failed: the file is as the disk has it. */
void disk_file_lose(struct disk *d, struct file *f, enum loss how);

/* fault_lock.c; false: somebody else's lock is in the way. */
bool disk_lock_raise(struct file *f, struct handle *h, int level);
void disk_lock_lower(struct file *f, struct handle *h, int level);
bool disk_index_lock(struct file *f, struct handle *h, int first, int n, bool shared);
void disk_index_unlock(struct file *f, struct handle *h, int first, int n);
/* A page of the index, made when it shall be (false: there is no memory); *out NULL: there is none. */
bool disk_index_page(struct file *f, int page, int size, bool make, void volatile **out);
void disk_index_drop(struct file *f);

#endif
