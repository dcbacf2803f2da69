/* SPDX-License-Identifier: Apache-2.0 */
#include "support/permissions.h"
#include "support/pg.h"
#include "testing.h"

#include "base/text.h"

#include <string.h>
#include <sys/stat.h>

static void copy(const char *dir, const char *name, const char *more)
{
        char path[400];
        struct error err = {0};
        struct buf text;

        buf_init(&text, (size_t)1 << 20);
        assert_ok(file_read(&text, text_format(path, sizeof path, "packs/cn/%s", name), (size_t)1 << 20, &err), err);
        buf_add_text(&text, more);
        assert_ok(file_write(text_format(path, sizeof path, "%s/%s", dir, name), buf_text(&text), text.n, &err), err);
        buf_dispose(&text);
}

void test_permissions_write(const char *dir)
{
        copy(dir, "roles.csv", "");
        copy(dir, "bodies.csv", "");
        copy(dir, "purposes.csv", "");
        copy(dir, "duties.csv", "test.any,试,Test,x\ntest.clerk,试,Test,x\ntest.auditor,试,Test,x\n");
        copy(dir, "permissions.csv",
             "test.clerk,clerk,*,,\ntest.auditor,auditor,*,,\ntest.any,clerk,*,,\ntest.any,reviewer,*,,\n"
             "test.any,approver,*,,\ntest.any,finance,*,,\ntest.any,auditor,*,,\ntest.any,admin,*,,\n");
}

void test_permissions(struct house *h)
{
        static const char MANIFEST[] = "{\"name\":\"rules\",\"title\":{\"zh\":\"权限\",\"en\":\"Rules\"},\"version\":\"1\"}";
        char dir[300], path[340];
        struct pack *pack = NULL;
        struct error err = {0};

        mkdir(text_format(dir, sizeof dir, "%s/authority", test_scratch()), 0777);
        assert_ok(file_write(text_format(path, sizeof path, "%s/pack.json", dir), MANIFEST, strlen(MANIFEST), &err), err);
        test_permissions_write(dir);
        if (h->packs == NULL)
                assert_ok(pack_store_new(&h->packs, h->store, &err), err);
        assert_ok(pack_open(&pack, dir, &err), err);
        pack_store_stand_in(h->packs, pack);
        pack_free(pack);
}
