-- +goose Up
-- The one link of an account with which its password can be chosen anew.
CREATE TABLE password_links (
  account    INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  token      BLOB NOT NULL UNIQUE, -- SHA-256
  expires_ms INTEGER NOT NULL
) STRICT;

-- What its owner knows a session by: the browser in words, and the address that it signed in from.
ALTER TABLE sessions ADD COLUMN browser TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
