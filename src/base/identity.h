/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers of persons and organisations: GB 11643 (resident identity number, check digit by ISO 7064
 * MOD 11-2) and GB 32100 (unified social credit code, MOD 31), and the readable numbers of this
 * system.
 */
#ifndef BASE_IDENTITY_H
#define BASE_IDENTITY_H

#include "base/calendar.h"

enum sex { SEX_MALE = 1, SEX_FEMALE = 2 }; /* GB/T 2261.1 */

/* 18 characters, date that exists, check digit. Out pointers may be NULL. SB_ID_NUMBER says what is
 * wrong. */
int id_number_check(struct str s, day_t *birth, enum sex *sex, struct error *err);
char id_number_digit(const char first17[17]);
int uscc_check(struct str s, struct error *err); /* SB_USCC */
char uscc_digit(const char first17[17]);

/* A readable number: prefix letter, home in base 10 (2 to 4 digits), id, and a check digit (ISO
 * 7064 MOD 11-10) — "P01-0000001234-8". Returns out. */
char *readable_number(char prefix, int home, int64_t id, char out[32]);
int readable_parse(struct str s, char *prefix, int *home, int64_t *id, struct error *err);

#endif
