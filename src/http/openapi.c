/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http.h"

#include <stdlib.h>
#include <string.h>

/* The routes of this floor that are no verbs, as OpenAPI operations. */
static const char OWN_PATHS[] =
    "{\"/api/session\":{"
    "\"post\":{\"operationId\":\"session.begin\",\"summary\":\"Sign in\",\"security\":[],\"requestBody\":{\"required\":true,"
    "\"content\":{\"application/json\":{\"schema\":{\"type\":\"object\",\"required\":[\"login\",\"password\"],\"properties\":"
    "{\"login\":{\"type\":\"string\"},\"password\":{\"type\":\"string\"}}}}}},\"responses\":{\"200\":{\"description\":\"Signed "
    "in\","
    "\"content\":{\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/Session\"}}}},"
    "\"default\":{\"$ref\":\"#/components/responses/Problem\"}}},"
    "\"get\":{\"operationId\":\"session.get\",\"summary\":\"Who is signed in\",\"responses\":{\"200\":{\"description\":\"The "
    "session\","
    "\"content\":{\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/Session\"}}}},"
    "\"default\":{\"$ref\":\"#/components/responses/Problem\"}}},"
    "\"delete\":{\"operationId\":\"session.end\",\"summary\":\"Sign out\",\"responses\":{\"200\":{\"description\":\"Signed "
    "out\"},"
    "\"default\":{\"$ref\":\"#/components/responses/Problem\"}}}},"
    "\"/api/errors\":{\"get\":{\"operationId\":\"errors.list\",\"summary\":\"Every error code with its texts\",\"security\":[],"
    "\"responses\":{\"200\":{\"description\":\"The registry\"}}}},"
    "\"/api/openapi.json\":{\"get\":{\"operationId\":\"openapi.get\",\"summary\":\"This document\",\"security\":[],"
    "\"responses\":{\"200\":{\"description\":\"OpenAPI 3.1\"}}}},"
    "\"/healthz\":{\"get\":{\"operationId\":\"health.get\",\"summary\":\"Whether the server and its database "
    "answer\",\"security\":[],"
    "\"responses\":{\"200\":{\"description\":\"They do\"},\"default\":{\"$ref\":\"#/components/responses/Problem\"}}}},"
    "\"/metrics\":{\"get\":{\"operationId\":\"metrics.get\",\"summary\":\"Counters for Prometheus\",\"security\":[],"
    "\"responses\":{\"200\":{\"description\":\"Text form 0.0.4\"}}}}}";

static const char COMPONENTS[] =
    "{\"securitySchemes\":{\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"shebao_session\"}},"
    "\"responses\":{\"Problem\":{\"description\":\"A registered error (RFC 9457)\",\"content\":{\"application/problem+json\":"
    "{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}},"
    "\"schemas\":{\"Problem\":{\"type\":\"object\",\"required\":[\"code\",\"title\",\"detail\",\"status\",\"trace\"],"
    "\"properties\":{"
    "\"type\":{\"type\":\"string\"},\"code\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},\"detail\":{\"type\":"
    "\"string\"},"
    "\"status\":{\"type\":\"integer\"},\"where\":{\"type\":\"string\"},\"article\":{\"type\":\"string\"},\"trace\":{\"type\":"
    "\"string\"}}},"
    "\"Session\":{\"type\":\"object\",\"required\":[\"staff\",\"csrf\",\"today\",\"demonstration\"],\"properties\":{"
    "\"staff\":{\"type\":\"object\",\"required\":[\"id\",\"login\",\"display\",\"roles\",\"office\"],\"properties\":{\"id\":{"
    "\"type\":\"integer\"},"
    "\"login\":{\"type\":\"string\"},\"display\":{\"type\":\"string\"},\"roles\":{\"type\":\"array\",\"items\":{\"type\":"
    "\"string\"}},\"duties\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
    "\"office\":{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"integer\"},\"code\":{\"type\":\"string\"},"
    "\"name_zh\":{\"type\":\"string\"},\"name_en\":{\"type\":\"string\"}}}}},"
    "\"csrf\":{\"type\":\"string\"},\"today\":{\"type\":\"string\"},\"demonstration\":{\"type\":\"boolean\"},"
    "\"pack\":{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},\"title_zh\":{\"type\":\"string\"},"
    "\"title_en\":{\"type\":\"string\"},\"hash\":{\"type\":\"string\"}}}}}}}";

static bool required(const json_t *schema, const char *name)
{
        const json_t *list = json_object_get(schema, "required");
        size_t i;
        json_t *item;

        json_array_foreach(list, i, item) if (strcmp(json_string_value(item), name) == 0) return true;
        return false;
}

static bool in_path(const char *path, const char *name)
{
        size_t n = strlen(name);

        for (const char *p = strchr(path, '{'); p != NULL; p = strchr(p + 1, '{'))
                if (strncmp(p + 1, name, n) == 0 && p[n + 1] == '}')
                        return true;
        return false;
}

/* Path and query parameters from the input schema; what is left is the body. Both take up parts of the schema. */
static json_t *parameters_make(const struct verb *v, json_t *schema, json_t **body_properties, json_t **body_required)
{
        bool body = strcmp(v->method, "GET") != 0 && json_object_get(schema, "x-body") == NULL;
        json_t *list = json_array();
        const char *name;
        json_t *property;

        *body_properties = json_object();
        *body_required = json_array();
        json_object_foreach(json_object_get(schema, "properties"), name, property)
        {
                bool path = in_path(v->path, name);
                bool needed = path || required(schema, name);
                if (!path && body) {
                        json_object_set(*body_properties, name, property);
                        if (needed)
                                json_array_append_new(*body_required, json_string(name));
                        continue;
                }
                json_array_append_new(list, json_pack("{s:s,s:s,s:b,s:O}", "name", name, "in", path ? "path" : "query",
                                                      "required", needed, "schema", property));
        }
        if (v->kind == VERB_WRITE)
                json_array_append_new(list, json_pack("{s:s,s:s,s:b,s:{s:s}}", "name", "Idempotency-Key", "in", "header",
                                                      "required", 1, "schema", "type", "string"));
        return list;
}

static json_t *request_body(const json_t *schema, json_t *properties, json_t *needed)
{
        const json_t *media = json_object_get(schema, "x-body");
        json_t *content = json_object();
        size_t i;
        json_t *item;

        json_array_foreach(media, i, item)
            json_object_set_new(content, json_string_value(item), json_pack("{s:{s:s}}", "schema", "type", "string"));
        if (media == NULL)
                json_object_set_new(
                    content, "application/json",
                    json_pack("{s:{s:s,s:O,s:O}}", "schema", "type", "object", "properties", properties, "required", needed));
        return json_pack("{s:b,s:o}", "required", 1, "content", content);
}

static json_t *operation_make(const struct registry *verbs, const struct verb *v, struct error *err)
{
        json_t *out_schema = NULL, *properties = NULL, *needed = NULL;

        if (json_read(&out_schema, str_from(v->out == NULL ? "{}" : v->out), err) < 0)
                return NULL;
        /* The registry's schema belongs to all threads; jansson reads a count of uses without care for those who change it. */
        json_t *schema = json_deep_copy(registry_schema_in(verbs, v));
        const char *media = json_string_value(json_object_get(out_schema, "x-media"));
        json_t *parameters = parameters_make(v, schema, &properties, &needed);
        json_t *op = json_pack("{s:s,s:s,s:s,s:o,s:{s:{s:s,s:{s:{s:O}}},s:{s:s}}}", "operationId", v->name, "summary",
                               v->summary_en, "x-summary-zh", v->summary_zh, "parameters", parameters, "responses", "200",
                               "description", "Done", "content", media == NULL ? "application/json" : media, "schema",
                               out_schema, "default", "$ref", "#/components/responses/Problem");
        if (op != NULL && strcmp(v->method, "GET") != 0)
                json_object_set_new(op, "requestBody", request_body(schema, properties, needed));
        json_decref(schema);
        json_decref(out_schema);
        json_decref(properties);
        json_decref(needed);
        if (op == NULL)
                error_raise(err, SB_MEMORY, "%s", "");
        return op;
}

int http_openapi(const struct registry *verbs, struct buf *out, struct error *err)
{
        json_t *paths = NULL, *components = NULL, *doc = NULL;
        char method[8];

        int rc = json_read(&paths, str_from(OWN_PATHS), err);
        if (rc == 0)
                rc = json_read(&components, str_from(COMPONENTS), err);
        for (size_t i = 0; rc == 0 && registry_at(verbs, i) != NULL; i++) {
                const struct verb *v = registry_at(verbs, i);
                if (v->path == NULL)
                        continue;
                json_t *op = operation_make(verbs, v, err);
                if (op == NULL) {
                        rc = ERR;
                        break;
                }
                if (json_object_get(paths, v->path) == NULL)
                        json_object_set_new(paths, v->path, json_object());
                text_copy(method, sizeof method, str_from(v->method));
                for (char *p = method; *p != '\0'; p++)
                        *p = (char)(*p | 0x20); /* OpenAPI writes methods in lower case */
                json_object_set_new(json_object_get(paths, v->path), method, op);
        }
        if (rc == 0) {
                doc = json_pack("{s:s,s:{s:s,s:s,s:s,s:{s:s}},s:[{s:[]}],s:O,s:O}", "openapi", "3.1.0", "info", "title",
                                "shebao", "version", "0.1.0", "summary", "Administration of social insurance", "license",
                                "name", "Apache-2.0", "security", "session", "paths", paths, "components", components);
                rc = doc == NULL ? error_raise(err, SB_MEMORY, "%s", "") : json_canonical(out, doc, err);
        }
        json_decref(doc);
        json_decref(paths);
        json_decref(components);
        return rc;
}
