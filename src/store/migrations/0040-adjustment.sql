-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE adjustment, adjustment_line, adjustment_reduction, adjustment_refund; ALTER TABLE assessment DROP COLUMN reduced_fen; ALTER TABLE
-- declaration DROP COLUMN adjustment; ALTER TABLE receipt DROP COLUMN adjustment, refunded_fen; when nothing was adjusted.
-- office/contribution: corrections of what was assessed (补缴与退费). state: done, reversed (by the adjustment whose reverses is its id).
-- supplement: assessed anew; reduced: taken off assessments; excess: of that, what had been paid; refunded: of the excess, for one-off payment.
CREATE TABLE adjustment (home @int NOT NULL, id @int NOT NULL, kind @text NOT NULL, employer @int NOT NULL, person @int NOT NULL,
  month_from @int NOT NULL, month_to @int NOT NULL, settle @text NOT NULL, reverses @int NOT NULL, instance @int NOT NULL, decision @int NOT NULL,
  supplement_fen @int NOT NULL, reduced_fen @int NOT NULL, excess_fen @int NOT NULL, refunded_fen @int NOT NULL, account_fen @int NOT NULL,
  state @text NOT NULL, actor @int NOT NULL, at @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX adjustment_employer ON adjustment (home, employer);
CREATE INDEX adjustment_person ON adjustment (home, person);
CREATE INDEX adjustment_instance ON adjustment (home, instance);
-- What a worker's month in a scheme stood at before, and stands at since (all parties, all assessments of the month). wage: 0 none.
CREATE TABLE adjustment_line (home @int NOT NULL, adjustment @int NOT NULL, person_home @int NOT NULL, person @int NOT NULL, month @int NOT NULL,
  scheme @text NOT NULL, pool @int NOT NULL, old_wage_fen @int NOT NULL, old_base_fen @int NOT NULL, old_employer_fen @int NOT NULL,
  old_person_fen @int NOT NULL, old_account_fen @int NOT NULL, wage_fen @int NOT NULL, base_fen @int NOT NULL, employer_fen @int NOT NULL,
  person_fen @int NOT NULL, account_fen @int NOT NULL, PRIMARY KEY (home, adjustment, person_home, person, month, scheme)) @clustered;
CREATE INDEX adjustment_line_person ON adjustment_line (home, person, month);
-- What it took off the line of a worker in an assessment. A supplement is an assessment of its own: declaration.adjustment.
CREATE TABLE adjustment_reduction (home @int NOT NULL, assessment @int NOT NULL, adjustment @int NOT NULL, person_home @int NOT NULL,
  person @int NOT NULL, base_fen @int NOT NULL, employer_fen @int NOT NULL, person_fen @int NOT NULL, account_fen @int NOT NULL,
  PRIMARY KEY (home, assessment, adjustment, person_home, person)) @clustered;
CREATE INDEX adjustment_reduction_of ON adjustment_reduction (home, adjustment);
ALTER TABLE declaration ADD COLUMN adjustment @int NOT NULL DEFAULT 0;
CREATE INDEX declaration_adjustment ON declaration (home, adjustment);
-- One-off payments that it was refunded by, each from one receipt.
CREATE TABLE adjustment_refund (home @int NOT NULL, claim @int NOT NULL, adjustment @int NOT NULL, receipt @int NOT NULL,
  PRIMARY KEY (home, claim)) @clustered;
CREATE INDEX adjustment_refund_of ON adjustment_refund (home, adjustment);
CREATE INDEX adjustment_refund_receipt ON adjustment_refund (home, receipt);
-- Sum of the reductions, both parties: what is owed is employer_fen + person_fen - reduced_fen.
ALTER TABLE assessment ADD COLUMN reduced_fen @int NOT NULL DEFAULT 0;
-- A credit (贷项) is a receipt of no new money: adjustment <> 0, amount_fen 0, and allocated_fen below 0 by what it took back from
-- assessments that were paid. refunded_fen: became one-off payments.
ALTER TABLE receipt ADD COLUMN adjustment @int NOT NULL DEFAULT 0;
ALTER TABLE receipt ADD COLUMN refunded_fen @int NOT NULL DEFAULT 0;
CREATE INDEX receipt_employer ON receipt (home, employer, state);
