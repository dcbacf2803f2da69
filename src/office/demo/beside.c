/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes on beside the months: slots that are booked, a joint service on its way, a clerk on leave with a substitute, families, and who keeps
 * the seals.
 */
#include "office/demo/internal.h"

#include "office/json.h"

#include <string.h>

#define STREAM_HEIR ((uint64_t)3 << 40)
#define SLOT_DAYS 20

/* The first slot that is free from a day on; *time empty when there is none soon. */
static void slot_find(struct city *c, day_t from, char day[16], char time[8])
{
        time[0] = '\0';
        for (day_t d = from; time[0] == '\0' && d < from + SLOT_DAYS; d++) {
                json_t *answer = NULL, *one;
                size_t i;
                struct error none = {0};
                if (act(c, CLERK, "hall.slots", json_pack("{s:s,s:s}", "service", "pension", "day", day_text(d, day)), STR(""),
                        &answer, &none) < 0)
                        continue; /* closed, or further ahead than the hall books */
                json_array_foreach(json_object_get(answer, "items"), i, one)
                {
                        if (time[0] == '\0' && json_integer_value(json_object_get(one, "free")) > 0)
                                text_copy(time, 8, str_from(json_string_value(json_object_get(one, "time"))));
                }
                json_decref(answer);
        }
}

static int bookings(struct city *c, struct error *err)
{
        char day[16], time[8];
        int rc = 0;

        for (int i = 0; rc == 0 && i < 2; i++) {
                slot_find(c, c->law.today + 1 + i, day, time);
                if (time[0] != '\0')
                        rc =
                            act(c, CLERK, "hall.book",
                                json_pack("{s:s,s:s,s:s}", "service", "pension", "day", day, "time", time), STR(""), NULL, err);
        }
        return rc;
}

/* From today on for some days; the substitute and the confirmation as everybody does it. */
static int leave(struct city *c, struct error *err)
{
        char from[16], to[16];
        json_t *answer = NULL;
        int rc = act(c, CLERK_AWAY, "leave.enter",
                     json_pack("{s:s,s:s,s:s}", "valid_from", day_text(c->law.today, from), "last_day",
                               day_text(c->law.today + 4, to), "reason", "年休假"),
                     STR(""), &answer, err);
        int64_t id = json_integer_value(json_object_get(answer, "leave"));

        json_decref(answer);
        if (rc == 0)
                rc = act(
                    c, CLERK_AWAY, "substitution.add",
                    json_pack("{s:I,s:s,s:s}", "substitute", (json_int_t)c->staff[CLERK], "valid_from", from, "last_day", to),
                    STR(""), NULL, err);
        return rc == 0 ? act(c, APPROVER, "leave.decide",
                             json_pack("{s:I,s:s}", "leave", (json_int_t)id, "decision", "confirm"), STR(""), NULL, err)
                       : rc;
}

struct elders {
        struct city *city;
        int64_t ids[6];
        int count;
};

static int elders_find(struct tx *tx, void *ctx, struct error *err)
{
        struct elders *e = ctx;
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err, "SELECT person FROM award WHERE home = ?1@int AND kind = 'imported' ORDER BY id LIMIT 6",
                          "i", (int64_t)e->city->house->home);

        e->count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                e->ids[e->count++] = stmt_int(q, 0);
        }
        return rc;
}

/* A couple in one household, and two sisters or brothers. */
static int families(struct city *c, const struct elders *e, struct error *err)
{
        int rc = act(c, CLERK, "registry.kin_add",
                     json_pack("{s:I,s:I,s:s,s:s}", "person", (json_int_t)e->ids[0], "relative", (json_int_t)e->ids[1], "kind",
                               "spouse", "source", "户口簿"),
                     STR(""), NULL, err);

        if (rc == 0)
                rc = act(c, CLERK, "registry.household_add",
                         json_pack("{s:I,s:I,s:s}", "person", (json_int_t)e->ids[0], "with", (json_int_t)e->ids[1], "source",
                                   "户口簿"),
                         STR(""), NULL, err);
        return rc == 0 ? act(c, CLERK, "registry.kin_add",
                             json_pack("{s:I,s:I,s:s,s:s}", "person", (json_int_t)e->ids[2], "relative", (json_int_t)e->ids[3],
                                       "kind", "sibling", "source", "户口簿"),
                             STR(""), NULL, err)
                       : rc;
}

/* After a death: the relation ends, and the funeral grant; the first is accepted and waits for its review. */
static int joint(struct city *c, int64_t person, struct error *err)
{
        struct rng r = rng_new(c->o->seed, STREAM_HEIR);
        char heir[64], day[16];
        json_t *answer = NULL;

        name_of_person(&r, SEX_FEMALE, heir);
        json_t *in =
            json_pack("{s:s,s:[s,s],s:{s:I,s:s,s:s,s:s,s:s,s:s,s:s},s:[{s:s,s:s}]}", "service", "death", "processes", "P05",
                      "P20", "form", "person", (json_int_t)person, "death_day", day_text(clock_today(c->house->clock) - 3, day),
                      "heir_name", heir, "heir_identity", c->due[0].id_number, "account", "6222020000000000005", "phone",
                      "13800000000", "relation", "child", "papers", "material", "event_data", "state", "shared");
        int rc = act(c, CLERK, "joint.open", in, STR(""), &answer, err);
        const json_t *first = json_array_get(json_object_get(answer, "cases"), 0);
        int64_t instance = json_integer_value(json_object_get(first, "case"));

        json_decref(answer);
        return rc == 0 ? case_walk(c, instance, 1, err) : rc;
}

struct reported {
        struct city *city;
        int64_t person;
        struct person read;
};

static int reported_read(struct tx *tx, void *ctx, struct error *err)
{
        struct reported *r = ctx;

        return person_read(tx, r->city->house, r->city->house->home, r->person, &r->read, err);
}

/* "19600228" */
static char *day_compact(day_t d, char out[16])
{
        char text[16];
        size_t n = 0;

        for (const char *p = day_text(d, text); *p != '\0'; p++)
                if (*p != '-')
                        out[n++] = *p;
        out[n] = '\0';
        return out;
}

/* A line of civil affairs' deaths, in the form of the demonstration's pack; name: NULL as in the register. */
static int death_line(struct city *c, int64_t person, const char *name, int number, struct buf *out, struct error *err)
{
        struct reported r = {.city = c, .person = person};
        char birth[16], day[16];
        int rc = store_read(c->house->store, reported_read, &r, err);

        day_compact(r.read.birth, birth);
        day_compact(c->law.today - 12, day);
        if (rc == 0)
                buf_add_format(out, "D|MZ-%04d|%s|%s|%s|%s\n", number, r.read.id_number, name == NULL ? r.read.name : name,
                               birth, day);
        person_dispose(&r.read);
        return rc;
}

/* Civil affairs tells of two people who draw a pension: one as in the register, one of another name. */
static int deaths_told(struct city *c, const struct elders *e, struct error *err)
{
        struct buf text;

        buf_init(&text, 4000);
        buf_add_text(&text, "H|\n");
        int rc = death_line(c, e->ids[3], NULL, 1, &text, err);
        rc = rc ? rc : death_line(c, e->ids[2], "王建民", 2, &text, err);
        buf_add_text(&text, "T|2\n");
        rc = rc ? rc
                : act(c, MACHINE, "exchange.deliver", json_pack("{s:s,s:i}", "feed", "civil_affairs.deaths", "sequence", 1),
                      (struct str){buf_text(&text), text.n}, NULL, err);
        buf_wipe(&text);
        return rc;
}

/* The official seals are with the head, those for business with who reviews at the centre. */
static int seals_handed(struct city *c, struct error *err)
{
        json_t *answer = NULL, *one;
        size_t i;
        int rc = act(c, ADMIN, "seals.list", json_pack("{s:i}", "limit", 200), STR(""), &answer, err);

        json_array_foreach(json_object_get(answer, "items"), i, one)
        {
                bool official = strcmp(json_string_value(json_object_get(one, "kind")), "official") == 0;
                if (rc == 0)
                        rc = act(c, ADMIN, "seals.hand",
                                 json_pack("{s:I,s:I}", "seal", json_integer_value(json_object_get(one, "id")), "holder",
                                           (json_int_t)c->staff[official ? APPROVER : REVIEWER_CENTRE]),
                                 STR(""), NULL, err);
        }
        json_decref(answer);
        return rc;
}

int beside_work(struct city *c, struct error *err)
{
        struct elders e = {.city = c};
        int rc = store_read(c->house->store, elders_find, &e, err);

        tell(c, "the hall and the people", 0, 2);
        rc = rc ? rc : seals_handed(c, err);
        rc = rc ? rc : leave(c, err);
        if (rc == 0 && e.count >= 5)
                rc = families(c, &e, err);
        if (rc == 0 && e.count >= 5 && c->due_count > 0)
                rc = joint(c, e.ids[4], err);
        if (rc == 0 && e.count >= 4)
                rc = deaths_told(c, &e, err);
        tell(c, "the hall and the people", 1, 2);
        rc = rc ? rc : bookings(c, err);
        tell(c, "the hall and the people", 2, 2);
        return rc;
}
