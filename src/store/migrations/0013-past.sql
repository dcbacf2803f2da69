-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP VIEW case_any, task_any, timer_any, effect_any; DROP TABLE case_past, task_past, timer_past, effect_past, case_moving; when
-- they are empty, or after their rows were put back.
-- case: what finished cases leave behind, a partition a month (of the day on which the case ended). The columns are those of
-- process_instance, task, timer and effect behind the month: who adds a column there adds it here and makes the view anew (a test looks).
CREATE TABLE case_past (month @int NOT NULL, home @int NOT NULL, id @int NOT NULL, number @text NOT NULL, process @text NOT NULL,
  pack_hash @blob NOT NULL, model_hash @blob NOT NULL, state @text NOT NULL, subject_kind @text NOT NULL, subject @int NOT NULL, office @int NOT NULL,
  pool @int NOT NULL, variables @text NOT NULL, engine @text NOT NULL, started_by @int NOT NULL, started_at @int NOT NULL, due_day @int NOT NULL,
  ended_at @int NOT NULL, incident @text, version @int NOT NULL, parent @int NOT NULL, parent_token @int NOT NULL, parent_sequence @int NOT NULL,
  application @int NOT NULL, paused_at @int NOT NULL, pause_reason @text NOT NULL, archive_number @text NOT NULL, archived_at @int NOT NULL,
  PRIMARY KEY (home, id, month)) @monthly;
CREATE INDEX case_past_subject ON case_past (home, subject_kind, subject);
CREATE INDEX case_past_parent ON case_past (home, parent);
CREATE TABLE task_past (month @int NOT NULL, home @int NOT NULL, id @int NOT NULL, instance @int NOT NULL, token @int NOT NULL, process @text NOT NULL,
  node @text NOT NULL, role @text NOT NULL, office @int NOT NULL, assignee @int NOT NULL, state @text NOT NULL, created_at @int NOT NULL,
  due_day @int NOT NULL, done_by @int NOT NULL, done_at @int NOT NULL, outcome @text, version @int NOT NULL, on_behalf_of @int NOT NULL,
  before_state @text, PRIMARY KEY (home, id, month)) @monthly;
CREATE INDEX task_past_instance ON task_past (home, instance);
CREATE TABLE timer_past (month @int NOT NULL, home @int NOT NULL, id @int NOT NULL, instance @int NOT NULL, token @int NOT NULL, due_at @int NOT NULL,
  state @text NOT NULL, lease_owner @text, lease_until @int NOT NULL, sequence @int NOT NULL, working_days @int NOT NULL,
  PRIMARY KEY (home, id, month)) @monthly;
CREATE INDEX timer_past_instance ON timer_past (home, instance);
CREATE TABLE effect_past (month @int NOT NULL, home @int NOT NULL, id @int NOT NULL, instance @int NOT NULL, token @int NOT NULL,
  sequence @int NOT NULL, verb @text NOT NULL, payload @text NOT NULL, state @text NOT NULL, lease_owner @text, lease_until @int NOT NULL,
  attempts @int NOT NULL, result @text, error @text, created_at @int NOT NULL, PRIMARY KEY (home, id, month)) @monthly;
CREATE INDEX effect_past_instance ON effect_past (home, instance);
-- The cases that a transaction is moving; nobody else ever sees a row of it.
CREATE TABLE case_moving (home @int NOT NULL, id @int NOT NULL, month @int NOT NULL, PRIMARY KEY (home, id)) @clustered;
-- Both places as one: who reads what may be finished reads these.
CREATE VIEW case_any AS SELECT home, id, number, process, pack_hash, model_hash, state, subject_kind, subject, office, pool, variables, engine,
  started_by, started_at, due_day, ended_at, incident, version, parent, parent_token, parent_sequence, application, paused_at, pause_reason,
  archive_number, archived_at FROM process_instance UNION ALL SELECT home, id, number, process, pack_hash, model_hash, state, subject_kind, subject,
  office, pool, variables, engine, started_by, started_at, due_day, ended_at, incident, version, parent, parent_token, parent_sequence, application,
  paused_at, pause_reason, archive_number, archived_at FROM case_past;
CREATE VIEW task_any AS SELECT home, id, instance, token, process, node, role, office, assignee, state, created_at, due_day, done_by, done_at, outcome,
  version, on_behalf_of, before_state FROM task UNION ALL SELECT home, id, instance, token, process, node, role, office, assignee, state, created_at,
  due_day, done_by, done_at, outcome, version, on_behalf_of, before_state FROM task_past;
CREATE VIEW timer_any AS SELECT home, id, instance, token, due_at, state, lease_owner, lease_until, sequence, working_days FROM timer
  UNION ALL SELECT home, id, instance, token, due_at, state, lease_owner, lease_until, sequence, working_days FROM timer_past;
CREATE VIEW effect_any AS SELECT home, id, instance, token, sequence, verb, payload, state, lease_owner, lease_until, attempts, result, error,
  created_at FROM effect UNION ALL SELECT home, id, instance, token, sequence, verb, payload, state, lease_owner, lease_until, attempts, result,
  error, created_at FROM effect_past;
