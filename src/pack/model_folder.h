/* SPDX-License-Identifier: Apache-2.0
 *
 * DMN models that stand in a folder, outside any pack: one with its imports, which are looked for by namespace among the .dmn
 * files beside it. Reads files; knows no parameters.
 */
#ifndef PACK_MODEL_FOLDER_H
#define PACK_MODEL_FOLDER_H

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

#endif
