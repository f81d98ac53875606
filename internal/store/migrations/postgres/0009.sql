-- down_since: since when the article's page is known to be taken down, 0 if it is
-- not; down_why: by which answer.
ALTER TABLE articles ADD COLUMN down_since BIGINT NOT NULL DEFAULT 0;
ALTER TABLE articles ADD COLUMN down_why TEXT NOT NULL DEFAULT '';
UPDATE articles SET down_since = arrived, down_why = page_error WHERE page = 'gone';

-- Articles whose pages are asked for again, because a watch that is told corrections
-- was told of them at the time told. due: when next; 0: no more. domain is that of
-- the page. memo is what the visits so far found, as JSON.
CREATE TABLE revisits (
  article BIGINT PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
  domain TEXT NOT NULL,
  told BIGINT NOT NULL,
  due BIGINT NOT NULL,
  memo BYTEA NOT NULL
);
CREATE INDEX revisits_due ON revisits (due, article) WHERE due > 0;
CREATE INDEX revisits_domain ON revisits (domain, due, article) WHERE due > 0;

-- revisited: when a page of the domain was last claimed to be asked for again.
ALTER TABLE domains ADD COLUMN revisited BIGINT NOT NULL DEFAULT 0;
