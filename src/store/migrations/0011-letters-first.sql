-- SPDX-License-Identifier: Apache-2.0
-- reverse: DROP TABLE letter_service; DROP TABLE letter_number;
-- office/letter: the last number of a kind of letter that an office gave in a year; how and when a letter was served (送达).
CREATE TABLE letter_number (home @int NOT NULL, year @int NOT NULL, office @int NOT NULL, kind @text NOT NULL, last @int NOT NULL,
  PRIMARY KEY (home, year, office, kind)) @table;
CREATE TABLE letter_service (home @int NOT NULL, id @int NOT NULL, document @int NOT NULL, instance @int NOT NULL, way @text NOT NULL,
  reference @text NOT NULL, day @int NOT NULL, actor @int NOT NULL, at @int NOT NULL, PRIMARY KEY (home, id)) @table;
CREATE INDEX letter_service_document ON letter_service (home, document);
