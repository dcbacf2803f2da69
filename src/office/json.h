/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers of verbs, as the floor below makes them.
 */
#ifndef OFFICE_JSON_H
#define OFFICE_JSON_H

#include "case/answer.h"

#endif
