/* SPDX-License-Identifier: Apache-2.0 */
#include "guarded.h"
#include "support/pg.h"
#include "testing.h"

#include <stdlib.h>
#include <string.h>

static const char *const NOT_KEPT[] = {"noise", NULL};
const struct store_guard GUARD = {.key = "a key of thirty-two bytes, or so", .left_out = NOT_KEPT};

/* A text of SQL is a key of the store's cache: it lives until the end. */
static char *texts[4096];
static size_t text_count;

int script(struct tx *tx, void *ctx, struct error *err)
{
        char *one = strdup(ctx);
        int rc = 0;

        assert_true(one != NULL && text_count < sizeof texts / sizeof *texts);
        texts[text_count++] = one;
        for (char *rest = one; rc == 0 && rest != NULL;) {
                char *end = strstr(rest, ";");
                if (end != NULL)
                        *end++ = '\0';
                rc = tx_exec(tx, err, rest, "");
                rest = end;
        }
        return rc;
}

void run(struct store *s, const char *sql)
{
        struct error err = {0};

        assert_ok(store_write(s, script, (void *)(uintptr_t)sql, &err), err);
}

void opened(struct store **s, const char *url, bool guarded)
{
        struct store_options options = {.create = true, .readers = 1};
        struct error err = {0};

        assert_ok(store_open(s, url, &options, &err), err);
        if (guarded)
                assert_ok(store_guard(*s, &GUARD, &err), err);
}

void closed(struct place *p)
{
        store_close(p->ours);
        store_close(p->theirs);
        while (text_count > 0)
                free(texts[--text_count]);
}
