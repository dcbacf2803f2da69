/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of FEEL's functions (DMN 1.5, 10.3.4), and how their arguments are matched and made to fit.
 */
#include "engine/feel/builtin.h"

#include <string.h>

#define P(...)                                                                                                                 \
        (const char *const[])                                                                                                  \
        {                                                                                                                      \
                __VA_ARGS__                                                                                                    \
        }
#define ONE(names, kinds, least)                                                                                               \
        {                                                                                                                      \
                {                                                                                                              \
                        names, kinds, least, REST_NONE                                                                         \
                }                                                                                                              \
        }
#define VALUES(name)                                                                                                           \
        {                                                                                                                      \
                {                                                                                                              \
                        P(name), "l", 1, REST_VALUES                                                                           \
                }                                                                                                              \
        }
#define RANGES                                                                                                                 \
        {                                                                                                                      \
                {P("point1", "point2"), "pp", 2, REST_NONE}, {P("range1", "range2"), "pp", 2, REST_NONE},                      \
                {                                                                                                              \
                        P("point", "range"), "pp", 2, REST_NONE                                                                \
                }                                                                                                              \
        }

static const struct feel_builtin TABLE[] = {
    {"abs", ONE(P("n"), "v", 1), builtin_abs, FEEL_T_ANY, false, 0},
    {"after",
     {{P("point1", "point2"), "pp", 2, 0}, {P("range", "point"), "pp", 2, 0}, {P("range1", "range2"), "pp", 2, 0}},
     builtin_after,
     FEEL_T_BOOLEAN,
     false,
     0},
    {"all", VALUES("list"), builtin_all, FEEL_T_BOOLEAN, false, 0},
    {"any", VALUES("list"), builtin_any, FEEL_T_BOOLEAN, false, 0},
    {"append", {{P("list", "item"), "la", 2, REST_REPEAT}}, builtin_append, FEEL_T_LIST, false, 0},
    {"before",
     {{P("point1", "point2"), "pp", 2, 0}, {P("range", "point"), "pp", 2, 0}, {P("range1", "range2"), "pp", 2, 0}},
     builtin_before,
     FEEL_T_BOOLEAN,
     false,
     0},
    {"ceiling", {{P("n", "scale"), "nn", 1, 0}}, builtin_rounding, FEEL_T_NUMBER, false, ROUND_CEILING},
    {"coincides", RANGES, builtin_coincides, FEEL_T_BOOLEAN, false, 0},
    {"concatenate", {{P("list"), "l", 1, REST_REPEAT}}, builtin_concatenate, FEEL_T_LIST, false, 0},
    {"contains", ONE(P("string", "match"), "ss", 2), builtin_contains, FEEL_T_BOOLEAN, false, 0},
    {"context", ONE(P("entries"), "l", 1), builtin_context, FEEL_T_CONTEXT, false, 0},
    {"context merge", ONE(P("contexts"), "l", 1), builtin_context_merge, FEEL_T_CONTEXT, false, 0},
    {"context put",
     {{P("context", "key", "value"), "cva", 3, 0}, {P("context", "keys", "value"), "cva", 3, 0}},
     builtin_context_put,
     FEEL_T_CONTEXT,
     false,
     0},
    {"count", ONE(P("list"), "l", 1), builtin_count, FEEL_T_NUMBER, false, 0},
    {"date", {{P("from"), "v", 1, 0}, {P("year", "month", "day"), "nnn", 3, 0}}, builtin_date, FEEL_T_DATE, false, 0},
    {"date and time",
     {{P("from"), "v", 1, 0}, {P("date", "time"), "vv", 2, 0}},
     builtin_date_and_time,
     FEEL_T_DATE_TIME,
     false,
     0},
    {"day of week", ONE(P("date"), "d", 1), builtin_day_of_week, FEEL_T_STRING, false, 0},
    {"day of year", ONE(P("date"), "d", 1), builtin_day_of_year, FEEL_T_NUMBER, false, 0},
    {"decimal", ONE(P("n", "scale"), "nn", 2), builtin_decimal, FEEL_T_NUMBER, false, 0},
    {"distinct values", ONE(P("list"), "l", 1), builtin_distinct_values, FEEL_T_LIST, false, 0},
    {"duration", ONE(P("from"), "v", 1), builtin_duration, FEEL_T_ANY, false, 0},
    {"during",
     {{P("point", "range"), "pp", 2, 0}, {P("range1", "range2"), "pp", 2, 0}},
     builtin_during,
     FEEL_T_BOOLEAN,
     false,
     0},
    {"ends with", ONE(P("string", "match"), "ss", 2), builtin_ends_with, FEEL_T_BOOLEAN, false, 0},
    {"even", ONE(P("number"), "n", 1), builtin_even, FEEL_T_BOOLEAN, false, 0},
    {"exp", ONE(P("number"), "n", 1), builtin_exp, FEEL_T_NUMBER, false, 0},
    {"finished by",
     {{P("range", "point"), "pp", 2, 0}, {P("range1", "range2"), "pp", 2, 0}},
     builtin_finished_by,
     FEEL_T_BOOLEAN,
     false,
     0},
    {"finishes",
     {{P("point", "range"), "pp", 2, 0}, {P("range1", "range2"), "pp", 2, 0}},
     builtin_finishes,
     FEEL_T_BOOLEAN,
     false,
     0},
    {"flatten", ONE(P("list"), "l", 1), builtin_flatten, FEEL_T_LIST, false, 0},
    {"floor", {{P("n", "scale"), "nn", 1, 0}}, builtin_rounding, FEEL_T_NUMBER, false, ROUND_FLOOR},
    {"get entries", ONE(P("m"), "c", 1), builtin_get_entries, FEEL_T_LIST, false, 0},
    {"get value", {{P("m", "key"), "cs", 2, 0}, {P("context", "key"), "cs", 2, 0}}, builtin_get_value, FEEL_T_ANY, false, 0},
    {"includes",
     {{P("range", "point"), "pp", 2, 0}, {P("range1", "range2"), "pp", 2, 0}},
     builtin_includes,
     FEEL_T_BOOLEAN,
     false,
     0},
    {"index of", ONE(P("list", "match"), "la", 2), builtin_index_of, FEEL_T_LIST, false, 0},
    {"insert before", ONE(P("list", "position", "newItem"), "lna", 3), builtin_insert_before, FEEL_T_LIST, false, 0},
    {"is", ONE(P("value1", "value2"), "aa", 2), builtin_is, FEEL_T_BOOLEAN, false, 0},
    {"last day of month", ONE(P("date"), "d", 1), builtin_last_day_of_month, FEEL_T_NUMBER, false, 0},
    {"list contains", ONE(P("list", "element"), "la", 2), builtin_list_contains, FEEL_T_BOOLEAN, false, 0},
    {"list replace",
     {{P("list", "position", "newItem"), "lva", 3, 0}, {P("list", "match", "newItem"), "lva", 3, 0}},
     builtin_list_replace,
     FEEL_T_LIST,
     false,
     0},
    {"log", ONE(P("number"), "n", 1), builtin_log, FEEL_T_NUMBER, false, 0},
    {"lower case", ONE(P("string"), "s", 1), builtin_lower_case, FEEL_T_STRING, false, 0},
    {"matches", {{P("input", "pattern", "flags"), "ssS", 2, 0}}, builtin_matches, FEEL_T_BOOLEAN, false, 0},
    {"max", VALUES("list"), builtin_max, FEEL_T_ANY, false, 0},
    {"mean", VALUES("list"), builtin_mean, FEEL_T_ANY, false, 0},
    {"median", VALUES("list"), builtin_median, FEEL_T_NUMBER, false, 0},
    {"meets", {{P("range1", "range2"), "pp", 2, 0}}, builtin_meets, FEEL_T_BOOLEAN, false, 0},
    {"met by", {{P("range1", "range2"), "pp", 2, 0}}, builtin_met_by, FEEL_T_BOOLEAN, false, 0},
    {"min", VALUES("list"), builtin_min, FEEL_T_ANY, false, 0},
    {"mode", VALUES("list"), builtin_mode, FEEL_T_LIST, false, 0},
    {"modulo", ONE(P("dividend", "divisor"), "nn", 2), builtin_modulo, FEEL_T_NUMBER, false, 0},
    {"month of year", ONE(P("date"), "d", 1), builtin_month_of_year, FEEL_T_STRING, false, 0},
    {"not", ONE(P("negand"), "a", 1), builtin_not, FEEL_T_BOOLEAN, false, 0},
    {"now", {{P(""), "", 0, 0}}, builtin_now, FEEL_T_DATE_TIME, true, 0},
    {"number",
     {{P("from"), "s", 1, 0}, {P("from", "grouping separator", "decimal separator"), "sSS", 3, 0}},
     builtin_number,
     FEEL_T_NUMBER,
     false,
     0},
    {"odd", ONE(P("number"), "n", 1), builtin_odd, FEEL_T_BOOLEAN, false, 0},
    {"overlaps", {{P("range1", "range2"), "pp", 2, 0}}, builtin_overlaps, FEEL_T_BOOLEAN, false, 0},
    {"overlaps after", {{P("range1", "range2"), "pp", 2, 0}}, builtin_overlaps_after, FEEL_T_BOOLEAN, false, 0},
    {"overlaps before", {{P("range1", "range2"), "pp", 2, 0}}, builtin_overlaps_before, FEEL_T_BOOLEAN, false, 0},
    {"product", VALUES("list"), builtin_product, FEEL_T_NUMBER, false, 0},
    {"range", ONE(P("from"), "s", 1), builtin_range, FEEL_T_RANGE, false, 0},
    {"remove", ONE(P("list", "position"), "ln", 2), builtin_remove, FEEL_T_LIST, false, 0},
    {"replace", {{P("input", "pattern", "replacement", "flags"), "sssS", 3, 0}}, builtin_replace, FEEL_T_STRING, false, 0},
    {"reverse", ONE(P("list"), "l", 1), builtin_reverse, FEEL_T_LIST, false, 0},
    {"round down", {{P("n", "scale"), "nn", 1, 0}}, builtin_rounding, FEEL_T_NUMBER, false, ROUND_DOWN},
    {"round half down", {{P("n", "scale"), "nn", 1, 0}}, builtin_rounding, FEEL_T_NUMBER, false, ROUND_HALF_DOWN},
    {"round half up", {{P("n", "scale"), "nn", 1, 0}}, builtin_rounding, FEEL_T_NUMBER, false, ROUND_HALF_UP},
    {"round up", {{P("n", "scale"), "nn", 1, 0}}, builtin_rounding, FEEL_T_NUMBER, false, ROUND_UP},
    {"sort", {{P("list", "precedes"), "lf", 1, 0}}, builtin_sort, FEEL_T_LIST, false, 0},
    {"split", ONE(P("string", "delimiter"), "ss", 2), builtin_split, FEEL_T_LIST, false, 0},
    {"sqrt", ONE(P("number"), "n", 1), builtin_sqrt, FEEL_T_NUMBER, false, 0},
    {"started by",
     {{P("range", "point"), "pp", 2, 0}, {P("range1", "range2"), "pp", 2, 0}},
     builtin_started_by,
     FEEL_T_BOOLEAN,
     false,
     0},
    {"starts",
     {{P("point", "range"), "pp", 2, 0}, {P("range1", "range2"), "pp", 2, 0}},
     builtin_starts,
     FEEL_T_BOOLEAN,
     false,
     0},
    {"starts with", ONE(P("string", "match"), "ss", 2), builtin_starts_with, FEEL_T_BOOLEAN, false, 0},
    {"stddev", VALUES("list"), builtin_stddev, FEEL_T_NUMBER, false, 0},
    {"string", ONE(P("from"), "a", 1), builtin_string, FEEL_T_STRING, false, 0},
    {"string join", {{P("list", "delimiter"), "lS", 1, 0}}, builtin_string_join, FEEL_T_STRING, false, 0},
    {"string length", ONE(P("string"), "s", 1), builtin_string_length, FEEL_T_NUMBER, false, 0},
    {"sublist", {{P("list", "start position", "length"), "lnn", 2, 0}}, builtin_sublist, FEEL_T_LIST, false, 0},
    {"substring", {{P("string", "start position", "length"), "snn", 2, 0}}, builtin_substring, FEEL_T_STRING, false, 0},
    {"substring after", ONE(P("string", "match"), "ss", 2), builtin_substring_after, FEEL_T_STRING, false, 0},
    {"substring before", ONE(P("string", "match"), "ss", 2), builtin_substring_before, FEEL_T_STRING, false, 0},
    {"sum", VALUES("list"), builtin_sum, FEEL_T_ANY, false, 0},
    {"time",
     {{P("from"), "v", 1, 0}, {P("hour", "minute", "second", "offset"), "nnna", 3, 0}},
     builtin_time,
     FEEL_T_TIME,
     false,
     0},
    {"today", {{P(""), "", 0, 0}}, builtin_today, FEEL_T_DATE, true, 0},
    {"union", {{P("list"), "l", 1, REST_REPEAT}}, builtin_union, FEEL_T_LIST, false, 0},
    {"upper case", ONE(P("string"), "s", 1), builtin_upper_case, FEEL_T_STRING, false, 0},
    {"week of year", ONE(P("date"), "d", 1), builtin_week_of_year, FEEL_T_NUMBER, false, 0},
    {"years and months duration", ONE(P("from", "to"), "dd", 2), builtin_years_and_months_duration, FEEL_T_MONTHS, false, 0},
};
#define COUNT (sizeof TABLE / sizeof TABLE[0])

const struct feel_builtin *builtin_find(struct str name)
{
        size_t low = 0, high = COUNT;

        while (low < high) {
                size_t middle = (low + high) / 2;
                int order = str_compare(name, str_from(TABLE[middle].name));
                if (order == 0)
                        return &TABLE[middle];
                if (order < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        return NULL;
}

/* Each as a value: a function may be handed over. */
#define FUNCTION(i)                                                                                                            \
        {                                                                                                                      \
                .name = "", .builtin = &TABLE[i]                                                                               \
        }
static const struct feel_function FUNCTIONS[COUNT] = {
    FUNCTION(0),  FUNCTION(1),  FUNCTION(2),  FUNCTION(3),  FUNCTION(4),  FUNCTION(5),  FUNCTION(6),  FUNCTION(7),
    FUNCTION(8),  FUNCTION(9),  FUNCTION(10), FUNCTION(11), FUNCTION(12), FUNCTION(13), FUNCTION(14), FUNCTION(15),
    FUNCTION(16), FUNCTION(17), FUNCTION(18), FUNCTION(19), FUNCTION(20), FUNCTION(21), FUNCTION(22), FUNCTION(23),
    FUNCTION(24), FUNCTION(25), FUNCTION(26), FUNCTION(27), FUNCTION(28), FUNCTION(29), FUNCTION(30), FUNCTION(31),
    FUNCTION(32), FUNCTION(33), FUNCTION(34), FUNCTION(35), FUNCTION(36), FUNCTION(37), FUNCTION(38), FUNCTION(39),
    FUNCTION(40), FUNCTION(41), FUNCTION(42), FUNCTION(43), FUNCTION(44), FUNCTION(45), FUNCTION(46), FUNCTION(47),
    FUNCTION(48), FUNCTION(49), FUNCTION(50), FUNCTION(51), FUNCTION(52), FUNCTION(53), FUNCTION(54), FUNCTION(55),
    FUNCTION(56), FUNCTION(57), FUNCTION(58), FUNCTION(59), FUNCTION(60), FUNCTION(61), FUNCTION(62), FUNCTION(63),
    FUNCTION(64), FUNCTION(65), FUNCTION(66), FUNCTION(67), FUNCTION(68), FUNCTION(69), FUNCTION(70), FUNCTION(71),
    FUNCTION(72), FUNCTION(73), FUNCTION(74), FUNCTION(75), FUNCTION(76), FUNCTION(77), FUNCTION(78), FUNCTION(79),
    FUNCTION(80), FUNCTION(81), FUNCTION(82), FUNCTION(83), FUNCTION(84), FUNCTION(85), FUNCTION(86),
};
#define VALUE(i)                                                                                                               \
        {                                                                                                                      \
                .kind = FEEL_FUNCTION, .function = &FUNCTIONS[i]                                                               \
        }
static const struct feel_value FUNCTION_VALUES[COUNT] = {
    VALUE(0),  VALUE(1),  VALUE(2),  VALUE(3),  VALUE(4),  VALUE(5),  VALUE(6),  VALUE(7),  VALUE(8),  VALUE(9),  VALUE(10),
    VALUE(11), VALUE(12), VALUE(13), VALUE(14), VALUE(15), VALUE(16), VALUE(17), VALUE(18), VALUE(19), VALUE(20), VALUE(21),
    VALUE(22), VALUE(23), VALUE(24), VALUE(25), VALUE(26), VALUE(27), VALUE(28), VALUE(29), VALUE(30), VALUE(31), VALUE(32),
    VALUE(33), VALUE(34), VALUE(35), VALUE(36), VALUE(37), VALUE(38), VALUE(39), VALUE(40), VALUE(41), VALUE(42), VALUE(43),
    VALUE(44), VALUE(45), VALUE(46), VALUE(47), VALUE(48), VALUE(49), VALUE(50), VALUE(51), VALUE(52), VALUE(53), VALUE(54),
    VALUE(55), VALUE(56), VALUE(57), VALUE(58), VALUE(59), VALUE(60), VALUE(61), VALUE(62), VALUE(63), VALUE(64), VALUE(65),
    VALUE(66), VALUE(67), VALUE(68), VALUE(69), VALUE(70), VALUE(71), VALUE(72), VALUE(73), VALUE(74), VALUE(75), VALUE(76),
    VALUE(77), VALUE(78), VALUE(79), VALUE(80), VALUE(81), VALUE(82), VALUE(83), VALUE(84), VALUE(85), VALUE(86),
};
_Static_assert(COUNT == 87, "every function has its value");

const struct feel_value *builtin_value(const struct feel_builtin *f)
{
        return &FUNCTION_VALUES[f - TABLE];
}

/* Bytes of the name of several words that the text begins with; 0 for none. */
size_t builtin_long_name(struct str text)
{
        size_t best = 0;

        for (size_t i = 0; i < COUNT; i++) {
                const char *name = TABLE[i].name;
                size_t at = 0;
                if (text.n == 0 || *name != text.p[0] || strchr(name, ' ') == NULL)
                        continue;
                while (*name != '\0' && at < text.n) {
                        if (*name == ' ') {
                                size_t before = at;
                                while (at < text.n && (text.p[at] == ' ' || (text.p[at] >= 9 && text.p[at] <= 13)))
                                        at++;
                                if (at == before)
                                        break;
                                name++;
                        } else if (*name == text.p[at]) {
                                name++;
                                at++;
                        } else {
                                break;
                        }
                }
                if (*name == '\0' && at > best)
                        best = at;
        }
        return best;
}

static bool by_name(const struct builtin_overload *o, const char *const *names, size_t count, uint32_t *place)
{
        size_t arity = strlen(o->kinds);
        uint64_t seen = 0;

        for (size_t i = 0; i < count; i++) {
                size_t p = 0;
                while (p < arity && strcmp(names[i], o->names[p]) != 0)
                        p++;
                if (p == arity || (seen >> p & 1) != 0)
                        return false;
                seen |= UINT64_C(1) << p;
                place[i] = (uint32_t)p;
        }
        return true;
}

bool builtin_match(const struct feel_builtin *f, const char *const *names, size_t count, unsigned *overload, uint32_t *place,
                   size_t *arity)
{
        for (unsigned k = 0; k < 3 && f->overloads[k].kinds != NULL; k++) {
                const struct builtin_overload *o = &f->overloads[k];
                size_t all = strlen(o->kinds);
                *overload = k;
                *arity = all;
                if (names != NULL) {
                        if (count <= all && by_name(o, names, count, place))
                                return true;
                        continue;
                }
                if (count < o->least || (count > all && o->rest == REST_NONE))
                        continue;
                if (count > all)
                        *arity = count;
                for (size_t i = 0; i < count; i++)
                        place[i] = (uint32_t)i;
                return true;
        }
        return false;
}

int builtin_bad(struct feel_machine *m, const struct feel_builtin *f, struct feel_value *out)
{
        char why[100];

        text_format(why, sizeof why, "%s() cannot be worked out of these arguments", f->name);
        *out = feel_null(m, why);
        return 0;
}

struct feel_value *builtin_items(struct feel_machine *m, size_t n)
{
        struct feel_value *items = arena_array(m->arena, n + 1, sizeof *items);

        if (items == NULL)
                feel_out_of_memory(m);
        return items;
}

bool builtin_whole(const struct feel_value *v, int64_t *out)
{
        return v->kind == FEEL_NUMBER && decimal_to_int(v->number, out);
}

static bool is_kind(char kind, const struct feel_value *v)
{
        switch (kind) {
        case 's':
        case 'S':
                return v->kind == FEEL_STRING;
        case 'n':
        case 'N':
                return v->kind == FEEL_NUMBER;
        case 'd':
                return v->kind == FEEL_DATE || v->kind == FEEL_DATE_TIME;
        case 'l':
                return v->kind == FEEL_LIST;
        case 'c':
                return v->kind == FEEL_CONTEXT;
        case 'f':
                return v->kind == FEEL_FUNCTION;
        case 'p':
                return v->kind >= FEEL_NUMBER && v->kind != FEEL_LIST && v->kind != FEEL_CONTEXT && v->kind != FEEL_FUNCTION;
        case 'v':
                return v->kind != FEEL_LIST || v->count != 1;
        default:
                return true;
        }
}

/* 1 fits, 0 does not, ERR memory is used up. */
static int fit(struct feel_machine *m, char kind, struct feel_value *v)
{
        if (kind == 'a')
                return 1;
        if (v->kind == FEEL_NULL)
                return kind == 'S' || kind == 'N';
        if (is_kind(kind, v))
                return 1;
        if (kind == 'l') {
                struct feel_value *one = builtin_items(m, 1);
                if (one == NULL)
                        return ERR;
                one[0] = *v;
                *v = feel_list(one, 1);
                return 1;
        }
        if (v->kind == FEEL_LIST && v->count == 1 && is_kind(kind, &v->items[0]) && v->items[0].kind != FEEL_NULL) {
                *v = v->items[0];
                return 1;
        }
        return 0;
}

/* Any number of values become the one list that the function works on. */
static int gather(struct feel_machine *m, struct feel_value *args, size_t count)
{
        if (count == 1 && args[0].kind == FEEL_LIST)
                return 0;
        struct feel_value *items = builtin_items(m, count);
        if (items == NULL)
                return ERR;
        for (size_t i = 0; i < count; i++)
                items[i] = args[i];
        args[0] = feel_list(items, count);
        return 0;
}

int builtin_call(struct feel_machine *m, const struct feel_builtin *f, unsigned overload, struct feel_value *args, size_t count,
                 struct feel_value *out)
{
        const struct builtin_overload *o = &f->overloads[overload];
        size_t i = 0;

        if (o->rest == REST_VALUES && count > 0) {
                if (count == 1 && args[0].kind == FEEL_NULL)
                        return builtin_bad(m, f, out);
                if (gather(m, args, count) < 0)
                        return ERR;
                return f->run(m, f, overload, args, 1, out);
        }
        for (; o->kinds[i] != '\0'; i++) {
                if (i < count && ((o->kinds[i] == 'n' && args[i].kind == FEEL_NUMBER) ||
                                  (o->kinds[i] == 's' && args[i].kind == FEEL_STRING)))
                        continue;
                if (i >= count)
                        args[i].kind = FEEL_NULL;
                if (i >= count && i >= o->least)
                        continue;
                int fits = fit(m, o->kinds[i], &args[i]);
                if (fits < 0)
                        return ERR;
                if (fits == 0)
                        return builtin_bad(m, f, out);
        }
        for (; i < count; i++) {
                int fits = fit(m, o->kinds[strlen(o->kinds) - 1], &args[i]);
                if (fits < 0)
                        return ERR;
                if (fits == 0)
                        return builtin_bad(m, f, out);
        }
        return f->run(m, f, overload, args, count, out);
}
