-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE portal_account; ALTER TABLE staff DROP COLUMN for_person, for_employer, code_until; ALTER TABLE application DROP COLUMN
-- channel; when nobody has an account.
-- office/portal: somebody outside of the office signs in for a person (themselves) or for an employer; never both, and never as staff. code_until:
-- until when a code that was handed out at a window may be used; 0 once its owner has chosen a password.
ALTER TABLE staff ADD COLUMN for_person @int NOT NULL DEFAULT 0;
ALTER TABLE staff ADD COLUMN for_employer @int NOT NULL DEFAULT 0;
ALTER TABLE staff ADD COLUMN code_until @int NOT NULL DEFAULT 0;
-- id: of staff. kind: insured, employer. number: of the employer's agents, from 1. document: what was looked at. sealed: the agent's name.
CREATE TABLE portal_account (home @int NOT NULL, id @int NOT NULL, kind @text NOT NULL, person @int NOT NULL, employer @int NOT NULL, number @int NOT NULL,
  document @text NOT NULL, wrapped @blob NOT NULL, sealed @blob NOT NULL, opened_by @int NOT NULL, opened_office @int NOT NULL, opened_at @int NOT NULL,
  code_by @int NOT NULL, code_at @int NOT NULL, codes @int NOT NULL, closed_by @int NOT NULL, closed_at @int NOT NULL, reason @text NOT NULL,
  PRIMARY KEY (home, id)) @table;
CREATE INDEX portal_account_person ON portal_account (home, person);
CREATE INDEX portal_account_employer ON portal_account (home, employer);
-- How an application came: counter, paper, telephone, post (a clerk entered it), portal (its owner did, as actor).
ALTER TABLE application ADD COLUMN channel @text NOT NULL DEFAULT 'counter';
CREATE INDEX application_portal ON application (home, actor) WHERE channel = 'portal';
