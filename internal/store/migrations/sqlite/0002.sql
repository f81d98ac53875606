-- domain: whose turn it is to be asked; see domain.go. reason: why next_due is
-- when it is, in words. timing: what polls taught of the feed's pace, as JSON.
-- retired: when the server said that the feed is gone for good, 0 if it did not.
ALTER TABLE feeds ADD COLUMN domain TEXT NOT NULL DEFAULT '';
ALTER TABLE feeds ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE feeds ADD COLUMN timing TEXT NOT NULL DEFAULT '{}';
ALTER TABLE feeds ADD COLUMN retired BIGINT NOT NULL DEFAULT 0;
CREATE INDEX feeds_domain ON feeds (domain, next_due);

-- One request at a time: busy_until is the lease of the one under way. Nothing is
-- asked before free_at: the gap after a request, or what the server asked for.
CREATE TABLE domains (
  name TEXT PRIMARY KEY,
  busy_until BIGINT NOT NULL DEFAULT 0,
  free_at BIGINT NOT NULL DEFAULT 0
);
