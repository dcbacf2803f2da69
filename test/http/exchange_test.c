/* SPDX-License-Identifier: Apache-2.0
 *
 * The API without a socket: sign-in and lock-out, sessions, CSRF, keys, routes, the types of parameters, raw bodies,
 * problem+json in both languages; and once through a real socket.
 */
#include "http/fixture.h"

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

static const struct verb *const TABLES[] = {VERBS, NULL};

static int fixture_up(void **state)
{
        *state = fixture_new(TABLES, NULL, 0);
        return 0;
}

static int fixture_down(void **state)
{
        fixture_free(*state);
        return 0;
}

static void session_is_needed_and_ends(void **state)
{
        struct fixture *f = *state;

        expect(ask(f, "GET", "/api/things/5", NULL), 401, "SB-0802");
        sign_in(f, "clerk");
        expect(ask(f, "GET", "/api/things/5", NULL), 200, "\"thing\":5");
        expect(ask(f, "GET", "/api/session", NULL), 200, "\"login\":\"clerk\"");
        clock_advance(f->house.clock, (instant_t)31 * 60 * 1000000);
        expect(ask(f, "GET", "/api/things/5", NULL), 401, "SB-0802");
        sign_in(f, "clerk");
        expect(ask(f, "DELETE", "/api/session", NULL), 200, NULL);
        expect(ask(f, "GET", "/api/session", NULL), 401, NULL);
}

/* Five wrong ones are free; then who guesses waits, twice as long each time, and the same for a name that does not exist. Somebody at
 * another address comes in meanwhile. */
static void who_guesses_waits(void **state)
{
        struct fixture *f = *state;
        static const char *const names[] = {"clerk", "nobody"};

        for (int n = 0; n < 2; n++) {
                char body[96];
                text_format(body, sizeof body, "{\"login\":\"%s\",\"password\":\"x\"}", names[n]);
                for (int i = 0; i < 5; i++)
                        expect(ask(f, "POST", "/api/session", body), 401, "SB-0752");
                struct exchange *x = ask(f, "POST", "/api/session", body);
                exchange_answer(x);
                assert_int_equal(x->status, 429);
                assert_int_equal(x->retry_after_s, 15);
                assert_non_null(strstr(buf_text(&x->out), "SB-0871"));
                exchange_free(x);
        }
        expect(ask(f, "POST", "/api/session", "{\"login\":\"clerk\",\"password\":\"demonstration\"}"), 429, "SB-0871");
        struct exchange *other = ask(f, "POST", "/api/session", "{\"login\":\"clerk\",\"password\":\"demonstration\"}");
        text_copy(other->address, sizeof other->address, STR("192.0.2.9"));
        expect(other, 200, "\"stage\":\"full\"");
        clock_advance(f->house.clock, (instant_t)16 * 1000000);
        expect(ask(f, "POST", "/api/session", "{\"login\":\"clerk\",\"password\":\"x\"}"), 401, "SB-0752");
        clock_advance(f->house.clock, (instant_t)16 * 1000000);
        expect(ask(f, "POST", "/api/session", "{\"login\":\"clerk\",\"password\":\"demonstration\"}"), 429, "SB-0871");
        clock_advance(f->house.clock, (instant_t)15 * 1000000);
        sign_in(f, "clerk");
}

/* A name that is guessed from everywhere: an address that was never wrong comes in at once, one that was waits from the first on. */
static void others_do_not_lock_a_name(void **state)
{
        struct fixture *f = *state;
        struct exchange *x;

        for (int i = 0; i < 60; i++) {
                x = ask(f, "POST", "/api/session", "{\"login\":\"nobody\",\"password\":\"x\"}");
                text_format(x->address, sizeof x->address, "198.51.100.%d", i);
                expect(x, 401, "SB-0752");
        }
        x = ask(f, "POST", "/api/session", "{\"login\":\"nobody\",\"password\":\"x\"}");
        text_copy(x->address, sizeof x->address, STR("198.51.100.7"));
        expect(x, 429, "SB-0871");
        x = ask(f, "POST", "/api/session", "{\"login\":\"nobody\",\"password\":\"x\"}");
        text_copy(x->address, sizeof x->address, STR("192.0.2.1"));
        expect(x, 401, "SB-0752");
}

static void too_many_requests_wait(void **state)
{
        struct fixture *f = *state;
        int answered = 0;

        sign_in(f, "clerk");
        for (; answered < 1000; answered++) {
                struct exchange *x = ask(f, "GET", "/api/things/5", NULL);
                exchange_answer(x);
                int status = x->status, after = x->retry_after_s;
                exchange_free(x);
                if (status == 429) {
                        assert_int_equal(after, 1);
                        break;
                }
                assert_int_equal(status, 200);
        }
        assert_in_range(answered, 400, 500);
        clock_advance(f->house.clock, (instant_t)1000000);
        expect(ask(f, "GET", "/api/things/5", NULL), 200, NULL);
        /* Without a session there is little to ask. */
        for (answered = 0; answered < 100; answered++) {
                struct exchange *x = ask(f, "GET", "/api/public/keys", NULL);
                exchange_answer(x);
                int status = x->status;
                exchange_free(x);
                if (status == 429)
                        break;
        }
        assert_int_equal(answered, 60);
}

static void another_site_changes_nothing(void **state)
{
        struct fixture *f = *state;
        struct exchange *x;
        static const char *const sites[] = {"cross-site", "same-site"};

        sign_in(f, "clerk");
        for (int i = 0; i < 2; i++) {
                x = ask(f, "POST", "/api/things/5", "{}");
                text_copy(x->fetch_site, sizeof x->fetch_site, str_from(sites[i]));
                expect(x, 403, "SB-0810");
        }
        x = ask(f, "POST", "/api/things/5", "{}");
        text_copy(x->host, sizeof x->host, STR("localhost:8080"));
        text_copy(x->origin, sizeof x->origin, STR("http://evil.example"));
        expect(x, 403, "SB-0810");
        x = ask(f, "POST", "/api/things/5", "{}");
        text_copy(x->host, sizeof x->host, STR("localhost:8080"));
        text_copy(x->origin, sizeof x->origin, STR("http://localhost:8080"));
        text_copy(x->fetch_site, sizeof x->fetch_site, STR("same-origin"));
        expect(x, 200, NULL);
        f->shared.secure = true;
        text_copy(f->shared.origin, sizeof f->shared.origin, STR("https://shebao.example"));
        x = ask(f, "POST", "/api/things/5", "{}");
        text_copy(x->host, sizeof x->host, STR("shebao.example"));
        text_copy(x->origin, sizeof x->origin, STR("http://shebao.example"));
        expect(x, 403, "SB-0810");
        x = ask(f, "POST", "/api/session", "{\"login\":\"clerk\",\"password\":\"demonstration\"}");
        text_copy(x->origin, sizeof x->origin, STR("https://shebao.example"));
        exchange_answer(x);
        assert_int_equal(x->status, 200);
        assert_non_null(strstr(x->set_cookie, "__Host-shebao_session="));
        assert_non_null(strstr(x->set_cookie, "; Secure"));
        exchange_free(x);
}

static void changes_need_token_and_key(void **state)
{
        struct fixture *f = *state;
        struct exchange *x;

        sign_in(f, "clerk");
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

        sign_in(f, "clerk");
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

        sign_in(f, "clerk");
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

/* Each route of the house, its own and those of verbs, with a session and without: all the headers, whatever the answer. */
static void every_answer_is_guarded(void **state)
{
        static const char *const headers[] = {"X-Content-Type-Options: nosniff",
                                              "X-Frame-Options: DENY",
                                              "Referrer-Policy: no-referrer",
                                              "Cross-Origin-Opener-Policy: same-origin",
                                              "Cross-Origin-Resource-Policy: same-origin",
                                              "Permissions-Policy: ",
                                              "Content-Security-Policy: default-src 'none'",
                                              "Cache-Control: ",
                                              "Strict-Transport-Security: "};
        static const char *const own[][2] = {{"POST", "/api/session"},
                                             {"GET", "/api/session"},
                                             {"DELETE", "/api/session"},
                                             {"POST", "/api/session/challenge"},
                                             {"POST", "/api/session/factor"},
                                             {"GET", "/api/errors"},
                                             {"GET", "/api/openapi.json"},
                                             {"GET", "/healthz"},
                                             {"POST", "/api/public/status"},
                                             {"POST", "/api/public/verify"},
                                             {"GET", "/api/public/keys"},
                                             {"GET", "/metrics"},
                                             {"GET", "/nothing"},
                                             {"TRACE", "/"}};
        struct fixture *f = *state;
        struct http_options o = {.workers = 2, .origin = "https://shebao.example", .rate = 1000};
        struct http_server *server = NULL;
        struct error err = {0};
        size_t routes = sizeof own / sizeof own[0], verbs = 0;

        sign_in(f, "clerk");
        while (registry_at(f->verbs, verbs) != NULL)
                verbs++;
        assert_int_equal(http_start(&server, &f->house, &o, &err), 0);
        for (size_t i = 0; i < routes + 2 * verbs; i++) {
                char request[512], answer[65536];
                const struct verb *v = i < routes ? NULL : registry_at(f->verbs, (i - routes) / 2);
                text_format(request, sizeof request,
                            "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n%s%s%s\r\n",
                            v == NULL ? own[i][0] : v->method, v == NULL ? own[i][1] : v->path,
                            i % 2 == 0 ? "Cookie: __Host-shebao_session=" : "", i % 2 == 0 ? f->token : "",
                            i % 2 == 0 ? "\r\n" : "");
                socket_ask(http_port(server), request, answer, sizeof answer);
                for (size_t h = 0; h < sizeof headers / sizeof headers[0]; h++) {
                        if (strstr(answer, headers[h]) == NULL)
                                print_error("%s\n%s has no %s\n", request, answer, headers[h]);
                        assert_non_null(strstr(answer, headers[h]));
                }
                assert_null(strstr(answer, "unsafe-inline"));
                assert_null(strstr(answer, "unsafe-eval"));
        }
        http_stop(server);
}

/* A head that never ends: the connection is shut, and others are answered all the while. */
static void a_slow_head_is_cut_off(void **state)
{
        struct fixture *f = *state;
        struct http_options o = {.workers = 1, .head_ms = 1200};
        struct http_server *server = NULL;
        struct error err = {0};
        struct sockaddr_in at = {.sin_family = AF_INET};
        char answer[8192];
        double began = clock_monotonic();
        int fd = socket(AF_INET, SOCK_STREAM, 0);

        assert_int_equal(http_start(&server, &f->house, &o, &err), 0);
        at.sin_port = htons((uint16_t)http_port(server));
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
        assert_int_equal(write(fd, "GET / HTTP/1.1\r\n", 16), 16);
        while (clock_monotonic() - began < 20 && send(fd, "X", 1, MSG_NOSIGNAL) == 1 &&
               recv(fd, answer, sizeof answer, MSG_DONTWAIT) < 0) {
                char other[8192];
                socket_ask(http_port(server), "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", other,
                           sizeof other);
                assert_non_null(strstr(other, "200 OK"));
                usleep(100000);
        }
        assert_true(clock_monotonic() - began >= 1.1);
        assert_true(clock_monotonic() - began < 15);
        close(fd);
        http_stop(server);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(session_is_needed_and_ends, fixture_up, fixture_down),
            cmocka_unit_test_setup_teardown(who_guesses_waits, fixture_up, fixture_down),
            cmocka_unit_test_setup_teardown(others_do_not_lock_a_name, fixture_up, fixture_down),
            cmocka_unit_test_setup_teardown(too_many_requests_wait, fixture_up, fixture_down),
            cmocka_unit_test_setup_teardown(another_site_changes_nothing, fixture_up, fixture_down),
            cmocka_unit_test_setup_teardown(every_answer_is_guarded, fixture_up, fixture_down),
            cmocka_unit_test_setup_teardown(a_slow_head_is_cut_off, fixture_up, fixture_down),
            cmocka_unit_test_setup_teardown(changes_need_token_and_key, fixture_up, fixture_down),
            cmocka_unit_test_setup_teardown(routes_and_types, fixture_up, fixture_down),
            cmocka_unit_test_setup_teardown(raw_bodies, fixture_up, fixture_down),
            cmocka_unit_test_setup_teardown(problems_speak_both_languages, fixture_up, fixture_down),
            cmocka_unit_test_setup_teardown(openapi_tells_every_route, fixture_up, fixture_down),
            cmocka_unit_test_setup_teardown(the_listener_answers, fixture_up, fixture_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
