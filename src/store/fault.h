/* SPDX-License-Identifier: Apache-2.0
 *
 * A disk in memory for SQLite on which things go wrong when told: for the simulation and for tests. It knows what was synced and what
 * was not; when its power fails, what was not synced is lost, kept, torn between sectors of 512 bytes, in any order, as its seed says.
 * A store is opened on it by store_options.vfs and disk_url. One store at a time; its threads may share it.
 */
#ifndef STORE_FAULT_H
#define STORE_FAULT_H

#include "base/error.h"

#include <stdint.h>

struct disk;
enum disk_fault {
        DISK_WRITE, /* a write fails and has written nothing */
        DISK_SHORT, /* a write fails and has written a part */
        DISK_FULL,  /* a write that makes a file longer fails */
        DISK_SYNC,  /* a sync fails: nothing of it is sure */
        DISK_READ,  /* a read fails */
        DISK_POWER, /* a write, cut or sync fails, and so does everything after it until disk_restart */
        DISK_FAULTS,
};

/* Empty, or a copy of what is synced on another one. seed: what a power failure loses. */
int disk_new(struct disk **out, const struct disk *image, uint64_t seed, struct error *err);
void disk_free(struct disk *d); /* no store is open on it */
const char *disk_vfs(const struct disk *d);
const char *disk_url(const struct disk *d);

/* From now on, the nth operation of the kind that the fault concerns (from 1) fails, and times − 1 of those that follow. One fault at a
 * time. */
void disk_fail(struct disk *d, enum disk_fault what, int64_t nth, int64_t times);
void disk_heal(struct disk *d);             /* what was told to fail does not; a power failure stays */
int64_t disk_failed(const struct disk *d);  /* operations that failed since it was made */
int64_t disk_changes(const struct disk *d); /* writes, cuts and syncs since it was made */
bool disk_down(const struct disk *d);
/* The power is back: the files are as the failure left them. Everything is closed. */
void disk_restart(struct disk *d);
/* The power fails now. */
void disk_power_off(struct disk *d);

#endif
