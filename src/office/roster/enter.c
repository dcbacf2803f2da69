/* SPDX-License-Identifier: Apache-2.0
 *
 * The dry run, and a batch that is entered or dropped. Entered it changes nothing of anybody: it waits for a second person.
 */
#include "office/roster/roster.h"

#include "case/sealed.h"
#include "office/json.h"

#include <string.h>

/* --- roster.preview ---------------------------------------------------------------------------------------------------------------------- */

static int check_read(struct tx *tx, void *ctx, struct error *err)
{
        return roster_check(ctx, tx, err);
}

static json_t *list_or_empty(json_t *list)
{
        return list == NULL ? json_array() : json_incref(list);
}

static json_t *line_json(const struct roster *r, size_t i)
{
        const struct roster_line *l = &r->lines[i];
        json_t *o = json_object();

        put_int(o, "line", (int64_t)i + 1);
        put_text(o, "act", l->joins ? "join" : "leave");
        if (l->person != 0)
                put_int(o, "person", l->person);
        put_bool(o, "new", l->joins && l->person == 0);
        put_text(o, "number", l->number);
        put_text(o, "name", l->name[0] != '\0' ? l->name : json_text(l->in, "name"));
        put_text(o, "id_number_masked", l->masked);
        if (l->day != 0)
                put_day(o, "day", l->day);
        if (l->joins)
                put_money(o, "wage", l->wage);
        if (l->billed && l->joins) {
                put_money(o, "base", l->due.base);
                put_text(o, "base_reason", l->due.reason);
        }
        if (l->billed) {
                put_money(o, "employer", l->employer);
                put_money(o, "own", l->own);
        }
        put_value(o, "faults", list_or_empty(l->faults));
        put_value(o, "notices", list_or_empty(l->notices));
        return o;
}

static int preview_json(const struct roster *r, json_t **out, struct error *err)
{
        json_t *o = json_object(), *lines = json_array();
        int64_t joining = 0, added = 0;
        fen_t change = 0;
        char text[512];

        for (size_t i = 0; i < r->count; i++) {
                const struct roster_line *l = &r->lines[i];
                joining += l->joins;
                added += l->joins && l->person == 0;
                if (!money_add(change, l->employer, &change) || !money_add(change, l->own, &change)) {
                        json_decref(o);
                        json_decref(lines);
                        return error_raise(err, SB_OVERFLOW, "%s", ERROR_BOTH("the total of a batch", "批次合计"));
                }
                json_array_append_new(lines, line_json(r, i));
        }
        put_value(o, "lines", lines);
        put_int(o, "joining", joining);
        put_int(o, "leaving", (int64_t)r->count - joining);
        put_int(o, "new", added);
        put_int(o, "faults", (int64_t)r->faults);
        put_int(o, "notices", (int64_t)r->notices);
        put_value(o, "totals", list_or_empty(r->totals));
        if (r->bill.code == SB_OK)
                put_money(o, "change", change);
        else
                put_text(o, "bill_missing", error_text(&r->bill, r->call->who.lang, text, sizeof text));
        *out = o;
        return o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int roster_preview(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct roster r;
        int rc = roster_read(&r, c, in, err);

        if (rc < 0)
                return rc;
        rc = store_read(c->house->store, check_read, &r, err);
        if (rc == 0)
                rc = roster_bill(&r, err);
        if (rc == 0)
                rc = preview_json(&r, out, err);
        roster_dispose(&r);
        return rc;
}

/* --- roster.enter ------------------------------------------------------------------------------------------------------------------------ */

struct entering {
        struct roster r;
        int64_t id;
        unsigned char wrapped[WRAPPED_BYTES];
        struct buf sealed;
        size_t sealed_count;
};

/* What is needed to register those who are not registered: sealed, until they are. */
static int strangers_seal(struct entering *e, struct error *err)
{
        struct house *h = e->r.call->house;
        json_t *all = json_object();
        int rc = 0;

        e->sealed_count = 0;
        buf_wipe(&e->sealed);
        buf_init(&e->sealed, (size_t)16 << 20);
        for (size_t i = 0; i < e->r.count; i++) {
                const struct roster_line *l = &e->r.lines[i];
                char line[24];
                if (l->person != 0)
                        continue;
                json_t *o = json_pack("{s:s,s:s,s:s}", "name", l->name, "id_number", json_text(l->in, "id_number"), "telephone",
                                      json_text(l->in, "telephone"));
                json_object_set_new(all, text_format(line, sizeof line, "%zu", i + 1), o);
                e->sealed_count++;
        }
        if (e->sealed_count > 0) {
                struct buf text;
                buf_init(&text, (size_t)16 << 20);
                rc = json_canonical(&text, all, err);
                if (rc == 0)
                        rc = sealed_bytes(h->keys, ROSTER_CONTEXT, (struct str){text.p, text.n}, e->wrapped, &e->sealed, err);
                buf_wipe(&text);
        }
        json_decref(all);
        return rc;
}

static int row_insert(struct tx *tx, const struct entering *e, struct error *err)
{
        struct call *c = e->r.call;

        return tx_exec(
            tx, err,
            "INSERT INTO roster (home, id, employer, state, lines, note, billed, wrapped, sealed, run, entered_by, entered_at, "
            "posted_by, posted_at, reversed_by, reversed_at, reason, version) VALUES (?1@int, ?2@int, ?3@int, 'entered', "
            "?4@int, "
            "?5@text, ?6@int, ?7@blob, ?8@blob, 0, ?9@int, ?10@int, 0, 0, 0, 0, '', 1)",
            "iiiitibbii", (int64_t)c->house->home, e->id, e->r.employer.id, (int64_t)e->r.count, e->r.note,
            (int64_t)(e->r.bill.code == SB_OK),
            (struct str){(const char *)e->wrapped, e->sealed_count > 0 ? sizeof e->wrapped : 0},
            (struct str){e->sealed.p, e->sealed.n}, c->who.staff, (int64_t)clock_now(c->house->clock));
}

static int line_put(struct bulk *b, const struct entering *e, size_t i, struct buf *text, struct error *err)
{
        const struct roster_line *l = &e->r.lines[i];
        int64_t home = e->r.call->house->home;

        buf_clear(text);
        int rc = l->notices == NULL ? 0 : json_canonical(text, l->notices, err);
        if (rc < 0)
                return rc;
        bulk_int(b, home);
        bulk_int(b, e->id);
        bulk_int(b, (int64_t)i + 1);
        bulk_text(b, str_from(l->joins ? "join" : "leave"));
        bulk_int(b, l->person);
        bulk_int(b, l->day);
        bulk_int(b, month_of(l->day));
        bulk_int(b, l->wage);
        bulk_text(b, str_from(l->category));
        bulk_text(b, str_trim(str_from(json_text(l->in, "reason"))));
        bulk_int(b, l->employer);
        bulk_int(b, l->own);
        bulk_text(b, (struct str){text->p, text->n});
        bulk_text(b, STR("waiting"));
        bulk_text(b, STR(""));
        bulk_int(b, 0);
        bulk_int(b, 0);
        return bulk_row(b, err);
}

static int lines_insert(struct tx *tx, const struct entering *e, struct error *err)
{
        struct bulk *b = NULL;
        struct buf text;
        int rc =
            bulk_open(&b, tx, "roster_line",
                      "home@int, roster@int, line@int, act@text, person@int, day@int, month@int, wage_fen@int, category@text, "
                      "reason@text, employer_fen@int, person_fen@int, notices@text, state@text, fault@text, written@int, "
                      "before@int",
                      err);

        buf_init(&text, (size_t)1 << 16);
        for (size_t i = 0; rc == 0 && i < e->r.count; i++)
                rc = line_put(b, e, i, &text, err);
        buf_dispose(&text);
        if (b != NULL) {
                int closed = bulk_close(b, rc == 0 ? err : NULL);
                rc = rc == 0 ? closed : rc;
        }
        return rc;
}

/* The first fault, at its line; a batch has none, or it is not entered. */
static int faults_refuse(const struct roster *r, struct error *err)
{
        for (size_t i = 0; i < r->count; i++) {
                const json_t *f = json_array_get(r->lines[i].faults, 0);
                if (f == NULL)
                        continue;
                error_raise(err, SB_ROSTER_FAULTS, "%zu|%zu", r->faults, i + 1);
                return error_where(err, "lines[%zu].%s", i, json_text(f, "field"));
        }
        return 0;
}

static int enter_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct entering *e = ctx;
        /* One after the other for an employer, so that two batches do not enter the same worker at once. */
        int rc = employer_hold(tx, c->house, e->r.employer.id, err);

        if (rc == 0)
                rc = roster_check(&e->r, tx, err);
        if (rc == 0)
                rc = faults_refuse(&e->r, err);
        if (rc == 0)
                rc = strangers_seal(e, err);
        if (rc == 0)
                rc = row_insert(tx, e, err);
        if (rc == 0)
                rc = lines_insert(tx, e, err);
        if (rc < 0)
                return rc;
        change->subject_kind = "roster";
        change->subject = e->id;
        change->audit = json_pack("{s:I,s:I}", "employer", (json_int_t)e->r.employer.id, "lines", (json_int_t)e->r.count);
        *out = json_pack("{s:I,s:s,s:I}", "id", (json_int_t)e->id, "state", "entered", "lines", (json_int_t)e->r.count);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

/* The bill of the lines as they stand outside; the change checks them again and keeps the amounts by line. */
static int bill_keep(struct entering *e, struct error *err)
{
        int rc = store_read(e->r.call->house->store, check_read, &e->r, err);

        if (rc == 0)
                rc = faults_refuse(&e->r, err);
        return rc == 0 ? roster_bill(&e->r, err) : rc;
}

int roster_enter(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct entering e = {.id = 0};
        const struct verb *v = registry_find(c->house->verbs, "roster.enter");
        int rc = verb_repeated(c, v, in, out, err);

        if (rc != 0)
                return rc < 0 ? rc : 0;
        buf_init(&e.sealed, (size_t)16 << 20);
        rc = roster_read(&e.r, c, in, err);
        if (rc < 0)
                return rc;
        rc = bill_keep(&e, err);
        if (rc == 0)
                rc = ids_next(c->house->ids, &e.id, err);
        if (rc == 0)
                rc = verb_change(c, v, in, enter_apply, &e, out, err);
        buf_wipe(&e.sealed);
        roster_dispose(&e.r);
        return rc;
}

/* --- roster.drop -------------------------------------------------------------------------------------------------------------------------- */

static int drop_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const int64_t *id = ctx;
        struct roster_row row;
        int64_t changed = 0;
        int rc = roster_row_read(tx, c->house->home, *id, &row, err);

        if (rc == 0 && strcmp(row.state, "entered") != 0)
                rc = error_raise(err, SB_ROSTER_STATE, "%s", row.state);
        if (rc == 0)
                rc = tx_exec_changed(
                    tx, &changed, err,
                    "UPDATE roster SET state = 'dropped', wrapped = ?4@blob, sealed = ?4@blob, version = version + "
                    "1 WHERE home = ?1@int AND id = ?2@int AND version = ?3@int",
                    "iiib", (int64_t)c->house->home, *id, row.version, STR(""));
        if (rc == 0 && changed != 1)
                rc = error_raise(err, SB_OFFICE_VERSION, "%s", "");
        if (rc < 0)
                return rc;
        change->subject_kind = "roster";
        change->subject = *id;
        *out = json_pack("{s:I,s:s}", "id", (json_int_t)*id, "state", "dropped");
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int roster_drop(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        int64_t id = json_int_or(in, "roster", 0);

        return verb_change(c, registry_find(c->house->verbs, "roster.drop"), in, drop_apply, &id, out, err);
}
