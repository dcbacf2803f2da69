/* SPDX-License-Identifier: Apache-2.0
 *
 * What the large benchmarks share: a temporary folder with enough space, an installation in it, and the files of a city
 * of N persons as a system before would hand them over. Ends the program on trouble.
 */
#ifndef BENCH_CITY_H
#define BENCH_CITY_H

#include "office/office.h"

struct pack;

enum { CITY_YEARS = 20, CITY_SIZES_MAX = 3 };

/* How many persons: the argument of the program, or 10⁴, 10⁵ and 10⁶. Returns the number of sizes. */
int city_sizes(int argc, char **argv, int64_t out[CITY_SIZES_MAX]);
/* A new folder below TMPDIR; ends the program when less than `bytes` is free there. */
void city_folder_new(char out[200], int64_t bytes);
void city_folder_remove(const char *folder);

/* An empty installation under the demonstration's pack, or another: its offices and pools. Closed again. db: a file of SQLite, or
 * an address. */
void city_found(const char *db);
void city_found_with(const char *db, struct pack *pack);
struct place {
        struct house house;
        struct registry *verbs;
        struct pool pool; /* of the employees' pension; empty before the founding */
        int64_t office;   /* of the province */
};
/* fast: no fsync, for what is not measured. */
void city_open(struct place *c, const char *db, bool fast);
/* more: verbs beside those of the office; NULL none. */
void city_open_with(struct place *c, const char *db, const struct store_options *options, const struct verb *more);
void city_close(struct place *c);
void city_die(const struct error *err);
void city_must(int rc, const struct error *err);

/* folder/persons.csv, employers.csv, employments.csv, contributions.csv, balances.csv: names as the demonstration makes
 * them, an employer for 25 persons, one or two employments, a run of contributions a year. */
enum city_history { CITY_PERSONS_ONLY, CITY_WHOLE }; /* without or with what they did */
void city_files(const char *folder, int64_t persons, enum city_history history);
/* Import one of the files (its kind is its name); every row is taken or the program ends. */
void city_import(struct place *c, const char *folder, const char *kind, int64_t rows);
/* A pension for every nth person (by number), of which one in `held` (0 none) is held; the system before has paid until a month, and
 * the fund has the money to go on. */
struct city_awards {
        int every, held;
        month_t paid_until;
};
void city_awards(struct place *c, const struct city_awards *how);
/* Call a verb as a member of staff with every role; the answer is the caller's. */
json_t *city_call(struct place *c, int64_t staff, const char *verb, json_t *in);

#endif
