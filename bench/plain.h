/* SPDX-License-Identifier: Apache-2.0
 *
 * The plain C program that a run is measured against: sqlite3 used directly, prepared statements,
 * one transaction a block, the same settings. What the run has written is first recorded into a
 * flat file, untimed, in the order in which the run wrote it; the plain program reads that file and
 * writes exactly those rows into a copy of the database as it was before. plain_same proves that
 * both are equal.
 */
#ifndef BENCH_PLAIN_H
#define BENCH_PLAIN_H

#include <stdbool.h>
#include <stdint.h>

enum { PLAIN_GROUP_MAX = 6 };

/* Tables that are written together, block by block, and the column of each that puts their rows in
 * order. */
struct plain_group {
        const char *tables[PLAIN_GROUP_MAX];
        const char *keys[PLAIN_GROUP_MAX];
        int block; /* rows of the first table in one transaction */
};

/* Record how `after` differs from `before`: rows that are new or changed. groups end with a NULL
 * table; tables that are in none follow one by one. Ends the program on trouble, as all of these
 * do. Returns the rows recorded. */
int64_t plain_record(const char *file, const char *after, const char *before, const struct plain_group *groups);
/* Write what was recorded into db; seconds. */
double plain_replay(const char *db, const char *file);
/* Are all tables of both equal, row by row? */
bool plain_same(const char *a, const char *b);
void plain_copy(const char *from, const char *to);
void plain_remove(const char *db);

/* Run f in a process of its own: the seconds that it took, of the wall and of a processor, its peak of memory, and what it
 * wrote to the disk. The last three say the same on a busy machine. */
struct plain_cost {
        double seconds, cpu_s, peak_mib, written_mib;
};
struct plain_cost plain_measure(double (*f)(void *ctx), void *ctx);

#endif
