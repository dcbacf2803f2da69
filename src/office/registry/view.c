/* SPDX-License-Identifier: Apache-2.0 */
#include "office/json.h"

#include "office/registry/registry.h"

#include <string.h>

/* Pages of a person and of an employer. What other subjects know is read here as a read model, by their tables' keys. */

static json_t *employments_json(struct tx *tx, struct house *h, int64_t person, struct error *err)
{
        struct stmt *q = NULL;
        json_t *items = json_array();
        int rc = tx_query(&q, tx, err,
                          "SELECT m.id, m.employer, f.name, m.category, m.valid_from, m.valid_to FROM employment m "
                          "LEFT JOIN employer_fact f ON f.home = m.employer_home AND f.employer = m.employer AND f.known_to = "
                          "?3@int AND f.valid_from <= ?4@int AND f.valid_to > ?4@int "
                          "WHERE m.home = ?1@int AND m.person = ?2@int AND m.known_to = ?3@int ORDER BY m.valid_from, m.id",
                          "iiii", (int64_t)h->home, person, (int64_t)INSTANT_END, (int64_t)clock_today(h->clock));

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "id", stmt_int(q, 0));
                put_int(o, "employer", stmt_int(q, 1));
                put_str(o, "employer_name", stmt_text(q, 2));
                put_str(o, "category", stmt_text(q, 3));
                put_day(o, "from", (day_t)stmt_int(q, 4));
                put_last_day(o, "to", (day_t)stmt_int(q, 5));
                json_array_append_new(items, o);
        }
        if (rc == 0)
                return items;
        json_decref(items);
        return NULL;
}

static json_t *accounts_json(struct tx *tx, struct house *h, int64_t person, enum lang lang, struct error *err)
{
        struct stmt *q = NULL;
        json_t *items = json_array();
        int rc = tx_query(&q, tx, err,
                          "SELECT a.id, a.scheme, p.name_zh, p.name_en, a.balance_fen FROM personal_account a LEFT JOIN pool p "
                          "ON p.id = a.pool WHERE a.home = ?1@int AND a.person = ?2@int ORDER BY a.scheme, a.pool",
                          "ii", (int64_t)h->home, person);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "id", stmt_int(q, 0));
                put_str(o, "scheme", stmt_text(q, 1));
                put_str(o, "pool", stmt_text(q, lang == LANG_ZH ? 2 : 3));
                put_money(o, "balance", stmt_int(q, 4));
                json_array_append_new(items, o);
        }
        if (rc == 0)
                return items;
        json_decref(items);
        return NULL;
}

static json_t *awards_json(struct tx *tx, struct house *h, int64_t person, struct error *err)
{
        struct stmt *q = NULL;
        char number[32];
        json_t *items = json_array();
        int rc = tx_query(&q, tx, err,
                          "SELECT id, scheme, total_fen, month_from, month_to, state FROM award WHERE home = ?1@int AND person "
                          "= ?2@int AND known_to = ?3@int ORDER BY month_from, id",
                          "iii", (int64_t)h->home, person, (int64_t)INSTANT_END);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "id", stmt_int(q, 0));
                put_text(o, "number", readable_number('A', h->home, stmt_int(q, 0), number));
                put_str(o, "scheme", stmt_text(q, 1));
                put_money(o, "total", stmt_int(q, 2));
                put_month(o, "month_from", (month_t)stmt_int(q, 3));
                put_month(o, "month_to", (month_t)stmt_int(q, 4));
                put_str(o, "state", stmt_text(q, 5));
                json_array_append_new(items, o);
        }
        if (rc == 0)
                return items;
        json_decref(items);
        return NULL;
}

struct view {
        struct call *call;
        int64_t id, after;
        month_t month;
        int limit;
        json_t *out;
};

static json_t *person_json(const struct person *p, day_t today)
{
        char masked[64];
        json_t *o = json_object();

        put_int(o, "id", p->id);
        put_text(o, "number", p->number);
        put_text(o, "name", p->name);
        put_text(o, "id_number_masked", text_mask(masked, sizeof masked, p->id_number, 6, 4));
        put_text(o, "sex", p->sex == SEX_MALE ? "male" : "female");
        put_day(o, "birth", p->birth);
        put_int(o, "age_months", months_between(p->birth, p->death < today ? p->death : today));
        if (p->death < DAY_END)
                put_day(o, "death", p->death);
        put_text(o, "category", p->category);
        put_text(o, "telephone_masked", text_mask(masked, sizeof masked, p->telephone, 3, 4));
        put_text(o, "bank_name", p->bank_name);
        put_text(o, "bank_account_masked", text_mask(masked, sizeof masked, p->bank_account, 0, 4));
        put_text(o, "state", p->death < DAY_END ? "dead" : p->state);
        put_text(o, "registration", p->state);
        put_int(o, "version", p->version);
        return o;
}

static int person_get_read(struct tx *tx, void *ctx, struct error *err)
{
        struct view *v = ctx;
        struct house *h = v->call->house;
        struct person p;
        int rc = person_read(tx, h, h->home, v->id, &p, err);

        if (rc < 0)
                return rc;
        json_decref(v->out); /* of an attempt that failed softly */
        v->out = person_json(&p, clock_today(h->clock));
        person_dispose(&p);
        json_t *employments = employments_json(tx, h, v->id, err);
        json_t *accounts = employments == NULL ? NULL : accounts_json(tx, h, v->id, v->call->who.lang, err);
        json_t *awards = accounts == NULL ? NULL : awards_json(tx, h, v->id, err);
        put_value(v->out, "employments", employments);
        put_value(v->out, "accounts", accounts);
        put_value(v->out, "awards", awards);
        return awards == NULL ? (err->soft ? ERR_SOFT : ERR) : 0;
}

/* Read by fn into v->out, which becomes the answer. */
static int view_read(struct call *c, store_apply *fn, struct view *v, json_t **out, struct error *err)
{
        int rc = store_read(c->house->store, fn, v, err);

        if (rc == 0 && v->out == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc < 0) {
                json_decref(v->out);
                return rc;
        }
        *out = v->out;
        return 0;
}

int registry_person_get(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct view v = {.call = c};
        int rc = json_get_int(in, "person", true, &v.id, err);

        return rc < 0 ? rc : view_read(c, person_get_read, &v, out, err);
}

/* --- reveal: looked at on purpose, and the look is recorded ------------------------------------------------------------ */

struct look {
        int64_t person;
        const char *reason;
};

static int reveal_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct look *l = ctx;
        (void)out;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT 1 FROM person WHERE home = ?1@int AND id = ?2@int", "ii", (int64_t)c->house->home,
                        l->person);
        if (rc == 0)
                return error_raise(err, SB_REGISTRY_PERSON, "%lld", (long long)l->person);
        if (rc < 0)
                return rc;
        change->subject_kind = "person";
        change->subject = l->person;
        change->audit = json_pack("{s:s}", "reason", l->reason);
        /* The answer that is kept beside the idempotency key holds no personal data. */
        *out = json_pack("{s:I}", "person", (json_int_t)l->person);
        return *out == NULL || change->audit == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int reveal_read(struct tx *tx, void *ctx, struct error *err)
{
        struct view *v = ctx;
        struct house *h = v->call->house;
        struct person p;
        int rc = person_read(tx, h, h->home, v->id, &p, err);

        if (rc < 0)
                return rc;
        json_decref(v->out);
        v->out = json_object();
        put_text(v->out, "id_number", p.id_number);
        put_text(v->out, "telephone", p.telephone);
        put_text(v->out, "bank_account", p.bank_account);
        person_dispose(&p);
        return 0;
}

int registry_person_reveal(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct look l = {0};
        struct view v = {.call = c};
        json_t *recorded = NULL;
        int rc = json_get_int(in, "person", true, &l.person, err);

        if (rc == 0)
                rc = json_get_text(in, "reason", true, &l.reason, err);
        if (rc == 0 && (utf8_length(str_trim(str_from(l.reason))) < 4 || strlen(l.reason) > 400)) {
                error_raise(err, SB_REGISTRY_REASON, "%s", "");
                rc = error_where(err, "reason");
        }
        if (rc == 0)
                rc = verb_change(c, registry_find(c->house->verbs, "registry.person_reveal"), in, reveal_apply, &l, &recorded,
                                 err);
        json_decref(recorded);
        v.id = l.person;
        return rc < 0 ? rc : view_read(c, reveal_read, &v, out, err);
}

/* --- employer ------------------------------------------------------------------------------------------------------------ */

static int workers_count(struct tx *tx, struct house *h, int64_t employer, day_t day, int64_t *out, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT COUNT(*) FROM employment WHERE employer_home = ?1@int AND employer = ?2@int AND valid_from <= "
                        "?3@int AND valid_to > ?3@int AND known_to = ?4@int",
                        "iiii", (int64_t)h->home, employer, (int64_t)day, (int64_t)INSTANT_END);

        if (rc == 1)
                *out = stmt_int(q, 0);
        return rc < 0 ? rc : 0;
}

static json_t *declarations_json(struct tx *tx, struct house *h, int64_t employer, struct error *err)
{
        struct stmt *q = NULL;
        json_t *items = json_array();
        int rc =
            tx_query(&q, tx, err,
                     "SELECT d.id, d.month, d.state, d.workers, d.due_day, CAST(COALESCE(SUM(a.employer_fen + a.person_fen - a.reduced_fen), "
                     "0) AS @int), CAST(COALESCE(SUM(a.received_fen), 0) AS @int) FROM declaration d LEFT JOIN assessment a "
                     "ON a.home = d.home AND a.declaration = d.id WHERE d.home = ?1@int AND d.employer = ?2@int GROUP BY "
                     "d.id, d.month, d.state, d.workers, d.due_day ORDER BY d.month DESC, d.id DESC LIMIT 24",
                     "ii", (int64_t)h->home, employer);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "id", stmt_int(q, 0));
                put_month(o, "month", (month_t)stmt_int(q, 1));
                put_str(o, "state", stmt_text(q, 2));
                put_int(o, "workers", stmt_int(q, 3));
                put_day(o, "due_day", (day_t)stmt_int(q, 4));
                put_money(o, "due_total", stmt_int(q, 5));
                put_money(o, "received", stmt_int(q, 6));
                json_array_append_new(items, o);
        }
        if (rc == 0)
                return items;
        json_decref(items);
        return NULL;
}

static int employer_get_read(struct tx *tx, void *ctx, struct error *err)
{
        struct view *v = ctx;
        struct house *h = v->call->house;
        struct employer e;
        int64_t workers = 0;
        char masked[64];
        int rc = employer_read(tx, h, h->home, v->id, &e, err);

        if (rc == 0)
                rc = workers_count(tx, h, v->id, clock_today(h->clock), &workers, err);
        if (rc < 0)
                return rc;
        json_t *declarations = declarations_json(tx, h, v->id, err);
        if (declarations == NULL)
                return err->soft ? ERR_SOFT : ERR;
        json_decref(v->out);
        json_t *o = v->out = json_object();
        put_int(o, "id", e.id);
        put_text(o, "number", e.number);
        put_text(o, "name", e.name);
        put_text(o, "uscc", e.uscc);
        put_text(o, "kind", e.kind);
        put_text(o, "industry", e.industry);
        put_text(o, "territory", e.territory);
        put_text(o, "contact", e.contact);
        put_text(o, "bank_name", e.bank_name);
        put_text(o, "bank_account_masked", text_mask(masked, sizeof masked, e.bank_account, 0, 4));
        put_text(o, "state", e.state);
        put_int(o, "version", e.version);
        put_int(o, "workers", workers);
        put_value(o, "declarations", declarations);
        return 0;
}

int registry_employer_get(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct view v = {.call = c};
        int rc = json_get_int(in, "employer", true, &v.id, err);

        return rc < 0 ? rc : view_read(c, employer_get_read, &v, out, err);
}

/* --- workers of an employer in a month, in order of person ---------------------------------------------------------------- */

struct worker {
        int64_t person, wage;
        day_t from, to;
        bool has_wage;
};

static int last_wage(struct tx *tx, struct house *h, int64_t employer, struct worker *w, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT l.wage_fen FROM declaration d JOIN declaration_line l ON l.home = d.home AND l.declaration = "
                        "d.id AND l.person_home = d.home AND l.person = ?3@int WHERE d.home = ?1@int AND d.employer = ?2@int "
                        "ORDER BY d.month DESC, d.id DESC LIMIT 1",
                        "iii", (int64_t)h->home, employer, w->person);

        if (rc == 0) /* the base of the last month on record stands in for a wage that was never declared here */
                rc = tx_one(
                    &q, tx, err,
                    "SELECT base_fen FROM contribution WHERE home = ?1@int AND person = ?3@int AND employer = ?2@int AND "
                    "known_to = ?4@int ORDER BY month_to DESC LIMIT 1",
                    "iiii", (int64_t)h->home, employer, w->person, (int64_t)INSTANT_END);
        if (rc == 1) {
                w->wage = stmt_int(q, 0);
                w->has_wage = true;
        }
        return rc < 0 ? rc : 0;
}

static int worker_json(struct tx *tx, struct house *h, int64_t employer, struct worker *w, json_t **out, struct error *err)
{
        struct person p;
        char masked[32];
        int rc = person_read(tx, h, h->home, w->person, &p, err);

        if (rc == 0)
                rc = last_wage(tx, h, employer, w, err);
        if (rc < 0)
                return rc;
        json_t *o = json_object();
        put_int(o, "person", p.id);
        put_text(o, "number", p.number);
        put_text(o, "name", p.name);
        put_text(o, "id_number_masked", text_mask(masked, sizeof masked, p.id_number, 6, 4));
        put_day(o, "from", w->from);
        put_last_day(o, "to", w->to);
        if (w->has_wage)
                put_money(o, "last_wage", w->wage);
        person_dispose(&p);
        *out = o;
        return 0;
}

static int workers_read(struct tx *tx, void *ctx, struct error *err)
{
        struct view *v = ctx;
        struct house *h = v->call->house;
        struct worker list[201];
        struct stmt *q = NULL;
        struct employer e;
        char next[24];
        int n = 0;
        int rc = employer_read(tx, h, h->home, v->id, &e, err);

        if (rc == 0)
                rc = tx_query(
                    &q, tx, err,
                    "SELECT person, MIN(valid_from), MAX(valid_to) FROM employment WHERE employer_home = ?1@int AND "
                    "employer = ?2@int AND valid_from <= ?4@int AND valid_to > ?3@int AND known_to = ?5@int AND person "
                    "> ?6@int GROUP BY person ORDER BY person LIMIT ?7@int",
                    "iiiiiii", (int64_t)h->home, v->id, (int64_t)month_first(v->month), (int64_t)month_last(v->month),
                    (int64_t)INSTANT_END, v->after, (int64_t)v->limit + 1);
        while ((rc = row_next(rc, q, err)) == 1) {
                list[n++] =
                    (struct worker){.person = stmt_int(q, 0), .from = (day_t)stmt_int(q, 1), .to = (day_t)stmt_int(q, 2)};
        }
        json_t *items = json_array();
        for (int i = 0; rc == 0 && i < n && i < v->limit; i++) {
                json_t *o = NULL;
                rc = worker_json(tx, h, v->id, &list[i], &o, err);
                if (rc == 0)
                        json_array_append_new(items, o);
        }
        if (rc < 0) {
                json_decref(items);
                return rc;
        }
        json_decref(v->out);
        v->out = NULL;
        if (n > v->limit)
                text_format(next, sizeof next, "%lld", (long long)list[v->limit - 1].person);
        return list_answer(&v->out, items, n > v->limit ? next : NULL, err);
}

int registry_employer_workers(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct view v = {.call = c, .month = month_of(clock_today(c->house->clock))};
        int rc = json_get_int(in, "employer", true, &v.id, err);

        if (rc == 0)
                rc = json_get_month(in, "month", false, &v.month, err);
        if (rc == 0)
                rc = list_page(in, &v.limit, &v.after, err);
        return rc < 0 ? rc : view_read(c, workers_read, &v, out, err);
}
