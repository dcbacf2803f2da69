/* SPDX-License-Identifier: Apache-2.0
 *
 * Packs made for a test in a temporary folder: a small national pack that is right, and whatever a
 * test changes of it.
 */
#ifndef TEST_PACK_FIXTURE_H
#define TEST_PACK_FIXTURE_H

#include "pack/pack.h"
#include "testing.h"

struct fixture {
        char root[64];
};
/* A folder with the pack "land": units, keys, one table of figures, texts, holidays. */
int fixture_make(void **state);
int fixture_remove(void **state);
/* Write a file below the root ("land/keys.csv"), making folders. */
void fixture_write(const struct fixture *f, const char *path, const char *text);
/* The path of a pack; out of at least 128 bytes. */
char *fixture_dir(const struct fixture *f, const char *name, char *out);
/* A child of land with one table of figures (rows below the header). */
void fixture_child(const struct fixture *f, const char *name, const char *rows);
/* Exactly one fault of that code and severity is told, and at that place ("land/keys.csv:3"). */
void fixture_expect(const struct fixture *f, const char *pack, int severity, enum error_code code, const char *place);

#define HEADER "key,dimensions,value,unit,valid_from,valid_to,source,evidence\n"

int test_pack_faults(void);

#endif
