/* SPDX-License-Identifier: Apache-2.0
 *
 * Notes in the file of a case.
 */
#ifndef CASE_NOTE_H
#define CASE_NOTE_H

#include "case/instance.h"

/* All notes, oldest first: [{"id","text","at","by"}]. */
int notes_view(struct tx *tx, struct house *h, const struct instance *i, json_t **out, struct error *err);

#endif
