/* SPDX-License-Identifier: Apache-2.0 */
#include "base/xml.h"
#include "testing.h"

#include <stdlib.h>
#include <string.h>

static struct arena *arena;

static const struct xml_node *parse(const char *text)
{
        struct error err = {0};
        const struct xml_node *root = NULL;
        assert_ok(xml_parse(&root, arena, str_from(text), NULL, &err), err);
        return root;
}

static void builds_a_tree(void **state)
{
        (void)state;
        const struct xml_node *n = parse("<?xml version=\"1.0\"?>\n<a x=\"1\" y='&lt;&#x517b;'>one<b/>two\n"
                                         "  <c>3</c><b z=\"\">&amp;<![CDATA[<x>]]></b></a>");
        assert_string_equal(n->name, "a");
        assert_string_equal(n->ns, "");
        assert_string_equal(n->text, "onetwo\n  ");
        assert_int_equal(n->line, 2);
        assert_int_equal(n->column, 1);
        assert_string_equal(xml_attr(n, "x"), "1");
        assert_string_equal(xml_attr(n, "y"), "<养");
        assert_null(xml_attr(n, "z"));
        const struct xml_node *b = xml_child(n, "b");
        assert_ptr_equal(b, n->first);
        assert_ptr_equal(b->parent, n);
        assert_string_equal(b->text, "");
        const struct xml_node *c = xml_child(n, "c");
        assert_int_equal(c->line, 3);
        assert_int_equal(c->column, 3);
        b = xml_next(b, "b");
        assert_string_equal(b->text, "&<x>");
        assert_string_equal(xml_attr(b, "z"), "");
        assert_null(xml_next(b, "b"));
        assert_null(xml_child(n, "d"));
}

static void resolves_namespaces(void **state)
{
        (void)state;
        const struct xml_node *n = parse("<d:a xmlns:d='urn:d' xmlns='urn:x' d:k='1' k='2'>"
                                         "<b xmlns:e='urn:e'><e:c xmlns='' xmlns:d='urn:other'/></b></d:a>");
        assert_string_equal(n->ns, "urn:d");
        assert_string_equal(xml_attr_ns(n, "urn:d", "k"), "1");
        assert_string_equal(xml_attr(n, "k"), "2");
        const struct xml_node *b = xml_child(n, "b"), *c = xml_child(b, "c");
        assert_string_equal(b->ns, "urn:x");
        assert_string_equal(c->ns, "urn:e");
        assert_string_equal(xml_prefix_uri(c, STR("d")), "urn:other");
        assert_string_equal(xml_prefix_uri(b, STR("d")), "urn:d");
        assert_string_equal(xml_prefix_uri(c, STR("")), "");
        assert_string_equal(xml_prefix_uri(b, STR("")), "urn:x");
        assert_null(xml_prefix_uri(n, STR("e")));
}

static void refuses_malformed_text(void **state)
{
        (void)state;
        static const char *const bad[] = {
            "", " ", "<a>", "<a></b>", "<a", "<a x=1/>", "<a x='1' x='2'/>", "<a/><b/>", "text", "<a>&none;</a>", "<a>\x01</a>",
            "<a>\xFF</a>", "<p:a/>", "<a xmlns:p='u' xmlns:q='u' p:x='1' q:x='2'/>", "<a>&#0;</a>",
            "<?xml version='1.0' encoding='klingon'?><a/>", "<a>]]></a>",
            /* entity bombs, external entities, and documents that hide behind an external subset */
            "<!DOCTYPE a [<!ENTITY b 'x'>]><a>&b;</a>", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
            "<!DOCTYPE a [<!ENTITY % p SYSTEM 'x'> %p;]><a/>", "<!DOCTYPE a SYSTEM 'x.dtd'><a>&b;</a>",
            "<!DOCTYPE z [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c "
            "'&b;&b;&b;&b;&b;&b;&b;'>]>"
            "<z>&c;&c;&c;</z>"};
        struct error err = {0};
        const struct xml_node *root = NULL;
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
                if (xml_parse(&root, arena, str_from(bad[i]), NULL, &err) != ERR)
                        fail_msg("%s", bad[i]);
                assert_int_equal(err.code, SB_XML_SYNTAX);
                assert_true(strchr(err.where, ':') != NULL);
                error_clear(&err);
                assert_int_equal(xml_parse(&root, arena, str_from(bad[i]), NULL, NULL), ERR);
        }
        assert_null(root);
        assert_int_equal(xml_parse(&root, arena, STR("<a>\n <b></a>"), NULL, &err), ERR);
        assert_string_equal(err.where, "2:7");
        assert_non_null(parse("<!DOCTYPE a><a/>"));
}

static void reads_the_code_page_of_windows(void **state)
{
        const struct xml_node *root;
        struct error err = {0};

        (void)state;
        assert_ok(xml_parse(&root, arena, STR("<?xml version=\"1.0\" encoding=\"WINDOWS-1252\"?><a>\x80 \xe9</a>"), NULL, &err),
                  err);
        assert_string_equal(root->text, "\xe2\x82\xac \xc3\xa9");
        assert_error(xml_parse(&root, arena, STR("<?xml version=\"1.0\" encoding=\"WINDOWS-1252\"?><a>\x81</a>"), NULL, &err),
                     err, SB_XML_SYNTAX);
}

static void keeps_to_its_limits(void **state)
{
        (void)state;
        struct error err = {0};
        const struct xml_node *root = NULL;
        struct xml_limits l = {.max_depth = 3, .max_nodes = 4, .max_bytes = 40};
        assert_ok(xml_parse(&root, arena, STR("<a><b><c/></b></a>"), &l, &err), err);
        assert_error(xml_parse(&root, arena, STR("<a><b><c><d/></c></b></a>"), &l, &err), err, SB_LIMIT);
        assert_ok(xml_parse(&root, arena, STR("<a><b/><b/><b/></a>"), &l, &err), err);
        assert_error(xml_parse(&root, arena, STR("<a><b/><b/><b/><b/></a>"), &l, &err), err, SB_LIMIT);
        assert_ok(xml_parse(&root, arena, STR("<a>456789012345678901234567890123456</a>"), &l, &err), err);
        assert_error(xml_parse(&root, arena, STR("<a>4567890123456789012345678901234567</a>"), &l, &err), err, SB_LIMIT);
        struct buf b;
        buf_init(&b, 1 << 20);
        for (int i = 0; i < 200; i++)
                buf_add_text(&b, "<a>");
        assert_error(xml_parse(&root, arena, (struct str){b.p, b.n}, NULL, &err), err, SB_LIMIT);
        for (int attrs = 1000; attrs <= 1001; attrs++) {
                buf_clear(&b);
                buf_add_text(&b, "<a");
                for (int i = 0; i < attrs; i++)
                        buf_add_format(&b, " a%d=''", i);
                buf_add_text(&b, "/>");
                assert_int_equal(xml_parse(&root, arena, (struct str){b.p, b.n}, NULL, &err), attrs == 1000 ? 0 : ERR);
        }
        assert_int_equal(err.code, SB_LIMIT);
        error_clear(&err);
        struct arena *small = arena_new(1000);
        assert_error(xml_parse(&root, small, (struct str){b.p, b.n}, NULL, &err), err, SB_LIMIT);
        buf_dispose(&b);
        arena_free(small);
}

static void reads_texts_of_many_chunks(void **state)
{
        (void)state;
        struct buf b;
        struct error err = {0};
        const struct xml_node *root = NULL;
        buf_init(&b, (size_t)8 << 20);
        buf_add_text(&b, "<a>");
        while (b.n < (size_t)3 << 20)
                buf_add_text(&b, "<b k='养'>𬭚x</b>");
        buf_add_text(&b, "</a>");
        assert_ok(xml_parse(&root, arena, (struct str){b.p, b.n}, NULL, &err), err);
        size_t count = 0;
        for (const struct xml_node *n = root->first; n != NULL; n = n->next, count++)
                assert_string_equal(n->text, "𬭚x");
        assert_int_equal(count, (b.n - 7) / strlen("<b k='养'>𬭚x</b>"));
        buf_dispose(&b);
}

static void writes_what_it_reads(void **state)
{
        (void)state;
        static const char text[] = "<&>\"'\t\r\n 养𬭚";
        struct buf b;
        buf_init(&b, 1000);
        buf_add_text(&b, "<a");
        xml_put_attr(&b, "k", str_from(text));
        buf_add_text(&b, ">");
        xml_put_text(&b, str_from(text));
        buf_add_text(&b, "</a>");
        const struct xml_node *n = parse(buf_text(&b));
        assert_string_equal(n->text, text);
        assert_string_equal(xml_attr(n, "k"), text);
        buf_clear(&b);
        xml_put_text(&b, STR("a\x01\xFF\xEF\xBF\xBEz"));
        assert_string_equal(buf_text(&b), "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz");
        buf_dispose(&b);
}

static int set_up(void **state)
{
        (void)state;
        arena = arena_new((size_t)64 << 20);
        return arena == NULL;
}

static int tear_down(void **state)
{
        (void)state;
        arena_free(arena);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(builds_a_tree),          cmocka_unit_test(resolves_namespaces),
            cmocka_unit_test(refuses_malformed_text), cmocka_unit_test(reads_the_code_page_of_windows),
            cmocka_unit_test(keeps_to_its_limits),    cmocka_unit_test(reads_texts_of_many_chunks),
            cmocka_unit_test(writes_what_it_reads),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
