/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"
#include "testing.h"

/* FIPS 180-4 examples. */
static void gives_the_published_answers(void **state)
{
        (void)state;
        char hex[65];
        struct hash h = hash_of("abc", 3);
        assert_string_equal(hash_hex(&h, hex), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        h = hash_of(NULL, 0);
        assert_string_equal(hash_hex(&h, hex), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        struct hash_state s = hash_begin();
        hash_add(&s, "a", 1);
        hash_add(&s, NULL, 0);
        hash_add(&s, "bc", 2);
        h = hash_end(&s);
        assert_string_equal(hash_hex(&h, hex), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void a_node_is_not_a_leaf(void **state)
{
        (void)state;
        struct hash a = hash_of("a", 1), b = hash_of("b", 1);
        struct hash ab = hash_pair(&a, &b), ba = hash_pair(&b, &a);
        unsigned char joined[65] = {1};
        for (int i = 0; i < 32; i++) {
                joined[1 + i] = a.b[i];
                joined[33 + i] = b.b[i];
        }
        struct hash same = hash_of(joined, 65), leaf = hash_of(joined + 1, 64);
        assert_memory_equal(ab.b, same.b, 32);
        assert_memory_not_equal(ab.b, ba.b, 32);
        assert_memory_not_equal(ab.b, leaf.b, 32);
}

static void takes_only_as_many_bytes_as_a_hash_has(void **state)
{
        (void)state;
        static const unsigned char zero[HASH_BYTES];
        struct hash a = hash_of("a", 1), taken;

        assert_true(hash_take(&taken, hash_str(&a)));
        assert_memory_equal(taken.b, a.b, HASH_BYTES);
        assert_false(hash_take(&taken, (struct str){(const char *)a.b, HASH_BYTES - 1}));
        assert_memory_equal(taken.b, zero, HASH_BYTES);
        taken = a;
        assert_false(hash_take(&taken, (struct str){NULL, 0}));
        assert_memory_equal(taken.b, zero, HASH_BYTES);
}

static void parses_hexadecimal(void **state)
{
        (void)state;
        struct error err = {0};
        struct hash h = hash_of("x", 1), back;
        char hex[65];
        hash_hex(&h, hex);
        assert_ok(hash_parse(&back, (struct str){hex, 64}, &err), err);
        assert_memory_equal(h.b, back.b, 32);
        assert_error(hash_parse(&back, (struct str){hex, 63}, &err), err, SB_NUMBER_SYNTAX);
        hex[5] = 'g';
        assert_error(hash_parse(&back, (struct str){hex, 64}, &err), err, SB_NUMBER_SYNTAX);
        hex[5] = 'A';
        assert_error(hash_parse(&back, (struct str){hex, 64}, &err), err, SB_NUMBER_SYNTAX);
        assert_error(hash_parse(&back, STR(""), &err), err, SB_NUMBER_SYNTAX);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(gives_the_published_answers),
            cmocka_unit_test(a_node_is_not_a_leaf),
            cmocka_unit_test(takes_only_as_many_bytes_as_a_hash_has),
            cmocka_unit_test(parses_hexadecimal),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
