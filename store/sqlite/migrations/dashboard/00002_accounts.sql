-- +goose Up
-- Times are milliseconds since 1970, UTC; 0 stands for never.
CREATE TABLE accounts (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  email         TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  created_ms    INTEGER NOT NULL
) STRICT;

-- The one token with which the first account can be made.
CREATE TABLE setup (
  id         INTEGER PRIMARY KEY CHECK (id = 1),
  token      BLOB NOT NULL, -- SHA-256
  expires_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
  token      BLOB PRIMARY KEY, -- SHA-256
  account    INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  created_ms INTEGER NOT NULL,
  seen_ms    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_account ON sessions (account, created_ms);
