-- +goose Up
-- The newest revision that was given out, over all apps.
CREATE TABLE revisions (
  id   INTEGER PRIMARY KEY CHECK (id = 1),
  last INTEGER NOT NULL
) STRICT;
INSERT INTO revisions (id, last) VALUES (1, 0);

CREATE TABLE apps (
  id                 INTEGER PRIMARY KEY AUTOINCREMENT,
  name               TEXT NOT NULL,
  revision           INTEGER NOT NULL UNIQUE,
  origins            TEXT NOT NULL, -- a JSON list
  clients_2018       INTEGER NOT NULL DEFAULT 0 CHECK (clients_2018 IN (0, 1)),
  first_ms           INTEGER NOT NULL DEFAULT 0, -- the first message that was heard of
  first_author       TEXT NOT NULL DEFAULT '',
  first_conversation TEXT NOT NULL DEFAULT '',
  created_ms         INTEGER NOT NULL,
  deleted_ms         INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE keys (
  public_id   TEXT PRIMARY KEY,
  app         INTEGER NOT NULL REFERENCES apps (id),
  name        TEXT NOT NULL,
  secret      BLOB, -- sealed; NULL once the key is deleted
  private_key BLOB, -- sealed; NULL once the key is deleted
  active      INTEGER NOT NULL CHECK (active IN (0, 1)),
  created_ms  INTEGER NOT NULL,
  used_ms     INTEGER NOT NULL DEFAULT 0,
  deleted_ms  INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX keys_of_app ON keys (app, created_ms);
