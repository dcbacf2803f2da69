-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE pack_draft_step; DROP TABLE pack_draft;
-- office/rules: packs in the making. A draft is its origin (a stored pack) and its steps in order; a step holds the whole of
-- one file as it was saved. Undoing marks a step, nothing is overwritten. The state of a file is its newest step that holds.
CREATE TABLE pack_draft (home @int NOT NULL, id @int NOT NULL, title @text NOT NULL, origin @blob NOT NULL, owner @int NOT NULL,
  state @text NOT NULL, version @int NOT NULL, created_at @int NOT NULL, changed_at @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX pack_draft_state ON pack_draft (home, state);
CREATE TABLE pack_draft_step (home @int NOT NULL, draft @int NOT NULL, step @int NOT NULL, path @text NOT NULL, content @blob NOT NULL,
  actor @int NOT NULL, at @int NOT NULL, undone_at @int NOT NULL, PRIMARY KEY (home, draft, step)) @table;
