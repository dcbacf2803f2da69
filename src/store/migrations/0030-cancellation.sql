-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE cancellation, cancellation_work;
-- Registrations that were cancelled (注销登记): subject_kind person or employer; state: cancelled, undone (taken back within its case),
-- returned (registered again, under the old number). death_set 1: the day of death was entered by it.
CREATE TABLE cancellation (home @int NOT NULL, id @int NOT NULL, subject_kind @text NOT NULL, subject @int NOT NULL, cause @text NOT NULL,
  event_day @int NOT NULL, instance @int NOT NULL, decision @int NOT NULL, death_set @int NOT NULL, state @text NOT NULL, actor @int NOT NULL,
  at @int NOT NULL, ended_by @int NOT NULL, ended_at @int NOT NULL, reason @text NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX cancellation_subject ON cancellation (home, subject_kind, subject);
-- Spells of employment that it ended: the one that was believed before, and the one that stands in its place (0: none).
CREATE TABLE cancellation_work (home @int NOT NULL, cancellation @int NOT NULL, ended @int NOT NULL, shortened @int NOT NULL,
  PRIMARY KEY (home, cancellation, ended)) @clustered;
