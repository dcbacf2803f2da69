/* SPDX-License-Identifier: Apache-2.0
 *
 * Registry (参保登记): persons, employers and spells of employment, bitemporal. Owns the tables person,
 * person_fact, directory, name_key, employer, employer_fact and employment. A person's name, numbers and
 * accounts are one sealed payload under the person's own key. Knows no money and no law but the class of
 * the statutory age. The checks here are shared by the verbs, the import and the demonstration.
 */
#ifndef OFFICE_REGISTRY_REGISTRY_H
#define OFFICE_REGISTRY_REGISTRY_H

#include "office/office.h"
#include "office/registry/name.h"

extern const struct verb registry_verbs[];
extern const struct scope_rule registry_scopes[];

/* --- persons ------------------------------------------------------------------------------------------------------ */

/* What is sealed. */
struct payload {
        char name[256], id_number[24], telephone[32], bank_name[96], bank_account[64];
};
int payload_seal(const struct seal_key *key, const struct payload *p, struct buf *out, struct error *err);
int payload_open(const struct seal_key *key, struct str sealed, struct payload *out, struct error *err);
void payload_dispose(struct payload *p);

struct person_facts {
        struct payload sealed;
        enum sex sex;
        day_t birth, death;
        char category[16];
        day_t valid_from;
};
/* As people write it; a slice with p NULL is absent. */
struct person_text {
        struct str name, id_number, category, telephone, bank_name, bank_account, valid_from;
};
/* Check everything; on an error *field names what is wrong. valid_from absent: the birth. */
int person_facts_check(struct person_facts *out, const struct person_text *in, const char **field, struct error *err);

/* All that a new person's rows need, made outside of a transaction. */
struct person_new {
        int64_t id, fact_id;
        unsigned char wrapped[SEAL_KEY_BYTES + SEAL_OVERHEAD];
        unsigned char sealed[640 + SEAL_OVERHEAD];
        size_t sealed_n;
        struct hash index;
        int64_t keys[192];
        size_t key_count;
};
struct hash person_index(const struct keyring *k, struct str id_number);
int person_new_make(struct person_new *out, const struct keyring *k, const struct person_facts *f, struct error *err);

/* A new person, checked and sealed, before it is written. About 3 KiB. */
struct person_registration {
        struct person_facts facts;
        struct person_new made;
};
/* Check what was written down and make the rows. On an error *field names what is wrong. */
int person_registration_make(struct person_registration *out, struct house *h, const struct person_text *in, const char **field,
                             struct error *err);
/* Write it. 1 when the identity number is known already: nothing is written, *id is the person known. *home and *id may be read
 * after 0, too. */
int person_registration_write(struct tx *tx, struct house *h, const struct person_registration *r, int32_t *home, int64_t *id,
                              struct error *err);

/* A fact row known now, written in full. */
struct person_fact_row {
        int64_t id, person;
        enum sex sex;
        day_t birth, death, valid_from, valid_to;
        const char *category, *source;
        struct str sealed;
};
int person_fact_add(struct tx *tx, int32_t home, const struct person_fact_row *r, instant_t now, struct error *err);
int name_keys_add(struct tx *tx, int32_t home, int kind, int64_t subject, const int64_t *keys, size_t count, struct error *err);

/* --- employers ---------------------------------------------------------------------------------------------------- */

struct employer_text {
        struct str name, uscc, kind, industry, territory, contact, bank_name, bank_account;
};
/* The bank account of an employer as its column holds it: sealed, written in hexadecimal behind "~"; "" stays "". out: ACCOUNT_SEALED. Rows of
 * before that hold it in clear are read as they are, until `shebao keys rotate` seals them. */
#define ACCOUNT_CLEAR 64
#define ACCOUNT_SEALED (2 + 2 * (ACCOUNT_CLEAR + SEAL_OVERHEAD))
void account_seal(const struct keyring *k, struct str clear, char out[ACCOUNT_SEALED]);
int account_open(const struct keyring *k, struct str sealed, char out[ACCOUNT_CLEAR], struct error *err);
int employer_text_check(const struct employer_text *in, const char **field, struct error *err);

/* A new employer, checked, before it is written; the text is not copied. */
struct employer_registration {
        struct employer_text text;
        int64_t id, fact_id, office;
        day_t from;
        int64_t keys[NAME_KEYS_MAX];
        size_t key_count;
};
int employer_registration_make(struct employer_registration *out, struct house *h, const struct employer_text *in,
                               int64_t office, const char **field, struct error *err);
/* The facts and names of a registration, as those of this employer. */
int employer_rows(struct tx *tx, struct house *h, const struct employer_registration *r, int64_t employer, struct error *err);
/* As person_registration_write, by the unified social credit code. */
int employer_registration_write(struct tx *tx, struct house *h, const struct employer_registration *r, int32_t *home,
                                int64_t *id, struct error *err);

/* --- spells of employment ----------------------------------------------------------------------------------------- */

struct spell {
        int64_t id, person, employer, version;
        day_t from, to; /* half open */
        const char *category;
        const char *reason;
};
/* Write a spell in full; the person's row is held from then on. SB_REGISTRY_PERIOD, SB_REGISTRY_OVERLAP, SB_REGISTRY_CANCELLED. */
int spell_open(struct tx *tx, struct house *h, const struct spell *s, struct error *err);
/* Only the row, believed from now on. */
int spell_write(struct tx *tx, struct house *h, const struct spell *s, const char *source, struct error *err);
/* A spell ends on another day than was believed: the row is closed and stands again under new_id. SB_REGISTRY_EMPLOYMENT, SB_REGISTRY_PERIOD. */
struct spell_ending {
        int64_t employment, new_id;
        day_t to; /* half open */
        const char *reason;
};
int spell_end(struct tx *tx, struct house *h, const struct spell_ending *e, int64_t *person, struct error *err);
/* What was written is believed no more; what it replaced (0: nothing) is believed again as new_id. 1: it is not believed any more, nothing
 * is done. SB_REGISTRY_OVERLAP when something else stands there by now. */
int spell_retract(struct tx *tx, struct house *h, int64_t written, int64_t before, int64_t new_id, const char *source,
                  struct error *err);

/* --- small helpers of the verbs ----------------------------------------------------------------------------------- */

/* At most max bytes of valid text without control characters. SB_REGISTRY_TEXT. */
int text_check(struct str s, size_t max, struct error *err);
verb_run registry_person_register, registry_person_get, registry_person_reveal, registry_person_timeline,
    registry_person_correct, registry_employer_register, registry_employer_get, registry_employer_workers,
    registry_employment_open, registry_employment_end;

/* What processes P01 and P02 do with an application (admit.c). */
extern const struct verb admit_verbs[];

/* One fact of a person is believed differently from a day on (correct.c), inside the caller's transaction. field: name, id_number, telephone,
 * bank_name, bank_account, death, category. expected: the version that was looked at, 0 any. */
struct person_change {
        int64_t person;
        const char *field, *source;
        struct str value;
        day_t valid_from;
};
int person_change(struct tx *tx, struct house *h, const struct person_change *x, int64_t expected, int64_t *version,
                  struct error *err);
/* What process P04 does with an application (change.c). */
extern const struct verb change_verbs[];

/* Cancellation (cancel.c, P05). kind: person, employer. */
extern const struct verb cancel_verbs[];
/* SB_REGISTRY_CANCELLED when the registration was cancelled, SB_MERGE_GONE when the record went into another. */
int registered_need(struct tx *tx, int32_t home, const char *kind, int64_t subject, struct error *err);
/* The cancellation that holds: 1, 0 none, ERR. */
int cancellation_open(struct tx *tx, int32_t home, const char *kind, int64_t subject, int64_t *id, day_t *day,
                      struct error *err);
int cancellation_end(struct tx *tx, struct call *c, int64_t id, const char *state, const char *reason, struct error *err);
int state_set(struct tx *tx, int32_t home, const char *kind, int64_t subject, const char *state, struct error *err);
/* Who was registered before comes back (return.c): the old number, what the new application says otherwise believed from today on. 1: may
 * not (died, or never cancelled), nothing is written. */
int person_return(struct tx *tx, struct call *c, int64_t person, const struct person_facts *f, struct error *err);
int employer_return(struct tx *tx, struct call *c, int64_t employer, const struct employer_registration *r, struct error *err);
/* May who has this registration come back so? 1 yes, 0, ERR. */
int may_return(struct tx *tx, struct house *h, const char *kind, int64_t subject, struct error *err);

/* Who belongs to whom (kin.c): households and kinship, dated; the scope rule "kin" says whether two persons are related today. */
extern const struct verb kin_verbs[];
extern const struct scope_rule kin_scopes[];

#endif
