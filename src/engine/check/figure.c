/* SPDX-License-Identifier: Apache-2.0
 *
 * Figures that are written in a rule: numbers, dates and durations that belong in a parameter, where they have a source and a date.
 * What arithmetic itself needs stays: none, one, a half or the fen (2), the months of a year, percent, places of a list, decimals.
 */
#include "engine/check/internal.h"

#include <string.h>

static bool arithmetic(const struct feel_value *v)
{
        static const int64_t PLAIN[] = {0, 1, 2, 12, 100};
        bool equal = false;

        for (size_t i = 0; i < sizeof PLAIN / sizeof PLAIN[0]; i++) {
                struct feel_value plain = feel_int(PLAIN[i]);
                if (feel_equal(v, &plain, &equal) && equal)
                        return true;
        }
        return false;
}

static bool unit_duration(struct str text)
{
        return str_is(text, "P1D") || str_is(text, "P1M") || str_is(text, "P1Y");
}

/* A day, a month or a year, which count rather than grant. */
static bool unit_value(const struct feel_value *v)
{
        return (v->kind == FEEL_DAYS && v->ns == TEMPORAL_NS_PER_DAY) ||
               (v->kind == FEEL_MONTHS && (v->months == 1 || v->months == 12));
}

static void report(const struct place *p, const struct feel_value *v)
{
        struct buf text;

        buf_init(&text, 200);
        feel_print(&text, v);
        found(p, CHECK_WARNING, SB_RULE_FIGURE, "%s", buf_text(&text));
        buf_dispose(&text);
}

static bool named(const struct feel_node *n, const char *const *names)
{
        for (; *names != NULL; names++)
                if (n->op == OP_DYNAMIC && strcmp(n->name, *names) == 0)
                        return true;
        return false;
}

/* Arguments that say how to compute, not what the law grants. */
static bool argument_stays(const struct feel_node *call, uint32_t i)
{
        static const char *const SCALES[] = {"decimal",       "floor",           "ceiling",   "round up", "round down",
                                             "round half up", "round half down", "substring", "sublist",  NULL};

        return i >= 2 && call->children[i]->op == OP_CONST && named(call->children[0], SCALES);
}

/* date("2025-01-01"), duration("P50Y"): a text that stands for a figure. */
static void temporal_call(const struct place *p, const struct feel_node *n)
{
        static const char *const TEMPORAL[] = {"date", "time", "date and time", "duration", NULL};
        const struct feel_node *text = n->count == 2 ? n->children[1] : NULL;

        if (text != NULL && text->op == OP_CONST && text->value.kind == FEEL_STRING && named(n->children[0], TEMPORAL) &&
            !unit_duration(text->value.string))
                report(p, &text->value);
}

void figures(const struct place *p, const struct feel_node *n)
{
        if (n == NULL)
                return;
        if (n->op == OP_CONST) {
                bool temporal = n->value.kind >= FEEL_DATE && n->value.kind <= FEEL_MONTHS && !unit_value(&n->value);
                if (temporal || (n->value.kind == FEEL_NUMBER && !arithmetic(&n->value)))
                        report(p, &n->value);
                return;
        }
        if (n->op == OP_CALL)
                temporal_call(p, n);
        for (uint32_t i = 0; i < n->count; i++) {
                bool place = n->op == OP_FILTER && i == 1 && n->children[i]->op == OP_CONST;
                if (!place && !(n->op == OP_CALL && argument_stays(n, i)))
                        figures(p, n->children[i]);
        }
}
