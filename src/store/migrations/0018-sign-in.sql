-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE second_factor, recovery_code, password_past; session as 0001 has it; ALTER TABLE staff DROP COLUMN must_change,
-- password_at, reset_by, reset_at, oidc_subject, ADD COLUMN locked_until. Everybody signs in anew.
-- office/signin: a session knows how far its owner came (stage), for which roles and office it was opened, and when a second factor was last
-- shown. A wrong password no longer locks a name in the database: who guesses waits (http).
DROP TABLE session;
CREATE TABLE session (token_hash @blob NOT NULL, id @int NOT NULL, staff @int NOT NULL, stage @text NOT NULL, roles @int NOT NULL, office @int NOT NULL,
  csrf @text NOT NULL, created_at @int NOT NULL, seen_at @int NOT NULL, expires_at @int NOT NULL, idle_us @int NOT NULL, factor_at @int NOT NULL,
  step_up_us @int NOT NULL, required @int NOT NULL, tries @int NOT NULL, failed_before @int NOT NULL, address @text NOT NULL, agent @text NOT NULL,
  challenge @blob, challenge_until @int NOT NULL, PRIMARY KEY (token_hash)) @table;
CREATE UNIQUE INDEX session_id ON session (id);
CREATE INDEX session_staff ON session (staff);
-- kind: totp (key_wrapped: the secret; last_step: of the last code that was taken) or key (WebAuthn). state: asked, active.
CREATE TABLE second_factor (id @int NOT NULL, staff @int NOT NULL, kind @text NOT NULL, label @text NOT NULL, state @text NOT NULL, key_wrapped @blob,
  last_step @int NOT NULL, credential @blob, algorithm @int NOT NULL, public_key @blob, counter @int NOT NULL, created_at @int NOT NULL,
  used_at @int NOT NULL, PRIMARY KEY (id)) @table;
CREATE INDEX second_factor_staff ON second_factor (staff);
CREATE UNIQUE INDEX second_factor_credential ON second_factor (credential) WHERE credential IS NOT NULL;
CREATE TABLE recovery_code (staff @int NOT NULL, code_hash @blob NOT NULL, created_at @int NOT NULL, used_at @int NOT NULL,
  PRIMARY KEY (staff, code_hash)) @clustered;
CREATE TABLE password_past (staff @int NOT NULL, at @int NOT NULL, password @text NOT NULL, PRIMARY KEY (staff, at)) @clustered;
ALTER TABLE staff DROP COLUMN locked_until;
ALTER TABLE staff ADD COLUMN must_change @int NOT NULL DEFAULT 0;
ALTER TABLE staff ADD COLUMN password_at @int NOT NULL DEFAULT 0;
ALTER TABLE staff ADD COLUMN reset_by @int NOT NULL DEFAULT 0;
ALTER TABLE staff ADD COLUMN reset_at @int NOT NULL DEFAULT 0;
ALTER TABLE staff ADD COLUMN oidc_subject @text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX staff_oidc_subject ON staff (oidc_subject) WHERE oidc_subject <> '';
