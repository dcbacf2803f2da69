-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE bank_return.
-- office/payment: the bank_statement that was a bank's answer to one of its files of a run (part, from 1); each file is answered once.
CREATE TABLE bank_return (home @int NOT NULL, statement @int NOT NULL, run @int NOT NULL, part @int NOT NULL, lines @int NOT NULL,
  total_fen @int NOT NULL, returned @int NOT NULL, returned_fen @int NOT NULL, PRIMARY KEY (home, statement)) @table;
CREATE UNIQUE INDEX bank_return_part ON bank_return (home, run, part);
