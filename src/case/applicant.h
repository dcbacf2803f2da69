/* SPDX-License-Identifier: Apache-2.0
 *
 * Who applies for whom (申请人): powers of attorney (授权委托), heirs, guardians and an employer's authorised operators (经办人), dated,
 * each with the document that proves it. Knows persons and employers by id only.
 */
#ifndef CASE_APPLICANT_H
#define CASE_APPLICANT_H

#include "case/case.h"

struct applicant_subject {
        const char *kind; /* person, employer, … */
        int64_t id;
};
/* The schema of an applicant (as of case_application), for the inputs of verbs that hold one: nothing else is read any further. */
#define APPLICANT_IN                                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"kind\"],\"properties\":{\"kind\":{\"enum\":["     \
        "\"self\",\"employer\",\"agent\",\"heir\",\"guardian\",\"operator\",\"office\"]},\"person\":{\"type\":\"integer\","    \
        "\"minimum\":1},\"employer\":{\"type\":\"integer\",\"minimum\":1},\"name\":{\"type\":\"string\",\"maxLength\":120},"   \
        "\"document\":{\"type\":\"string\",\"maxLength\":200},\"valid_to\":{\"type\":\"string\",\"format\":\"date\"}}}"

/* May this applicant (as of case_application) ask for the process for the subject today? Who applies for themselves, the employer and
 * the office may. Somebody else needs a power on record that covers process and day, or brings a document with this application.
 * SB_CASE_POWER_NONE, SB_CASE_POWER_ENDED, SB_CASE_POWER_PROCESS. */
int applicant_may(struct tx *tx, struct call *c, const json_t *applicant, const char *process,
                  const struct applicant_subject *subject, struct error *err);

#endif
