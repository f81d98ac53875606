-- turn: goes up with every turn that is taken, so that who comes late with an old
-- one frees nobody else's. paged: 1 if the last turn was a page's. delay: what the
-- domain's robots.txt asks for between requests, in milliseconds.
ALTER TABLE domains ADD COLUMN turn BIGINT NOT NULL DEFAULT 0;
ALTER TABLE domains ADD COLUMN paged BIGINT NOT NULL DEFAULT 0;
ALTER TABLE domains ADD COLUMN delay BIGINT NOT NULL DEFAULT 0;

-- page_tries: how often the article's page was asked for in vain.
ALTER TABLE articles ADD COLUMN page_tries BIGINT NOT NULL DEFAULT 0;

-- held_until: before it the server of the feed, or of the whole domain, asked not to be
-- asked (Retry-After); 0: it did not.
ALTER TABLE feeds ADD COLUMN held_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE domains ADD COLUMN held_until BIGINT NOT NULL DEFAULT 0;
