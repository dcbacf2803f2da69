/* SPDX-License-Identifier: Apache-2.0
 *
 * Where is my case (办件进度查询): by the case's number and the code printed on its receipt, without signing in. Tells the step, what is
 * missing, when it should be done and by which office; nothing of persons. A wrong number and a wrong code are the same answer. Ten
 * wrong codes lock the query of that case for half an hour; too many wrong ones in a minute, from anywhere, lock all queries for
 * the rest of it.
 */
#include "office/window/window.h"

#include "case/answer.h"

#include <string.h>

enum { WRONG_MAX = 10, WRONG_MINUTE_MAX = 120 };
#define MINUTE_US ((instant_t)60 * 1000000)
#define LOCK_US ((instant_t)30 * 60 * 1000000)

void status_code(const struct house *h, int64_t instance, char out[9])
{
        char text[48];
        struct str value;
        uint64_t v;

        value = str_from(text_format(text, sizeof text, "%d-%lld", h->home, (long long)instance));
        struct hash hash = keyring_index(h->keys, "status", value);
        memcpy(&v, hash.b, sizeof v);
        text_format(out, 9, "%08llu", (unsigned long long)(v % 100000000));
}

int status_code_get(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        int64_t instance;
        char code[9], number[32];
        int rc = json_get_int(in, "case", true, &instance, err);

        if (rc < 0)
                return rc;
        /* Who may read the case may print its code. */
        json_t *file = NULL, *which = json_pack("{s:I}", "case", (json_int_t)instance);
        rc = verb_call(c, registry_find(c->house->verbs, "cases.get"), which, &file, err);
        json_decref(which);
        json_decref(file);
        if (rc < 0)
                return rc;
        status_code(c->house, instance, code);
        readable_number('C', c->house->home, instance, number);
        *out = json_pack("{s:s,s:s}", "number", number, "code", code);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

/* --- wrong codes ----------------------------------------------------------------------------------------------------------------------- */

struct asking {
        struct call *call;
        int64_t instance; /* 0: no such number */
        bool right;
        instant_t now;
        enum error_code refused;
};

static int lock_read(struct tx *tx, int64_t home, int64_t instance, int64_t *failures, int64_t *until, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT failures, locked_until FROM status_lock WHERE home = ?1@int AND instance = ?2@int",
                        "ii", home, instance);

        *failures = rc == 1 ? stmt_int(q, 0) : 0;
        *until = rc == 1 ? stmt_int(q, 1) : 0;
        return rc < 0 ? rc : 0;
}

static int lock_write(struct tx *tx, int64_t home, int64_t instance, int64_t failures, int64_t until, struct error *err)
{
        int64_t changed = 0;
        int rc =
            tx_exec_changed(tx, &changed, err,
                            "UPDATE status_lock SET failures = ?3@int, locked_until = ?4@int WHERE home = ?1@int AND instance "
                            "= ?2@int",
                            "iiii", home, instance, failures, until);

        return rc < 0 || changed == 1
                   ? rc
                   : tx_exec(tx, err,
                             "INSERT INTO status_lock (home, instance, failures, locked_until) VALUES (?1@int, "
                             "?2@int, ?3@int, ?4@int) ON CONFLICT DO NOTHING",
                             "iiii", home, instance, failures, until);
}

/* The row of instance 0 counts the wrong ones of the minute that ends at its locked_until. */
static int wrong_note(struct tx *tx, struct asking *a, struct error *err)
{
        int64_t home = a->call->house->home, failures, until;
        int rc = lock_read(tx, home, 0, &failures, &until, err);

        if (rc == 0 && until <= a->now)
                rc = lock_write(tx, home, 0, 1, a->now + MINUTE_US, err);
        else if (rc == 0)
                rc = lock_write(tx, home, 0, failures + 1, until, err);
        if (rc < 0 || a->instance == 0)
                return rc;
        rc = lock_read(tx, home, a->instance, &failures, &until, err);
        failures++;
        return rc ? rc
                  : lock_write(tx, home, a->instance, failures >= WRONG_MAX ? 0 : failures,
                               failures >= WRONG_MAX ? a->now + LOCK_US : until, err);
}

static int gate_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct asking *a = ctx;
        int64_t home = a->call->house->home, failures = 0, until = 0;
        int rc = lock_read(tx, home, 0, &failures, &until, err);

        a->refused = SB_OK;
        if (rc == 0 && until > a->now && failures >= WRONG_MINUTE_MAX) {
                a->refused = SB_WINDOW_STATUS_BUSY;
                return 0;
        }
        failures = until = 0;
        if (rc == 0 && a->instance != 0)
                rc = lock_read(tx, home, a->instance, &failures, &until, err);
        if (rc < 0)
                return rc;
        if (until > a->now) {
                a->refused = SB_WINDOW_STATUS_LOCKED;
                return 0;
        }
        if (!a->right) {
                a->refused = SB_WINDOW_STATUS_CODE;
                return wrong_note(tx, a, err);
        }
        return failures == 0 ? 0 : lock_write(tx, home, a->instance, 0, 0, err);
}

/* --- what is told -------------------------------------------------------------------------------------------------------------------------- */

static int found_read(struct tx *tx, void *ctx, struct error *err)
{
        struct asking *a = ctx;
        struct stmt *q;
        int rc;

        if (a->instance == 0)
                return 0;
        rc = tx_one(&q, tx, err, "SELECT 1 FROM case_any WHERE home = ?1@int AND id = ?2@int", "ii",
                    (int64_t)a->call->house->home, a->instance);
        if (rc == 0)
                a->instance = 0;
        return rc < 0 ? rc : 0;
}

struct telling {
        struct call *call;
        int64_t instance;
        json_t *o;
};

static int office_read(struct tx *tx, void *ctx, struct error *err)
{
        struct telling *t = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT o.name_zh, o.name_en FROM case_any i JOIN office o ON o.id = i.office WHERE i.home = "
                        "?1@int AND i.id = ?2@int",
                        "ii", (int64_t)t->call->house->home, t->instance);

        if (rc == 1) {
                put_str(t->o, "office_zh", stmt_text(q, 0));
                put_str(t->o, "office_en", stmt_text(q, 1));
        }
        return rc < 0 ? rc : 0;
}

static void copied(json_t *o, const json_t *from, const char *const *names)
{
        for (size_t i = 0; names[i] != NULL; i++)
                put_value(o, names[i], json_incref(json_object_get(from, names[i])));
}

/* Of the file only these: nothing else leaves it. */
static void status_tell(json_t *o, const json_t *file)
{
        static const char *const HEAD[] = {"number",  "title_zh",  "title_en", "state", "started_at",
                                           "due_day", "days_left", "paused",   NULL};
        static const char *const STEP[] = {"title_zh", "title_en", NULL};
        static const char *const PAPER[] = {"material", "name_zh", "name_en", "state", NULL};
        json_t *steps = json_array(), *papers = json_array(), *row;
        size_t i;

        copied(o, file, HEAD);
        json_array_foreach(json_object_get(file, "tasks"), i, row)
        {
                json_t *step = json_object();
                copied(step, row, STEP);
                json_array_append_new(steps, step);
        }
        json_array_foreach(json_object_get(file, "papers"), i, row)
        {
                const char *state = json_text(row, "state");
                if (strcmp(state, "missing") != 0 && strcmp(state, "gap") != 0)
                        continue;
                json_t *paper = json_object();
                copied(paper, row, PAPER);
                json_array_append_new(papers, paper);
        }
        put_value(o, "steps", steps);
        put_value(o, "missing", papers);
}

int case_status(struct call *c, int64_t instance, json_t **out, struct error *err)
{
        struct call system = {.house = c->house, .who = {.lang = c->who.lang}};
        struct telling t = {.call = c, .instance = instance, .o = json_object()};
        json_t *file = NULL, *which = json_pack("{s:I}", "case", (json_int_t)instance);
        int rc = which == NULL || t.o == NULL
                     ? error_raise(err, SB_MEMORY, "%s", "")
                     : verb_call(&system, registry_find(c->house->verbs, "cases.get"), which, &file, err);

        rc = rc ? rc : store_read(c->house->store, office_read, &t, err);
        if (rc == 0) {
                status_tell(t.o, file);
                *out = json_incref(t.o);
        }
        json_decref(which);
        json_decref(file);
        json_decref(t.o);
        return rc;
}

static int64_t instance_of(const struct house *h, const char *number)
{
        struct error none = {0};
        int64_t id = 0;
        char prefix = 0;
        int home = 0;

        return readable_parse(str_trim(str_from(number)), &prefix, &home, &id, &none) == 0 && prefix == 'C' && home == h->home
                   ? id
                   : 0;
}

/* Compared whole, so that the time tells nothing. */
static bool code_is(const char code[9], const char *given)
{
        struct str s = str_trim(str_from(given));
        unsigned different = s.n == 8 ? 0 : 1;

        for (size_t i = 0; i < 8 && i < s.n; i++)
                different |= (unsigned char)(code[i] ^ s.p[i]);
        return different == 0;
}

int status_case(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct asking a = {.call = c, .now = clock_now(c->house->clock)};
        const char *number = "", *given = "";
        char code[9];
        int rc = json_get_text(in, "number", true, &number, err);

        rc = rc ? rc : json_get_text(in, "code", true, &given, err);
        if (rc < 0)
                return rc;
        a.instance = instance_of(c->house, number);
        rc = store_read(c->house->store, found_read, &a, err);
        status_code(c->house, a.instance, code);
        a.right = a.instance != 0 && code_is(code, given);
        rc = rc ? rc : store_write(c->house->store, gate_apply, &a, err);
        if (rc == 0 && a.refused != SB_OK)
                rc = error_raise(err, a.refused, "%s", "");
        return rc ? rc : case_status(c, a.instance, out, err);
}
