/* SPDX-License-Identifier: Apache-2.0 */
#include "office/letter/seal.h"

#include "case/instance.h"
#include "case/pack_store.h"
#include "office/json.h"
#include "office/letter/table.h"

#include <string.h>

/* --- what a letter needs ------------------------------------------------------------------------------------------------------------ */

int seal_kind_of(char kind[SEAL_KIND], const struct pack *pack, const char *template, struct error *err)
{
        json_t *rows = NULL, *row;
        size_t i;
        int rc = pack_table_maybe(pack, "letters.csv", &rows, err);

        kind[0] = '\0';
        json_array_foreach(rows, i, row)
        {
                const char *name = json_string_value(json_object_get(row, "letter"));
                const char *seal = json_string_value(json_object_get(row, "seal"));
                if (name != NULL && seal != NULL && strcmp(name, template) == 0)
                        text_copy(kind, SEAL_KIND, str_from(seal));
        }
        json_decref(rows);
        return rc;
}

int seal_kind_text(char *out, size_t size, const struct pack *pack, const char *kind, struct error *err)
{
        json_t *common = NULL;
        struct str file;
        int rc = pack_file(pack, "letters/common.json", &file, err);

        if (rc == 0)
                rc = json_read(&common, file, err);
        /* A seal of the place carries the language of the place. */
        const char *text =
            json_string_value(json_object_get(json_object_get(json_object_get(common, "seal_kind"), kind), "zh"));
        text_copy(out, size, str_from(text));
        json_decref(common);
        return rc;
}

/* --- holding ---------------------------------------------------------------------------------------------------------------------------- */

/* 1 held, 0 never had one, and *refused true when it had one that is not valid. */
static int held_here(struct seal_held *out, struct tx *tx, int64_t office, const char *kind, day_t day, bool *refused,
                     struct error *err)
{
        struct stmt *q;
        int rc = tx_one(
            &q, tx, err,
            "SELECT id, holder, name_zh, name_en FROM seal WHERE office = ?1@int AND kind = ?2@text AND valid_from <= ?3@int "
            "AND valid_to > ?3@int ORDER BY id LIMIT 1",
            "iti", office, kind, (int64_t)day);

        if (rc == 1) {
                *out = (struct seal_held){.id = stmt_int(q, 0), .office = office, .holder = stmt_int(q, 1)};
                text_copy(out->name_zh, sizeof out->name_zh, stmt_text(q, 2));
                text_copy(out->name_en, sizeof out->name_en, stmt_text(q, 3));
        }
        if (rc != 0)
                return rc;
        rc = tx_one(&q, tx, err, "SELECT id FROM seal WHERE office = ?1@int AND kind = ?2@text LIMIT 1", "it", office, kind);
        *refused = rc == 1;
        return rc < 0 ? rc : 0;
}

int seal_find(struct seal_held *out, struct tx *tx, int64_t office, const char *kind, day_t day, struct error *err)
{
        char body[32] = "", own[32];
        bool refused = false;
        struct stmt *q;

        for (int level = 0; office != 0 && level < 8; level++) {
                int rc = held_here(out, tx, office, kind, day, &refused, err);
                if (rc != 0 || refused)
                        return rc;
                rc = tx_one(&q, tx, err, "SELECT parent, body_kind FROM office WHERE id = ?1@int", "i", office);
                if (rc <= 0)
                        return rc;
                office = stmt_int(q, 0);
                text_copy(own, sizeof own, stmt_text(q, 1));
                if (level > 0 && strcmp(own, body) != 0)
                        return 0;
                text_copy(body, sizeof body, str_from(own));
        }
        return 0;
}

int seal_use_add(struct tx *tx, struct call *c, int64_t seal, int64_t letter, int64_t instance, struct error *err)
{
        int64_t id;
        int rc = ids_next(c->house->ids, &id, err);

        return rc < 0 ? rc
                      : tx_exec(tx, err,
                                "INSERT INTO seal_use (home, id, seal, letter, instance, holder, ordered_by, at) SELECT "
                                "?1@int, ?2@int, id, "
                                "?4@int, ?5@int, holder, ?6@int, ?7@int FROM seal WHERE id = ?3@int",
                                "iiiiiii", (int64_t)c->house->home, id, seal, letter, instance, c->who.staff,
                                (int64_t)clock_now(c->house->clock));
}

/* --- verbs: who keeps what --------------------------------------------------------------------------------------------------------------- */

struct listing {
        struct call *call;
        json_t *items;
        int64_t after, seal, next;
        int limit;
};

static int list_read(struct tx *tx, void *ctx, struct error *err)
{
        struct listing *l = ctx;
        day_t today = clock_today(l->call->house->clock);
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT s.id, s.kind, s.name_zh, s.name_en, s.valid_from, s.valid_to, s.end_reason, s.note, s.holder, "
            "COALESCE(h.display, ''), o.id, o.name_zh, o.name_en, COALESCE((SELECT COUNT(*) FROM seal_use u WHERE u.home = "
            "?3@int AND u.seal = s.id), 0) FROM seal s JOIN office o ON o.id = s.office LEFT JOIN staff h ON h.id = s.holder "
            "WHERE s.id > ?2@int AND s.office IN " OFFICE_SUBTREE("?1@int") " ORDER BY s.id LIMIT ?4@int",
            "iiii", l->call->who.office, l->after, (int64_t)l->call->house->home, (int64_t)l->limit + 1);

        json_array_clear(l->items);
        l->next = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                if (json_array_size(l->items) == (size_t)l->limit) {
                        l->next =
                            (int64_t)json_integer_value(json_object_get(json_array_get(l->items, (size_t)l->limit - 1), "id"));
                        rc = 0;
                        break;
                }
                json_t *o = json_object();
                put_int(o, "id", stmt_int(q, 0));
                put_str(o, "kind", stmt_text(q, 1));
                put_str(o, "name_zh", stmt_text(q, 2));
                put_str(o, "name_en", stmt_text(q, 3));
                put_day(o, "valid_from", (day_t)stmt_int(q, 4));
                put_day(o, "valid_to", (day_t)stmt_int(q, 5));
                put_str(o, "end_reason", stmt_text(q, 6));
                put_str(o, "note", stmt_text(q, 7));
                put_int(o, "holder", stmt_int(q, 8));
                put_str(o, "holder_display", stmt_text(q, 9));
                put_int(o, "office", stmt_int(q, 10));
                put_str(o, "office_zh", stmt_text(q, 11));
                put_str(o, "office_en", stmt_text(q, 12));
                put_int(o, "uses", stmt_int(q, 13));
                put_bool(o, "valid", stmt_int(q, 4) <= today && today < stmt_int(q, 5));
                json_array_append_new(l->items, o);
        }
        return rc;
}

static int log_read(struct tx *tx, void *ctx, struct error *err)
{
        struct listing *l = ctx;
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT u.id, u.letter, l.number, l.template, u.instance, COALESCE(h.display, ''), COALESCE(s.display, ''), u.at "
            "FROM seal_use u JOIN letter l ON l.home = u.home AND l.id = u.letter LEFT JOIN staff h ON h.id = u.holder "
            "LEFT JOIN staff s ON s.id = u.ordered_by WHERE u.home = ?1@int AND u.seal = ?2@int AND (?3@int = 0 OR u.id < "
            "?3@int) ORDER BY u.id DESC LIMIT ?4@int",
            "iiii", (int64_t)l->call->house->home, l->seal, l->after, (int64_t)l->limit + 1);

        json_array_clear(l->items);
        l->next = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                if (json_array_size(l->items) == (size_t)l->limit) {
                        l->next =
                            (int64_t)json_integer_value(json_object_get(json_array_get(l->items, (size_t)l->limit - 1), "id"));
                        rc = 0;
                        break;
                }
                json_t *o = json_object();
                put_int(o, "id", stmt_int(q, 0));
                put_int(o, "document", stmt_int(q, 1));
                put_str(o, "number", stmt_text(q, 2));
                put_str(o, "letter", stmt_text(q, 3));
                put_int(o, "case", stmt_int(q, 4));
                put_str(o, "holder_display", stmt_text(q, 5));
                put_str(o, "ordered_by", stmt_text(q, 6));
                put_instant(o, "at", stmt_int(q, 7));
                json_array_append_new(l->items, o);
        }
        return rc;
}

static int listed(struct call *c, const json_t *in, store_apply *read, json_t **out, struct error *err)
{
        struct listing l = {.call = c, .items = json_array()};
        char next[24];
        int rc = list_page(in, &l.limit, &l.after, err);

        if (rc == 0 && json_object_get(in, "seal") != NULL)
                rc = json_get_int(in, "seal", true, &l.seal, err);
        if (rc == 0)
                rc = store_read(c->house->store, read, &l, err);
        if (rc < 0) {
                json_decref(l.items);
                return rc;
        }
        return list_answer(out, l.items, l.next == 0 ? NULL : text_format(next, sizeof next, "%lld", (long long)l.next), err);
}

static int seals_list(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return listed(c, in, list_read, out, err);
}

/* --- add and end -------------------------------------------------------------------------------------------------------------------------- */

struct seal_change {
        int64_t seal, office, holder;
        const char *kind, *name_zh, *name_en, *note, *reason;
        day_t day;
};

static int office_need(struct tx *tx, struct call *c, int64_t office, int64_t seal, struct error *err)
{
        bool within = false;
        char number[24];
        int rc = office == 0 ? 0 : office_within(tx, office, c->who.office, &within, err);

        if (rc == 0 && !within)
                rc = error_raise(err, SB_SEAL_UNKNOWN, "%s", text_format(number, sizeof number, "%lld", (long long)seal));
        return rc;
}

static int seal_office(struct tx *tx, int64_t seal, int64_t *office, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT office FROM seal WHERE id = ?1@int", "i", seal);

        *office = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

static int add_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct seal_change *s = ctx;
        struct stmt *q;
        int64_t id;
        int rc = office_need(tx, c, s->office, 0, err);

        rc = rc ? rc
                : tx_one(&q, tx, err,
                         "SELECT name_zh FROM seal WHERE office = ?1@int AND kind = ?2@text AND valid_to > ?3@int LIMIT 1",
                         "iti", s->office, s->kind, (int64_t)s->day);
        if (rc == 1) {
                char name[192];
                return error_raise(err, SB_SEAL_TAKEN, "%s", text_copy(name, sizeof name, stmt_text(q, 0)));
        }
        rc = rc ? rc : ids_next(c->house->ids, &id, err);
        rc = rc ? rc
                : tx_exec(tx, err,
                          "INSERT INTO seal (id, office, kind, name_zh, name_en, holder, valid_from, valid_to, end_reason, "
                          "note, actor, at, "
                          "ended_by, ended_at) VALUES (?1@int, ?2@int, ?3@text, ?4@text, ?5@text, ?6@int, ?7@int, ?8@int, '', "
                          "?9@text, "
                          "?10@int, ?11@int, 0, 0)",
                          "iitttiiitii", id, s->office, s->kind, s->name_zh, s->name_en, s->holder, (int64_t)s->day,
                          (int64_t)DAY_END, s->note, c->who.staff, (int64_t)clock_now(c->house->clock));
        if (rc < 0)
                return rc;
        change->subject_kind = "seal";
        change->subject = id;
        *out = json_pack("{s:I}", "seal", (json_int_t)id);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int end_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct seal_change *s = ctx;
        char number[24], day[16];
        int64_t changed = 0;
        int rc = seal_office(tx, s->seal, &s->office, err);

        rc = rc ? rc : office_need(tx, c, s->office, s->seal, err);
        rc =
            rc ? rc
               : tx_exec_changed(
                     tx, &changed, err,
                     "UPDATE seal SET valid_to = ?2@int, end_reason = ?3@text, note = ?4@text, ended_by = ?5@int, ended_at = "
                     "?6@int WHERE id = ?1@int AND valid_to > ?2@int",
                     "iittii", s->seal, (int64_t)s->day, s->reason, s->note, c->who.staff, (int64_t)clock_now(c->house->clock));
        if (rc == 0 && changed != 1)
                rc = error_raise(err, SB_SEAL_UNKNOWN, "%s", text_format(number, sizeof number, "%lld", (long long)s->seal));
        if (rc < 0)
                return rc;
        change->subject_kind = "seal";
        change->subject = s->seal;
        *out = json_pack("{s:I,s:s,s:s}", "seal", (json_int_t)s->seal, "reason", s->reason, "valid_to", day_text(s->day, day));
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int hand_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct seal_change *s = ctx;
        int rc = seal_office(tx, s->seal, &s->office, err);

        rc = rc ? rc : office_need(tx, c, s->office, s->seal, err);
        rc = rc ? rc : tx_exec(tx, err, "UPDATE seal SET holder = ?2@int WHERE id = ?1@int", "ii", s->seal, s->holder);
        if (rc < 0)
                return rc;
        change->subject_kind = "seal";
        change->subject = s->seal;
        *out = json_pack("{s:I,s:I}", "seal", (json_int_t)s->seal, "holder", (json_int_t)s->holder);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int asked_read(struct call *c, const json_t *in, struct seal_change *s, struct error *err)
{
        *s = (struct seal_change){
            .kind = "", .name_zh = "", .name_en = "", .note = "", .reason = "", .day = clock_today(c->house->clock)};
        int rc = json_get_int(in, "seal", false, &s->seal, err);
        rc = rc ? rc : json_get_int(in, "office", false, &s->office, err);
        rc = rc ? rc : json_get_int(in, "holder", false, &s->holder, err);
        rc = rc ? rc : json_get_text(in, "kind", false, &s->kind, err);
        rc = rc ? rc : json_get_text(in, "name_zh", false, &s->name_zh, err);
        rc = rc ? rc : json_get_text(in, "name_en", false, &s->name_en, err);
        rc = rc ? rc : json_get_text(in, "note", false, &s->note, err);
        rc = rc ? rc : json_get_text(in, "reason", false, &s->reason, err);
        return rc ? rc : json_get_day(in, "day", false, &s->day, err);
}

static int changed(struct call *c, const char *verb, const json_t *in, change_apply *apply, json_t **out, struct error *err)
{
        struct seal_change s;
        int rc = asked_read(c, in, &s, err);

        return rc < 0 ? rc : verb_change(c, registry_find(c->house->verbs, verb), in, apply, &s, out, err);
}

static int seals_add(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return changed(c, "seals.add", in, add_apply, out, err);
}

static int seals_end(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return changed(c, "seals.end", in, end_apply, out, err);
}

static int seals_hand(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return changed(c, "seals.hand", in, hand_apply, out, err);
}

struct log_asking {
        struct call *call;
        int64_t seal;
};

static int log_allowed(struct tx *tx, void *ctx, struct error *err)
{
        struct log_asking *a = ctx;
        int64_t office;
        int rc = seal_office(tx, a->seal, &office, err);

        return rc ? rc : office_need(tx, a->call, office, a->seal, err);
}

static int seals_log(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct log_asking a = {.call = c};
        int rc = json_get_int(in, "seal", true, &a.seal, err);

        rc = rc ? rc : store_read(c->house->store, log_allowed, &a, err);
        return rc < 0 ? rc : listed(c, in, log_read, out, err);
}

#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define ID(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":1}"
#define NAME(name) "\"" name "\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":60}"
#define KIND "\"kind\":{\"enum\":[\"official\",\"business\"]}"
#define DAY "\"day\":{\"type\":\"string\",\"format\":\"date\"}"
#define NOTE "\"note\":{\"type\":\"string\",\"maxLength\":300}"
#define PAGE "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":200},\"cursor\":{\"type\":\"string\",\"maxLength\":24}"
#define ANY "{\"type\":\"object\"}"
const struct verb seal_verbs[] = {
    {"seals.list", VERB_READ, DUTY_ALL, "GET", "/api/seals", "The seals of the own office and those below it",
     "印章登记簿（本机构及下级）", OBJECT("", PAGE), ANY, seals_list, SCOPE_OFFICE},
    {"seals.add", VERB_WRITE, "system.seals", "POST", "/api/seals", "Register a seal with its holder from a day on", "登记印章",
     OBJECT("\"office\",\"kind\",\"name_zh\",\"name_en\"",
            ID("office") "," KIND "," NAME("name_zh") "," NAME("name_en") "," ID("holder") "," DAY "," NOTE),
     ANY, seals_add, SCOPE_OFFICE},
    {"seals.hand", VERB_WRITE, "system.seals", "POST", "/api/seals/{seal}/holder", "Give a seal into the care of somebody else",
     "移交印章", OBJECT("\"seal\",\"holder\"", ID("seal") "," ID("holder")), ANY, seals_hand, SCOPE_OFFICE},
    {"seals.end", VERB_WRITE, "system.seals", "POST", "/api/seals/{seal}/end",
     "End the use of a seal, or report it lost, from a day on", "停用、挂失印章",
     OBJECT("\"seal\",\"reason\"",
            ID("seal") ",\"reason\":{\"enum\":[\"ended\",\"lost\",\"damaged\",\"replaced\"]}," DAY "," NOTE),
     ANY, seals_end, SCOPE_OFFICE},
    {"seals.log", VERB_READ, "letters.seal_log", "GET", "/api/seals/{seal}/uses",
     "Each use of a seal: on what, when, on whose order", "用印记录", OBJECT("\"seal\"", ID("seal") "," PAGE), ANY, seals_log,
     SCOPE_OFFICE},
    {0},
};
