/* SPDX-License-Identifier: Apache-2.0
 *
 * The plan of a bulk approval: a run that reads what waits at the step, judges each case as a single decision would, and then draws
 * the sample. Its cursor is the last task that it looked at; "draw:" when all are there.
 */
#include "case/bulk.h"

#include "case/authority.h"
#include "case/clock.h"
#include "case/instance.h"
#include "case/pack_store.h"
#include "case/paper.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 100, SAMPLE_CLASSES = 8 };

int bulk_plan_read(struct tx *tx, struct house *h, int64_t id, struct bulk_plan *out, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT step, seed, state, staff, roles, office, run FROM bulk_plan WHERE home = ?1@int AND id = "
                        "?2@int",
                        "ii", (int64_t)h->home, id);

        if (rc == 0)
                return error_raise(err, SB_CASE_BULK_UNKNOWN, "%lld", (long long)id);
        if (rc < 0)
                return rc;
        *out = (struct bulk_plan){.id = id,
                                  .staff = stmt_int(q, 3),
                                  .roles = (uint32_t)stmt_int(q, 4),
                                  .office = stmt_int(q, 5),
                                  .run = stmt_int(q, 6)};
        text_copy(out->step, sizeof out->step, stmt_text(q, 0));
        text_copy(out->seed, sizeof out->seed, stmt_text(q, 1));
        text_copy(out->state, sizeof out->state, stmt_text(q, 2));
        return 0;
}

struct call bulk_call(struct house *h, const struct bulk_plan *p)
{
        return (struct call){.house = h, .who = {.staff = p->staff, .office = p->office, .roles = p->roles}};
}

struct item {
        int64_t task, instance, due_day, accepted_at, amount_fen;
        char risk[4], kind[16], reason[24];
        json_t *fault; /* NULL without */
};
struct planning {
        const struct run *run;
        struct bulk_plan plan;
        const char *process, *risk;
        int64_t office, after;
        day_t due_to;
        struct item items[PAGE];
        size_t count;
        bool end;
};

static void planning_clear(struct planning *p)
{
        for (size_t i = 0; i < p->count; i++)
                json_decref(p->items[i].fault);
        p->count = 0;
}

/* --- what waits --------------------------------------------------------------------------------------------------------------------- */

static int page_read(struct tx *tx, struct planning *p, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT t.id, t.instance, i.due_day, i.started_at FROM task t JOIN process_instance i ON i.home = t.home AND i.id "
            "= t.instance WHERE t.home = ?1@int AND t.id > ?2@int AND t.state = 'open' AND t.node = ?3@text AND (?4@text = '' "
            "OR t.process = ?4@text) AND i.due_day <= ?5@int AND t.assignee IN (0, ?6@int) AND t.office "
            "IN " OFFICE_SUBTREE("?7@int") " ORDER BY t.id LIMIT ?8@int",
            "iittiiii", (int64_t)p->run->home, p->after, p->plan.step, p->process, (int64_t)p->due_to, p->plan.staff, p->office,
            (int64_t)PAGE);

        p->end = true;
        while ((rc = row_next(rc, q, err)) == 1) {
                p->items[p->count++] = (struct item){.task = stmt_int(q, 0),
                                                     .instance = stmt_int(q, 1),
                                                     .due_day = stmt_int(q, 2),
                                                     .accepted_at = stmt_int(q, 3)};
                p->end = p->count < PAGE;
        }
        return rc;
}

/* --- how each may be decided ----------------------------------------------------------------------------------------------------------- */

/* Papers that are not there, were promised or are to follow: somebody has to look whether they came. */
static int papers_open(struct tx *tx, struct house *h, const struct instance *i, bool *open, struct error *err)
{
        struct error lacking = {0};
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT 1 FROM case_paper WHERE home = ?1@int AND instance = ?2@int AND state IN ('promised', 'gap', "
                        "'broken') LIMIT 1",
                        "ii", (int64_t)i->home, i->id);

        *open = rc == 1;
        if (rc != 0)
                return rc < 0 ? rc : 0;
        rc = papers_complete(tx, h, i, &lacking);
        *open = rc < 0 && lacking.code == SB_CASE_PAPER_MISSING;
        return rc < 0 && !*open ? error_hand(err, &lacking) : 0;
}

static int exception_of(struct tx *tx, struct house *h, const struct instance *i, day_t today, const char **reason,
                        struct error *err)
{
        bool open = false;

        *reason = "";
        if (strcmp(i->state, "active") != 0)
                *reason = strcmp(i->state, "incident") == 0 ? "incident" : "state";
        else if (i->paused_at != 0)
                *reason = "paused";
        else if (i->due_day < today)
                *reason = "overdue";
        else if (strcmp(clock_warning(pack_calendar(i->pack), instant_day(i->started_at), i->due_day, today, false),
                        "late80") == 0)
                *reason = "late";
        if ((*reason)[0] != '\0')
                return 0;
        int rc = papers_open(tx, h, i, &open, err);
        if (open)
                *reason = "papers";
        return rc;
}

static int judge(struct tx *tx, struct planning *p, struct item *it, struct error *err)
{
        struct call c = bulk_call(p->run->house, &p->plan);
        struct error refused = {0};
        struct instance i;
        bool known;
        fen_t amount = 0;
        int rc = task_may(tx, &c, it->task, &i, &refused);

        if (rc == ERR_SOFT || (rc < 0 && i.model == NULL)) {
                instance_dispose(&i);
                error_hand(err, &refused);
                return rc;
        }
        const char *risk = instance_process(&i)->risk;
        text_copy(it->risk, sizeof it->risk, str_from(risk[0] == '\0' ? "H" : risk));
        text_copy(it->kind, sizeof it->kind, str_from(strcmp(it->risk, "H") == 0 ? "high" : "blind"));
        const char *reason = "";
        struct error hard = {0};
        if (exception_of(tx, p->run->house, &i, clock_today(p->run->house->clock), &reason, &hard) < 0) {
                instance_dispose(&i);
                return error_hand(err, &hard);
        }
        text_copy(it->reason, sizeof it->reason, str_from(reason));
        if (rc == 0)
                rc = signing_amount(&i, &known, &amount, &refused);
        it->amount_fen = amount;
        if (rc < 0) {
                text_copy(it->reason, sizeof it->reason, STR("refused"));
                it->fault = fault_json(p->plan.step, &refused);
        }
        if (it->reason[0] != '\0')
                text_copy(it->kind, sizeof it->kind, STR("exception"));
        instance_dispose(&i);
        return 0;
}

static int plan_read(struct tx *tx, void *ctx, struct error *err)
{
        struct planning *p = ctx;
        size_t kept = 0;

        planning_clear(p);
        int rc = page_read(tx, p, err);
        int64_t last = p->count == 0 ? p->after : p->items[p->count - 1].task;
        for (size_t i = 0; rc == 0 && i < p->count; i++)
                rc = judge(tx, p, &p->items[i], err);
        /* The class of risk stands in the model: it is known only now. */
        for (size_t i = 0; rc == 0 && i < p->count; i++) {
                if (p->risk[0] == '\0' || strcmp(p->items[i].risk, p->risk) == 0)
                        p->items[kept++] = p->items[i];
                else
                        json_decref(p->items[i].fault);
        }
        if (rc == 0) {
                p->count = kept;
                p->after = last;
        }
        return rc;
}

static int item_insert(struct tx *tx, const struct planning *p, const struct item *it, struct error *err)
{
        struct buf fault;

        buf_init(&fault, (size_t)1 << 16);
        int rc = it->fault == NULL ? 0 : json_canonical(&fault, it->fault, err);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "INSERT INTO bulk_item (home, plan, task, instance, due_day, accepted_at, risk, kind, reason, "
                             "state, opened_at, amount_fen, fault) VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@int, ?6@int, "
                             "?7@text, ?8@text, ?9@text, ?10@text, 0, ?11@int, ?12@text)",
                             "iiiiiittttit", (int64_t)p->run->home, p->plan.id, it->task, it->instance, it->due_day,
                             it->accepted_at, it->risk, it->kind, it->reason,
                             strcmp(it->kind, "exception") == 0 ? "excluded" : "waiting", it->amount_fen,
                             it->fault == NULL ? NULL : buf_text(&fault));
        buf_dispose(&fault);
        return rc;
}

static int plan_write(struct tx *tx, void *ctx, struct error *err)
{
        const struct planning *p = ctx;
        char cursor[32];
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < p->count; i++)
                rc = item_insert(tx, p, &p->items[i], err);
        text_format(cursor, sizeof cursor, "%s%lld", p->end ? "draw:" : "", (long long)p->after);
        return rc ? rc
                  : run_progress(tx, p->run, str_from(cursor), p->run->done + (int64_t)p->count, (int64_t)p->count, 0, err);
}

/* --- the sample ------------------------------------------------------------------------------------------------------------------------ */

struct lot {
        struct hash draw;
        int64_t task;
};
struct drawing {
        const struct run *run;
        struct bulk_plan plan;
        json_t *table; /* bulk.csv; NULL when nothing is to be drawn */
        int64_t pool;
};

static int lot_compare(const void *a, const void *b)
{
        return memcmp(((const struct lot *)a)->draw.b, ((const struct lot *)b)->draw.b, HASH_BYTES);
}

static int whole_of(const json_t *row, const char *name, int64_t *out)
{
        return text_to_int(str_from(json_text(row, name)), out) && *out >= 0 ? 0 : ERR;
}

/* How many of `count` have to be opened: at least sample_min, and sample_percent of them, rounded up. */
static int sample_size(const json_t *table, const char *risk, size_t count, size_t *out, struct error *err)
{
        json_t *row;
        size_t k;

        for (k = 0; (row = json_array_get(table, k)) != NULL; k++) {
                int64_t percent, least;
                if (strcmp(json_text(row, "risk"), risk) != 0)
                        continue;
                if (whole_of(row, "sample_percent", &percent) < 0 || whole_of(row, "sample_min", &least) < 0 || percent > 100)
                        break;
                size_t share = (count * (size_t)percent + 99) / 100;
                *out = share > (size_t)least ? share : (size_t)least;
                *out = *out > count ? count : *out;
                return 0;
        }
        return error_raise(err, SB_CASE_BULK_SAMPLE, "%s", risk);
}

/* Lots by the plan's seed: whoever has the seed draws the same again. */
static struct hash lot_draw(const char *seed, int64_t task)
{
        struct hash_state s = hash_begin();
        char text[24];

        hash_add(&s, seed, strlen(seed));
        text_format(text, sizeof text, "%lld", (long long)task);
        hash_add(&s, text, strlen(text));
        return hash_end(&s);
}

static int class_draw(struct tx *tx, const struct drawing *d, const char *risk, struct error *err)
{
        struct lot *lots = NULL;
        struct stmt *q = NULL;
        size_t n = 0, room = 0, wanted = 0;
        int rc = tx_query(&q, tx, err,
                          "SELECT task FROM bulk_item WHERE home = ?1@int AND plan = ?2@int AND kind = 'blind' AND risk = "
                          "?3@text",
                          "iit", (int64_t)d->run->home, d->plan.id, risk);

        while ((rc = row_next(rc, q, err)) == 1) {
                rc = 0;
                if (n == room) {
                        room = room == 0 ? 256 : room * 2;
                        struct lot *grown = realloc(lots, room * sizeof *lots);
                        if (grown == NULL) {
                                rc = error_raise(err, SB_MEMORY, "%s", "");
                                break;
                        }
                        lots = grown;
                }
                lots[n].task = stmt_int(q, 0);
                lots[n].draw = lot_draw(d->plan.seed, lots[n].task);
                n++;
        }
        if (rc == 0 && n > 0) {
                qsort(lots, n, sizeof *lots, lot_compare);
                rc = sample_size(d->table, risk, n, &wanted, err);
        }
        for (size_t i = 0; rc == 0 && i < wanted; i++)
                rc = tx_exec(tx, err,
                             "UPDATE bulk_item SET kind = 'sample' WHERE home = ?1@int AND plan = ?2@int AND task = ?3@int",
                             "iii", (int64_t)d->run->home, d->plan.id, lots[i].task);
        free(lots);
        return rc;
}

static int draw_write(struct tx *tx, void *ctx, struct error *err)
{
        const struct drawing *d = ctx;
        char classes[SAMPLE_CLASSES][4];
        struct stmt *q = NULL;
        int n = 0;
        int rc = tx_query(&q, tx, err,
                          "SELECT DISTINCT risk FROM bulk_item WHERE home = ?1@int AND plan = ?2@int AND kind = 'blind' LIMIT "
                          "?3@int",
                          "iii", (int64_t)d->run->home, d->plan.id, (int64_t)SAMPLE_CLASSES);

        while ((rc = row_next(rc, q, err)) == 1) {
                assert(n < SAMPLE_CLASSES);
                text_copy(classes[n], sizeof classes[n], stmt_text(q, 0));
                n++;
        }
        for (int i = 0; rc == 0 && i < n; i++)
                rc = class_draw(tx, d, classes[i], err);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE bulk_plan SET state = 'open', version = version + 1 WHERE home = ?1@int AND id = ?2@int "
                             "AND state = 'planning'",
                             "ii", (int64_t)d->run->home, d->plan.id);
        return rc ? rc : run_progress(tx, d->run, STR("end:"), d->run->done, 0, 0, err);
}

/* The pool of the first case: its pack says how large the sample is. */
static int pool_read(struct tx *tx, void *ctx, struct error *err)
{
        struct drawing *d = ctx;
        struct stmt *q;
        int rc = bulk_plan_read(tx, d->run->house, d->plan.id, &d->plan, err);

        if (rc == 0)
                rc = tx_one(&q, tx, err,
                            "SELECT i.pool FROM bulk_item b JOIN process_instance i ON i.home = b.home AND i.id = b.instance "
                            "WHERE b.home = ?1@int AND b.plan = ?2@int AND b.kind = 'blind' ORDER BY b.task LIMIT 1",
                            "ii", (int64_t)d->run->home, d->plan.id);
        d->pool = rc == 1 ? stmt_int(q, 0) : -1;
        return rc < 0 ? rc : 0;
}

static int draw(struct house *h, const struct run *r, int64_t plan, struct error *err)
{
        struct drawing d = {.run = r, .plan = {.id = plan}};
        struct pack *pack = NULL;
        int rc = store_read(h->store, pool_read, &d, err);

        if (rc == 0 && d.pool >= 0)
                rc = pack_store_for(h->packs, d.pool, clock_today(h->clock), clock_now(h->clock), &pack, err);
        if (rc == 0 && pack != NULL)
                rc = pack_table(pack, "bulk.csv", &d.table, err);
        if (rc == 0)
                rc = store_write(h->store, draw_write, &d, err);
        json_decref(d.table);
        return rc;
}

/* --- a block ------------------------------------------------------------------------------------------------------------------------------ */

static int plan_begin(struct tx *tx, void *ctx, struct error *err)
{
        struct planning *p = ctx;

        return bulk_plan_read(tx, p->run->house, p->plan.id, &p->plan, err);
}

static int plan_block(struct house *h, const struct run *r, enum run_result *more, struct error *err)
{
        struct str phase = run_phase(r->cursor);
        int64_t plan = json_int_or(r->inputs, "plan", 0);
        struct planning *p;

        *more = RUN_MORE;
        if (phase.n > 0) {
                *more = str_is(phase, "draw") ? RUN_MORE : RUN_DONE;
                return *more == RUN_MORE ? draw(h, r, plan, err) : 0;
        }
        p = calloc(1, sizeof *p);
        if (p == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        p->run = r;
        p->plan.id = plan;
        p->process = json_text(r->inputs, "process");
        p->risk = json_text(r->inputs, "risk");
        p->due_to = json_day_or(r->inputs, "due_to", DAY_END);
        (void)text_to_int(r->cursor, &p->after);
        int rc = store_read(h->store, plan_begin, p, err);
        p->office = json_int_or(r->inputs, "office", p->plan.office);
        rc = rc ? rc : store_read(h->store, plan_read, p, err);
        rc = rc ? rc : store_write(h->store, plan_write, p, err);
        planning_clear(p);
        free(p);
        return rc;
}

const struct run_kind bulk_plan_kind = {.kind = "bulk_plan", .block = plan_block};
