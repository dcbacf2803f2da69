/* SPDX-License-Identifier: Apache-2.0
 *
 * Letters of cases: letter.issue writes one by a template of the pack (letters/NAME.json, letters/common.json), numbered by year and
 * office without a gap; letter.served records how it reached its addressee (送达). Both are called by processes alone.
 */
#ifndef OFFICE_LETTER_ISSUE_H
#define OFFICE_LETTER_ISSUE_H

#include "office/office.h"

extern const struct verb letter_verbs[];

#endif
