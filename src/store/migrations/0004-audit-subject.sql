-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP INDEX audit_row_subject.
-- Who entered what is about to be used is asked of the trail: nobody makes their own entry count.
CREATE INDEX audit_row_subject ON audit_row (home, subject);
