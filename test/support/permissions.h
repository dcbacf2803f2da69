/* SPDX-License-Identifier: Apache-2.0
 *
 * Authority for tests whose packs say nothing of it: the tables of the national pack, and the duties of verbs that a test makes up:
 * "test.any" of every role, "test.clerk", "test.auditor".
 */
#ifndef TEST_SUPPORT_PERMISSIONS_H
#define TEST_SUPPORT_PERMISSIONS_H

#include "case/pack_store.h"

/* Writes these tables into the folder of a pack. */
void test_permissions_write(const char *dir);
/* The house goes by them as long as no pack is in force; it gets its store of packs here when it has none. */
void test_permissions(struct house *h);

#endif
