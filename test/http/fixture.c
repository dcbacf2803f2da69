/* SPDX-License-Identifier: Apache-2.0 */
#include "http/fixture.h"

#include "case/pack_store.h"
#include "support/permissions.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct hired {
        struct staff staff;
        const char *hash;
};

static int staff_put(struct tx *tx, void *ctx, struct error *err)
{
        struct hired *h = ctx;

        return staff_add(tx, &h->staff, h->hash, 0, err);
}

static int office_put(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        return tx_exec(
            tx, err,
            "INSERT INTO office (id, code, parent, body, level, name_zh, name_en, territory, valid_from, valid_to) VALUES "
            "(1, 'O1', 0, '', 1, '', '', '', 0, ?1@int)",
            "i", (int64_t)DAY_END);
}

void fixture_staff(struct fixture *f, int64_t id, const char *login, uint32_t roles)
{
        struct hired h = {.staff = {.id = id, .office = 1, .display = "演示人员", .roles = roles}};
        struct error err = {0};
        char hash[128];

        text_copy(h.staff.login, sizeof h.staff.login, str_from(login));
        assert_int_equal(password_hash(hash, "demonstration", &err), 0);
        h.hash = hash;
        assert_int_equal(store_write(f->house.store, staff_put, &h, &err), 0);
}

struct law {
        struct fixture *f;
        const struct hash *hash;
};

static int law_put(struct tx *tx, void *ctx, struct error *err)
{
        struct law *l = ctx;

        return pack_store_activate(tx, l->f->house.ids, 1, l->hash, 0, 0, clock_now(l->f->house.clock), err);
}

static void pack_put(struct fixture *f, const char *dir)
{
        struct error err = {0};
        struct pack *pack = NULL;

        assert_int_equal(pack_open(&pack, dir, &err), 0);
        assert_int_equal(pack_store_put(f->house.packs, pack, clock_now(f->house.clock), &err), 0);
        struct law l = {.f = f, .hash = pack_hash(pack)};
        assert_int_equal(store_write(f->house.store, law_put, &l, &err), 0);
        pack_free(pack);
        f->shared.pool = 1;
}

struct fixture *fixture_new(const struct verb *const *tables, const char *pack, uint32_t roles)
{
        static const struct scope_rule *const scopes[] = {NULL};
        struct fixture *f = calloc(1, sizeof *f);
        struct error err = {0};

        text_format(f->folder, sizeof f->folder, "/tmp/shebao-http-XXXXXX");
        assert_non_null(mkdtemp(f->folder));
        text_format(f->url, sizeof f->url, "sqlite:%s/t.db", f->folder);
        struct store_options create = {.create = true};
        f->house.clock = clock_virtual(day_instant(day_from(2026, 11, 24)) + (instant_t)7 * 1000000);
        assert_int_equal(store_open(&f->house.store, f->url, &create, &err), 0);
        assert_int_equal(store_migrate(f->house.store, f->house.clock, &err), 0);
        f->house.home = 1;
        assert_int_equal(keyring_demo(&f->house.keys, 5, &err), 0);
        assert_int_equal(ids_open(&f->house.ids, f->house.store, 1, 100, &err), 0);
        assert_int_equal(registry_new(&f->verbs, tables, scopes, &err), 0);
        f->house.verbs = f->verbs;
        test_permissions(&f->house);
        assert_int_equal(store_write(f->house.store, office_put, NULL, &err), 0);
        fixture_staff(f, 7, "clerk", roles == 0 ? ROLE_CLERK : roles);
        f->shared = (struct http_shared){.house = &f->house,
                                         .metrics = metrics_new(),
                                         .limiter = limiter_new(60),
                                         .origin = "http://localhost:8080",
                                         .body_max = 8192};
        assert_int_equal(route_table_new(&f->shared.routes, f->verbs, &err), 0);
        if (pack != NULL)
                pack_put(f, pack);
        return f;
}

void fixture_free(struct fixture *f)
{
        static const char *const endings[] = {"", "-wal", "-shm"};
        char path[128];

        route_table_free(f->shared.routes);
        metrics_free(f->shared.metrics);
        limiter_free(f->shared.limiter);
        registry_free(f->verbs);
        pack_store_free(f->house.packs);
        ids_close(f->house.ids);
        store_close(f->house.store);
        keyring_free(f->house.keys);
        clock_free(f->house.clock);
        for (int i = 0; i < 3; i++) {
                text_format(path, sizeof path, "%s/t.db%s", f->folder, endings[i]);
                unlink(path);
        }
        rmdir(f->folder);
        free(f);
}

struct exchange *ask(struct fixture *f, const char *method, const char *path, const char *body)
{
        struct exchange *x = exchange_new(&f->shared);

        x->path = strdup(path);
        x->query = json_object();
        x->lang = LANG_EN;
        text_copy(x->method, sizeof x->method, str_from(method));
        text_copy(x->address, sizeof x->address, STR("203.0.113.5"));
        text_copy(x->session_token, sizeof x->session_token, str_from(f->token));
        text_copy(x->csrf, sizeof x->csrf, str_from(f->csrf));
        text_format(x->key, sizeof x->key, "key-%08d", ++f->keys);
        text_copy(x->content_type, sizeof x->content_type, STR("application/json"));
        if (body != NULL)
                buf_add_text(&x->body, body);
        return x;
}

void expect(struct exchange *x, int status, const char *part)
{
        exchange_answer(x);
        const char *text = buf_text(&x->out);
        if (x->status != status || (part != NULL && strstr(text, part) == NULL))
                print_error("%s %s: %d %s\n", x->method, x->path, x->status, text);
        assert_int_equal(x->status, status);
        if (part != NULL)
                assert_non_null(strstr(text, part));
        exchange_free(x);
}

json_t *told(struct fixture *f, struct exchange *x, int status)
{
        json_t *out = NULL;
        const char *csrf = NULL;

        exchange_answer(x);
        if (x->status != status)
                print_error("%s %s: %d %s\n", x->method, x->path, x->status, buf_text(&x->out));
        assert_int_equal(x->status, status);
        assert_int_equal(json_read(&out, str_from(buf_text(&x->out)), NULL), 0);
        if (json_get_text(out, "csrf", false, &csrf, NULL) == 0 && csrf != NULL)
                text_copy(f->csrf, sizeof f->csrf, str_from(csrf));
        if (x->set_cookie[0] != '\0') {
                const char *start = strchr(x->set_cookie, '=') + 1;
                text_copy(f->token, sizeof f->token, (struct str){start, strcspn(start, ";")});
                assert_non_null(strstr(x->set_cookie, "HttpOnly"));
                assert_non_null(strstr(x->set_cookie, "SameSite=Strict"));
        }
        exchange_free(x);
        return out;
}

void sign_in(struct fixture *f, const char *login)
{
        char body[128];

        text_format(body, sizeof body, "{\"login\":\"%s\",\"password\":\"demonstration\"}", login);
        json_decref(told(f, ask(f, "POST", "/api/session", body), 200));
}
