/* SPDX-License-Identifier: Apache-2.0
 *
 * Proof of service (送达): how a letter reached its addressee, and from which day it counts as served. service.csv of the pack says, way
 * by way, whether a reference is its proof (a tracking number), whether the addressee must have agreed to it, and which figure of days
 * passes before it counts. What lacks its proof is recorded all the same, and does not count.
 */
#include "office/letter/issue.h"

#include "case/instance.h"
#include "case/pack_store.h"
#include "office/json.h"
#include "office/letter/record.h"
#include "office/letter/table.h"

#include <string.h>

/* What service.csv says of a way. */
struct way_rule {
        bool known, reference, consent;
        int64_t wait_days;
};
struct service {
        struct call *call;
        const char *verb, *way, *reference;
        int64_t document, instance;
        day_t day;
        bool consent, strict;
        char number[160];
};

static int wait_read(struct way_rule *rule, const struct pack *pack, const char *key, day_t day, struct error *err)
{
        const struct parameter *figure;

        if (key == NULL || key[0] == '\0')
                return 0;
        if (pack_parameter(pack, key, "", day, &figure, err) < 0)
                return ERR;
        return text_to_int(str_from(figure->value), &rule->wait_days) ? 0
                                                                      : error_raise(err, SB_LETTER_TEXT, "service.csv|%s", key);
}

static int rule_read(struct way_rule *rule, const struct pack *pack, const char *way, day_t day, struct error *err)
{
        json_t *rows = NULL, *row;
        size_t i;
        int rc = pack_table_maybe(pack, "service.csv", &rows, err);

        *rule = (struct way_rule){.known = json_array_size(rows) == 0};
        json_array_foreach(rows, i, row)
        {
                if (strcmp(cell(row, "way"), way) != 0)
                        continue;
                rule->known = true;
                rule->reference = strcmp(cell(row, "reference"), "yes") == 0;
                rule->consent = strcmp(cell(row, "consent"), "yes") == 0;
                if (rc == 0)
                        rc = wait_read(rule, pack, cell(row, "wait"), day, err);
        }
        json_decref(rows);
        return rc;
}

/* A letter that was issued before letters had rows of their own is proven served by its case alone: 1 when this is one. */
static int letter_older(struct tx *tx, const struct service *s, struct error *err)
{
        struct stmt *q;

        return s->call->instance == 0 ? 0
                                      : tx_one(&q, tx, err,
                                               "SELECT id FROM document WHERE home = ?1@int AND id = ?2@int AND kind IN "
                                               "('letter.zh', 'letter.en')",
                                               "ii", (int64_t)s->call->house->home, s->document);
}

/* The case of a letter. SB_LETTER_UNKNOWN. */
static int letter_read(struct tx *tx, struct service *s, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT instance, number FROM letter WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)s->call->house->home, s->document);
        char id[24];

        if (rc == 1) {
                s->instance = stmt_int(q, 0);
                text_copy(s->number, sizeof s->number, stmt_text(q, 1));
                return 0;
        }
        s->instance = s->call->instance;
        rc = rc ? rc : letter_older(tx, s, err);
        if (rc == 0)
                return error_raise(err, SB_LETTER_UNKNOWN, "%s", text_format(id, sizeof id, "%lld", (long long)s->document));
        return rc < 0 ? rc : 0;
}

/* From when it counts; 0 when what proves it is not there. strict: then it is an error instead. */
static int counts_from(const struct service *s, const struct way_rule *rule, day_t *from, struct error *err)
{
        const char *why = NULL;

        if (!rule->known)
                why = ERROR_BOTH("the pack knows no such way", "政策包没有该送达方式");
        else if (rule->reference && s->reference[0] == '\0')
                why = ERROR_BOTH("this way is proven by a number or a name: a tracking number, the paper of the notice",
                                 "该方式须登记凭据：邮件号码、公告载体等");
        else if (rule->consent && !s->consent)
                why = ERROR_BOTH("the addressee has to have agreed to be served so", "须经受送达人同意");
        if (why != NULL && s->strict)
                return error_raise(err, SB_LETTER_SERVICE, "%s", why);
        *from = why != NULL ? 0 : (day_t)(s->day + rule->wait_days);
        return 0;
}

static int served_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct service *s = ctx;
        struct house *h = c->house;
        struct instance i = {.home = 0};
        struct way_rule rule;
        char day[16], from_text[16];
        day_t from = 0;
        int64_t id;
        int rc = letter_read(tx, s, err);

        rc = rc ? rc : instance_read(tx, h, s->instance, &i, err);
        if (rc == 0 && s->strict)
                rc = office_allowed(tx, c, i.office, i.number, err);
        rc = rc ? rc : rule_read(&rule, i.pack, s->way, s->day, err);
        rc = rc ? rc : counts_from(s, &rule, &from, err);
        instance_dispose(&i);
        rc = rc ? rc : ids_next(h->ids, &id, err);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO letter_service (home, id, document, instance, way, reference, day, actor, at, served_day, "
                    "consent) "
                    "VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@text, ?6@text, ?7@int, ?8@int, ?9@int, ?10@int, ?11@int)",
                    "iiiittiiiii", (int64_t)h->home, id, s->document, s->instance, s->way, s->reference, (int64_t)s->day,
                    c->who.staff, (int64_t)clock_now(h->clock), (int64_t)from, (int64_t)s->consent);
        if (rc < 0)
                return rc;
        change->subject_kind = "document";
        change->subject = s->document;
        *out = json_pack("{s:I,s:s,s:s,s:s?}", "service", (json_int_t)id, "way", s->way, "day", day_text(s->day, day),
                         "served_day", from == 0 ? NULL : day_text(from, from_text));
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int serve(struct service *s, const json_t *in, json_t **out, struct error *err)
{
        struct call *c = s->call;
        int rc = json_get_int(in, "document", true, &s->document, err);

        s->way = "counter";
        s->reference = "";
        s->day = clock_today(c->house->clock);
        rc = rc ? rc : json_get_text(in, "way", false, &s->way, err);
        rc = rc ? rc : json_get_text(in, "reference", false, &s->reference, err);
        rc = rc ? rc : json_get_bool(in, "consent", false, &s->consent, err);
        rc = rc ? rc : json_get_day(in, "day", false, &s->day, err);
        if (rc == 0 && s->day > clock_today(c->house->clock) && s->strict)
                rc = error_raise(err, SB_LETTER_SERVICE, "%s", ERROR_BOTH("the day is still to come", "日期晚于今天"));
        return rc < 0 ? rc : verb_change(c, registry_find(c->house->verbs, s->verb), in, served_apply, s, out, err);
}

static int letter_served(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct service s = {.call = c, .verb = "letter.served"};

        return serve(&s, in, out, err);
}

static int letters_serve(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct service s = {.call = c, .verb = "letters.serve", .strict = true};

        return serve(&s, in, out, err);
}

/* --- the letters of a case -------------------------------------------------------------------------------------------------------------- */

struct listing {
        struct call *call;
        int64_t instance;
        json_t *items, *ways;
        struct pack *pack;
};

static void served_put(json_t *o, struct stmt *q)
{
        json_t *one = json_object(), *list = json_object_get(o, "services");

        put_str(one, "way", stmt_text(q, 1));
        put_str(one, "reference", stmt_text(q, 2));
        put_day(one, "day", (day_t)stmt_int(q, 3));
        if (stmt_int(q, 4) == 0)
                put_value(one, "served_day", json_null());
        else
                put_day(one, "served_day", (day_t)stmt_int(q, 4));
        put_bool(one, "consent", stmt_int(q, 5) != 0);
        put_str(one, "by", stmt_text(q, 6));
        json_array_append_new(list, one);
        if (stmt_int(q, 4) != 0 && json_object_get(o, "served_day") == NULL)
                put_day(o, "served_day", (day_t)stmt_int(q, 4));
}

static int services_read(struct tx *tx, struct listing *l, struct error *err)
{
        struct stmt *q = NULL;
        json_t *o;
        size_t i;
        int rc = tx_query(
            &q, tx, err,
            "SELECT v.document, v.way, v.reference, v.day, v.served_day, v.consent, COALESCE(s.display, '') FROM "
            "letter_service v JOIN letter l ON l.home = v.home AND l.id = v.document LEFT JOIN staff s ON s.id = v.actor "
            "WHERE l.home = ?1@int AND l.instance = ?2@int ORDER BY v.id",
            "ii", (int64_t)l->call->house->home, l->instance);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_array_foreach(l->items, i, o)
                {
                        if (json_integer_value(json_object_get(o, "document")) == stmt_int(q, 0))
                                served_put(o, q);
                }
        }
        return rc;
}

static void put_english(json_t *o, struct stmt *q)
{
        put_int(o, "document_en", stmt_int(q, 0));
        put_str(o, "title_en", stmt_text(q, 10));
}

static void letter_put(json_t *items, struct stmt *q)
{
        json_t *o;
        size_t i;

        /* The English text of a letter stands beside the Chinese one that is served. */
        if (str_is(stmt_text(q, 5), "en")) {
                json_array_foreach(items, i, o)
                {
                        if (json_integer_value(json_object_get(o, "sequence")) == stmt_int(q, 4) &&
                            str_is(stmt_text(q, 2), json_string_value(json_object_get(o, "letter"))))
                                put_english(o, q);
                }
                return;
        }
        o = json_object();
        put_int(o, "document", stmt_int(q, 0));
        put_str(o, "number", stmt_text(q, 1));
        put_str(o, "letter", stmt_text(q, 2));
        put_day(o, "day", (day_t)stmt_int(q, 3));
        put_int(o, "sequence", stmt_int(q, 4));
        put_str(o, "state", stmt_text(q, 6));
        put_str(o, "reason", stmt_text(q, 7));
        put_str(o, "seal_zh", stmt_text(q, 8));
        put_str(o, "seal_en", stmt_text(q, 9));
        put_str(o, "title", stmt_text(q, 10));
        put_value(o, "services", json_array());
        json_array_append_new(items, o);
}

static int letters_read(struct tx *tx, void *ctx, struct error *err)
{
        struct listing *l = ctx;
        struct instance i = {.home = 0};
        struct stmt *q = NULL;
        int rc = instance_read(tx, l->call->house, l->instance, &i, err);

        if (rc == 0 && l->call->who.staff != 0)
                rc = office_allowed(tx, l->call, i.office, i.number, err);
        l->pack = i.pack;
        instance_dispose(&i);
        json_array_clear(l->items);
        if (rc == 0)
                rc = tx_query(
                    &q, tx, err,
                    "SELECT l.id, l.number, l.template, l.day, l.sequence, l.lang, l.state, l.reason, COALESCE(s.name_zh, ''), "
                    "COALESCE(s.name_en, ''), d.title FROM letter l JOIN document d ON d.home = l.home AND d.id = l.id LEFT "
                    "JOIN "
                    "seal s ON s.id = l.seal WHERE l.home = ?1@int AND l.instance = ?2@int ORDER BY l.day, l.template, "
                    "l.sequence, l.lang DESC",
                    "ii", (int64_t)l->call->house->home, l->instance);
        while ((rc = row_next(rc, q, err)) == 1) {
                letter_put(l->items, q);
        }
        return rc ? rc : services_read(tx, l, err);
}

static int letters_list(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct listing l = {.call = c, .items = json_array()};
        int rc = json_get_int(in, "case", true, &l.instance, err);

        if (rc == 0)
                rc = store_read(c->house->store, letters_read, &l, err);
        if (rc == 0)
                rc = pack_table_maybe(l.pack, "service.csv", &l.ways, err);
        if (rc == 0) {
                *out = json_pack("{s:O,s:O}", "items", l.items, "ways", l.ways);
                rc = *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
        }
        json_decref(l.items);
        json_decref(l.ways);
        return rc;
}

/* --- withdrawn ------------------------------------------------------------------------------------------------------------------------- */

struct withdrawing {
        struct service about;
        const char *reason;
};

static int withdraw_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct withdrawing *w = ctx;
        struct instance i = {.home = 0};
        int64_t changed = 0;
        int rc = letter_read(tx, &w->about, err);

        rc = rc ? rc : instance_read(tx, c->house, w->about.instance, &i, err);
        rc = rc ? rc : office_allowed(tx, c, i.office, i.number, err);
        instance_dispose(&i);
        /* Both languages are one letter. */
        rc = rc ? rc
                : tx_exec_changed(tx, &changed, err,
                                  "UPDATE letter SET state = 'withdrawn', reason = ?3@text, state_by = ?4@int, state_at = "
                                  "?5@int WHERE home = ?1@int AND "
                                  "state = 'issued' AND EXISTS (SELECT 1 FROM letter o WHERE o.home = letter.home AND o.id = "
                                  "?2@int AND o.year = "
                                  "letter.year AND o.office = letter.office AND o.template = letter.template AND o.sequence = "
                                  "letter.sequence)",
                                  "iitii", (int64_t)c->house->home, w->about.document, w->reason, c->who.staff,
                                  (int64_t)clock_now(c->house->clock));
        if (rc == 0 && changed == 0)
                rc = error_raise(err, SB_LETTER_STATE, "%s|%s", w->about.number,
                                 ERROR_BOTH("withdrawn or replaced", "撤回或已被代替"));
        if (rc < 0)
                return rc;
        change->subject_kind = "document";
        change->subject = w->about.document;
        *out = json_pack("{s:I,s:s}", "document", (json_int_t)w->about.document, "state", "withdrawn");
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int letters_withdraw(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct withdrawing w = {.about = {.call = c}};
        int rc = json_get_int(in, "document", true, &w.about.document, err);

        rc = rc ? rc : json_get_text(in, "reason", true, &w.reason, err);
        return rc < 0 ? rc
                      : verb_change(c, registry_find(c->house->verbs, "letters.withdraw"), in, withdraw_apply, &w, out, err);
}

#define ANY "{\"type\":\"object\"}"
#define WAY                                                                                                                    \
        "\"document\":{\"type\":\"integer\",\"minimum\":1},\"way\":{\"enum\":[\"counter\",\"post\",\"sms\",\"public\"]},"      \
        "\"reference\":{\"type\":\"string\",\"maxLength\":120},\"consent\":{\"type\":\"boolean\"},\"day\":{\"type\":"          \
        "\"string\","                                                                                                          \
        "\"format\":\"date\"}"
const struct verb service_verbs[] = {
    {"letter.served", VERB_WRITE, NULL, NULL, NULL, "Record how a letter was served", "登记文书送达",
     "{\"type\":\"object\",\"required\":[\"document\"],\"properties\":{" WAY "}}", ANY, letter_served, NULL},
    {"letters.serve", VERB_WRITE, "letters.write", "POST", "/api/letters/{document}/services",
     "Record that a letter was served, with what proves it", "登记文书送达及凭据",
     "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"document\",\"way\"],\"properties\":{" WAY "}}", ANY,
     letters_serve, SCOPE_OFFICE},
    {"letters.list", VERB_READ, "letters.read", "GET", "/api/cases/{case}/letters",
     "The letters of a case and how they were served", "案件文书及送达情况",
     "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"case\"],\"properties\":{\"case\":{\"type\":"
     "\"integer\",\"minimum\":"
     "1}}}",
     ANY, letters_list, SCOPE_OFFICE},
    {"letters.withdraw", VERB_WRITE, "letters.withdraw", "POST", "/api/letters/{document}/withdraw",
     "Withdraw a letter, with the reason", "撤回文书",
     "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"document\",\"reason\"],\"properties\":{\"document\":{"
     "\"type\":"
     "\"integer\",\"minimum\":1},\"reason\":{\"type\":\"string\",\"minLength\":2,\"maxLength\":300}}}",
     ANY, letters_withdraw, SCOPE_OFFICE},
    {0},
};
