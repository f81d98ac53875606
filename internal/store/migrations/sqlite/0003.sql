-- full_text: of which items of a feed the page is fetched; '' is the default.
ALTER TABLE feeds ADD COLUMN full_text TEXT NOT NULL DEFAULT '';

-- page: what came of fetching the article's page, and why that gave no full text.
-- page_due: when its page may be fetched; 0: it is not to be.
ALTER TABLE articles ADD COLUMN page TEXT NOT NULL DEFAULT '';
ALTER TABLE articles ADD COLUMN page_error TEXT NOT NULL DEFAULT '';
ALTER TABLE articles ADD COLUMN page_due BIGINT NOT NULL DEFAULT 0;
CREATE INDEX articles_page_due ON articles (feed, id) WHERE page_due > 0;
