-- +goose Up
-- What one node told of one app in one interval; kept for a day, also so that a repeat is noticed.
CREATE TABLE intervals (
  node        TEXT NOT NULL,
  from_ms     INTEGER NOT NULL,
  app         INTEGER NOT NULL,
  to_ms       INTEGER NOT NULL,
  connections INTEGER NOT NULL,
  peak        INTEGER NOT NULL,
  messages    INTEGER NOT NULL,
  ack_p50_us  INTEGER NOT NULL,
  ack_p99_us  INTEGER NOT NULL,
  received_ms INTEGER NOT NULL,
  PRIMARY KEY (node, from_ms, app)
) STRICT, WITHOUT ROWID;
-- All that the overview reads, so that a day of intervals is one walk along the index.
CREATE INDEX intervals_of_app ON intervals (app, to_ms, messages, connections, peak, ack_p50_us, ack_p99_us);
CREATE INDEX intervals_received ON intervals (received_ms);

CREATE TABLE traffic (
  app      INTEGER NOT NULL,
  span     TEXT NOT NULL CHECK (span IN ('hour', 'day')),
  start_ms INTEGER NOT NULL,
  peak     INTEGER NOT NULL,
  joins    INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  bytes    INTEGER NOT NULL,
  PRIMARY KEY (app, span, start_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE refusals (
  app       INTEGER NOT NULL,
  hour_ms   INTEGER NOT NULL,
  reason    TEXT NOT NULL,
  public_id TEXT NOT NULL,
  origin    TEXT NOT NULL,
  count     INTEGER NOT NULL,
  last_ms   INTEGER NOT NULL,
  PRIMARY KEY (app, hour_ms, reason, public_id, origin)
) STRICT, WITHOUT ROWID;

CREATE TABLE nodes (
  node     TEXT PRIMARY KEY,
  heard_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
