/* SPDX-License-Identifier: Apache-2.0
 *
 * Drafts of packs: made from a stored pack, saved model by model, undone step by step, discarded. What is saved has to be a model
 * that the engine compiles within the pack; of a model that the parent has too, only what differs is kept. Only the owner changes
 * a draft; nothing here touches what is in force.
 */
#include "office/rules/internal.h"

#include <string.h>

static const struct verb *self(struct call *c, const char *name)
{
        return registry_find(c->house->verbs, name);
}

/* What every change asks: the draft of that number, still open, its owner's, and as the caller saw it (0: any version). */
static int draft_take(struct tx *tx, struct call *c, int64_t id, int64_t expected, bool owner_only, struct draft *d,
                      struct error *err)
{
        int64_t changed = 0;

        int rc = draft_read(tx, c->house->home, id, d, err);
        if (rc < 0)
                return rc;
        if (strcmp(d->state, "open") != 0)
                return error_raise(err, SB_RULES_CLOSED, "%s", d->title);
        if (d->owner != c->who.staff && (owner_only || (c->who.roles & ROLE_ADMIN) == 0))
                return error_raise(err, SB_RULES_OWNER, "%s|%s", d->title, d->owner_name[0] == '\0' ? "?" : d->owner_name);
        if (expected != 0 && expected != d->version)
                return error_raise(err, SB_OFFICE_VERSION, "%s", "");
        rc = tx_exec_changed(
            tx, &changed, err,
            "UPDATE pack_draft SET version = version + 1, changed_at = ?4@int WHERE home = ?1@int AND id = ?2@int "
            "AND version = ?3@int",
            "iiii", (int64_t)c->house->home, id, d->version, clock_now(c->house->clock));
        if (rc == 0 && changed != 1)
                rc = error_raise(err, SB_OFFICE_VERSION, "%s", "");
        d->version++;
        return rc;
}

static int draft_number(const json_t *in, int64_t *id, struct error *err)
{
        const char *source = json_text(in, "source");

        if (strncmp(source, DRAFT_PREFIX, sizeof DRAFT_PREFIX - 1) != 0)
                return error_raise(err, SB_RULES_NOT_DRAFT, "%.80s", source);
        if (!text_to_int(str_from(source + sizeof DRAFT_PREFIX - 1), id) || *id < 1)
                return error_raise(err, SB_RULES_SOURCE, "%.80s", source);
        return 0;
}

static int answer(struct tx *tx, struct call *c, int64_t id, struct change *change, json_t **out, struct error *err)
{
        struct draft d;

        int rc = draft_read(tx, c->house->home, id, &d, err);
        if (rc == 0)
                *out = draft_json(&d);
        change->subject_kind = "pack_draft";
        change->subject = id;
        return rc;
}

/* --- create -------------------------------------------------------------------------------------------------------------------- */

struct create {
        const char *title;
        const struct hash *origin;
};

static int create_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct create *w = ctx;
        instant_t now = clock_now(c->house->clock);
        int64_t id;
        char hex[65];

        int rc = ids_next(c->house->ids, &id, err);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO pack_draft (home, id, title, origin, owner, state, version, created_at, changed_at) VALUES "
                    "(?1@int, ?2@int, ?3@text, ?4@blob, ?5@int, 'open', 1, ?6@int, ?6@int)",
                    "iitbii", (int64_t)c->house->home, id, w->title, hash_str(w->origin), c->who.staff, now);
        if (rc == 0)
                rc = answer(tx, c, id, change, out, err);
        if (rc == 0)
                change->audit = json_pack("{s:s,s:s}", "title", w->title, "origin", hash_hex(w->origin, hex));
        return rc;
}

int rules_draft_create(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        const char *title = json_text(in, "title");
        struct source s;

        if (str_trim(str_from(title)).n == 0)
                return error_raise(err, SB_FIELD_MISSING, "%s", "title"), error_where(err, "title");
        int rc = source_open(&s, c, json_text(in, "source"), false, err);
        if (rc < 0)
                return rc;
        if (s.origin != NULL)
                rc = error_raise(err, SB_RULES_ORIGIN, "%s", s.draft.title);
        struct create w = {title, pack_hash(s.pack)};
        if (rc == 0)
                rc = verb_change(c, self(c, "rules.draft_create"), in, create_apply, &w, out, err);
        source_close(&s);
        return rc;
}

/* --- save ------------------------------------------------------------------------------------------------------------------------ */

struct save {
        int64_t id, version;
        const char *path;
        struct str xml;
        struct buf own; /* what the pack has to hold for it */
        bool same;      /* nothing changed: no step */
};

static int save_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct save *w = ctx;
        struct draft d;
        struct stmt *q;
        char hex[65];

        int rc = draft_take(tx, c, w->id, w->version, true, &d, err);
        if (rc == 0 && !w->same)
                rc = tx_one(&q, tx, err,
                            "SELECT COALESCE(MAX(step), 0) FROM pack_draft_step WHERE home = ?1@int AND draft = ?2@int", "ii",
                            (int64_t)c->house->home, w->id);
        if (rc == 1)
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO pack_draft_step (home, draft, step, path, content, actor, at, undone_at) VALUES (?1@int, "
                    "?2@int, ?3@int, ?4@text, ?5@blob, ?6@int, ?7@int, 0)",
                    "iiitbii", (int64_t)c->house->home, w->id, stmt_int(q, 0) + 1, w->path, (struct str){w->own.p, w->own.n},
                    c->who.staff, clock_now(c->house->clock));
        if (rc == 0)
                rc = answer(tx, c, w->id, change, out, err);
        if (rc == 0) {
                struct hash h = hash_of(w->own.p, w->own.n);
                change->audit = json_pack("{s:s,s:s}", "path", w->path, "content", hash_hex(&h, hex));
        }
        return rc;
}

/* Other models import it under its name and namespace, so it keeps both. */
static int identity_check(const json_t *before, const json_t *after, struct error *err)
{
        if (strcmp(json_text(before, "name"), json_text(after, "name")) == 0 &&
            strcmp(json_text(before, "namespace"), json_text(after, "namespace")) == 0)
                return 0;
        return error_raise(err, SB_RULES_IDENTITY, "%.100s|%.150s", json_text(before, "name"), json_text(before, "namespace"));
}

/* What is saved is a model of the pack: it reads, keeps its name, and compiles there. */
static int save_check(struct call *c, const json_t *in, const char *model, const struct save *w, const struct str *before_xml,
                      struct error *err)
{
        struct pack_change change = {w->path, {w->own.p, w->own.n}};
        json_t *before = NULL, *after = NULL;
        struct source s = {0};

        int rc = model_describe(&after, w->xml, err);
        if (rc == 0)
                rc = model_describe(&before, *before_xml, err);
        if (rc == 0)
                rc = identity_check(before, after, err);
        if (rc == 0)
                rc = source_open_with(&s, c, json_text(in, "source"), &change, err);
        if (rc == 0) {
                rc = pack_model_check(s.pack, model, err);
                source_close(&s);
        }
        if (rc == ERR)
                error_in(err, w->path);
        json_decref(before);
        json_decref(after);
        return rc;
}

int rules_draft_save(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        const char *model = json_text(in, "model"), *text = json_text(in, "xml");
        char path[RULES_PATH_MAX];
        struct save w = {.path = path, .xml = str_from(text)};
        struct source s;
        struct str before;

        int rc = draft_number(in, &w.id, err);
        if (rc == 0)
                rc = json_get_int(in, "version", false, &w.version, err);
        if (rc == 0 && w.xml.n > RULES_MODEL_MAX)
                rc = error_raise(err, SB_LIMIT, "%s|%zu", "xml", RULES_MODEL_MAX);
        if (rc < 0)
                return rc;
        rc = source_open(&s, c, json_text(in, "source"), false, err);
        if (rc < 0)
                return rc;
        buf_init(&w.own, 2 * RULES_MODEL_MAX);
        rc = model_file(s.pack, model, &before, path, err);
        if (rc == 0) {
                w.same = str_equal(before, w.xml);
                rc = pack_overlay_make(s.pack, path, w.xml, &w.own, err);
        }
        if (rc == 0)
                rc = save_check(c, in, model, &w, &before, err);
        if (rc == 0)
                rc = verb_change(c, self(c, "rules.draft_save"), in, save_apply, &w, out, err);
        buf_dispose(&w.own);
        source_close(&s);
        return rc;
}

/* --- undo and discard -------------------------------------------------------------------------------------------------------------- */

struct step_back {
        int64_t id, version;
};

static int undo_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct step_back *w = ctx;
        struct draft d;
        struct stmt *q;
        char path[RULES_PATH_MAX] = "";
        int64_t step = 0;

        int rc = draft_take(tx, c, w->id, w->version, true, &d, err);
        if (rc == 0)
                rc = tx_one(
                    &q, tx, err,
                    "SELECT step, path FROM pack_draft_step WHERE home = ?1@int AND draft = ?2@int AND undone_at = 0 ORDER "
                    "BY step DESC LIMIT 1",
                    "ii", (int64_t)c->house->home, w->id);
        if (rc == 0)
                return error_raise(err, SB_RULES_NO_STEP, "%s", d.title);
        if (rc == 1) {
                step = stmt_int(q, 0);
                text_copy(path, sizeof path, stmt_text(q, 1));
                rc = tx_exec(
                    tx, err,
                    "UPDATE pack_draft_step SET undone_at = ?4@int WHERE home = ?1@int AND draft = ?2@int AND step = ?3@int",
                    "iiii", (int64_t)c->house->home, w->id, step, clock_now(c->house->clock));
        }
        if (rc == 0)
                rc = answer(tx, c, w->id, change, out, err);
        if (rc == 0) {
                put_text(*out, "undone", path);
                change->audit = json_pack("{s:s,s:I}", "path", path, "step", (json_int_t)step);
        }
        return rc;
}

static int discard_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct step_back *w = ctx;
        struct draft d;

        int rc = draft_take(tx, c, w->id, w->version, false, &d, err);
        if (rc == 0)
                rc = tx_exec(tx, err, "UPDATE pack_draft SET state = 'discarded' WHERE home = ?1@int AND id = ?2@int", "ii",
                             (int64_t)c->house->home, w->id);
        return rc == 0 ? answer(tx, c, w->id, change, out, err) : rc;
}

static int step_back(struct call *c, const json_t *in, const char *verb, change_apply *apply, json_t **out, struct error *err)
{
        struct step_back w = {0};

        int rc = draft_number(in, &w.id, err);
        if (rc == 0)
                rc = json_get_int(in, "version", false, &w.version, err);
        return rc == 0 ? verb_change(c, self(c, verb), in, apply, &w, out, err) : rc;
}

int rules_draft_undo(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return step_back(c, in, "rules.draft_undo", undo_apply, out, err);
}

int rules_draft_discard(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return step_back(c, in, "rules.draft_discard", discard_apply, out, err);
}
