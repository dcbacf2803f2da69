-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE office_change, post, leave_spell, substitution, task_move, staffing_day, household_member, kinship,
-- applicant_power; DROP INDEX task_line; CREATE INDEX task_open ON task (office, state, role, due_day); and the columns added to office and task.
-- Offices stand in `office` as of today; what changed, and what is to change on a later day, is in `office_change`.
ALTER TABLE office ADD COLUMN body_kind @text NOT NULL DEFAULT 'social_insurance';
CREATE INDEX office_parent ON office (parent);
CREATE TABLE office_change (id @int NOT NULL, office @int NOT NULL, kind @text NOT NULL, day @int NOT NULL, parent @int NOT NULL,
  name_zh @text NOT NULL, name_en @text NOT NULL, before @text NOT NULL, note @text NOT NULL, actor @int NOT NULL, at @int NOT NULL,
  applied_at @int NOT NULL, PRIMARY KEY (id)) @table;
CREATE INDEX office_change_day ON office_change (applied_at, day);
CREATE INDEX office_change_office ON office_change (office, day);
CREATE TABLE post (staff @int NOT NULL, office @int NOT NULL, role @text NOT NULL, valid_from @int NOT NULL, valid_to @int NOT NULL,
  appointed_by @int NOT NULL, appointed_at @int NOT NULL, PRIMARY KEY (staff, office, role, valid_from)) @clustered;
CREATE INDEX post_office ON post (office);
INSERT INTO post SELECT id, office, 'clerk', valid_from, valid_to, 0, 0 FROM staff WHERE roles LIKE '%clerk%';
INSERT INTO post SELECT id, office, 'reviewer', valid_from, valid_to, 0, 0 FROM staff WHERE roles LIKE '%reviewer%';
INSERT INTO post SELECT id, office, 'approver', valid_from, valid_to, 0, 0 FROM staff WHERE roles LIKE '%approver%';
INSERT INTO post SELECT id, office, 'finance', valid_from, valid_to, 0, 0 FROM staff WHERE roles LIKE '%finance%';
INSERT INTO post SELECT id, office, 'auditor', valid_from, valid_to, 0, 0 FROM staff WHERE roles LIKE '%auditor%';
INSERT INTO post SELECT id, office, 'admin', valid_from, valid_to, 0, 0 FROM staff WHERE roles LIKE '%admin%';
CREATE TABLE leave_spell (id @int NOT NULL, staff @int NOT NULL, valid_from @int NOT NULL, valid_to @int NOT NULL, reason @text NOT NULL,
  state @text NOT NULL, entered_by @int NOT NULL, entered_at @int NOT NULL, decided_by @int NOT NULL, decided_at @int NOT NULL,
  PRIMARY KEY (id)) @table;
CREATE INDEX leave_spell_staff ON leave_spell (staff, valid_to);
-- role '': all roles of the absent.
CREATE TABLE substitution (id @int NOT NULL, absent @int NOT NULL, substitute @int NOT NULL, role @text NOT NULL, valid_from @int NOT NULL,
  valid_to @int NOT NULL, entered_by @int NOT NULL, entered_at @int NOT NULL, PRIMARY KEY (id)) @table;
CREATE INDEX substitution_substitute ON substitution (substitute, valid_to);
CREATE INDEX substitution_absent ON substitution (absent, valid_to);
ALTER TABLE task ADD COLUMN on_behalf_of @int NOT NULL DEFAULT 0;
DROP INDEX task_open;
CREATE INDEX task_line ON task (office, state, role, due_day, id);
CREATE INDEX task_assignee ON task (assignee, state);
CREATE TABLE task_move (home @int NOT NULL, id @int NOT NULL, task @int NOT NULL, instance @int NOT NULL, kind @text NOT NULL,
  from_staff @int NOT NULL, to_staff @int NOT NULL, from_office @int NOT NULL, to_office @int NOT NULL, note @text NOT NULL, actor @int NOT NULL,
  at @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX task_move_instance ON task_move (home, instance);
-- The last legal day whose leave, substitutions and changes of offices were carried out.
CREATE TABLE staffing_day (home @int NOT NULL, day @int NOT NULL, PRIMARY KEY (home)) @table;
CREATE TABLE household_member (home @int NOT NULL, id @int NOT NULL, household @int NOT NULL, person @int NOT NULL, valid_from @int NOT NULL,
  valid_to @int NOT NULL, source @text NOT NULL, actor @int NOT NULL, entered_at @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX household_member_person ON household_member (home, person);
CREATE INDEX household_member_household ON household_member (home, household);
CREATE TABLE kinship (home @int NOT NULL, id @int NOT NULL, person @int NOT NULL, relative @int NOT NULL, kind @text NOT NULL,
  valid_from @int NOT NULL, valid_to @int NOT NULL, source @text NOT NULL, actor @int NOT NULL, entered_at @int NOT NULL,
  PRIMARY KEY (home, id)) @table;
CREATE INDEX kinship_person ON kinship (home, person);
CREATE INDEX kinship_relative ON kinship (home, relative);
CREATE TABLE applicant_power (home @int NOT NULL, id @int NOT NULL, kind @text NOT NULL, principal_kind @text NOT NULL, principal @int NOT NULL,
  person @int NOT NULL, processes @text NOT NULL, document @text NOT NULL, valid_from @int NOT NULL, valid_to @int NOT NULL,
  actor @int NOT NULL, entered_at @int NOT NULL, ended_by @int NOT NULL, ended_at @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX applicant_power_principal ON applicant_power (home, principal_kind, principal);
CREATE INDEX applicant_power_person ON applicant_power (home, person);
