/* SPDX-License-Identifier: Apache-2.0 */
#include "office/staff/staff.h"

#include "base/hash.h"
#include "case/authority.h"

#include <assert.h>
#include <string.h>

static const struct {
        const char *word;
        uint32_t bit;
} ROLE_WORDS[] = {
    {"clerk", ROLE_CLERK},     {"reviewer", ROLE_REVIEWER}, {"approver", ROLE_APPROVER},
    {"finance", ROLE_FINANCE}, {"auditor", ROLE_AUDITOR},   {"admin", ROLE_ADMIN},
    {"partner", ROLE_PARTNER}, {"insured", ROLE_INSURED},   {"employer", ROLE_EMPLOYER},
};
#define ROLE_COUNT (sizeof(ROLE_WORDS) / sizeof(ROLE_WORDS[0]))

int staff_roles_parse(uint32_t *out, struct str text, struct error *err)
{
        uint32_t roles = 0;
        size_t start = 0;

        for (size_t i = 0; i <= text.n; i++) {
                if (i < text.n && text.p[i] != ',')
                        continue;
                struct str word = str_trim((struct str){text.p + start, i - start});
                start = i + 1;
                if (word.n == 0)
                        continue;
                size_t k = 0;
                while (k < ROLE_COUNT && !str_is(word, ROLE_WORDS[k].word))
                        k++;
                if (k == ROLE_COUNT)
                        return error_raise(err, SB_STAFF_ROLE, "%.*s", (int)word.n, word.p);
                roles |= ROLE_WORDS[k].bit;
        }
        *out = roles;
        return 0;
}

void staff_roles_text(struct buf *out, uint32_t roles)
{
        bool first = true;

        for (size_t k = 0; k < ROLE_COUNT; k++) {
                if ((roles & ROLE_WORDS[k].bit) == 0)
                        continue;
                if (!first)
                        buf_add_char(out, ',');
                buf_add_text(out, ROLE_WORDS[k].word);
                first = false;
        }
}

/* A post for each role, as somebody is hired. Who is outside of the office has none. */
static int posts_add(struct tx *tx, const struct staff *s, day_t from, struct error *err)
{
        int rc = 0;

        for (size_t k = 0; rc == 0 && k < ROLE_COUNT; k++)
                if ((s->roles & ROLE_WORDS[k].bit & ~ROLE_OUTSIDE) != 0)
                        rc = tx_exec(tx, err,
                                     "INSERT INTO post (staff, office, role, valid_from, valid_to, appointed_by, appointed_at) "
                                     "VALUES (?1@int, ?2@int, ?3@text, ?4@int, ?5@int, 0, 0)",
                                     "iitii", s->id, s->office, ROLE_WORDS[k].word, (int64_t)from, (int64_t)DAY_END);
        return rc;
}

int staff_add(struct tx *tx, const struct staff *s, const char *hash, day_t from, struct error *err)
{
        struct buf roles;

        assert(s->id > 0 && hash[0] == '$');
        buf_init(&roles, 128);
        staff_roles_text(&roles, s->roles);
        int rc =
            tx_exec(tx, err,
                    "INSERT INTO staff (id, login, display, office, roles, password, failures, person, valid_from, valid_to, "
                    "version, for_person, for_employer) VALUES (?1@int, ?2@text, ?3@text, ?4@int, ?5@text, ?6@text, 0, ?7@int, "
                    "?8@int, ?9@int, 1, ?10@int, ?11@int)",
                    "ittittiiiii", s->id, s->login, s->display, s->office, buf_text(&roles), hash, s->person, (int64_t)from,
                    (int64_t)DAY_END, s->for_person, s->for_employer);
        buf_dispose(&roles);
        return rc == 0 ? posts_add(tx, s, from, err) : rc;
}

#define STAFF_COLUMNS                                                                                                          \
        "SELECT s.id, s.login, s.display, s.office, s.roles, s.person, o.code, o.name_zh, o.name_en, o.level, o.body_kind, "   \
        "s.for_person, s.for_employer "                                                                                        \
        "FROM staff s LEFT JOIN office o ON o.id = s.office "

static int staff_fill(struct tx *tx, struct stmt *q, day_t today, struct staff *out, struct error *err)
{
        uint32_t own = 0;

        out->id = stmt_int(q, 0);
        text_copy(out->login, sizeof out->login, stmt_text(q, 1));
        text_copy(out->display, sizeof out->display, stmt_text(q, 2));
        out->office = stmt_int(q, 3);
        out->person = stmt_int(q, 5);
        text_copy(out->office_code, sizeof out->office_code, stmt_text(q, 6));
        text_copy(out->office_zh, sizeof out->office_zh, stmt_text(q, 7));
        text_copy(out->office_en, sizeof out->office_en, stmt_text(q, 8));
        out->level = (int)stmt_int(q, 9);
        text_copy(out->body, sizeof out->body, stmt_text(q, 10));
        out->for_person = stmt_int(q, 11);
        out->for_employer = stmt_int(q, 12);
        int rc = staff_roles_parse(&own, stmt_text(q, 4), err);
        out->roles = own & ROLE_OUTSIDE; /* which no post and no substitution adds to */
        if (rc < 0 || out->roles != 0)
                return rc;
        return authority_roles(tx, out->id, today, own, &out->roles, err);
}

int staff_read(struct tx *tx, int64_t id, day_t today, struct staff *out, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, STAFF_COLUMNS "WHERE s.id = ?1@int AND s.valid_from <= ?2@int AND s.valid_to > ?2@int",
                        "ii", id, (int64_t)today);
        if (rc == 0)
                return error_raise(err, SB_STAFF_UNKNOWN, "%lld", (long long)id);
        return rc < 0 ? rc : staff_fill(tx, q, today, out, err);
}

int staff_by_login(struct tx *tx, const char *login, day_t today, struct staff *out, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, STAFF_COLUMNS "WHERE s.login = ?1@text AND s.valid_from <= ?2@int AND s.valid_to > ?2@int",
                        "ti", login, (int64_t)today);
        if (rc == 0)
                return error_raise(err, SB_STAFF_UNKNOWN, "%s", login);
        return rc < 0 ? rc : staff_fill(tx, q, today, out, err);
}

struct actor staff_actor(const struct staff *s, enum lang lang)
{
        struct actor who = {.staff = s->id,
                            .office = s->office,
                            .roles = s->roles,
                            .level = s->level,
                            .lang = lang,
                            .person = s->for_person,
                            .employer = s->for_employer};

        text_copy(who.body, sizeof who.body, str_from(s->body));
        return who;
}

struct sign_in {
        const char *login;
        day_t today;
        bool known, correct;
        instant_t code_until; /* of a code that was handed out and not changed yet; 0 none */
        char hash[160];
        int64_t failed;
        struct staff staff;
};

static int sign_in_look(struct tx *tx, void *ctx, struct error *err)
{
        struct sign_in *s = ctx;
        struct stmt *q;
        struct error none = {0};

        s->known = false;
        int rc = staff_by_login(tx, s->login, s->today, &s->staff, &none);
        if (rc < 0 && none.code != SB_STAFF_UNKNOWN) {
                *err = none;
                return rc;
        }
        if (rc < 0)
                return 0;
        rc = tx_one(&q, tx, err, "SELECT password, failures, code_until FROM staff WHERE id = ?1@int", "i", s->staff.id);
        if (rc <= 0)
                return rc;
        s->code_until = stmt_int(q, 2);
        text_copy(s->hash, sizeof s->hash, stmt_text(q, 0));
        s->failed = stmt_int(q, 1);
        s->known = true;
        return 0;
}

static int sign_in_count(struct tx *tx, void *ctx, struct error *err)
{
        struct sign_in *s = ctx;

        return tx_exec(tx, err,
                       "UPDATE staff SET failures = CASE WHEN ?2@int = 1 THEN 0 ELSE failures + 1 END WHERE id = ?1@int", "ii",
                       s->staff.id, (int64_t)s->correct);
}

/* A hash that no password has, so that an unknown name costs the same time as a wrong password. */
static const char NOBODY[] = "$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
                             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

int staff_sign_in(struct house *h, const char *login, const char *password, struct staff *out, int64_t *failed,
                  struct error *err)
{
        struct sign_in s = {.login = login, .today = clock_today(h->clock)};
        int rc = store_read(h->store, sign_in_look, &s, err);

        if (rc < 0)
                return rc;
        bool same = password_check(s.known ? s.hash : NOBODY, password, NULL);
        s.correct = s.known && same;
        if (s.known && (!s.correct || s.failed > 0)) {
                rc = store_write(h->store, sign_in_count, &s, err);
                if (rc < 0)
                        return rc;
        }
        if (!s.correct)
                return error_raise(err, SB_STAFF_PASSWORD, "%s", "");
        if (s.code_until != 0 && s.code_until < clock_now(h->clock))
                return error_raise(err, SB_PORTAL_CODE_ENDED, "%s", "");
        *out = s.staff;
        *failed = s.failed;
        return 0;
}
