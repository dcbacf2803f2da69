/* SPDX-License-Identifier: Apache-2.0 */
#include "http/exchange.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Routes are few (hundreds at most): a list that is compared segment by segment is fast enough and has no order to
 * get wrong, because a fixed segment always wins over a {value} at the same place. */
struct route {
        const struct verb *verb;
};
struct route_table {
        struct route *routes;
        size_t count;
};

int route_table_new(struct route_table **out, const struct registry *verbs, struct error *err)
{
        struct route_table *t = calloc(1, sizeof *t);
        size_t n = 0;

        for (size_t i = 0; registry_at(verbs, i) != NULL; i++)
                n += registry_at(verbs, i)->path != NULL;
        if (t != NULL)
                t->routes = calloc(n == 0 ? 1 : n, sizeof *t->routes);
        if (t == NULL || t->routes == NULL) {
                route_table_free(t);
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        for (size_t i = 0; registry_at(verbs, i) != NULL; i++)
                if (registry_at(verbs, i)->path != NULL)
                        t->routes[t->count++].verb = registry_at(verbs, i);
        assert(t->count == n);
        *out = t;
        return 0;
}

void route_table_free(struct route_table *t)
{
        if (t == NULL)
                return;
        free(t->routes);
        free(t);
}

/* The next segment of a path: bytes up to the next '/'. */
static struct str segment_next(const char **at)
{
        const char *start = *at;
        const char *end = strchr(start, '/');
        size_t n = end == NULL ? strlen(start) : (size_t)(end - start);

        *at = end == NULL ? start + n : end + 1;
        return (struct str){start, n};
}

/* Does the path fit the template? score: fixed segments; values: filled when not NULL. */
static bool template_fits(const char *template, const char *path, int *score, json_t *values)
{
        const char *t = template, *p = path;
        size_t n = strlen(path);

        *score = 0;
        if (n > 1 && path[n - 1] == '/')
                return false; /* a closing slash is an empty segment, which no template has */
        while (*t != '\0' || *p != '\0') {
                if (*t == '\0' || *p == '\0')
                        return false;
                struct str want = segment_next(&t), have = segment_next(&p);
                if (want.n > 2 && want.p[0] == '{') {
                        char name[64];
                        if (have.n == 0)
                                return false;
                        text_copy(name, sizeof name, (struct str){want.p + 1, want.n - 2});
                        if (values != NULL)
                                json_object_set_new(values, name, json_stringn(have.p, have.n));
                } else if (str_equal(want, have)) {
                        (*score)++;
                } else {
                        return false;
                }
        }
        return true;
}

int route_find(const struct route_table *t, const char *method, const char *path, const struct verb **verb, json_t **values,
               struct error *err)
{
        const struct verb *best = NULL;
        int best_score = -1, score;
        bool path_known = false;

        for (size_t i = 0; i < t->count; i++) {
                const struct verb *v = t->routes[i].verb;
                if (!template_fits(v->path, path, &score, NULL))
                        continue;
                path_known = true;
                if (strcmp(v->method, method) == 0 && score > best_score) {
                        best = v;
                        best_score = score;
                }
        }
        if (best == NULL && path_known)
                return error_raise(err, SB_HTTP_METHOD, "%s|%s", method, path);
        if (best == NULL)
                return error_raise(err, SB_HTTP_NOT_FOUND, "%s", path);
        json_t *found = json_object();
        if (found == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        template_fits(best->path, path, &score, found);
        *verb = best;
        *values = found;
        return 0;
}
