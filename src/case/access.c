/* SPDX-License-Identifier: Apache-2.0 */
#include "case/access.h"

#include "case/answer.h"
#include "case/instance.h"
#include "case/pack_store.h"

#include <string.h>

/* Is one of the rows of the duty theirs; *role: at least the role is right. */
static bool rows_allow(const struct pack *p, const struct actor *who, const char *duty, bool *role)
{
        const struct permission *rows = NULL;
        size_t n = pack_permissions(p, duty, &rows);

        *role = false;
        for (size_t i = 0; i < n; i++) {
                if ((who->roles & role_bit(rows[i].role)) == 0)
                        continue;
                *role = true;
                if (permission_covers(&rows[i], who->body, who->level))
                        return true;
        }
        return false;
}

static bool said_before(const struct permission *rows, size_t i)
{
        for (size_t k = 0; k < i; k++)
                if (strcmp(rows[k].body, rows[i].body) == 0 && rows[k].level_from == rows[i].level_from &&
                    rows[k].level_to == rows[i].level_to)
                        return true;
        return false;
}

/* Whose duty it is, for who has to ask somebody else: "social_insurance 1-3, tax". */
static const char *bodies_text(const struct pack *p, const char *duty, char *out, size_t size)
{
        const struct permission *rows = NULL;
        size_t n = pack_permissions(p, duty, &rows), used = 0;
        char one[64];

        out[0] = '\0';
        for (size_t i = 0; i < n; i++) {
                if (rows[i].level_from == 0)
                        text_copy(one, sizeof one, str_from(rows[i].body));
                else
                        text_format(one, sizeof one, "%s %d-%d", rows[i].body, rows[i].level_from, rows[i].level_to);
                if (said_before(rows, i) || used + strlen(one) + 3 > size)
                        continue;
                text_format(out + used, size - used, "%s%s", used == 0 ? "" : ", ", one);
                used = strlen(out);
        }
        return out;
}

static int seat_read(struct tx *tx, void *ctx, struct error *err)
{
        struct actor *who = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT level, body_kind FROM office WHERE id = ?1@int", "i", who->office);

        who->level = rc == 1 ? (int)stmt_int(q, 0) : 0;
        text_copy(who->body, sizeof who->body, rc == 1 ? stmt_text(q, 1) : (struct str){"", 0});
        return rc < 0 ? rc : 0;
}

/* The pack, and who asks with body and level of their office, where the caller did not bring them. */
static int ask(struct call *c, struct pack **pack, struct error *err)
{
        int rc = pack_store_home(c->house->packs, c->house->clock, pack, err);

        return rc == 0 && c->who.level == 0 ? store_read(c->house->store, seat_read, &c->who, err) : rc;
}

/* Whatever a pack gives them, the office does not stand open to who is outside of it: what they reach is of themselves. */
static bool outside_reaches(const struct verb *v)
{
        return strcmp(v->scope == NULL ? "" : v->scope, SCOPE_SELF) == 0 || strcmp(v->duty, DUTY_SIGNED_IN) == 0;
}

int access_may(struct call *c, const struct verb *v, struct error *err)
{
        struct pack *pack;
        char bodies[200];
        bool role;

        if (v->duty == NULL || ((c->who.roles & ROLE_OUTSIDE) != 0 && !outside_reaches(v)))
                return error_raise(err, SB_CASE_ROLE, "%s", v->name);
        if (strcmp(v->duty, DUTY_ALL) == 0 || strcmp(v->duty, DUTY_SIGNED_IN) == 0)
                return 0;
        int rc = ask(c, &pack, err);
        if (rc < 0 || rows_allow(pack, &c->who, v->duty, &role))
                return rc;
        if (!role)
                return error_raise(err, SB_CASE_ROLE, "%s", v->name);
        return error_raise(err, SB_CASE_BODY, "%s|%s", v->name, bodies_text(pack, v->duty, bodies, sizeof bodies));
}

int access_has(struct call *c, const char *duty, bool *yes, struct error *err)
{
        struct pack *pack;
        bool role;
        int rc = ask(c, &pack, err);

        *yes = rc == 0 && rows_allow(pack, &c->who, duty, &role);
        return rc;
}

int access_duties(struct call *c, json_t **out, struct error *err)
{
        const struct pack_duty *duties;
        struct pack *pack;
        bool role;
        int rc = ask(c, &pack, err);

        if (rc < 0)
                return rc;
        size_t n = pack_duties(pack, &duties);
        json_t *list = json_array();
        for (size_t i = 0; i < n; i++)
                if (rows_allow(pack, &c->who, duties[i].name, &role))
                        json_array_append_new(list, json_string(duties[i].name));
        *out = list;
        return list == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int access_check(const struct pack *p, const struct registry *r, struct error *err)
{
        const struct verb *v;

        for (size_t i = 0; (v = registry_at(r, i)) != NULL; i++) {
                const struct permission *rows;
                if (v->duty == NULL || strcmp(v->duty, DUTY_ALL) == 0 || strcmp(v->duty, DUTY_SIGNED_IN) == 0)
                        continue;
                if (pack_duty(p, v->duty) == NULL || pack_permissions(p, v->duty, &rows) == 0)
                        return error_raise(err, SB_PACK_PERMISSION, "%s (%s)|duty", v->duty, v->name);
        }
        return 0;
}
