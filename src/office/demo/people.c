/* SPDX-License-Identifier: Apache-2.0 */
#include "office/demo/internal.h"

#include <assert.h>
#include <string.h>

/* Streams of the random source: each inhabitant and employer has its own, so that one more changes nobody else. */
#define STREAM_PERSON ((uint64_t)1 << 40)

#define BIRTH_FIRST 1930
#define BIRTH_DAYS 40000
static const char *const DISTRICTS[2] = {"990101", "990102"};

const char *employer_territory(int64_t index)
{
        return DISTRICTS[index % 2];
}

char *employer_code(int64_t index, char out[24])
{
        char first[24];

        text_format(first, sizeof first, "91%s%09lld", employer_territory(index), (long long)index + 1);
        return text_format(out, 24, "%s%c", first, uscc_digit(first));
}

/* An order number of the birthday in the district that nobody has yet: odd for men, even for women. */
static int number_make(struct city *c, struct rng *r, struct inhabitant *p, struct error *err)
{
        char first[24];
        int year, month, day;
        uint32_t area = rng_below(r, 2), order = rng_below(r, 500);

        day_split(p->birth, &year, &month, &day);
        day_t offset = p->birth - day_from(BIRTH_FIRST, 1, 1);
        assert(offset >= 0 && offset < BIRTH_DAYS);
        for (int tries = 0; tries < 1000; tries++) {
                uint32_t number = 2 * order + (p->sex == SEX_MALE ? 1 : 0);
                size_t bit = ((size_t)area * BIRTH_DAYS + (size_t)offset) * 1000 + number;
                if ((c->numbers[bit / 8] & (1 << bit % 8)) == 0) {
                        c->numbers[bit / 8] |= (unsigned char)(1 << bit % 8);
                        text_format(first, sizeof first, "%s%04d%02d%02d%03u", DISTRICTS[area], year, month, day, number);
                        text_format(p->id_number, sizeof p->id_number, "%s%c", first, id_number_digit(first));
                        return 0;
                }
                order = (order + 1) % 500;
                area = order == 0 ? 1 - area : area;
        }
        return error_raise(err, SB_DEMO_STEP, "%s",
                           ERROR_BOTH("more people than identity numbers on one birthday", "同一生日的号码已用尽"));
}

static void standing_draw(struct rng *r, int64_t index, struct inhabitant *p)
{
        uint32_t k = rng_below(r, 1000);

        p->sex = rng_below(r, 100) < 52 ? SEX_MALE : SEX_FEMALE;
        p->category = p->sex == SEX_MALE ? MALE : rng_below(r, 100) < 35 ? F55 : F50;
        p->standing = index % 50 == 7 ? DUE : k < 190 ? PENSIONER : k < 300 ? BETWEEN : WORKER;
}

/* A birthday whose month of retirement lies in [first, last]: the age at which the class retires is felt for month by
 * month, because the law moves it. */
static int born_to_retire(struct city *c, struct rng *r, struct inhabitant *p, month_t first, month_t last, struct error *err)
{
        static const int about[3] = {60, 55, 50};
        month_t wanted = (month_t)rng_between(r, first, last);
        month_t born = wanted - about[p->category] * 12;
        int rc = 0;

        for (int tries = 0; rc == 0 && tries < 120; tries++, born--) {
                p->birth = month_first(born) + (day_t)rng_below(r, 28);
                rc = law_retirement(&c->law, p->category, p->birth, &p->retirement, err);
                if (rc == 0 && p->retirement <= wanted)
                        break;
        }
        return rc;
}

static int born_to_work(struct city *c, struct rng *r, struct inhabitant *p, struct error *err)
{
        static const int oldest[3] = {58, 53, 48};
        month_t today = month_of(c->law.today);
        month_t born = today - (month_t)rng_between(r, 20 * 12, oldest[p->category] * 12);

        p->birth = month_first(born) + (day_t)rng_below(r, 28);
        int rc = law_retirement(&c->law, p->category, p->birth, &p->retirement, err);
        for (int tries = 0; rc == 0 && p->retirement <= today + 1 && tries < 40; tries++) {
                p->birth = month_first(month_of(p->birth) + 6) + 3;
                rc = law_retirement(&c->law, p->category, p->birth, &p->retirement, err);
        }
        return rc;
}

/* Employers differ in size: the lower of two draws. */
static int64_t employer_draw(const struct city *c, struct rng *r)
{
        int64_t a = rng_between(r, 0, c->employers - 1), b = rng_between(r, 0, c->employers - 1);

        return a < b ? a : b;
}

static void work_make(struct city *c, struct rng *r, struct inhabitant *p)
{
        month_t begin = month_of(p->birth) + (month_t)rng_between(r, 18 * 12, 25 * 12);
        month_t end = c->taken_over + 1;

        if (p->standing == PENSIONER)
                end = p->retirement + 1;
        else if (p->standing == BETWEEN)
                end = (month_t)rng_between(r, begin + 6, end - 1 > begin + 6 ? end - 1 : begin + 7);
        if (begin < month_from(LAW_FIRST, 1))
                begin = month_from(LAW_FIRST, 1);
        if (end > c->taken_over + 1)
                end = c->taken_over + 1;
        if (begin > end - 1)
                begin = end - 1;
        p->employer = p->standing == PENSIONER ? -1 : employer_draw(c, r);
        p->employer_before = -1;
        p->since = month_first(begin);
        p->until = p->standing == BETWEEN ? month_first(end) : DAY_END;
        if (end - begin > 36 && p->employer >= 0 && rng_below(r, 3) == 0) {
                p->employer_before = (p->employer + 1 + rng_between(r, 0, c->employers - 2)) % c->employers;
                p->since_before = p->since;
                p->since = month_first((month_t)rng_between(r, begin + 12, end - 12));
        }
        history_make(c, r, p, begin, end);
        history_balance(&c->law, p, end - 1);
}

int inhabitant_make(struct city *c, int64_t index, struct inhabitant *p, struct error *err)
{
        struct rng r = rng_new(c->o->seed, STREAM_PERSON + (uint64_t)index);
        month_t today = month_of(c->law.today);
        int rc;

        memset(p, 0, sizeof *p);
        standing_draw(&r, index, p);
        if (p->standing == PENSIONER)
                rc = born_to_retire(c, &r, p, c->taken_over - 25 * 12, c->taken_over - 1, err);
        else if (p->standing == DUE)
                rc = born_to_retire(c, &r, p, today - 4, today, err);
        else
                rc = born_to_work(c, &r, p, err);
        if (rc == 0)
                rc = number_make(c, &r, p, err);
        if (rc < 0)
                return rc;
        name_of_person(&r, p->sex, p->name);
        text_format(p->telephone, sizeof p->telephone, "199%08u", rng_below(&r, 100000000));
        text_format(p->bank_account, sizeof p->bank_account, "99%06u%08u", rng_below(&r, 1000000), rng_below(&r, 100000000));
        if (p->standing == PENSIONER && rng_below(&r, 200) == 0)
                p->bank_account[0] = '\0';
        work_make(c, &r, p);
        return p->standing == PENSIONER ? history_award(c, &r, p, err) : 0;
}
