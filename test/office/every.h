/* SPDX-License-Identifier: Apache-2.0
 *
 * An office with staff at four levels for driving every process of the pack: who sits where, the forms and outcomes that they fill in by
 * the types that the models declare, and what the database says of a case. Law and time limits are read from the pack's own files.
 */
#ifndef TEST_OFFICE_EVERY_H
#define TEST_OFFICE_EVERY_H

#include "office/town.h"

struct hand {
        int64_t id;
        const char *office, *role;
        uint32_t roles;
        int level;
};
enum { HANDS = 18, HAND_CLERK = 0, HAND_PROVINCE = 16 };
extern const struct hand hands[HANDS];

/* How the people of a case behave: everything granted and nothing noticed; everything found that can be found, and sent back once; refused,
 * not accepted, withdrawn; or nobody does anything. */
enum way { GRANTED, THOROUGH, REFUSED, DECLINED, WITHDRAWN, WATCHED, WAYS };

struct office {
        struct town *town;
        int64_t person, employer, seats[HANDS];
        int drawn;
};
void office_man(struct office *o, struct town *t);
/* Call a verb as one of them; takes in. */
enum error_code office_call(struct office *o, int hand, const char *verb, json_t *in, json_t **out);
/* A form that the fields of cases.form ask for, and every paper given. */
json_t *office_form(struct office *o, const json_t *asked, enum way way);
json_t *office_papers(const json_t *asked);
/* What a step is told, by the fields that it asks for. */
json_t *office_outcome(struct office *o, const json_t *asks, enum way way);
const char *office_text(struct office *o, const char *sql, int64_t about, char *out, size_t size);
/* Each letter of a case, as it was kept: set in both languages, whole, and with what the model gave it. Answers how many pages. */
int office_letters_check(struct office *o, int64_t instance, const char *process);
/* The limit of a process as the files of the packs say it: 0 none; unit of at least 16 bytes. */
int limit_of(const char *process, char unit[16]);
/* The working days of the timers of a model, as they stand in its file (those of one model are alike); 0 it has none. */
int timer_days(const char *process);
/* The last day of a limit that begins on a day, counted one by one. */
day_t limit_day(const struct calendar *c, day_t start, int n, const char *unit);

#endif
