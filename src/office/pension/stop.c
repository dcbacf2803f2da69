/* SPDX-License-Identifier: Apache-2.0
 *
 * Awards looked at, stopped, resumed, and whom they are paid to; the table of the subject's verbs.
 */
#include "office/json.h"

#include "office/pension/pension.h"

#include <string.h>

struct award_row {
        int64_t id, person, pool, instance, decision, entered_by, approved_by, replaces, version;
        char scheme[32], kind[32], state[16];
        month_t from, to;
        fen_t basic, account, transition, extra, total;
        instant_t known_from;
        bool payee;
};

static int row_read(struct tx *tx, int32_t home, int64_t id, struct award_row *out, struct error *err)
{
        struct stmt *q = NULL;
        char number[32];
        int rc = tx_one(&q, tx, err,
                        "SELECT person, pool, instance, decision, entered_by, approved_by, replaces, version, scheme, kind, "
                        "state, month_from, "
                        "month_to, basic_fen, account_fen, transition_fen, extra_fen, total_fen, known_from, "
                        "CASE WHEN LENGTH(payee_sealed) > 0 THEN 1 ELSE 0 END FROM award WHERE home = ?1@int AND id = ?2@int",
                        "ii", (int64_t)home, id);

        if (rc == 0)
                return error_raise(err, SB_PENSION_AWARD, "%s", readable_number(AWARD_PREFIX, home, id, number));
        if (rc < 0)
                return rc;
        *out = (struct award_row){
            .id = id,
            .person = stmt_int(q, 0),
            .pool = stmt_int(q, 1),
            .instance = stmt_int(q, 2),
            .decision = stmt_int(q, 3),
            .entered_by = stmt_int(q, 4),
            .approved_by = stmt_int(q, 5),
            .replaces = stmt_int(q, 6),
            .version = stmt_int(q, 7),
            .from = (month_t)stmt_int(q, 11),
            .to = (month_t)stmt_int(q, 12),
            .basic = stmt_int(q, 13),
            .account = stmt_int(q, 14),
            .transition = stmt_int(q, 15),
            .extra = stmt_int(q, 16),
            .total = stmt_int(q, 17),
            .known_from = stmt_int(q, 18),
            .payee = stmt_int(q, 19) != 0,
        };
        text_copy(out->scheme, sizeof(out->scheme), stmt_text(q, 8));
        text_copy(out->kind, sizeof(out->kind), stmt_text(q, 9));
        text_copy(out->state, sizeof(out->state), stmt_text(q, 10));
        return 0;
}

/* --- look ---------------------------------------------------------------------------------------------------------------- */

struct look {
        struct call *call;
        int64_t award;
        json_t *out;
};

static int stops_put(struct tx *tx, struct look *l, struct error *err)
{
        json_t *stops = json_array();
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT id, reason, month_from, month_to, known_from, known_to FROM award_stop WHERE home = ?1@int "
                          "AND award = ?2@int "
                          "ORDER BY id",
                          "ii", (int64_t)l->call->house->home, l->award);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();

                put_int(o, "id", stmt_int(q, 0));
                put_str(o, "reason", stmt_text(q, 1));
                put_month(o, "month_from", (month_t)stmt_int(q, 2));
                put_month(o, "month_to", (month_t)stmt_int(q, 3));
                put_instant(o, "known_from", stmt_int(q, 4));
                put_bool(o, "lifted", stmt_int(q, 5) != INSTANT_END);
                json_array_append_new(stops, o);
        }
        put_value(l->out, "stops", stops);
        return rc;
}

static int decision_put(struct tx *tx, struct look *l, int64_t decision, struct error *err)
{
        struct stmt *q = NULL;
        json_t *o, *derivation = NULL;
        char hex[65];
        struct hash h = {{0}};
        int rc;

        if (decision == 0) {
                put_value(l->out, "decision", json_null());
                return 0;
        }
        rc = tx_one(&q, tx, err,
                    "SELECT pack_hash, semantics, law_day, model, derivation FROM decision WHERE home = ?1@int AND id = ?2@int",
                    "ii", (int64_t)l->call->house->home, decision);
        if (rc <= 0)
                return rc;
        o = json_object();
        if (stmt_blob(q, 0).n == HASH_BYTES)
                memcpy(h.b, stmt_blob(q, 0).p, HASH_BYTES);
        put_int(o, "id", decision);
        put_text(o, "pack", hash_hex(&h, hex));
        put_int(o, "semantics", stmt_int(q, 1));
        put_day(o, "law_day", (day_t)stmt_int(q, 2));
        put_str(o, "model", stmt_text(q, 3));
        put_value(l->out, "decision", o);
        rc = json_read(&derivation, stmt_text(q, 4), err);
        put_value(l->out, "derivation", derivation);
        return rc;
}

static int letter_put(struct tx *tx, struct look *l, struct error *err)
{
        struct stmt *q = NULL;
        json_t *o;
        const char *kind = l->call->who.lang == LANG_EN ? "letter.en" : "letter.zh";
        int rc = tx_one(&q, tx, err,
                        "SELECT id, title FROM document WHERE home = ?1@int AND subject_kind = 'award' AND subject = ?2@int "
                        "AND kind = ?3@text "
                        "ORDER BY id DESC LIMIT 1",
                        "iit", (int64_t)l->call->house->home, l->award, kind);

        if (rc <= 0) {
                put_value(l->out, "letter", json_null());
                return rc;
        }
        o = json_object();
        put_int(o, "document", stmt_int(q, 0));
        put_str(o, "title", stmt_text(q, 1));
        put_value(l->out, "letter", o);
        return 0;
}

static void row_put(json_t *o, const struct award_row *a, const struct person *p, int32_t home)
{
        json_t *parts = json_object();
        char number[32];

        put_int(o, "id", a->id);
        put_text(o, "number", readable_number(AWARD_PREFIX, home, a->id, number));
        put_int(o, "person", a->person);
        put_text(o, "person_number", p->number);
        put_text(o, "name", p->name);
        put_text(o, "scheme", a->scheme);
        put_int(o, "pool", a->pool);
        put_text(o, "kind", a->kind);
        put_month(o, "month_from", a->from);
        put_month(o, "month_to", a->to);
        put_money(o, "total", a->total);
        put_money(parts, "basic", a->basic);
        put_money(parts, "account", a->account);
        put_money(parts, "transition", a->transition);
        put_money(parts, "extra", a->extra);
        put_value(o, "parts", parts);
        put_text(o, "state", a->state);
        put_bool(o, "payee", a->payee);
        put_instant(o, "known_from", a->known_from);
        put_int(o, "version", a->version);
        put_value(o, "case", a->instance ? json_integer(a->instance) : json_null());
        put_value(o, "replaces", a->replaces ? json_integer(a->replaces) : json_null());
}

static int look_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct look *l = ctx;
        struct house *h = l->call->house;
        struct award_row a;
        struct person p;
        int rc = row_read(tx, h->home, l->award, &a, err);

        if (rc == 0)
                rc = person_read(tx, h, h->home, a.person, &p, err);
        if (rc)
                return rc;
        json_decref(l->out);
        l->out = json_object();
        row_put(l->out, &a, &p, h->home);
        person_dispose(&p);
        rc = decision_put(tx, l, a.decision, err);
        rc = rc < 0 ? rc : stops_put(tx, l, err);
        return rc < 0 ? rc : letter_put(tx, l, err);
}

int pension_award_get(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct look l = {.call = c};
        int rc = json_get_int(in, "award", true, &l.award, err);

        if (rc == 0)
                rc = store_read(c->house->store, look_apply, &l, err);
        if (rc == 0) {
                *out = l.out;
                l.out = NULL;
        }
        json_decref(l.out);
        return rc;
}

/* --- stop, lift ------------------------------------------------------------------------------------------------------------- */

struct stop {
        int64_t award, stop;
        const char *reason;
        month_t from, to;
};

static int stop_insert(struct tx *tx, struct call *c, const struct stop *s, int64_t *id, struct error *err)
{
        int rc = ids_next(c->house->ids, id, err);

        return rc ? rc
                  : tx_exec(tx, err,
                            "INSERT INTO award_stop (home, id, award, reason, month_from, month_to, known_from, known_to, "
                            "actor) VALUES "
                            "(?1@int, ?2@int, ?3@int, ?4@text, ?5@int, ?6@int, ?7@int, ?8@int, ?9@int)",
                            "iiitiiiii", (int64_t)c->house->home, *id, s->award, s->reason, (int64_t)s->from, (int64_t)s->to,
                            (int64_t)clock_now(c->house->clock), (int64_t)INSTANT_END, c->who.staff);
}

/* A reason stops a month once. */
static int stop_free(struct tx *tx, int32_t home, const struct stop *s, struct error *err)
{
        struct stmt *q = NULL;
        char from[16], to[16];
        int rc = tx_one(
            &q, tx, err,
            "SELECT month_from, month_to FROM award_stop WHERE home = ?1@int AND award = ?2@int AND reason = ?3@text AND "
            "known_to = ?4@int AND month_from < ?6@int AND month_to > ?5@int ORDER BY id LIMIT 1",
            "iitiii", (int64_t)home, s->award, s->reason, (int64_t)INSTANT_END, (int64_t)s->from, (int64_t)s->to);

        return rc <= 0 ? rc
                       : error_raise(err, SB_PENSION_STOPPED, "%s|%s", month_text((month_t)stmt_int(q, 0), from),
                                     stmt_int(q, 1) == MONTH_END ? "…" : month_text((month_t)stmt_int(q, 1) - 1, to));
}

static int stop_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct stop *s = ctx;
        struct award_row a;
        int64_t id = 0;
        int rc = row_read(tx, c->house->home, s->award, &a, err);

        if (rc == 0)
                rc = stop_free(tx, c->house->home, s, err);
        if (rc == 0)
                rc = stop_insert(tx, c, s, &id, err);
        if (rc == 0 && !(*out = json_object()))
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc)
                return rc;
        put_int(*out, "id", id);
        change->subject_kind = "award";
        change->subject = s->award;
        change->audit = json_copy(*out);
        put_month(change->audit, "month_from", s->from);
        return 0;
}

int pension_stop(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct stop s = {.to = MONTH_END};
        int rc = json_get_int(in, "award", true, &s.award, err);

        rc = rc ? rc : json_get_text(in, "reason", true, &s.reason, err);
        rc = rc ? rc : json_get_month(in, "month_from", true, &s.from, err);
        rc = rc ? rc : json_get_month(in, "month_to", false, &s.to, err);
        if (rc == 0 && s.to <= s.from)
                rc = error_raise(err, SB_PENSION_MONTHS, "%s", "");
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "pension.stop"), in, stop_apply, &s, out, err);
}

int stop_lift(struct tx *tx, struct call *c, int64_t award, int64_t stop, month_t until, struct error *err)
{
        struct stop kept = {.award = award, .stop = stop, .to = until};
        const struct stop *s = &kept;
        char reason[128];
        struct stmt *q = NULL;
        int64_t changed = 0, id = 0;
        int rc = tx_one(
            &q, tx, err,
            "SELECT reason, month_from, month_to FROM award_stop WHERE home = ?1@int AND award = ?2@int AND id = ?3@int AND "
            "known_to = ?4@int",
            "iiii", (int64_t)c->house->home, s->award, s->stop, (int64_t)INSTANT_END);

        if (rc == 0)
                return error_raise(err, SB_PENSION_STOP, "%s", "");
        if (rc < 0)
                return rc;
        text_copy(reason, sizeof(reason), stmt_text(q, 0));
        kept.reason = reason;
        kept.from = (month_t)stmt_int(q, 1);
        if (kept.to != MONTH_END && kept.to > stmt_int(q, 2)) /* it ends before anyway */
                kept.to = (month_t)stmt_int(q, 2);
        if (s->to != MONTH_END && s->to <= kept.from)
                return error_raise(err, SB_PENSION_MONTHS, "%s", "");
        rc = tx_exec_changed(
            tx, &changed, err,
            "UPDATE award_stop SET known_to = ?1@int WHERE home = ?2@int AND id = ?3@int AND known_to = ?4@int", "iiii",
            (int64_t)clock_now(c->house->clock), (int64_t)c->house->home, s->stop, (int64_t)INSTANT_END);
        if (rc == 0 && changed != 1)
                rc = error_raise(err, SB_PENSION_STOP, "%s", "");
        return rc == 0 && s->to != MONTH_END ? stop_insert(tx, c, &kept, &id, err) : rc;
}

static int lift_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct stop *s = ctx;
        int rc = stop_lift(tx, c, s->award, s->stop, s->to, err);

        if (rc == 0 && !(*out = json_object()))
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc)
                return rc;
        put_int(*out, "id", s->stop);
        put_bool(*out, "lifted", true);
        change->subject_kind = "award";
        change->subject = s->award;
        return 0;
}

int pension_lift(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct stop s = {.to = MONTH_END};
        int rc = json_get_int(in, "award", true, &s.award, err);

        rc = rc ? rc : json_get_int(in, "stop", true, &s.stop, err);
        rc = rc ? rc : json_get_month(in, "month_to", false, &s.to, err);
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "pension.lift"), in, lift_apply, &s, out, err);
}

/* --- payee -------------------------------------------------------------------------------------------------------------------- */

/* Four eyes: the account is the entry of one, the payee the act of another. An account that was imported is nobody's. */
static int own_account_refuse(struct tx *tx, struct call *c, const struct person *p, struct error *err)
{
        struct stmt *q = NULL;
        bool own = false;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT verb, body FROM audit_row WHERE home = ?1@int AND subject = ?2@int AND subject_kind = 'person' "
                     "AND actor = ?3@int AND verb IN ('registry.person_register', 'registry.person_correct')",
                     "iii", (int64_t)c->house->home, p->id, c->who.staff);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *body = NULL;

                rc = json_read(&body, stmt_text(q, 1), err);
                const char *field = json_string_value(json_object_get(body, "field"));
                own = own || str_is(stmt_text(q, 0), "registry.person_register") ||
                      (field && (strcmp(field, "bank_account") == 0 || strcmp(field, "bank_name") == 0));
                json_decref(body);
        }
        return rc == 0 && own ? error_raise(err, SB_PENSION_OWN_ACCOUNT, "%s", p->number) : rc;
}

/* An award whose payee was in a bank file stays as the file was made: the new payee stands in a new row. */
static int payee_replace(struct tx *tx, struct house *h, const struct award_row *a, int64_t actor, struct str sealed,
                         int64_t *id, struct error *err)
{
        int64_t now = (int64_t)clock_now(h->clock);
        int rc = ids_next(h->ids, id, err);

        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO award (home, id, person, scheme, pool, kind, instance, decision, month_from, month_to, "
                    "basic_fen, account_fen, transition_fen, extra_fen, total_fen, state, payee_sealed, entered_by, "
                    "approved_by, known_from, known_to, replaces, version) SELECT home, ?1@int, person, scheme, pool, kind, "
                    "instance, decision, month_from, month_to, basic_fen, account_fen, transition_fen, extra_fen, total_fen, "
                    "state, ?2@blob, ?3@int, approved_by, ?4@int, known_to, id, 1 FROM award WHERE home = ?5@int AND id = "
                    "?6@int AND known_to = ?7@int AND state = 'active'",
                    "ibiiiii", *id, sealed, actor, now, (int64_t)h->home, a->id, (int64_t)INSTANT_END);
        if (rc == 0)
                rc =
                    tx_exec(tx, err,
                            "UPDATE award SET known_to = ?1@int, state = 'replaced', version = version + 1 WHERE home = ?2@int "
                            "AND id = ?3@int",
                            "iii", now, (int64_t)h->home, a->id);
        return rc;
}

/* What stops the old award stops the new one; the old rows are closed, never changed. */
static int stops_follow(struct tx *tx, struct house *h, int64_t from, int64_t to, int64_t actor, struct error *err)
{
        struct stmt *q = NULL;
        int64_t now = (int64_t)clock_now(h->clock), end = (int64_t)INSTANT_END, first = 0;
        int rc =
            tx_one(&q, tx, err, "SELECT COUNT(*) FROM award_stop WHERE home = ?1@int AND award = ?2@int AND known_to = ?3@int",
                   "iii", (int64_t)h->home, from, end);
        int64_t count = rc == 1 ? stmt_int(q, 0) : 0;

        if (rc < 0 || count == 0)
                return rc < 0 ? rc : 0;
        rc = ids_range(h->ids, count, &first, err);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "INSERT INTO award_stop (home, id, award, reason, month_from, month_to, known_from, known_to, "
                             "actor) SELECT home, ?1@int - 1 + ROW_NUMBER() OVER (ORDER BY id), ?2@int, reason, month_from, "
                             "month_to, ?3@int, known_to, ?4@int FROM award_stop WHERE home = ?5@int AND award = ?6@int AND "
                             "known_to = ?7@int",
                             "iiiiiii", first, to, now, actor, (int64_t)h->home, from, end);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE award_stop SET known_to = ?1@int WHERE home = ?2@int AND award = ?3@int AND known_to = "
                             "?4@int",
                             "iiii", now, (int64_t)h->home, from, end);
        return rc;
}

static int payee_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        int64_t award = *(const int64_t *)ctx, id = award;
        struct house *h = c->house;
        struct award_row a;
        struct person p;
        struct buf sealed;
        int rc = row_read(tx, h->home, award, &a, err);

        buf_init(&sealed, 4096);
        if (rc == 0)
                rc = person_read(tx, h, h->home, a.person, &p, err);
        if (rc == 0) {
                payee_seal(&sealed, &p.key, p.name, p.bank_name, p.bank_account);
                if (sealed.n == 0)
                        rc = error_raise(err, SB_PENSION_PAYEE, "%s", p.number);
                else
                        rc = own_account_refuse(tx, c, &p, err);
                person_dispose(&p);
        }
        if (rc == 0 && a.payee) {
                rc = payee_replace(tx, h, &a, c->who.staff, (struct str){sealed.p, sealed.n}, &id, err);
                if (rc == 0)
                        rc = stops_follow(tx, h, award, id, c->who.staff, err);
        } else if (rc == 0) {
                rc = tx_exec(
                    tx, err,
                    "UPDATE award SET payee_sealed = ?1@blob, version = version + 1 WHERE home = ?2@int AND id = ?3@int", "bii",
                    (struct str){sealed.p, sealed.n}, (int64_t)h->home, award);
        }
        buf_dispose(&sealed);
        if (rc == 0 && !(*out = json_object()))
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc)
                return rc;
        put_int(*out, "award", id);
        change->subject_kind = "award";
        change->subject = id;
        return 0;
}

int pension_payee(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        int64_t award = 0;
        int rc = json_get_int(in, "award", true, &award, err);

        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "pension.payee"), in, payee_apply, &award, out, err);
}

/* --- the table ------------------------------------------------------------------------------------------------------------------ */

#define ID(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":1}"
#define MONTH(name) "\"" name "\":{\"type\":\"string\",\"format\":\"month\"}"
#define ASK_IN                                                                                                                 \
        "{\"type\":\"object\",\"properties\":{" ID("person") "," MONTH("month") "," ID(                                        \
            "replaces") "},\"required\":[\"person\",\"month\"]"
#define OBJECT_OUT "{\"type\":\"object\"}"

/* An award is one person's: any office of the pool may act on it. */
static int award_scope(struct tx *tx, struct call *c, const json_t *value, bool *within, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT pool FROM award WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)c->house->home, json_integer_value(value));

        *within = rc == 0;
        return rc == 1 ? pool_serves(tx, stmt_int(q, 0), c->who.office, within, err) : rc;
}

static int award_person(struct tx *tx, struct call *c, const json_t *value, int64_t *person, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT person FROM award WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)c->house->home, json_integer_value(value));

        *person = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

const struct scope_rule pension_scopes[] = {{"award", "The award", "该待遇", award_scope, award_person}, {0}};

const struct verb pension_verbs[] = {
    {"pension.preview", VERB_READ, "pensions.preview", "POST", "/api/pensions/preview",
     "What pension would be due from a month, and why", "试算养老待遇",
     "{\"type\":\"object\",\"properties\":{\"person\":{\"type\":\"integer\",\"minimum\":1,\"x-opens\":\"person\"}," MONTH(
         "month") "," ID("replaces") "},\"required\":[\"person\",\"month\"],\"additionalProperties\":false}",
     OBJECT_OUT, pension_preview, SCOPE_EVERYWHERE},
    {"pension.apply", VERB_WRITE, "pensions.enter", "POST", "/api/pensions", "Apply for a pension: starts process P17",
     "受理养老待遇申领（P17）", ASK_IN ",\"additionalProperties\":false}", OBJECT_OUT, pension_apply, SCOPE_EVERYWHERE},
    {"pension.check", VERB_READ, NULL, NULL, NULL, "Whether a pension could be awarded as the form says", "查验养老待遇申领表",
     "{\"type\":\"object\",\"properties\":{\"form\":{\"type\":\"object\"}},\"required\":[\"form\"]}", OBJECT_OUT, pension_check,
     NULL},
    {"pension.compute", VERB_WRITE, NULL, NULL, NULL, "Compute a pension and store the decision", "计算养老待遇并保存决定",
     ASK_IN "}", OBJECT_OUT, pension_compute, NULL},
    {"pension.award", VERB_WRITE, NULL, NULL, NULL, "Award the pension that was decided, with its letter",
     "核定养老待遇并生成决定书",
     "{\"type\":\"object\",\"properties\":{" ID("person") "," MONTH("month") "," ID("decision") "," ID(
         "replaces") "},\"required\":[\"person\",\"month\",\"decision\"]}",
     OBJECT_OUT, pension_award, NULL},
    {"pension.award_get", VERB_READ, "pensions.read", "GET", "/api/awards/{award}",
     "An award with its derivation, stops and letter", "待遇核定",
     "{\"type\":\"object\",\"properties\":{\"award\":{\"type\":\"integer\",\"minimum\":1,\"x-opens\":\"award\"}},\"required\":["
     "\"award\"],\"additionalProperties\":false}",
     OBJECT_OUT, pension_award_get, "award.award"},
    {"pension.stop", VERB_WRITE, "pensions.stop", "POST", "/api/awards/{award}/stops", "Stop paying an award from a month",
     "自某月起停发待遇",
     "{\"type\":\"object\",\"properties\":{" ID("award") ",\"reason\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":40}"
                                                         "," MONTH("month_from") "," MONTH(
                                                             "month_to") "},\"required\":[\"award\",\"reason\",\"month_from\"],"
                                                                         "\"additionalProperties\":false}",
     OBJECT_OUT, pension_stop, "award.award"},
    {"pension.lift", VERB_WRITE, "pensions.stop", "POST", "/api/awards/{award}/stops/{stop}/lift",
     "Lift a stop: with month_to it stands until then, without it its months are made good", "解除停发",
     "{\"type\":\"object\",\"properties\":{" ID("award") "," ID("stop") "," MONTH(
         "month_to") "},\"required\":[\"award\",\"stop\"],\"additionalProperties\":false}",
     OBJECT_OUT, pension_lift, "award.award"},
    {"pension.change_state", VERB_WRITE, NULL, NULL, NULL,
     "Stop, or pay again, the awards of a person as an approved case says", "按获准的办件停发或恢复待遇",
     "{\"type\":\"object\",\"properties\":{\"person\":{\"type\":[\"integer\",\"null\"],\"minimum\":1},\"month\":{\"type\":["
     "\"string\",\"null\"],\"format\":\"month\"},\"action\":{\"type\":[\"string\",\"null\"],\"enum\":[\"suspend\","
     "\"resume\",\"terminate\",\"lift\",null]},\"cause\":{\"type\":[\"string\",\"null\"],\"minLength\":1,\"maxLength\":40}},"
     "\"required\":[]}",
     OBJECT_OUT, pension_change_state, NULL},
    {"pension.payee", VERB_WRITE, "pensions.payee", "POST", "/api/awards/{award}/payee",
     "Pay the award to the account that a colleague entered at the person", "按他人录入的个人银行账户变更收款账户",
     "{\"type\":\"object\",\"properties\":{" ID("award") "},\"required\":[\"award\"],\"additionalProperties\":false}",
     OBJECT_OUT, pension_payee, "award.award"},
    {.name = NULL},
};
