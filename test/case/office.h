/* SPDX-License-Identifier: Apache-2.0
 *
 * A house with one pack of small processes, for tests of cases: a standing clock (Tuesday 2026-11-24), a holiday table with a make-up
 * Saturday (11-28) and a free Monday (11-30), and a verb "thing.do" that writes one row each time it really happens.
 */
#ifndef TEST_CASE_OFFICE_H
#define TEST_CASE_OFFICE_H

#include "case/case.h"
#include "case/pack_store.h"
#include "case/run.h"
#include "support/pg.h"
#include "testing.h"

#define POOL 5

struct desk {
        struct house house;
        struct registry *verbs;
        struct error err;
        char files[300]; /* folder of attachments */
        int keys, packs; /* idempotency keys and further packs made */
};
/* On a migrated database; fresh: stores and activates the pack. */
struct desk *desk_open(struct store *store, bool fresh);
/* On the engine of the test, which is skipped where there is none. */
struct desk *desk_fresh(void **state);
/* A further version of the pack, in force from today on: these files (the last without a name) beside, or instead of, those of the
 * first. */
struct desk_file {
        const char *name, *text;
};
void desk_pack(struct desk *d, const struct desk_file *files);
/* Fresh, with its pool and these files. */
struct desk *desk_with(void **state, const struct desk_file *files);
void desk_close(struct desk *d); /* and the store */
/* Start a process for pool 5 and office 10 as staff 1 (clerk), and do what follows. */
int64_t desk_start(struct desk *d, const char *process, const char *variables);
/* Call a verb as staff with roles in an office; takes in. The code, SB_OK. */
enum error_code desk_call(struct desk *d, int64_t staff, uint32_t roles, int64_t office, const char *verb, json_t *in,
                          json_t **out);
/* The same as clerk 1 of office 10; and about a case, which is put into the input. */
enum error_code desk_ask(struct desk *d, const char *verb, json_t *in, json_t **out);
enum error_code desk_case(struct desk *d, int64_t instance, const char *verb, const char *in, json_t **out);
json_t *desk_json(struct desk *d, const char *text);
const char *desk_word(const json_t *o, const char *name); /* a text that is there */
/* Complete the open task of the case (the first) with a decision as staff. */
enum error_code desk_decide(struct desk *d, int64_t instance, int64_t staff, uint32_t roles, const char *decision);
int64_t desk_task(struct desk *d, int64_t instance); /* its first open task, 0 none */
/* One integer or one text (kept until the next call) of a query with the instance as ?1@int. */
int64_t desk_int(struct desk *d, const char *sql, int64_t instance);
const char *desk_text(struct desk *d, const char *sql, int64_t instance);
/* Change rows beside the product, as nobody should: ?1@int … ?4@int, as many as the statement has. */
void desk_put(struct desk *d, const char *sql, int64_t a, int64_t b, int64_t c, int64_t e);
void desk_work(struct desk *d); /* all that is open and due */
/* thing.do, and thing.within, which is done in the step that asks for it, fail this often from now on, hard or softly. */
void desk_fail(int times, bool soft);
/* The pool itself, which schedules look for: a desk names its number only. */
void desk_pool(struct desk *d);
/* Work at the run in a program of its own, its clock at `now` (0: as a desk's), and kill that after so many milliseconds. */
void desk_run_killed(const char *url, const struct run_kind *const *kinds, int64_t run, instant_t now, int milliseconds);
/* Take the run over from who died at it, if so, and work it to its end. */
void desk_run_end(struct desk *d, const struct run_kind *const *kinds, int64_t run);
void desk_kill(bool now); /* they kill the program in its transaction */

#endif
