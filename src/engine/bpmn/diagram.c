/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/bpmn/diagram.h"

#include "base/arena.h"
#include "base/xml.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DIAGRAM_MEMORY ((size_t)32 << 20)
#define FIGURES_MAX 5000
#define POINTS_MAX 200
#define COORDINATE_MAX 1e6

struct element { /* an element by its id */
        const char *id;
        const struct xml_node *node;
};
struct bpmn_diagram {
        struct arena *arena;
        struct bpmn_figure *figures;
        size_t figure_count;
        struct bpmn_line *lines;
        size_t line_count;
};
struct reader {
        struct bpmn_diagram *d;
        struct element *elements;
        size_t element_count;
};

static const struct {
        const char *name;
        enum bpmn_shape shape;
        enum bpmn_kind kind;
} SHAPES[] = {
    {"participant", BPMN_SHAPE_POOL, BPMN_TASK},
    {"lane", BPMN_SHAPE_LANE, BPMN_TASK},
    {"startEvent", BPMN_SHAPE_EVENT, BPMN_START},
    {"endEvent", BPMN_SHAPE_EVENT, BPMN_END},
    {"intermediateCatchEvent", BPMN_SHAPE_EVENT, BPMN_CATCH},
    {"intermediateThrowEvent", BPMN_SHAPE_EVENT, BPMN_THROW},
    {"boundaryEvent", BPMN_SHAPE_EVENT, BPMN_BOUNDARY},
    {"task", BPMN_SHAPE_ACTIVITY, BPMN_TASK},
    {"userTask", BPMN_SHAPE_ACTIVITY, BPMN_USER_TASK},
    {"manualTask", BPMN_SHAPE_ACTIVITY, BPMN_MANUAL_TASK},
    {"serviceTask", BPMN_SHAPE_ACTIVITY, BPMN_SERVICE_TASK},
    {"sendTask", BPMN_SHAPE_ACTIVITY, BPMN_SEND_TASK},
    {"receiveTask", BPMN_SHAPE_ACTIVITY, BPMN_RECEIVE_TASK},
    {"scriptTask", BPMN_SHAPE_ACTIVITY, BPMN_SCRIPT_TASK},
    {"businessRuleTask", BPMN_SHAPE_ACTIVITY, BPMN_RULE_TASK},
    {"callActivity", BPMN_SHAPE_ACTIVITY, BPMN_CALL},
    {"subProcess", BPMN_SHAPE_ACTIVITY, BPMN_SUB_PROCESS},
    {"transaction", BPMN_SHAPE_ACTIVITY, BPMN_TRANSACTION},
    {"adHocSubProcess", BPMN_SHAPE_ACTIVITY, BPMN_AD_HOC},
    {"exclusiveGateway", BPMN_SHAPE_GATEWAY, BPMN_EXCLUSIVE},
    {"inclusiveGateway", BPMN_SHAPE_GATEWAY, BPMN_INCLUSIVE},
    {"parallelGateway", BPMN_SHAPE_GATEWAY, BPMN_PARALLEL},
    {"eventBasedGateway", BPMN_SHAPE_GATEWAY, BPMN_EVENT_GATEWAY},
    {"complexGateway", BPMN_SHAPE_GATEWAY, BPMN_COMPLEX},
    {"dataObjectReference", BPMN_SHAPE_DATA, BPMN_TASK},
    {"dataObject", BPMN_SHAPE_DATA, BPMN_TASK},
    {"dataInput", BPMN_SHAPE_DATA, BPMN_TASK},
    {"dataOutput", BPMN_SHAPE_DATA, BPMN_TASK},
    {"dataStoreReference", BPMN_SHAPE_STORE, BPMN_TASK},
    {"textAnnotation", BPMN_SHAPE_ANNOTATION, BPMN_TASK},
    {"group", BPMN_SHAPE_GROUP, BPMN_TASK},
};
static const struct {
        const char *name;
        enum bpmn_trigger trigger;
} TRIGGERS[] = {
    {"timerEventDefinition", BPMN_TIMER},
    {"messageEventDefinition", BPMN_MESSAGE},
    {"signalEventDefinition", BPMN_SIGNAL},
    {"errorEventDefinition", BPMN_ERROR},
    {"escalationEventDefinition", BPMN_ESCALATION},
    {"compensateEventDefinition", BPMN_COMPENSATION},
    {"conditionalEventDefinition", BPMN_CONDITIONAL},
    {"linkEventDefinition", BPMN_LINK},
    {"cancelEventDefinition", BPMN_CANCEL},
    {"terminateEventDefinition", BPMN_TERMINATE},
};

static const char *keep(struct reader *r, const char *text)
{
        const char *copy = text == NULL ? "" : arena_text(r->d->arena, str_trim(str_from(text)));

        return copy == NULL ? "" : copy;
}

static bool says(const struct xml_node *n, const char *name, const char *value)
{
        const char *said = xml_attr(n, name);

        return said != NULL && strcmp(said, value) == 0;
}

/* --- elements by their ids ------------------------------------------------------------------------------------------------- */

static size_t elements_collect(struct element *out, const struct xml_node *n)
{
        size_t count = 0;

        for (const struct xml_node *c = n->first; c != NULL; c = c->next) {
                const char *id = xml_attr(c, "id");
                if (strcmp(c->name, "BPMNDiagram") == 0)
                        continue;
                if (id != NULL) {
                        if (out != NULL)
                                out[count] = (struct element){id, c};
                        count++;
                }
                count += elements_collect(out == NULL ? NULL : out + count, c);
        }
        return count;
}

static int by_id(const void *a, const void *b)
{
        return strcmp(((const struct element *)a)->id, ((const struct element *)b)->id);
}

/* By the local part of a name: "p:review" and "review" are the same. */
static const struct xml_node *element_find(const struct reader *r, const char *ref)
{
        struct element key = {.id = ref};
        const struct element *found;

        if (ref == NULL || r->element_count == 0)
                return NULL;
        found = bsearch(&key, r->elements, r->element_count, sizeof *r->elements, by_id);
        if (found == NULL && strchr(ref, ':') != NULL) {
                key.id = strchr(ref, ':') + 1;
                found = bsearch(&key, r->elements, r->element_count, sizeof *r->elements, by_id);
        }
        return found == NULL ? NULL : found->node;
}

static void titles_read(struct reader *r, const struct xml_node *n, const char *title[2])
{
        const struct xml_node *text = xml_child(n, "text"); /* of an annotation */
        const char *name = xml_attr(n, "name");

        if (name == NULL && text != NULL)
                name = text->text;
        title[LANG_ZH] = keep(r, name);
        title[LANG_EN] = keep(r, xml_attr_ns(n, BPMN_NS_SHEBAO, "titleEn"));
        if (title[LANG_EN][0] == '\0')
                title[LANG_EN] = title[LANG_ZH];
}

char *bpmn_flow_word(char *out, size_t size, const char *condition)
{
        struct str c = str_trim(str_from(condition));
        const char *quote = strchr(condition, '"'), *end = quote == NULL ? NULL : strchr(quote + 1, '"');

        text_copy(out, size, STR(""));
        if (end != NULL && strchr(end + 1, '"') == NULL)
                return text_copy(out, size, (struct str){quote + 1, (size_t)(end - quote - 1)});
        if (c.n > 4 && memcmp(c.p, "not(", 4) == 0)
                return text_copy(out, size, STR("no"));
        for (size_t i = 0; i < c.n; i++)
                if (!isalnum((unsigned char)c.p[i]) && c.p[i] != '_')
                        return out;
        return c.n == 0 ? out : text_copy(out, size, STR("yes"));
}

/* --- figures --------------------------------------------------------------------------------------------------------------- */

static double number(const struct xml_node *n, const char *name)
{
        const char *text = n == NULL ? NULL : xml_attr(n, name);
        double value = text == NULL ? 0 : strtod(text, NULL);

        return isfinite(value) && fabs(value) <= COORDINATE_MAX ? value : 0;
}

static struct bpmn_bounds bounds_read(const struct xml_node *holder)
{
        const struct xml_node *b = holder == NULL ? NULL : xml_child(holder, "Bounds");

        return (struct bpmn_bounds){number(b, "x"), number(b, "y"), number(b, "width"), number(b, "height")};
}

static void event_read(const struct xml_node *n, struct bpmn_figure *f)
{
        for (const struct xml_node *d = n->first; d != NULL; d = d->next)
                for (size_t i = 0; i < sizeof TRIGGERS / sizeof TRIGGERS[0]; i++)
                        if (strcmp(d->name, TRIGGERS[i].name) == 0)
                                f->trigger = f->trigger == BPMN_NONE ? TRIGGERS[i].trigger : BPMN_MULTIPLE;
        f->all_triggers = f->trigger == BPMN_MULTIPLE && says(n, "parallelMultiple", "true");
        f->dashed = says(n, "isInterrupting", "false") || says(n, "cancelActivity", "false");
}

static void activity_read(const struct xml_node *n, struct bpmn_figure *f)
{
        const struct xml_node *many = xml_child(n, "multiInstanceLoopCharacteristics");

        if (many != NULL)
                f->repeat = says(many, "isSequential", "true") ? BPMN_ONE_BY_ONE : BPMN_SIDE_BY_SIDE;
        else if (xml_child(n, "standardLoopCharacteristics") != NULL)
                f->repeat = BPMN_LOOP;
        f->compensation = says(n, "isForCompensation", "true");
        f->dashed = says(n, "triggeredByEvent", "true");
}

static void data_read(const struct reader *r, const struct xml_node *n, struct bpmn_figure *f)
{
        const struct xml_node *object = element_find(r, xml_attr(n, "dataObjectRef"));

        f->collection = says(object == NULL ? n : object, "isCollection", "true");
}

static bool holds(const struct bpmn_figure *f)
{
        return f->shape == BPMN_SHAPE_POOL || f->shape == BPMN_SHAPE_LANE || f->shape == BPMN_SHAPE_GROUP ||
               (f->kind >= BPMN_SUB_PROCESS && f->kind <= BPMN_AD_HOC && f->shape == BPMN_SHAPE_ACTIVITY && f->expanded);
}

static void shape_read(struct reader *r, const struct xml_node *shape)
{
        const struct xml_node *n = element_find(r, xml_attr(shape, "bpmnElement"));
        struct bpmn_figure *f = &r->d->figures[r->d->figure_count];
        size_t k = 0;

        while (n != NULL && k < sizeof SHAPES / sizeof SHAPES[0] && strcmp(SHAPES[k].name, n->name) != 0)
                k++;
        if (n == NULL || k == sizeof SHAPES / sizeof SHAPES[0])
                return;
        *f = (struct bpmn_figure){.id = keep(r, xml_attr(n, "id")),
                                  .shape = SHAPES[k].shape,
                                  .kind = SHAPES[k].kind,
                                  .at = bounds_read(shape),
                                  .label = bounds_read(xml_child(shape, "BPMNLabel")),
                                  .vertical = says(shape, "isHorizontal", "false"),
                                  .marked = says(shape, "isMarkerVisible", "true")};
        f->expanded = !says(shape, "isExpanded", "false") && (says(shape, "isExpanded", "true") || f->at.width > 140);
        if (f->at.width <= 0 || f->at.height <= 0)
                return;
        titles_read(r, n, f->title);
        if (f->shape == BPMN_SHAPE_EVENT)
                event_read(n, f);
        else if (f->shape == BPMN_SHAPE_ACTIVITY)
                activity_read(n, f);
        else if (f->shape == BPMN_SHAPE_DATA)
                data_read(r, n, f);
        f->begins = says(n, "instantiate", "true");
        f->holder = holds(f);
        r->d->figure_count++;
}

/* --- lines ----------------------------------------------------------------------------------------------------------------- */

static bool not_latin(const char *text)
{
        for (; *text != '\0'; text++)
                if ((unsigned char)*text >= 0xE2)
                        return true;
        return false;
}

static bool sequence_read(const struct reader *r, const struct xml_node *n, struct bpmn_line *l)
{
        const struct xml_node *source = element_find(r, xml_attr(n, "sourceRef"));
        const char *id = xml_attr(n, "id");

        l->kind = BPMN_LINE_SEQUENCE;
        l->usual = source != NULL && id != NULL && says(source, "default", id);
        l->conditional =
            source != NULL && xml_child(n, "conditionExpression") != NULL && strstr(source->name, "Gateway") == NULL;
        return true;
}

static bool line_kind_read(const struct reader *r, const struct xml_node *n, struct bpmn_line *l)
{
        l->arrow = true;
        if (strcmp(n->name, "sequenceFlow") == 0)
                return sequence_read(r, n, l);
        if (strcmp(n->name, "messageFlow") == 0)
                l->kind = BPMN_LINE_MESSAGE;
        else if (strcmp(n->name, "dataInputAssociation") == 0 || strcmp(n->name, "dataOutputAssociation") == 0)
                l->kind = BPMN_LINE_DATA;
        else if (strcmp(n->name, "association") == 0) {
                l->kind = BPMN_LINE_ASSOCIATION;
                l->arrow = says(n, "associationDirection", "One") || says(n, "associationDirection", "Both");
        } else
                return false;
        return true;
}

static void edge_read(struct reader *r, const struct xml_node *edge)
{
        const struct xml_node *n = element_find(r, xml_attr(edge, "bpmnElement"));
        struct bpmn_line *l = &r->d->lines[r->d->line_count];
        struct bpmn_point *points = arena_array(r->d->arena, POINTS_MAX, sizeof *points);

        *l = (struct bpmn_line){.label = bounds_read(xml_child(edge, "BPMNLabel"))};
        if (n == NULL || points == NULL || !line_kind_read(r, n, l))
                return;
        for (const struct xml_node *p = xml_child(edge, "waypoint"); p != NULL && l->count < POINTS_MAX;
             p = xml_next(p, "waypoint"))
                points[l->count++] = (struct bpmn_point){number(p, "x"), number(p, "y")};
        if (l->count < 2)
                return;
        l->points = points;
        l->id = keep(r, xml_attr(n, "id"));
        titles_read(r, n, l->title);
        const struct xml_node *condition = xml_child(n, "conditionExpression");
        if (condition != NULL && xml_attr_ns(n, BPMN_NS_SHEBAO, "titleEn") == NULL && not_latin(l->title[LANG_ZH])) {
                char word[100];
                bpmn_flow_word(word, sizeof word, condition->text);
                l->title[LANG_EN] = word[0] == '\0' ? l->title[LANG_EN] : keep(r, word);
        }
        r->d->line_count++;
}

/* --- the whole -------------------------------------------------------------------------------------------------------------- */

/* Holders first, the larger before the smaller, so that what lies inside is drawn over them. */
static int by_depth(const void *a, const void *b)
{
        const struct bpmn_figure *x = a, *y = b;
        double left = x->at.width * x->at.height, right = y->at.width * y->at.height;

        if (x->holder != y->holder)
                return x->holder ? -1 : 1;
        if (x->holder && left != right)
                return left > right ? -1 : 1;
        return strcmp(x->id, y->id);
}

static int plane_read(struct reader *r, const struct xml_node *plane, struct error *err)
{
        size_t shapes = 0, edges = 0;

        for (const struct xml_node *n = plane->first; n != NULL; n = n->next) {
                shapes += strcmp(n->name, "BPMNShape") == 0;
                edges += strcmp(n->name, "BPMNEdge") == 0;
        }
        if (shapes > FIGURES_MAX || edges > FIGURES_MAX)
                return error_raise(err, SB_LIMIT, "%s|%d", "figures of a diagram", FIGURES_MAX);
        r->d->figures = arena_array(r->d->arena, shapes + 1, sizeof *r->d->figures);
        r->d->lines = arena_array(r->d->arena, edges + 1, sizeof *r->d->lines);
        if (r->d->figures == NULL || r->d->lines == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        for (const struct xml_node *n = plane->first; n != NULL; n = n->next)
                if (strcmp(n->name, "BPMNShape") == 0)
                        shape_read(r, n);
                else if (strcmp(n->name, "BPMNEdge") == 0)
                        edge_read(r, n);
        qsort(r->d->figures, r->d->figure_count, sizeof *r->d->figures, by_depth);
        return 0;
}

static int root_read(struct bpmn_diagram *d, const struct xml_node *root, struct error *err)
{
        const struct xml_node *diagram = xml_child(root, "BPMNDiagram");
        const struct xml_node *plane = diagram == NULL ? NULL : xml_child(diagram, "BPMNPlane");
        struct reader r = {.d = d};

        if (plane == NULL)
                return 0;
        r.element_count = elements_collect(NULL, root);
        r.elements = calloc(r.element_count + 1, sizeof *r.elements);
        if (r.elements == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        elements_collect(r.elements, root);
        qsort(r.elements, r.element_count, sizeof *r.elements, by_id);
        int rc = plane_read(&r, plane, err);
        free(r.elements);
        return rc;
}

int bpmn_diagram_open(struct bpmn_diagram **out, struct str xml, struct error *err)
{
        struct arena *tree = arena_new(DIAGRAM_MEMORY);
        struct bpmn_diagram *d = calloc(1, sizeof *d);
        const struct xml_node *root = NULL;

        if (d != NULL)
                d->arena = arena_new(DIAGRAM_MEMORY);
        int rc = tree == NULL || d == NULL || d->arena == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
        if (rc == 0)
                rc = xml_parse(&root, tree, xml, NULL, err);
        if (rc == 0)
                rc = root_read(d, root, err);
        arena_free(tree);
        if (rc == 0) {
                *out = d;
                d = NULL;
        }
        bpmn_diagram_free(d);
        return rc;
}

void bpmn_diagram_free(struct bpmn_diagram *d)
{
        if (d == NULL)
                return;
        arena_free(d->arena);
        free(d);
}

const struct bpmn_figure *bpmn_diagram_figure(const struct bpmn_diagram *d, size_t i)
{
        return i < d->figure_count ? &d->figures[i] : NULL;
}

const struct bpmn_line *bpmn_diagram_line(const struct bpmn_diagram *d, size_t i)
{
        return i < d->line_count ? &d->lines[i] : NULL;
}
