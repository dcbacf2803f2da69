-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE interest_line; DROP TABLE interest_run.
-- office/account: interest of a year on the personal accounts of a pool. state: running, posted, reversing, reversed.
CREATE TABLE interest_run (home @int NOT NULL, id @int NOT NULL, pool @int NOT NULL, year @int NOT NULL, state @text NOT NULL, accounts @int NOT NULL,
  total_fen @int NOT NULL, entered_by @int NOT NULL, entered_at @int NOT NULL, reversed_by @int NOT NULL, reversed_at @int NOT NULL,
  reason @text NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX interest_run_year ON interest_run (home, pool, year);
-- What an account was given and what it rests on: the balance at the end of the year before, what came and went by month (JSON), the rate.
-- txn 0: nothing was due.
CREATE TABLE interest_line (home @int NOT NULL, run @int NOT NULL, account @int NOT NULL, opening_fen @int NOT NULL, deposits @text NOT NULL,
  rate @text NOT NULL, interest_fen @int NOT NULL, txn @int NOT NULL, at @int NOT NULL, PRIMARY KEY (home, run, account)) @table;
CREATE INDEX interest_line_account ON interest_line (home, account);
CREATE INDEX interest_line_txn ON interest_line (home, txn);
