/* SPDX-License-Identifier: Apache-2.0 */
#include "office/every.h"

#include "case/sealed.h"
#include "office/letter/record.h"
#include "office/setup/setup.h"
#include "office/staff/staff.h"

#include <stdlib.h>
#include <string.h>

/* Lowest first; within a role the lower office is asked first, as people would. */
const struct hand hands[HANDS] = {{901, "YS-010101", "clerk", ROLE_CLERK, 4},
                                  {902, "YS-010101", "clerk", ROLE_CLERK, 4},
                                  {903, "YS-0101", "clerk", ROLE_CLERK, 3},
                                  {904, "YS-0101", "reviewer", ROLE_REVIEWER, 3},
                                  {905, "YS-0101", "reviewer", ROLE_REVIEWER, 3},
                                  {906, "YS-0101", "reviewer", ROLE_REVIEWER, 3},
                                  {907, "YS-0101", "reviewer", ROLE_REVIEWER, 3},
                                  {908, "YS-0101", "reviewer", ROLE_REVIEWER, 3},
                                  {909, "YS-01", "approver", ROLE_APPROVER, 2},
                                  {910, "YS-01", "approver", ROLE_APPROVER, 2},
                                  {911, "YS-01", "finance", ROLE_FINANCE, 2},
                                  {912, "YS-01", "finance", ROLE_FINANCE, 2},
                                  {913, "YS-01", "finance", ROLE_FINANCE, 2},
                                  {917, "YS-01", "finance", ROLE_FINANCE, 2},
                                  {918, "YS-01", "finance", ROLE_FINANCE, 2},
                                  {914, "YS", "approver", ROLE_APPROVER, 1},
                                  {915, "YS", "clerk", ROLE_CLERK, 1},
                                  {916, "YS", "approver", ROLE_APPROVER, 1}};

struct hiring {
        const struct hand *hand;
        int64_t office;
};

static int hire(struct tx *tx, void *ctx, struct error *err)
{
        struct hiring *h = ctx;
        struct staff s = {.id = h->hand->id, .roles = h->hand->roles};
        int rc = office_by_code(tx, h->hand->office, &s.office, err);

        h->office = s.office;
        text_format(s.login, sizeof s.login, "s%lld", (long long)s.id);
        text_copy(s.display, sizeof s.display, str_from(s.login));
        return rc ? rc : staff_add(tx, &s, "$none", 0, err);
}

void office_man(struct office *o, struct town *t)
{
        *o = (struct office){.town = t};
        for (int i = 0; i < HANDS; i++) {
                struct hiring h = {.hand = &hands[i]};
                assert_ok(store_write(t->house.store, hire, &h, &t->err), t->err);
                o->seats[i] = h.office;
        }
        o->person = town_person(t, "参保人甲", "99010119800101111", "male");
        o->employer = town_employer(t, "演示单位甲", "91990101MA0000001", "990101");
}

enum error_code office_call(struct office *o, int hand, const char *verb, json_t *in, json_t **out)
{
        int64_t before = o->town->office;

        o->town->office = o->seats[hand];
        enum error_code code = town_call_as(o->town, hands[hand].id, hands[hand].roles, "", verb, in, out);
        o->town->office = before;
        return code;
}

/* --- filling in ------------------------------------------------------------------------------------------------------------------- */

static const char *word(const json_t *o, const char *name)
{
        const char *s = json_string_value(json_object_get(o, name));

        return s == NULL ? "" : s;
}

static json_t *choice_draw(const json_t *field, bool last)
{
        const json_t *values = json_object_get(field, "values");
        size_t n = json_array_size(values);

        assert_true(n > 0);
        /* Everybody here is a man. */
        last = last && strcmp(word(json_array_get(values, 0), "value"), "male") != 0;
        return json_string(word(json_array_get(values, last ? n - 1 : 0), "value"));
}

/* Numbers that name somebody are new each time. */
static json_t *text_draw(struct office *o, const char *name, const char *type)
{
        char first[24], id[24], text[64];
        int n = ++o->drawn;

        if (strcmp(type, "identity") == 0)
                return json_string(town_id(
                    text_format(first, sizeof first, "990101198502%02d%03d", 1 + n / 400 % 28, 101 + 2 * (n % 400)), id));
        if (strcmp(type, "uscc") == 0)
                return json_string(town_uscc(text_format(first, sizeof first, "91990101MA%07d", 1000 + n), id));
        if (strcmp(type, "phone") == 0)
                return json_string("13900000001");
        if (strcmp(type, "account") == 0)
                return json_string("9900010000000002");
        if (strcmp(name, "territory") == 0)
                return json_string("990101");
        return json_string(text_format(text, sizeof text, "内容%d", n));
}

/* One field by its type. rich: yes, the last of the choices, and large figures; else no, the first, and small ones. */
static json_t *value_draw(struct office *o, const json_t *field, bool rich)
{
        const char *type = word(field, "type");
        char day[16], month[16];
        day_t today = clock_today(o->town->house.clock);

        if (strcmp(type, "boolean") == 0)
                return json_boolean(rich);
        if (strcmp(type, "choice") == 0)
                return choice_draw(field, rich);
        if (strcmp(type, "number") == 0)
                return json_integer(rich ? 5 : 3);
        if (strcmp(type, "money") == 0)
                return json_string(rich ? "60000.50" : "800.00");
        if (strcmp(type, "date") == 0)
                return json_string(day_text(today - 3, day));
        if (strcmp(type, "month") == 0)
                return json_string(month_text(month_of(today) - 1, month));
        if (strcmp(type, "person") == 0)
                return json_integer(o->person);
        if (strcmp(type, "employer") == 0)
                return json_integer(o->employer);
        return text_draw(o, word(field, "name"), type);
}

json_t *office_form(struct office *o, const json_t *asked, enum way way)
{
        json_t *form = json_object(), *field;
        size_t i;

        json_array_foreach(json_object_get(asked, "fields"), i, field)
        {
                const char *type = word(field, "type");
                json_object_set_new(form, word(field, "name"), value_draw(o, field, way == THOROUGH || way == REFUSED));
                assert_true(type[0] != '\0' && word(field, "title_zh")[0] != '\0' && word(field, "title_en")[0] != '\0');
        }
        return form;
}

json_t *office_papers(const json_t *asked)
{
        json_t *papers = json_array(), *paper;
        size_t i;

        json_array_foreach(json_object_get(asked, "papers"), i, paper)
        {
                const char *state = strcmp(word(paper, "kind"), "shared") == 0 ? "shared" : "given";
                json_array_append_new(papers, json_pack("{s:s,s:s}", "material", word(paper, "material"), "state", state));
        }
        return papers;
}

json_t *office_outcome(struct office *o, const json_t *asks, enum way way)
{
        json_t *outcome = json_object(), *field;
        size_t i;

        json_array_foreach(asks, i, field)
        {
                bool rich = way == THOROUGH || way == REFUSED;
                if (strcmp(word(field, "name"), "papers_missing") == 0)
                        rich = false; /* they are given */
                json_object_set_new(outcome, word(field, "name"), value_draw(o, field, rich));
        }
        return outcome;
}

/* --- the database ------------------------------------------------------------------------------------------------------------------ */

struct texting {
        const char *sql;
        int64_t about;
        char *out;
        size_t size;
};

static int text_read(struct tx *tx, void *ctx, struct error *err)
{
        struct texting *t = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, t->sql, "i", t->about);

        t->out[0] = '\0';
        if (rc == 1 && !stmt_null(q, 0))
                text_copy(t->out, t->size, stmt_text(q, 0));
        return rc < 0 ? rc : 0;
}

const char *office_text(struct office *o, const char *sql, int64_t about, char *out, size_t size)
{
        struct texting t = {sql, about, out, size};

        assert_ok(store_read(o->town->house.store, text_read, &t, &o->town->err), o->town->err);
        return out;
}

/* --- letters ------------------------------------------------------------------------------------------------------------------------- */

struct paging {
        struct office *office;
        int64_t instance;
        const char *process;
        int pages;
};

static void said_check(const char *where, const char *part, const json_t *node)
{
        const char *name;
        json_t *one;
        size_t i;

        if (json_is_string(node) && (json_string_value(node)[0] == '\0' || strchr(json_string_value(node), '{') != NULL))
                fail_msg("%s is not whole: %s “%s”", where, part, json_string_value(node));
        json_array_foreach((json_t *)(uintptr_t)node, i, one) said_check(where, part, one);
        json_object_foreach((json_t *)(uintptr_t)node, name, one)
        {
                /* a table may have no title, and a common seal says no kind */
                if ((strcmp(name, "title") != 0 || json_object_get(node, "rows") == NULL) && strcmp(name, "seal_kind") != 0)
                        said_check(where, name, one);
        }
}

static int pages_read(struct tx *tx, void *ctx, struct error *err)
{
        struct paging *p = ctx;
        struct buf content;
        struct stmt *q;
        char where[80];
        int rc = tx_query(&q, tx, err,
                          "SELECT l.template, l.lang, l.wrapped, l.sealed, d.size FROM letter l JOIN document d ON d.home = "
                          "l.home AND d.id = l.id WHERE l.instance = ?1@int ORDER BY l.id",
                          "i", p->instance);

        buf_init(&content, (size_t)1 << 20);
        p->pages = 0;
        while (rc == 0 && (rc = stmt_step(q, err)) == 1) {
                struct str template = stmt_text(q, 0), lang = stmt_text(q, 1);
                json_t *page = NULL;
                text_format(where, sizeof where, "%s: %.*s in %.*s", p->process, (int)template.n, template.p, (int)lang.n,
                            lang.p);
                if (stmt_int(q, 4) == 0)
                        fail_msg("%s was not set", where);
                buf_clear(&content);
                rc = sealed_open(p->office->town->house.keys, "letter.sealed", stmt_blob(q, 2), stmt_blob(q, 3), &content, err);
                if (rc == 0)
                        rc = json_read(&page, (struct str){buf_text(&content), content.n}, err);
                if (rc == 0 && json_array_size(json_object_get(json_object_get(page, "amounts"), "rows")) == 0)
                        fail_msg("%s says nothing of its case: no field has a value", where);
                said_check(where, "", page);
                json_decref(page);
                p->pages++;
        }
        buf_dispose(&content);
        return rc;
}

int office_letters_check(struct office *o, int64_t instance, const char *process)
{
        struct paging p = {.office = o, .instance = instance, .process = process};
        struct town *t = o->town;
        int64_t unset, last = 0;

        /* a letter's PDF is set when somebody reads it: read all of the case's, in order, each once */
        while ((unset = town_ask(t,
                                 "SELECT COALESCE(MIN(d.id), 0) FROM letter l JOIN document d ON d.home = l.home AND d.id = l.id "
                                 "WHERE l.instance = ?1@int AND d.size = 0",
                                 instance)) != 0) {
                assert_true(unset > last);
                assert_ok(letter_render(&t->house, unset, &t->err), t->err);
                last = unset;
        }
        assert_ok(store_read(o->town->house.store, pages_read, &p, &o->town->err), o->town->err);
        assert_true(p.pages % 2 == 0);
        return p.pages;
}

/* --- law, as the files say it ------------------------------------------------------------------------------------------------------- */

static void file_into(struct buf *text, const char *path)
{
        struct error err = {0};

        buf_init(text, (size_t)1 << 22);
        assert_ok(file_read(text, path, (size_t)1 << 22, &err), err);
}

static int limit_in(const char *path, const char *process, char unit[16])
{
        char key[48];
        struct buf text;
        int n = 0;

        file_into(&text, path);
        text_format(key, sizeof key, "case_limit,process=%s,", process);
        const char *at = strstr(buf_text(&text), key);
        if (at != NULL) {
                at += strlen(key);
                n = (int)strtol(at, NULL, 10);
                at += strcspn(at, ",") + 1;
                text_copy(unit, 16, (struct str){at, strcspn(at, ",")});
        }
        buf_dispose(&text);
        return n;
}

int limit_of(const char *process, char unit[16])
{
        int n = limit_in("packs/cn/parameters/limits.csv", process, unit); /* younger than what the demonstration says */

        return n > 0 ? n : limit_in("packs/demo/parameters/limits.csv", process, unit);
}

int timer_days(const char *process)
{
        static const char KEY[] = "shebao:workingDays=\"";
        char path[80];
        struct buf text;

        file_into(&text, text_format(path, sizeof path, "packs/cn/processes/%s.bpmn", process));
        const char *at = strstr(buf_text(&text), KEY);
        int n = at == NULL ? 0 : (int)strtol(at + sizeof KEY - 1, NULL, 10);
        buf_dispose(&text);
        return n;
}

static bool works_on(const struct calendar *c, day_t d)
{
        struct error err = {0};
        bool works = false;

        assert_ok(calendar_is_working(c, d, &works, &err), err);
        return works;
}

day_t limit_day(const struct calendar *c, day_t start, int n, const char *unit)
{
        day_t d = start;
        int year, month, day;

        if (strcmp(unit, "working_days") == 0) {
                while (n > 0)
                        n -= works_on(c, ++d);
                return d;
        }
        if (strcmp(unit, "months") == 0) {
                day_split(start, &year, &month, &day);
                month += n;
                year += (month - 1) / 12;
                month = (month - 1) % 12 + 1;
                d = day_from(year, month, day <= days_in_month(year, month) ? day : days_in_month(year, month));
        } else {
                d = start + n;
        }
        while (!works_on(c, d))
                d++;
        return d;
}
