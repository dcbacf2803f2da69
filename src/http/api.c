/* SPDX-License-Identifier: Apache-2.0 */
#include "http/exchange.h"

#include "case/access.h"
#include "case/pack_store.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

static const char *const SESSION_COOKIE = "shebao_session";

/* --- session, and what a client must know of the installation ------------------------------------------- */

static int pack_describe(struct exchange *x, json_t *out, struct error *err)
{
        struct http_shared *s = x->shared;
        struct pack *pack = NULL;
        char hex[65];

        if (s->pool == 0)
                return json_put_bool(out, "demonstration", false, err);
        int rc = pack_store_for(s->house->packs, s->pool, clock_today(s->house->clock), clock_now(s->house->clock), &pack, err);
        if (rc < 0)
                return rc;
        json_t *p = json_object();
        if (p == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        rc = json_put_text(p, "name", pack_name(pack), err);
        if (rc == 0)
                rc = json_put_text(p, "title_zh", pack_title(pack, LANG_ZH), err);
        if (rc == 0)
                rc = json_put_text(p, "title_en", pack_title(pack, LANG_EN), err);
        if (rc == 0)
                rc = json_put_text(p, "hash", hash_hex(pack_hash(pack), hex), err);
        if (rc == 0)
                rc = json_put_bool(out, "demonstration", pack_is_demonstration(pack), err);
        if (rc < 0) {
                json_decref(p);
                return rc;
        }
        return json_put(out, "pack", p, err);
}

static json_t *roles_json(uint32_t roles)
{
        struct buf text;
        json_t *list = json_array();

        buf_init(&text, 128);
        staff_roles_text(&text, roles);
        for (const char *p = buf_text(&text); *p != '\0';) {
                size_t n = strcspn(p, ",");
                json_array_append_new(list, json_stringn(p, n));
                p += n + (p[n] == ',');
        }
        buf_dispose(&text);
        return list;
}

static int session_describe(struct exchange *x, const struct session *session, json_t **out, struct error *err)
{
        const struct staff *s = &session->staff;
        char today[16];
        json_t *o = json_pack("{s:{s:I,s:s,s:s,s:o,s:{s:I,s:s,s:s,s:s}},s:s,s:s}", "staff", "id", (json_int_t)s->id, "login",
                              s->login, "display", s->display, "roles", roles_json(s->roles), "office", "id",
                              (json_int_t)s->office, "code", s->office_code, "name_zh", s->office_zh, "name_en", s->office_en,
                              "csrf", session->csrf, "today", day_text(clock_today(x->shared->house->clock), today));

        struct call c = {.house = x->shared->house, .who = staff_actor(s, x->lang)};
        json_t *duties = NULL;

        if (o == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        int rc = pack_describe(x, o, err);
        if (rc == 0)
                rc = access_duties(&c, &duties, err);
        if (rc == 0)
                rc = json_put(json_object_get(o, "staff"), "duties", duties, err);
        if (rc < 0) {
                json_decref(o);
                return rc;
        }
        *out = o;
        return 0;
}

static int body_json(struct exchange *x, json_t **out, struct error *err)
{
        if (strncmp(x->content_type, "application/json", 16) != 0)
                return error_raise(err, SB_HTTP_TYPE, "%s", "application/json");
        int rc = json_read(out, (struct str){buf_text(&x->body), x->body.n}, err);
        if (rc == 0 && !json_is_object(*out)) {
                json_decref(*out);
                *out = NULL;
                return error_raise(err, SB_FIELD_TYPE, "%s|%s", "body", "object");
        }
        return rc;
}

static int session_post(struct exchange *x, json_t **out, struct error *err)
{
        struct session session;
        char token[TOKEN_TEXT];
        const char *login, *password;
        json_t *in = NULL;

        int rc = body_json(x, &in, err);
        if (rc == 0)
                rc = json_get_text(in, "login", true, &login, err);
        if (rc == 0)
                rc = json_get_text(in, "password", true, &password, err);
        if (rc == 0)
                rc = session_begin(x->shared->house, login, password, &session, token, err);
        if (rc == 0) {
                text_format(x->set_cookie, sizeof x->set_cookie, "%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200",
                            SESSION_COOKIE, token);
                rc = session_describe(x, &session, out, err);
        }
        json_decref(in);
        return rc;
}

static int session_get(struct exchange *x, json_t **out, struct error *err)
{
        struct session session;
        int rc = session_find(x->shared->house, x->session_token, &session, err);

        return rc < 0 ? rc : session_describe(x, &session, out, err);
}

static int session_remove(struct exchange *x, json_t **out, struct error *err)
{
        struct session session;
        int rc = session_find(x->shared->house, x->session_token, &session, err);

        if (rc == 0 && strcmp(session.csrf, x->csrf) != 0)
                rc = error_raise(err, SB_HTTP_CSRF, "%s", "");
        if (rc == 0)
                rc = session_end(x->shared->house, x->session_token, err);
        if (rc < 0)
                return rc;
        text_format(x->set_cookie, sizeof x->set_cookie, "%s=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0", SESSION_COOKIE);
        *out = json_object();
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int errors_get(struct exchange *x, json_t **out, struct error *err)
{
        json_t *items = json_array();
        enum error_code code;
        const char *symbol, *en, *zh;
        char name[8];
        int http;

        (void)x;
        for (size_t i = 0; error_registry(i, &code, &symbol, &http, &en, &zh); i++)
                json_array_append_new(
                    items, json_pack("{s:s,s:i,s:s,s:s}", "code", error_name(code, name), "status", http, "en", en, "zh", zh));
        *out = json_pack("{s:o}", "items", items);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int openapi_get(struct exchange *x, json_t **out, struct error *err)
{
        struct buf text;

        buf_init(&text, JSON_MAX_BYTES);
        int rc = http_openapi(x->shared->house->verbs, &text, err);
        if (rc == 0)
                rc = json_read(out, (struct str){buf_text(&text), text.n}, err);
        buf_dispose(&text);
        return rc;
}

static int health_get(struct exchange *x, json_t **out, struct error *err)
{
        int number;
        int rc = store_migrated(x->shared->house->store, &number, err);

        if (rc < 0)
                return rc;
        *out = json_pack("{s:s,s:i}", "status", "ok", "migration", number);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

/* The one question that needs no session: where is my case, by number and code (office/window). */
static int status_post(struct exchange *x, json_t **out, struct error *err)
{
        struct call c = {.house = x->shared->house, .who = {.lang = x->lang}};
        const struct verb *v = registry_find(c.house->verbs, "status.case");
        json_t *in = NULL;
        int rc = v == NULL ? error_raise(err, SB_HTTP_NOT_FOUND, "%s", x->path) : body_json(x, &in, err);

        rc = rc ? rc : verb_call(&c, v, in, out, err);
        json_decref(in);
        return rc;
}

/* Is a letter genuine: by its code as JSON, or by the PDF as it is (office/letter). */
static int verify_post(struct exchange *x, json_t **out, struct error *err)
{
        struct call c = {.house = x->shared->house, .who = {.lang = x->lang}};
        const struct verb *v = registry_find(c.house->verbs, "letters.verify");
        bool pdf = strncmp(x->content_type, "application/pdf", 15) == 0;
        json_t *in = NULL;
        int rc = v == NULL ? error_raise(err, SB_HTTP_NOT_FOUND, "%s", x->path) : 0;

        if (rc == 0 && pdf) {
                c.body = (struct str){buf_text(&x->body), x->body.n};
                c.body_type = x->content_type;
                in = json_object();
                rc = in == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
        } else if (rc == 0) {
                rc = body_json(x, &in, err);
        }
        rc = rc ? rc : verb_call(&c, v, in, out, err);
        json_decref(in);
        return rc;
}

/* The keys by which anybody verifies letters without us. */
static int keys_get(struct exchange *x, json_t **out, struct error *err)
{
        struct call c = {.house = x->shared->house, .who = {.lang = x->lang}};
        const struct verb *v = registry_find(c.house->verbs, "letters.keys");
        json_t *in = json_object();
        int rc = v == NULL || in == NULL ? error_raise(err, SB_HTTP_NOT_FOUND, "%s", x->path) : v->run(&c, in, out, err);

        json_decref(in);
        return rc;
}

static const struct {
        const char *method, *path;
        int (*answer)(struct exchange *x, json_t **out, struct error *err);
} OWN_ROUTES[] = {
    {"POST", "/api/session", session_post},      {"GET", "/api/session", session_get},
    {"DELETE", "/api/session", session_remove},  {"GET", "/api/errors", errors_get},
    {"GET", "/api/openapi.json", openapi_get},   {"GET", "/healthz", health_get},
    {"POST", "/api/public/status", status_post}, {"POST", "/api/public/verify", verify_post},
    {"GET", "/api/public/keys", keys_get},
};
#define OWN_COUNT (sizeof(OWN_ROUTES) / sizeof(OWN_ROUTES[0]))

/* --- verbs ---------------------------------------------------------------------------------------------- */

static bool key_valid(const char *key)
{
        size_t n = strlen(key);

        for (size_t i = 0; i < n; i++)
                if (!isalnum((unsigned char)key[i]) && key[i] != '-' && key[i] != '_')
                        return false;
        return n >= 8 && n <= 80;
}

/* Text of the address → the type that the verb's schema wants. */
static int parameter_put(const json_t *schema, const char *name, const char *text, json_t *in, struct error *err)
{
        const json_t *property = json_object_get(json_object_get(schema, "properties"), name);
        const char *type = json_string_value(json_object_get(property, "type"));
        int64_t number;

        if (property == NULL)
                return error_raise(err, SB_FIELD_UNKNOWN, "%s", name);
        if (type != NULL && strcmp(type, "integer") == 0) {
                if (!text_to_int(str_from(text), &number))
                        return error_raise(err, SB_HTTP_PARAMETER, "%s|%s", name, "integer");
                return json_put_int(in, name, number, err);
        }
        if (type != NULL && strcmp(type, "boolean") == 0) {
                bool yes = strcmp(text, "1") == 0 || strcmp(text, "true") == 0;
                if (!yes && strcmp(text, "0") != 0 && strcmp(text, "false") != 0)
                        return error_raise(err, SB_HTTP_PARAMETER, "%s|%s", name, "true / false");
                return json_put_bool(in, name, yes, err);
        }
        return json_put_text(in, name, text, err);
}

static int parameters_put(const json_t *schema, json_t *texts, json_t *in, struct error *err)
{
        const char *name;
        json_t *value;

        json_object_foreach(texts, name, value)
        {
                int rc = parameter_put(schema, name, json_string_value(value), in, err);
                if (rc < 0)
                        return rc;
        }
        return 0;
}

/* The verb's input: the JSON body (or an empty object beside a raw body), then the query, then the path. */
static int input_make(struct exchange *x, const struct verb *v, json_t *path_values, struct call *c, json_t **out,
                      struct error *err)
{
        const json_t *schema = registry_schema_in(x->shared->house->verbs, v);
        bool has_body = x->body.n > 0;
        bool is_json = strncmp(x->content_type, "application/json", 16) == 0;
        json_t *in = NULL;
        int rc = 0;

        if (has_body && is_json)
                rc = body_json(x, &in, err);
        else if ((in = json_object()) == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc == 0 && has_body && !is_json) {
                if (json_object_get(schema, "x-body") == NULL)
                        rc = error_raise(err, SB_HTTP_TYPE, "%s", "application/json");
                c->body = (struct str){buf_text(&x->body), x->body.n};
                c->body_type = x->content_type;
        }
        if (rc == 0)
                rc = parameters_put(schema, x->query, in, err);
        if (rc == 0)
                rc = parameters_put(schema, path_values, in, err);
        if (rc < 0) {
                json_decref(in);
                return rc;
        }
        *out = in;
        return 0;
}

static void answer_raw(struct exchange *x, struct raw_reply *raw)
{
        buf_dispose(&x->out);
        x->out = raw->bytes;
        buf_init(&raw->bytes, 1);
        x->status = 200;
        text_copy(x->media_type, sizeof x->media_type, str_from(raw->media_type));
        text_copy(x->file_name, sizeof x->file_name, str_from(raw->file_name));
}

static int verb_answer(struct exchange *x, const struct verb *v, json_t *path_values, const struct session *session,
                       struct error *err)
{
        struct raw_reply raw = {.media_type = ""};
        struct call c = {.house = x->shared->house, .who = staff_actor(&session->staff, x->lang), .raw = &raw};
        json_t *in = NULL, *out = NULL;

        buf_init(&raw.bytes, (size_t)256 << 20);
        c.key = v->kind == VERB_WRITE ? x->key : NULL;
        int rc = input_make(x, v, path_values, &c, &in, err);
        if (rc == 0)
                rc = verb_call(&c, v, in, &out, err);
        if (rc == 0 && raw.media_type[0] != '\0')
                answer_raw(x, &raw);
        else if (rc == 0)
                answer_json(x, 200, out);
        buf_dispose(&raw.bytes);
        json_decref(in);
        json_decref(out);
        return rc;
}

static int api_answer(struct exchange *x, struct error *err)
{
        struct session session;
        const struct verb *v;
        json_t *path_values = NULL;

        int rc = session_find(x->shared->house, x->session_token, &session, err);
        if (rc == 0)
                rc = route_find(x->shared->routes, x->method, x->path, &v, &path_values, err);
        if (rc == 0 && strcmp(x->method, "GET") != 0 && strcmp(session.csrf, x->csrf) != 0)
                rc = error_raise(err, SB_HTTP_CSRF, "%s", "");
        if (rc == 0 && v->kind == VERB_WRITE && !key_valid(x->key))
                rc = error_raise(err, SB_HTTP_KEY, "%s", "");
        if (rc == 0)
                rc = verb_answer(x, v, path_values, &session, err);
        json_decref(path_values);
        return rc;
}

void exchange_answer(struct exchange *x)
{
        struct error err = {0};
        json_t *out = NULL;
        int rc = 0;

        assert(x->path != NULL && x->query != NULL);
        for (size_t i = 0; i < OWN_COUNT; i++) {
                if (strcmp(OWN_ROUTES[i].path, x->path) != 0 || strcmp(OWN_ROUTES[i].method, x->method) != 0)
                        continue;
                rc = OWN_ROUTES[i].answer(x, &out, &err);
                if (rc == 0)
                        answer_json(x, 200, out);
                json_decref(out);
                goto done;
        }
        if (strcmp(x->path, "/metrics") == 0 && strcmp(x->method, "GET") == 0) {
                metrics_text(x->shared->metrics, &x->out);
                x->status = 200;
                text_copy(x->media_type, sizeof x->media_type, STR("text/plain; version=0.0.4"));
        } else if (strncmp(x->path, "/api/", 5) == 0) {
                rc = api_answer(x, &err);
        } else if (strcmp(x->method, "GET") != 0 || x->shared->assets == NULL || !asset_answer(x->shared->assets, x)) {
                rc = error_raise(&err, SB_HTTP_NOT_FOUND, "%s", x->path);
        }
done:
        if (rc < 0)
                answer_error(x, &err);
}
