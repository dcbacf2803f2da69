/* SPDX-License-Identifier: Apache-2.0
 *
 * What somebody signs in with, as they see it themselves (账户安全), and what an administrator may do about it.
 */
#include "office/signin/own.h"

#include "office/staff/own.h"

#include "base/rng.h"

#include <sodium.h>
#include <string.h>

#define PAST_KEPT 5

struct account {
        struct call *call;
        int64_t staff, session;
        json_t *o;
        char login[64], hash[160], fresh[128];
        char past[PAST_KEPT][160];
        int pasts;
        const char *reason, *subject;
        bool factors;
};

/* An instant that never was is null. */
static void when_put(json_t *o, const char *name, instant_t at)
{
        if (at == 0)
                put_value(o, name, json_null());
        else
                put_instant(o, name, at);
}

/* --- what there is ---------------------------------------------------------------------------------------------------------------- */

static json_t *factor_json(const struct stmt *q)
{
        json_t *o = json_object();

        put_int(o, "id", stmt_int(q, 0));
        put_str(o, "kind", stmt_text(q, 1));
        put_str(o, "label", stmt_text(q, 2));
        put_instant(o, "created_at", stmt_int(q, 3));
        when_put(o, "used_at", stmt_int(q, 4));
        return o;
}

static json_t *session_json(const struct stmt *q)
{
        json_t *o = json_object();

        put_int(o, "id", stmt_int(q, 0));
        put_str(o, "stage", stmt_text(q, 1));
        put_str(o, "address", stmt_text(q, 2));
        put_str(o, "agent", stmt_text(q, 3));
        put_instant(o, "created_at", stmt_int(q, 4));
        put_instant(o, "seen_at", stmt_int(q, 5));
        put_int(o, "failed_before", stmt_int(q, 6));
        return o;
}

static int account_read(struct tx *tx, void *ctx, struct error *err)
{
        struct account *a = ctx;
        json_t *factors = json_array(), *sessions = json_array();
        instant_t now = clock_now(a->call->house->clock);
        struct stmt *q;
        int rc = rows_into(tx, factors, factor_json,
                           "SELECT id, kind, label, created_at, used_at FROM second_factor WHERE staff = ?1@int AND state = "
                           "'active' AND ?2@int > 0 ORDER BY id",
                           a->staff, now, err);

        json_object_clear(a->o);
        rc = rc ? rc
                : rows_into(tx, sessions, session_json,
                            "SELECT id, stage, address, agent, created_at, seen_at, failed_before FROM session WHERE staff = "
                            "?1@int AND expires_at > ?2@int AND seen_at > ?2@int - idle_us ORDER BY seen_at DESC",
                            a->staff, now, err);
        put_value(a->o, "factors", factors);
        put_value(a->o, "sessions", sessions);
        if (rc == 0)
                rc = tx_one(
                    &q, tx, err,
                    "SELECT s.login, s.display, s.password_at, s.must_change, s.reset_at, r.display, s.failures, (SELECT "
                    "COUNT(*) FROM recovery_code c WHERE c.staff = s.id AND c.used_at = 0), s.oidc_subject FROM staff s "
                    "LEFT JOIN staff r ON r.id = s.reset_by WHERE s.id = ?1@int",
                    "i", a->staff);
        if (rc <= 0)
                return rc < 0 ? rc : error_raise(err, SB_STAFF_UNKNOWN, "%lld", (long long)a->staff);
        put_str(a->o, "login", stmt_text(q, 0));
        put_str(a->o, "display", stmt_text(q, 1));
        when_put(a->o, "password_at", stmt_int(q, 2));
        put_bool(a->o, "must_change", (stmt_int(q, 3) & RESET_PASSWORD) != 0);
        when_put(a->o, "reset_at", stmt_int(q, 4));
        put_str(a->o, "reset_by", stmt_text(q, 5));
        put_int(a->o, "failures", stmt_int(q, 6));
        put_int(a->o, "recovery_left", stmt_int(q, 7));
        put_bool(a->o, "linked", stmt_text(q, 8).n > 0);
        return 0;
}

static int account_answer(struct account *a, json_t **out, struct error *err)
{
        a->o = json_object();
        int rc = store_read(a->call->house->store, account_read, a, err);
        if (rc < 0)
                json_decref(a->o);
        else
                *out = a->o;
        return rc;
}

int security_get(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct account a = {.call = c, .staff = c->who.staff};
        int rc = account_answer(&a, out, err);

        (void)in;
        if (rc == 0 && c->visit != NULL) {
                put_int(*out, "session", c->visit->session);
                put_bool(*out, "required", c->visit->required);
        }
        return rc;
}

/* Of a colleague in the own tree. */
static int of_read(struct tx *tx, void *ctx, struct error *err)
{
        struct account *a = ctx;
        int64_t office = 0;
        int rc = staff_office(tx, a->staff, &office, err);

        rc = rc ? rc : own_office(tx, a->call, office, err);
        return rc ? rc : account_read(tx, a, err);
}

int security_of(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct account a = {.call = c};
        int rc = json_get_int(in, "staff", true, &a.staff, err);

        if (rc < 0)
                return rc;
        a.o = json_object();
        rc = store_read(c->house->store, of_read, &a, err);
        if (rc < 0)
                json_decref(a.o);
        else
                *out = a.o;
        return rc;
}

/* --- the own password ----------------------------------------------------------------------------------------------------------- */

static int password_read(struct tx *tx, void *ctx, struct error *err)
{
        struct account *a = ctx;
        struct stmt *q = NULL;
        int rc = visit_need(tx, a->call, true, err);

        a->pasts = 0;
        if (rc == 0)
                rc = tx_one(&q, tx, err, "SELECT login, password FROM staff WHERE id = ?1@int", "i", a->staff);
        if (rc <= 0)
                return rc < 0 ? rc : error_raise(err, SB_STAFF_UNKNOWN, "%lld", (long long)a->staff);
        text_copy(a->login, sizeof a->login, stmt_text(q, 0));
        text_copy(a->hash, sizeof a->hash, stmt_text(q, 1));
        rc = tx_query(&q, tx, err, "SELECT password FROM password_past WHERE staff = ?1@int ORDER BY at DESC LIMIT ?2@int",
                      "ii", a->staff, (int64_t)PAST_KEPT);
        while ((rc = row_next(rc, q, err)) == 1) {
                if (a->pasts < PAST_KEPT)
                        text_copy(a->past[a->pasts++], sizeof a->past[0], stmt_text(q, 0));
        }
        return rc;
}

static int password_write(struct tx *tx, void *ctx, struct error *err)
{
        struct account *a = ctx;
        struct call *c = a->call;
        instant_t now = clock_now(c->house->clock);
        int64_t n = 0;
        int rc =
            tx_exec_changed(tx, &n, err,
                            "UPDATE staff SET password = ?2@text, password_at = ?3@int, must_change = 0, code_until = 0, failures = 0, version "
                            "= version + 1 WHERE id = ?1@int AND password = ?4@text",
                            "itit", a->staff, a->fresh, now, a->hash);

        if (rc == 0 && n == 0) /* changed meanwhile */
                rc = error_raise(err, SB_SIGNIN_OLD, "%s", "");
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "INSERT INTO password_past (staff, at, password) VALUES (?1@int, ?2@int, ?3@text) ON CONFLICT DO "
                             "NOTHING",
                             "iit", a->staff, now, a->hash);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "DELETE FROM password_past WHERE staff = ?1@int AND at NOT IN (SELECT at FROM password_past WHERE "
                             "staff = ?1@int ORDER BY at DESC LIMIT ?2@int)",
                             "ii", a->staff, (int64_t)PAST_KEPT);
        rc = rc ? rc : sessions_end(tx, a->staff, c->visit->session, err);
        return rc ? rc : audit_add(tx, c, "security.password", "staff", a->staff, NULL, err);
}

int security_password(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct account a = {.call = c, .staff = c->who.staff};
        const char *old, *fresh;
        int rc = json_get_text(in, "old", true, &old, err);

        rc = rc ? rc : json_get_text(in, "new", true, &fresh, err);
        rc = rc ? rc : store_read(c->house->store, password_read, &a, err);
        if (rc == 0 && !password_check(a.hash, old, NULL))
                rc = error_raise(err, SB_SIGNIN_OLD, "%s", "");
        rc = rc ? rc : password_rules(fresh, a.login, err);
        bool again = rc == 0 && password_check(a.hash, fresh, NULL);
        for (int i = 0; rc == 0 && i < a.pasts && !again; i++)
                again = password_check(a.past[i], fresh, NULL);
        if (again)
                rc = error_raise(err, SB_SIGNIN_RULE, "%s", ERROR_BOTH("it was used before", "近期已使用过"));
        rc = rc ? rc : password_hash(a.fresh, fresh, err);
        rc = rc ? rc : store_write(c->house->store, password_write, &a, err);
        sodium_memzero(&a, sizeof a);
        if (rc == 0 && (*out = json_object()) == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        return rc;
}

/* --- sessions ---------------------------------------------------------------------------------------------------------------------- */

static int own_end_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct account *a = ctx;
        struct call *c = a->call;
        int64_t n = 1;
        int rc = visit_need(tx, c, false, err);

        if (rc == 0 && a->session != 0)
                rc = tx_exec_changed(tx, &n, err, "DELETE FROM session WHERE id = ?1@int AND staff = ?2@int", "ii", a->session,
                                     a->staff);
        else if (rc == 0)
                rc = sessions_end(tx, a->staff, c->visit->session, err);
        if (rc == 0 && n == 0)
                rc = error_raise(err, SB_SIGNIN_NONE, "%lld", (long long)a->session);
        json_t *body = json_pack("{s:I}", "session", (json_int_t)a->session);
        rc = rc ? rc : audit_add(tx, c, "security.session_end", "staff", a->staff, body, err);
        json_decref(body);
        return rc;
}

static int ended(struct account *a, store_apply *apply, json_t **out, struct error *err)
{
        int rc = store_write(a->call->house->store, apply, a, err);

        if (rc == 0 && (*out = json_object()) == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        return rc;
}

int security_session_end(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct account a = {.call = c, .staff = c->who.staff};
        int rc = json_get_int(in, "session", true, &a.session, err);

        return rc ? rc : ended(&a, own_end_apply, out, err);
}

int security_sessions_end(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct account a = {.call = c, .staff = c->who.staff};

        (void)in;
        return ended(&a, own_end_apply, out, err);
}

/* An administrator over somebody of the own tree, never over themselves. */
static int over_need(struct tx *tx, const struct account *a, struct error *err)
{
        int64_t office = 0;
        int rc = a->staff == a->call->who.staff ? error_raise(err, SB_SIGNIN_SELF, "%s", "") : 0;

        rc = rc ? rc : staff_office(tx, a->staff, &office, err);
        return rc ? rc : own_office(tx, a->call, office, err);
}

static int end_of_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct account *a = ctx;
        int rc = over_need(tx, a, err);

        rc = rc ? rc : sessions_end(tx, a->staff, 0, err);
        return rc ? rc : audit_add(tx, a->call, "security.end_of", "staff", a->staff, NULL, err);
}

int security_end_of(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct account a = {.call = c};
        int rc = json_get_int(in, "staff", true, &a.staff, err);

        return rc ? rc : ended(&a, end_of_apply, out, err);
}

/* --- resets ------------------------------------------------------------------------------------------------------------------------- */

/* Who has reset one half does not reset the other before its owner was there: one administrator alone signs in as nobody. */
static int other_half_need(struct tx *tx, const struct account *a, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT must_change, reset_by, display FROM staff WHERE id = ?1@int @lock", "i", a->staff);

        if (rc <= 0)
                return rc < 0 ? rc : error_raise(err, SB_STAFF_UNKNOWN, "%lld", (long long)a->staff);
        int64_t half = a->factors ? RESET_PASSWORD : RESET_FACTORS;
        struct str display = stmt_text(q, 2);
        if ((stmt_int(q, 0) & half) != 0 && stmt_int(q, 1) == a->call->who.staff)
                return error_raise(err, SB_SIGNIN_TWO, "%.*s", (int)display.n, display.p);
        return 0;
}

static int reset_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct account *a = ctx;
        struct call *c = a->call;
        int rc = over_need(tx, a, err);

        rc = rc ? rc : other_half_need(tx, a, err);
        if (rc == 0 && a->factors)
                rc = tx_exec(tx, err, "DELETE FROM second_factor WHERE staff = ?1@int", "i", a->staff);
        if (rc == 0 && a->factors)
                rc = tx_exec(tx, err, "DELETE FROM recovery_code WHERE staff = ?1@int", "i", a->staff);
        if (rc == 0 && !a->factors)
                rc =
                    tx_exec(tx, err,
                            "INSERT INTO password_past (staff, at, password) SELECT id, ?2@int, password FROM staff WHERE id = "
                            "?1@int ON CONFLICT DO NOTHING",
                            "ii", a->staff, clock_now(c->house->clock));
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "UPDATE staff SET password = CASE WHEN ?5@int = 1 THEN password ELSE ?2@text END, must_change = CASE "
                    "WHEN must_change = 3 OR must_change = ?6@int THEN must_change ELSE must_change + ?6@int END, failures = "
                    "0, reset_by = ?3@int, reset_at = ?4@int, version = version + 1 WHERE id = ?1@int",
                    "itiiii", a->staff, a->fresh, c->who.staff, clock_now(c->house->clock), (int64_t)a->factors,
                    (int64_t)(a->factors ? RESET_FACTORS : RESET_PASSWORD));
        rc = rc ? rc : sessions_end(tx, a->staff, 0, err);
        json_t *body = json_pack("{s:s,s:s}", "what", a->factors ? "factors" : "password", "reason", a->reason);
        rc = rc ? rc : audit_add(tx, c, "security.reset", "staff", a->staff, body, err);
        json_decref(body);
        return rc;
}

int security_reset(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct account a = {.call = c, .reason = ""};
        const char *what;
        struct buf once;
        unsigned char raw[15];
        int rc = json_get_int(in, "staff", true, &a.staff, err);

        rc = rc ? rc : json_get_text(in, "what", true, &what, err);
        rc = rc ? rc : json_get_text(in, "reason", true, &a.reason, err);
        if (rc < 0)
                return rc;
        a.factors = strcmp(what, "factors") == 0;
        buf_init(&once, 64);
        random_bytes(raw, sizeof raw);
        base32_text(&once, raw, sizeof raw);
        rc = a.factors ? 0 : password_hash(a.fresh, buf_text(&once), err);
        rc = rc ? rc : ended(&a, reset_apply, out, err);
        if (rc == 0 && !a.factors)
                put_text(*out, "password", buf_text(&once)); /* said once, to be handed over; never kept */
        sodium_memzero(raw, sizeof raw);
        if (once.p != NULL)
                sodium_memzero(once.p, once.n);
        buf_dispose(&once);
        return rc;
}

/* --- another authority ------------------------------------------------------------------------------------------------------------------ */

static int link_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct account *a = ctx;
        struct stmt *q;
        int rc = over_need(tx, a, err);

        (void)out;
        if (rc == 0 && a->subject[0] != '\0')
                rc = tx_one(&q, tx, err, "SELECT 1 FROM staff WHERE oidc_subject = ?1@text AND id <> ?2@int", "ti", a->subject,
                            a->staff);
        if (rc == 1)
                return error_raise(err, SB_SIGNIN_LINKED, "%s", "");
        change->subject_kind = "staff";
        change->subject = a->staff;
        change->audit = json_pack("{s:b}", "linked", a->subject[0] != '\0');
        (void)c;
        return rc ? rc
                  : tx_exec(tx, err, "UPDATE staff SET oidc_subject = ?2@text, version = version + 1 WHERE id = ?1@int", "it",
                            a->staff, a->subject);
}

int security_link(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct account a = {.call = c, .subject = ""};
        int rc = json_get_int(in, "staff", true, &a.staff, err);

        rc = rc ? rc : json_get_text(in, "subject", true, &a.subject, err);
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "security.link"), in, link_apply, &a, out, err);
}
