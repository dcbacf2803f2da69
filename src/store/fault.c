/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes wrong and when, and the file system as SQLite calls it.
 */
#include "store/fault_disk.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static struct handle *of(sqlite3_file *f)
{
        return (struct handle *)(void *)f;
}

/* --- what goes wrong ---------------------------------------------------------------------------------------------------- */

static bool concerns(enum disk_fault fault, enum disk_fault operation, bool longer)
{
        switch (fault) {
        case DISK_WRITE:
        case DISK_SHORT:
                return operation == DISK_WRITE;
        case DISK_FULL:
                return operation == DISK_WRITE && longer;
        case DISK_POWER:
                return operation != DISK_READ;
        default:
                return fault == operation;
        }
}

/* Does an operation (DISK_WRITE: also a cut; DISK_SYNC; DISK_READ) fail now? */
static bool fails(struct disk *d, enum disk_fault operation, bool longer)
{
        d->changes += operation != DISK_READ;
        if (d->down) {
                d->failed++;
                return true;
        }
        if (d->in == 0 || !concerns(d->fault, operation, longer))
                return false;
        if (d->in > 1) {
                d->in--;
                return false;
        }
        if (--d->times <= 0)
                d->in = 0;
        d->failed++;
        d->down = d->fault == DISK_POWER;
        return true;
}

/* --- files ---------------------------------------------------------------------------------------------------------------- */

static int x_close(sqlite3_file *base)
{
        struct handle *h = of(base);
        struct disk *d = h->disk;

        pthread_mutex_lock(&d->lock);
        if (--h->file->open == 0 && h->file->removed)
                disk_file_drop(d, h->file);
        pthread_mutex_unlock(&d->lock);
        return SQLITE_OK;
}

static int x_read(sqlite3_file *base, void *out, int n, sqlite3_int64 at)
{
        struct handle *h = of(base);
        int rc = SQLITE_OK;

        pthread_mutex_lock(&h->disk->lock);
        if (fails(h->disk, DISK_READ, false)) {
                rc = SQLITE_IOERR_READ;
        } else {
                int64_t there = h->file->now.n - at;
                there = there < 0 ? 0 : there > n ? n : there;
                if (there > 0)
                        memcpy(out, h->file->now.p + at, (size_t)there);
                memset((char *)out + there, 0, (size_t)(n - there));
                rc = there < n ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
        }
        pthread_mutex_unlock(&h->disk->lock);
        return rc;
}

static int x_write(sqlite3_file *base, const void *p, int n, sqlite3_int64 at)
{
        struct handle *h = of(base);
        struct disk *d = h->disk;
        int rc = SQLITE_OK;

        pthread_mutex_lock(&d->lock);
        bool on = !d->down;
        if (fails(d, DISK_WRITE, at + n > h->file->now.n)) {
                /* A part of what was being written has reached the disk; without power nothing does. */
                if (on && (d->fault == DISK_SHORT || d->down))
                        (void)disk_file_write(h->file, at, p, (int64_t)rng_below(&d->rng, (uint32_t)n));
                rc = on && d->fault == DISK_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
        } else if (!disk_file_write(h->file, at, p, n)) {
                rc = SQLITE_FULL;
        }
        pthread_mutex_unlock(&d->lock);
        return rc;
}

static int x_truncate(sqlite3_file *base, sqlite3_int64 n)
{
        struct handle *h = of(base);

        pthread_mutex_lock(&h->disk->lock);
        bool good = !fails(h->disk, DISK_WRITE, false) && disk_file_cut(h->file, n);
        pthread_mutex_unlock(&h->disk->lock);
        return good ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

static int x_sync(sqlite3_file *base, int flags)
{
        struct handle *h = of(base);

        (void)flags;
        pthread_mutex_lock(&h->disk->lock);
        bool good = !fails(h->disk, DISK_SYNC, false);
        if (good)
                disk_file_sync(h->file);
        pthread_mutex_unlock(&h->disk->lock);
        return good ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

static int x_size(sqlite3_file *base, sqlite3_int64 *out)
{
        struct handle *h = of(base);

        pthread_mutex_lock(&h->disk->lock);
        *out = h->file->now.n;
        pthread_mutex_unlock(&h->disk->lock);
        return SQLITE_OK;
}

static int x_lock(sqlite3_file *base, int level)
{
        struct handle *h = of(base);

        pthread_mutex_lock(&h->disk->lock);
        bool got = h->level >= level || disk_lock_raise(h->file, h, level);
        pthread_mutex_unlock(&h->disk->lock);
        return got ? SQLITE_OK : SQLITE_BUSY;
}

static int x_unlock(sqlite3_file *base, int level)
{
        struct handle *h = of(base);

        pthread_mutex_lock(&h->disk->lock);
        disk_lock_lower(h->file, h, level);
        pthread_mutex_unlock(&h->disk->lock);
        return SQLITE_OK;
}

static int x_reserved(sqlite3_file *base, int *out)
{
        struct handle *h = of(base);

        pthread_mutex_lock(&h->disk->lock);
        *out = h->file->reserved > 0;
        pthread_mutex_unlock(&h->disk->lock);
        return SQLITE_OK;
}

static int x_control(sqlite3_file *base, int what, void *arg)
{
        (void)base;
        (void)what;
        (void)arg;
        return SQLITE_NOTFOUND;
}

static int x_sector(sqlite3_file *base)
{
        (void)base;
        return SECTOR;
}

static int x_device(sqlite3_file *base)
{
        (void)base;
        return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* --- the shared index of the log ------------------------------------------------------------------------------------------ */

static int x_shm_map(sqlite3_file *base, int page, int size, int extend, void volatile **out)
{
        struct handle *h = of(base);

        pthread_mutex_lock(&h->disk->lock);
        bool good = disk_index_page(h->file, page, size, extend != 0, out);
        pthread_mutex_unlock(&h->disk->lock);
        return good ? SQLITE_OK : SQLITE_NOMEM;
}

static int x_shm_lock(sqlite3_file *base, int first, int n, int flags)
{
        struct handle *h = of(base);
        bool got = true;

        pthread_mutex_lock(&h->disk->lock);
        if ((flags & SQLITE_SHM_UNLOCK) != 0)
                disk_index_unlock(h->file, h, first, n);
        else
                got = disk_index_lock(h->file, h, first, n, (flags & SQLITE_SHM_SHARED) != 0);
        pthread_mutex_unlock(&h->disk->lock);
        return got ? SQLITE_OK : SQLITE_BUSY;
}

static void x_shm_barrier(sqlite3_file *base)
{
        pthread_mutex_lock(&of(base)->disk->lock);
        pthread_mutex_unlock(&of(base)->disk->lock);
}

static int x_shm_unmap(sqlite3_file *base, int remove)
{
        struct handle *h = of(base);

        (void)remove; /* its pages go with the file, or when the power fails */
        pthread_mutex_lock(&h->disk->lock);
        disk_index_unlock(h->file, h, 0, LOCKS);
        pthread_mutex_unlock(&h->disk->lock);
        return SQLITE_OK;
}

static const sqlite3_io_methods METHODS = {
    .iVersion = 2,
    .xClose = x_close,
    .xRead = x_read,
    .xWrite = x_write,
    .xTruncate = x_truncate,
    .xSync = x_sync,
    .xFileSize = x_size,
    .xLock = x_lock,
    .xUnlock = x_unlock,
    .xCheckReservedLock = x_reserved,
    .xFileControl = x_control,
    .xSectorSize = x_sector,
    .xDeviceCharacteristics = x_device,
    .xShmMap = x_shm_map,
    .xShmLock = x_shm_lock,
    .xShmBarrier = x_shm_barrier,
    .xShmUnmap = x_shm_unmap,
};

/* --- the file system ---------------------------------------------------------------------------------------------------------- */

static struct disk *disk_of(sqlite3_vfs *v)
{
        return v->pAppData;
}

/* Without a name: a file for the time that it is open. */
static struct file *file_for(struct disk *d, sqlite3_filename name, int flags)
{
        struct file *f = name == NULL ? NULL : disk_file_find(d, name);

        if (f == NULL && (flags & SQLITE_OPEN_CREATE) != 0)
                f = disk_file_make(d, name == NULL ? "" : name);
        if (f != NULL)
                f->removed = name == NULL;
        return f;
}

static int x_open(sqlite3_vfs *v, sqlite3_filename name, sqlite3_file *base, int flags, int *out_flags)
{
        struct disk *d = disk_of(v);
        struct handle *h = of(base);

        *h = (struct handle){.disk = d};
        pthread_mutex_lock(&d->lock);
        h->file = d->down ? NULL : file_for(d, name, flags);
        if (h->file != NULL) {
                h->file->open++;
                h->base.pMethods = &METHODS;
        }
        pthread_mutex_unlock(&d->lock);
        if (out_flags != NULL)
                *out_flags = flags;
        return h->file != NULL ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int x_delete(sqlite3_vfs *v, const char *name, int sync)
{
        struct disk *d = disk_of(v);
        int rc = SQLITE_OK;

        (void)sync;
        pthread_mutex_lock(&d->lock);
        struct file *f = disk_file_find(d, name);
        if (fails(d, DISK_WRITE, false))
                rc = SQLITE_IOERR_DELETE;
        else if (f == NULL)
                rc = SQLITE_IOERR_DELETE_NOENT;
        else if (f->open > 0)
                f->removed = true;
        else
                disk_file_drop(d, f);
        pthread_mutex_unlock(&d->lock);
        return rc;
}

static int x_access(sqlite3_vfs *v, const char *name, int flags, int *out)
{
        struct disk *d = disk_of(v);

        (void)flags;
        pthread_mutex_lock(&d->lock);
        const struct file *f = disk_file_find(d, name);
        /* A file of no bytes, as SQLite asks for a journal, is as good as none. */
        *out = f != NULL && f->now.n > 0;
        pthread_mutex_unlock(&d->lock);
        return SQLITE_OK;
}

static int x_full_path(sqlite3_vfs *v, const char *name, int n, char *out)
{
        (void)v;
        text_copy(out, (size_t)n, str_from(name));
        return SQLITE_OK;
}

static int x_sleep(sqlite3_vfs *v, int us)
{
        (void)v;
        return us;
}

static int x_now(sqlite3_vfs *v, sqlite3_int64 *out)
{
        (void)v;
        *out = INT64_C(212000000000000); /* some day: nothing in the house asks SQLite for the time */
        return SQLITE_OK;
}

static int x_last_error(sqlite3_vfs *v, int n, char *out)
{
        (void)v;
        (void)n;
        (void)out;
        return 0;
}

int disk_new(struct disk **out, const struct disk *image, uint64_t seed, struct error *err)
{
        struct disk *d = calloc(1, sizeof *d);
        bool good = true;

        if (d == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        d->rng = rng_new(seed, 0x6469736b);
        pthread_mutex_init(&d->lock, NULL);
        text_format(d->name, sizeof d->name, "disk-%p", (void *)d);
        d->vfs = (sqlite3_vfs){.iVersion = 2,
                               .szOsFile = sizeof(struct handle),
                               .mxPathname = NAME_BYTES - 1,
                               .zName = d->name,
                               .pAppData = d,
                               .xOpen = x_open,
                               .xDelete = x_delete,
                               .xAccess = x_access,
                               .xFullPathname = x_full_path,
                               .xSleep = x_sleep,
                               .xGetLastError = x_last_error,
                               .xCurrentTimeInt64 = x_now};
        for (const struct file *f = image == NULL ? NULL : image->files; good && f != NULL; f = f->next)
                good = f->removed || disk_file_copy(d, f);
        good = good && sqlite3_vfs_register(&d->vfs, 0) == SQLITE_OK;
        if (!good) {
                disk_free(d);
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        *out = d;
        return 0;
}

void disk_free(struct disk *d)
{
        if (d == NULL)
                return;
        sqlite3_vfs_unregister(&d->vfs);
        while (d->files != NULL)
                disk_file_drop(d, d->files);
        pthread_mutex_destroy(&d->lock);
        free(d);
}

const char *disk_vfs(const struct disk *d)
{
        return d->name;
}

const char *disk_url(const struct disk *d)
{
        (void)d;
        return "sqlite:/disk/db";
}

void disk_fail(struct disk *d, enum disk_fault what, int64_t nth, int64_t times)
{
        pthread_mutex_lock(&d->lock);
        d->fault = what;
        d->in = nth;
        d->times = times;
        pthread_mutex_unlock(&d->lock);
}

void disk_heal(struct disk *d)
{
        disk_fail(d, DISK_WRITE, 0, 0);
}

int64_t disk_failed(const struct disk *d)
{
        return d->failed;
}

int64_t disk_changes(const struct disk *d)
{
        return d->changes;
}

bool disk_down(const struct disk *d)
{
        return d->down;
}

void disk_power_off(struct disk *d)
{
        pthread_mutex_lock(&d->lock);
        d->down = true;
        pthread_mutex_unlock(&d->lock);
}

/* --- the power is back --------------------------------------------------------------------------------------------------------- */

void disk_restart(struct disk *d)
{
        enum loss how = (enum loss)rng_below(&d->rng, LOSSES);

        for (struct file *f = d->files; f != NULL; f = f->next) {
                disk_file_lose(d, f, how);
                disk_index_drop(f);
                f->shared = f->reserved = f->pending = f->exclusive = 0;
                memset(f->shm_shared, 0, sizeof f->shm_shared);
                memset(f->shm_exclusive, 0, sizeof f->shm_exclusive);
        }
        d->down = false;
        disk_heal(d);
}
