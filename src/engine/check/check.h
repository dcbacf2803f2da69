/* SPDX-License-Identifier: Apache-2.0
 *
 * What can be said of the rules of a DMN model without running them: mistakes of type, names that are not there, rules that can
 * never apply, gaps and overlaps of decision tables, inputs that nobody uses, and figures written in a rule that belong in a
 * parameter. Tables are judged exactly where their tests are literals, ranges and enumerations of them; where a test is computed,
 * it is said that it cannot be told. Pure; knows nothing of packs.
 */
#ifndef ENGINE_CHECK_CHECK_H
#define ENGINE_CHECK_CHECK_H

#include "base/text.h"

struct check_options {
        /* The text of an imported model, by its namespace; borrowed. NULL: what is imported is not looked into. */
        int (*resolve)(void *ctx, const char *ns, const char *location, struct str *xml, struct error *err);
        void *resolve_ctx;
        const char *external_ns; /* the namespace whose import is answered by the world outside */
        /* A function of it: how many arguments, and the FEEL type of its answer. false: there is none of that name. NULL: any. */
        bool (*external)(void *ctx, const char *name, size_t *count, const char **type);
        void *external_ctx;
};

enum { CHECK_NOTE, CHECK_WARNING, CHECK_ERROR };

/* finding->where is "LINE!ELEMENT". Notes say what cannot be told. */
typedef void check_report(void *ctx, int severity, const struct error *finding);

/* 0 when the model could be read, whatever was found; else the error that dmn_open gives as well. */
int dmn_check(struct str xml, const struct check_options *o, check_report *report, void *ctx, struct error *err);

#endif
