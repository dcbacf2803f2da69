/* SPDX-License-Identifier: Apache-2.0
 *
 * shebao rules eval of a model that belongs to a pack: with its dated figures, their sources and articles.
 */
#ifndef CMD_RULES_PACK_H
#define CMD_RULES_PACK_H

#include "base/calendar.h"
#include "base/json.h"

/* Whether PATH is "PACK/rules/NAME.dmn" of a pack (the file may be one that the pack inherits). dir: PACK; model: NAME. */
bool rules_pack_path(const char *path, char *dir, size_t dir_size, char *model, size_t model_size);
/* {"result": …, "derivation": … with explain, "diagnostic": … when a mistake gave a null}; yours. Day: whose law is asked for. */
int rules_pack_eval(const char *dir, const char *model, const char *decision, day_t day, const json_t *inputs, bool explain,
                    json_t **out, struct error *err);

#endif
