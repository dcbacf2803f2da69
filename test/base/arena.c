/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "testing.h"

#include <string.h>

static void gives_zeroed_aligned_memory(void **state)
{
        (void)state;
        struct arena *a = arena_new(1 << 20);
        for (size_t n = 0; n < 300; n++) {
                unsigned char *p = arena_alloc(a, n);
                assert_non_null(p);
                assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
                for (size_t i = 0; i < n; i++)
                        assert_int_equal(p[i], 0);
                memset(p, 0xAA, n);
        }
        arena_free(a);
        arena_free(NULL);
}

static void stops_at_its_cap(void **state)
{
        (void)state;
        struct arena *a = arena_new(1000);
        assert_non_null(arena_alloc(a, 992));
        assert_null(arena_alloc(a, 1));
        assert_true(arena_used(a) <= 1000);
        arena_reset(a);
        assert_int_equal(arena_used(a), 0);
        assert_null(arena_alloc(a, 1001));
        assert_null(arena_alloc(a, SIZE_MAX));
        assert_null(arena_alloc(a, SIZE_MAX - 8));
        assert_null(arena_array(a, SIZE_MAX / 2, 3));
        assert_non_null(arena_array(a, 100, 8));
        arena_free(a);
}

static void is_clean_and_steady_after_reset(void **state)
{
        (void)state;
        struct arena *a = arena_new((size_t)16 << 20);
        unsigned char *first[50];
        for (int round = 0; round < 3; round++) {
                for (size_t i = 0; i < 50; i++) {
                        unsigned char *p = arena_alloc(a, 10000 + i * 3000);
                        assert_non_null(p);
                        assert_int_equal(p[0] | p[10000 + i * 3000 - 1], 0);
                        memset(p, 0x55, 10000 + i * 3000);
                        if (round == 0)
                                first[i] = p;
                        else if (i < 20)
                                assert_ptr_equal(p, first[i]);
                }
                arena_reset(a);
        }
        arena_free(a);
}

static void copies_text(void **state)
{
        (void)state;
        struct arena *a = arena_new(4096);
        assert_string_equal(arena_text(a, STR("养老")), "养老");
        struct str s = arena_str(a, (struct str){"ab\0c", 4});
        assert_int_equal(s.n, 4);
        assert_memory_equal(s.p, "ab\0c", 4);
        assert_string_equal(arena_format(a, "%d-%s", 7, "x"), "7-x");
        assert_null(arena_format(a, "%5000d", 1));
        assert_null(arena_str(a, (struct str){"x", SIZE_MAX}).p);
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(gives_zeroed_aligned_memory),
            cmocka_unit_test(stops_at_its_cap),
            cmocka_unit_test(is_clean_and_steady_after_reset),
            cmocka_unit_test(copies_text),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
