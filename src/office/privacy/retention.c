/* SPDX-License-Identifier: Apache-2.0
 *
 * How long what is kept (保存期限): classes with their years are the pack's retention.csv. What is due is listed by class and erased by destroying
 * the key of the row, so that backups of the database lose it as soon as they are read with it; a person is no longer found either.
 * Money, decisions and the trail stay, without a name. What is under a hold stays whole. Of a class without a row nothing is due.
 */
#include "office/privacy/privacy.h"

#include "case/pack_store.h"
#include "office/json.h"

#include <string.h>

#define BLOCK 300

/* Due: dead since before the day ?2 (of applications: ended before the instant ?2; of letters: written before the day ?2), not erased, no
 * benefit left, not held on the day ?3. */
#define HELD(person)                                                                                                           \
        "EXISTS (SELECT 1 FROM legal_hold h WHERE h.home = ?1@int AND h.valid_to > ?3@int AND h.subject_kind = 'person' AND "  \
        "h.subject = " person ")"
#define PERSONS                                                                                                                \
        "FROM person p JOIN person_fact f ON f.home = p.home AND f.person = p.id AND f.known_to = ?4@int AND f.valid_to = "    \
        "?5@int WHERE p.home = ?1@int AND p.state <> 'erased' AND "                                                            \
        "f.death_day < ?2@int AND NOT EXISTS (SELECT 1 FROM award a WHERE a.home = p.home AND a.person = p.id AND a.known_to " \
        "= ?4@int AND a.state "                                                                                                \
        "= 'active') AND NOT " HELD("p.id")
#define APPLICATIONS                                                                                                           \
        "FROM application a JOIN case_any i ON i.home = a.home AND i.id = a.instance WHERE a.home = ?1@int AND "               \
        "LENGTH(a.wrapped) > 0 AND i.ended_at "                                                                                \
        "> 0 AND i.ended_at < ?2@int AND NOT (i.subject_kind = 'person' AND " HELD("i.subject") ")"
#define LETTERS                                                                                                                \
        "FROM letter l WHERE l.home = ?1@int AND LENGTH(l.wrapped) > 0 AND l.day < ?2@int AND NOT (l.subject_kind = 'person' " \
        "AND " HELD("l.subject") ")"

struct due {
        struct call *call;
        const char *class;
        int64_t before; /* a day, or of applications an instant */
        int64_t count;
        int64_t ids[BLOCK], instances[BLOCK];
        int n;
};

static int64_t years_of(const json_t *row)
{
        int64_t n = 0;

        return text_to_int(str_from(json_text(row, "years")), &n) ? n : 0;
}

/* The day so many years ago, and for applications its beginning as an instant. */
static void before_set(struct due *d, const json_t *row)
{
        day_t day = (day_t)(clock_today(d->call->house->clock) - years_of(row) * 146097 / 400); /* days of 400 years */

        d->class = json_text(row, "class");
        d->before = strcmp(d->class, "application") == 0 ? (int64_t)day_instant(day) : (int64_t)day;
}

static int due_count(struct tx *tx, struct due *d, struct error *err)
{
        int64_t home = d->call->house->home, today = clock_today(d->call->house->clock);
        struct stmt *q;
        int rc;

        if (strcmp(d->class, "person") == 0)
                rc = tx_one(&q, tx, err, "SELECT COUNT(*) " PERSONS, "iiiii", home, d->before, today, (int64_t)INSTANT_END,
                            (int64_t)DAY_END);
        else if (strcmp(d->class, "application") == 0)
                rc = tx_one(&q, tx, err, "SELECT COUNT(*) " APPLICATIONS, "iii", home, d->before, today);
        else
                rc = tx_one(&q, tx, err, "SELECT COUNT(*) " LETTERS, "iii", home, d->before, today);
        d->count = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

struct listing {
        struct call *call;
        json_t *rows, *items;
};

static int list_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct listing *l = ctx;
        json_t *row;
        size_t i;
        int rc = 0;

        json_array_clear(l->items);
        json_array_foreach(l->rows, i, row)
        {
                struct due d = {.call = l->call};
                before_set(&d, row);
                rc = rc ? rc : due_count(tx, &d, err);
                json_t *o = json_object();
                put_text(o, "class", d.class);
                put_text(o, "title_zh", json_text(row, "title_zh"));
                put_text(o, "title_en", json_text(row, "title_en"));
                put_int(o, "years", years_of(row));
                put_text(o, "source", json_text(row, "source"));
                put_int(o, "due", d.count);
                json_array_append_new(l->items, o);
        }
        return rc;
}

static int rows_read(struct call *c, json_t **rows, struct error *err)
{
        struct error none = {0};
        struct pack *pack;
        int rc = pack_store_home(c->house->packs, c->house->clock, &pack, err);

        *rows = NULL;
        if (rc == 0 && pack_table(pack, "retention.csv", rows, &none) < 0)
                *rows = json_array(); /* the pack lets nothing go */
        return rc;
}

int privacy_retention(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct listing l = {.call = c, .items = json_array()};
        int rc = rows_read(c, &l.rows, err);

        (void)in;
        rc = rc ? rc : store_read(c->house->store, list_apply, &l, err);
        json_decref(l.rows);
        if (rc < 0) {
                json_decref(l.items);
                return rc;
        }
        return list_answer(out, l.items, NULL, err);
}

/* --- erasing ------------------------------------------------------------------------------------------------------------------------ */

static int due_read(struct tx *tx, struct due *d, struct error *err)
{
        int64_t home = d->call->house->home, today = clock_today(d->call->house->clock);
        struct stmt *q;
        int rc;

        if (strcmp(d->class, "person") == 0)
                rc = tx_query(&q, tx, err, "SELECT p.id, 0 " PERSONS " ORDER BY p.id LIMIT ?6@int", "iiiiii", home, d->before,
                              today, (int64_t)INSTANT_END, (int64_t)DAY_END, (int64_t)BLOCK);
        else if (strcmp(d->class, "application") == 0)
                rc = tx_query(&q, tx, err, "SELECT a.id, a.instance " APPLICATIONS " ORDER BY a.id LIMIT ?4@int", "iiii", home,
                              d->before, today, (int64_t)BLOCK);
        else
                rc = tx_query(&q, tx, err, "SELECT l.id, 0 " LETTERS " ORDER BY l.id LIMIT ?4@int", "iiii", home, d->before,
                              today, (int64_t)BLOCK);
        d->n = 0;
        while (rc == 0 && d->n < BLOCK && (rc = stmt_step(q, err)) == 1) {
                d->ids[d->n] = stmt_int(q, 0);
                d->instances[d->n++] = stmt_int(q, 1);
                rc = 0;
        }
        return rc < 0 ? rc : 0;
}

static const struct str NOTHING = {"", 0};

static int person_erase(struct tx *tx, int64_t home, int64_t id, struct error *err)
{
        int rc = tx_exec(
            tx, err,
            "UPDATE person SET key_wrapped = ?3@blob, state = 'erased', version = version + 1 WHERE home = ?1@int AND id = "
            "?2@int",
            "iib", home, id, NOTHING);

        rc = rc ? rc : tx_exec(tx, err, "DELETE FROM directory WHERE home = ?1@int AND person = ?2@int", "ii", home, id);
        return rc ? rc
                  : tx_exec(tx, err, "DELETE FROM name_key WHERE home = ?1@int AND subject = ?2@int AND subject_kind = ?3@int",
                            "iii", home, id, (int64_t)NAME_PERSON);
}

static int application_erase(struct tx *tx, int64_t home, int64_t id, int64_t instance, struct error *err)
{
        int rc =
            tx_exec(tx, err, "UPDATE application SET wrapped = ?3@blob, sealed = ?3@blob WHERE home = ?1@int AND id = ?2@int",
                    "iib", home, id, NOTHING);

        rc = rc ? rc
                : tx_exec(tx, err,
                          "UPDATE case_note SET wrapped = ?3@blob, sealed = ?3@blob WHERE home = ?1@int AND instance = ?2@int",
                          "iib", home, instance, NOTHING);
        return rc ? rc
                  : tx_exec(tx, err, "UPDATE attachment SET wrapped = ?3@blob WHERE home = ?1@int AND instance = ?2@int", "iib",
                            home, instance, NOTHING);
}

static int letter_erase(struct tx *tx, int64_t home, int64_t id, struct error *err)
{
        int rc = tx_exec(tx, err, "UPDATE letter SET wrapped = ?3@blob, sealed = ?3@blob WHERE home = ?1@int AND id = ?2@int",
                         "iib", home, id, NOTHING);

        /* The document is the letter as PDF. */
        return rc ? rc
                  : tx_exec(tx, err, "UPDATE document SET body = ?3@blob, size = 0 WHERE home = ?1@int AND id = ?2@int", "iib",
                            home, id, NOTHING);
}

static int erase_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct due *d = ctx;
        int64_t home = c->house->home;
        int rc = due_read(tx, d, err);

        for (int i = 0; rc == 0 && i < d->n; i++)
                rc = strcmp(d->class, "person") == 0        ? person_erase(tx, home, d->ids[i], err)
                     : strcmp(d->class, "application") == 0 ? application_erase(tx, home, d->ids[i], d->instances[i], err)
                                                            : letter_erase(tx, home, d->ids[i], err);
        if (rc < 0)
                return rc;
        json_t *ids = json_array();
        for (int i = 0; i < d->n; i++)
                json_array_append_new(ids, json_integer((json_int_t)d->ids[i]));
        change->subject_kind = "retention";
        change->audit = json_pack("{s:s,s:o}", "class", d->class, "ids", ids);
        *out = json_pack("{s:i}", "erased", d->n);
        return *out == NULL || change->audit == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int privacy_erase(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct due d = {.call = c};
        const char *wanted = NULL;
        json_t *rows = NULL, *row;
        size_t i;
        int rc = json_get_text(in, "class", true, &wanted, err);

        rc = rc ? rc : rows_read(c, &rows, err);
        json_array_foreach(rows, i, row)
        {
                if (wanted != NULL && strcmp(json_text(row, "class"), wanted) == 0)
                        before_set(&d, row);
        }
        if (rc == 0 && d.class == NULL) { /* nothing of it is ever due */
                d.class = wanted;
                d.before = INT64_MIN / 2;
        }
        rc = rc ? rc : verb_change(c, registry_find(c->house->verbs, "privacy.erase"), in, erase_apply, &d, out, err);
        json_decref(rows);
        return rc;
}

/* --- holds -------------------------------------------------------------------------------------------------------------------------- */

struct holding {
        int64_t person, hold;
        const char *reason;
};

static int hold_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct holding *h = ctx;
        struct house *house = c->house;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT 1 FROM person WHERE home = ?1@int AND id = ?2@int", "ii", (int64_t)house->home,
                        h->person);

        if (rc == 0)
                return error_raise(err, SB_REGISTRY_PERSON, "%lld", (long long)h->person);
        rc = rc < 0 ? rc : ids_next(house->ids, &h->hold, err);
        rc = rc ? rc
                : tx_exec(tx, err,
                          "INSERT INTO legal_hold (home, id, subject_kind, subject, reason, valid_from, valid_to, actor, at, "
                          "ended_by, ended_at) "
                          "VALUES (?1@int, ?2@int, 'person', ?3@int, ?4@text, ?5@int, ?6@int, ?7@int, ?8@int, 0, 0)",
                          "iiitiiii", (int64_t)house->home, h->hold, h->person, h->reason, (int64_t)clock_today(house->clock),
                          (int64_t)DAY_END, c->who.staff, clock_now(house->clock));
        if (rc < 0)
                return rc;
        change->subject_kind = "person";
        change->subject = h->person;
        *out = json_pack("{s:I}", "id", (json_int_t)h->hold);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int people_hold(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct holding h = {.reason = ""};
        int rc = json_get_int(in, "person", true, &h.person, err);

        rc = rc ? rc : json_get_text(in, "reason", true, &h.reason, err);
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "people.hold"), in, hold_apply, &h, out, err);
}

static int hold_end_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct holding *h = ctx;
        struct house *house = c->house;
        int64_t n = 0;
        int rc = tx_exec_changed(
            tx, &n, err,
            "UPDATE legal_hold SET valid_to = ?3@int, ended_by = ?4@int, ended_at = ?5@int WHERE home = ?1@int AND id = "
            "?2@int AND ended_at = 0",
            "iiiii", (int64_t)house->home, h->hold, (int64_t)clock_today(house->clock), c->who.staff, clock_now(house->clock));

        if (rc == 0 && n == 0)
                rc = error_raise(err, SB_PRIVACY_HOLD, "%lld", (long long)h->hold);
        if (rc < 0)
                return rc;
        change->subject_kind = "hold";
        change->subject = h->hold;
        *out = json_pack("{s:I}", "id", (json_int_t)h->hold);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int people_hold_end(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct holding h = {.reason = ""};
        int rc = json_get_int(in, "hold", true, &h.hold, err);

        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "people.hold_end"), in, hold_end_apply, &h, out, err);
}
