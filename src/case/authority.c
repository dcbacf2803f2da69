/* SPDX-License-Identifier: Apache-2.0 */
#include "case/authority.h"

#include <stdlib.h>
#include <string.h>

/* --- by which post ------------------------------------------------------------------------------------------------------------- */

struct standing {
        bool posts;      /* they have posts; without any, the session's role and office count */
        int level, home; /* of the highest post that covers the task; of their own office; 0 none */
        int64_t person;  /* whom they are as an insured person */
};

#define ABOVE(office)                                                                                                          \
        "WITH RECURSIVE above(id, parent, level) AS (SELECT id, parent, level FROM office WHERE id = " office                  \
        " UNION SELECT o.id, o.parent, o.level FROM office o JOIN above a ON o.id = a.parent) "
#define STANDING(office, role)                                                                                                 \
        ABOVE(office)                                                                                                          \
        "SELECT (SELECT COUNT(*) FROM post WHERE staff = ?2@int), (SELECT MIN(a.level) FROM post p JOIN above a ON a.id = "    \
        "p.office WHERE p.staff = ?2@int AND p.role = " role                                                                   \
        " AND p.valid_from <= ?4@int AND p.valid_to > ?4@int), (SELECT level FROM office WHERE id = ?5@int), (SELECT person "  \
        "FROM staff WHERE id = ?2@int)"
#define SUBSTITUTE                                                                                                             \
        ABOVE("?1@int")                                                                                                        \
        "SELECT s.absent, MIN(a.level) FROM substitution s JOIN leave_spell l ON l.staff = s.absent AND l.state = "            \
        "'confirmed' AND l.valid_from <= ?4@int AND l.valid_to > ?4@int JOIN post p ON p.staff = s.absent AND p.role = "       \
        "?3@text AND p.valid_from <= ?4@int AND p.valid_to > ?4@int JOIN above a ON a.id = p.office WHERE s.substitute = "     \
        "?2@int AND s.valid_from <= ?4@int AND s.valid_to > ?4@int AND (s.role = '' OR s.role = ?3@text) AND (?5@int = 0 OR "  \
        "s.absent = ?5@int) GROUP BY s.absent ORDER BY 2, 1 LIMIT 1"
#define HANDS(instance)                                                                                                        \
        "SELECT done_by, on_behalf_of, node, role FROM task WHERE home = ?1@int AND instance = " instance " AND state = "      \
        "'done'"

int authority_ask(struct tx *tx, const struct call *c, int64_t task, struct authority_asked *out, struct error *err)
{
        int64_t home = c->house->home, today = clock_today(c->house->clock);

        *out = (struct authority_asked){.standing = NULL};
        if (c->who.staff == 0)
                return 0;
        int rc = tx_ask(&out->standing, tx, err,
                        STANDING("(SELECT office FROM task WHERE home = ?1@int AND id = ?3@int)",
                                 "(SELECT role FROM task WHERE home = ?1@int AND id = ?3@int)"),
                        "iiiii", home, c->who.staff, task, today, c->who.office);
        return rc ? rc
                  : tx_ask(&out->hands, tx, err, HANDS("(SELECT instance FROM task WHERE home = ?1@int AND id = ?2@int)"), "ii",
                           home, task);
}

static int standing_read(struct tx *tx, const struct call *c, const struct duty *d, struct standing *out, struct error *err)
{
        int64_t today = clock_today(c->house->clock);
        struct stmt *q = d->asked == NULL ? NULL : d->asked->standing;
        int rc = q != NULL ? stmt_step(q, err)
                           : tx_one(&q, tx, err, STANDING("?1@int", "?3@text"), "iitii", d->office, c->who.staff, d->role,
                                    today, c->who.office);

        *out = (struct standing){.posts = false};
        if (rc == 1)
                *out = (struct standing){.posts = stmt_int(q, 0) > 0,
                                         .level = (int)stmt_int(q, 1),
                                         .home = (int)stmt_int(q, 2),
                                         .person = stmt_int(q, 3)};
        return rc < 0 ? rc : 0;
}

/* Whom they stand in for here: somebody who is on leave today and has such a post of their own. Only posts are looked at, never what
 * the absent one holds as a substitute: there are no chains. */
static int substitute_read(struct tx *tx, const struct call *c, const struct duty *d, struct acting *acting, struct error *err)
{
        int64_t today = clock_today(c->house->clock);
        struct stmt *q;
        int rc = tx_one(&q, tx, err, SUBSTITUTE, "iitii", d->office, c->who.staff, d->role, today, d->on_behalf_of);

        if (rc == 1)
                *acting = (struct acting){.on_behalf_of = stmt_int(q, 0), .level = (int)stmt_int(q, 1)};
        return rc;
}

static int right_find(struct tx *tx, struct call *c, const struct instance *i, const struct duty *d, const struct standing *s,
                      struct acting *acting, struct error *err)
{
        bool role = (c->who.roles & role_bit(d->role)) != 0;
        int rc;

        if (d->on_behalf_of == 0 && s->level > 0) {
                acting->level = s->level;
                return 0;
        }
        if (!s->posts || d->office == 0) {
                if (!role)
                        return error_raise(err, SB_CASE_ROLE, "%s", d->title);
                acting->level = s->home;
                return office_allowed(tx, c, d->office, i->number, err);
        }
        rc = substitute_read(tx, c, d, acting, err);
        if (rc != 0)
                return rc < 0 ? rc : 0;
        if (s->level > 0) { /* the leave is over, but the task is theirs by their own post */
                acting->level = s->level;
                return 0;
        }
        return role ? error_raise(err, SB_CASE_OFFICE, "%s", i->number) : error_raise(err, SB_CASE_ROLE, "%s", d->title);
}

/* --- who may not ----------------------------------------------------------------------------------------------------------------- */

static int related(struct tx *tx, struct call *c, int64_t person, int64_t other, bool *kin, struct error *err)
{
        const struct scope_rule *rule = registry_scope(c->house->verbs, STR("kin"));
        json_t *value;

        *kin = false;
        if (rule == NULL)
                return 0;
        value = json_pack("{s:I,s:I}", "person", (json_int_t)person, "other", (json_int_t)other);
        int rc = value == NULL ? error_raise(err, SB_MEMORY, "%s", "") : rule->within(tx, c, value, kin, err);
        json_decref(value);
        return rc;
}

static int person_check(struct tx *tx, struct call *c, const struct instance *i, int64_t self, int64_t other, struct error *err)
{
        bool kin = false;

        if (other == 0)
                return 0;
        if (self == other)
                return error_raise(err, SB_CASE_OWN, "%s", i->number);
        int rc = related(tx, c, self, other, &kin, err);
        return rc == 0 && kin ? error_raise(err, SB_CASE_RELATED, "%s", i->number) : rc;
}

/* The case is about a person: its subject, `person`, and what its model says are persons. */
static int own_case(struct tx *tx, struct call *c, const struct instance *i, int64_t self, struct error *err)
{
        const json_t *variables = json_object_get(i->state_json, "variables");
        const struct bpmn_process *p = instance_process(i);
        int rc = 0;

        if (self == 0)
                return 0;
        if (strcmp(i->subject_kind, "person") == 0)
                rc = person_check(tx, c, i, self, i->subject, err);
        if (rc == 0)
                rc = person_check(tx, c, i, self, json_integer_value(json_object_get(variables, "person")), err);
        for (size_t k = 0; rc == 0 && k < p->variable_count; k++)
                if (strcmp(p->variables[k].type, "person") == 0)
                        rc = person_check(tx, c, i, self, json_integer_value(json_object_get(variables, p->variables[k].name)),
                                          err);
        return rc;
}

enum { HANDS_MAX = 64 };
struct hands {
        int64_t done[HANDS_MAX];
        int count;
        bool conflict, again; /* they did another step of the case; one of the same office work */
};

static void hand_add(struct hands *h, int64_t staff)
{
        for (int k = 0; k < h->count; k++)
                if (h->done[k] == staff)
                        return;
        if (staff != 0 && h->count < HANDS_MAX)
                h->done[h->count++] = staff;
}

/* Steps that one officer may do together: of one role, in a phase that prepares or carries out (matching and clearing, posting and
 * closing the month). What is judged is always another's. */
static bool same_work(const struct instance *i, const struct duty *d, struct str node, struct str role)
{
        const char *mine = node_said(i->model, d->node).phase;
        char id[120];

        return bpmn_one_officer(mine) && str_is(role, d->role) &&
               strcmp(node_said(i->model, text_copy(id, sizeof id, node)).phase, mine) == 0;
}

/* Nobody reviews, approves or pays what they entered or did another step of, nor what the one did for whom they act. The same step
 * again, after it was sent back, is theirs; a clerk may go on with what they entered, and an officer with the same work. */
static int hands_read(struct tx *tx, const struct call *c, const struct instance *i, const struct duty *d,
                      const struct acting *acting, struct hands *out, struct error *err)
{
        int64_t me = c->who.staff, other = acting->on_behalf_of == 0 ? me : acting->on_behalf_of;
        struct stmt *q = d->asked == NULL ? NULL : d->asked->hands;
        int rc = q != NULL ? 0 : tx_query(&q, tx, err, HANDS("?2@int"), "ii", (int64_t)i->home, i->id);

        *out = (struct hands){.conflict = i->started_by == me || i->started_by == other};
        hand_add(out, i->started_by);
        while ((rc = row_next(rc, q, err)) == 1) {
                int64_t by = stmt_int(q, 0), for_whom = stmt_int(q, 1);
                bool mine = by == me || by == other || for_whom == me || for_whom == other;
                bool again = mine && !str_is(stmt_text(q, 2), d->node) && same_work(i, d, stmt_text(q, 2), stmt_text(q, 3));
                out->again |= again;
                out->conflict |= mine && !again && !str_is(stmt_text(q, 2), d->node);
                hand_add(out, by);
        }
        hand_add(out, me);
        return rc;
}

static int persons_check(const struct instance *i, const struct duty *d, const struct hands *h, struct error *err)
{
        const char *phase = node_said(i->model, d->node).phase;
        int needed = 0;
        bool last = strcmp(d->role, "approver") == 0 || strcmp(phase, "APR") == 0 || (h->again && strcmp(phase, "EXE") == 0);
        int rc = last ? risk_persons(i->pack, instance_process(i)->risk, &needed, err) : 0;

        return rc == 0 && h->count < needed ? error_raise(err, SB_CASE_PERSONS, "%s|%d|%d", d->title, needed, h->count) : rc;
}

/* --- signing ---------------------------------------------------------------------------------------------------------------------- */

static const char *level_name(int level, enum lang lang)
{
        static const char *const zh[] = {"无人", "省级", "市级", "县级", "乡镇（街道）级", "村（社区）级"};
        static const char *const en[] = {"nobody",   "the province",         "a city",
                                         "a county", "a street or township", "a village agent"};

        return lang == LANG_ZH ? zh[level] : en[level];
}

static int signing_check(const struct instance *i, const struct duty *d, const struct acting *acting, struct error *err)
{
        bool known = false, unlimited = true;
        fen_t amount = 0, power = 0;
        char text[24], up_to[24];
        int level = 0;
        int rc = signing_amount(i, &known, &amount, err);

        if (rc < 0 || !known || acting->level == 0)
                return rc;
        rc = signing_power(i->pack, i->process, d->role, acting->level, &unlimited, &power, err);
        if (rc < 0 || unlimited || amount <= power)
                return rc;
        rc = signing_level(i->pack, i->process, d->role, amount, &level, err);
        return rc < 0 ? rc
                      : error_raise(err, SB_CASE_SIGNING, "%s|%s|%s\x1e%s", money_text(amount, text), money_text(power, up_to),
                                    level_name(level, LANG_EN), level_name(level, LANG_ZH));
}

int authority_may(struct tx *tx, struct call *c, const struct instance *i, const struct duty *d, struct acting *acting,
                  struct error *err)
{
        struct standing s;
        struct hands h;

        *acting = (struct acting){.on_behalf_of = 0};
        if (c->who.staff == 0)
                return 0;
        int rc = standing_read(tx, c, d, &s, err);
        rc = rc ? rc : right_find(tx, c, i, d, &s, acting, err);
        rc = rc ? rc : own_case(tx, c, i, s.person, err);
        if (rc < 0 || strcmp(d->role, "clerk") == 0)
                return rc;
        rc = hands_read(tx, c, i, d, acting, &h, err);
        if (rc == 0 && h.conflict)
                rc = error_raise(err, SB_CASE_FOUR_EYES, "%s", d->title);
        rc = rc ? rc : persons_check(i, d, &h, err);
        return rc ? rc : signing_check(i, d, acting, err);
}

/* --- roles ------------------------------------------------------------------------------------------------------------------------ */

int authority_roles(struct tx *tx, int64_t staff, day_t today, uint32_t own, uint32_t *out, struct error *err)
{
        bool posts = false;
        uint32_t roles = 0;
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT role, CASE WHEN valid_from <= ?2@int AND valid_to > ?2@int THEN 1 ELSE 0 END, 1 FROM post WHERE staff = "
            "?1@int UNION ALL SELECT p.role, 1, 0 FROM substitution s JOIN leave_spell l ON l.staff = s.absent AND l.state = "
            "'confirmed' AND l.valid_from <= ?2@int AND l.valid_to > ?2@int JOIN post p ON p.staff = s.absent AND "
            "p.valid_from <= ?2@int AND p.valid_to > ?2@int WHERE s.substitute = ?1@int AND s.valid_from <= ?2@int AND "
            "s.valid_to > ?2@int AND (s.role = '' OR s.role = p.role)",
            "ii", staff, (int64_t)today);

        while ((rc = row_next(rc, q, err)) == 1) {
                char role[32];
                posts |= stmt_int(q, 2) == 1;
                if (stmt_int(q, 1) == 1)
                        roles |= role_bit(text_copy(role, sizeof role, stmt_text(q, 0)));
        }
        *out = posts ? roles : own | roles;
        return rc;
}

/* "clerk,reviewer" as bits. */
static uint32_t words_roles(struct str text)
{
        uint32_t roles = 0;
        char word[32];

        for (size_t from = 0, k = 0; k <= text.n; k++) {
                if (k < text.n && text.p[k] != ',')
                        continue;
                roles |= role_bit(text_copy(word, sizeof word, (struct str){text.p + from, k - from}));
                from = k + 1;
        }
        return roles;
}

int authority_actor(struct tx *tx, struct house *h, int64_t staff, struct actor *out, struct error *err)
{
        day_t today = clock_today(h->clock);
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT s.office, s.roles, o.level, o.body_kind FROM staff s LEFT JOIN office o ON o.id = s.office WHERE "
                   "s.id = ?1@int AND s.valid_from <= ?2@int AND s.valid_to > ?2@int",
                   "ii", staff, (int64_t)today);

        if (rc == 0)
                return error_raise(err, SB_CASE_STAFF, "%lld", (long long)staff);
        if (rc < 0)
                return rc;
        *out = (struct actor){.staff = staff, .office = stmt_int(q, 0), .level = (int)stmt_int(q, 2)};
        text_copy(out->body, sizeof out->body, stmt_text(q, 3));
        return authority_roles(tx, staff, today, words_roles(stmt_text(q, 1)), &out->roles, err);
}
