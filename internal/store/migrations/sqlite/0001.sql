CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- change: the last change number given out, whose row is the grouping lock.
-- articles, stories: how many there are, so that nobody has to count. judged: goes
-- up whenever a person judges a template.
CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('change', 0), ('articles', 0), ('stories', 0), ('judged', 0);

CREATE TABLE feeds (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  url TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  site TEXT NOT NULL,
  outlet TEXT NOT NULL,
  language TEXT NOT NULL,
  schedule TEXT NOT NULL,
  tags TEXT NOT NULL,
  etag TEXT NOT NULL DEFAULT '',
  last_modified TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT '',
  error TEXT NOT NULL DEFAULT '',
  failures BIGINT NOT NULL DEFAULT 0,
  last_poll BIGINT NOT NULL DEFAULT 0,
  last_new BIGINT NOT NULL DEFAULT 0,
  articles BIGINT NOT NULL DEFAULT 0,
  next_due BIGINT NOT NULL,
  lease_until BIGINT NOT NULL DEFAULT 0,
  epoch BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX feeds_due ON feeds (next_due);

-- change is null until a story has had members; one with gone = 1 is a tombstone.
CREATE TABLE stories (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  change BIGINT,
  gone BIGINT NOT NULL DEFAULT 0,
  into_story BIGINT,
  title TEXT NOT NULL DEFAULT '',
  lead BIGINT NOT NULL DEFAULT 0,
  copies BIGINT NOT NULL DEFAULT 0,
  texts BIGINT NOT NULL DEFAULT 0,
  outlets BIGINT NOT NULL DEFAULT 0,
  languages TEXT NOT NULL DEFAULT '',
  first_outlet TEXT NOT NULL DEFAULT '',
  first_published BIGINT NOT NULL DEFAULT 0,
  first_arrived BIGINT NOT NULL DEFAULT 0,
  last_arrived BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX stories_change ON stories (change) WHERE change IS NOT NULL;
CREATE INDEX stories_into ON stories (into_story) WHERE into_story IS NOT NULL;
CREATE INDEX stories_arrived ON stories (first_arrived);
CREATE INDEX stories_published ON stories (first_published);

-- What is listed, counted and joined; the bulk of an article is in texts and
-- sketches. feed has no foreign key: articles outlive their feed. guid_key is a
-- hash of guid, url_key of url: strangers choose their length. dated is the
-- credible time, source the outlet that the item names as its own source. story
-- and change are null until the article is grouped; text_of is the article whose
-- wording this one shares, as its reason says, 0 for none.
CREATE TABLE articles (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  feed BIGINT NOT NULL,
  guid TEXT NOT NULL,
  guid_key TEXT NOT NULL,
  outlet TEXT NOT NULL,
  url TEXT NOT NULL,
  url_key BIGINT NOT NULL,
  title TEXT NOT NULL,
  author TEXT NOT NULL,
  language TEXT NOT NULL,
  agency TEXT NOT NULL,
  dateline TEXT NOT NULL,
  source TEXT NOT NULL,
  tags TEXT NOT NULL,
  published BIGINT NOT NULL,
  arrived BIGINT NOT NULL,
  dated BIGINT NOT NULL,
  version BIGINT NOT NULL,
  hash BIGINT NOT NULL,
  pending BIGINT NOT NULL,
  story BIGINT REFERENCES stories (id),
  change BIGINT,
  reason TEXT NOT NULL DEFAULT '',
  text_of BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX articles_guid ON articles (feed, guid_key);
CREATE INDEX articles_url ON articles (url_key);
CREATE INDEX articles_pending ON articles (id) WHERE pending = 1;
CREATE UNIQUE INDEX articles_change ON articles (change) WHERE change IS NOT NULL;
CREATE INDEX articles_story ON articles (story, dated, id, outlet, language, arrived, text_of, source, agency) WHERE story IS NOT NULL;

CREATE TABLE texts (
  article INTEGER PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
  blocks BLOB NOT NULL,
  item BLOB NOT NULL
);

CREATE TABLE sketches (
  article INTEGER PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
  sketch BLOB NOT NULL,
  prints BLOB NOT NULL
);

CREATE TABLE versions (
  article BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  version BIGINT NOT NULL,
  replaced BIGINT NOT NULL,
  item BLOB NOT NULL,
  PRIMARY KEY (article, version)
);

CREATE TABLE removed (
  article INTEGER PRIMARY KEY,
  change BIGINT NOT NULL
);
CREATE UNIQUE INDEX removed_change ON removed (change);

-- What a person decided: stay = 1, the article belongs in the story; stay = 0, it
-- does not. An article stays in one story at most.
CREATE TABLE decisions (
  article BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  story BIGINT NOT NULL,
  stay BIGINT NOT NULL,
  PRIMARY KEY (article, story)
);
CREATE INDEX decisions_story ON decisions (story);

-- article is 0 where a whole story was merged.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at BIGINT NOT NULL,
  who TEXT NOT NULL,
  action TEXT NOT NULL,
  article BIGINT NOT NULL,
  from_story BIGINT NOT NULL,
  into_story BIGINT NOT NULL,
  reason TEXT NOT NULL,
  note TEXT NOT NULL
);
CREATE INDEX audit_from ON audit (from_story);
CREATE INDEX audit_into ON audit (into_story);

CREATE TABLE templates (
  outlet TEXT NOT NULL,
  print BIGINT NOT NULL,
  seen BIGINT NOT NULL,
  first_seen BIGINT NOT NULL,
  last_seen BIGINT NOT NULL,
  sample TEXT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (outlet, print)
);

CREATE TABLE slots (
  name TEXT NOT NULL,
  slot TEXT NOT NULL,
  taken BIGINT NOT NULL,
  PRIMARY KEY (name, slot)
);

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  key TEXT NOT NULL UNIQUE,
  payload BLOB NOT NULL,
  due BIGINT NOT NULL,
  lease_until BIGINT NOT NULL DEFAULT 0,
  epoch BIGINT NOT NULL DEFAULT 0,
  attempts BIGINT NOT NULL DEFAULT 0,
  error TEXT NOT NULL DEFAULT '',
  sent BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX outbox_due ON outbox (due) WHERE sent = 0;

CREATE TABLE digests (
  name TEXT NOT NULL,
  slot TEXT NOT NULL,
  made BIGINT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (name, slot)
);
CREATE INDEX digests_made ON digests (made);
