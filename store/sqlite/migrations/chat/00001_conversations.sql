-- Times are Unix milliseconds, 0 for never. Names of things follow package chat.

-- +goose Up
CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The epoch tells this history from that of a restored copy.
INSERT INTO meta (name, value) VALUES ('epoch', lower(hex(randomblob(16))));

CREATE TABLE conversations (
  key        INTEGER PRIMARY KEY CHECK (key BETWEEN 1 AND 0x7fffffff),
  app        INTEGER NOT NULL,
  id         TEXT    NOT NULL,
  rev        INTEGER NOT NULL,
  head_seq   INTEGER NOT NULL CHECK (head_seq <= 0xffffffff),
  oldest_seq INTEGER NOT NULL,
  read_only  INTEGER NOT NULL DEFAULT 0,
  topic      TEXT    NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL, -- Unix microseconds, ascending: the order of inboxes
  UNIQUE (app, id)
) STRICT;

CREATE TABLE participants (
  key          INTEGER PRIMARY KEY, -- ascends in the order of joining
  conversation INTEGER NOT NULL REFERENCES conversations (key),
  app          INTEGER NOT NULL,
  id           TEXT    NOT NULL,
  name         TEXT    NOT NULL,
  avatar       TEXT    NOT NULL,
  role         TEXT    NOT NULL,
  banned_until INTEGER NOT NULL DEFAULT 0,
  read_seq     INTEGER NOT NULL,
  last_seen    INTEGER NOT NULL DEFAULT 0,
  rev          INTEGER NOT NULL,
  joined_at    INTEGER NOT NULL,
  UNIQUE (conversation, id),
  UNIQUE (conversation, rev)
) STRICT;

CREATE INDEX participants_joined ON participants (conversation);
CREATE INDEX participants_inbox ON participants (app, id);

-- A place is conversation << 32 | seq, a change is conversation << 32 | rev: the messages of a conversation lie
-- together in the order of their seq, and are found in the order of their rev, whatever else the table holds.
CREATE TABLE messages (
  place         INTEGER PRIMARY KEY,
  change        INTEGER NOT NULL UNIQUE,
  author        INTEGER NOT NULL REFERENCES participants (key),
  client_id     TEXT    NOT NULL,
  id            BLOB    NOT NULL CHECK (length(id) = 16),
  fingerprint   BLOB    NOT NULL, -- of what was first posted
  author_name   TEXT    NOT NULL, -- as it was then
  author_avatar TEXT    NOT NULL,
  author_role   TEXT    NOT NULL,
  kind          TEXT    NOT NULL,
  body          TEXT    NOT NULL,
  extras        TEXT,             -- JSON: reply, mentions, attachments, reactions; NULL if there are none
  sent_at       INTEGER NOT NULL,
  edited_at     INTEGER NOT NULL DEFAULT 0,
  deleted_at    INTEGER NOT NULL DEFAULT 0,
  hidden_at     INTEGER NOT NULL DEFAULT 0
) STRICT;

-- A participant belongs to one conversation, so this is unique per conversation, sender and client id.
CREATE UNIQUE INDEX messages_client ON messages (author, client_id);
CREATE UNIQUE INDEX messages_id ON messages (id, place >> 32);

CREATE TABLE outbox (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id    TEXT NOT NULL UNIQUE,
  event TEXT NOT NULL -- JSON
) STRICT;

CREATE TABLE apps (
  id       INTEGER PRIMARY KEY,
  revision INTEGER NOT NULL,
  settings TEXT    NOT NULL -- JSON
) STRICT;

CREATE TABLE app_keys (
  app         INTEGER NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  place       INTEGER NOT NULL,
  public_id   TEXT    NOT NULL,
  active      INTEGER NOT NULL,
  secret      BLOB    NOT NULL, -- sealed
  private_key BLOB    NOT NULL, -- sealed
  PRIMARY KEY (app, place)
) STRICT, WITHOUT ROWID;
