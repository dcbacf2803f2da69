/* SPDX-License-Identifier: Apache-2.0
 *
 * A small town for tests of the office: a house on a fresh database with a standing clock, fixed keys and
 * the verbs that a test gives; calls verbs as staff do.
 */
#ifndef TEST_OFFICE_TOWN_H
#define TEST_OFFICE_TOWN_H

#include "testing.h"

#include "case/pack_store.h"
#include "office/office.h"
#include "support/pg.h"

struct town {
        struct house house;
        struct registry *verbs;
        struct error err;
        int calls;      /* made so far: makes idempotency keys */
        int64_t office; /* where staff sit: 1, or the highest of a founded town */
        struct pack *pack;
};

/* NULL when the engine is not on this machine. tables: verb tables ended by NULL. */
struct town *town_new(enum test_engine engine, const struct verb *const *tables);
/* All verbs, under the law of the demonstration's pack, on 2026-11-24. */
struct town *town_founded(enum test_engine engine);
/* The folder of the pack by which towns are founded from now on; NULL: the demonstration's. */
void town_law(const char *dir);
/* The same on a database that is open: founded now, or long ago. */
struct town *town_at(struct store *store, instant_t at, bool found);
void town_free(struct town *t);
/* Call as staff 1 with every role but, by `roles`, those that are given (0: all). Answers the code, SB_OK. */
enum error_code town_call(struct town *t, const char *verb, json_t *in, json_t **out);
/* The same as another member of staff with a key of its own ("" : a new one). */
enum error_code town_call_as(struct town *t, int64_t staff, uint32_t roles, const char *key, const char *verb, json_t *in,
                             json_t **out);
/* Answer with a raw body. */
enum error_code town_call_body(struct town *t, const char *verb, json_t *in, const char *body, json_t **out);

/* Call with a raw body as anybody, a machine of a partner for one; file: NULL, or gets the bytes of an answer that is a file. */
enum error_code town_call_at(struct town *t, const struct actor *who, const char *verb, json_t *in, struct str body,
                             json_t **out, struct buf *file);
/* The office of a code. */
int64_t town_office(struct town *t, const char *code);

/* Valid numbers: the 17 first characters get their check digit. */
char *town_id(const char *first17, char out[24]);
char *town_uscc(const char *first17, char out[24]);
/* Register and answer the id; the test fails when it cannot. */
int64_t town_person(struct town *t, const char *name, const char *first17, const char *category);
int64_t town_employer(struct town *t, const char *name, const char *first17, const char *territory);
/* A worker of an employer from a day on. */
void town_employ(struct town *t, int64_t person, int64_t employer, day_t from);
/* Import a CSV of the kind; every row is taken. */
void town_import(struct town *t, const char *kind, const char *text);
/* Everything that waits: effects of cases, runs. */
void town_work(struct town *t);
/* Decide the open task of a case as a member of staff; what follows is done. */
enum error_code town_decide(struct town *t, int64_t instance, int64_t staff, const char *decision);
/* The books as an independent auditor sees them: no finding, all postings sum to zero. */
void town_audit(struct town *t);
/* The pool of the employees' pension of a founded town. */
int64_t town_pool(struct town *t);
/* A member of an object: a whole number, money. The test fails when it is not there. */
int64_t town_whole(const json_t *o, const char *name);
fen_t town_money(const json_t *o, const char *name);
/* One integer of a query with no parameter, or with one integer as ?1@int. */
int64_t town_ask(struct town *t, const char *sql, int64_t about);
int64_t town_count(struct town *t, const char *sql);

#endif
