/* SPDX-License-Identifier: Apache-2.0
 *
 * Booked slots (预约): as many at a time as counters serve the service. The code of a booking is told once; the row keeps its keyed hash.
 */
#include "office/window/window.h"

#include "case/answer.h"
#include "pack/pack.h"

#include <string.h>

enum { AHEAD_DAYS = 30, SLOTS_MAX = 200, CODE_LENGTH = 8 };

static bool minute_parse(const char *s, int *out)
{
        int64_t h, m;

        if (strlen(s) != 5 || s[2] != ':' || !text_to_int((struct str){s, 2}, &h) || !text_to_int(str_from(s + 3), &m) ||
            h < 0 || h > 23 || m < 0 || m > 59)
                return false;
        *out = (int)(h * 60 + m);
        return true;
}

static int seats_of(const struct hall *h, const char *service)
{
        json_t *row;
        size_t i;
        int n = 0;

        json_array_foreach(h->counters, i, row)
        {
                n += hall_here(h, row) && hall_serves(h, json_text(row, "counter"), service);
        }
        return n;
}

struct slots {
        struct call *call;
        struct hall hall;
        const char *service;
        day_t day;
        int minutes[SLOTS_MAX], count, seats;
        int64_t taken[SLOTS_MAX];
};

/* The slots of a day: none when the hall is closed. */
static int slots_of(struct slots *s, struct error *err)
{
        bool working = false;
        int64_t length;
        json_t *row;
        size_t i;
        int rc = calendar_is_working(pack_calendar(s->hall.pack), s->day, &working, err);
        const json_t *service = rc == 0 ? hall_service(&s->hall, s->service, err) : NULL;

        if (rc < 0 || service == NULL)
                return ERR;
        if (!text_to_int(str_from(json_text(service, "minutes")), &length) || length < 1 || length > 480)
                return error_raise(err, SB_WINDOW_TABLE, "%s|%s", "hall_services.csv", "minutes");
        s->seats = seats_of(&s->hall, s->service);
        json_array_foreach(s->hall.hours, i, row)
        {
                int from, to;
                if (!hall_here(&s->hall, row) || !working)
                        continue;
                if (!minute_parse(json_text(row, "from"), &from) || !minute_parse(json_text(row, "to"), &to))
                        return error_raise(err, SB_WINDOW_TABLE, "%s|%s", "hall_hours.csv", "from, to");
                for (int m = from; m + (int)length <= to && s->count < SLOTS_MAX; m += (int)length)
                        s->minutes[s->count++] = m;
        }
        return 0;
}

static int taken_read(struct tx *tx, void *ctx, struct error *err)
{
        struct slots *s = ctx;
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT minute, COUNT(*) FROM booking WHERE home = ?1@int AND office = ?2@int AND service = ?3@text AND "
                     "day = ?4@int AND state <> 'cancelled' GROUP BY minute",
                     "iiti", (int64_t)s->call->house->home, s->hall.office, s->service, (int64_t)s->day);

        memset(s->taken, 0, sizeof s->taken);
        while ((rc = row_next(rc, q, err)) == 1) {
                for (int i = 0; i < s->count; i++)
                        if (s->minutes[i] == stmt_int(q, 0))
                                s->taken[i] = stmt_int(q, 1);
        }
        return rc;
}

static int minute_now(struct call *c)
{
        return (int)((clock_now(c->house->clock) - day_instant(clock_today(c->house->clock))) / 60000000);
}

static bool past(struct call *c, day_t day, int minute)
{
        day_t today = clock_today(c->house->clock);

        return day < today || (day == today && minute <= minute_now(c));
}

static int slots_open(struct call *c, const json_t *in, struct slots *s, struct error *err)
{
        *s = (struct slots){.call = c};
        int rc = hall_open(c, &s->hall, err);

        rc = rc ? rc : json_get_text(in, "service", true, &s->service, err);
        rc = rc ? rc : json_get_day(in, "day", true, &s->day, err);
        if (rc == 0 && (s->day < clock_today(c->house->clock) || s->day > clock_today(c->house->clock) + AHEAD_DAYS))
                rc = error_raise(err, SB_WINDOW_DAY, "%d", AHEAD_DAYS);
        return rc ? rc : slots_of(s, err);
}

int hall_slots(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct slots s;
        char time[8];
        int rc = slots_open(c, in, &s, err);

        rc = rc ? rc : store_read(c->house->store, taken_read, &s, err);
        if (rc == 0) {
                json_t *items = json_array();
                for (int i = 0; i < s.count; i++) {
                        int64_t left = past(c, s.day, s.minutes[i]) ? 0 : s.seats - s.taken[i];
                        text_format(time, sizeof time, "%02d:%02d", s.minutes[i] / 60, s.minutes[i] % 60);
                        json_array_append_new(items,
                                              json_pack("{s:s,s:I}", "time", time, "free", (json_int_t)(left < 0 ? 0 : left)));
                }
                rc = list_answer(out, items, NULL, err);
        }
        hall_close(&s.hall);
        return rc;
}

/* --- book, cancel, arrive ----------------------------------------------------------------------------------------------------------- */

/* Letters and figures that nobody takes for another, from the booking's id under the installation's key: who has not the key cannot
 * guess it, and a demonstration made again has the same. */
static void code_new(const struct house *h, int64_t id, char out[CODE_LENGTH + 1])
{
        static const char LETTERS[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
        char text[24];
        struct hash raw =
            keyring_index(h->keys, "booking-code", str_from(text_format(text, sizeof text, "%lld", (long long)id)));

        for (size_t i = 0; i < CODE_LENGTH; i++)
                out[i] = LETTERS[raw.b[i] % (sizeof LETTERS - 1)];
        out[CODE_LENGTH] = '\0';
}

struct booking {
        struct slots slots;
        int minute;
        const char *code, *reason;
        char fresh[CODE_LENGTH + 1];
        int64_t id, ticket;
};

static struct str code_hash(const struct house *h, const char *code, struct hash *out)
{
        *out = keyring_index(h->keys, "booking", str_trim(str_from(code)));
        return hash_str(out);
}

static int book_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct booking *b = ctx;
        struct hash hash;
        int64_t changed = 0;
        char time[8], day[16];
        int rc = ids_next(c->house->ids, &b->id, err);

        code_new(c->house, b->id, b->fresh);
        /* The first seat that is free; another clerk may take one at the same moment. */
        for (int seat = 0; rc == 0 && changed == 0 && seat < b->slots.seats; seat++)
                rc = tx_exec_changed(
                    tx, &changed, err,
                    "INSERT INTO booking (home, id, office, service, day, minute, seat, code, state, ticket, "
                    "actor, created_at) VALUES (?1@int, ?2@int, ?3@int, ?4@text, ?5@int, ?6@int, ?7@int, ?8@blob, "
                    "'booked', 0, ?9@int, ?10@int) ON CONFLICT DO NOTHING",
                    "iiitiiibii", (int64_t)c->house->home, b->id, b->slots.hall.office, b->slots.service, (int64_t)b->slots.day,
                    (int64_t)b->minute, (int64_t)seat, code_hash(c->house, b->fresh, &hash), c->who.staff,
                    clock_now(c->house->clock));
        text_format(time, sizeof time, "%02d:%02d", b->minute / 60, b->minute % 60);
        if (rc == 0 && changed == 0)
                rc = error_raise(err, SB_WINDOW_FULL, "%s", time);
        if (rc < 0)
                return rc;
        change->subject_kind = "booking";
        change->subject = b->id;
        *out = json_pack("{s:I,s:s,s:s,s:s}", "booking", (json_int_t)b->id, "code", b->fresh, "day",
                         day_text(b->slots.day, day), "time", time);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int hall_book(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct booking b = {0};
        const char *time = "";
        bool open = false;
        int rc = slots_open(c, in, &b.slots, err);

        rc = rc ? rc : json_get_text(in, "time", true, &time, err);
        for (int i = 0; rc == 0 && i < b.slots.count; i++) {
                int minute;
                open = open || (minute_parse(time, &minute) && minute == b.slots.minutes[i] && !past(c, b.slots.day, minute));
                if (minute_parse(time, &minute))
                        b.minute = minute;
        }
        if (rc == 0 && !open)
                rc = error_raise(err, SB_WINDOW_CLOSED, "%.10s", time);
        rc = rc ? rc : verb_change(c, registry_find(c->house->verbs, "hall.book"), in, book_apply, &b, out, err);
        hall_close(&b.slots.hall);
        return rc;
}

/* The booking of a code, today or later, in the state `booked`. */
static int booking_take(struct tx *tx, struct call *c, struct booking *b, struct error *err)
{
        struct hash hash;
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT id, service, day, minute, office FROM booking WHERE home = ?1@int AND code = ?2@blob AND state = "
                   "'booked' AND day >= ?3@int @lock",
                   "ibi", (int64_t)c->house->home, code_hash(c->house, b->code, &hash), (int64_t)clock_today(c->house->clock));

        if (rc == 0)
                return error_raise(err, SB_WINDOW_BOOKING, "%s", "");
        if (rc < 0)
                return rc;
        const json_t *service = NULL;
        char name[64];
        text_copy(name, sizeof name, stmt_text(q, 1));
        b->id = stmt_int(q, 0);
        b->slots.day = (day_t)stmt_int(q, 2);
        b->minute = (int)stmt_int(q, 3);
        if (stmt_int(q, 4) != b->slots.hall.office)
                return error_raise(err, SB_WINDOW_BOOKING, "%s", "");
        service = hall_service(&b->slots.hall, name, err);
        b->slots.service = service == NULL ? NULL : json_text(service, "service");
        return service == NULL ? ERR : 0;
}

static int cancel_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct booking *b = ctx;
        int rc = booking_take(tx, c, b, err);

        rc = rc ? rc
                : tx_exec(tx, err, "UPDATE booking SET state = 'cancelled' WHERE home = ?1@int AND id = ?2@int", "ii",
                          (int64_t)c->house->home, b->id);
        if (rc < 0)
                return rc;
        change->subject_kind = "booking";
        change->subject = b->id;
        *out = json_pack("{s:I}", "booking", (json_int_t)b->id);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int hall_cancel(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct booking b = {0};
        int rc = hall_open(c, &b.slots.hall, err);

        rc = rc ? rc : json_get_text(in, "code", true, &b.code, err);
        rc = rc ? rc : verb_change(c, registry_find(c->house->verbs, "hall.cancel"), in, cancel_apply, &b, out, err);
        hall_close(&b.slots.hall);
        return rc;
}

/* Who booked goes before who walked in, once their time has come; a reason of the person counts when it ranks higher. */
static int arrive_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct booking *b = ctx;
        struct ticket_new t = {.reason = "booked"};
        int64_t rank = 0, number = 0;
        char label[16];
        int rc = booking_take(tx, c, b, err);

        if (rc == 0 && b->slots.day != clock_today(c->house->clock))
                rc = error_raise(err, SB_WINDOW_BOOKING, "%s", "");
        rc = rc ? rc : hall_rank(&b->slots.hall, "booked", &t.rank, err);
        rc = rc ? rc : hall_rank(&b->slots.hall, b->reason, &rank, err);
        if (rc < 0)
                return rc;
        if (rank < t.rank) {
                t.rank = rank;
                t.reason = b->reason;
        }
        t.service = b->slots.service;
        t.booking = b->id;
        rc = ticket_insert(tx, c, &b->slots.hall, &t, &b->ticket, &number, err);
        rc = rc ? rc
                : tx_exec(tx, err, "UPDATE booking SET state = 'arrived', ticket = ?3@int WHERE home = ?1@int AND id = ?2@int",
                          "iii", (int64_t)c->house->home, b->id, b->ticket);
        if (rc < 0)
                return rc;
        change->subject_kind = "ticket";
        change->subject = b->ticket;
        *out = json_pack("{s:I,s:s}", "ticket", (json_int_t)b->ticket, "label",
                         hall_label(label, &b->slots.hall, t.service, number));
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int hall_arrive(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct booking b = {.reason = "none"};
        int rc = hall_open(c, &b.slots.hall, err);

        rc = rc ? rc : json_get_text(in, "code", true, &b.code, err);
        rc = rc ? rc : json_get_text(in, "reason", false, &b.reason, err);
        rc = rc ? rc : verb_change(c, registry_find(c->house->verbs, "hall.arrive"), in, arrive_apply, &b, out, err);
        hall_close(&b.slots.hall);
        return rc;
}
