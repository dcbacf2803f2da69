-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE emergency_access, emergency_use.
-- Access beyond one's office in an emergency (office/emergency), and each row of the trail that was written under it (case).
CREATE TABLE emergency_access (id @int NOT NULL, staff @int NOT NULL, office @int NOT NULL, reason @text NOT NULL, begun_at @int NOT NULL,
  until @int NOT NULL, ended_by @int NOT NULL, reviewed_by @int NOT NULL, reviewed_at @int NOT NULL, verdict @text NOT NULL, note @text NOT NULL,
  PRIMARY KEY (id)) @table;
CREATE INDEX emergency_access_staff ON emergency_access (staff, until);
CREATE INDEX emergency_access_waits ON emergency_access (id) WHERE reviewed_at = 0;
CREATE TABLE emergency_use (access @int NOT NULL, audit @int NOT NULL, at @int NOT NULL, verb @text NOT NULL, subject_kind @text NOT NULL,
  subject @int NOT NULL, PRIMARY KEY (access, audit)) @clustered;
