/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rng.h"
#include "testing.h"

#include <string.h>

/* The known-answer vectors of Random123 (kat_vectors, philox4x32 10). */
static void gives_the_published_answers(void **state)
{
        (void)state;
        static const struct {
                uint32_t counter[4], key[2], out[4];
        } v[] = {
            {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
            {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
             {0xffffffff, 0xffffffff},
             {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
            {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
             {0xa4093822, 0x299f31d0},
             {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
        };
        for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
                struct rng r = {.used = 4};
                memcpy(r.counter, v[i].counter, sizeof r.counter);
                memcpy(r.key, v[i].key, sizeof r.key);
                for (int k = 0; k < 4; k++)
                        assert_int_equal(rng_u32(&r), v[i].out[k]);
        }
        struct rng first = rng_new(0, 0);
        assert_int_equal(rng_u32(&first), 0x6627e8d5);
}

static void streams_are_apart_and_repeatable(void **state)
{
        (void)state;
        struct rng a = rng_new(1, 7), b = rng_new(1, 7), c = rng_new(1, 8), d = rng_new(2, 7);
        int same_stream = 0, same_seed = 0;
        for (int i = 0; i < 1000; i++) {
                uint64_t x = rng_u64(&a);
                assert_true(x == rng_u64(&b));
                same_stream += x == rng_u64(&c);
                same_seed += x == rng_u64(&d);
        }
        assert_int_equal(same_stream + same_seed, 0);
}

static void carries_into_the_next_counter_word(void **state)
{
        (void)state;
        struct rng r = rng_new(3, 4);
        r.counter[0] = UINT32_MAX;
        rng_u32(&r);
        assert_int_equal(r.counter[0], 0);
        assert_int_equal(r.counter[1], 1);
        assert_int_equal(r.counter[2], 4);
}

static void keeps_to_its_bounds(void **state)
{
        (void)state;
        struct rng r = rng_new(42, 0);
        int seen[6] = {0};
        double sum = 0;
        for (int i = 0; i < 60000; i++) {
                seen[rng_below(&r, 6)]++;
                double u = rng_unit(&r);
                assert_true(u >= 0 && u < 1);
                sum += u;
        }
        for (int i = 0; i < 6; i++)
                assert_in_range(seen[i], 9500, 10500);
        assert_true(sum > 29500 && sum < 30500);
        for (int i = 0; i < 1000; i++) {
                int64_t v = rng_between(&r, -3, 3);
                assert_true(v >= -3 && v <= 3);
                assert_true(rng_between(&r, 5, 5) == 5);
                assert_true(rng_between(&r, INT64_MIN, 0) <= 0);
                v = rng_between(&r, 0, UINT32_MAX);
                assert_true(v >= 0 && v <= UINT32_MAX);
                v = rng_between(&r, 0, (int64_t)UINT32_MAX + 1);
                assert_true(v >= 0 && v <= (int64_t)UINT32_MAX + 1);
                assert_int_equal(rng_below(&r, 1), 0);
        }
        rng_between(&r, INT64_MIN, INT64_MAX);
}

static void random_bytes_differ(void **state)
{
        (void)state;
        unsigned char a[32] = {0}, b[32] = {0};
        random_bytes(a, sizeof a);
        random_bytes(b, sizeof b);
        assert_memory_not_equal(a, b, sizeof a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(gives_the_published_answers),
            cmocka_unit_test(streams_are_apart_and_repeatable),
            cmocka_unit_test(carries_into_the_next_counter_word),
            cmocka_unit_test(keeps_to_its_bounds),
            cmocka_unit_test(random_bytes_differ),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
