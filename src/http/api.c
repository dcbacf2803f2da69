/* SPDX-License-Identifier: Apache-2.0 */
#include "http/exchange.h"

#include "http/oidc.h"
#include "office/emergency/emergency.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

/* Count a request; SB_HTTP_RATE when there were too many. */
static int limit_need(struct exchange *x, enum limit kind, const char *who, struct error *err)
{
        x->retry_after_s = limiter_take(x->shared->limiter, kind, who, clock_now(x->shared->house->clock), false);
        return x->retry_after_s == 0 ? 0 : error_raise(err, SB_HTTP_RATE, "%d", x->retry_after_s);
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

/* What the page of signing in offers beside name and password. */
static int ways_get(struct exchange *x, json_t **out, struct error *err)
{
        const struct oidc *o = x->shared->oidc;

        *out = o == NULL
                   ? json_pack("{s:n}", "oidc")
                   : json_pack("{s:{s:s,s:s}}", "oidc", "label_zh", oidc_label(o, LANG_ZH), "label_en", oidc_label(o, LANG_EN));
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static const struct {
        const char *method, *path;
        int (*answer)(struct exchange *x, json_t **out, struct error *err);
} OWN_ROUTES[] = {
    {"POST", "/api/session", session_post},
    {"GET", "/api/session", session_get},
    {"POST", "/api/session/challenge", session_challenge},
    {"POST", "/api/session/factor", session_factor},
    {"DELETE", "/api/session", session_remove},
    {"GET", "/api/errors", errors_get},
    {"GET", "/api/openapi.json", openapi_get},
    {"GET", "/healthz", health_get},
    {"POST", "/api/public/status", status_post},
    {"POST", "/api/public/verify", verify_post},
    {"GET", "/api/public/keys", keys_get},
    {"GET", "/api/public/sign-in", ways_get},
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

/* What a session may do that is not full yet. */
static int stage_need(const struct session *s, const struct verb *v, struct error *err)
{
        static const char *const ENROL[] = {"security.get", "security.totp_begin", "security.totp_confirm",
                                            "security.key_begin", "security.key_confirm"};
        static const char *const CHANGE[] = {"security.get", "security.password"};

        for (size_t i = 0; s->stage == STAGE_ENROL && i < sizeof ENROL / sizeof ENROL[0]; i++)
                if (strcmp(ENROL[i], v->name) == 0)
                        return 0;
        for (size_t i = 0; s->stage == STAGE_CHANGE && i < sizeof CHANGE / sizeof CHANGE[0]; i++)
                if (strcmp(CHANGE[i], v->name) == 0)
                        return 0;
        return s->stage == STAGE_FULL     ? 0
               : s->stage == STAGE_ENROL  ? error_raise(err, SB_SIGNIN_ENROL, "%s", "")
               : s->stage == STAGE_CHANGE ? error_raise(err, SB_SIGNIN_CHANGE, "%s", "")
                                          : error_raise(err, SB_SIGNIN_FACTOR, "%s", "");
}

/* Was a second factor shown lately? Who has none has nothing to show. */
static bool session_fresh(const struct exchange *x, const struct session *s)
{
        return s->factor_at > clock_now(x->shared->house->clock) - s->step_up_us;
}

static int step_up_need(struct exchange *x, const struct session *s, const struct verb *v, struct error *err)
{
        bool asked = false;

        if (v->kind != VERB_WRITE || s->factor_at == 0 || session_fresh(x, s))
                return 0;
        int rc = sign_in_step_up(x->shared->house, x->shared->pool, v->name, s->staff.roles, &asked, err);
        return rc == 0 && asked ? error_raise(err, SB_SIGNIN_STEP_UP, "%s", "") : rc;
}

static int verb_answer(struct exchange *x, const struct verb *v, json_t *path_values, struct session *session,
                       struct error *err)
{
        struct raw_reply raw = {.media_type = ""};
        struct visit visit = {.session = session->id,
                              .required = session->required,
                              .fresh = session_fresh(x, session),
                              .origin = x->shared->origin};
        struct call c = {.house = x->shared->house, .who = staff_actor(&session->staff, x->lang), .raw = &raw, .visit = &visit};
        json_t *in = NULL, *out = NULL;

        buf_init(&raw.bytes, (size_t)256 << 20);
        c.who.emergency = session->emergency;
        c.key = v->kind == VERB_WRITE ? x->key : NULL;
        int rc = input_make(x, v, path_values, &c, &in, err);
        if (rc == 0)
                rc = verb_call(&c, v, in, &out, err);
        if (rc == 0 && c.beyond && v->kind == VERB_READ)
                rc = emergency_mark(&c, v, in, err);
        if (rc == 0 && v->kind == VERB_WRITE && strncmp(v->name, "security.", 9) == 0)
                rc = session_moved(x, session, err);
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
        bool reads = strcmp(x->method, "GET") == 0;

        int rc = reads ? session_find(x->shared->house, x->session_token, &session, err) : session_checked(x, &session, err);
        if (rc == 0) {
                char id[24];
                text_format(id, sizeof id, "%lld", (long long)session.id);
                rc = limit_need(x, LIMIT_SESSION, id, err);
        }
        if (rc == 0)
                rc = route_find(x->shared->routes, x->method, x->path, &v, &path_values, err);
        if (rc == 0 && v->kind == VERB_WRITE && !key_valid(x->key))
                rc = error_raise(err, SB_HTTP_KEY, "%s", "");
        if (rc == 0)
                rc = stage_need(&session, v, err);
        if (rc == 0)
                rc = step_up_need(x, &session, v, err);
        if (rc == 0)
                rc = verb_answer(x, v, path_values, &session, err);
        json_decref(path_values);
        return rc;
}

/* A browser says whose page asks: a change that another site asks for is refused before anything is looked at. */
static int origin_need(const struct exchange *x, struct error *err)
{
        bool own = true;

        if (strcmp(x->method, "GET") == 0)
                return 0;
        if (x->fetch_site[0] != '\0' && strcmp(x->fetch_site, "same-origin") != 0 && strcmp(x->fetch_site, "none") != 0)
                own = false;
        if (x->origin[0] != '\0' && x->shared->secure)
                own = own && strcmp(x->origin, x->shared->origin) == 0;
        else if (x->origin[0] != '\0')
                own = own && strncmp(x->origin, "http://", 7) == 0 && strcmp(x->origin + 7, x->host) == 0;
        return own ? 0 : error_raise(err, SB_HTTP_ORIGIN, "%s", "");
}

static int own_answer(struct exchange *x, size_t i, struct error *err)
{
        json_t *out = NULL;
        int rc = strncmp(x->path, "/api/public/", 12) == 0 ? limit_need(x, LIMIT_PUBLIC, x->address, err) : 0;

        rc = rc ? rc : OWN_ROUTES[i].answer(x, &out, err);
        if (rc == 0)
                answer_json(x, 200, out);
        json_decref(out);
        return rc;
}

static int exchange_find(struct exchange *x, struct error *err)
{
        for (size_t i = 0; i < OWN_COUNT; i++)
                if (strcmp(OWN_ROUTES[i].path, x->path) == 0 && strcmp(OWN_ROUTES[i].method, x->method) == 0)
                        return own_answer(x, i, err);
        if (strcmp(x->path, "/metrics") == 0 && strcmp(x->method, "GET") == 0) {
                metrics_text(x->shared->metrics, &x->out);
                int64_t all, now, waiting;
                if (emergency_count(x->shared->house, &all, &now, &waiting, err) < 0)
                        return -1;
                buf_add_format(&x->out,
                               "# HELP shebao_emergency_total Times that access beyond one's office was taken.\n"
                               "# TYPE shebao_emergency_total counter\nshebao_emergency_total %lld\n"
                               "# HELP shebao_emergency_open In use now; waiting: for the review.\n"
                               "# TYPE shebao_emergency_open gauge\nshebao_emergency_open %lld\n"
                               "# TYPE shebao_emergency_waiting gauge\nshebao_emergency_waiting %lld\n",
                               (long long)all, (long long)now, (long long)waiting);
                x->status = 200;
                text_copy(x->media_type, sizeof x->media_type, STR("text/plain; version=0.0.4"));
                return 0;
        }
        if (strncmp(x->path, "/api/", 5) == 0)
                return api_answer(x, err);
        if (x->shared->oidc != NULL && strncmp(x->path, "/oidc/", 6) == 0 && strcmp(x->method, "GET") == 0) {
                int rc = limit_need(x, LIMIT_SIGN_IN, x->address, err);
                if (strcmp(x->path, "/oidc/begin") == 0)
                        return rc ? rc : oidc_begin(x, err);
                if (strcmp(x->path, "/oidc/callback") == 0)
                        return rc ? rc : oidc_callback(x, err);
        }
        if (strcmp(x->method, "GET") != 0 || x->shared->assets == NULL || !asset_answer(x->shared->assets, x))
                return error_raise(err, SB_HTTP_NOT_FOUND, "%s", x->path);
        return 0;
}

void exchange_answer(struct exchange *x)
{
        struct error err = {0};

        assert(x->path != NULL && x->query != NULL);
        int rc = limit_need(x, LIMIT_ADDRESS, x->address, &err);
        rc = rc ? rc : origin_need(x, &err);
        rc = rc ? rc : exchange_find(x, &err);
        if (rc < 0)
                answer_error(x, &err);
        /* Who comes back from another authority sees a page, not a problem in JSON. */
        if (rc < 0 && strncmp(x->path, "/oidc/", 6) == 0 && x->shared->assets != NULL) {
                char name[8];
                text_format(x->location, sizeof x->location, "/sign-in?problem=%s", error_name(err.code, name));
                x->status = 302;
        }
}
