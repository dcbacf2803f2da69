-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP INDEX decision_instance; DROP INDEX timer_instance.
-- A case's page asks for its decisions; a case that is withdrawn or terminated for its timers.
CREATE INDEX decision_instance ON decision (home, instance);
CREATE INDEX timer_instance ON timer (home, instance);
