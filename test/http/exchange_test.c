/* SPDX-License-Identifier: Apache-2.0
 *
 * The API without a socket: sign-in and lock-out, sessions, CSRF, keys, routes, the types of parameters, raw bodies,
 * problem+json in both languages; and once through a real socket.
 */
#include "http/exchange.h"
#include "support/permissions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int verb_echo(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        (void)err;
        *out = json_pack("{s:O,s:I,s:i}", "in", in, "staff", (json_int_t)c->who.staff, "body_bytes", (int)c->body.n);
        return 0;
}

static int verb_file(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        (void)in;
        (void)err;
        buf_add_text(&c->raw->bytes, "a,b\r\n1,2\r\n");
        text_copy(c->raw->media_type, sizeof c->raw->media_type, STR("text/csv"));
        text_copy(c->raw->file_name, sizeof c->raw->file_name, STR("list.csv"));
        *out = json_object();
        return 0;
}

static const char ECHO_IN[] =
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"thing\"],\"properties\":{"
    "\"thing\":{\"type\":\"integer\"},\"word\":{\"type\":\"string\"},\"yes\":{\"type\":\"boolean\"}}}";
static const char RAW_IN[] = "{\"type\":\"object\",\"x-body\":[\"text/csv\"],\"additionalProperties\":false,"
                             "\"properties\":{\"kind\":{\"type\":\"string\"}}}";
static const char ANY_OUT[] = "{\"type\":\"object\"}";

static const struct verb VERBS[] = {
    {"test.get", VERB_READ, "test.any", "GET", "/api/things/{thing}", "Read", "读", ECHO_IN, ANY_OUT, verb_echo,
     SCOPE_EVERYWHERE},
    {"test.special", VERB_READ, "test.any", "GET", "/api/things/special", "Special", "特", RAW_IN, ANY_OUT, verb_file,
     SCOPE_EVERYWHERE},
    {"test.put", VERB_WRITE, "test.clerk", "POST", "/api/things/{thing}", "Write", "写", ECHO_IN, ANY_OUT, verb_echo,
     SCOPE_EVERYWHERE},
    {"test.raw", VERB_WRITE, "test.clerk", "POST", "/api/things", "Load", "载", RAW_IN, ANY_OUT, verb_echo, SCOPE_EVERYWHERE},
    {"test.audit", VERB_READ, "test.auditor", "GET", "/api/audit", "Audit", "审", RAW_IN, ANY_OUT, verb_echo, SCOPE_EVERYWHERE},
    {0},
};

struct fixture {
        struct house house;
        struct http_shared shared;
        struct registry *verbs;
        char token[TOKEN_TEXT], csrf[TOKEN_TEXT];
        char folder[64], url[96];
};

static int staff_put(struct tx *tx, void *ctx, struct error *err)
{
        const char *hash = ctx;
        struct staff s = {.id = 7, .office = 1, .login = "clerk", .display = "演示经办", .roles = ROLE_CLERK};

        return staff_add(tx, &s, hash, 0, err);
}

static int fixture_up(void **state)
{
        static const struct verb *const tables[] = {VERBS, NULL};
        static const struct scope_rule *const scopes[] = {NULL};
        struct fixture *f = calloc(1, sizeof *f);
        struct error err = {0};
        char hash[128];

        text_format(f->folder, sizeof f->folder, "/tmp/shebao-http-XXXXXX");
        assert_non_null(mkdtemp(f->folder));
        text_format(f->url, sizeof f->url, "sqlite:%s/t.db", f->folder);
        struct store_options create = {.create = true};
        f->house.clock = clock_virtual(day_instant(day_from(2026, 11, 24)));
        assert_int_equal(store_open(&f->house.store, f->url, &create, &err), 0);
        assert_int_equal(store_migrate(f->house.store, f->house.clock, &err), 0);
        f->house.home = 1;
        assert_int_equal(ids_open(&f->house.ids, f->house.store, 1, 100, &err), 0);
        assert_int_equal(registry_new(&f->verbs, tables, scopes, &err), 0);
        f->house.verbs = f->verbs;
        test_permissions(&f->house);
        assert_int_equal(password_hash(hash, "demonstration", &err), 0);
        assert_int_equal(store_write(f->house.store, staff_put, hash, &err), 0);
        f->shared = (struct http_shared){.house = &f->house, .metrics = metrics_new(), .body_max = 4096};
        assert_int_equal(route_table_new(&f->shared.routes, f->verbs, &err), 0);
        *state = f;
        return 0;
}

static int fixture_down(void **state)
{
        struct fixture *f = *state;
        char path[128];

        route_table_free(f->shared.routes);
        metrics_free(f->shared.metrics);
        registry_free(f->verbs);
        pack_store_free(f->house.packs);
        ids_close(f->house.ids);
        store_close(f->house.store);
        clock_free(f->house.clock);
        for (int i = 0; i < 3; i++) {
                static const char *const endings[] = {"", "-wal", "-shm"};
                text_format(path, sizeof path, "%s/t.db%s", f->folder, endings[i]);
                unlink(path);
        }
        rmdir(f->folder);
        free(f);
        return 0;
}

static struct exchange *ask(struct fixture *f, const char *method, const char *path, const char *body)
{
        struct exchange *x = exchange_new(&f->shared);

        x->path = strdup(path);
        x->query = json_object();
        x->lang = LANG_EN;
        text_copy(x->method, sizeof x->method, str_from(method));
        text_copy(x->session_token, sizeof x->session_token, str_from(f->token));
        text_copy(x->csrf, sizeof x->csrf, str_from(f->csrf));
        text_copy(x->key, sizeof x->key, STR("key-00000001"));
        text_copy(x->content_type, sizeof x->content_type, STR("application/json"));
        if (body != NULL)
                buf_add_text(&x->body, body);
        return x;
}

/* Answer and compare the status and, when given, the error code; frees the exchange. */
static void expect(struct exchange *x, int status, const char *part)
{
        exchange_answer(x);
        const char *text = buf_text(&x->out);
        if (x->status != status || (part != NULL && strstr(text, part) == NULL))
                print_error("%d %s\n", x->status, text);
        assert_int_equal(x->status, status);
        if (part != NULL)
                assert_non_null(strstr(text, part));
        exchange_free(x);
}

static void sign_in(struct fixture *f)
{
        struct exchange *x = ask(f, "POST", "/api/session", "{\"login\":\"clerk\",\"password\":\"demonstration\"}");
        json_t *out;
        const char *csrf;

        exchange_answer(x);
        assert_int_equal(x->status, 200);
        assert_int_equal(json_read(&out, str_from(buf_text(&x->out)), NULL), 0);
        assert_int_equal(json_get_text(out, "csrf", true, &csrf, NULL), 0);
        text_copy(f->csrf, sizeof f->csrf, str_from(csrf));
        const char *start = strchr(x->set_cookie, '=') + 1;
        text_copy(f->token, sizeof f->token, (struct str){start, strcspn(start, ";")});
        assert_non_null(strstr(x->set_cookie, "HttpOnly"));
        assert_non_null(strstr(x->set_cookie, "SameSite=Strict"));
        json_decref(out);
        exchange_free(x);
}

static void session_is_needed_and_ends(void **state)
{
        struct fixture *f = *state;

        expect(ask(f, "GET", "/api/things/5", NULL), 401, "SB-0802");
        sign_in(f);
        expect(ask(f, "GET", "/api/things/5", NULL), 200, "\"thing\":5");
        expect(ask(f, "GET", "/api/session", NULL), 200, "\"login\":\"clerk\"");
        clock_advance(f->house.clock, (instant_t)31 * 60 * 1000000);
        expect(ask(f, "GET", "/api/things/5", NULL), 401, "SB-0802");
        sign_in(f);
        expect(ask(f, "DELETE", "/api/session", NULL), 200, NULL);
        expect(ask(f, "GET", "/api/session", NULL), 401, NULL);
}

static void wrong_passwords_lock_the_name(void **state)
{
        struct fixture *f = *state;

        expect(ask(f, "POST", "/api/session", "{\"login\":\"nobody\",\"password\":\"x\"}"), 401, "SB-0752");
        for (int i = 0; i < STAFF_FAILURES_MAX; i++)
                expect(ask(f, "POST", "/api/session", "{\"login\":\"clerk\",\"password\":\"x\"}"), 401, "SB-0752");
        expect(ask(f, "POST", "/api/session", "{\"login\":\"clerk\",\"password\":\"demonstration\"}"), 423, "SB-0753");
        clock_advance(f->house.clock, STAFF_LOCK_US + 1);
        sign_in(f);
}

static void changes_need_token_and_key(void **state)
{
        struct fixture *f = *state;
        struct exchange *x;

        sign_in(f);
        x = ask(f, "POST", "/api/things/5", "{}");
        x->csrf[0] = '\0';
        expect(x, 403, "SB-0803");
        x = ask(f, "POST", "/api/things/5", "{}");
        text_copy(x->key, sizeof x->key, STR("short"));
        expect(x, 400, "SB-0804");
        expect(ask(f, "POST", "/api/things/5", "{}"), 200, "\"staff\":7");
}

static void routes_and_types(void **state)
{
        struct fixture *f = *state;
        struct exchange *x;

        sign_in(f);
        expect(ask(f, "GET", "/api/nothing", NULL), 404, "SB-0800");
        expect(ask(f, "PUT", "/api/things/5", "{}"), 405, "SB-0801");
        expect(ask(f, "GET", "/api/things/abc", NULL), 400, "SB-0808");
        expect(ask(f, "GET", "/api/things/", NULL), 404, NULL);
        x = ask(f, "GET", "/api/things/5", NULL);
        json_object_set_new(x->query, "yes", json_string("true"));
        json_object_set_new(x->query, "word", json_string("䶮"));
        expect(x, 200, "\"word\":\"䶮\",\"yes\":true");
        x = ask(f, "GET", "/api/things/5", NULL);
        json_object_set_new(x->query, "unknown", json_string("1"));
        expect(x, 400, "SB-0016");
        expect(ask(f, "POST", "/api/things/5", "{\"word\":5}"), 400, "SB-0015");
        expect(ask(f, "POST", "/api/things/5", "{\"word\":"), 400, "SB-0010");
        expect(ask(f, "POST", "/api/things/5", "[1]"), 400, "SB-0015");
        expect(ask(f, "GET", "/api/things/special", NULL), 200, "a,b\r\n1,2");
        expect(ask(f, "GET", "/api/audit", NULL), 403, NULL);
        expect(ask(f, "GET", "/elsewhere", NULL), 404, NULL);
}

static void raw_bodies(void **state)
{
        struct fixture *f = *state;
        struct exchange *x;

        sign_in(f);
        x = ask(f, "POST", "/api/things", "a,b\r\n");
        text_copy(x->content_type, sizeof x->content_type, STR("text/csv"));
        json_object_set_new(x->query, "kind", json_string("persons"));
        expect(x, 200, "\"body_bytes\":5");
        x = ask(f, "POST", "/api/things/5", "a,b\r\n");
        text_copy(x->content_type, sizeof x->content_type, STR("text/csv"));
        expect(x, 415, "SB-0805");
}

static void problems_speak_both_languages(void **state)
{
        struct fixture *f = *state;
        struct exchange *x = ask(f, "GET", "/api/things/5", NULL);

        x->lang = LANG_ZH;
        exchange_answer(x);
        assert_string_equal(x->media_type, "application/problem+json");
        assert_non_null(strstr(buf_text(&x->out), "请登录"));
        assert_non_null(strstr(buf_text(&x->out), "\"trace\":\""));
        exchange_free(x);
}

static void openapi_tells_every_route(void **state)
{
        struct fixture *f = *state;
        struct buf text;
        json_t *doc;

        buf_init(&text, (size_t)1 << 20);
        assert_int_equal(http_openapi(f->verbs, &text, NULL), 0);
        assert_int_equal(json_read(&doc, (struct str){buf_text(&text), text.n}, NULL), 0);
        json_t *paths = json_object_get(doc, "paths");
        for (size_t i = 0; registry_at(f->verbs, i) != NULL; i++)
                assert_non_null(json_object_get(paths, registry_at(f->verbs, i)->path));
        json_t *post = json_object_get(json_object_get(paths, "/api/things"), "post");
        assert_non_null(json_object_get(json_object_get(json_object_get(post, "requestBody"), "content"), "text/csv"));
        json_decref(doc);
        buf_dispose(&text);
}

static size_t socket_ask(int port, const char *request, char *out, size_t size)
{
        struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
        size_t n = 0;
        ssize_t got;
        int fd = socket(AF_INET, SOCK_STREAM, 0);

        assert_true(fd >= 0);
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
        assert_int_equal(write(fd, request, strlen(request)), (ssize_t)strlen(request));
        while (n + 1 < size && (got = read(fd, out + n, size - 1 - n)) > 0)
                n += (size_t)got;
        out[n] = '\0';
        close(fd);
        return n;
}

static void the_listener_answers(void **state)
{
        struct fixture *f = *state;
        struct http_options o = {.workers = 2, .body_max = 1000};
        struct http_server *server = NULL;
        struct error err = {0};
        char answer[8192], request[4096];

        assert_int_equal(http_start(&server, &f->house, &o, &err), 0);
        int port = http_port(server);
        assert_true(port > 0);
        socket_ask(port, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", answer, sizeof answer);
        assert_non_null(strstr(answer, "200 OK"));
        assert_non_null(strstr(answer, "\"status\":\"ok\""));
        assert_non_null(strstr(answer, "Content-Security-Policy"));
        socket_ask(port, "GET /api/things/1 HTTP/1.1\r\nHost: x\r\nAccept-Language: en\r\nConnection: close\r\n\r\n", answer,
                   sizeof answer);
        assert_non_null(strstr(answer, "401"));
        assert_non_null(strstr(answer, "Please sign in"));
        text_format(request, sizeof request,
                    "POST /api/session HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                    "Content-Type: application/json\r\nContent-Length: 1100\r\n\r\n%1100s",
                    "x");
        socket_ask(port, request, answer, sizeof answer);
        assert_non_null(strstr(answer, "413"));
        socket_ask(port, "GET /%ff%fe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", answer, sizeof answer);
        assert_non_null(strstr(answer, "404"));
        struct http_server *second = NULL;
        struct http_options same = {.port = port};
        struct error taken = {0};
        assert_int_equal(http_start(&second, &f->house, &same, &taken), ERR);
        assert_int_equal(taken.code, SB_HTTP_LISTEN);
        http_stop(server);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(session_is_needed_and_ends, fixture_up, fixture_down),
            cmocka_unit_test_setup_teardown(wrong_passwords_lock_the_name, fixture_up, fixture_down),
            cmocka_unit_test_setup_teardown(changes_need_token_and_key, fixture_up, fixture_down),
            cmocka_unit_test_setup_teardown(routes_and_types, fixture_up, fixture_down),
            cmocka_unit_test_setup_teardown(raw_bodies, fixture_up, fixture_down),
            cmocka_unit_test_setup_teardown(problems_speak_both_languages, fixture_up, fixture_down),
            cmocka_unit_test_setup_teardown(openapi_tells_every_route, fixture_up, fixture_down),
            cmocka_unit_test_setup_teardown(the_listener_answers, fixture_up, fixture_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
