/* SPDX-License-Identifier: Apache-2.0
 *
 * People and employers: they come, move, are corrected, belong together, die; those of the office go on leave.
 */
#include "office/sim/internal.h"

#include <string.h>

static const enum error_code FORM[] = {SB_CASE_FORM, SB_REGISTRY_DUPLICATE, SB_REGISTRY_USCC_DUPLICATE, SB_OK};

static struct m_person *person_pick(struct world *w)
{
        return w->m->person_count == 0 ? NULL : &w->m->persons[pick(w, w->m->person_count)];
}

static struct m_employer *employer_pick(struct world *w)
{
        return w->m->employer_count == 0 ? NULL : &w->m->employers[pick(w, w->m->employer_count)];
}

static const char *number_make(struct world *w, day_t birth, bool man, char out[24])
{
        char first[24];
        int year, month, day;

        day_split(birth, &year, &month, &day);
        text_format(first, sizeof first, "990101%04d%02d%02d%03d", year, month, day, 2 * pick(w, 499) + man);
        return text_format(out, 24, "%s%c", first, id_number_digit(first));
}

/* The papers that a process asks for, all of them given; now and then one is missing. */
json_t *papers_of(struct world *w, const char *process)
{
        json_t *asked = json_object_get(w->forms, process), *papers = json_array(), *one;
        size_t i;

        if (asked == NULL) {
                json_t *answer = NULL;
                ask(w, somebody(w, ROLE_CLERK, 0), "cases.form", json_pack("{s:s}", "process", process), &answer);
                json_object_set_new(w->forms, process, answer == NULL ? json_object() : answer);
                asked = json_object_get(w->forms, process);
        }
        bool missing = chance(w, 15);
        json_array_foreach(json_object_get(asked, "papers"), i, one)
        {
                const char *kind = json_string_value(json_object_get(one, "kind"));
                const char *state = missing && i == 0                             ? "missing"
                                    : kind != NULL && strcmp(kind, "shared") == 0 ? "shared"
                                                                                  : "given";
                json_array_append_new(papers,
                                      json_pack("{s:O,s:s}", "material", json_object_get(one, "material"), "state", state));
        }
        return papers;
}

/* By an application, or by the clerk at once. */
void people_arrive(struct world *w)
{
        bool man = chance(w, 50);
        day_t today = clock_today(w->house.clock), birth = today - 366 * (20 + pick(w, 24)) - pick(w, 300);
        const char *category = man ? "male" : chance(w, 50) ? "f50" : "f55";
        struct m_employer *e = employer_pick(w);
        int clerk = somebody(w, ROLE_CLERK, w->t->counter);
        char number[24], month[16];
        json_t *answer = NULL;

        if (e == NULL || clerk < 0)
                return;
        number_make(w, birth, man, number);
        if (chance(w, 40)) {
                json_t *in = json_pack("{s:s,s:s,s:s}", "name", "王小明", "id_number", number, "category", category);
                if (allowed(w, ask(w, clerk, "registry.person_register", in, &answer), "registry.person_register", FORM)) {
                        struct m_person *p = m_person_add(w, number_of(answer, "id"));
                        if (p != NULL) {
                                p->birth = birth;
                                text_copy(p->category, sizeof p->category, str_from(category));
                        }
                }
                json_decref(answer);
                return;
        }
        month_t from = month_of(today) - pick(w, 2);
        json_t *form = json_pack("{s:s,s:s,s:s,s:I,s:s}", "name", "李小红", "id_number", number, "category", category,
                                 "employer", (json_int_t)e->id, "from", month_text(from, month));
        json_t *in = json_pack("{s:s,s:o,s:o,s:{s:s}}", "process", "P02", "form", form, "papers", papers_of(w, "P02"),
                               "applicant", "kind", "office");
        int64_t employer = e->id;
        if (allowed(w, ask(w, clerk, "cases.open", in, &answer), "cases.open P02", FORM)) {
                case_opened(w, answer, "P02", 0);
                if (!w->failed) {
                        struct m_case *c = &w->m->cases[w->m->case_count - 1];
                        c->employer = employer;
                        c->from = month_first(from);
                        text_copy(c->category, sizeof c->category, str_from(category));
                }
        }
        json_decref(answer);
}

void employer_arrive(struct world *w)
{
        char first[24], uscc[24];
        json_t *answer = NULL;
        int clerk = somebody(w, ROLE_CLERK, w->t->counter);

        if (clerk < 0 || w->m->employer_count > EMPLOYERS_MAX - 8)
                return;
        text_format(first, sizeof first, "91990101MA%07lld", (long long)(1000 + ++w->numbers));
        text_format(uscc, sizeof uscc, "%s%c", first, uscc_digit(first));
        json_t *form =
            json_pack("{s:s,s:s,s:s,s:s}", "name", "云山茶业有限公司", "uscc", uscc, "industry", "C15", "territory", "990101");
        json_t *in = json_pack("{s:s,s:o,s:o,s:{s:s}}", "process", "P01", "form", form, "papers", papers_of(w, "P01"),
                               "applicant", "kind", "office");
        if (allowed(w, ask(w, clerk, "cases.open", in, &answer), "cases.open P01", FORM)) {
                case_opened(w, answer, "P01", 0);
                if (!w->failed)
                        text_copy(w->m->cases[w->m->case_count - 1].uscc, sizeof uscc, str_from(uscc));
        }
        json_decref(answer);
}

/* Ends here, begins there. */
void people_move(struct world *w)
{
        static const enum error_code no[] = {SB_REGISTRY_PERIOD, SB_REGISTRY_OVERLAP, SB_OK};
        struct m_spell *s = w->m->spell_count == 0 ? NULL : &w->m->spells[pick(w, w->m->spell_count)];
        int clerk = somebody(w, ROLE_CLERK, w->t->counter);
        day_t today = clock_today(w->house.clock), last = today - 10 + pick(w, 20);
        struct m_person *p = s == NULL ? NULL : m_person(w->m, s->person);
        struct m_employer *e = employer_pick(w);
        json_t *answer = NULL;
        char day[16];

        if (p == NULL || clerk < 0 || e == NULL)
                return;
        int64_t person = s->person;
        if (s->to == DAY_END) {
                json_t *in =
                    json_pack("{s:I,s:s,s:s}", "employment", (json_int_t)s->id, "to", day_text(last, day), "reason", "辞职");
                if (allowed(w, ask(w, clerk, "registry.employment_end", in, &answer), "registry.employment_end", no)) {
                        s->id = number_of(answer, "id");
                        s->to = last + 1;
                }
                json_decref(answer);
        }
        if (p->death < DAY_END || chance(w, 30))
                return;
        answer = NULL;
        day_t from = last + 1 + pick(w, 5);
        json_t *in = json_pack("{s:I,s:I,s:s}", "person", (json_int_t)person, "employer", (json_int_t)e->id, "from",
                               day_text(from, day));
        if (allowed(w, ask(w, clerk, "registry.employment_open", in, &answer), "registry.employment_open", no))
                m_spell_add(w, number_of(answer, "id"), person, e->id, from, DAY_END);
        json_decref(answer);
}

/* A record is opened for a purpose, once a day. */
static int64_t version_of(struct world *w, int clerk, int64_t person)
{
        static const enum error_code closed[] = {SB_CASE_OPENING, SB_OK};
        json_t *answer = NULL, *in = json_pack("{s:I}", "person", (json_int_t)person);

        if (!allowed(w, ask(w, clerk, "registry.person_get", json_incref(in), &answer), "registry.person_get", closed) &&
            !w->failed) {
                allowed(w,
                        ask(w, clerk, "people.open", json_pack("{s:I,s:s}", "person", (json_int_t)person, "purpose", "counter"),
                            NULL),
                        "people.open", NULL);
                json_decref(answer);
                allowed(w, ask(w, clerk, "registry.person_get", json_incref(in), &answer), "registry.person_get", NULL);
        }
        int64_t version = number_of(answer, "version");
        json_decref(answer);
        json_decref(in);
        return version;
}

static enum error_code correct(struct world *w, int clerk, int64_t person, const char *field, const char *value,
                               int64_t version)
{
        return ask(w, clerk, "registry.person_correct",
                   json_pack("{s:I,s:s,s:s,s:s,s:I}", "person", (json_int_t)person, "field", field, "value", value, "source",
                             "户口簿", "version", (json_int_t)version),
                   NULL);
}

/* Two clerks look at one person; who writes second is told. */
void people_correct(struct world *w)
{
        static const char *const fields[][2] = {{"telephone", "13900001111"},
                                                {"bank_name", "云山银行"},
                                                {"bank_account", "6222020000000000005"},
                                                {"name", "赵大海"}};
        struct m_person *p = person_pick(w);
        int clerk = somebody(w, ROLE_CLERK, 0), other = somebody(w, ROLE_CLERK, 0);
        char day[16];

        if (p == NULL || clerk < 0)
                return;
        int64_t version = version_of(w, clerk, p->id);
        int k = pick(w, 4);
        bool overtaken = chance(w, 30);
        if (overtaken)
                allowed(w, correct(w, other, p->id, fields[k][0], fields[k][1], version), "registry.person_correct", NULL);
        bool dies = !overtaken && p->death == DAY_END && !p->busy && chance(w, 4);
        day_t death = clock_today(w->house.clock) - pick(w, 40);
        enum error_code code = dies ? correct(w, clerk, p->id, "death", day_text(death, day), version)
                                    : correct(w, clerk, p->id, fields[(k + 1) % 4][0], fields[(k + 1) % 4][1], version);
        if (overtaken && !w->failed && code != SB_OFFICE_VERSION)
                sim_fail(w, "person %lld was corrected over what a colleague had just written", (long long)p->id);
        else if (!overtaken && allowed(w, code, "registry.person_correct", NULL) && dies)
                p->death = death;
}

void people_tie(struct world *w)
{
        static const enum error_code no[] = {SB_REGISTRY_RELATION, SB_OK};
        struct m_person *a = person_pick(w), *b = person_pick(w);
        int clerk = somebody(w, ROLE_CLERK, 0);
        json_t *answer = NULL;

        if (clerk < 0 || a == NULL || a == b)
                return;
        if (chance(w, 25) && w->m->tie_count > 0) {
                struct m_tie *t = &w->m->ties[pick(w, w->m->tie_count)];
                if (!t->kin || t->ended)
                        return;
                json_t *in =
                    json_pack("{s:I,s:I,s:s}", "person", (json_int_t)t->person, "relation", (json_int_t)t->id, "tie", "kin");
                if (allowed(w, ask(w, clerk, "registry.relation_end", in, NULL), "registry.relation_end", no))
                        t->ended = true;
                return;
        }
        bool kin = chance(w, 70);
        json_t *in =
            kin ? json_pack("{s:I,s:I,s:s,s:s}", "person", (json_int_t)a->id, "relative", (json_int_t)b->id, "kind", "sibling",
                            "source", "户口簿")
                : json_pack("{s:I,s:I,s:s}", "person", (json_int_t)a->id, "with", (json_int_t)b->id, "source", "户口簿");
        if (w->m->tie_count < TIES_MAX &&
            allowed(w, ask(w, clerk, kin ? "registry.kin_add" : "registry.household_add", in, &answer), "a relation", NULL))
                w->m->ties[w->m->tie_count++] =
                    (struct m_tie){.id = number_of(answer, "id"), .person = a->id, .other = b->id, .kin = kin};
        json_decref(answer);
}

/* Some days off, a substitute, and the head who agrees. */
void people_leave(struct world *w)
{
        static const enum error_code no[] = {SB_STAFF_LEAVE, SB_STAFF_SUBSTITUTE, SB_CASE_ROLE, SB_CASE_OFFICE,
                                             SB_CASE_STAFF,  SB_STAFF_UNKNOWN,    SB_OK};
        int who = somebody(w, ROLE_CLERK | ROLE_REVIEWER, 0);
        day_t today = clock_today(w->house.clock), last = today + 1 + pick(w, 4);
        char from[16], to[16];
        json_t *answer = NULL;

        if (who < 0)
                return;
        int other = somebody(w, w->staff[who].roles, w->staff[who].office),
            head = somebody(w, ROLE_APPROVER, w->staff[who].office);
        if (head < 0 || other < 0 || other == who)
                return;
        json_t *in =
            json_pack("{s:s,s:s,s:s}", "valid_from", day_text(today, from), "last_day", day_text(last, to), "reason", "年休假");
        if (!allowed(w, ask(w, who, "leave.enter", in, &answer), "leave.enter", no)) {
                json_decref(answer);
                return;
        }
        int64_t leave = number_of(answer, "id") != 0 ? number_of(answer, "id") : number_of(answer, "leave");
        json_decref(answer);
        if (chance(w, 70))
                allowed(w,
                        ask(w, who, "substitution.add",
                            json_pack("{s:I,s:s,s:s}", "substitute", (json_int_t)w->staff[other].id, "valid_from", from,
                                      "last_day", to),
                            NULL),
                        "substitution.add", no);
        if (allowed(w,
                    ask(w, head, "leave.decide",
                        json_pack("{s:I,s:s}", "leave", (json_int_t)leave, "decision", chance(w, 80) ? "confirm" : "cancel"),
                        NULL),
                    "leave.decide", no))
                w->staff[who].away_until = last + 1;
}
