/* SPDX-License-Identifier: Apache-2.0
 *
 * The tree of offices: opened, renamed, moved and closed from a day on. The row of `office` says how it is today; `office_change`
 * holds what was before and what is to come, so that any day can be told.
 */
#include "office/staff/own.h"

#include <string.h>

int own_office(struct tx *tx, struct call *c, int64_t office, struct error *err)
{
        bool within = false;
        int rc = office_within(tx, office, c->who.office, &within, err);

        return rc == 0 && !within ? error_raise(err, SB_CASE_OFFICE, "%s\x1e%s", "The office", "该机构") : rc;
}

int end_of(const json_t *in, bool required, day_t otherwise, day_t *to, struct error *err)
{
        day_t last = DAY_END;
        int rc = json_get_day(in, "last_day", required, &last, err);

        *to = rc < 0 || last >= DAY_END ? otherwise : last + 1;
        return rc;
}

int changed(struct change *change, const char *kind, int64_t id, json_t *audit, json_t **out, struct error *err)
{
        change->subject_kind = kind;
        change->subject = id;
        change->audit = audit;
        *out = json_pack("{s:I}", "id", (json_int_t)id);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int rows_into(struct tx *tx, json_t *into, row_tell *tell, const char *sql, int64_t a, int64_t b, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err, sql, "ii", a, b);

        json_array_clear(into);
        while ((rc = row_next(rc, q, err)) == 1) {
                json_array_append_new(into, tell(q));
        }
        return rc;
}

/* --- reading ---------------------------------------------------------------------------------------------------------------------- */

#define OFFICE_COLUMNS                                                                                                         \
        "SELECT o.id, o.code, o.parent, o.level, o.body_kind, o.body, o.name_zh, o.name_en, o.territory, o.valid_from, "       \
        "o.valid_to, (SELECT COUNT(DISTINCT p.staff) FROM post p WHERE p.office = o.id AND p.valid_from <= ?2@int AND "        \
        "p.valid_to > ?2@int) FROM office o "

static json_t *office_json(const struct stmt *q)
{
        json_t *o = json_object();

        put_int(o, "id", stmt_int(q, 0));
        put_str(o, "code", stmt_text(q, 1));
        put_value(o, "parent", stmt_int(q, 2) == 0 ? json_null() : json_integer(stmt_int(q, 2)));
        put_int(o, "level", stmt_int(q, 3));
        put_str(o, "body_kind", stmt_text(q, 4));
        put_str(o, "body", stmt_text(q, 5));
        put_str(o, "name_zh", stmt_text(q, 6));
        put_str(o, "name_en", stmt_text(q, 7));
        put_str(o, "territory", stmt_text(q, 8));
        put_day(o, "valid_from", (day_t)stmt_int(q, 9));
        put_last_day(o, "last_day", (day_t)stmt_int(q, 10));
        put_int(o, "staff", stmt_int(q, 11));
        return o;
}

static json_t *change_json(const struct stmt *q)
{
        json_t *o = json_object(), *before = NULL;

        put_int(o, "id", stmt_int(q, 0));
        put_int(o, "office", stmt_int(q, 1));
        put_str(o, "kind", stmt_text(q, 2));
        put_day(o, "day", (day_t)stmt_int(q, 3));
        put_int(o, "parent", stmt_int(q, 4));
        put_str(o, "name_zh", stmt_text(q, 5));
        put_str(o, "name_en", stmt_text(q, 6));
        if (json_read(&before, stmt_text(q, 7), NULL) == 0)
                put_value(o, "before", before);
        put_str(o, "note", stmt_text(q, 8));
        put_str(o, "actor", stmt_text(q, 9));
        put_bool(o, "applied", stmt_int(q, 10) != 0);
        return o;
}

#define CHANGE_COLUMNS                                                                                                         \
        "SELECT h.id, h.office, h.kind, h.day, h.parent, h.name_zh, h.name_en, h.before, h.note, s.display, h.applied_at "     \
        "FROM "                                                                                                                \
        "office_change h LEFT JOIN staff s ON s.id = h.actor "

struct tree {
        struct call *call;
        bool all;
        day_t day;
        json_t *items, *changes;
};

static json_t *office_of(const json_t *items, int64_t id)
{
        json_t *o;
        size_t k;

        json_array_foreach(items, k, o)
        {
                if (json_integer_value(json_object_get(o, "id")) == id)
                        return o;
        }
        return NULL;
}

static void office_drop(json_t *items, int64_t id)
{
        for (size_t k = 0; k < json_array_size(items); k++)
                if (json_integer_value(json_object_get(json_array_get(items, k), "id")) == id)
                        json_array_remove(items, k--);
}

/* As it was, or will be, on another day: changes after a past day are taken back, newest first; those until a coming day made. */
static void tree_turn(const struct tree *t, day_t today)
{
        size_t n = json_array_size(t->changes);

        for (size_t k = 0; k < n; k++) {
                const json_t *h = json_array_get(t->changes, t->day < today ? n - 1 - k : k);
                int64_t id = json_integer_value(json_object_get(h, "office"));
                json_t *o = office_of(t->items, id);
                const json_t *from = t->day < today ? json_object_get(h, "before") : h;
                const char *kind = json_string_value(json_object_get(h, "kind"));
                day_t day = DAY_END;
                if (o == NULL || json_get_day(h, "day", true, &day, NULL) < 0 ||
                    (t->day < today ? day <= t->day || !json_is_true(json_object_get(h, "applied"))
                                    : day > t->day || json_is_true(json_object_get(h, "applied"))))
                        continue;
                if (strcmp(kind, "close") == 0 && t->day >= today)
                        office_drop(t->items, id);
                if (strcmp(kind, "move") == 0)
                        json_object_set(o, "parent", json_object_get(from, "parent"));
                if (strcmp(kind, "rename") == 0) {
                        json_object_set(o, "name_zh", json_object_get(from, "name_zh"));
                        json_object_set(o, "name_en", json_object_get(from, "name_en"));
                }
        }
}

static int tree_read(struct tx *tx, void *ctx, struct error *err)
{
        struct tree *t = ctx;
        int rc =
            rows_into(tx, t->items, office_json,
                      OFFICE_COLUMNS
                      "WHERE (?1@int = 0 OR o.id IN " OFFICE_SUBTREE("?1@int") ") AND o.valid_from <= ?2@int AND o.valid_to "
                                                                               "> ?2@int ORDER BY o.level, o.code",
                      t->all ? 0 : t->call->who.office, t->day, err);

        return rc == 0 ? rows_into(tx, t->changes, change_json,
                                   CHANGE_COLUMNS "WHERE ?1@int = ?1@int AND ?2@int = ?2@int ORDER BY h.day, h.id", 0, 0, err)
                       : rc;
}

int offices_list(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        day_t today = clock_today(c->house->clock);
        struct tree t = {.call = c, .day = today, .items = json_array(), .changes = json_array()};
        int rc = json_get_day(in, "day", false, &t.day, err);

        rc = rc ? rc : json_get_bool(in, "all", false, &t.all, err);
        rc = rc ? rc : store_read(c->house->store, tree_read, &t, err);
        if (rc == 0 && t.day != today)
                tree_turn(&t, today);
        json_decref(t.changes);
        if (rc < 0) {
                json_decref(t.items);
                return rc;
        }
        return list_answer(out, t.items, NULL, err);
}

static json_t *post_json(const struct stmt *q)
{
        json_t *o = json_object();

        put_int(o, "staff", stmt_int(q, 0));
        put_str(o, "display", stmt_text(q, 1));
        put_str(o, "login", stmt_text(q, 2));
        put_str(o, "role", stmt_text(q, 3));
        put_day(o, "valid_from", (day_t)stmt_int(q, 4));
        put_last_day(o, "last_day", (day_t)stmt_int(q, 5));
        put_str(o, "appointed_by", stmt_text(q, 6));
        put_bool(o, "on_leave", stmt_int(q, 7) != 0);
        put_str(o, "substitute", stmt_text(q, 8));
        return o;
}

struct sheet {
        struct call *call;
        int64_t office;
        json_t *rows, *posts, *changes;
};

static int sheet_read(struct tx *tx, void *ctx, struct error *err)
{
        struct sheet *s = ctx;
        int64_t today = clock_today(s->call->house->clock);
        int rc = own_office(tx, s->call, s->office, err);

        rc = rc ? rc : rows_into(tx, s->rows, office_json, OFFICE_COLUMNS "WHERE o.id = ?1@int", s->office, today, err);
        rc = rc ? rc
                : rows_into(tx, s->posts, post_json,
                            "SELECT p.staff, s.display, s.login, p.role, p.valid_from, p.valid_to, a.display, (SELECT COUNT(*) "
                            "FROM leave_spell l WHERE l.staff = p.staff AND l.state = 'confirmed' AND l.valid_from <= ?2@int "
                            "AND l.valid_to > ?2@int), (SELECT MIN(f.display) FROM substitution u JOIN staff f ON f.id = "
                            "u.substitute WHERE u.absent = p.staff AND (u.role = '' OR u.role = p.role) AND u.valid_from <= "
                            "?2@int AND u.valid_to > ?2@int) FROM post p JOIN staff s ON s.id = p.staff LEFT JOIN staff a ON "
                            "a.id = p.appointed_by WHERE p.office = ?1@int ORDER BY p.valid_to DESC, s.display, p.role",
                            s->office, today, err);
        return rc ? rc
                  : rows_into(tx, s->changes, change_json,
                              CHANGE_COLUMNS "WHERE h.office = ?1@int AND ?2@int = ?2@int ORDER BY h.day DESC, h.id DESC",
                              s->office, 0, err);
}

int offices_get(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct sheet s = {.call = c, .rows = json_array(), .posts = json_array(), .changes = json_array()};
        int rc = json_get_int(in, "office", true, &s.office, err);

        rc = rc ? rc : store_read(c->house->store, sheet_read, &s, err);
        if (rc == 0 && json_array_size(s.rows) == 0)
                rc = error_raise(err, SB_STAFF_OFFICE, "%lld", (long long)s.office);
        if (rc == 0) {
                *out = json_incref(json_array_get(s.rows, 0));
                put_value(*out, "posts", json_incref(s.posts));
                put_value(*out, "changes", json_incref(s.changes));
        }
        json_decref(s.rows);
        json_decref(s.posts);
        json_decref(s.changes);
        return rc;
}

/* --- changing --------------------------------------------------------------------------------------------------------------------- */

struct opening {
        int64_t id, change, office, parent;
        const char *kind, *code, *zh, *en, *territory, *note;
        day_t day;
};
struct office_row {
        int64_t parent, level;
        char zh[96], en[96], body[96], body_kind[40];
        day_t from, to;
};

static int office_row_read(struct tx *tx, int64_t office, struct office_row *out, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT parent, level, name_zh, name_en, body, body_kind, valid_from, valid_to FROM office WHERE id = "
                        "?1@int @lock",
                        "i", office);

        if (rc == 0)
                return error_raise(err, SB_STAFF_OFFICE, "%lld", (long long)office);
        if (rc < 0)
                return rc;
        *out = (struct office_row){
            .parent = stmt_int(q, 0), .level = stmt_int(q, 1), .from = (day_t)stmt_int(q, 6), .to = (day_t)stmt_int(q, 7)};
        text_copy(out->zh, sizeof out->zh, stmt_text(q, 2));
        text_copy(out->en, sizeof out->en, stmt_text(q, 3));
        text_copy(out->body, sizeof out->body, stmt_text(q, 4));
        text_copy(out->body_kind, sizeof out->body_kind, stmt_text(q, 5));
        return 0;
}

static int change_write(struct tx *tx, struct call *c, const struct opening *o, const struct office_row *before, bool applied,
                        struct error *err)
{
        struct buf text;
        json_t *was =
            json_pack("{s:I,s:s,s:s}", "parent", (json_int_t)before->parent, "name_zh", before->zh, "name_en", before->en);
        int64_t now = clock_now(c->house->clock);

        buf_init(&text, 4096);
        int rc = was == NULL ? error_raise(err, SB_MEMORY, "%s", "") : json_canonical(&text, was, err);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "INSERT INTO office_change (id, office, kind, day, parent, name_zh, name_en, before, note, actor, "
                             "at, applied_at) VALUES (?1@int, ?2@int, ?3@text, ?4@int, ?5@int, ?6@text, ?7@text, ?8@text, "
                             "?9@text, ?10@int, ?11@int, ?12@int)",
                             "iitiittttiii", o->change, o->office, o->kind, (int64_t)o->day, o->parent, o->zh, o->en,
                             buf_text(&text), o->note, c->who.staff, now, applied ? now : (int64_t)0);
        buf_dispose(&text);
        json_decref(was);
        return rc;
}

static int open_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct opening *o = ctx;
        struct office_row above;
        struct stmt *q;
        int rc = own_office(tx, c, o->parent, err);

        rc = rc ? rc : office_row_read(tx, o->parent, &above, err);
        if (rc == 0 && (above.level >= 5 || above.to <= o->day))
                rc = error_raise(err, SB_STAFF_OFFICE_CHANGE, "%s",
                                 ERROR_BOTH("below a village agent, or a closed office, nothing is opened",
                                            "村（社区）代办点或已撤销机构之下不能设立机构"));
        if (rc == 0 && (rc = tx_one(&q, tx, err, "SELECT 1 FROM office WHERE code = ?1@text LIMIT 1", "t", o->code)) == 1)
                rc = error_raise(err, SB_STAFF_OFFICE_CHANGE, "%s",
                                 ERROR_BOTH("an office has this code already", "该机构代码已被使用"));
        if (rc == 0)
                rc =
                    tx_exec(tx, err,
                            "INSERT INTO office (id, code, parent, body, level, name_zh, name_en, territory, valid_from, "
                            "valid_to, body_kind) VALUES (?1@int, ?2@text, ?3@int, ?4@text, ?5@int, ?6@text, ?7@text, ?8@text, "
                            "?9@int, ?10@int, ?11@text)",
                            "itititttiit", o->id, o->code, o->parent, above.body, above.level + 1, o->zh, o->en, o->territory,
                            (int64_t)o->day, (int64_t)DAY_END, above.body_kind);
        o->office = o->id;
        if (rc == 0)
                rc = change_write(tx, c, o, &(struct office_row){.zh = "", .en = ""}, true, err);
        return rc < 0 ? rc : changed(change, "office", o->id, NULL, out, err);
}

int offices_open(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct opening o = {.kind = "open", .note = "", .day = clock_today(c->house->clock)};
        int rc = json_get_text(in, "code", true, &o.code, err);

        rc = rc ? rc : json_get_int(in, "parent", true, &o.parent, err);
        rc = rc ? rc : json_get_text(in, "name_zh", true, &o.zh, err);
        rc = rc ? rc : json_get_text(in, "name_en", true, &o.en, err);
        rc = rc ? rc : json_get_text(in, "territory", true, &o.territory, err);
        rc = rc ? rc : json_get_text(in, "note", false, &o.note, err);
        rc = rc ? rc : json_get_day(in, "day", false, &o.day, err);
        rc = rc ? rc : ids_next(c->house->ids, &o.id, err);
        rc = rc ? rc : ids_next(c->house->ids, &o.change, err);
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "offices.open"), in, open_apply, &o, out, err);
}

static int move_check(struct tx *tx, struct call *c, const struct opening *o, const struct office_row *row, struct error *err)
{
        struct office_row above;
        bool below = false;
        int rc = own_office(tx, c, o->parent, err);

        rc = rc ? rc : office_row_read(tx, o->parent, &above, err);
        rc = rc ? rc : office_within(tx, o->parent, o->office, &below, err);
        if (rc == 0 &&
            (below || above.level >= row->level || strcmp(above.body_kind, row->body_kind) != 0 || above.to <= o->day))
                rc = error_raise(err, SB_STAFF_OFFICE_CHANGE, "%s",
                                 ERROR_BOTH("it can only go below an open office of a higher level of the same body",
                                            "只能划归同一系统中层级更高的在用机构"));
        return rc;
}

/* Its open cases need an office that is there and may know of them. */
static int successor_check(struct tx *tx, struct call *c, const struct opening *o, const struct office_row *row,
                           struct error *err)
{
        struct office_row next;
        int rc = own_office(tx, c, o->parent, err);

        rc = rc ? rc : office_row_read(tx, o->parent, &next, err);
        if (rc == 0 &&
            (o->parent == o->office || next.to <= o->day || next.from > o->day || strcmp(next.body_kind, row->body_kind) != 0))
                rc = error_raise(err, SB_STAFF_OFFICE_CHANGE, "%s",
                                 ERROR_BOTH("only another open office of the same body takes over its cases",
                                            "只能由同一系统的其他在用机构承接其业务"));
        return rc;
}

static int close_check(struct tx *tx, const struct opening *o, const struct office_row *row, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT 1 FROM office WHERE parent = ?1@int AND valid_to > ?2@int LIMIT 1", "ii",
                        o->office, (int64_t)o->day);

        if (rc == 1 || (rc == 0 && row->parent == 0))
                return error_raise(err, SB_STAFF_OFFICE_CHANGE, "%s",
                                   ERROR_BOTH("offices below it are still open, or it is the highest",
                                              "其下级机构尚未撤销，或该机构为最高级"));
        return rc;
}

static int change_apply_office(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct opening *o = ctx;
        struct office_row row;
        int rc = own_office(tx, c, o->office, err);

        rc = rc ? rc : office_row_read(tx, o->office, &row, err);
        if (rc == 0 && (row.to <= o->day || o->day < clock_today(c->house->clock)))
                rc = error_raise(err, SB_STAFF_OFFICE_CHANGE, "%s",
                                 ERROR_BOTH("it is closed by then, or the day has passed", "届时机构已撤销，或日期已过"));
        if (rc == 0 && strcmp(o->kind, "move") == 0)
                rc = move_check(tx, c, o, &row, err);
        if (rc == 0 && strcmp(o->kind, "close") == 0) {
                rc = close_check(tx, o, &row, err);
                if (rc == 0 && o->parent != 0)
                        rc = successor_check(tx, c, o, &row, err);
                else
                        o->parent = row.parent;
        }
        if (rc == 0 && strcmp(o->kind, "rename") == 0 && (o->zh[0] == '\0' || o->en[0] == '\0'))
                rc = error_raise(err, SB_FIELD_MISSING, "%s", "name_zh, name_en");
        rc = rc ? rc : change_write(tx, c, o, &row, false, err);
        rc = rc ? rc : staffing_sweep(tx, c, true, err);
        return rc < 0 ? rc : changed(change, "office", o->office, json_pack("{s:s}", "kind", o->kind), out, err);
}

int offices_change_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct opening o = {.zh = "", .en = "", .note = "", .day = clock_today(c->house->clock)};
        int rc = json_get_int(in, "office", true, &o.office, err);

        rc = rc ? rc : json_get_text(in, "kind", true, &o.kind, err);
        rc = rc ? rc : json_get_int(in, "parent", false, &o.parent, err);
        rc = rc ? rc : json_get_text(in, "name_zh", false, &o.zh, err);
        rc = rc ? rc : json_get_text(in, "name_en", false, &o.en, err);
        rc = rc ? rc : json_get_text(in, "note", false, &o.note, err);
        rc = rc ? rc : json_get_day(in, "day", false, &o.day, err);
        rc = rc ? rc : ids_next(c->house->ids, &o.change, err);
        return rc ? rc
                  : verb_change(c, registry_find(c->house->verbs, "offices.change"), in, change_apply_office, &o, out, err);
}
