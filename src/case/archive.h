/* SPDX-License-Identifier: Apache-2.0
 *
 * The archived file of a case (归档): its index, with a hash of each step, decision, document and attachment, under one number. The
 * pieces stay where they are; the index proves that they are those of the day on which the case was closed.
 */
#ifndef CASE_ARCHIVE_H
#define CASE_ARCHIVE_H

#include "case/instance.h"

/* Make the index of a case, once: a case that has one keeps it. number as readable_number. What only an open case needs is forgotten. */
int archive_make(struct tx *tx, struct call *c, int64_t instance, char number[32], struct error *err);

#endif
