/* SPDX-License-Identifier: Apache-2.0
 *
 * Every route: a request to a small demonstration city, without a socket, as one of its people. The input is
 *   byte 0–1 which route, byte 2 who asks (the last: nobody), byte 3 the type of the body; then, each ended by a NUL, a value for every
 *   {part} of the path and the query as name=value&…; the rest is the body.
 * No answer is a 5xx, each is what its type says, and none is without one. The city lives as long as the program.
 */
#include "cmd/house.h"
#include "http/exchange.h"
#include "office/demo/demo.h"
#include "support/cairo_leak.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PERSONS 50
#define IDS 200000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const LOGINS[] = {"clerk", "reviewer", "approver", "finance", "auditor", "admin"};
enum { LOGIN_COUNT = sizeof LOGINS / sizeof LOGINS[0] };
static const char *const TYPES[] = {"application/json", "text/csv", "application/xml", "application/pdf", "image/png", ""};
enum { TYPE_COUNT = sizeof TYPES / sizeof TYPES[0] };

static struct opened *city;
static struct http_shared shared;
static char tokens[LOGIN_COUNT + 1][TOKEN_TEXT], csrf[LOGIN_COUNT + 1][TOKEN_TEXT];
static const struct verb *routes[1024];
static size_t route_count;
static char folder[] = "/tmp/shebao-fuzz-XXXXXX";

static _Noreturn void give_up(const struct error *err)
{
        char text[1024];

        fprintf(stderr, "%s\n", error_text(err, LANG_EN, text, sizeof text));
        exit(1);
}

static void city_leave(void)
{
        static const char *const names[] = {"city.db", "city.db-wal", "city.db-shm"};
        char path[128];

        metrics_free(shared.metrics);
        route_table_free(shared.routes);
        house_close(city);
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
                unlink(text_format(path, sizeof path, "%s/%s", folder, names[i]));
        rmdir(folder);
}

static struct exchange *request(const char *method, const char *path, size_t who)
{
        struct exchange *x = exchange_new(&shared);

        if (x == NULL || (x->path = strdup(path)) == NULL || (x->query = json_object()) == NULL)
                abort();
        text_copy(x->method, sizeof x->method, str_from(method));
        text_copy(x->session_token, sizeof x->session_token, str_from(tokens[who]));
        text_copy(x->csrf, sizeof x->csrf, str_from(csrf[who]));
        return x;
}

static void sign_in(size_t who)
{
        struct exchange *x = request("POST", "/api/session", who);
        struct error err = {0};
        json_t *answer = NULL;

        text_copy(x->content_type, sizeof x->content_type, STR("application/json"));
        buf_add_format(&x->body, "{\"login\":\"%s\",\"password\":\"%s\"}", LOGINS[who], DEMO_PASSWORD);
        exchange_answer(x);
        if (x->status != 200 || json_read(&answer, (struct str){buf_text(&x->out), x->out.n}, &err) != 0)
                abort();
        const char *token = strchr(x->set_cookie, '=') + 1;
        text_copy(tokens[who], TOKEN_TEXT, (struct str){token, strcspn(token, ";")});
        text_copy(csrf[who], TOKEN_TEXT, str_from(json_string_value(json_object_get(answer, "csrf"))));
        json_decref(answer);
        exchange_free(x);
}

static void city_make(void)
{
        struct error err = {0};
        struct pack *pack = NULL;
        char url[64], work[64];
        struct clock *now = clock_system();
        struct demo_options demo = {.persons = PERSONS, .seed = 1, .work_dir = work};
        struct house_options o = {.url = url,
                                  .found = true,
                                  .fast_load = true,
                                  .id_block = IDS,
                                  .log_level = LOG_ERROR,
                                  .facts = {.home = 1, .demonstration = true, .seed = 1}};

        if (now == NULL || mkdtemp(folder) == NULL)
                abort();
        demo.today = clock_today(now);
        clock_free(now);
        text_format(url, sizeof url, "sqlite:%s/city.db", folder);
        text_copy(work, sizeof work, str_from(folder));
        o.clock = clock_virtual(day_instant(month_first(month_of(demo.today) - 1)) + (instant_t)8 * 3600 * 1000000);
        if (o.clock == NULL || pack_open(&pack, "packs/demo", &err) < 0 || house_open(&city, &o, &err) < 0 ||
            setup_found(&city->house, pack, &city->facts, &err) < 0 ||
            demo_make(&city->house, house_runs(), pack, &demo, &err) < 0)
                give_up(&err);
        pack_free(pack);
        shared = (struct http_shared){.house = &city->house, .metrics = metrics_new(), .body_max = (size_t)1 << 20};
        if (shared.metrics == NULL || route_table_new(&shared.routes, city->verbs, &err) < 0)
                give_up(&err);
        const struct verb *v;
        for (size_t i = 0; (v = registry_at(city->verbs, i)) != NULL; i++)
                if (v->method != NULL && route_count < sizeof routes / sizeof routes[0])
                        routes[route_count++] = v;
        for (size_t i = 0; i < LOGIN_COUNT; i++)
                sign_in(i);
        atexit(city_leave);
}

/* The next part up to a NUL, or the rest. */
static struct str part(const uint8_t **data, size_t *size)
{
        const uint8_t *end = memchr(*data, 0, *size);
        size_t n = end == NULL ? *size : (size_t)(end - *data);
        struct str s = {(const char *)*data, n};

        *data += n + (end != NULL);
        *size -= n + (end != NULL);
        return s;
}

/* The pattern of a route with its parts filled. */
static void path_fill(struct buf *out, const char *pattern, const uint8_t **data, size_t *size)
{
        while (*pattern != '\0') {
                const char *open = strchr(pattern, '{');
                if (open == NULL) {
                        buf_add_text(out, pattern);
                        return;
                }
                buf_add(out, pattern, (size_t)(open - pattern));
                buf_add_str(out, part(data, size));
                pattern = strchr(open, '}') + 1;
        }
}

static void query_fill(json_t *query, struct str text)
{
        while (text.n > 0) {
                const char *end = memchr(text.p, '&', text.n);
                struct str one = {text.p, end == NULL ? text.n : (size_t)(end - text.p)};
                const char *equal = memchr(one.p, '=', one.n);
                size_t n = equal == NULL ? one.n : (size_t)(equal - one.p);
                size_t rest = equal == NULL ? one.n : n + 1;
                json_t *value = json_stringn(one.p + rest, one.n - rest);
                if (value != NULL) /* the listener refuses what is no UTF-8 */
                        json_object_setn_new(query, one.p, n, value);
                text.p += one.n + (end != NULL);
                text.n -= one.n + (end != NULL);
        }
}

static void judge(struct exchange *x)
{
        struct error err = {0};
        json_t *value = NULL;

        if (x->status < 200 || (x->status >= 500 && x->status != 503)) {
                fprintf(stderr, "%s %s: %d %s\n", x->method, x->path, x->status, buf_text(&x->out));
                abort();
        }
        if (x->media_type[0] == '\0')
                abort();
        if (strstr(x->media_type, "json") != NULL && json_read(&value, (struct str){buf_text(&x->out), x->out.n}, &err) != 0)
                abort();
        if (x->status >= 400 && !json_is_string(json_object_get(value, "code")))
                abort();
        json_decref(value);
}

/* libFuzzer times inputs, and making the city is none of theirs. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc;
        (void)argv;
        city_make();
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static unsigned long asked;
        struct buf path;

        if (city == NULL)
                city_make();
        if (size < 4)
                return 0;
        const struct verb *v = routes[(size_t)(data[0] | data[1] << 8) % route_count];
        size_t who = data[2] % (LOGIN_COUNT + 1), type = data[3] % TYPE_COUNT;
        data += 4;
        size -= 4;
        buf_init(&path, 4000);
        path_fill(&path, v->path, &data, &size);
        if (path.failed || path.n == 0 || strlen(buf_text(&path)) != path.n ||
            utf8_check(str_from(buf_text(&path)), NULL) < 0) {
                buf_dispose(&path);
                return 0; /* the listener refuses it */
        }
        struct exchange *x = request(v->method, buf_text(&path), who);
        query_fill(x->query, part(&data, &size));
        buf_add(&x->body, data, size);
        text_copy(x->content_type, sizeof x->content_type, str_from(TYPES[type]));
        text_format(x->key, sizeof x->key, "fuzz-route-%lu", ++asked);
        exchange_answer(x);
        judge(x);
        exchange_free(x);
        buf_dispose(&path);
        return 0;
}
