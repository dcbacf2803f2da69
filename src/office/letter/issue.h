/* SPDX-License-Identifier: Apache-2.0
 *
 * Letters of cases: letter.issue writes one by a template of the pack (letters/NAME.json, letters/common.json), called by processes;
 * how each was served (送达), from when it counts as served by service.csv; what the public may ask of a letter.
 */
#ifndef OFFICE_LETTER_ISSUE_H
#define OFFICE_LETTER_ISSUE_H

#include "office/office.h"

extern const struct verb issue_verbs[], service_verbs[], verify_verbs[];

#endif
