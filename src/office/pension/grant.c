/* SPDX-License-Identifier: Apache-2.0
 *
 * From the question to the award: preview, application (starts P17), computation and award as service tasks of the process. Four eyes
 * are the process's: nobody completes two of its tasks. A correction is a new award that replaces the old one, whose row is closed.
 */
#include "office/json.h"
#include "office/letter/record.h"
#include "office/pension/letter_of.h"
#include "office/pension/question.h"

#include <stdlib.h>
#include <string.h>

struct asked {
        int64_t person, replaces;
        month_t month;
};

static int asked_read(struct asked *a, const json_t *in, struct error *err)
{
        int rc = json_get_int(in, "person", true, &a->person, err);

        a->replaces = 0;
        if (rc == 0)
                rc = json_get_month(in, "month", true, &a->month, err);
        return rc ? rc : json_get_int(in, "replaces", false, &a->replaces, err);
}

/* --- preview ----------------------------------------------------------------------------------------------------------- */

static json_t *reasons_of(const json_t *result)
{
        json_t *out = json_array(), *reason;
        size_t i;

        json_array_foreach(json_object_get(result, "reasons"), i, reason)
        {
                json_t *o = json_is_object(reason) ? json_copy(reason) : json_object();

                if (!json_object_get(o, "passed"))
                        put_bool(o, "passed", false);
                json_array_append_new(out, o);
        }
        return out;
}

/* What the pack lacks, in the reader's language; the key by itself too, so that it can be looked for. */
static json_t *missing_of(const struct error *fault, enum lang lang)
{
        json_t *list = json_array(), *o;
        char text[1024], key[128];

        if (!fault)
                return list;
        o = json_object();
        text_copy(key, sizeof(key), (struct str){fault->args, strcspn(fault->args, "\x1f")});
        put_text(o, "key", key);
        put_text(o, "text", error_text(fault, lang, text, sizeof(text)));
        json_array_append_new(list, o);
        return list;
}

/* Which rule was asked, so that a page can show it and try it again; null when no pack is in force. */
static json_t *rule_asked(struct call *c, const struct question *q)
{
        const struct case_decision *d = &q->decision;
        struct error none = {0};
        struct pack *pack;
        char hex[65], day[16];

        if (d->model == NULL || pack_store_for(c->house->packs, d->pool, d->day, clock_now(c->house->clock), &pack, &none) < 0)
                return json_null();
        return json_pack("{s:s,s:s,s:s,s:s}", "source", hash_hex(pack_hash(pack), hex), "model", d->model, "decision", d->name,
                         "day", day_text(d->day, day));
}

static json_t *preview_answer(const struct question *q, const struct error *fault, enum lang lang)
{
        json_t *o = json_object();

        put_bool(o, "eligible", !fault && result_eligible(q->result));
        put_value(o, "reasons", fault ? json_array() : reasons_of(q->result));
        put_value(o, "inputs", json_incref(q->inputs));
        put_value(o, "result", fault ? json_null() : result_flat(q->result));
        put_value(o, "derivation", q->derivation ? json_incref(q->derivation) : json_null());
        put_value(o, "missing", missing_of(fault, lang));
        put_month(o, "month", q->month);
        if (!fault)
                put_month(o, "month_from", result_from(q->result, q->month));
        return o;
}

int pension_preview(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct error fault = {0};
        struct question q = {0};
        struct asked a;
        int rc = asked_read(&a, in, err);

        if (rc == 0)
                rc = question_ask(&q, c, a.person, a.month, &fault);
        if (rc == 0) {
                *out = preview_answer(&q, NULL, c->who.lang);
                put_value(*out, "rule", rule_asked(c, &q));
        } else if (fault.code == SB_PARAMETER_MISSING || fault.code == SB_PARAMETER_UNKNOWN) {
                *out = preview_answer(&q, &fault, c->who.lang);
                rc = 0;
        } else if (fault.code != SB_OK && err) {
                *err = fault;
        }
        question_dispose(&q);
        return rc;
}

/* --- apply ------------------------------------------------------------------------------------------------------------- */

struct apply_work {
        struct asked asked;
        struct question question;
        int64_t instance;
};

static int held_award(struct tx *tx, int32_t home, int64_t person, int64_t replaces, const char *number, struct error *err)
{
        struct stmt *q = NULL;
        char award[32];
        int rc =
            tx_one(&q, tx, err,
                   "SELECT id FROM award WHERE home = ?1@int AND person = ?2@int AND scheme = ?3@text AND state = 'active' "
                   "AND known_to = ?4@int AND id <> ?5@int ORDER BY id LIMIT 1",
                   "iitii", (int64_t)home, person, PENSION_SCHEME, (int64_t)INSTANT_END, replaces);

        if (rc == 1)
                return error_raise(err, SB_PENSION_EXISTS, "%s|%s", number,
                                   readable_number(AWARD_PREFIX, home, stmt_int(q, 0), award));
        return rc;
}

static int apply_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct apply_work *w = ctx;
        struct question *q = &w->question;
        json_t *variables = json_object();
        struct case_start start = {.process = "P17",
                                   .subject_kind = "person",
                                   .subject = q->person.id,
                                   .office = c->who.office,
                                   .pool = q->pool,
                                   .variables = variables};
        char number[32];
        int rc = held_award(tx, c->house->home, q->person.id, w->asked.replaces, q->person.number, err);

        put_int(variables, "person", q->person.id);
        put_month(variables, "month", w->asked.month);
        if (w->asked.replaces)
                put_int(variables, "replaces", w->asked.replaces);
        if (rc == 0)
                rc = case_start(tx, c, &start, &w->instance, err);
        json_decref(variables);
        if (rc == 0 && !(*out = json_object()))
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc)
                return rc;
        put_int(*out, "case", w->instance);
        put_text(*out, "number", readable_number('C', c->house->home, w->instance, number));
        change->subject_kind = "person";
        change->subject = q->person.id;
        return 0;
}

static int eligible_need(const struct question *q, struct error *err)
{
        const json_t *reason = json_array_get(json_object_get(q->result, "reasons"), 0);
        const char *zh = json_string_value(json_object_get(reason, "text_zh")),
                   *en = json_string_value(json_object_get(reason, "text_en"));
        const char *article = json_string_value(json_object_get(reason, "article"));

        if (result_eligible(q->result))
                return 0;
        error_raise(err, SB_PENSION_NOT_DUE, "%s|%s\x1e%s", q->person.number, en ? en : "", zh ? zh : "");
        if (article)
                error_article(err, article);
        return ERR;
}

int pension_apply(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct apply_work w = {.instance = 0};
        char day[16];
        int rc = verb_repeated(c, registry_find(c->house->verbs, "pension.apply"), in, out, err);

        if (rc != 0)
                return rc < 0 ? rc : 0;
        rc = asked_read(&w.asked, in, err);
        if (rc == 0)
                rc = question_ask(&w.question, c, w.asked.person, w.asked.month, err);
        if (rc == 0 && w.question.person.death != DAY_END)
                rc = error_raise(err, SB_PENSION_DEAD, "%s|%s", w.question.person.number,
                                 day_text(w.question.person.death, day));
        if (rc == 0)
                rc = eligible_need(&w.question, err);
        if (rc == 0)
                rc = case_change(c, registry_find(c->house->verbs, "pension.apply"), in, apply_apply, &w, out, err);
        question_dispose(&w.question);
        return rc;
}

/* --- pension.check ------------------------------------------------------------------------------------------------------ */

struct holding {
        struct call *call;
        const struct question *question;
        int64_t replaces;
};
static int held_read(struct tx *tx, void *ctx, struct error *err)
{
        const struct holding *h = ctx;

        return held_award(tx, h->call->house->home, h->question->person.id, h->replaces, h->question->person.number, err);
}

/* What stands against an application whatever the facts of the claim are; SB_OK in *why: nothing. */
static void against(struct call *c, const json_t *form, struct error *why)
{
        struct question q = {0};
        struct asked a;
        char day[16];
        int rc = asked_read(&a, form, why);

        rc = rc ? rc : question_ask(&q, c, a.person, a.month, why);
        if (rc == 0 && q.person.death != DAY_END)
                rc = error_raise(why, SB_PENSION_DEAD, "%s|%s", q.person.number, day_text(q.person.death, day));
        if (rc == 0) {
                struct holding held = {c, &q, a.replaces};
                store_read(c->house->store, held_read, &held, why);
        }
        question_dispose(&q);
}

/* The counter is told before a case begins that nothing was ever paid, or that there is an award. Who is not entitled yet may still
 * apply: they have a right to a decision that says why. */
int pension_check(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct error why = {0};
        char zh[600], en[600];

        against(c, json_object_get(in, "form"), &why);
        if (why.code == SB_PENSION_HISTORY || why.code == SB_PENSION_DEAD || why.code == SB_PENSION_EXISTS)
                *out = json_pack("{s:[{s:s,s:s,s:s}]}", "faults", "field", "person", "zh",
                                 error_text(&why, LANG_ZH, zh, sizeof zh), "en", error_text(&why, LANG_EN, en, sizeof en));
        else if (why.code == SB_OK || why.code == SB_PARAMETER_MISSING || why.code == SB_PARAMETER_UNKNOWN)
                *out = json_pack("{s:[]}", "faults"); /* a figure that the pack lacks is the computation's to tell */
        else {
                if (err != NULL)
                        *err = why;
                return ERR;
        }
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

/* --- compute ----------------------------------------------------------------------------------------------------------- */

static int compute_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct question *q = ctx;
        int64_t id = 0;
        fen_t total = 0;
        int rc = decision_store(tx, c, &q->decision, q->result, q->derivation, &id, err);

        if (rc == 0 && result_eligible(q->result))
                rc = figure_fen(q->result, "total", &total, err);
        if (rc == 0 && !(*out = json_object()))
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc)
                return rc;
        put_int(*out, "decision", id);
        put_bool(*out, "eligible", result_eligible(q->result));
        put_money(*out, "total", total);
        put_month(*out, "month_from", result_from(q->result, q->month));
        change->subject_kind = "decision";
        change->subject = id;
        return 0;
}

int pension_compute(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct question q = {0};
        struct asked a;
        int rc = asked_read(&a, in, err);

        if (rc == 0)
                rc = question_ask(&q, c, a.person, a.month, err);
        if (rc == 0)
                rc = verb_change(c, registry_find(c->house->verbs, "pension.compute"), in, compute_apply, &q, out, err);
        question_dispose(&q);
        return rc;
}

/* --- award --------------------------------------------------------------------------------------------------------------- */

struct grant {
        struct asked asked;
        int64_t decision, award, entered_by, approved_by;
        fen_t decided; /* total of the stored decision */
        struct question question;
        fen_t basic, account, transition, extra, total;
        month_t from;
        struct buf payee;
        struct award_letters *letters;
};

static int stored_total(struct tx *tx, struct grant *g, int32_t home, struct error *err)
{
        struct stmt *q = NULL;
        json_t *result = NULL;
        char id[24];
        int rc =
            tx_one(&q, tx, err,
                   "SELECT result FROM decision WHERE home = ?1@int AND id = ?2@int AND person = ?3@int AND model = ?4@text",
                   "iiit", (int64_t)home, g->decision, g->asked.person, PENSION_MODEL);

        if (rc == 0)
                return error_raise(err, SB_PENSION_DECISION, "%s", text_format(id, sizeof(id), "%lld", (long long)g->decision));
        if (rc == 1)
                rc = json_read(&result, stmt_text(q, 0), err);
        if (rc == 0)
                rc = figure_fen(result, "total", &g->decided, err);
        json_decref(result);
        return rc;
}

/* Who began the case, and who completed its last task. */
static int hands_read(struct tx *tx, struct grant *g, struct call *c, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_one(&q, tx, err, "SELECT started_by FROM process_instance WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)c->house->home, c->instance);

        g->entered_by = rc == 1 ? stmt_int(q, 0) : c->who.staff;
        if (rc >= 0)
                rc = tx_one(&q, tx, err,
                            "SELECT done_by FROM task WHERE home = ?1@int AND instance = ?2@int AND state = 'done' ORDER BY "
                            "done_at DESC, "
                            "id DESC LIMIT 1",
                            "ii", (int64_t)c->house->home, c->instance);
        g->approved_by = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

struct grant_read {
        struct grant *grant;
        struct call *call;
};
static int grant_read(struct tx *tx, void *ctx, struct error *err)
{
        struct grant_read *r = ctx;
        int rc = stored_total(tx, r->grant, r->call->house->home, err);

        return rc ? rc : hands_read(tx, r->grant, r->call, err);
}

static int grant_figures(struct grant *g, struct error *err)
{
        const json_t *r = g->question.result;
        char then[24], now[24];
        int rc = figure_fen(r, "basic", &g->basic, err);

        rc = rc ? rc : figure_fen(r, "account", &g->account, err);
        rc = rc ? rc : figure_fen(r, "transition", &g->transition, err);
        rc = rc ? rc : figure_fen(r, "extra", &g->extra, err);
        rc = rc ? rc : figure_fen(r, "total", &g->total, err);
        if (rc)
                return rc;
        if (g->basic < 0 || g->account < 0 || g->transition < 0 || g->extra < 0 || g->total <= 0 ||
            g->basic + g->account + g->transition + g->extra != g->total)
                return error_raise(err, SB_PENSION_PARTS, "%s", g->question.person.number);
        if (g->total != g->decided)
                return error_raise(err, SB_PENSION_STALE, "%s|%s|%s", g->question.person.number, money_text(g->decided, then),
                                   money_text(g->total, now));
        g->from = result_from(r, g->asked.month);
        return 0;
}

static int close_old(struct tx *tx, struct call *c, const struct grant *g, struct error *err)
{
        int64_t changed = 0;
        char number[32];
        int rc = tx_exec_changed(
            tx, &changed, err,
            "UPDATE award SET known_to = ?1@int, state = 'replaced', version = version + 1 WHERE home = ?2@int AND id = ?3@int "
            "AND person = ?4@int AND state = 'active' AND known_to = ?5@int",
            "iiiii", (int64_t)clock_now(c->house->clock), (int64_t)c->house->home, g->asked.replaces, g->asked.person,
            (int64_t)INSTANT_END);

        return rc == 0 && changed != 1 ? error_raise(err, SB_PENSION_AWARD, "%s",
                                                     readable_number(AWARD_PREFIX, c->house->home, g->asked.replaces, number))
                                       : rc;
}

static int award_insert(struct tx *tx, struct call *c, const struct grant *g, struct error *err)
{
        return tx_exec(
            tx, err,
            "INSERT INTO award (home, id, person, scheme, pool, kind, instance, decision, month_from, month_to, basic_fen, "
            "account_fen, transition_fen, extra_fen, total_fen, state, payee_sealed, entered_by, approved_by, known_from, "
            "known_to, "
            "replaces, version) VALUES (?1@int, ?2@int, ?3@int, ?4@text, ?5@int, 'pension', ?6@int, ?7@int, ?8@int, ?9@int, "
            "?10@int, ?11@int, ?12@int, ?13@int, ?14@int, 'active', ?15@blob, ?16@int, ?17@int, ?18@int, ?19@int, ?20@int, 1)",
            "iiitiiiiiiiiiibiiiii", (int64_t)c->house->home, g->award, g->asked.person, PENSION_SCHEME, g->question.pool,
            c->instance, g->decision, (int64_t)g->from, (int64_t)MONTH_END, g->basic, g->account, g->transition, g->extra,
            g->total, (struct str){g->payee.n ? g->payee.p : "", g->payee.n}, g->entered_by, g->approved_by,
            (int64_t)clock_now(c->house->clock), (int64_t)INSTANT_END, g->asked.replaces);
}

static int award_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct grant *g = ctx;
        char number[32];
        int64_t document = 0;
        /* The person's row is the lock under which one award at most holds. */
        int rc = person_touch(tx, c->house->home, g->asked.person, 0, NULL, err);

        if (rc == 0)
                rc = held_award(tx, c->house->home, g->asked.person, g->asked.replaces, g->question.person.number, err);
        if (rc == 0 && g->asked.replaces)
                rc = close_old(tx, c, g, err);
        if (rc == 0)
                rc = award_insert(tx, c, g, err);
        if (rc == 0)
                rc = award_letters_store(tx, c, g->letters, g->asked.person, g->award, &document, err);
        if (rc == 0 && !(*out = json_object()))
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc)
                return rc;
        put_int(*out, "award", g->award);
        put_text(*out, "number", readable_number(AWARD_PREFIX, c->house->home, g->award, number));
        put_money(*out, "total", g->total);
        put_month(*out, "month_from", g->from);
        put_int(*out, "document", document);
        change->subject_kind = "award";
        change->subject = g->award;
        change->audit = json_copy(*out);
        return 0;
}

static int grant_prepare(struct grant *g, struct call *c, struct error *err)
{
        const struct person *p = &g->question.person;
        struct grant_read r = {.grant = g, .call = c};
        int rc = store_read(c->house->store, grant_read, &r, err);

        if (rc == 0)
                rc = eligible_need(&g->question, err);
        if (rc == 0)
                rc = grant_figures(g, err);
        if (rc == 0)
                rc = ids_next(c->house->ids, &g->award, err);
        payee_seal(&g->payee, &p->key, p->name, p->bank_name, p->bank_account);
        if (rc == 0)
                rc = buf_check(&g->payee, err);
        return rc;
}

int pension_award(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct grant g = {.decision = 0};
        struct award_facts facts;
        int rc = verb_repeated(c, registry_find(c->house->verbs, "pension.award"), in, out, err);

        if (rc != 0)
                return rc < 0 ? rc : 0;
        rc = asked_read(&g.asked, in, err);
        buf_init(&g.payee, 4096);
        if (rc == 0)
                rc = json_get_int(in, "decision", true, &g.decision, err);
        if (rc == 0)
                rc = question_ask(&g.question, c, g.asked.person, g.asked.month, err);
        if (rc == 0)
                rc = grant_prepare(&g, c, err);
        facts = (struct award_facts){.award = g.award,
                                     .decision = g.decision,
                                     .from = g.from,
                                     .basic = g.basic,
                                     .account = g.account,
                                     .transition = g.transition,
                                     .extra = g.extra,
                                     .total = g.total,
                                     .replaces = g.asked.replaces};
        if (rc == 0)
                rc = award_letters_make(&g.letters, c, &facts, &g.question, err);
        if (rc == 0)
                rc = verb_change(c, registry_find(c->house->verbs, "pension.award"), in, award_apply, &g, out, err);
        award_letters_free(g.letters);
        buf_dispose(&g.payee);
        question_dispose(&g.question);
        return rc;
}
