-- What is told to whom, and when: body is the plan as JSON. since: slots before
-- it are nobody's, so that a plan that is added or moved makes up nothing.
CREATE TABLE plans (
  name TEXT PRIMARY KEY,
  since BIGINT NOT NULL,
  body BLOB NOT NULL
);

-- Digests made ahead, until they are sent. body is the digest with the stories
-- that may be taken in as JSON, curation what a person made of it; edit counts how
-- often one did.
CREATE TABLE drafts (
  name TEXT NOT NULL,
  slot TEXT NOT NULL,
  made BIGINT NOT NULL,
  edit BIGINT NOT NULL DEFAULT 0,
  body BLOB NOT NULL,
  curation BLOB NOT NULL,
  PRIMARY KEY (name, slot)
);

-- until: the end of the digest's window, where the next one's may begin; 0: made
-- before this was kept.
ALTER TABLE digests ADD COLUMN until BIGINT NOT NULL DEFAULT 0;

CREATE INDEX stories_last ON stories (last_arrived);
CREATE INDEX versions_replaced ON versions (replaced, article, version);
