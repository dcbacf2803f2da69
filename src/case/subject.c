/* SPDX-License-Identifier: Apache-2.0
 *
 * What a verb of the office does to the case of its subject, when people act on the subject's own page and not on the case's: the
 * waiting task is done with it, or the case is withdrawn.
 */
#include "case/instance.h"

#include <string.h>

int case_running(struct tx *tx, struct house *h, const struct case_ref *ref, int64_t *instance, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT id FROM process_instance WHERE home = ?1@int AND subject_kind = ?2@text AND subject = ?3@int "
                        "AND process = ?4@text "
                        "AND state IN ('active', 'incident') ORDER BY id DESC LIMIT 1",
                        "itit", (int64_t)h->home, ref->subject_kind, ref->subject, ref->process);

        *instance = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

int case_follow(struct tx *tx, struct call *c, const struct case_ref *ref, const char *node, const json_t *outcome,
                int64_t *instance, struct error *err)
{
        struct stmt *q;
        int64_t task = 0;
        int rc = case_running(tx, c->house, ref, instance, err);

        if (rc == 0 && *instance != 0) {
                rc = tx_one(&q, tx, err,
                            "SELECT id FROM task WHERE home = ?1@int AND instance = ?2@int AND node = ?3@text AND state = "
                            "'open' ORDER BY id LIMIT 1",
                            "iit", (int64_t)c->house->home, *instance, node);
                task = rc == 1 ? stmt_int(q, 0) : 0;
        }
        if (rc < 0)
                return rc;
        return task == 0 ? 0 : case_task_complete(tx, c, task, outcome, err);
}

int case_waits(struct tx *tx, struct house *h, const struct case_ref *ref, const char *node, bool *waits, struct error *err)
{
        struct stmt *q;
        int64_t instance;
        int rc = case_running(tx, h, ref, &instance, err);

        *waits = false;
        if (rc < 0 || instance == 0)
                return rc < 0 ? rc : 0;
        rc = tx_one(&q, tx, err,
                    "SELECT 1 FROM task WHERE home = ?1@int AND instance = ?2@int AND node = ?3@text AND state = 'open'", "iit",
                    (int64_t)h->home, instance, node);
        *waits = rc == 1;
        return rc < 0 ? rc : 1;
}

int case_subject(struct tx *tx, struct call *c, const char *kind, int64_t subject, struct error *err)
{
        return tx_exec(
            tx, err,
            "UPDATE process_instance SET subject_kind = ?3@text, subject = ?4@int, version = version + 1 WHERE home = "
            "?1@int AND id = ?2@int",
            "iiti", (int64_t)c->house->home, c->instance, kind, subject);
}

int case_withdraw(struct tx *tx, struct call *c, const struct case_ref *ref, struct error *err)
{
        int64_t id;
        int rc = case_running(tx, c->house, ref, &id, err);

        return rc < 0 || id == 0 ? rc : instance_cancel(tx, c->house, id, err);
}

/* A case that another one called tells it: the caller may catch the error "withdrawn". */
int instance_cancel(struct tx *tx, struct house *h, int64_t id, struct error *err)
{
        struct instance i;
        int rc = instance_lock(tx, h, id, &i, err);

        if (rc == 0)
                rc = instance_end(tx, h, id, "cancelled", err);
        if (rc == 0 && i.parent != 0) {
                struct mover mover = {0, i.office, NULL};
                struct stepping s = {.tx = tx, .h = h, .i = &i, .mover = &mover, .now = clock_now(h->clock)};
                rc = call_return(&s, CALL_WITHDRAWN, err);
        }
        instance_dispose(&i);
        return rc;
}
