/* SPDX-License-Identifier: Apache-2.0
 *
 * A model that a child overrides decision by decision: rules/NAME.dmn whose root says law:extends="PACK" holds only the elements
 * that differ. They stand in the place of those of the same id in the model of that pack; what is new comes behind. What the pack
 * hands out is the whole model; what it stores and hashes is the file as it is.
 */
#include "pack/pack_internal.h"

#include "base/xml.h"

#include <string.h>

#define LAW_NS "urn:shebao:law"
#define SPANS_MAX 2000
#define OVERLAY_MEMORY ((size_t)64 << 20)

struct span { /* an element right below the root, as it stands in the text */
        struct str text, id;
};
struct spans {
        struct span list[SPANS_MAX];
        size_t count, end; /* end: where the root's end tag begins */
};

static size_t skip_past(struct str s, size_t i, const char *mark)
{
        const char *p = memmem(s.p + i, s.n - i, mark, strlen(mark));

        return p == NULL ? s.n : (size_t)(p - s.p) + strlen(mark);
}

/* The end of a tag that begins at i: behind its ">"; quoted values may hold one. */
static size_t tag_end(struct str s, size_t i)
{
        char quote = '\0';

        for (; i < s.n; i++) {
                char c = s.p[i];
                if (quote != '\0')
                        quote = c == quote ? '\0' : quote;
                else if (c == '"' || c == '\'')
                        quote = c;
                else if (c == '>')
                        return i + 1;
        }
        return s.n;
}

/* The value of the attribute id in a tag; empty without. */
static struct str tag_id(struct str tag)
{
        for (size_t i = 1; i + 4 < tag.n; i++) {
                if (memcmp(tag.p + i, "id=", 3) != 0 || strchr(" \t\r\n", tag.p[i - 1]) == NULL)
                        continue;
                const char *value = tag.p + i + 4, *end = memchr(value, tag.p[i + 3], tag.n - i - 4);
                return end == NULL ? (struct str){"", 0} : (struct str){value, (size_t)(end - value)};
        }
        return (struct str){"", 0};
}

/* The text is well formed (it was parsed). */
static bool spans_read(struct spans *out, struct str s)
{
        size_t i = 0, depth = 0;
        struct span *open = NULL;

        while (i < s.n) {
                const char *lt = memchr(s.p + i, '<', s.n - i);
                if (lt == NULL)
                        break;
                i = (size_t)(lt - s.p);
                struct str rest = {lt, s.n - i};
                if (rest.n > 4 && memcmp(lt, "<!--", 4) == 0) {
                        i = skip_past(s, i, "-->");
                } else if (rest.n > 9 && memcmp(lt, "<![CDATA[", 9) == 0) {
                        i = skip_past(s, i, "]]>");
                } else if (rest.n > 2 && (lt[1] == '?' || lt[1] == '!')) {
                        i = skip_past(s, i, lt[1] == '?' ? "?>" : ">");
                } else if (rest.n > 2 && lt[1] == '/') {
                        size_t end = tag_end(s, i);
                        if (depth == 0)
                                return false;
                        if (--depth == 0)
                                out->end = i;
                        else if (depth == 1 && open != NULL)
                                open->text.n = (size_t)(s.p + end - open->text.p);
                        i = end;
                } else {
                        size_t end = tag_end(s, i);
                        bool closed = end >= 2 && s.p[end - 2] == '/';
                        if (depth == 1) {
                                if (out->count == SPANS_MAX)
                                        return false;
                                open = &out->list[out->count++];
                                *open = (struct span){{lt, end - i}, tag_id((struct str){lt, end - i})};
                        }
                        depth += !closed;
                        i = end;
                }
        }
        return out->end > 0;
}

static const struct span *span_find(const struct spans *list, struct str id)
{
        for (size_t i = 0; id.n > 0 && i < list->count; i++)
                if (str_equal(list->list[i].id, id))
                        return &list->list[i];
        return NULL;
}

/* The texts mean the same by their prefixes. */
static bool same_prefixes(const struct xml_node *child, const struct xml_node *parent)
{
        for (const struct xml_prefix *p = child->prefixes; p != NULL; p = p->next) {
                const char *uri = xml_prefix_uri(parent, str_from(p->prefix));
                if (uri == NULL || strcmp(uri, p->uri) != 0)
                        return false;
        }
        return true;
}

/* DMNDI has an id of nobody; elements without one (descriptions) are the parent's. */
static void merge(struct buf *out, struct str parent, const struct spans *above, const struct spans *own)
{
        size_t at = 0, last = above->end;

        for (size_t i = 0; i < above->count; i++) {
                const struct span *old = &above->list[i], *new = span_find(own, old->id);
                size_t begin = (size_t)(old->text.p - parent.p);
                if (old->id.n == 0 && memmem(old->text.p, old->text.n, "DMNDI", 5) != NULL && last == above->end)
                        last = begin;
                if (new == NULL)
                        continue;
                buf_add(out, parent.p + at, begin - at);
                buf_add_str(out, new->text);
                at = begin + old->text.n;
        }
        buf_add(out, parent.p + at, last - at);
        for (size_t i = 0; i < own->count; i++)
                if (own->list[i].id.n > 0 && span_find(above, own->list[i].id) == NULL) {
                        buf_add_str(out, own->list[i].text);
                        buf_add_text(out, "\n  ");
                }
        buf_add(out, parent.p + last, parent.n - last);
}

static int refuse(const char *file, const char *pack, const char *why, struct error *err)
{
        return error_raise(err, SB_PACK_OVERLAY, "%s|%s|%s", file, pack, why);
}

/* The pack that a model extends; NULL: it stands for itself. */
static const char *extends(struct arena *a, struct str text, const struct xml_node **root)
{
        return xml_parse(root, a, text, NULL, NULL) < 0 ? NULL : xml_attr_ns(*root, LAW_NS, "extends");
}

static int model_merge(struct pack *p, struct pack_item *item, struct arena *a, struct error *err)
{
        const struct xml_node *root, *parent_root;
        const char *name = extends(a, item->bytes, &root);
        const struct pack *owner;
        struct spans *above = NULL, *own = NULL;
        struct str parent;
        struct buf whole;

        if (name == NULL)
                return 0;
        owner = p->parent == NULL ? NULL : pack_file_owner(p->parent, item->path);
        if (owner == NULL || strcmp(owner->name, name) != 0)
                return refuse(item->path, name, ERROR_BOTH("no ancestor of that name holds it", "上级政策包中没有该模型"), err);
        if (pack_file(p->parent, item->path, &parent, err) < 0 || xml_parse(&parent_root, a, parent, NULL, err) < 0)
                return ERR;
        if (!same_prefixes(root, parent_root))
                return refuse(item->path, name, ERROR_BOTH("its namespaces have other prefixes", "命名空间前缀不同"), err);
        above = arena_new_of(a, struct spans);
        own = arena_new_of(a, struct spans);
        if (above == NULL || own == NULL || !spans_read(above, parent) || !spans_read(own, item->bytes))
                return error_raise(err, SB_LIMIT, "%s|%d", item->path, SPANS_MAX);
        buf_init(&whole, PACK_MAX_FILE);
        merge(&whole, parent, above, own);
        int rc = buf_check(&whole, err);
        if (rc == 0)
                item->whole = (struct str){pack_keep(p, (struct str){whole.p, whole.n}), whole.n};
        buf_dispose(&whole);
        return rc;
}

int overlays_read(struct pack *p, struct faults *f, struct error *err)
{
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < p->item_count; i++) {
                struct pack_item *item = &p->items[i];
                size_t n = strlen(item->path);
                struct arena *a;
                struct error broken = {0};
                if (strncmp(item->path, "rules/", 6) != 0 || n < 4 || strcmp(item->path + n - 4, ".dmn") != 0)
                        continue;
                if ((a = arena_new(OVERLAY_MEMORY)) == NULL)
                        rc = error_raise(err, SB_MEMORY, "%s", "");
                else if (model_merge(p, item, a, &broken) < 0)
                        faults_at(f, FAULT, p, item->path, 0, &broken);
                arena_free(a);
        }
        return rc;
}

/* --- the other way --------------------------------------------------------------------------------------------------------------- */

/* The start tag of the root as it stands in the text. */
static struct str root_tag(struct str s)
{
        size_t i = 0;

        while (i < s.n) {
                const char *lt = memchr(s.p + i, '<', s.n - i);
                if (lt == NULL)
                        break;
                i = (size_t)(lt - s.p);
                if (s.n - i > 4 && memcmp(lt, "<!--", 4) == 0)
                        i = skip_past(s, i, "-->");
                else if (s.n - i > 1 && (lt[1] == '?' || lt[1] == '!'))
                        i = skip_past(s, i, lt[1] == '?' ? "?>" : ">");
                else
                        return (struct str){lt, tag_end(s, i) - i};
        }
        return (struct str){NULL, 0};
}

static const char *prefix_of(const struct xml_node *root, const char *uri)
{
        for (const struct xml_prefix *p = root->prefixes; p != NULL; p = p->next)
                if (p->prefix[0] != '\0' && strcmp(p->uri, uri) == 0)
                        return p->prefix;
        return NULL;
}

/* The head of the parent's text, the elements that are new or say something else, and the end tag. */
static void difference(struct buf *out, struct str parent, struct str tag, const char *prefix, const char *owner,
                       const struct spans *above, const struct spans *own)
{
        buf_add(out, parent.p, (size_t)(tag.p - parent.p) + tag.n - 1);
        buf_add_format(out, " %s:extends=\"%s\">\n", prefix, owner);
        for (size_t i = 0; i < own->count; i++) {
                const struct span *was = span_find(above, own->list[i].id);
                if (own->list[i].id.n == 0 || (was != NULL && str_equal(was->text, own->list[i].text)))
                        continue;
                buf_add_text(out, "  ");
                buf_add_str(out, own->list[i].text);
                buf_add_char(out, '\n');
        }
        buf_add(out, parent.p + above->end, parent.n - above->end);
}

static int overlay_try(const struct pack *p, const char *path, struct str whole, struct arena *a, struct buf *out,
                       struct error *err)
{
        const struct pack *owner = p->parent == NULL ? NULL : pack_file_owner(p->parent, path);
        struct spans *above = arena_new_of(a, struct spans), *own = arena_new_of(a, struct spans);
        struct spans *part = arena_new_of(a, struct spans);
        const struct xml_node *root;
        struct buf merged;
        struct str parent, tag;

        if (above == NULL || own == NULL || part == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        if (owner == NULL || pack_file(p->parent, path, &parent, NULL) < 0 || xml_parse(&root, a, parent, NULL, NULL) < 0 ||
            prefix_of(root, LAW_NS) == NULL || !spans_read(above, parent) || !spans_read(own, whole))
                return 0;
        tag = root_tag(parent);
        if (tag.n < 2 || tag.p[tag.n - 2] == '/')
                return 0;
        difference(out, parent, tag, prefix_of(root, LAW_NS), owner->name, above, own);
        if (out->failed || !spans_read(part, (struct str){out->p, out->n}))
                return 0;
        buf_init(&merged, PACK_MAX_FILE);
        merge(&merged, parent, above, part);
        bool same = !merged.failed && str_equal((struct str){merged.p, merged.n}, whole);
        buf_dispose(&merged);
        return same ? 1 : 0;
}

int pack_overlay_make(const struct pack *p, const char *path, struct str whole, struct buf *out, struct error *err)
{
        struct arena *a = arena_new(OVERLAY_MEMORY);

        int rc = a == NULL ? error_raise(err, SB_MEMORY, "%s", "") : overlay_try(p, path, whole, a, out, err);
        if (rc == 0) {
                buf_clear(out);
                buf_add_str(out, whole);
        }
        arena_free(a);
        return rc < 0 ? rc : buf_check(out, err);
}
