/* SPDX-License-Identifier: Apache-2.0
 *
 * What a decision asks for: the inputs that it and all that it requires need, over the imports of its pack, each with what can
 * be entered: spec {kind, values, list, fields}, kind one of number, string, boolean, date, time, context, any.
 */
#include "office/rules/internal.h"

#include <string.h>

#define RULES_NS "urn:shebao:rules:"
#define TYPE_DEPTH_MAX 8

int model_file(const struct pack *p, const char *model, struct str *xml, char path[RULES_PATH_MAX], struct error *err)
{
        text_format(path, RULES_PATH_MAX, "rules/%s.dmn", model);
        if (pack_file(p, path, xml, NULL) < 0)
                return error_raise(err, SB_PACK_MODEL, "%s|%.100s", pack_name(p), model);
        return 0;
}

struct walk {
        const struct pack *pack;
        json_t *models; /* described, by name */
        json_t *seen;   /* "model#id" → true */
        json_t *inputs;
        struct error *err;
};

static const json_t *named(const json_t *list, const char *field, const char *value)
{
        json_t *one;
        size_t i;

        json_array_foreach((json_t *)(uintptr_t)list, i, one)
        {
                if (strcmp(json_text(one, field), value) == 0)
                        return one;
        }
        return NULL;
}

/* "male","f55" → a list of texts; NULL when the constraint is anything else. */
static json_t *values_list(const char *text)
{
        json_t *values = json_array();
        const char *p = text;

        while (values != NULL && *p != '\0') {
                const char *end = *p == '"' ? strchr(p + 1, '"') : NULL;
                if (end == NULL || memchr(p + 1, '\\', (size_t)(end - p - 1)) != NULL) {
                        json_decref(values);
                        return NULL;
                }
                json_array_append_new(values, json_stringn(p + 1, (size_t)(end - p - 1)));
                p = end + 1 + strspn(end + 1, " \t\r\n");
                p += *p == ',';
                p += strspn(p, " \t\r\n");
        }
        if (json_array_size(values) > 0)
                return values;
        json_decref(values);
        return NULL;
}

static const char *kind_of(const char *type)
{
        static const char *const PLAIN[] = {"number", "string", "boolean", "date", "time"};
        const char *local = strrchr(type, ':') == NULL ? type : strrchr(type, ':') + 1;

        for (size_t i = 0; i < sizeof PLAIN / sizeof PLAIN[0]; i++)
                if (strcmp(local, PLAIN[i]) == 0)
                        return PLAIN[i];
        return "any";
}

static json_t *spec_of(const json_t *types, const json_t *type, const char *name, int depth);

static json_t *spec_fields(const json_t *types, const json_t *fields, int depth)
{
        json_t *out = json_array(), *field;
        size_t i;

        json_array_foreach((json_t *)(uintptr_t)fields, i, field)
        {
                json_t *spec = spec_of(types, field, json_text(field, "type"), depth + 1);
                put_text(spec, "name", json_text(field, "name"));
                json_array_append_new(out, spec);
        }
        return out;
}

/* type: the definition (or component) itself, NULL for a name that is looked up. */
static json_t *spec_of(const json_t *types, const json_t *type, const char *name, int depth)
{
        const json_t *base = depth < TYPE_DEPTH_MAX ? named(types, "name", name) : NULL;
        json_t *o, *values;

        if (json_array_size(json_object_get(type, "fields")) > 0) {
                o = json_object();
                put_text(o, "kind", "context");
                put_value(o, "fields", spec_fields(types, json_object_get(type, "fields"), depth));
        } else if (base != NULL) {
                o = spec_of(types, base, json_text(base, "type"), depth + 1);
        } else {
                o = json_object();
                put_text(o, "kind", kind_of(name));
        }
        values = values_list(json_text(type, "values"));
        if (values != NULL)
                put_value(o, "values", values);
        if (json_is_true(json_object_get(type, "list")))
                put_bool(o, "list", true);
        return o;
}

static const json_t *model_get(struct walk *w, const char *name)
{
        const json_t *found = json_object_get(w->models, name);
        char path[RULES_PATH_MAX];
        json_t *model = NULL;
        struct str xml;

        if (found != NULL)
                return found;
        if (model_file(w->pack, name, &xml, path, w->err) < 0 || model_describe(&model, xml, w->err) < 0)
                return NULL;
        put_value(w->models, name, model);
        return json_object_get(w->models, name);
}

static int visit(struct walk *w, const char *model, const char *id, int depth);

/* "id" of this model, or "urn:shebao:rules:NAME#id" of another. */
static int visit_ref(struct walk *w, const char *model, const char *ref, int depth)
{
        const char *hash = strchr(ref, '#');
        char other[RULES_PATH_MAX];

        if (hash == NULL)
                return visit(w, model, ref, depth);
        if (strncmp(ref, RULES_NS, sizeof RULES_NS - 1) != 0)
                return 0; /* figures of the pack are no inputs */
        ref += sizeof RULES_NS - 1;
        text_copy(other, sizeof other, (struct str){ref, (size_t)(hash - ref)});
        return visit(w, other, hash + 1, depth);
}

static int input_add(struct walk *w, const json_t *model, const json_t *element)
{
        const char *name = json_text(element, "name"), *type = json_text(element, "type");

        if (named(w->inputs, "name", name) != NULL)
                return 0;
        json_t *o = json_object();
        put_text(o, "name", name);
        put_text(o, "id", json_text(element, "id"));
        put_text(o, "model", json_text(model, "name"));
        put_text(o, "type", type);
        put_text(o, "description", json_text(element, "description"));
        put_value(o, "spec", spec_of(json_object_get(model, "types"), NULL, type, 0));
        return json_array_append_new(w->inputs, o) == 0 ? 0 : error_raise(w->err, SB_MEMORY, "%s", "");
}

static int visit(struct walk *w, const char *model, const char *id, int depth)
{
        char key[2 * RULES_PATH_MAX];
        const json_t *m, *element;
        json_t *need;
        size_t i;

        text_format(key, sizeof key, "%s#%s", model, id);
        if (json_object_get(w->seen, key) != NULL || depth > 200)
                return 0;
        put_bool(w->seen, key, true);
        m = model_get(w, model);
        if (m == NULL)
                return ERR;
        element = named(json_object_get(m, "elements"), "id", id);
        if (element == NULL)
                return 0; /* what is not there is told by who compiles the model */
        if (strcmp(json_text(element, "kind"), "input") == 0)
                return input_add(w, m, element);
        json_array_foreach(json_object_get(element, "needs"), i, need)
        {
                if (visit_ref(w, model, json_text(need, "ref"), depth + 1) < 0)
                        return ERR;
        }
        return 0;
}

int model_inputs(json_t **out, const struct pack *p, const char *model, const char *decision, struct error *err)
{
        struct walk w = {.pack = p, .models = json_object(), .seen = json_object(), .inputs = json_array(), .err = err};
        const json_t *m = model_get(&w, model), *element = NULL;

        int rc = m == NULL ? ERR : 0;
        if (rc == 0) {
                element = named(json_object_get(m, "elements"), "id", decision);
                if (element == NULL)
                        element = named(json_object_get(m, "elements"), "name", decision);
                if (element == NULL)
                        rc = error_raise(err, SB_DMN_DECISION, "%s|%.100s", model, decision);
        }
        if (rc == 0)
                rc = visit(&w, model, json_text(element, "id"), 0);
        if (rc == 0) {
                *out = w.inputs;
                w.inputs = NULL;
        }
        json_decref(w.models);
        json_decref(w.seen);
        json_decref(w.inputs);
        return rc;
}
