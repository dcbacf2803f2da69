-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP VIEW payment_row; DROP TABLE claim_payment; ALTER TABLE payment_run DROP COLUMN kind; when no run is of kind claims.
-- office/payment: kind month pays the monthly benefits of a pool, kind claims its one-off payments (非周期发放), on a day, from claim_payment.
-- state of a row: due, returned. payee: payment_payee.id at that time.
ALTER TABLE payment_run ADD COLUMN kind @text NOT NULL DEFAULT 'month';
CREATE TABLE claim_payment (home @int NOT NULL, month @int NOT NULL, run @int NOT NULL, claim @int NOT NULL, state @text NOT NULL, amount_fen @int NOT NULL,
  account_fen @int NOT NULL, fund_fen @int NOT NULL, payee @int NOT NULL, return_code @text NOT NULL, PRIMARY KEY (home, run, claim)) @clustered;
CREATE INDEX claim_payment_claim ON claim_payment (home, claim);
-- What a run pays, of either kind; item: the award or the claim.
CREATE VIEW payment_row AS SELECT home, month, run, award AS item, state, reason, amount_fen, account_fen, fund_fen, return_code FROM payment
  UNION ALL SELECT home, month, run, claim, state, '', amount_fen, account_fen, fund_fen, return_code FROM claim_payment;
