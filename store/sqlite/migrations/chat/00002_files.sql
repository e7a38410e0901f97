-- Which messages hold a file follows from the messages themselves, by triggers: no deed that stores, amends or removes
-- messages can forget it.

-- +goose Up
CREATE TABLE files (
  key         INTEGER PRIMARY KEY,
  id          TEXT    NOT NULL UNIQUE,
  app         INTEGER NOT NULL,
  owner       TEXT    NOT NULL,
  name        TEXT    NOT NULL,
  type        TEXT    NOT NULL,
  size        INTEGER NOT NULL,
  width       INTEGER NOT NULL,
  height      INTEGER NOT NULL,
  hash        BLOB    NOT NULL CHECK (length(hash) = 32),
  uploaded_at INTEGER NOT NULL,
  idle_since  INTEGER NOT NULL, -- 0 while a message holds it
  messages    INTEGER NOT NULL DEFAULT 0 -- that hold it
) STRICT;

CREATE INDEX files_owner ON files (app, owner);
CREATE INDEX files_hash ON files (hash);
CREATE INDEX files_idle ON files (idle_since) WHERE messages = 0;
CREATE INDEX files_idle_owner ON files (app, owner) WHERE messages = 0;

CREATE TABLE file_uses (
  place INTEGER NOT NULL, -- of the message
  file  INTEGER NOT NULL REFERENCES files (key) ON DELETE CASCADE,
  PRIMARY KEY (place, file)
) STRICT, WITHOUT ROWID;

CREATE INDEX file_uses_file ON file_uses (file);

CREATE TABLE file_totals (
  app   INTEGER PRIMARY KEY,
  bytes INTEGER NOT NULL
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER files_added AFTER INSERT ON files BEGIN
  INSERT INTO file_totals (app, bytes) VALUES (new.app, new.size)
    ON CONFLICT (app) DO UPDATE SET bytes = bytes + excluded.bytes;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER files_dropped AFTER DELETE ON files BEGIN
  UPDATE file_totals SET bytes = bytes - old.size WHERE app = old.app;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER file_uses_added AFTER INSERT ON file_uses BEGIN
  UPDATE files SET messages = messages + 1, idle_since = 0 WHERE key = new.file;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER file_uses_dropped AFTER DELETE ON file_uses BEGIN
  UPDATE files SET messages = messages - 1,
    idle_since = iif(messages = 1, max(CAST(unixepoch('subsec') * 1000 AS INTEGER), uploaded_at + 1), 0) WHERE key = old.file;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER messages_hold_files AFTER INSERT ON messages WHEN new.extras IS NOT NULL BEGIN
  INSERT OR IGNORE INTO file_uses (place, file)
    SELECT new.place, f.key FROM json_each(new.extras, '$.attachments') a
      JOIN files f ON f.id = a.value ->> 'id'
      JOIN conversations c ON c.key = new.place >> 32 AND c.app = f.app;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER messages_change_files AFTER UPDATE OF extras ON messages WHEN new.extras IS NOT old.extras BEGIN
  INSERT OR IGNORE INTO file_uses (place, file)
    SELECT new.place, f.key FROM json_each(new.extras, '$.attachments') a
      JOIN files f ON f.id = a.value ->> 'id'
      JOIN conversations c ON c.key = new.place >> 32 AND c.app = f.app;
  DELETE FROM file_uses WHERE place = new.place AND file NOT IN (
    SELECT f.key FROM json_each(new.extras, '$.attachments') a JOIN files f ON f.id = a.value ->> 'id');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER messages_release_files AFTER DELETE ON messages WHEN old.extras IS NOT NULL BEGIN
  DELETE FROM file_uses WHERE place = old.place;
END;
-- +goose StatementEnd
