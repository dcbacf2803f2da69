-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE message, subscription, schedule; DROP INDEX process_instance_parent; ALTER TABLE process_instance DROP COLUMN parent,
-- parent_token, parent_sequence; ALTER TABLE timer DROP COLUMN sequence, working_days; when no case waits for another, a message or a date.
-- case: the call that a case answers (0: none), and the step that a timer wakes (0: whichever its token is at, of timers before this).
ALTER TABLE process_instance ADD COLUMN parent @int NOT NULL DEFAULT 0;
ALTER TABLE process_instance ADD COLUMN parent_token @int NOT NULL DEFAULT 0;
ALTER TABLE process_instance ADD COLUMN parent_sequence @int NOT NULL DEFAULT 0;
CREATE INDEX process_instance_parent ON process_instance (home, parent);
ALTER TABLE timer ADD COLUMN sequence @int NOT NULL DEFAULT 0;
ALTER TABLE timer ADD COLUMN working_days @int NOT NULL DEFAULT 0;
-- What cases wait for: kind message or signal.
CREATE TABLE subscription (home @int NOT NULL, instance @int NOT NULL, token @int NOT NULL, sequence @int NOT NULL, kind @text NOT NULL,
  name @text NOT NULL, message_key @text NOT NULL, PRIMARY KEY (home, instance, token, kind, name)) @table;
CREATE INDEX subscription_name ON subscription (home, kind, name, message_key);
-- What is on its way between cases: kind message, signal, return (of a call). target: the case it is for (0: whoever waits);
-- office: of who sent it from outside (0: a case); once: the same message sent twice is one.
CREATE TABLE message (home @int NOT NULL, id @int NOT NULL, kind @text NOT NULL, name @text NOT NULL, message_key @text NOT NULL, body @text NOT NULL,
  state @text NOT NULL, source @int NOT NULL, target @int NOT NULL, token @int NOT NULL, sequence @int NOT NULL, office @int NOT NULL,
  pool @int NOT NULL, once @text NOT NULL, error @text, created_at @int NOT NULL, done_at @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE UNIQUE INDEX message_once ON message (home, once);
CREATE INDEX message_state ON message (home, state, id);
CREATE INDEX message_wait ON message (home, name, message_key, state);
CREATE INDEX message_source ON message (home, source, state);
-- Processes that begin by the clock, a row for each pool, process and start event; process '': when packs are looked at again.
CREATE TABLE schedule (home @int NOT NULL, id @int NOT NULL, pool @int NOT NULL, process @text NOT NULL, node @text NOT NULL, first_at @int NOT NULL,
  next_at @int NOT NULL, begun @int NOT NULL, state @text NOT NULL, error @text, PRIMARY KEY (home, id)) @table;
CREATE UNIQUE INDEX schedule_once ON schedule (home, pool, process, node);
CREATE INDEX schedule_due ON schedule (home, state, next_at);
