/* SPDX-License-Identifier: Apache-2.0
 *
 * Curiosity (异常查阅): what an opening has that an honest one seldom has. The rules are rows of the pack's alarms.csv: for which purposes they
 * look, and their thresholds; what each looks at is here. An alarm is a question to an auditor, not a finding.
 */
#include "office/privacy/privacy.h"

#include "case/pack_store.h"
#include "office/json.h"
#include "pack/permission.h"

#include <stdlib.h>
#include <string.h>

#define PEER_DAYS 30 /* over which the average of colleagues is taken */

struct looking {
        struct tx *tx;
        struct call *call;
        const struct opening *o;
        const json_t *row;
        int64_t own;     /* who opens, as an insured person; 0 not known */
        char surname[8]; /* of who opens; "" not known */
};

static int64_t least_of(const struct looking *l)
{
        int64_t n = 0;

        return text_to_int(str_from(json_text(l->row, "least")), &n) ? n : 0;
}

/* The first character of a name. */
static void surname_take(char out[8], const char *name)
{
        size_t i = 0;
        struct str s = str_from(name);

        out[0] = '\0';
        if (s.n > 0 && utf8_next(s, &i) >= 0 && i < 8)
                text_copy(out, 8, (struct str){s.p, i});
}

static int name_of(struct looking *l, int64_t person, char out[8], struct error *err)
{
        struct house *h = l->call->house;
        struct person p;
        int rc = person_read(l->tx, h, h->home, person, &p, err);

        out[0] = '\0';
        if (rc < 0)
                return rc;
        surname_take(out, p.name);
        person_dispose(&p);
        return 0;
}

static int who_opens(struct looking *l, struct error *err)
{
        struct stmt *q;
        char display[96] = "";
        int rc = tx_one(&q, l->tx, err, "SELECT person, display FROM staff WHERE id = ?1@int", "i", l->call->who.staff);

        l->own = rc == 1 ? stmt_int(q, 0) : 0;
        if (rc == 1)
                text_copy(display, sizeof display, stmt_text(q, 1));
        if (rc < 0)
                return rc;
        surname_take(l->surname, display);
        return l->own == 0 ? 0 : name_of(l, l->own, l->surname, err);
}

static int own_record(struct looking *l, bool *yes, struct error *err)
{
        (void)err;
        *yes = l->own != 0 && l->own == l->o->person;
        return 0;
}

static int kin_record(struct looking *l, bool *yes, struct error *err)
{
        const struct scope_rule *rule = registry_scope(l->call->house->verbs, STR("kin"));
        json_t *pair;

        if (rule == NULL || l->own == 0 || l->own == l->o->person)
                return 0;
        pair = json_pack("{s:I,s:I}", "person", (json_int_t)l->own, "other", (json_int_t)l->o->person);
        int rc = pair == NULL ? error_raise(err, SB_MEMORY, "%s", "") : rule->within(l->tx, l->call, pair, yes, err);
        json_decref(pair);
        return rc;
}

static int colleague_record(struct looking *l, bool *yes, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, l->tx, err, "SELECT 1 FROM staff WHERE person = ?1@int AND id <> ?2@int LIMIT 1", "ii",
                        l->o->person, l->call->who.staff);

        *yes = rc == 1;
        return rc < 0 ? rc : 0;
}

static int same_family_name(struct looking *l, bool *yes, struct error *err)
{
        char other[8];
        int rc = l->surname[0] == '\0' ? 0 : name_of(l, l->o->person, other, err);

        *yes = rc == 0 && l->surname[0] != '\0' && strcmp(l->surname, other) == 0;
        return rc;
}

/* No case of the person at the office or below it that runs or ended in these days. */
static int without_case(struct looking *l, bool *yes, struct error *err)
{
        struct house *h = l->call->house;
        struct stmt *q;
        instant_t since = clock_now(h->clock) - least_of(l) * 86400 * (instant_t)1000000;
        int rc = tx_one(
            &q, l->tx, err,
            "SELECT 1 FROM case_any WHERE home = ?1@int AND subject_kind = 'person' AND subject = ?2@int AND (ended_at = 0 OR "
            "ended_at >= ?4@int) AND office IN " OFFICE_SUBTREE("?3@int") " LIMIT 1",
            "iiii", (int64_t)h->home, l->o->person, l->call->who.office, since);

        *yes = rc == 0;
        return rc < 0 ? rc : 0;
}

/* More persons today than `least`, and than `times` the average that colleagues of the office open in a day. */
static int many_records(struct looking *l, bool *yes, struct error *err)
{
        struct house *h = l->call->house;
        int64_t today = clock_today(h->clock), mine = 0, theirs = 0, days = 0;
        struct stmt *q;
        int rc =
            tx_one(&q, l->tx, err,
                   "SELECT COUNT(DISTINCT person) FROM record_opening WHERE home = ?1@int AND staff = ?2@int AND day = ?3@int",
                   "iii", (int64_t)h->home, l->call->who.staff, today);

        mine = rc == 1 ? stmt_int(q, 0) : 0;
        if (rc >= 0)
                rc = tx_one(
                    &q, l->tx, err,
                    "SELECT COUNT(*), COUNT(DISTINCT staff * 100000 + day) FROM (SELECT DISTINCT staff, day, person FROM "
                    "record_opening WHERE home = ?1@int AND office = ?2@int AND staff <> ?3@int AND day > ?4@int) AS seen",
                    "iiii", (int64_t)h->home, l->call->who.office, l->call->who.staff, today - PEER_DAYS);
        if (rc == 1) {
                theirs = stmt_int(q, 0);
                days = stmt_int(q, 1);
        }
        double times = strtod(json_text(l->row, "times"), NULL), average = days == 0 ? 0 : (double)theirs / (double)days;
        *yes = rc >= 0 && mine >= least_of(l) && (double)mine >= times * average;
        return rc < 0 ? rc : 0;
}

static const struct {
        const char *rule;
        int (*look)(struct looking *l, bool *yes, struct error *err);
        bool daily; /* raised once a day for somebody, not for each opening */
} RULES[] = {{"own", own_record, false},
             {"kin", kin_record, false},
             {"colleague", colleague_record, false},
             {"family_name", same_family_name, false},
             {"no_case", without_case, false},
             {"many", many_records, true}};

/* Was this rule raised for who opens today already? */
static int raised_today(struct looking *l, const char *rule, bool *yes, struct error *err)
{
        struct house *h = l->call->house;
        struct stmt *q;
        int rc = tx_one(
            &q, l->tx, err,
            "SELECT 1 FROM record_alarm a JOIN record_opening r ON r.home = a.home AND r.id = a.opening WHERE a.home = ?1@int "
            "AND a.state = 'open' AND a.rule = ?2@text AND a.staff = ?3@int AND r.day = ?4@int LIMIT 1",
            "itii", (int64_t)h->home, rule, l->call->who.staff, (int64_t)clock_today(h->clock));

        *yes = rc == 1;
        return rc < 0 ? rc : 0;
}

static int alarm_add(struct looking *l, const char *rule, struct error *err)
{
        struct house *h = l->call->house;
        int64_t id;
        int rc = ids_next(h->ids, &id, err);

        return rc < 0 ? rc
                      : tx_exec(
                            l->tx, err,
                            "INSERT INTO record_alarm (home, id, opening, person, staff, office, rule, raised_at, state, note, "
                            "decided_by, decided_at) VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@int, ?6@int, ?7@text, ?8@int, "
                            "'open', "
                            "'', 0, 0)",
                            "iiiiiiti", (int64_t)h->home, id, l->o->id, l->o->person, l->call->who.staff, l->call->who.office,
                            rule, clock_now(h->clock));
}

static int rule_apply(struct looking *l, int *raised, struct error *err)
{
        const char *rule = json_text(l->row, "rule"), *purposes = json_text(l->row, "purposes");
        bool yes = false, before = false;
        size_t i = 0;

        while (i < sizeof RULES / sizeof RULES[0] && strcmp(RULES[i].rule, rule) != 0)
                i++;
        if (i == sizeof RULES / sizeof RULES[0] || (purposes[0] != '\0' && !word_listed(purposes, l->o->purpose)))
                return 0;
        int rc = RULES[i].look(l, &yes, err);
        if (rc == 0 && yes && RULES[i].daily)
                rc = raised_today(l, rule, &before, err);
        if (rc < 0 || !yes || before)
                return rc;
        ++*raised;
        return alarm_add(l, rule, err);
}

int alarms_raise(struct tx *tx, struct call *c, const struct pack *pack, const struct opening *o, int *raised,
                 struct error *err)
{
        struct looking l = {.tx = tx, .call = c, .o = o};
        struct error none = {0};
        json_t *rows = NULL;
        size_t i;

        *raised = 0;
        if (pack_table(pack, "alarms.csv", &rows, &none) < 0)
                return 0; /* the pack looks at nothing */
        int rc = who_opens(&l, err);
        json_array_foreach(rows, i, l.row)
        {
                rc = rc ? rc : rule_apply(&l, raised, err);
        }
        json_decref(rows);
        return rc;
}

/* --- the auditor -------------------------------------------------------------------------------------------------------------------- */

struct listing {
        struct call *call;
        const char *state;
        int64_t before, last;
        int limit;
        bool more;
        json_t *items, *rules;
        const struct pack *pack;
};

static json_t *alarm_json(struct listing *l, struct stmt *q)
{
        char rule[32];
        json_t *o = json_object(), *row;
        size_t i;

        text_copy(rule, sizeof rule, stmt_text(q, 1));
        put_int(o, "id", stmt_int(q, 0));
        put_text(o, "rule", rule);
        json_array_foreach(l->rules, i, row)
        {
                if (strcmp(json_text(row, "rule"), rule) != 0)
                        continue;
                put_text(o, "title_zh", json_text(row, "title_zh"));
                put_text(o, "title_en", json_text(row, "title_en"));
        }
        put_instant(o, "raised_at", stmt_int(q, 2));
        put_str(o, "state", stmt_text(q, 3));
        put_str(o, "note", stmt_text(q, 4));
        put_int(o, "person", stmt_int(q, 5));
        put_int(o, "staff", stmt_int(q, 6));
        put_str(o, "staff_name", stmt_text(q, 7));
        put_str(o, "office_zh", stmt_text(q, 8));
        put_str(o, "office_en", stmt_text(q, 9));
        const struct pack_purpose *p = pack_purpose(l->pack, text_copy(rule, sizeof rule, stmt_text(q, 10)));
        put_text(o, "purpose_zh", p == NULL ? rule : p->title[LANG_ZH]);
        put_text(o, "purpose_en", p == NULL ? rule : p->title[LANG_EN]);
        put_int(o, "case", stmt_int(q, 11));
        put_str(o, "decided_by", stmt_text(q, 12));
        return o;
}

static int list_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct listing *l = ctx;
        struct stmt *q = NULL;
        int n = 0;
        int rc = tx_query(
            &q, tx, err,
            "SELECT a.id, a.rule, a.raised_at, a.state, a.note, a.person, a.staff, s.display, o.name_zh, o.name_en, "
            "r.purpose, r.instance, d.display FROM record_alarm a JOIN record_opening r ON r.home = a.home AND r.id = "
            "a.opening LEFT JOIN staff s ON s.id = a.staff LEFT JOIN office o ON o.id = a.office LEFT JOIN staff d ON d.id "
            "= a.decided_by WHERE a.home = ?1@int AND a.state = ?2@text AND (?3@int = 0 OR a.id < ?3@int) AND a.office "
            "IN " OFFICE_SUBTREE("?4@int") " ORDER BY a.id DESC LIMIT ?5@int",
            "itiii", (int64_t)l->call->house->home, l->state, l->before, l->call->who.office, (int64_t)l->limit + 1);

        json_array_clear(l->items);
        l->more = false;
        while ((rc = row_next(rc, q, err)) == 1) {
                if (n++ == l->limit) {
                        l->more = true;
                        rc = 0;
                        break;
                }
                l->last = stmt_int(q, 0);
                json_array_append_new(l->items, alarm_json(l, q));
        }
        return rc;
}

int privacy_alarms(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct listing l = {.call = c, .state = "open", .items = json_array()};
        struct error none = {0};
        struct pack *pack = NULL;
        char next[24];
        int rc = list_page(in, &l.limit, &l.before, err);

        rc = rc ? rc : json_get_text(in, "state", false, &l.state, err);
        rc = rc ? rc : pack_store_home(c->house->packs, c->house->clock, &pack, err);
        l.pack = pack;
        if (rc == 0 && pack_table(pack, "alarms.csv", &l.rules, &none) < 0)
                l.rules = NULL;
        rc = rc ? rc : store_read(c->house->store, list_apply, &l, err);
        json_decref(l.rules);
        if (rc < 0) {
                json_decref(l.items);
                return rc;
        }
        return list_answer(out, l.items, l.more ? text_format(next, sizeof next, "%lld", (long long)l.last) : NULL, err);
}

struct judging {
        int64_t alarm;
        const char *finding, *note;
};

static int decide_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct judging *j = ctx;
        struct stmt *q;
        bool within = false;
        int64_t home = c->house->home;
        int rc = tx_one(
            &q, tx, err,
            "SELECT staff, office, person FROM record_alarm WHERE home = ?1@int AND id = ?2@int AND state = 'open' @lock", "ii",
            home, j->alarm);

        if (rc == 0)
                return error_raise(err, SB_PRIVACY_ALARM, "%lld", (long long)j->alarm);
        if (rc < 0)
                return rc;
        int64_t staff = stmt_int(q, 0), office = stmt_int(q, 1), person = stmt_int(q, 2);
        if (staff == c->who.staff)
                return error_raise(err, SB_PRIVACY_ALARM_OWN, "%lld", (long long)j->alarm);
        rc = office_within(tx, office, c->who.office, &within, err);
        if (rc == 0 && !within)
                rc = error_raise(err, SB_CASE_OFFICE, "%s\x1e%s", "The alarm", "该预警");
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE record_alarm SET state = ?3@text, note = ?4@text, decided_by = ?5@int, decided_at = "
                             "?6@int WHERE home "
                             "= ?1@int AND id = ?2@int",
                             "iittii", home, j->alarm, j->finding, j->note, c->who.staff, clock_now(c->house->clock));
        if (rc < 0)
                return rc;
        change->subject_kind = "person";
        change->subject = person;
        change->audit =
            json_pack("{s:I,s:I,s:s}", "alarm", (json_int_t)j->alarm, "staff", (json_int_t)staff, "finding", j->finding);
        *out = json_pack("{s:I,s:s}", "id", (json_int_t)j->alarm, "state", j->finding);
        return *out == NULL || change->audit == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int privacy_alarm_decide(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct judging j = {.note = ""};
        int rc = json_get_int(in, "alarm", true, &j.alarm, err);

        rc = rc ? rc : json_get_text(in, "finding", true, &j.finding, err);
        rc = rc ? rc : json_get_text(in, "note", true, &j.note, err);
        if (rc == 0 && utf8_length(str_trim(str_from(j.note))) < 4)
                rc = error_raise(err, SB_PRIVACY_NOTE, "%s", "");
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "privacy.alarm_decide"), in, decide_apply, &j, out, err);
}
