/* SPDX-License-Identifier: Apache-2.0
 *
 * The run of a bulk approval. A block decides as many cases as fit into its time, in the legal order, each by the function that a
 * single decision uses, and closes their items in the same transaction: a kill loses and repeats nothing. What a decision refuses
 * before it has written anything is noted and the block goes on; one that fails in the middle rolls the block back, and the block
 * is done again with that case noted as failed.
 */
#include "case/bulk.h"

#include "case/instance.h"

#include <string.h>

/* Most of the 50 ms that a block may hold the writer; the rest is for the commit. */
#define BLOCK_SECONDS 0.035
enum { BLOCK = 64 };

struct batch {
        struct house *house;
        const struct run *run;
        int64_t plan_id;
        struct bulk_plan plan;
        json_t *outcome;
        int64_t broken[BLOCK]; /* cases of this block that failed in the middle, with why */
        struct error why[BLOCK];
        int broken_count;
        int64_t tasks[BLOCK], instances[BLOCK];
        int count;
        int64_t at; /* the task under work when apply failed in its middle; else 0 */
        struct error at_why;
        bool end;
};

static int batch_read(struct tx *tx, struct batch *b, struct error *err)
{
        struct stmt *q = NULL;
        int rc = bulk_plan_read(tx, b->house, b->plan_id, &b->plan, err);

        b->count = 0;
        if (rc == 0)
                rc =
                    tx_query(&q, tx, err,
                             "SELECT task, instance FROM bulk_item WHERE home = ?1@int AND plan = ?2@int AND state = 'waiting' "
                             "ORDER BY due_day, accepted_at, task LIMIT ?3@int",
                             "iii", (int64_t)b->run->home, b->plan_id, (int64_t)BLOCK);
        while ((rc = row_next(rc, q, err)) == 1) {
                b->tasks[b->count] = stmt_int(q, 0);
                b->instances[b->count++] = stmt_int(q, 1);
        }
        return rc;
}

static int item_close(struct tx *tx, const struct batch *b, int64_t task, const struct error *why, struct error *err)
{
        struct buf text;
        int rc = 0;

        buf_init(&text, 0);
        if (why != NULL)
                rc = fault_text(&text, b->plan.step, why, err);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE bulk_item SET state = ?4@text, fault = ?5@text WHERE home = ?1@int AND plan = ?2@int AND "
                             "task = ?3@int",
                             "iiitt", (int64_t)b->run->home, b->plan_id, task, why == NULL ? "done" : "failed",
                             why == NULL ? NULL : buf_text(&text));
        buf_dispose(&text);
        return rc;
}

static const struct error *broken_why(const struct batch *b, int64_t task)
{
        for (int i = 0; i < b->broken_count; i++)
                if (b->broken[i] == task)
                        return &b->why[i];
        return NULL;
}

/* The audit trail tells it as a single decision, and that it came of a plan. */
static int audit_item(struct tx *tx, const struct batch *b, struct call *c, int k, struct error *err)
{
        json_t *body = json_pack("{s:I,s:s,s:I}", "case", (json_int_t)b->instances[k], "decision", "approve", "bulk",
                                 (json_int_t)b->plan_id);
        int rc = body == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                              : audit_add(tx, c, "tasks.complete", "task", b->tasks[k], body, err);

        json_decref(body);
        return rc;
}

static int decide(struct tx *tx, struct batch *b, struct call *c, int k, int *done, int *failed, struct error *err)
{
        const struct error *why = broken_why(b, b->tasks[k]);
        struct error refused = {0};
        bool wrote = false;
        int rc = 0;

        if (why == NULL) {
                rc = task_complete_told(tx, c, b->tasks[k], b->outcome, &wrote, &refused);
                if (rc == 0)
                        rc = audit_item(tx, b, c, k, &refused);
                if (rc < 0 && (wrote || refused.soft)) {
                        b->at = refused.soft ? 0 : b->tasks[k];
                        b->at_why = refused;
                        error_hand(err, &refused);
                        return rc;
                }
                why = rc < 0 ? &refused : NULL;
        }
        *done += why == NULL;
        *failed += why != NULL;
        return item_close(tx, b, b->tasks[k], why, err);
}

static int batch_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct batch *b = ctx;
        double start = clock_monotonic();
        int done = 0, failed = 0;

        b->at = 0;
        int rc = batch_read(tx, b, err);
        struct call c = bulk_call(b->house, &b->plan);
        int k = 0;
        for (; rc == 0 && k < b->count && (k == 0 || clock_monotonic() - start < BLOCK_SECONDS); k++)
                rc = decide(tx, b, &c, k, &done, &failed, err);
        b->end = rc == 0 && k == b->count && b->count < BLOCK;
        if (rc == 0 && b->end)
                rc = tx_exec(tx, err,
                             "UPDATE bulk_plan SET state = 'done', version = version + 1 WHERE home = ?1@int AND id = ?2@int",
                             "ii", (int64_t)b->run->home, b->plan_id);
        return rc ? rc : run_progress(tx, b->run, STR(""), b->run->total, done, failed, err);
}

/* The total is known when the run begins: who looks at it sees how far it is. */
static int total_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct batch *b = ctx;
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err, "SELECT COUNT(*) FROM bulk_item WHERE home = ?1@int AND plan = ?2@int AND state = 'waiting'",
                   "ii", (int64_t)b->run->home, b->plan_id);

        return rc < 0 ? rc : run_progress(tx, b->run, STR(""), rc == 1 ? stmt_int(q, 0) : 0, 0, 0, err);
}

static int approve_block(struct house *h, const struct run *r, enum run_result *more, struct error *err)
{
        struct batch b = {.house = h, .run = r, .plan_id = json_int_or(r->inputs, "plan", 0)};
        struct error why = {0};
        int rc;

        *more = RUN_MORE;
        if (r->total == 0 && r->done == 0 && r->failed == 0)
                return store_write(h->store, total_apply, &b, err);
        b.outcome = json_pack("{s:s,s:s}", "decision", "approve", "note", json_text(r->inputs, "note"));
        if (b.outcome == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        do {
                error_clear(&why);
                rc = store_write(h->store, batch_apply, &b, &why);
                if (rc < 0 && b.at != 0 && b.broken_count < BLOCK) {
                        b.why[b.broken_count] = b.at_why;
                        b.broken[b.broken_count++] = b.at;
                }
        } while (rc < 0 && b.at != 0 && b.broken_count < BLOCK);
        if (rc < 0)
                error_hand(err, &why);
        if (rc == 0 && b.end)
                *more = RUN_DONE;
        json_decref(b.outcome);
        return rc;
}

const struct run_kind bulk_approve_kind = {.kind = "bulk_approve", .block = approve_block};
