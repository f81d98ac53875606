-- What people say of outlets; one of which nothing is said has no row. tier: 0 none.
CREATE TABLE outlets (
  domain TEXT PRIMARY KEY,
  name TEXT NOT NULL DEFAULT '',
  tier BIGINT NOT NULL DEFAULT 0,
  tags TEXT NOT NULL DEFAULT '',
  time_zone TEXT NOT NULL DEFAULT ''
);

-- Stories about one event. story is the one that came later; either may have been
-- merged since. why is news.Kinship as JSON.
CREATE TABLE related (
  story BIGINT NOT NULL,
  other BIGINT NOT NULL,
  score DOUBLE PRECISION NOT NULL,
  why TEXT NOT NULL,
  PRIMARY KEY (story, other)
);
CREATE INDEX related_other ON related (other);
