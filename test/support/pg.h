/* SPDX-License-Identifier: Apache-2.0
 *
 * Databases for tests: fresh SQLite files and fresh databases in a private PostgreSQL, which is
 * started when first asked for, on a socket in a temporary folder, as an unprivileged user when run
 * by root. A watcher process stops it and removes the folder when the test program ends, in
 * whatever way.
 */
#ifndef TEST_SUPPORT_PG_H
#define TEST_SUPPORT_PG_H

#include "store/store.h"

enum test_engine { TEST_SQLITE, TEST_POSTGRESQL };

/* The URL of a new, empty database. NULL when the engine is not on this machine: said once on
 * stderr, the test should skip(). Any other trouble ends the program. */
const char *test_store_url(enum test_engine engine, char out[256]);
/* One of each engine that is there; returns how many. */
size_t test_store_urls(char urls[2][256]);
/* Open a URL (made when absent) and bring it up to the newest migration; ends the program on
 * trouble. */
struct store *test_store_open(const char *url);
/* A new database, migrated; NULL as test_store_url. */
struct store *test_store_new(enum test_engine engine);
/* The folder of this test program, removed at its end. */
const char *test_scratch(void);

/* A cmocka test for each engine, or where the database makes no difference for the quicker one; its *state is the engine:
 * *(enum test_engine *)*state. */
extern enum test_engine test_engines[2];
#define TEST_ON_SQLITE(f)                                                                                                      \
        {                                                                                                                      \
#f " [sqlite]", f, NULL, NULL, &test_engines[0]                                                                \
        }
#define TEST_ON_BOTH(f)                                                                                                        \
        {#f " [sqlite]", f, NULL, NULL, &test_engines[0]},                                                                     \
        {                                                                                                                      \
#f " [postgresql]", f, NULL, NULL, &test_engines[1]                                                            \
        }

#endif
