/* SPDX-License-Identifier: Apache-2.0 */
#include "base/xml.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The whole tree without recursion: every text is valid, every child knows its parent. */
static void walk(const struct xml_node *n)
{
        while (n != NULL) {
                if (utf8_check(str_from(n->text), NULL) != 0 || n->name[0] == '\0' || n->line < 1)
                        abort();
                for (const struct xml_attr *a = n->attrs; a != NULL; a = a->next)
                        if (utf8_check(str_from(a->value), NULL) != 0)
                                abort();
                xml_prefix_uri(n, STR("p"));
                if (n->first != NULL) {
                        if (n->first->parent != n)
                                abort();
                        n = n->first;
                        continue;
                }
                while (n != NULL && n->next == NULL)
                        n = n->parent;
                if (n != NULL)
                        n = n->next;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct error err = {0};
        struct arena *a = arena_new((size_t)64 << 20);
        const struct xml_node *root = NULL;
        if (a == NULL)
                abort();
        int rc = xml_parse(&root, a, (struct str){(const char *)data, size}, NULL, &err);
        if ((rc == 0) != (root != NULL) || (rc == 0) != (err.code == SB_OK))
                abort();
        walk(root);
        arena_free(a);
        return 0;
}
