/* SPDX-License-Identifier: Apache-2.0
 *
 * Signatures of the built-in functions of FEEL whose arguments and answer are of one kind each.
 */
#include "engine/check/internal.h"

#include <string.h>

#define N &TYPE_NUMBER
#define S &TYPE_STRING
#define B &TYPE_BOOLEAN
#define D &TYPE_DATE_TIME
#define A &TYPE_ANY

static const struct type NUMBERS = {.kind = KIND_LIST, .item = N}, LIST = {.kind = KIND_LIST, .item = A},
                         STRINGS = {.kind = KIND_LIST, .item = S};

#define F(least_, count_, answer, ...)                                                                                         \
        {                                                                                                                      \
                .kind = KIND_FUNCTION, .item = answer, .least = least_, .count = count_, .fields = (const struct field[])      \
                {                                                                                                              \
                        __VA_ARGS__                                                                                            \
                }                                                                                                              \
        }

/* Arguments of several forms: only the answer is known. */
#define ANSWER(answer)                                                                                                         \
        {                                                                                                                      \
                .kind = KIND_FUNCTION, .item = answer, .open = true                                                            \
        }

static const struct {
        const char *name;
        struct type type;
} SIGNATURES[] = {
    {"decimal", F(2, 2, N, {"n", N}, {"scale", N})},
    {"floor", F(1, 2, N, {"n", N}, {"scale", N})},
    {"ceiling", F(1, 2, N, {"n", N}, {"scale", N})},
    {"round up", F(1, 2, N, {"n", N}, {"scale", N})},
    {"round down", F(1, 2, N, {"n", N}, {"scale", N})},
    {"round half up", F(1, 2, N, {"n", N}, {"scale", N})},
    {"round half down", F(1, 2, N, {"n", N}, {"scale", N})},
    {"modulo", F(2, 2, N, {"dividend", N}, {"divisor", N})},
    {"sqrt", F(1, 1, N, {"number", N})},
    {"log", F(1, 1, N, {"number", N})},
    {"exp", F(1, 1, N, {"number", N})},
    {"odd", F(1, 1, B, {"number", N})},
    {"even", F(1, 1, B, {"number", N})},
    {"number", F(1, 3, N, {"from", S}, {"grouping separator", S}, {"decimal separator", S})},
    {"string", F(1, 1, S, {"from", A})},
    {"day of year", F(1, 1, N, {"date", D})},
    {"day of week", F(1, 1, S, {"date", D})},
    {"month of year", F(1, 1, S, {"date", D})},
    {"week of year", F(1, 1, N, {"date", D})},
    {"years and months duration", F(2, 2, &TYPE_MONTHS, {"from", D}, {"to", D})},
    {"string length", F(1, 1, N, {"string", S})},
    {"substring", F(2, 3, S, {"string", S}, {"start position", N}, {"length", N})},
    {"upper case", F(1, 1, S, {"string", S})},
    {"lower case", F(1, 1, S, {"string", S})},
    {"substring before", F(2, 2, S, {"string", S}, {"match", S})},
    {"substring after", F(2, 2, S, {"string", S}, {"match", S})},
    {"contains", F(2, 2, B, {"string", S}, {"match", S})},
    {"starts with", F(2, 2, B, {"string", S}, {"match", S})},
    {"ends with", F(2, 2, B, {"string", S}, {"match", S})},
    {"matches", F(2, 3, B, {"input", S}, {"pattern", S}, {"flags", S})},
    {"replace", F(3, 4, S, {"input", S}, {"pattern", S}, {"replacement", S}, {"flags", S})},
    {"split", F(2, 2, &STRINGS, {"string", S}, {"delimiter", S})},
    {"string join", F(1, 2, S, {"list", &STRINGS}, {"delimiter", S})},
    {"not", F(1, 1, B, {"negand", B})},
    {"list contains", F(2, 2, B, {"list", &LIST}, {"element", A})},
    {"index of", F(2, 2, &NUMBERS, {"list", &LIST}, {"match", A})},
    {"date", ANSWER(&TYPE_DATE)},
    {"time", ANSWER(&TYPE_TIME)},
    {"date and time", ANSWER(&TYPE_DATE_TIME)},
    {"count", ANSWER(N)},
    {"last day of month", ANSWER(N)},
    {"is", F(2, 2, B, {"value1", A}, {"value2", A})},
};

const struct type *builtin_type(const char *name)
{
        for (size_t i = 0; i < sizeof SIGNATURES / sizeof SIGNATURES[0]; i++)
                if (strcmp(SIGNATURES[i].name, name) == 0)
                        return &SIGNATURES[i].type;
        return NULL;
}
