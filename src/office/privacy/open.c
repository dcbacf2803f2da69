/* SPDX-License-Identifier: Apache-2.0 */
#include "office/privacy/privacy.h"

#include "case/access.h"
#include "case/instance.h"
#include "case/pack_store.h"
#include "office/json.h"

#include <string.h>

/* The purposes that who calls may name, divided by blanks, each once. */
static int purposes_of(struct call *c, const struct pack **pack, char *out, size_t size, struct error *err)
{
        const struct permission *rows = NULL;
        struct pack *home;
        int rc = pack_store_home(c->house->packs, c->house->clock, &home, err);

        out[0] = '\0';
        if (rc < 0)
                return rc;
        *pack = home;
        size_t n = pack_permissions(home, "people.open", &rows), used = 0;
        const struct pack_purpose *all;
        size_t purposes = pack_purposes(home, &all);
        for (size_t k = 0; k < purposes; k++)
                for (size_t i = 0; i < n; i++)
                        if ((c->who.roles & role_bit(rows[i].role)) != 0 &&
                            permission_covers(&rows[i], c->who.body, c->who.level) &&
                            word_listed(rows[i].purposes, all[k].name) && used + strlen(all[k].name) + 2 < size) {
                                text_format(out + used, size - used, "%s%s", used == 0 ? "" : " ", all[k].name);
                                used = strlen(out);
                                break;
                        }
        return 0;
}

struct asked {
        struct call *call;
        const struct pack *pack;
        struct opening o;
        json_t *out;
        char purposes[300];
};

/* --- people.open -------------------------------------------------------------------------------------------------------------------- */

static int open_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct asked *a = ctx;
        struct stmt *q;
        bool yes = true;
        int raised = 0;
        int rc = tx_one(&q, tx, err, "SELECT 1 FROM person WHERE home = ?1@int AND id = ?2@int", "ii", (int64_t)c->house->home,
                        a->o.person);

        if (rc == 0)
                return error_raise(err, SB_REGISTRY_PERSON, "%lld", (long long)a->o.person);
        rc = rc < 0 ? rc : 0;
        if (rc == 0 && strcmp(a->o.purpose, PURPOSE_CASE) == 0)
                rc = opening_case(tx, c, a->o.person, a->o.instance, &yes, err);
        if (rc == 0 && !yes)
                rc = error_raise(err, SB_PRIVACY_CASE, "%lld", (long long)a->o.instance);
        rc = rc ? rc : opening_add(tx, c, &a->o, err);
        rc = rc ? rc : alarms_raise(tx, c, a->pack, &a->o, &raised, err);
        if (rc < 0)
                return rc;
        change->subject_kind = "person";
        change->subject = a->o.person;
        change->audit = json_pack("{s:s,s:I,s:b}", "purpose", a->o.purpose, "case", (json_int_t)a->o.instance, "asked", 1);
        *out = json_pack("{s:I,s:s}", "id", (json_int_t)a->o.id, "purpose", a->o.purpose);
        return *out == NULL || change->audit == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int people_open(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct asked a = {.call = c, .o = {.purpose = "", .note = ""}};
        int rc = json_get_int(in, "person", true, &a.o.person, err);

        rc = rc ? rc : json_get_text(in, "purpose", true, &a.o.purpose, err);
        rc = rc ? rc : json_get_text(in, "note", false, &a.o.note, err);
        rc = rc ? rc : json_get_int(in, "case", false, &a.o.instance, err);
        rc = rc ? rc : purposes_of(c, &a.pack, a.purposes, sizeof a.purposes, err);
        if (rc == 0 && !word_listed(a.purposes, a.o.purpose))
                rc = error_raise(err, SB_PRIVACY_PURPOSE, "%s|%s", a.o.purpose, a.purposes);
        if (strcmp(a.o.purpose, PURPOSE_CASE) != 0)
                a.o.instance = 0;
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "people.open"), in, open_apply, &a, out, err);
}

/* --- people.purposes ---------------------------------------------------------------------------------------------------------------- */

static int cases_put(struct tx *tx, struct asked *a, json_t *cases, struct error *err)
{
        struct call *c = a->call;
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT id, number, process, state FROM process_instance WHERE home = ?1@int AND subject_kind = 'person' AND "
            "subject = ?2@int AND office IN " OFFICE_SUBTREE("?3@int") " ORDER BY CASE WHEN state IN ('active', "
                                                                       "'incident') THEN 0 ELSE 1 END, id DESC LIMIT 5",
            "iii", (int64_t)c->house->home, a->o.person, c->who.office);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "id", stmt_int(q, 0));
                put_str(o, "number", stmt_text(q, 1));
                put_str(o, "process", stmt_text(q, 2));
                put_str(o, "state", stmt_text(q, 3));
                json_array_append_new(cases, o);
        }
        return rc;
}

static int purposes_read(struct tx *tx, void *ctx, struct error *err)
{
        struct asked *a = ctx;
        json_t *purposes = json_array(), *cases = json_array();
        const struct pack_purpose *all;
        char today[32] = "";
        size_t n = pack_purposes(a->pack, &all);
        int rc = opening_today(tx, a->call, a->o.person, today, sizeof today, err);

        for (size_t i = 0; i < n; i++)
                if (word_listed(a->purposes, all[i].name))
                        json_array_append_new(purposes, json_pack("{s:s,s:s,s:s,s:s}", "purpose", all[i].name, "title_zh",
                                                                  all[i].title[LANG_ZH], "title_en", all[i].title[LANG_EN],
                                                                  "basis", all[i].basis));
        rc = rc ? rc : cases_put(tx, a, cases, err);
        json_decref(a->out);
        a->out = json_pack("{s:o,s:o,s:s}", "purposes", purposes, "cases", cases, "open", today);
        return rc < 0 ? rc : a->out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int people_purposes(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct asked a = {.call = c};
        int rc = json_get_int(in, "person", true, &a.o.person, err);

        rc = rc ? rc : purposes_of(c, &a.pack, a.purposes, sizeof a.purposes, err);
        rc = rc ? rc : store_read(c->house->store, purposes_read, &a, err);
        if (rc < 0)
                json_decref(a.out);
        else
                *out = a.out;
        return rc;
}
