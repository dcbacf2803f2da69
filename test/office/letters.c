/* SPDX-License-Identifier: Apache-2.0
 *
 * Letters as an office sends them, on both databases: numbers without a gap, seals that are held, lost and put on, what proves a service,
 * and what the public is told.
 */
#include "office/letter/code.h"
#include "office/letter/record.h"

#include "office/town.h"
#include "support/cairo_leak.h"

#include <string.h>

static struct town *founded(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);

        if (t == NULL)
                skip();
        return t;
}

static int64_t case_new(struct town *t)
{
        json_t *out = NULL;

        assert_int_equal(town_call(t, "cases.open",
                                   json_pack("{s:s,s:{s:s,s:s,s:s,s:s},s:{s:s}}", "process", "P01", "form", "name",
                                             "云山茶业有限公司", "uscc", "91990101MA0000017J", "industry", "C15", "bank_name",
                                             "云山银行", "applicant", "kind", "office"),
                                   &out),
                         SB_OK);
        int64_t id = town_whole(out, "case");
        json_decref(out);
        return id;
}

/* Ask for a letter; answers its document, and its number. */
static enum error_code written(struct town *t, int64_t instance, int64_t *document, char number[64])
{
        json_t *out = NULL;
        enum error_code code = town_call(
            t, "letters.write", json_pack("{s:I,s:s}", "case", (json_int_t)instance, "template", "acceptance-receipt"), &out);

        if (code == SB_OK) {
                *document = town_whole(out, "document");
                text_copy(number, 64, str_from(json_string_value(json_object_get(out, "number"))));
        }
        json_decref(out);
        return code;
}

static void seals_are_held(void **state)
{
        struct town *t = founded(state);
        int64_t instance = case_new(t), document, seal;
        json_t *out = NULL;
        char number[64];

        assert_int_equal(written(t, instance, &document, number), SB_OK);
        assert_string_equal(number, "YS社保受〔2026〕1号");
        seal = town_ask(t, "SELECT seal FROM letter WHERE id = ?1@int", document);
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM seal_use WHERE letter = ?1@int AND ordered_by = 1", document), 1);
        /* Lost: from that day on nothing goes out, and no number is taken. */
        assert_int_equal(town_call(t, "seals.end", json_pack("{s:I,s:s}", "seal", (json_int_t)seal, "reason", "lost"), NULL),
                         SB_OK);
        assert_int_equal(town_call(t, "seals.end", json_pack("{s:I,s:s}", "seal", (json_int_t)seal, "reason", "ended"), NULL),
                         SB_SEAL_UNKNOWN);
        assert_int_equal(written(t, instance, &document, number), SB_LETTER_SEAL);
        json_t *next = json_pack("{s:I,s:s,s:s,s:s,s:i}", "office", (json_int_t)t->office, "kind", "business", "name_zh",
                                 "云山省中心", "name_en", "Yunshan", "holder", 1);
        assert_int_equal(town_call(t, "seals.add", json_incref(next), &out), SB_OK);
        int64_t second = town_whole(out, "seal");
        json_decref(out);
        assert_int_equal(town_call(t, "seals.add", next, NULL), SB_SEAL_TAKEN);
        assert_int_equal(written(t, instance, &document, number), SB_OK);
        assert_string_equal(number, "YS社保受〔2026〕2号");
        assert_int_equal(town_ask(t, "SELECT seal FROM letter WHERE id = ?1@int", document), second);
        out = NULL;
        assert_int_equal(town_call(t, "seals.log", json_pack("{s:I}", "seal", (json_int_t)second), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 1);
        json_decref(out);
        /* The next year begins at 1. */
        clock_set(t->house.clock, day_instant(day_from(2027, 1, 4)));
        assert_int_equal(written(t, instance, &document, number), SB_OK);
        assert_string_equal(number, "YS社保受〔2027〕1号");
        town_free(t);
}

static enum error_code served(struct town *t, int64_t document, const char *way, const char *reference, bool consent,
                              char day[16])
{
        json_t *out = NULL;
        enum error_code code = town_call(t, "letters.serve",
                                         json_pack("{s:I,s:s,s:s,s:b,s:s}", "document", (json_int_t)document, "way", way,
                                                   "reference", reference, "consent", consent, "day", "2026-11-20"),
                                         &out);

        if (code == SB_OK)
                text_copy(day, 16, str_from(json_string_value(json_object_get(out, "served_day"))));
        json_decref(out);
        return code;
}

static void services_are_proven(void **state)
{
        struct town *t = founded(state);
        int64_t instance = case_new(t), document;
        json_t *out = NULL;
        char number[64], day[16];

        assert_int_equal(written(t, instance, &document, number), SB_OK);
        assert_int_equal(served(t, document, "post", "", false, day), SB_LETTER_SERVICE);
        assert_int_equal(served(t, document, "sms", "", false, day), SB_LETTER_SERVICE);
        assert_int_equal(served(t, document + 1000, "counter", "", false, day), SB_LETTER_UNKNOWN);
        assert_int_equal(served(t, document, "post", "1234567890123", false, day), SB_OK);
        assert_string_equal(day, "2026-11-20");
        assert_int_equal(served(t, document, "sms", "13800005678", true, day), SB_OK);
        assert_string_equal(day, "2026-11-20");
        /* Public notice: thirty days later, by the figure of the pack. */
        assert_int_equal(served(t, document, "public", "云山日报 第3版", false, day), SB_OK);
        assert_string_equal(day, "2026-12-20");
        assert_int_equal(town_call(t, "letters.list", json_pack("{s:I}", "case", (json_int_t)instance), &out), SB_OK);
        const json_t *one = json_array_get(json_object_get(out, "items"), 0);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 1);
        assert_int_equal(json_array_size(json_object_get(one, "services")), 3);
        assert_string_equal(json_string_value(json_object_get(one, "served_day")), "2026-11-20");
        assert_true(json_integer_value(json_object_get(one, "document_en")) > 0);
        assert_true(strcmp(json_text(one, "title"), json_text(one, "title_en")) != 0 && json_text(one, "title_en")[0] != '\0');
        json_decref(out);
        town_free(t);
}

/* --- the public ---------------------------------------------------------------------------------------------------------------------- */

struct fetched {
        int64_t document;
        struct buf pdf;
        char code[LETTER_CODE_MAX], bare[20];
};

static int fetch(struct tx *tx, void *ctx, struct error *err)
{
        struct fetched *f = ctx;
        struct stmt *q;
        int rc = tx_one(
            &q, tx, err,
            "SELECT d.body, l.code, l.short FROM letter l JOIN document d ON d.home = l.home AND d.id = l.id WHERE l.id = "
            "?1@int",
            "i", f->document);

        if (rc != 1)
                return rc;
        buf_clear(&f->pdf);
        buf_add_str(&f->pdf, stmt_blob(q, 0));
        text_copy(f->code, sizeof f->code, stmt_text(q, 1));
        text_copy(f->bare, sizeof f->bare, stmt_text(q, 2));
        return 0;
}

static void told(struct town *t, const char *code, struct str pdf, const char *state)
{
        struct call c = {.house = &t->house, .body = pdf, .body_type = pdf.n > 0 ? "application/pdf" : NULL};
        json_t *in = pdf.n > 0 ? json_object() : json_pack("{s:s}", "code", code), *out = NULL;

        assert_ok(verb_call(&c, registry_find(t->verbs, "letters.verify"), in, &out, &t->err), t->err);
        assert_string_equal(json_string_value(json_object_get(out, "state")), state);
        assert_null(json_object_get(out, "name"));
        json_decref(in);
        json_decref(out);
}

/* Somebody reads it. */
static void whole(struct town *t, struct fetched *f)
{
        json_t *out = NULL;

        assert_int_equal(town_call(t, "documents.get", json_pack("{s:I}", "document", (json_int_t)f->document), &out), SB_OK);
        assert_ok(store_read(t->house.store, fetch, f, &t->err), t->err);
        assert_int_equal(town_whole(out, "size"), (int64_t)f->pdf.n);
        json_decref(out);
}

static void the_public_may_ask(void **state)
{
        struct town *t = founded(state);
        struct fetched f = {.document = 0}, forged;
        int64_t instance = case_new(t);
        char number[64];

        buf_init(&f.pdf, 1 << 24);
        assert_int_equal(written(t, instance, &f.document, number), SB_OK);
        whole(t, &f);
        assert_true(f.pdf.n > 1000);
        struct str pdf = {f.pdf.p, f.pdf.n};
        told(t, f.code, (struct str){0}, "valid");
        told(t, f.bare, (struct str){0}, "valid");
        told(t, NULL, pdf, "valid");
        told(t, "0123 4567 89AB CDEF", (struct str){0}, "unknown");
        f.pdf.p[f.pdf.n / 2] ^= 1;
        told(t, NULL, pdf, "changed");
        f.pdf.p[f.pdf.n / 2] ^= 1;
        text_copy(forged.code, sizeof forged.code, str_from(f.code));
        char *year = strstr(forged.code, "2026");
        assert_non_null(year);
        year[3] = '5';
        told(t, forged.code, (struct str){0}, "forged");
        /* A new key signs from now on; what the old one signed stays good. */
        assert_int_equal(town_call(t, "letters.key_change", json_object(), NULL), SB_OK);
        told(t, NULL, pdf, "valid");
        int64_t second;
        assert_int_equal(written(t, instance, &second, number), SB_OK);
        assert_int_equal(town_ask(t, "SELECT key_number FROM letter WHERE id = ?1@int", second), 2);
        assert_int_equal(town_call(t, "letters.withdraw",
                                   json_pack("{s:I,s:s}", "document", (json_int_t)f.document, "reason", "有误"), NULL),
                         SB_OK);
        told(t, f.code, (struct str){0}, "withdrawn");
        told(t, NULL, pdf, "withdrawn");
        assert_int_equal(town_call(t, "letters.withdraw",
                                   json_pack("{s:I,s:s}", "document", (json_int_t)f.document, "reason", "有误"), NULL),
                         SB_LETTER_STATE);
        buf_dispose(&f.pdf);
        town_free(t);
}

/* Its bytes are the same whenever it is set. */
static int unset(struct tx *tx, void *ctx, struct error *err)
{
        return tx_exec(tx, err, "UPDATE document SET size = 0, body = ?2@blob WHERE id = ?1@int", "ib", *(int64_t *)ctx,
                       (struct str){"", 0});
}

#define SAME_HASH                                                                                                              \
        "SELECT COUNT(*) FROM document d JOIN letter l ON l.id = d.id WHERE d.id = ?1@int AND d.hash = l.hash AND d.size = 0"

static void a_letter_is_set_when_it_is_read(void **state)
{
        struct town *t = founded(state);
        struct fetched before = {.document = 0}, after;
        char number[64];

        buf_init(&before.pdf, 1 << 24);
        assert_int_equal(written(t, case_new(t), &before.document, number), SB_OK);
        assert_int_equal(town_ask(t, "SELECT size FROM document WHERE id = ?1@int", before.document), 0);
        /* Until then it is known by what it says: so does a file that is closed before. */
        assert_int_equal(town_ask(t, SAME_HASH, before.document), 1);
        whole(t, &before);
        assert_true(before.pdf.n > 1000);
        assert_int_equal(town_ask(t, SAME_HASH, before.document), 0);
        assert_ok(store_write(t->house.store, unset, &before.document, &t->err), t->err);
        after = before;
        buf_init(&after.pdf, 1 << 24);
        whole(t, &after);
        assert_int_equal(after.pdf.n, before.pdf.n);
        assert_memory_equal(after.pdf.p, before.pdf.p, before.pdf.n);
        buf_dispose(&before.pdf);
        buf_dispose(&after.pdf);
        town_free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(seals_are_held),
            TEST_ON_BOTH(services_are_proven),
            TEST_ON_BOTH(the_public_may_ask),
            TEST_ON_BOTH(a_letter_is_set_when_it_is_read),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
