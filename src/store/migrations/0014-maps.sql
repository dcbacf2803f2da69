-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE step_time.
-- case: how long each step that was done waited and was worked on, in minutes (worked -1: not known), in the order in which the map of
-- a process adds it up. It stays when the case itself goes to the archive.
CREATE TABLE step_time (home @int NOT NULL, process @text NOT NULL, node @text NOT NULL, instance @int NOT NULL, task @int NOT NULL,
  role @text NOT NULL, office @int NOT NULL, done_at @int NOT NULL, waited @int NOT NULL, worked @int NOT NULL,
  PRIMARY KEY (home, process, node, instance, task)) @clustered;
INSERT INTO step_time SELECT home, process, node, instance, id, role, office, done_at, (done_at - created_at) / 60000000, -1 FROM task
  WHERE state = 'done';
