/* SPDX-License-Identifier: Apache-2.0 */
#include "office/registry/registry.h"

#include <string.h>

/* Spells of employment. Two spells with the same employer do not overlap; with several employers they may. The check runs
 * after person_touch, which holds the person's row until the transaction ends. */

static int period_error(struct error *err, day_t from, day_t to)
{
        char a[16], b[16];

        return error_raise(err, SB_REGISTRY_PERIOD, "%s|%s", day_text(from, a), day_text(to, b));
}

/* except: a row that is about to be believed no more; 0 none. */
static int overlap_check(struct tx *tx, int32_t home, const struct spell *s, int64_t except, struct error *err)
{
        struct stmt *q;
        char from[16], to[16];
        int rc = tx_one(
            &q, tx, err,
            "SELECT valid_from, valid_to FROM employment WHERE home = ?1@int AND person = ?2@int AND employer_home "
            "= ?1@int AND employer = ?3@int AND known_to = ?4@int AND valid_from < ?6@int AND valid_to > ?5@int AND id <> "
            "?7@int",
            "iiiiiii", (int64_t)home, s->person, s->employer, (int64_t)INSTANT_END, (int64_t)s->from, (int64_t)s->to, except);

        if (rc <= 0)
                return rc;
        return error_raise(err, SB_REGISTRY_OVERLAP, "%s|%s", day_text((day_t)stmt_int(q, 0), from),
                           day_text((day_t)stmt_int(q, 1), to));
}

int spell_write(struct tx *tx, struct house *h, const struct spell *s, const char *source, struct error *err)
{
        return tx_exec(tx, err,
                       "INSERT INTO employment (home, id, person, employer_home, employer, category, valid_from, valid_to, "
                       "known_from, known_to, source) VALUES (?1@int, ?2@int, ?3@int, ?1@int, ?4@int, ?5@text, ?6@int, "
                       "?7@int, ?8@int, ?9@int, ?10@text)",
                       "iiiitiiiit", (int64_t)h->home, s->id, s->person, s->employer, s->category, (int64_t)s->from,
                       (int64_t)s->to, (int64_t)clock_now(h->clock), (int64_t)INSTANT_END, source);
}

int spell_open(struct tx *tx, struct house *h, const struct spell *s, struct error *err)
{
        struct person person = {.id = 0};
        struct employer employer;
        int rc = person_touch(tx, h->home, s->person, 0, NULL, err);

        if (rc == 0)
                rc = person_read(tx, h, h->home, s->person, &person, err);
        if (rc == 0)
                rc = registered_need(tx, h->home, "person", s->person, err);
        if (rc == 0)
                rc = employer_read(tx, h, h->home, s->employer, &employer, err);
        if (rc == 0)
                rc = registered_need(tx, h->home, "employer", s->employer, err);
        if (rc == 0 && (s->from < person.birth || s->from >= person.death || s->from >= s->to))
                rc = period_error(err, s->from, s->to);
        if (rc == 0)
                rc = overlap_check(tx, h->home, s, 0, err);
        if (rc == 0)
                rc = spell_write(tx, h, s, "registration", err);
        person_dispose(&person);
        return rc;
}

static int open_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct spell *s = ctx;
        int rc = spell_open(tx, c->house, s, err);

        if (rc < 0)
                return rc;
        change->subject_kind = "person";
        change->subject = s->person;
        change->audit = json_pack("{s:I,s:I}", "employment", (json_int_t)s->id, "employer", (json_int_t)s->employer);
        *out = json_pack("{s:I}", "id", (json_int_t)s->id);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

/* The last day people write is the last day of work; spells are half open. */
static int last_day(const json_t *in, const char *name, bool required, day_t *to, struct error *err)
{
        day_t last = DAY_END;
        int rc = json_get_day(in, name, required, &last, err);

        *to = last >= DAY_END ? DAY_END : last + 1;
        return rc;
}

int registry_employment_open(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct spell s = {.category = "worker"};
        int rc = json_get_int(in, "person", true, &s.person, err);

        if (rc == 0)
                rc = json_get_int(in, "employer", true, &s.employer, err);
        if (rc == 0)
                rc = json_get_text(in, "category", false, &s.category, err);
        if (rc == 0)
                rc = json_get_day(in, "from", true, &s.from, err);
        if (rc == 0)
                rc = last_day(in, "to", false, &s.to, err);
        if (rc == 0)
                rc = ids_next(c->house->ids, &s.id, err);
        if (rc == 0)
                rc = verb_change(c, registry_find(c->house->verbs, "registry.employment_open"), in, open_apply, &s, out, err);
        return rc;
}

/* --- end ------------------------------------------------------------------------------------------------------------- */

/* The row stands, as it was believed; what is believed from now on is another. */
static int spell_believed(struct tx *tx, int32_t home, int64_t id, struct spell *s, char category[32], struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT person, employer, category, valid_from, valid_to FROM employment WHERE home = ?1@int AND id = "
                        "?2@int AND known_to = ?3@int",
                        "iii", (int64_t)home, id, (int64_t)INSTANT_END);

        if (rc != 1)
                return rc;
        text_copy(category, 32, stmt_text(q, 2));
        *s = (struct spell){.id = id,
                            .person = stmt_int(q, 0),
                            .employer = stmt_int(q, 1),
                            .category = category,
                            .from = (day_t)stmt_int(q, 3),
                            .to = (day_t)stmt_int(q, 4)};
        return 1;
}

static int spell_disbelieve(struct tx *tx, struct house *h, int64_t id, struct error *err)
{
        return tx_exec(tx, err, "UPDATE employment SET known_to = ?3@int WHERE home = ?1@int AND id = ?2@int", "iii",
                       (int64_t)h->home, id, (int64_t)clock_now(h->clock));
}

int spell_end(struct tx *tx, struct house *h, const struct spell_ending *e, int64_t *person, struct error *err)
{
        char category[32];
        struct spell s;
        int rc = spell_believed(tx, h->home, e->employment, &s, category, err);

        if (rc == 0)
                return error_raise(err, SB_REGISTRY_EMPLOYMENT, "%lld", (long long)e->employment);
        if (rc < 0)
                return rc;
        if (e->to <= s.from || e->to > s.to)
                return period_error(err, s.from, e->to);
        s.id = e->new_id;
        s.to = e->to;
        *person = s.person;
        rc = person_touch(tx, h->home, s.person, 0, NULL, err);
        if (rc == 0)
                rc = spell_disbelieve(tx, h, e->employment, err);
        return rc == 0 ? spell_write(tx, h, &s, e->reason, err) : rc;
}

int spell_retract(struct tx *tx, struct house *h, int64_t written, int64_t before, int64_t new_id, const char *source,
                  struct error *err)
{
        char category[32] = "";
        struct spell s = {.id = 0}, old = {.id = 0};
        struct stmt *q;
        int rc = spell_believed(tx, h->home, written, &s, category, err);

        if (rc != 1)
                return rc == 0 ? 1 : rc;
        rc = person_touch(tx, h->home, s.person, 0, NULL, err);
        if (rc == 0 && before != 0)
                rc = tx_one(
                    &q, tx, err,
                    "SELECT category, valid_from, valid_to FROM employment WHERE home = ?1@int AND id = ?2@int AND person "
                    "= ?3@int AND employer = ?4@int",
                    "iiii", (int64_t)h->home, before, s.person, s.employer);
        if (rc == 0 && before != 0)
                return error_raise(err, SB_REGISTRY_EMPLOYMENT, "%lld", (long long)before);
        if (rc == 1) {
                text_copy(category, sizeof category, stmt_text(q, 0));
                old = (struct spell){.id = new_id,
                                     .person = s.person,
                                     .employer = s.employer,
                                     .category = category,
                                     .from = (day_t)stmt_int(q, 1),
                                     .to = (day_t)stmt_int(q, 2)};
                rc = overlap_check(tx, h->home, &old, written, err);
        }
        if (rc == 0)
                rc = spell_disbelieve(tx, h, written, err);
        return rc == 0 && before != 0 ? spell_write(tx, h, &old, source, err) : rc;
}

static int end_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct spell_ending *e = ctx;
        int64_t person = 0;
        int rc = spell_end(tx, c->house, e, &person, err);

        if (rc < 0)
                return rc;
        change->subject_kind = "person";
        change->subject = person;
        change->audit = json_pack("{s:I,s:I}", "employment", (json_int_t)e->employment, "replaced_by", (json_int_t)e->new_id);
        *out = json_pack("{s:I}", "id", (json_int_t)e->new_id);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int registry_employment_end(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct spell_ending e = {0};
        int rc = json_get_int(in, "employment", true, &e.employment, err);

        if (rc == 0)
                rc = last_day(in, "to", true, &e.to, err);
        if (rc == 0)
                rc = json_get_text(in, "reason", true, &e.reason, err);
        if (rc == 0)
                rc = text_check(str_from(e.reason), 120, err);
        if (rc == 0)
                rc = ids_next(c->house->ids, &e.new_id, err);
        if (rc == 0)
                rc = verb_change(c, registry_find(c->house->verbs, "registry.employment_end"), in, end_apply, &e, out, err);
        return rc;
}
