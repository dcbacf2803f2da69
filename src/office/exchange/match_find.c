/* SPDX-License-Identifier: Apache-2.0 */
#include "office/exchange/match.h"

#include "office/json.h"

#include <string.h>

enum { NAMESAKES = 20, FIELDS = 3 };

struct matching {
        struct tx *tx;
        struct applying *a;
        const json_t *row;
        struct line *l;
        day_t birth, event, until;
};

/* Fields of the rule id_name_birth that agree, as words; answers how many. */
static int agree(const struct matching *m, const struct person *p, char out[40])
{
        bool id = strcmp(p->id_number, json_text(m->row, "id_number")) == 0;
        bool name = strcmp(p->name, json_text(m->row, "name")) == 0, birth = p->birth == m->birth;

        text_format(out, 40, "%s%s%s", id ? "id " : "", name ? "name " : "", birth ? "birth " : "");
        return id + name + birth;
}

/* Does the office pay the person something that a match may stop? */
static int paid(struct tx *tx, int32_t home, int64_t person, bool *out, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT COUNT(*) FROM award WHERE home = ?1@int AND person = ?2@int AND state = 'active' AND known_to = "
                   "?3@int",
                   "iii", (int64_t)home, person, (int64_t)INSTANT_END);

        *out = rc == 1 && stmt_int(q, 0) > 0;
        return rc < 0 ? rc : 0;
}

/* One that is in hand for the person, or that ended about the same event: it is not asked again. 1, 0, ERR. */
static int match_before(const struct matching *m, int64_t person, int64_t *id, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, m->tx, err,
                   "SELECT id FROM exchange_match WHERE home = ?1@int AND person = ?2@int AND content = ?3@text AND (state IN "
                   "('look', 'tell', 'hearing', 'stopped') OR event_day = ?4@int) ORDER BY id DESC LIMIT 1",
                   "iiti", (int64_t)m->a->call->house->home, person, m->a->feed->content, (int64_t)m->event);

        *id = rc == 1 ? stmt_int(q, 0) : 0;
        return rc;
}

static int match_insert(const struct matching *m, int64_t id, int64_t person, int64_t confidence, const char *agrees,
                        const char *state, struct error *err)
{
        struct house *h = m->a->call->house;

        return tx_exec(
            m->tx, err,
            "INSERT INTO exchange_match (home, id, feed, batch, line, content, person, confidence, agrees, event_day, "
            "until_day, "
            "state, hearing_days, looked_by, looked_at, told_by, told_day, told_means, told_reference, hear_until, heard_by, "
            "heard_at, heard, decided_by, decided_at, stop_month, note, at, version) VALUES (?1@int, ?2@int, ?3@text, ?4@int, "
            "?5@int, ?6@text, ?7@int, ?8@int, ?9@text, ?10@int, ?11@int, ?12@text, ?13@int, 0, 0, 0, 0, '', '', 0, 0, 0, '', "
            "0, 0, "
            "0, '', ?14@int, 1)",
            "iitiitiitiitii", (int64_t)h->home, id, m->a->feed->name, m->l->batch, m->l->line, m->a->feed->content, person,
            confidence, agrees, (int64_t)m->event, (int64_t)m->until, state, m->a->feed->hearing_days,
            (int64_t)clock_now(h->clock));
}

/* The line may be of this person. */
static int match_add(const struct matching *m, int64_t person, struct error *err)
{
        struct house *h = m->a->call->house;
        const struct feed *f = m->a->feed;
        struct person p = {.id = 0};
        char agrees[40] = "";
        int64_t id = 0, confidence = 0;
        bool benefit = false;
        int rc = person_read(m->tx, h, h->home, person, &p, err);

        if (rc == 0)
                confidence = 100 * agree(m, &p, agrees) / FIELDS;
        person_dispose(&p);
        rc = rc ? rc : paid(m->tx, h->home, person, &benefit, err);
        rc = rc ? rc : match_before(m, person, &id, err);
        const char *state = strcmp(f->leads_to, "hearing") != 0 || !benefit       ? "noted"
                            : f->match_least >= 0 && confidence >= f->match_least ? "tell"
                                                                                  : "look";
        if (rc == 0) {
                rc = ids_next(h->ids, &id, err);
                rc = rc ? rc : match_insert(m, id, person, confidence, agrees, state, err);
        }
        if (rc < 0)
                return rc;
        m->l->subject = person;
        m->l->confidence = confidence;
        m->l->result_kind = "exchange_match";
        m->l->result = id;
        return 0;
}

/* Nobody has the number: those who bear the name and were born on the day. */
static int namesakes(const struct matching *m, struct error *err)
{
        struct house *h = m->a->call->house;
        struct name_hit hits[NAMESAKES];
        const char *name = json_text(m->row, "name");
        int n = name[0] == '\0' ? 0 : name_search(m->tx, h, NAME_PERSON, str_from(name), 0, hits, NAMESAKES, err);
        int rc = n < 0 ? n : 0;

        for (int i = 0; rc == 0 && i < n; i++) {
                struct person p = {.id = 0};
                rc = person_read(m->tx, h, h->home, hits[i].subject, &p, err);
                bool same = rc == 0 && strcmp(p.name, name) == 0 && p.birth == m->birth;
                person_dispose(&p);
                if (same)
                        rc = match_add(m, hits[i].subject, err);
        }
        return rc;
}

int match_line(struct tx *tx, struct applying *a, const json_t *row, struct line *l, struct error *err)
{
        struct matching m = {.tx = tx, .a = a, .row = row, .l = l};
        bool deaths = strcmp(a->feed->content, "deaths") == 0;
        int64_t person = 0;
        int32_t home = 0;

        m.birth = json_day_or(row, "birth", 0);
        m.event = json_day_or(row, deaths ? "day" : "from", 0);
        m.until = deaths ? DAY_END : json_day_or(row, "to", DAY_END);
        l->subject_kind = "person";
        l->state = "applied";
        l->confidence = 0;
        int rc = person_find(tx, a->call->house, str_from(json_text(row, "id_number")), &home, &person, err);
        if (rc == 1)
                rc = home == a->call->house->home ? match_add(&m, person, err) : 0;
        else if (rc == 0)
                rc = namesakes(&m, err);
        if (rc == 0 && l->subject == 0) /* nobody of ours */
                l->state = "noted";
        return rc;
}
