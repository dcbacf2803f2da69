/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/csv.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "base/xml.h"
#include "testing.h"

#include <stdlib.h>
#include <string.h>

/* The linker sends every allocation of the floor here; the one that is counted down to fails. */
static long countdown = -1;
static long calls;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static bool fails(void)
{
        calls++;
        return countdown >= 0 && countdown-- == 0;
}

void *__wrap_malloc(size_t n)
{
        return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
        return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
        return fails() ? NULL : __real_realloc(p, n);
}

/* Each returns 0 when it succeeded, ERR when it failed and said why. What it makes it frees: the
 * leak checker looks at the end. */
typedef int scenario(struct error *err);

static int use_csv(struct error *err)
{
        struct csv_reader *r = NULL;
        const struct str *f;
        size_t n;
        struct buf out;
        buf_init(&out, 10000);
        int rc = csv_open_text(&r, STR("a,b\n\"1\",养\n2,3\n"), CSV_UTF8, err);
        if (rc == 0)
                rc = csv_header(r, err);
        while (rc == 0 && (rc = csv_next(r, &f, &n, err)) == 1) {
                for (size_t i = 0; i < n; i++)
                        csv_put(&out, i == 0, f[i]);
                csv_end(&out);
                rc = 0;
                if (csv_line(r) == 3)
                        break;
        }
        if (rc == 0)
                rc = buf_check(&out, err);
        csv_close(r);
        buf_dispose(&out);
        return rc;
}

static int use_json(struct error *err)
{
        json_t *v = NULL, *schema = NULL;
        struct buf out;
        buf_init(&out, 10000);
        int rc = json_read(&v, STR("{\"a\":[1,\"x\",{\"b\":null}],\"c\":\"2024-02-29\"}"), err);
        if (rc == 0)
                rc = json_read(&schema,
                               STR("{\"properties\":{\"c\":{\"format\":\"date\"},\"a\":{\"items\":{\"type\":["
                                   "\"integer\",\"string\",\"object\"]}},\"n\":{\"enum\":[5,\"six\"]}}}"),
                               err);
        if (rc == 0)
                rc = json_put_money(v, "m", 150, err);
        if (rc == 0)
                rc = json_put_int(v, "n", 5, err);
        if (rc == 0)
                rc = json_check(schema, v, err);
        if (rc == 0)
                rc = json_canonical(&out, v, err);
        json_decref(v);
        json_decref(schema);
        buf_dispose(&out);
        return rc;
}

static int use_xml(struct error *err)
{
        const struct xml_node *root = NULL;
        struct arena *a = arena_new(100000);
        if (a == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        int rc = xml_parse(&root, a, STR("<a xmlns='u' x='1'><b>text</b><c>&amp;</c>more</a>"), NULL, err);
        arena_free(a);
        return rc;
}

static int use_calendar(struct error *err)
{
        struct calendar *c = calendar_new("x");
        day_t due;
        if (c == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        int rc = calendar_cover(c, 2024, 2026, err);
        if (rc == 0)
                rc = calendar_mark(c, day_from(2020, 1, 1), false, err);
        if (rc == 0)
                rc = calendar_add_working(c, day_from(2024, 12, 30), 20, &due, err);
        calendar_free(c);
        return rc;
}

static int use_text(struct error *err)
{
        struct buf gb, back;
        buf_init(&gb, 100000);
        buf_init(&back, 100000);
        for (int i = 0; i < 200; i++)
                buf_add_format(&back, "%d养老%s", i, "x");
        buf_add_format(&back, "%500d", 1);
        int rc = buf_check(&back, err);
        if (rc == 0)
                rc = text_to_gb18030(&gb, (struct str){back.p, back.n}, err);
        buf_clear(&back);
        if (rc == 0)
                rc = text_from_gb18030(&back, (struct str){gb.p, gb.n}, err);
        if (rc == 0)
                rc = money_capitals(&back, 123456789) == 0 ? 0 : buf_check(&back, err);
        char *taken = buf_take(&back, NULL);
        if (rc == 0 && taken == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        free(taken);
        buf_dispose(&gb);
        buf_dispose(&back);
        return rc;
}

static int use_seal(struct error *err)
{
        struct seal_key key;
        static unsigned char sealed[2000 + SEAL_OVERHEAD];
        static char plain[2000];
        struct buf out;
        buf_init(&out, 5000);
        seal_key_new(&key);
        seal(&key, "x", (struct str){plain, sizeof plain}, sealed);
        int rc = unseal(&key, "x", (struct str){(char *)sealed, sizeof sealed}, &out, err);
        buf_dispose(&out);
        return rc;
}

static int use_log(struct error *err)
{
        struct clock *clock = clock_virtual(0);
        struct log *l = log_new(stderr, LOG_ERROR, clock);
        int rc = clock == NULL || l == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
        log_event(l, LOG_DEBUG, "quiet", NULL);
        log_free(l);
        clock_free(clock);
        return rc;
}

/* Count the allocations of a run that succeeds; then let each fail in turn. */
static void torture(const char *name, scenario *run)
{
        struct error err = {0};
        countdown = -1;
        calls = 0;
        assert_ok(run(&err), err);
        long n = calls;
        assert_true(n > 0);
        for (long i = 0; i < n; i++) {
                error_clear(&err);
                countdown = i;
                int rc = run(&err);
                countdown = -1;
                /* jansson takes some wants of memory for a bad token. */
                bool said = err.code == SB_MEMORY || err.code == SB_LIMIT || err.code == SB_FIELD_TYPE ||
                            err.code == SB_INTERNAL || err.code == SB_JSON_SYNTAX;
                if ((rc == 0) != (err.code == SB_OK) || (rc != 0 && !said))
                        fail_msg("%s: allocation %ld of %ld gave %d and SB-%04d", name, i, n, rc, (int)err.code);
        }
        error_clear(&err);
        assert_ok(run(&err), err);
}

static void every_allocation_may_fail(void **state)
{
        (void)state;
        static const struct {
                const char *name;
                scenario *run;
        } all[] = {{"csv", use_csv},   {"json", use_json}, {"xml", use_xml}, {"calendar", use_calendar},
                   {"text", use_text}, {"seal", use_seal}, {"log", use_log}};
        json_set_alloc_funcs(__wrap_malloc, free);
        for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
                torture(all[i].name, all[i].run);
        json_set_alloc_funcs(__real_malloc, free);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
