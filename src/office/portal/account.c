/* SPDX-License-Identifier: Apache-2.0
 *
 * Accounts are opened at a window (窗口开户): a clerk looks at the identity document, and hands over a code on paper, once. Opening an account again
 * gives a new code in the place of everything with which its owner signed in. What carries a secret is never remembered under its idempotency
 * key: the change and its audit row are written here.
 */
#include "case/pack_store.h"
#include "case/sealed.h"
#include "office/portal/portal.h"
#include "office/signin/signin.h"

#include <string.h>

#define DAY_US ((instant_t)24 * 3600 * 1000000)
static const char SEALED[] = "portal_account.sealed";

struct opening {
        struct call *call;
        const char *kind, *document, *agent; /* agent: name of an employer's agent */
        int64_t person, employer, account;
        int64_t asked; /* an agent that gets a new code; 0 a new agent */
        int64_t number;
        instant_t until;
        char login[ACCOUNT_NAME], display[96], hash[128];
};

/* Who looks at the document is not whose it is, nor of the family. */
static int own_need(struct tx *tx, const struct opening *o, struct error *err)
{
        const struct scope_rule *kin = registry_scope(o->call->house->verbs, STR("kin"));
        struct stmt *q;
        bool related = false;
        int rc = tx_one(&q, tx, err, "SELECT person FROM staff WHERE id = ?1@int", "i", o->call->who.staff);
        int64_t own = rc == 1 ? stmt_int(q, 0) : 0;

        if (rc < 0 || own == 0)
                return rc < 0 ? rc : 0;
        json_t *pair = json_pack("{s:I,s:I}", "person", (json_int_t)own, "other", (json_int_t)o->person);
        rc = pair == NULL                      ? error_raise(err, SB_MEMORY, "%s", "")
             : own == o->person || kin == NULL ? 0
                                               : kin->within(tx, o->call, pair, &related, err);
        json_decref(pair);
        return rc == 0 && (related || own == o->person) ? error_raise(err, SB_PORTAL_OWN, "%s", "") : rc;
}

/* The account that there is, open or closed. */
static int account_find(struct tx *tx, struct opening *o, struct error *err)
{
        struct stmt *q;
        bool insured = o->person != 0;
        int rc = 0;

        if (insured)
                rc = tx_one(&q, tx, err,
                            "SELECT id FROM portal_account WHERE home = ?1@int AND person = ?2@int AND kind = 'insured'", "ii",
                            (int64_t)o->call->house->home, o->person);
        else if (o->asked != 0)
                rc = tx_one(&q, tx, err,
                            "SELECT id FROM portal_account WHERE home = ?1@int AND employer = ?2@int AND id = ?3@int", "iii",
                            (int64_t)o->call->house->home, o->employer, o->asked);
        if (rc == 0 && o->asked != 0)
                rc = error_raise(err, SB_PORTAL_ACCOUNT, "%lld", (long long)o->asked);
        o->account = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

static int insured_name(struct tx *tx, struct opening *o, struct error *err)
{
        struct house *h = o->call->house;
        struct person p;
        int rc = person_read(tx, h, h->home, o->person, &p, err);

        if (rc < 0)
                return rc;
        if (p.death < DAY_END || strcmp(p.state, "active") != 0)
                rc = error_raise(err, SB_PORTAL_ENDED, "%s", "");
        text_format(o->login, sizeof o->login, ACCOUNT_INSURED, (long long)o->person);
        text_copy(o->display, sizeof o->display, str_from(p.number));
        person_dispose(&p);
        return rc;
}

static int agent_name(struct tx *tx, struct opening *o, struct error *err)
{
        struct house *h = o->call->house;
        struct employer e;
        struct stmt *q;
        int rc = employer_read(tx, h, h->home, o->employer, &e, err);

        rc = rc ? rc
                : tx_one(&q, tx, err,
                         "SELECT COALESCE(MAX(number), 0) FROM portal_account WHERE home = ?1@int AND employer = ?2@int", "ii",
                         (int64_t)h->home, o->employer);
        if (rc <= 0)
                return rc;
        if (strcmp(e.state, "active") != 0)
                return error_raise(err, SB_PORTAL_ENDED, "%s", "");
        o->number = stmt_int(q, 0) + 1;
        text_format(o->login, sizeof o->login, "%s-%lld", e.uscc[0] != '\0' ? e.uscc : e.number, (long long)o->number);
        text_copy(o->display, sizeof o->display, str_from(o->login));
        return 0;
}

static int account_add(struct tx *tx, struct opening *o, struct error *err)
{
        struct call *c = o->call;
        unsigned char wrapped[WRAPPED_BYTES];
        struct buf sealed;
        struct staff s = {.office = c->who.office,
                          .roles = o->person != 0 ? ROLE_INSURED : ROLE_EMPLOYER,
                          .for_person = o->person,
                          .for_employer = o->employer};
        json_t *personal = json_pack("{s:s}", "name", o->agent);
        int rc = personal == NULL ? error_raise(err, SB_MEMORY, "%s", "") : ids_next(c->house->ids, &o->account, err);

        buf_init(&sealed, 4096);
        s.id = o->account;
        text_copy(s.login, sizeof s.login, str_from(o->login));
        text_copy(s.display, sizeof s.display, str_from(o->display));
        rc = rc ? rc : staff_add(tx, &s, o->hash, clock_today(c->house->clock), err);
        rc = rc ? rc : sealed_json(c->house->keys, SEALED, personal, wrapped, &sealed, err);
        rc =
            rc ? rc
               : tx_exec(
                     tx, err,
                     "INSERT INTO portal_account (home, id, kind, person, employer, number, document, wrapped, sealed, "
                     "opened_by, "
                     "opened_office, opened_at, code_by, code_at, codes, closed_by, closed_at, reason) VALUES (?1@int, ?2@int, "
                     "?3@text, ?4@int, ?5@int, ?6@int, ?7@text, ?8@blob, ?9@blob, ?10@int, ?11@int, ?12@int, 0, 0, 0, 0, 0, "
                     "'')",
                     "iitiiitbbiii", (int64_t)c->house->home, o->account, o->kind, o->person, o->employer, o->number,
                     o->document, (struct str){(const char *)wrapped, sizeof wrapped}, (struct str){sealed.p, sealed.n},
                     c->who.staff, c->who.office, clock_now(c->house->clock));
        json_decref(personal);
        buf_dispose(&sealed);
        return rc;
}

static int open_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct opening *o = ctx;
        struct call *c = o->call;
        struct house *h = c->house;
        int64_t version = 0;
        bool person = o->person != 0;
        /* Held, so that two clerks do not open it at once. */
        int rc = person ? person_touch(tx, h->home, o->person, 0, &version, err) : employer_hold(tx, h, o->employer, err);

        rc = rc ? rc : person ? own_need(tx, o, err) : 0;
        rc = rc ? rc : account_find(tx, o, err);
        rc = rc ? rc : person ? insured_name(tx, o, err) : o->account == 0 ? agent_name(tx, o, err) : 0;
        rc = rc ? rc : o->account == 0 ? account_add(tx, o, err) : 0;
        rc = rc ? rc : account_code_set(tx, c, o->account, o->hash, o->until, err);
        rc = rc ? rc
                : tx_exec(tx, err,
                          "UPDATE portal_account SET document = ?3@text, code_by = ?4@int, code_at = ?5@int, codes = codes + "
                          "1, closed_by "
                          "= 0, closed_at = 0, reason = '' WHERE home = ?1@int AND id = ?2@int",
                          "iitii", (int64_t)h->home, o->account, o->document, c->who.staff, clock_now(h->clock));
        json_t *body = json_pack("{s:I,s:s}", "account", (json_int_t)o->account, "document", o->document);
        rc = rc ? rc
                : audit_add(tx, c, person ? "portal.open" : "portal.open_agent", person ? "person" : "employer",
                            person ? o->person : o->employer, body, err);
        json_decref(body);
        return rc;
}

static int login_read(struct tx *tx, void *ctx, struct error *err)
{
        struct opening *o = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT login FROM staff WHERE id = ?1@int", "i", o->account);

        if (rc == 1)
                text_copy(o->login, sizeof o->login, stmt_text(q, 0));
        return rc < 0 ? rc : 0;
}

/* The slip that is handed over: as whom, with which code, until when. */
static int opened(struct opening *o, const char *role, json_t **out, struct error *err)
{
        struct house *h = o->call->house;
        char code[ACCOUNT_CODE];
        int64_t days = 0;
        int rc = account_code_days(h, role, &days, err);

        o->kind = role;
        o->until = clock_now(h->clock) + days * DAY_US;
        rc = rc ? rc : account_code_make(code, o->hash, err);
        rc = rc ? rc : store_write(h->store, open_apply, o, err);
        rc = rc ? rc : store_read(h->store, login_read, o, err);
        if (rc == 0 && (*out = json_object()) == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc == 0) {
                put_int(*out, "account", o->account);
                put_text(*out, "login", o->login);
                put_text(*out, "code", code); /* said once; never kept */
                put_day(*out, "code_until", instant_day(o->until));
        }
        explicit_bzero(code, sizeof code);
        explicit_bzero(o->hash, sizeof o->hash);
        return rc;
}

int portal_open(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct opening o = {.call = c, .person = json_int_or(in, "person", 0), .document = json_text(in, "shown"), .agent = ""};

        return opened(&o, "insured", out, err);
}

int portal_open_agent(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct opening o = {.call = c,
                            .employer = json_int_or(in, "employer", 0),
                            .asked = json_int_or(in, "account", 0),
                            .document = json_text(in, "shown"),
                            .agent = json_text(in, "name")};

        return opened(&o, "employer", out, err);
}

/* --- what there is ------------------------------------------------------------------------------------------------------------------ */

struct listing {
        struct call *call;
        int64_t person, employer;
        json_t *items;
};

static int account_put(struct listing *l, struct stmt *q, struct error *err)
{
        json_t *o = json_object(), *personal = NULL;
        int rc = sealed_read(l->call->house->keys, SEALED, stmt_blob(q, 9), stmt_blob(q, 10), &personal, err);

        put_int(o, "account", stmt_int(q, 0));
        put_str(o, "login", stmt_text(q, 1));
        put_str(o, "document", stmt_text(q, 2));
        put_int(o, "number", stmt_int(q, 3));
        put_instant(o, "opened_at", stmt_int(q, 4));
        put_str(o, "opened_by", stmt_text(q, 5));
        put_value(o, "closed_at", json_null());
        if (stmt_int(q, 6) != 0)
                put_instant(o, "closed_at", stmt_int(q, 6));
        put_str(o, "reason", stmt_text(q, 7));
        put_bool(o, "code_waits", stmt_int(q, 8) != 0);
        put_value(o, "code_until", json_null());
        if (stmt_int(q, 8) != 0)
                put_day(o, "code_until", instant_day(stmt_int(q, 8)));
        put_instant(o, "code_at", stmt_int(q, 11));
        put_text(o, "agent", json_text(personal, "name"));
        json_decref(personal);
        json_array_append_new(l->items, o);
        return rc;
}

static int list_read(struct tx *tx, void *ctx, struct error *err)
{
        struct listing *l = ctx;
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT a.id, s.login, a.document, a.number, a.opened_at, f.display, a.closed_at, a.reason, s.code_until, "
            "a.wrapped, a.sealed, a.code_at FROM portal_account a JOIN staff s ON s.id = a.id LEFT JOIN staff f ON f.id = "
            "a.opened_by WHERE a.home = ?1@int AND a.person = ?2@int AND a.employer = ?3@int ORDER BY a.id LIMIT 200",
            "iii", (int64_t)l->call->house->home, l->person, l->employer);

        json_array_clear(l->items);
        while ((rc = row_next(rc, q, err)) == 1) {
                int put = account_put(l, q, err);
                if (put < 0)
                        return put;
        }
        return rc;
}

static int listed(struct listing *l, json_t **out, struct error *err)
{
        int rc = store_read(l->call->house->store, list_read, l, err);

        if (rc == 0)
                return list_answer(out, l->items, NULL, err);
        json_decref(l->items);
        return rc;
}

int portal_accounts(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct listing l = {.call = c, .person = json_int_or(in, "person", 0), .items = json_array()};

        return listed(&l, out, err);
}

int portal_agents(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct listing l = {.call = c, .employer = json_int_or(in, "employer", 0), .items = json_array()};

        return listed(&l, out, err);
}

/* --- closing ------------------------------------------------------------------------------------------------------------------------- */

struct closing {
        int64_t person, employer, account;
        const char *reason;
};

static int close_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct closing *k = ctx;
        int64_t n = 0;
        int rc = tx_exec_changed(
            tx, &n, err,
            "UPDATE portal_account SET closed_by = ?4@int, closed_at = ?5@int, reason = ?6@text WHERE home = ?1@int "
            "AND id = ?2@int AND person = ?3@int AND employer = ?7@int AND closed_at = 0",
            "iiiiiti", (int64_t)c->house->home, k->account, k->person, c->who.staff, clock_now(c->house->clock), k->reason,
            k->employer);

        if (rc == 0 && n == 0)
                rc = error_raise(err, SB_PORTAL_ACCOUNT, "%lld", (long long)k->account);
        rc = rc ? rc : account_close(tx, c, k->account, err);
        if (rc < 0)
                return rc;
        change->subject_kind = k->person != 0 ? "person" : "employer";
        change->subject = k->person != 0 ? k->person : k->employer;
        change->audit = json_pack("{s:I,s:s}", "account", (json_int_t)k->account, "reason", k->reason);
        *out = json_pack("{s:I}", "account", (json_int_t)k->account);
        return *out == NULL || change->audit == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int portal_close(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct closing k = {.person = json_int_or(in, "person", 0),
                            .account = json_int_or(in, "account", 0),
                            .reason = json_text(in, "reason")};

        return verb_change(c, registry_find(c->house->verbs, "portal.close"), in, close_apply, &k, out, err);
}

int portal_close_agent(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct closing k = {.employer = json_int_or(in, "employer", 0),
                            .account = json_int_or(in, "account", 0),
                            .reason = json_text(in, "reason")};

        return verb_change(c, registry_find(c->house->verbs, "portal.close_agent"), in, close_apply, &k, out, err);
}
