/* SPDX-License-Identifier: Apache-2.0
 *
 * The map of a process over many cases. What is done is added up from step_time, which lies in the order of process, node and case, so
 * that one pass gives visits and returns, and minutes from which median and ninth decile follow exactly.
 */
#include "case/map.h"

#include "case/answer.h"
#include "case/application.h"
#include "case/pack_store.h"

#include <stdlib.h>
#include <string.h>

enum { NODES_MAX = 400, PERIOD_DAYS = 90, DECILES = 10 };

struct series {
        int64_t *values;
        size_t count, room;
};
struct node_figures {
        char node[64], role[32];
        int64_t waiting, overdue, held, oldest; /* now; oldest: instant, 0 none */
        int64_t cases, worked;                  /* in the period */
        struct series wait, work;               /* minutes of each visit; of those whose work is known */
};
struct flow {
        struct call *call;
        const char *process;
        int64_t office, pool, cases; /* cases: with a step in the period */
        day_t from, to;              /* [from, to) */
        struct node_figures *nodes;
        int count;
        int64_t open, paused, incidents;
        struct series seen; /* cases, once for each node */
        json_t *items, *offices;
};

static struct node_figures *node_of(struct flow *f, struct str node)
{
        for (int k = 0; k < f->count; k++)
                if (str_is(node, f->nodes[k].node))
                        return &f->nodes[k];
        if (f->count == NODES_MAX)
                return &f->nodes[NODES_MAX]; /* counted nowhere: no model has so many */
        struct node_figures *n = &f->nodes[f->count++];
        text_copy(n->node, sizeof n->node, node);
        return n;
}

static int open_read(struct tx *tx, struct flow *f, struct error *err)
{
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT node, MIN(role), COUNT(*), CAST(SUM(CASE WHEN due_day < ?4@int THEN 1 ELSE 0 END) AS @int), "
                     "MIN(created_at), CAST(SUM(CASE WHEN state = 'held' THEN 1 ELSE 0 END) AS @int) FROM task WHERE home = "
                     "?1@int AND process = ?2@text AND state IN ('open', 'held') AND office IN " OFFICE_SUBTREE(
                         "?3@int") " GROUP BY node ORDER BY node",
                     "itii", (int64_t)f->call->house->home, f->process, f->office, (int64_t)clock_today(f->call->house->clock));

        while ((rc = row_next(rc, q, err)) == 1) {
                struct node_figures *n = node_of(f, stmt_text(q, 0));
                text_copy(n->role, sizeof n->role, stmt_text(q, 1));
                n->waiting = stmt_int(q, 2);
                n->overdue = stmt_int(q, 3);
                n->oldest = stmt_int(q, 4);
                n->held += stmt_int(q, 5);
        }
        return rc;
}

static int incidents_read(struct tx *tx, struct flow *f, struct error *err)
{
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT incident FROM process_instance WHERE state = 'incident' AND home = ?1@int AND process = ?2@text "
                     "AND office IN " OFFICE_SUBTREE("?3@int") " ORDER BY id LIMIT 5000",
                     "iti", (int64_t)f->call->house->home, f->process, f->office);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *kept = NULL;
                f->incidents++;
                if (json_read(&kept, stmt_text(q, 0), NULL) == 0 && json_is_string(json_object_get(kept, "node")))
                        node_of(f, str_from(json_string_value(json_object_get(kept, "node"))))->held++;
                json_decref(kept);
        }
        return rc;
}

static int series_add(struct series *s, int64_t value, struct error *err)
{
        if (s->count == s->room) {
                size_t room = s->room == 0 ? 256 : 2 * s->room;
                int64_t *grown = realloc(s->values, room * sizeof *grown);
                if (grown == NULL)
                        return error_raise(err, SB_MEMORY, "%s", "");
                s->values = grown;
                s->room = room;
        }
        s->values[s->count++] = value;
        return 0;
}

static int by_size(const void *a, const void *b)
{
        int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

        return (x > y) - (x < y);
}

static void series_sort(struct series *s)
{
        if (s->count > 1)
                qsort(s->values, s->count, sizeof *s->values, by_size);
}

/* Nearest rank: the least value that `tenths` tenths of the values do not exceed; the series is sorted and not empty. */
static int64_t series_rank(const struct series *s, size_t tenths)
{
        return s->values[(s->count * tenths + DECILES - 1) / DECILES - 1];
}

/* Rows come by node and, within it, by case: a second row of a case is a return to the node. */
static int step_take(struct flow *f, struct stmt *q, int64_t *before, struct node_figures **at, struct error *err)
{
        int64_t instance = stmt_int(q, 1), worked = stmt_int(q, 4);
        bool same = *at != NULL && str_is(stmt_text(q, 0), (*at)->node);
        struct node_figures *n = same ? *at : node_of(f, stmt_text(q, 0));
        int rc = 0;

        if (!same || instance != *before) {
                n->cases++;
                rc = series_add(&f->seen, instance, err);
        }
        if (!same)
                text_copy(n->role, sizeof n->role, stmt_text(q, 2));
        *before = instance;
        *at = n;
        rc = rc ? rc : series_add(&n->wait, stmt_int(q, 3), err);
        if (rc == 0 && worked >= 0) {
                n->worked += worked;
                rc = series_add(&n->work, worked, err);
        }
        return rc;
}

/* One pass in the order of the table. The database would sort the same rows three times. */
static int steps_read(struct tx *tx, struct flow *f, struct error *err)
{
        struct node_figures *at = NULL;
        int64_t before = 0;
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT node, instance, role, waited, worked FROM step_time WHERE home = ?1@int AND process = ?2@text "
                     "AND done_at >= ?3@int AND done_at < ?4@int AND office IN " OFFICE_SUBTREE(
                         "?5@int") " ORDER BY home, process, node, instance",
                     "itiii", (int64_t)f->call->house->home, f->process, day_instant(f->from), day_instant(f->to), f->office);

        while ((rc = row_next(rc, q, err)) == 1)
                rc = step_take(f, q, &before, &at, err);
        for (int k = 0; k < f->count; k++) {
                series_sort(&f->nodes[k].wait);
                series_sort(&f->nodes[k].work);
        }
        series_sort(&f->seen);
        f->cases = 0;
        for (size_t k = 0; k < f->seen.count; k++)
                f->cases += k == 0 || f->seen.values[k] != f->seen.values[k - 1];
        return rc;
}

static int cases_read(struct tx *tx, struct flow *f, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN paused_at <> 0 THEN 1 ELSE 0 END), 0) AS @int) FROM "
                        "process_instance WHERE state IN ('active', 'incident') AND home = ?1@int AND process = ?2@text AND "
                        "office IN " OFFICE_SUBTREE("?3@int"),
                        "iti", (int64_t)f->call->house->home, f->process, f->office);

        if (rc == 1) {
                f->open = stmt_int(q, 0);
                f->paused = stmt_int(q, 1);
        }
        return rc < 0 ? rc : 0;
}

/* The offices that may be chosen: the caller's own and those below. */
static int offices_read(struct tx *tx, struct flow *f, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT id, name_zh, name_en, level FROM office WHERE id IN " OFFICE_SUBTREE(
                              "?1@int") " ORDER BY level, code LIMIT 2000",
                          "i", f->call->who.office);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "office", stmt_int(q, 0));
                put_str(o, "name_zh", stmt_text(q, 1));
                put_str(o, "name_en", stmt_text(q, 2));
                put_int(o, "level", stmt_int(q, 3));
                json_array_append_new(f->offices, o);
        }
        return rc;
}

static int scope_read(struct tx *tx, struct flow *f, struct error *err)
{
        char office[24];
        int rc = office_allowed(tx, f->call, f->office, text_format(office, sizeof office, "%lld", (long long)f->office), err);

        json_array_clear(f->offices);
        json_array_clear(f->items);
        rc = rc ? rc : application_pool(tx, &f->pool, err);
        return rc ? rc : offices_read(tx, f, err);
}

static void figures_clear(struct flow *f)
{
        for (int k = 0; f->nodes != NULL && k <= NODES_MAX; k++) {
                free(f->nodes[k].wait.values);
                free(f->nodes[k].work.values);
                f->nodes[k] = (struct node_figures){.oldest = 0};
        }
        free(f->seen.values);
        f->seen = (struct series){0};
        f->count = 0;
}

static int statistics_read(struct tx *tx, void *ctx, struct error *err)
{
        struct flow *f = ctx;

        figures_clear(f);
        f->incidents = 0;
        int rc = scope_read(tx, f, err);
        rc = rc ? rc : open_read(tx, f, err);
        rc = rc ? rc : incidents_read(tx, f, err);
        rc = rc ? rc : steps_read(tx, f, err);
        return rc ? rc : cases_read(tx, f, err);
}

/* What an hour of a role costs, by the pack; false: not known. */
static bool hour_cost(const struct flow *f, const struct pack *pack, const char *role, fen_t *fen)
{
        const struct parameter *p;
        struct error none = {0};
        char dims[48];

        return role[0] != '\0' &&
               pack_parameter(pack, "staff_hour_cost", text_format(dims, sizeof dims, "role=%s", role),
                              clock_today(f->call->house->clock), &p, &none) == 0 &&
               money_parse(fen, str_from(p->value), &none) == 0;
}

static void spread_put(json_t *o, const char *name, const struct series *s)
{
        put_value(o, name,
                  s->count == 0 ? json_null()
                                : json_pack("{s:I,s:I,s:I}", "median", (json_int_t)series_rank(s, DECILES / 2), "ninth_decile",
                                            (json_int_t)series_rank(s, DECILES - 1), "count", (json_int_t)s->count));
}

/* *fen: of all visits of the period, from the mean of those whose minutes are known. */
static bool node_cost(const struct flow *f, const struct pack *pack, const struct node_figures *n, fen_t *fen)
{
        int64_t visits = (int64_t)n->wait.count, known = (int64_t)n->work.count;
        fen_t hour;

        *fen = 0;
        if (visits == 0)
                return true;
        if (known == 0 || !hour_cost(f, pack, n->role, &hour))
                return false;
        /* Minutes, an hour's fen and visits each stay below what a product of two holds; split so that three never meet. */
        int64_t spent = (n->worked * hour + 30) / 60;
        *fen = spent / known * visits + (spent % known * visits + known / 2) / known;
        return true;
}

static json_t *node_json(const struct flow *f, const struct pack *pack, const struct bpmn_model *m,
                         const struct node_figures *n)
{
        struct node_said said = node_said(m, n->node);
        json_t *o = json_object();
        fen_t fen;

        put_text(o, "node", n->node);
        put_text(o, "title_zh", said.title[LANG_ZH]);
        put_text(o, "title_en", said.title[LANG_EN]);
        put_bool(o, "in_model", said.kind[0] != '\0');
        put_text(o, "role", n->role);
        put_text(o, "phase", said.phase);
        put_int(o, "waiting", n->waiting);
        put_int(o, "overdue", n->overdue);
        put_int(o, "held", n->held);
        put_value(o, "oldest", json_null());
        if (n->oldest != 0)
                put_instant(o, "oldest", n->oldest);
        put_int(o, "visits", (int64_t)n->wait.count);
        put_int(o, "cases", n->cases);
        put_int(o, "rework", (int64_t)n->wait.count - n->cases);
        spread_put(o, "wait_minutes", &n->wait);
        spread_put(o, "work_minutes", &n->work);
        put_value(o, "cost", json_null());
        if (n->cases > 0 && node_cost(f, pack, n, &fen))
                put_money(o, "cost", (fen + n->cases / 2) / n->cases);
        return o;
}

/* Of all steps of a case; null as long as that of a single node is not known. */
static void total_put(const struct flow *f, const struct pack *pack, json_t *o)
{
        bool known = f->cases > 0;
        fen_t all = 0, fen;

        for (int k = 0; k < f->count; k++) {
                known = known && node_cost(f, pack, &f->nodes[k], &fen);
                all += known ? fen : 0;
        }
        put_value(o, "cost", json_null());
        if (known)
                put_money(o, "cost", (all + f->cases / 2) / f->cases);
}

static int tell(struct flow *f, json_t **out, struct error *err)
{
        const struct bpmn_model *m = NULL;
        struct pack *pack = NULL;
        struct str xml = {0};
        char path[80], hex[65];
        struct house *h = f->call->house;
        int rc = pack_store_for(h->packs, f->pool, clock_today(h->clock), clock_now(h->clock), &pack, err);

        rc = rc ? rc : pack_process(pack, f->process, &m, err);
        rc = rc ? rc : pack_file(pack, text_format(path, sizeof path, "processes/%s.bpmn", f->process), &xml, err);
        if (rc < 0)
                return rc;
        json_t *o = json_object(), *nodes = json_array();
        put_text(o, "process", f->process);
        process_titles(o, m, f->process, "title_zh", "title_en");
        put_text(o, "pack", hash_hex(pack_hash(pack), hex));
        put_str(o, "xml", xml);
        put_int(o, "office", f->office);
        put_day(o, "from", f->from);
        put_day(o, "to", f->to - 1);
        put_int(o, "open", f->open);
        put_int(o, "paused", f->paused);
        put_int(o, "incidents", f->incidents);
        put_int(o, "cases", f->cases);
        total_put(f, pack, o);
        put_value(o, "offices", json_incref(f->offices));
        for (int k = 0; k < f->count; k++)
                json_array_append_new(nodes, node_json(f, pack, m, &f->nodes[k]));
        put_value(o, "nodes", nodes);
        *out = o;
        return o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

/* Office: the caller's own when none is named; period: the last ninety days when none is named. */
static int flow_input(struct call *c, const json_t *in, struct flow *f, struct error *err)
{
        day_t today = clock_today(c->house->clock);

        *f = (struct flow){.call = c,
                           .process = json_text(in, "process"),
                           .office = json_int_or(in, "office", c->who.office),
                           .from = json_day_or(in, "from", today - PERIOD_DAYS),
                           .to = json_day_or(in, "to", today) + 1,
                           .nodes = calloc(NODES_MAX + 1, sizeof *f->nodes),
                           .items = json_array(),
                           .offices = json_array()};
        return f->nodes == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static void flow_dispose(struct flow *f)
{
        figures_clear(f);
        free(f->nodes);
        json_decref(f->items);
        json_decref(f->offices);
}

int processes_statistics(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct flow f;
        int rc = flow_input(c, in, &f, err);

        rc = rc ? rc : store_read(c->house->store, statistics_read, &f, err);
        rc = rc ? rc : tell(&f, out, err);
        flow_dispose(&f);
        return rc;
}

/* --- all processes ---------------------------------------------------------------------------------------------------------------- */

static json_t *row_of(struct flow *f, struct str process)
{
        json_t *row;
        size_t i;

        for (i = 0; (row = json_array_get(f->items, i)) != NULL; i++) {
                if (str_is(process, json_string_value(json_object_get(row, "process"))))
                        return row;
        }
        row = json_object();
        put_str(row, "process", process);
        for (const char *const *name =
                 (const char *const[]){"open", "overdue", "paused", "incidents", "steps", "worked_minutes", NULL};
             *name != NULL; name++)
                put_int(row, *name, 0);
        json_array_append_new(f->items, row);
        return row;
}

static int overview_read(struct tx *tx, void *ctx, struct error *err)
{
        struct flow *f = ctx;
        int64_t home = f->call->house->home;
        struct stmt *q = NULL;
        int rc = scope_read(tx, f, err);

        if (rc == 0)
                rc = tx_query(
                    &q, tx, err,
                    "SELECT process, COUNT(*), CAST(SUM(CASE WHEN due_day < ?3@int AND paused_at = 0 THEN 1 ELSE 0 END) AS "
                    "@int), CAST(SUM(CASE WHEN paused_at <> 0 THEN 1 ELSE 0 END) AS @int), CAST(SUM(CASE WHEN state = "
                    "'incident' THEN 1 ELSE 0 END) AS @int) FROM process_instance WHERE state IN ('active', 'incident') "
                    "AND home = ?1@int AND office IN " OFFICE_SUBTREE("?2@int") " GROUP BY process ORDER BY process",
                    "iii", home, f->office, (int64_t)clock_today(f->call->house->clock));
        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *row = row_of(f, stmt_text(q, 0));
                put_int(row, "open", stmt_int(q, 1));
                put_int(row, "overdue", stmt_int(q, 2));
                put_int(row, "paused", stmt_int(q, 3));
                put_int(row, "incidents", stmt_int(q, 4));
        }
        if (rc == 0)
                rc = tx_query(
                    &q, tx, err,
                    "SELECT process, COUNT(*), CAST(SUM(CASE WHEN worked >= 0 THEN worked ELSE 0 END) AS @int) FROM step_time "
                    "WHERE home = ?1@int AND done_at >= ?3@int AND done_at < ?4@int AND office IN " OFFICE_SUBTREE(
                        "?2@int") " GROUP BY process ORDER BY process",
                    "iiii", home, f->office, day_instant(f->from), day_instant(f->to));
        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *row = row_of(f, stmt_text(q, 0));
                put_int(row, "steps", stmt_int(q, 1));
                put_int(row, "worked_minutes", stmt_int(q, 2));
        }
        return rc;
}

/* Every process of the pack in force is listed, also one of which nothing happened. */
static int processes_add(struct flow *f, struct error *err)
{
        struct house *h = f->call->house;
        struct pack *pack = NULL;
        char name[40];
        json_t *row;
        size_t i;
        int rc = pack_store_for(h->packs, f->pool, clock_today(h->clock), clock_now(h->clock), &pack, err);

        for (size_t k = 0; rc == 0 && pack_process_name(pack, k, name, sizeof name); k++)
                (void)row_of(f, str_from(name));
        for (i = 0; rc == 0 && (row = json_array_get(f->items, i)) != NULL; i++) {
                const char *process = json_text(row, "process");
                const struct bpmn_model *m = NULL;
                struct error none = {0}; /* a process that was */
                (void)pack_process(pack, process, &m, &none);
                process_titles(row, m, process, "title_zh", "title_en");
                put_bool(row, "in_force", m != NULL);
        }
        return rc;
}

int processes_overview(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct flow f;
        int rc = flow_input(c, in, &f, err);

        rc = rc ? rc : store_read(c->house->store, overview_read, &f, err);
        rc = rc ? rc : processes_add(&f, err);
        if (rc == 0) {
                *out = json_pack("{s:O,s:O,s:I}", "items", f.items, "offices", f.offices, "office", (json_int_t)f.office);
                put_day(*out, "from", f.from);
                put_day(*out, "to", f.to - 1);
                if (*out == NULL)
                        rc = error_raise(err, SB_MEMORY, "%s", "");
        }
        flow_dispose(&f);
        return rc;
}
