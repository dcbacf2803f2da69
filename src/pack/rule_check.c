/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules of a pack under the check of engine/check, with the keys of the pack as the functions of the import `parameters`.
 */
#include "pack/pack_internal.h"

#include "engine/check/check.h"

#include <string.h>

struct sink {
        pack_report *report;
        void *ctx;
        const char *file;
};

static void tell(void *ctx, int severity, const struct error *finding)
{
        struct sink *s = ctx;
        struct error e = *finding;

        text_format(e.where, sizeof e.where, "%.100s:%.140s", s->file, finding->where);
        s->report(s->ctx, severity, &e);
}

static bool parameter_type(void *ctx, const char *name, size_t *count, const char **type)
{
        static const char *const TYPES[] = {"number", "number", "string", "date", "date", "boolean"};
        const struct key *k = key_find(ctx, name);

        if (k == NULL)
                return false;
        *count = k->dim_count + 1;
        *type = TYPES[k->unit->kind];
        return true;
}

struct fault_sink {
        struct faults *faults;
        const struct pack *pack;
        const char *file;
};

static void fault(void *ctx, int severity, const struct error *finding)
{
        struct fault_sink *s = ctx;
        struct error e = *finding;

        faults_at(s->faults, severity, s->pack, s->file, 0, &e);
}

static struct check_options options(struct pack *p)
{
        return (struct check_options){.resolve = model_resolve,
                                      .resolve_ctx = p,
                                      .external_ns = PARAMETERS_NS,
                                      .external = parameter_type,
                                      .external_ctx = p};
}

int model_rules_check(struct pack *p, const char *model, struct faults *f, struct error *err)
{
        struct check_options o = options(p);
        char path[PACK_PATH_MAX];
        struct fault_sink s = {f, p, path};
        struct str xml;

        text_format(path, sizeof path, "rules/%s.dmn", model);
        if (pack_file_owner(p, path) != p || pack_file(p, path, &xml, NULL) < 0)
                return 0;
        return dmn_check(xml, &o, fault, &s, err);
}

int pack_rules_check(struct pack *p, const char *model, pack_report *report, void *ctx, struct error *err)
{
        struct check_options o = options(p);
        char path[PACK_PATH_MAX];
        struct sink s = {report, ctx, path};
        struct error broken = {0};
        struct str xml;

        text_format(path, sizeof path, "rules/%s.dmn", model);
        if (pack_file(p, path, &xml, NULL) < 0)
                return error_raise(err, SB_PACK_MODEL, "%s|%.100s", p->name, model);
        if (pack_model_check(p, model, &broken) < 0) {
                tell(&s, FAULT, &broken);
                return 0;
        }
        return dmn_check(xml, &o, tell, &s, err);
}
