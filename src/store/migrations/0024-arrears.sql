-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE late_fee_allocation, late_fee, arrears_order; DROP INDEX assessment_overdue.
-- office/arrears: an order to pay fixes what an employer owes on a day; it makes a late fee of each assessment receivable. Money pays late
-- fees beside assessments. arrears_order.state: open, settled, enforced; late_fee.state: open, paid.
CREATE TABLE arrears_order (home @int NOT NULL, id @int NOT NULL, employer @int NOT NULL, instance @int NOT NULL, day @int NOT NULL,
  principal_fen @int NOT NULL, fee_fen @int NOT NULL, state @text NOT NULL, body @text, body_day @int NOT NULL, body_reference @text,
  txn @int NOT NULL, actor @int NOT NULL, at @int NOT NULL, version @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX arrears_order_employer ON arrears_order (home, employer);
CREATE TABLE late_fee (home @int NOT NULL, id @int NOT NULL, arrears_order @int NOT NULL, assessment @int NOT NULL, employer @int NOT NULL,
  pool @int NOT NULL, from_day @int NOT NULL, to_day @int NOT NULL, principal_fen @int NOT NULL, fee_fen @int NOT NULL,
  received_fen @int NOT NULL, state @text NOT NULL, fee_first @int NOT NULL, txn @int NOT NULL, decision @int NOT NULL,
  version @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX late_fee_employer ON late_fee (home, employer, state);
CREATE INDEX late_fee_assessment ON late_fee (home, assessment);
CREATE INDEX late_fee_order ON late_fee (home, arrears_order);
CREATE TABLE late_fee_allocation (home @int NOT NULL, id @int NOT NULL, receipt @int NOT NULL, late_fee @int NOT NULL, amount_fen @int NOT NULL,
  txn @int NOT NULL, at @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX late_fee_allocation_fee ON late_fee_allocation (home, late_fee);
CREATE INDEX late_fee_allocation_receipt ON late_fee_allocation (home, receipt);
CREATE INDEX assessment_overdue ON assessment (home, state, month, id);
