/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands against a line (faults: it cannot be posted) and what is to be seen before it is posted (notices).
 */
#include "office/roster/roster.h"

#include "case/pack_store.h"
#include "office/json.h"
#include "pack/pack.h"

#include <stdlib.h>
#include <string.h>

#define WAGE_MAX ((fen_t)1000000000)
#define AHEAD_DAYS 31 /* that far ahead of the day an employer may hand in what it knows already */

struct checking {
        struct roster *r;
        struct tx *tx;
        struct roster_line *line;
};

static struct str text_of(const struct roster_line *l, const char *field)
{
        return str_trim(str_from(json_text(l->in, field)));
}

/* What a person did wrong is told at the line; anything else ends the check. */
static int tell(struct checking *k, int rc, const char *field, struct error *why, struct error *err)
{
        if (rc != ERR || error_http(why->code) >= 500) {
                if (rc < 0)
                        error_hand(err, why);
                return rc;
        }
        why->where[0] = '\0';
        k->r->faults++;
        return roster_finding(&k->line->faults, field, why, err);
}

static int notice(struct checking *k, const struct error *why, struct error *err)
{
        k->r->notices++;
        return roster_finding(&k->line->notices, "", why, err);
}

/* --- who ---------------------------------------------------------------------------------------------------------------------------- */

/* 1 known, 0 not. */
static int person_look(struct checking *k, const char **field, int32_t *home, struct error *why)
{
        struct str id = text_of(k->line, "id_number"), number = text_of(k->line, "number");
        int shown = 0;
        char prefix = 'P';

        *home = k->r->call->house->home;
        if (id.n == 0 && number.n > 0) {
                *field = "number";
                int rc = readable_parse(number, &prefix, &shown, &k->line->person, why);
                if (rc == 0 && (prefix != 'P' || shown != *home))
                        rc = error_raise(why, SB_ROSTER_UNKNOWN, "%s", "");
                return rc < 0 ? rc : 1;
        }
        *field = "id_number";
        int rc = id_number_check(id, NULL, NULL, why);
        if (rc == 0)
                rc = person_find(k->tx, k->r->call->house, id, home, &k->line->person, why);
        return rc;
}

/* The name that was written down has to be the one that is registered, which is not told to who has it wrong. */
static int person_known(struct checking *k, day_t *death, struct error *why)
{
        struct house *h = k->r->call->house;
        struct person p = {.id = 0};
        struct str name = text_of(k->line, "name");
        int rc = person_read(k->tx, h, h->home, k->line->person, &p, why);

        if (rc == 0 && (name.n > 0 || text_of(k->line, "id_number").n > 0) && !str_is(name, p.name))
                rc = error_raise(why, SB_ROSTER_NAME, "%s", "");
        if (rc == 0)
                rc = registered_need(k->tx, h->home, "person", p.id, why);
        if (rc == 0) {
                text_copy(k->line->name, sizeof k->line->name, str_from(p.name));
                text_copy(k->line->number, sizeof k->line->number, str_from(p.number));
                text_mask(k->line->masked, sizeof k->line->masked, p.id_number, 6, 4);
                text_copy(k->line->category, sizeof k->line->category, str_from(p.category));
                *death = p.death;
        }
        person_dispose(&p);
        return rc;
}

/* Somebody who is registered with the batch. */
static int person_unknown(struct checking *k, const char **field, struct error *why)
{
        struct person_facts facts;
        struct str id = text_of(k->line, "id_number");
        char number[24];
        struct person_text text = {.name = text_of(k->line, "name"),
                                   .id_number = id,
                                   .category = text_of(k->line, "category"),
                                   .telephone = text_of(k->line, "telephone")};
        int rc = k->line->joins ? person_facts_check(&facts, &text, field, why) : error_raise(why, SB_ROSTER_UNKNOWN, "%s", "");

        text_copy(k->line->name, sizeof k->line->name, text.name);
        text_mask(k->line->masked, sizeof k->line->masked, text_copy(number, sizeof number, id), 6, 4);
        if (rc == 0)
                text_copy(k->line->category, sizeof k->line->category, str_from(facts.category));
        if (rc == 0 && k->line->day != 0 && k->line->day < facts.birth) {
                char from[16], birth[16];
                *field = "day";
                rc = error_raise(why, SB_REGISTRY_PERIOD, "%s|%s", day_text(k->line->day, from), day_text(facts.birth, birth));
        }
        explicit_bzero(&facts, sizeof facts);
        return rc;
}

/* --- when ---------------------------------------------------------------------------------------------------------------------------- */

static int day_look(struct checking *k, struct error *why)
{
        day_t today = clock_today(k->r->call->house->clock), day = 0;
        char text[16], from[16];
        int rc = day_parse(&day, text_of(k->line, "day"), why);

        if (rc == 0 && day > today + AHEAD_DAYS)
                rc = error_raise(why, SB_ROSTER_DAY, "%s|%s", day_text(day, text), day_text(day - AHEAD_DAYS, from));
        k->line->day = rc == 0 ? day : 0;
        return rc;
}

static int wage_look(struct checking *k, struct error *why)
{
        char text[24];
        fen_t wage = 0;
        struct str s = text_of(k->line, "wage");
        int rc = s.n == 0 ? error_raise(why, SB_FIELD_MISSING, "%s", "wage") : money_parse(&wage, s, why);

        if (rc == 0 && (wage < 0 || wage > WAGE_MAX))
                rc = error_raise(why, SB_CONTRIBUTION_WAGE, "%s", money_text(wage, text));
        k->line->wage = rc == 0 ? wage : 0;
        return rc;
}

/* The spell with the employer that a day lies in: 1, 0. */
static int spell_at(struct checking *k, day_t from, day_t to, int64_t *id, day_t *begins, day_t *ends, struct error *err)
{
        struct stmt *q;
        int64_t home = k->r->call->house->home;
        int rc = tx_one(&q, k->tx, err,
                        "SELECT id, valid_from, valid_to FROM employment WHERE home = ?1@int AND person = ?2@int AND "
                        "employer_home = ?1@int AND employer = ?3@int AND known_to = ?4@int AND valid_from < ?6@int AND "
                        "valid_to > ?5@int ORDER BY valid_from LIMIT 1",
                        "iiiiii", home, k->line->person, k->r->employer.id, (int64_t)INSTANT_END, (int64_t)from, (int64_t)to);

        if (rc == 1) {
                *id = stmt_int(q, 0);
                *begins = (day_t)stmt_int(q, 1);
                *ends = (day_t)stmt_int(q, 2);
        }
        return rc;
}

/* A batch that waits and names the same worker. */
static int other_batch(struct checking *k, struct error *why)
{
        struct stmt *q;
        int rc =
            k->line->person == 0
                ? 0
                : tx_one(&q, k->tx, why,
                         "SELECT r.id FROM roster_line l JOIN roster r ON r.home = l.home AND r.id = l.roster WHERE l.home = "
                         "?1@int AND l.person = ?2@int AND l.state = 'waiting' AND r.employer = ?3@int AND r.state IN "
                         "('entered', 'posting') LIMIT 1",
                         "iii", (int64_t)k->r->call->house->home, k->line->person, k->r->employer.id);

        return rc == 1 ? error_raise(why, SB_ROSTER_WAITS, "%lld", (long long)stmt_int(q, 0)) : rc;
}

/* --- joins ---------------------------------------------------------------------------------------------------------------------------- */

static int join_faults(struct checking *k, day_t death, struct error *why)
{
        char from[16], to[16];
        int64_t id;
        day_t begins, ends;

        if (k->line->day >= death)
                return error_raise(why, SB_REGISTRY_PERIOD, "%s|%s", day_text(k->line->day, from), day_text(death, to));
        int rc = spell_at(k, k->line->day, DAY_END, &id, &begins, &ends, why);
        return rc == 1 ? error_raise(why, SB_REGISTRY_OVERLAP, "%s|%s", day_text(begins, from), day_text(ends, to)) : rc;
}

static int elsewhere(struct checking *k, struct error *err)
{
        struct stmt *q;
        struct error why = {0};
        char since[16];
        int rc = tx_one(&q, k->tx, err,
                        "SELECT MIN(valid_from), COUNT(*) FROM employment WHERE home = ?1@int AND person = ?2@int AND NOT "
                        "(employer_home = ?1@int AND employer = ?3@int) AND known_to = ?4@int AND valid_from <= ?5@int AND "
                        "valid_to > ?5@int",
                        "iiiii", (int64_t)k->r->call->house->home, k->line->person, k->r->employer.id, (int64_t)INSTANT_END,
                        (int64_t)k->line->day);

        if (rc != 1 || stmt_int(q, 1) == 0)
                return rc < 0 ? rc : 0;
        error_raise(&why, SB_ROSTER_ELSEWHERE, "%s", day_text((day_t)stmt_int(q, 0), since));
        return notice(k, &why, err);
}

static int pensioner(struct checking *k, struct error *err)
{
        struct stmt *q;
        struct error why = {0};
        int rc =
            tx_one(&q, k->tx, err,
                   "SELECT 1 FROM award WHERE home = ?1@int AND person = ?2@int AND scheme = 'EP' AND state = 'active' AND "
                   "known_to = ?3@int LIMIT 1",
                   "iii", (int64_t)k->r->call->house->home, k->line->person, (int64_t)INSTANT_END);

        if (rc != 1)
                return rc;
        error_raise(&why, SB_ROSTER_PENSIONER, "%s", "");
        return notice(k, &why, err);
}

static int late(struct checking *k, struct error *err)
{
        struct error why = {0};

        if (k->r->late_days == 0 || k->line->day + k->r->late_days >= clock_today(k->r->call->house->clock))
                return 0;
        error_raise(&why, SB_ROSTER_LATE, "%lld", (long long)k->r->late_days);
        error_article(&why, "社会保险法 58");
        return notice(k, &why, err);
}

/* Months of the employer that are declared: of a joiner those without the worker, of a leaver those with them. */
static int months(struct checking *k, month_t from, bool with, enum error_code code, struct error *err)
{
        struct stmt *q;
        struct error why = {0};
        int rc =
            tx_one(&q, k->tx, err,
                   "SELECT COUNT(DISTINCT d.month) FROM declaration d WHERE d.home = ?1@int AND d.employer = ?2@int AND "
                   "d.month >= ?3@int AND d.state <> 'returned' AND ?5@int = (SELECT COUNT(*) FROM declaration_line l "
                   "WHERE l.home = d.home AND l.declaration = d.id AND l.person_home = d.home AND l.person = ?4@int)",
                   "iiiii", (int64_t)k->r->call->house->home, k->r->employer.id, (int64_t)from, k->line->person, (int64_t)with);

        if (rc != 1 || stmt_int(q, 0) == 0)
                return rc < 0 ? rc : 0;
        error_raise(&why, code, "%lld", (long long)stmt_int(q, 0));
        return notice(k, &why, err);
}

static int join_notices(struct checking *k, struct error *err)
{
        int rc = k->line->person == 0 ? 0 : elsewhere(k, err);

        if (rc == 0 && k->line->person != 0)
                rc = pensioner(k, err);
        if (rc == 0)
                rc = late(k, err);
        return rc == 0 ? months(k, month_of(k->line->day), false, SB_ROSTER_UNBILLED, err) : rc;
}

/* --- leaves --------------------------------------------------------------------------------------------------------------------------- */

/* The spell that covers the last day and goes on after it. */
static int leave_faults(struct checking *k, struct error *why)
{
        char day[16];
        day_t begins, ends = 0;
        int rc = spell_at(k, k->line->day, k->line->day + 1, &k->line->employment, &begins, &ends, why);

        if (rc == 0 || (rc == 1 && ends <= k->line->day + 1))
                rc = error_raise(why, SB_ROSTER_NOT_HERE, "%s", day_text(k->line->day, day));
        return rc < 0 ? rc : 0;
}

/* --- a line --------------------------------------------------------------------------------------------------------------------------- */

static int act_look(struct checking *k, struct error *err)
{
        struct error why = {0};
        struct str act = text_of(k->line, "act");
        int rc = act.n == 0 || str_is(act, "join") || str_is(act, "leave")
                     ? 0
                     : error_raise(&why, SB_ROSTER_ACT, "%.*s", (int)(act.n < 40 ? act.n : 40), act.p);

        return tell(k, rc, "act", &why, err);
}

static int reason_look(struct checking *k, struct error *err)
{
        struct error why = {0};
        struct str reason = text_of(k->line, "reason");
        int rc = reason.n == 0 && !k->line->joins ? error_raise(&why, SB_FIELD_MISSING, "%s", "reason")
                                                  : text_check(reason, 120, &why);

        return tell(k, rc, "reason", &why, err);
}

static int who_look(struct checking *k, day_t *death, struct error *err)
{
        struct error why = {0};
        const char *field = "id_number";
        int32_t home;
        int rc = person_look(k, &field, &home, &why);

        if (rc == 1 && home != k->r->call->house->home)
                rc = error_raise(&why, SB_ROSTER_UNKNOWN, "%s", "");
        else if (rc == 1)
                rc = person_known(k, death, &why);
        else if (rc == 0)
                rc = person_unknown(k, &field, &why);
        if (why.code == SB_ROSTER_NAME)
                field = "name";
        return tell(k, rc, field, &why, err);
}

static int line_check(struct checking *k, struct error *err)
{
        struct roster_line *l = k->line;
        struct error day = {0}, wage = {0}, why = {0};
        day_t death = DAY_END;
        size_t before = k->r->faults;
        int rc = act_look(k, err);

        if (rc == 0)
                rc = tell(k, day_look(k, &day), "day", &day, err);
        if (rc == 0 && l->joins)
                rc = tell(k, wage_look(k, &wage), "wage", &wage, err);
        l->judged = rc == 0 && k->r->faults == before; /* enough to be billed */
        if (rc == 0)
                rc = reason_look(k, err);
        if (rc == 0)
                rc = who_look(k, &death, err);
        if (rc < 0 || k->r->faults != before)
                return rc;
        rc = l->person == 0 ? 0 : l->joins ? join_faults(k, death, &why) : leave_faults(k, &why);
        rc = tell(k, rc, "day", &why, err);
        if (rc == 0 && k->r->faults == before)
                rc = tell(k, other_batch(k, &why), "id_number", &why, err);
        if (rc < 0 || k->r->faults != before)
                return rc;
        return l->joins ? join_notices(k, err) : months(k, month_of(l->day) + 1, true, SB_ROSTER_OVERBILLED, err);
}

/* --- the same worker twice -------------------------------------------------------------------------------------------------------------- */

struct key {
        int64_t person;
        struct str id;
        size_t line;
};

static int key_compare(const void *a, const void *b)
{
        const struct key *x = a, *y = b;
        size_t n = x->id.n < y->id.n ? x->id.n : y->id.n;
        int c = (x->person > y->person) - (x->person < y->person);

        if (c == 0 && n > 0)
                c = memcmp(x->id.p, y->id.p, n);
        if (c == 0)
                c = (x->id.n > y->id.n) - (x->id.n < y->id.n);
        return c != 0 ? c : (x->line > y->line) - (x->line < y->line);
}

static bool key_same(const struct key *x, const struct key *y)
{
        return x->person == y->person && x->id.n == y->id.n && (x->id.n == 0 || memcmp(x->id.p, y->id.p, x->id.n) == 0);
}

/* Those whom the registry knows by their id, others by the number that was written; a line without either is at fault anyway. */
static int twice_look(struct roster *r, struct error *err)
{
        struct key *keys = calloc(r->count + 1, sizeof *keys);
        struct checking k = {.r = r};
        size_t n = 0;
        int rc = keys == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        for (size_t i = 0; rc == 0 && i < r->count; i++) {
                struct str id = r->lines[i].person != 0 ? (struct str){"", 0} : text_of(&r->lines[i], "id_number");
                if (r->lines[i].person != 0 || id.n > 0)
                        keys[n++] = (struct key){r->lines[i].person, id, i};
        }
        if (rc == 0)
                qsort(keys, n, sizeof *keys, key_compare);
        for (size_t i = 1, first = 0; rc == 0 && i < n; i++) {
                struct error why = {0};
                if (!key_same(&keys[i], &keys[first])) {
                        first = i;
                        continue;
                }
                k.line = &r->lines[keys[i].line];
                error_raise(&why, SB_ROSTER_TWICE, "%zu", keys[first].line + 1);
                rc = tell(&k, ERR, "id_number", &why, err);
        }
        free(keys);
        return rc;
}

/* --- all ---------------------------------------------------------------------------------------------------------------------------------- */

static void lines_clear(struct roster *r)
{
        for (size_t i = 0; i < r->count; i++) {
                struct roster_line *l = &r->lines[i];
                json_decref(l->faults);
                json_decref(l->notices);
                *l = (struct roster_line){
                    .in = l->in, .joins = l->joins, .employer = l->employer, .own = l->own, .due = l->due, .billed = l->billed};
        }
        r->faults = r->notices = 0;
}

/* The limit within which a worker is to be registered, of the law of the first scheme at the employer's place; not known, nothing is said. */
static int limit_read(struct roster *r, struct tx *tx, struct error *err)
{
        struct house *h = r->call->house;
        struct error none = {0};
        const struct parameter *figure = NULL;
        struct pack *pack = NULL;
        day_t today = clock_today(h->clock);
        int rc = pool_by_scheme(tx, "EP", r->employer.territory, today, &r->pool, &none);

        if (rc == 0)
                rc = pack_store_for_in(h->packs, tx, r->pool.id, today, clock_now(h->clock), &pack, &none);
        if (rc == 0)
                rc = pack_parameter(pack, "register_limit", "party=worker", today, &figure, &none);
        r->late_days = 0;
        if (rc == 0 && !text_to_int(str_from(figure->value), &r->late_days))
                r->late_days = 0;
        if (rc == ERR_SOFT)
                error_hand(err, &none);
        return rc == ERR_SOFT ? rc : 0;
}

int roster_check(struct roster *r, struct tx *tx, struct error *err)
{
        struct house *h = r->call->house;
        struct checking k = {.r = r, .tx = tx};
        int64_t employer = r->employer.id;
        int rc = employer_read(tx, h, h->home, employer, &r->employer, err);

        lines_clear(r);
        r->employer.id = employer;
        if (rc == 0)
                rc = registered_need(tx, h->home, "employer", employer, err);
        if (rc == 0)
                rc = limit_read(r, tx, err);
        for (size_t i = 0; rc == 0 && i < r->count; i++) {
                k.line = &r->lines[i];
                rc = line_check(&k, err);
        }
        return rc == 0 ? twice_look(r, err) : rc;
}
