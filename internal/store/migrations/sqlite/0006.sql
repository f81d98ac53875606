-- A watch is a saved query with what its alerts wait for and whom they go to: body,
-- as JSON. since: when it began; what came before is no news. slot: the last one
-- that was sent, '' for none.
CREATE TABLE watches (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  since BIGINT NOT NULL,
  slot TEXT NOT NULL DEFAULT '',
  body TEXT NOT NULL
);

-- watched: the change number up to which stories were looked at for all watches.
-- watches: goes up whenever a watch changes.
INSERT INTO counters (name, value) SELECT 'watched', value FROM counters WHERE name = 'change';
INSERT INTO counters (name, value) VALUES ('watches', 0);

-- What a watch was last told of a story. shown: the article that was its face then.
-- editions is JSON.
CREATE TABLE told (
  watch BIGINT NOT NULL REFERENCES watches (id) ON DELETE CASCADE,
  story BIGINT NOT NULL,
  shown BIGINT NOT NULL,
  outlets BIGINT NOT NULL,
  texts BIGINT NOT NULL,
  languages TEXT NOT NULL,
  editions TEXT NOT NULL,
  PRIMARY KEY (watch, story)
);
CREATE INDEX told_story ON told (story);
CREATE INDEX told_shown ON told (shown);

-- sent: when it went into the outbox; 0: it waits for that. body is JSON.
CREATE TABLE alerts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  watch BIGINT NOT NULL REFERENCES watches (id) ON DELETE CASCADE,
  story BIGINT NOT NULL,
  at BIGINT NOT NULL,
  sent BIGINT NOT NULL DEFAULT 0,
  body TEXT NOT NULL
);
CREATE INDEX alerts_watch ON alerts (watch, id);
CREATE INDEX alerts_sent ON alerts (sent, watch);
CREATE INDEX alerts_story ON alerts (story);

-- failing: since when every attempt failed. failed: when it was given up; 0: it was
-- not.
ALTER TABLE outbox ADD COLUMN failing BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN failed BIGINT NOT NULL DEFAULT 0;
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (due) WHERE sent = 0 AND failed = 0;
CREATE INDEX outbox_failed ON outbox (failed) WHERE failed > 0;
