/* SPDX-License-Identifier: Apache-2.0
 *
 * Where my applications stand (我的办件): what was asked for in the portal, and what was accepted from me at a counter. Others' cases in which I am
 * mentioned are not mine.
 */
#include "office/portal/portal.h"

#include <string.h>

#define PAGE_MAX 20

struct following {
        struct call *call;
        int64_t only, before; /* one case; those with lower ids */
        int64_t ids[PAGE_MAX + 1];
        int count;
};

/* Asked for with an account of whom who asks signed in for, or accepted with them as the applicant. */
#define MINE                                                                                                                   \
        "WITH mine AS (SELECT p.instance AS id FROM application p JOIN portal_account a ON a.home = p.home AND a.id = "        \
        "p.actor "                                                                                                             \
        "WHERE p.home = ?1@int AND p.channel = 'portal' AND a.person = ?2@int AND a.employer = ?3@int UNION SELECT i.id FROM " \
        "case_any i WHERE i.home = ?1@int AND i.subject_kind = ?4@text AND i.subject = ?5@int AND i.application <> 0) SELECT " \
        "m.id, p.applicant, p.channel FROM mine m JOIN application p ON p.home = ?1@int AND p.instance = m.id WHERE (?6@int "  \
        "= "                                                                                                                   \
        "0 OR m.id = ?6@int) AND m.id < ?7@int ORDER BY m.id DESC LIMIT 200"

/* The open part of an applicant: {"kind", "person", "employer"}. */
static bool applied(const struct actor *who, struct str applicant)
{
        struct error none = {0};
        json_t *o = NULL;
        bool yes = false;

        if (json_read(&o, applicant, &none) == 0)
                yes = who->person != 0
                          ? strcmp(json_text(o, "kind"), "self") == 0 && json_int_or(o, "person", who->person) == who->person
                          : strcmp(json_text(o, "kind"), "employer") == 0 && json_int_or(o, "employer", 0) == who->employer;
        json_decref(o);
        return yes;
}

static int mine_read(struct tx *tx, void *ctx, struct error *err)
{
        struct following *f = ctx;
        const struct actor *who = &f->call->who;
        bool person = who->person != 0;
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err, MINE, "iiitiii", (int64_t)f->call->house->home, who->person, who->employer,
                          person ? "person" : "employer", person ? who->person : who->employer, f->only,
                          f->before == 0 ? INT64_MAX : f->before);

        f->count = 0;
        while ((rc = row_next(rc, q, err)) == 1)
                if (f->count <= PAGE_MAX && (str_is(stmt_text(q, 2), "portal") || applied(who, stmt_text(q, 1))))
                        f->ids[f->count++] = stmt_int(q, 0);
        return rc;
}

static int outside_need(const struct call *c, struct error *err)
{
        return c->who.person != 0 || c->who.employer != 0 ? 0 : error_raise(err, SB_PORTAL_SELF, "%s", "");
}

int portal_case_need(struct call *c, int64_t instance, struct error *err)
{
        struct following f = {.call = c, .only = instance};
        int rc = outside_need(c, err);

        rc = rc ? rc : store_read(c->house->store, mine_read, &f, err);
        return rc == 0 && f.count == 0 ? error_raise(err, SB_PORTAL_CASE, "%lld", (long long)instance) : rc;
}

int portal_applications(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct following f = {.call = c};
        json_t *items = json_array();
        char next[24];
        int limit = PAGE_MAX;
        int rc = outside_need(c, err);

        rc = rc ? rc : list_page(in, &limit, &f.before, err);
        rc = rc ? rc : store_read(c->house->store, mine_read, &f, err);
        for (int i = 0; rc == 0 && i < f.count && i < PAGE_MAX; i++) {
                json_t *o = NULL;
                rc = case_status(c, f.ids[i], &o, err);
                put_int(o, "case", f.ids[i]);
                if (rc == 0)
                        json_array_append_new(items, o);
        }
        if (rc == 0)
                return list_answer(
                    out, items,
                    f.count > PAGE_MAX ? text_format(next, sizeof next, "%lld", (long long)f.ids[PAGE_MAX - 1]) : NULL, err);
        json_decref(items);
        return rc;
}

/* --- one application ----------------------------------------------------------------------------------------------------------------- */

struct letters {
        struct call *call;
        int64_t instance, document;
        json_t *items;
};

static int letters_read(struct tx *tx, void *ctx, struct error *err)
{
        struct letters *l = ctx;
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT l.id, l.number, d.title, l.state, l.day FROM letter l JOIN document d ON d.home = l.home AND d.id = l.id "
            "WHERE l.home = ?1@int AND l.instance = ?2@int AND l.lang = ?3@text ORDER BY l.id LIMIT 100",
            "iit", (int64_t)l->call->house->home, l->instance, l->call->who.lang == LANG_ZH ? "zh" : "en");

        json_array_clear(l->items);
        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "document", stmt_int(q, 0));
                put_str(o, "number", stmt_text(q, 1));
                put_str(o, "title", stmt_text(q, 2));
                put_str(o, "state", stmt_text(q, 3));
                put_day(o, "day", (day_t)stmt_int(q, 4));
                json_array_append_new(l->items, o);
        }
        return rc;
}

int portal_application(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct letters l = {.call = c, .instance = json_int_or(in, "case", 0), .items = json_array()};
        int rc = portal_case_need(c, l.instance, err);

        rc = rc ? rc : store_read(c->house->store, letters_read, &l, err);
        rc = rc ? rc : case_status(c, l.instance, out, err);
        if (rc == 0) {
                put_int(*out, "case", l.instance);
                put_value(*out, "letters", json_incref(l.items));
        }
        json_decref(l.items);
        return rc;
}

/* Evidence: a scan or a photograph, checked and sealed as at the counter. */
int portal_attach(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        int rc = portal_case_need(c, json_int_or(in, "case", 0), err);

        return rc ? rc : portal_ask(c, "attachments.add", json_deep_copy(in), out, err);
}

int portal_withdraw(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        int rc = portal_case_need(c, json_int_or(in, "case", 0), err);

        return rc ? rc : portal_ask(c, "cases.withdraw", json_deep_copy(in), out, err);
}

/* --- letters ------------------------------------------------------------------------------------------------------------------------- */

static int letter_read(struct tx *tx, void *ctx, struct error *err)
{
        struct letters *l = ctx;
        struct stmt *q;
        int rc = tx_one(
            &q, tx, err,
            "SELECT l.instance, d.person FROM letter l JOIN document d ON d.home = l.home AND d.id = l.id WHERE l.home = "
            "?1@int AND l.id = ?2@int",
            "ii", (int64_t)l->call->house->home, l->document);

        if (rc == 0)
                return error_raise(err, SB_PORTAL_CASE, "%lld", (long long)l->document);
        if (rc < 0)
                return rc;
        /* What was written to me is mine, whoever asked for it. */
        l->instance = l->call->who.person != 0 && stmt_int(q, 1) == l->call->who.person ? 0 : stmt_int(q, 0);
        return 0;
}

int portal_letter(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct letters l = {.call = c, .document = json_int_or(in, "document", 0)};
        int rc = outside_need(c, err);

        rc = rc ? rc : store_read(c->house->store, letter_read, &l, err);
        if (rc == 0 && l.instance != 0 && portal_case_need(c, l.instance, err) < 0) {
                error_clear(err);
                rc = error_raise(err, SB_PORTAL_CASE, "%lld", (long long)l.document);
        }
        return rc ? rc : portal_ask(c, "documents.get", json_deep_copy(in), out, err);
}
