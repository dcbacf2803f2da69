/* SPDX-License-Identifier: Apache-2.0 */
#include "office/registry/cancel.h"

#include "case/application.h"

#include "office/json.h"

#include <string.h>

/* --- whose, why, when ------------------------------------------------------------------------------------------------------------------ */

static int form_fault(struct error *err, const char *field, const char *both)
{
        error_raise(err, SB_REGISTRY_CANCEL_FORM, "%s", both);
        return error_where(err, "%s", field);
}

static bool cause_among(const char *cause, const char *const *list)
{
        while (*list != NULL && strcmp(*list, cause) != 0)
                list++;
        return *list != NULL;
}

int cancel_read(struct cancelling *k, struct call *c, const json_t *in, struct error *err)
{
        static const char *const of_person[] = {"death", "emigration", "duplicate", NULL}, *const of_employer[] = {
                                                                                               "dissolved", "bankrupt",
                                                                                               "merged", "moved", NULL};
        int64_t person = json_int_or(in, "person", 0), employer = json_int_or(in, "employer", 0);
        const char *cause = json_text(in, "cause");

        *k = (struct cancelling){.call = c, .person = person != 0, .subject = person != 0 ? person : employer, .cause = cause};
        k->nationality_lost = json_bool_or(in, "nationality_lost", false);
        readable_number(k->person ? 'P' : 'E', c->house->home, k->subject, k->number);
        if ((person != 0) == (employer != 0))
                return form_fault(err, person != 0 ? "employer" : "person",
                                  ERROR_BOTH("name either a person or an employer", "参保人和用人单位应填且只填一项"));
        if (!cause_among(cause, k->person ? of_person : of_employer))
                return form_fault(err, "cause",
                                  k->person ? ERROR_BOTH("this is no cause for a person", "该原因不适用于个人")
                                            : ERROR_BOTH("this is no cause for an employer", "该原因不适用于用人单位"));
        int rc = day_parse(&k->event_day, str_from(json_text(in, "event_day")), err);
        if (rc < 0)
                return error_where(err, "event_day");
        return k->event_day <= clock_today(c->house->clock)
                   ? 0
                   : form_fault(err, "event_day", ERROR_BOTH("the event has not happened yet", "事由尚未发生"));
}

/* --- what stands against it ------------------------------------------------------------------------------------------------------------- */

/* One number of a query by home and subject, and what `types` names more. */
static int count_of(struct tx *tx, const struct cancelling *k, const char *sql, const char *types, int64_t more, int64_t *out,
                    struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, sql, types, (int64_t)k->call->house->home, k->subject, more, (int64_t)INSTANT_END);

        *out = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

/* Cases of the same subject that run beside the one that asks, by process. */
static int cases_read(struct tx *tx, struct cancelling *k, struct error *err)
{
        json_t *list = json_array();
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT process FROM process_instance WHERE home = ?1@int AND subject_kind = ?2@text AND subject = "
                          "?3@int AND id <> ?4@int AND state IN ('active', 'incident') ORDER BY process, id LIMIT 100",
                          "itii", (int64_t)k->call->house->home, cancel_kind(k), k->subject, k->call->instance);

        k->case_payout = k->case_survivors = false;
        while ((rc = row_next(rc, q, err)) == 1) {
                struct str process = stmt_text(q, 0);
                k->case_payout |= str_is(process, "P12");
                k->case_survivors |= str_is(process, "P20");
                json_array_append_new(list, json_stringn(process.p, process.n));
        }
        put_value(k->facts, "cases", list);
        return rc;
}

static int count_put(struct tx *tx, struct cancelling *k, const char *name, const char *sql, const char *types, int64_t more,
                     struct error *err)
{
        int64_t n = 0;
        int rc = count_of(tx, k, sql, types, more, &n, err);

        put_int(k->facts, name, n);
        return rc;
}

static int employer_facts(struct tx *tx, struct cancelling *k, struct error *err)
{
        struct house *h = k->call->house;
        fen_t ordered = 0;
        int64_t open = 0, suspense = 0;
        int rc =
            count_of(tx, k,
                     "SELECT CAST(COALESCE(SUM(employer_fen + person_fen - reduced_fen - received_fen), 0) AS @int) FROM assessment WHERE "
                     "home = ?1@int AND employer = ?2@int AND state = 'open'",
                     "ii", 0, &open, err);

        rc = rc ? rc
                : count_of(tx, k,
                           "SELECT CAST(COALESCE(SUM(amount_fen - allocated_fen - refunded_fen), 0) AS @int) FROM receipt WHERE home = ?1@int "
                           "AND employer = ?2@int AND state IN ('checking', 'suspense')",
                           "ii", 0, &suspense, err);
        rc = rc ? rc : late_fee_owed(tx, h->home, k->subject, &ordered, err);
        put_money(k->facts, "open_amount", open);
        put_money(k->facts, "late_fee", ordered + k->late_fee);
        put_money(k->facts, "suspense", suspense);
        rc = rc ? rc
                : count_put(tx, k, "workers",
                            "SELECT COUNT(*) FROM employment WHERE employer_home = ?1@int AND employer = ?2@int AND valid_to > "
                            "?3@int AND known_to = ?4@int",
                            "iiii", (int64_t)k->event_day + 1, err);
        return rc ? rc
                  : count_put(
                        tx, k, "declarations",
                        "SELECT COUNT(*) FROM declaration WHERE home = ?1@int AND employer = ?2@int AND state IN ('draft', "
                        "'posted')",
                        "ii", 0, err);
}

static int person_facts(struct tx *tx, struct cancelling *k, struct error *err)
{
        struct person p = {.id = 0};
        int64_t awards = 0;
        int rc = person_read(tx, k->call->house, k->call->house->home, k->subject, &p, err);

        put_bool(k->facts, "death_differs",
                 rc == 0 && p.death < DAY_END && strcmp(k->cause, "death") == 0 && p.death != k->event_day);
        person_dispose(&p);
        put_bool(k->facts, "nationality_lost", k->nationality_lost);
        rc = rc ? rc
                : count_of(tx, k,
                           "SELECT COUNT(*) FROM award WHERE home = ?1@int AND person = ?2@int AND state = 'active' AND "
                           "known_to > ?3@int",
                           "iii", (int64_t)clock_now(k->call->house->clock), &awards, err);
        put_int(k->facts, "awards", awards);
        k->awards = (int)awards;
        rc = rc ? rc
                : count_of(tx, k,
                           "SELECT CAST(COALESCE(SUM(balance_fen), 0) AS @int) FROM personal_account WHERE home = ?1@int AND "
                           "person = ?2@int",
                           "ii", 0, &k->balance, err);
        put_money(k->facts, "balance", k->balance);
        rc =
            rc ? rc
               : count_put(tx, k, "months",
                           "SELECT CAST(COALESCE(SUM(month_to - month_from), 0) AS @int) FROM contribution WHERE home = ?1@int "
                           "AND person = ?2@int AND known_to > ?3@int",
                           "iii", (int64_t)clock_now(k->call->house->clock), err);
        rc =
            rc ? rc
               : count_put(tx, k, "payments",
                           "SELECT COUNT(*) FROM payment p JOIN payment_run r ON r.home = p.home AND r.id = p.run WHERE p.home "
                           "= ?1@int AND p.person = ?2@int AND r.state IN ('releasing', 'released', 'filed') AND p.state IN "
                           "('due', 'released', 'filed')",
                           "ii", 0, err);
        return rc ? rc
                  : count_put(
                        tx, k, "works",
                        "SELECT COUNT(*) FROM employment WHERE home = ?1@int AND person = ?2@int AND valid_to > ?3@int AND "
                        "known_to = ?4@int",
                        "iiii", (int64_t)k->event_day + 1, err);
}

int cancel_facts(struct tx *tx, struct cancelling *k, struct error *err)
{
        json_decref(k->facts);
        k->facts = json_object();
        if (k->facts == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        put_text(k->facts, "cause", k->cause);
        put_day(k->facts, "event_day", k->event_day);
        int rc = k->person ? person_facts(tx, k, err) : employer_facts(tx, k, err);
        return rc ? rc : cases_read(tx, k, err);
}

void cancel_dispose(struct cancelling *k)
{
        json_decref(k->facts);
        k->facts = NULL;
}

/* --- what the pack says ------------------------------------------------------------------------------------------------------------------- */

struct asking {
        struct cancelling *k;
        int64_t pool;
        char state[16];
};

static int facts_read(struct tx *tx, void *ctx, struct error *err)
{
        struct asking *a = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        a->k->person ? "SELECT state FROM person WHERE home = ?1@int AND id = ?2@int"
                                     : "SELECT state FROM employer WHERE home = ?1@int AND id = ?2@int",
                        "ii", (int64_t)a->k->call->house->home, a->k->subject);

        a->state[0] = '\0';
        if (rc == 1)
                text_copy(a->state, sizeof a->state, stmt_text(q, 0));
        rc = rc < 0 ? rc : cancel_facts(tx, a->k, err);
        return rc ? rc : application_pool(tx, &a->pool, err);
}

int cancel_decide(struct cancelling *k, struct case_decision *d, json_t **result, json_t **derivation, struct error *err)
{
        struct asking a = {.k = k};
        int rc = k->person ? 0 : arrears_unordered(k->call, k->subject, &k->late_fee, err);

        rc = rc ? rc : store_read(k->call->house->store, facts_read, &a, err);
        if (rc == 0 && k->call->instance != 0)
                rc = case_pool(k->call, &a.pool, err);
        *d = (struct case_decision){.model = "cancellation",
                                    .name = cancel_kind(k),
                                    .pool = a.pool,
                                    .day = clock_today(k->call->house->clock),
                                    .person = k->person ? k->subject : 0,
                                    .subject_kind = cancel_kind(k),
                                    .subject = k->subject,
                                    .inputs = k->facts};
        return rc ? rc : decision_compute(k->call, d, result, derivation, err);
}

const char *cancel_words(const json_t *result, const char *lang, char *out, size_t size)
{
        char name[16];
        json_t *one;
        size_t i, n = 0;

        out[0] = '\0';
        text_format(name, sizeof name, "text_%s", lang);
        json_array_foreach(json_object_get(result, "reasons"), i, one)
        {
                const char *s = json_text(one, name);
                size_t left = size - n, need = strlen(s) + 4;
                if (need >= left)
                        break;
                text_format(out + n, left, "%s%s", n == 0 ? "" : strcmp(lang, "zh") == 0 ? "；" : "; ", s);
                n = strlen(out);
        }
        return out;
}
