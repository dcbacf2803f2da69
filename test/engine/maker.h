/* SPDX-License-Identifier: Apache-2.0
 *
 * Random expressions of FEEL over the values of lab.h, by a grammar of all its operators and functions.
 */
#ifndef TEST_ENGINE_MAKER_H
#define TEST_ENGINE_MAKER_H

#include "base/rng.h"
#include "base/text.h"

/* Adds an expression that gives mostly a value of this kind: n number, s text, b truth, d date, t time, z date and time, y days, m
 * months, l list of numbers, k list of texts, p person, r range, a anything. */
void expression_make(struct rng *r, struct buf *out, char kind, int depth);

#endif
