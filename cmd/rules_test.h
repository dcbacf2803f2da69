/* SPDX-License-Identifier: Apache-2.0
 *
 * Test cases of the DMN community (testCases.xsd): run a folder of models and cases, say what differs.
 */
#ifndef CMD_RULES_TEST_H
#define CMD_RULES_TEST_H

#include "engine/dmn/dmn.h"

/* A model with its imports, found by namespace among the .dmn files of its folder; owns the model. */
struct model_folder;
int model_folder_open(struct model_folder **out, const char *path, const struct dmn_options *with, struct dmn_model **borrowed,
                      struct error *err); /* `with`: zones and tolerance, its imports are not looked at; may be NULL */
/* Only the texts of the folder, without a model. */
int model_folder_read(struct model_folder **out, const char *dir, struct error *err);
/* The text of a model of the folder by its namespace (ctx: the folder), as dmn_open and dmn_check ask for it. */
int model_folder_resolve(void *ctx, const char *ns, const char *location, struct str *xml, struct error *err);
void model_folder_free(struct model_folder *f);

/* Run every case below the folder; prints failures and, last, "N passed, N failed". Returns the exit code. */
int rules_test(const char *dir);

#endif
