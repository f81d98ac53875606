-- page_key: what the article is found by if its page says that it stands at another
-- address than the feed's; 0: it does not.
ALTER TABLE articles ADD COLUMN page_key BIGINT NOT NULL DEFAULT 0;
CREATE INDEX articles_page ON articles (page_key) WHERE page_key <> 0;

-- Articles that turned out to be another one under a second address, each edition
-- as received: the identity that it had, by which the article is known as well.
CREATE TABLE aliases (
  feed BIGINT NOT NULL,
  guid_key TEXT NOT NULL,
  version BIGINT NOT NULL,
  article BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  was BIGINT NOT NULL,
  guid TEXT NOT NULL,
  outlet TEXT NOT NULL,
  url TEXT NOT NULL,
  url_key BIGINT NOT NULL,
  title TEXT NOT NULL,
  arrived BIGINT NOT NULL,
  item BLOB NOT NULL,
  PRIMARY KEY (feed, guid_key, version)
);
CREATE INDEX aliases_url ON aliases (url_key);
CREATE INDEX aliases_article ON aliases (article);
CREATE INDEX aliases_was ON aliases (was);
