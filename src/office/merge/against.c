/* SPDX-License-Identifier: Apache-2.0 */
#include "office/merge/merge.h"

#include "office/json.h"

#include <string.h>

/* Rows in the way: of ?1 home, ?2 the record that goes, ?3 what is still believed, ?4 the record that is kept. */
struct obstacle {
        const char *code, *types, *sql;
        const char *en, *zh;
};

static const struct obstacle OBSTACLES[] = {
    {"facts", "iiii",
     "SELECT COUNT(*) FROM person_fact a JOIN person_fact b ON b.home = a.home AND b.person = ?4@int AND b.known_to = ?3@int "
     "WHERE a.home = ?1@int AND a.person = ?2@int AND a.known_to = ?3@int AND (a.birth_day <> b.birth_day OR a.sex <> b.sex OR "
     "a.death_day <> b.death_day)",
     "birth, sex or death differ: correct the wrong ones first", "出生日期、性别或死亡日期不一致，请先更正"},
    {"award", "iii",
     "SELECT COUNT(*) FROM award WHERE home = ?1@int AND person = ?2@int AND known_to = ?3@int AND state = 'active'",
     "a benefit is paid under the record that would go: keep that one, or end the benefit",
     "被并入的档案正在领取待遇：请保留该档案，或先停发待遇"},
    {"case", "ii",
     "SELECT COUNT(*) FROM process_instance WHERE home = ?1@int AND subject_kind = 'person' AND subject = ?2@int AND state IN "
     "('active', 'incident')",
     "cases of the record that would go are not finished", "被并入的档案有未办结的案件"},
    {"claim", "ii",
     "SELECT COUNT(*) FROM payment_claim WHERE home = ?1@int AND beneficiary_kind = 'person' AND beneficiary = ?2@int AND "
     "state "
     "NOT IN ('paid', 'cancelled')",
     "a one-off payment to the record that would go is not paid yet", "被并入的档案有尚未付讫的一次性支付"},
    {"payment", "ii",
     "SELECT COUNT(*) FROM payment p JOIN payment_run r ON r.home = p.home AND r.id = p.run WHERE p.home = ?1@int AND p.person "
     "= "
     "?2@int AND p.state IN ('due', 'released', 'filed', 'returned') AND r.state <> 'cancelled'",
     "a payment to the record that would go is under way or came back", "被并入的档案有在途或被退回的发放"},
    {"unpaid", "ii",
     "SELECT COUNT(*) FROM (SELECT DISTINCT employer FROM employment WHERE home = ?1@int AND person = ?2@int AND employer_home "
     "= "
     "?1@int) m JOIN assessment a ON a.home = ?1@int AND a.employer = m.employer AND a.state = 'open' JOIN assessment_line l "
     "ON "
     "l.home = a.home AND l.assessment = a.id AND l.person_home = ?1@int AND l.person = ?2@int",
     "contributions assessed under the record that would go are not paid yet", "被并入的档案名下有已核定尚未缴清的费款"},
    {"declaration", "ii",
     "SELECT COUNT(*) FROM (SELECT DISTINCT employer FROM employment WHERE home = ?1@int AND person = ?2@int AND employer_home "
     "= "
     "?1@int) m JOIN declaration d ON d.home = ?1@int AND d.employer = m.employer AND d.state IN ('draft', 'posted') JOIN "
     "declaration_line l ON l.home = d.home AND l.declaration = d.id AND l.person_home = ?1@int AND l.person = ?2@int",
     "a declaration that names the record that would go is not decided yet", "有未办结的申报包含被并入的档案"},
    {"months", "iiii",
     "SELECT COUNT(*) FROM contribution a JOIN contribution b ON b.home = a.home AND b.person = ?4@int AND b.scheme = a.scheme "
     "AND b.known_to = ?3@int AND b.month_from < a.month_to AND a.month_from < b.month_to WHERE a.home = ?1@int AND a.person = "
     "?2@int AND a.known_to = ?3@int",
     "months are insured twice in one scheme: refund one of them first (P10)", "同一险种有重复缴费月份，请先办理清退（P10）"},
    {"employment", "iiii",
     "SELECT COUNT(*) FROM employment a JOIN employment b ON b.home = a.home AND b.person = ?4@int AND b.employer_home = "
     "a.employer_home AND b.employer = a.employer AND b.known_to = ?3@int AND b.valid_from < a.valid_to AND a.valid_from < "
     "b.valid_to WHERE a.home = ?1@int AND a.person = ?2@int AND a.known_to = ?3@int AND NOT (b.valid_from <= a.valid_from AND "
     "b.valid_to >= a.valid_to)",
     "employments with one employer overlap in part: correct their days first",
     "在同一单位的用工期间部分重叠，请先更正起止日期"},
};

static int state_against(struct tx *tx, const struct person_merge *m, json_t *list, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT COUNT(*) FROM person WHERE home = ?1@int AND id IN (?2@int, ?3@int) AND state = 'active'",
                        "iii", (int64_t)m->home, m->kept, m->gone);

        if (rc == 1 && stmt_int(q, 0) != 2)
                json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "code", "state", "text_en",
                                                      "one of the records is cancelled, erased or merged already", "text_zh",
                                                      "其中一份档案已注销、销毁或已合并"));
        return rc < 0 ? rc : 0;
}

int merge_against(struct tx *tx, const struct person_merge *m, json_t **out, struct error *err)
{
        json_t *list = json_array();
        struct stmt *q;
        int rc = list == NULL ? error_raise(err, SB_MEMORY, "%s", "") : state_against(tx, m, list, err);

        for (size_t i = 0; rc == 0 && i < sizeof OBSTACLES / sizeof OBSTACLES[0]; i++) {
                const struct obstacle *o = &OBSTACLES[i];
                rc = tx_one(&q, tx, err, o->sql, o->types, (int64_t)m->home, m->gone, (int64_t)INSTANT_END, m->kept);
                if (rc == 1 && stmt_int(q, 0) > 0)
                        json_array_append_new(list, json_pack("{s:s,s:I,s:s,s:s}", "code", o->code, "count",
                                                              (json_int_t)stmt_int(q, 0), "text_en", o->en, "text_zh", o->zh));
                rc = rc < 0 ? rc : 0;
        }
        if (rc == 0)
                *out = list;
        else
                json_decref(list);
        return rc;
}

static void words(const json_t *list, const char *text, const char *between, char *out, size_t size)
{
        const json_t *one;
        size_t i, n = 0;

        out[0] = '\0';
        json_array_foreach((json_t *)(uintptr_t)list, i, one)
        {
                text_format(out + n, size - n, "%s%s", i == 0 ? "" : between, json_text(one, text));
                n = strlen(out);
        }
}

int merge_need(struct tx *tx, const struct person_merge *m, struct error *err)
{
        char en[1200], zh[1200], number[32];
        json_t *list = NULL;
        int rc = merge_against(tx, m, &list, err);

        if (rc == 0 && json_array_size(list) > 0) {
                words(list, "text_en", "; ", en, sizeof en);
                words(list, "text_zh", "；", zh, sizeof zh);
                rc = error_raise(err, SB_MERGE_AGAINST, "%s|%s\x1e%s", readable_number('P', m->home, m->gone, number), en, zh);
        }
        json_decref(list);
        return rc;
}
