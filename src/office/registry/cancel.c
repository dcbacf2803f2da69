/* SPDX-License-Identifier: Apache-2.0
 *
 * The verbs of cancellation, and what the rest of the registry asks of it: whether somebody is registered, and that who comes back gets
 * the old number.
 */
#include "office/registry/cancel.h"

#include "office/json.h"

#include <string.h>

/* --- asked by the registry ---------------------------------------------------------------------------------------------------------------- */

int state_set(struct tx *tx, int32_t home, const char *kind, int64_t subject, const char *state, struct error *err)
{
        return tx_exec(tx, err,
                       strcmp(kind, "person") == 0 ? "UPDATE person SET state = ?3@text WHERE home = ?1@int AND id = ?2@int"
                                                   : "UPDATE employer SET state = ?3@text WHERE home = ?1@int AND id = ?2@int",
                       "iit", (int64_t)home, subject, state);
}

int cancellation_end(struct tx *tx, struct call *c, int64_t id, const char *state, const char *reason, struct error *err)
{
        return tx_exec(
            tx, err,
            "UPDATE cancellation SET state = ?3@text, ended_by = ?4@int, ended_at = ?5@int, reason = ?6@text WHERE home "
            "= ?1@int AND id = ?2@int",
            "iitiit", (int64_t)c->house->home, id, state, c->who.staff, (int64_t)clock_now(c->house->clock), reason);
}

int cancellation_open(struct tx *tx, int32_t home, const char *kind, int64_t subject, int64_t *id, day_t *day,
                      struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT id, event_day FROM cancellation WHERE home = ?1@int AND subject_kind = ?2@text AND subject = ?3@int "
                   "AND state = 'cancelled' ORDER BY id DESC LIMIT 1",
                   "iti", (int64_t)home, kind, subject);

        if (rc == 1) {
                *id = stmt_int(q, 0);
                *day = (day_t)stmt_int(q, 1);
        }
        return rc;
}

/* A record that went into another is used no more; the error names where it went. */
static int merged_refuse(struct tx *tx, int32_t home, int64_t person, struct error *err)
{
        char gone[32], kept[32];
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT kept FROM person_merge WHERE home = ?1@int AND gone = ?2@int AND state = 'merged'",
                        "ii", (int64_t)home, person);

        return rc != 1 ? rc
                       : error_raise(err, SB_MERGE_GONE, "%s|%s", readable_number('P', home, person, gone),
                                     readable_number('P', home, stmt_int(q, 0), kept));
}

int registered_need(struct tx *tx, int32_t home, const char *kind, int64_t subject, struct error *err)
{
        char number[32], text[16];
        int64_t id;
        day_t day;
        int rc = cancellation_open(tx, home, kind, subject, &id, &day, err);

        if (rc == 0 && kind[0] == 'p')
                return merged_refuse(tx, home, subject, err);
        return rc <= 0 ? rc
                       : error_raise(err, SB_REGISTRY_CANCELLED, "%s|%s",
                                     readable_number(kind[0] == 'p' ? 'P' : 'E', home, subject, number), day_text(day, text));
}

/* --- registry.cancel_form: what is wrong with an application --------------------------------------------------------------------------------- */

struct looking {
        struct cancelling *k;
        struct error *why;
};

static int registered_read(struct tx *tx, void *ctx, struct error *err)
{
        struct looking *l = ctx;
        int rc;

        error_clear(l->why);
        (void)err;
        rc = registered_need(tx, l->k->call->house->home, cancel_kind(l->k), l->k->subject, l->why);
        return rc == ERR_SOFT ? rc : 0;
}

static int cancel_form(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct cancelling k;
        struct error why = {0};
        char en[400], zh[400], field[32];
        int rc = cancel_read(&k, c, json_object_get(in, "form"), &why);

        if (rc < 0)
                text_copy(field, sizeof field, str_from(why.where));
        else
                text_copy(field, sizeof field, str_from(cancel_kind(&k)));
        if (rc == 0)
                rc = store_read(c->house->store, registered_read, &(struct looking){&k, &why}, err);
        else
                rc = 0;
        if (rc < 0)
                return rc;
        if (why.code == SB_OK)
                *out = json_pack("{s:[]}", "faults");
        else
                *out = json_pack("{s:[{s:s,s:s,s:s}]}", "faults", "field", field, "zh",
                                 error_text(&why, LANG_ZH, zh, sizeof zh), "en", error_text(&why, LANG_EN, en, sizeof en));
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

/* --- registry.cancel_check: asked of the pack before anybody reviews ---------------------------------------------------------------------------- */

struct checking {
        struct case_decision decision;
        json_t *result, *derivation;
};

static int check_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct checking *k = ctx;
        char en[400], zh[400];
        int64_t id = 0;
        int rc = decision_store(tx, c, &k->decision, k->result, k->derivation, &id, err);

        if (rc < 0)
                return rc;
        change->subject_kind = "decision";
        change->subject = id;
        *out = json_pack("{s:I,s:O,s:O,s:s,s:s}", "decision", (json_int_t)id, "stopped", json_object_get(k->result, "stopped"),
                         "waits", json_object_get(k->result, "waits"), "words", cancel_words(k->result, "zh", zh, sizeof zh),
                         "words_en", cancel_words(k->result, "en", en, sizeof en));
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int cancel_check(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct checking x = {0};
        struct cancelling k;
        int rc = cancel_read(&k, c, in, err);

        rc = rc ? rc : cancel_decide(&k, &x.decision, &x.result, &x.derivation, err);
        rc = rc ? rc : verb_change(c, registry_find(c->house->verbs, "registry.cancel_check"), in, check_apply, &x, out, err);
        json_decref(x.result);
        json_decref(x.derivation);
        cancel_dispose(&k);
        return rc;
}

/* --- on the page of the person or employer --------------------------------------------------------------------------------------------------------- */

struct past {
        struct call *call;
        const char *kind;
        int64_t subject;
        json_t *items;
};

static int past_read(struct tx *tx, void *ctx, struct error *err)
{
        struct past *p = ctx;
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT id, cause, event_day, instance, state, at, ended_at, reason FROM cancellation WHERE home = ?1@int "
                     "AND subject_kind = ?2@text AND subject = ?3@int ORDER BY id DESC",
                     "iti", (int64_t)p->call->house->home, p->kind, p->subject);

        json_array_clear(p->items);
        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "id", stmt_int(q, 0));
                put_str(o, "cause", stmt_text(q, 1));
                put_day(o, "event_day", (day_t)stmt_int(q, 2));
                put_int(o, "case", stmt_int(q, 3));
                put_str(o, "state", stmt_text(q, 4));
                put_instant(o, "at", stmt_int(q, 5));
                if (stmt_int(q, 6) != 0)
                        put_instant(o, "ended_at", stmt_int(q, 6));
                put_str(o, "reason", stmt_text(q, 7));
                json_array_append_new(p->items, o);
        }
        return rc;
}

/* What was cancelled before, and, with a cause, what stands against it now. */
static int looked(struct call *c, const json_t *in, const char *kind, json_t **out, struct error *err)
{
        struct past p = {.call = c, .kind = kind, .subject = json_int_or(in, kind, 0), .items = json_array()};
        struct case_decision d;
        struct cancelling k = {.facts = NULL};
        json_t *result = NULL;
        int rc = store_read(c->house->store, past_read, &p, err);

        if (rc == 0 && json_text(in, "cause")[0] != '\0') {
                rc = cancel_read(&k, c, in, err);
                rc = rc ? rc : cancel_decide(&k, &d, &result, NULL, err);
        }
        if (rc == 0) {
                *out = json_pack("{s:O,s:O?,s:O?}", "items", p.items, "facts", k.facts, "found", result);
                rc = *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
        }
        json_decref(p.items);
        json_decref(result);
        cancel_dispose(&k);
        return rc;
}

static int person_cancellation(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return looked(c, in, "person", out, err);
}

static int employer_cancellation(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return looked(c, in, "employer", out, err);
}

#define WHO(name) "\"" name "\":{\"type\":[\"integer\",\"null\"],\"minimum\":1}"
#define OF_CASE                                                                                                                \
        "{\"type\":\"object\",\"properties\":{" WHO("person") "," WHO(                                                         \
            "employer") ",\"cause\":{\"type\":\"string\"},"                                                                    \
                        "\"event_day\":{\"type\":\"string\",\"format\":\"date\"},\"nationality_lost\":{\"type\":[\"boolean\"," \
                        "\"null\"]},"                                                                                          \
                        "\"payout_requested\":{\"type\":[\"boolean\",\"null\"]}},\"required\":[\"cause\",\"event_day\"]}"
#define ASKED(who)                                                                                                             \
        "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{" who ",\"cause\":{\"type\":\"string\","          \
        "\"maxLength\":20},\"event_day\":{\"type\":\"string\",\"format\":\"date\"},\"nationality_lost\":{\"type\":"            \
        "\"boolean\"}},"
#define ANY "{\"type\":\"object\"}"

const struct verb cancel_verbs[] = {
    {"registry.cancel_form", VERB_READ, NULL, NULL, NULL, "Whether a cancellation can be applied for as the form says",
     "查验注销申请表", "{\"type\":\"object\",\"properties\":{\"form\":{\"type\":\"object\"}},\"required\":[\"form\"]}", ANY,
     cancel_form, NULL},
    {"registry.cancel_check", VERB_WRITE, NULL, NULL, NULL,
     "Look up what stands against a cancellation, by the rules of the pack", "核验注销条件", OF_CASE, ANY, cancel_check, NULL},
    {"registry.cancel", VERB_WRITE, NULL, NULL, NULL, "Cancel a registration: employments end, a death is entered",
     "注销登记：终止用工关系、登记死亡", OF_CASE, ANY, registry_cancel, NULL},
    {"registry.cancel_undo", VERB_WRITE, NULL, NULL, NULL, "Take a cancellation back within its case", "在本案件内撤回注销",
     "{\"type\":\"object\",\"properties\":{\"cancellation\":{\"type\":[\"integer\",\"null\"],\"minimum\":1},\"reason\":{"
     "\"type\":["
     "\"string\",\"null\"]}},\"required\":[]}",
     ANY, registry_cancel_undo, NULL},
    {"registry.person_cancellation", VERB_READ, "people.read", "GET", "/api/persons/{person}/cancellation",
     "Cancellations of a person; with a cause, what stands against one now", "参保人注销记录及注销条件核验",
     ASKED("\"person\":{\"type\":\"integer\",\"minimum\":1,\"x-opens\":\"person\"}") "\"required\":[\"person\"]}", ANY,
     person_cancellation, SCOPE_EVERYWHERE},
    {"registry.employer_cancellation", VERB_READ, "employers.read", "GET", "/api/employers/{employer}/cancellation",
     "Cancellations of an employer; with a cause, what stands against one now", "单位注销记录及注销条件核验",
     ASKED("\"employer\":{\"type\":\"integer\",\"minimum\":1}") "\"required\":[\"employer\"]}", ANY, employer_cancellation,
     "employer.employer"},
    {0},
};
