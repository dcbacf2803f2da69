-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE roster_line; DROP TABLE roster; when no batch waits.
-- office/roster: joiners and leavers of an employer, as one batch (批量增减员). state: entered, posting, posted, reversing, reversed, dropped.
-- sealed: of those who are not registered yet, what is written down of them, by line; forgotten when they are. run: its run that is at work, 0 none.
CREATE TABLE roster (home @int NOT NULL, id @int NOT NULL, employer @int NOT NULL, state @text NOT NULL, lines @int NOT NULL, note @text NOT NULL,
  billed @int NOT NULL, wrapped @blob NOT NULL, sealed @blob NOT NULL, run @int NOT NULL, entered_by @int NOT NULL, entered_at @int NOT NULL,
  posted_by @int NOT NULL, posted_at @int NOT NULL, reversed_by @int NOT NULL, reversed_at @int NOT NULL, reason @text NOT NULL, version @int NOT NULL,
  PRIMARY KEY (home, id)) @table;
CREATE INDEX roster_employer ON roster (home, employer, state);
-- act: join, leave. person 0: not registered yet. employer_fen, person_fen: what a month costs more or less (0 where roster.billed is 0). notices,
-- fault: JSON, code and texts. state: waiting, done, failed, reversed, kept. written: the spell that it wrote; before: the one that that replaced.
CREATE TABLE roster_line (home @int NOT NULL, roster @int NOT NULL, line @int NOT NULL, act @text NOT NULL, person @int NOT NULL, day @int NOT NULL, month @int NOT NULL,
  wage_fen @int NOT NULL, category @text NOT NULL, reason @text NOT NULL, employer_fen @int NOT NULL, person_fen @int NOT NULL, notices @text NOT NULL,
  state @text NOT NULL, fault @text NOT NULL, written @int NOT NULL, before @int NOT NULL, PRIMARY KEY (home, roster, line)) @clustered;
CREATE INDEX roster_line_person ON roster_line (home, person);
