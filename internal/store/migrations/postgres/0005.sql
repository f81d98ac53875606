-- held_until: before it the server of the feed, or of the whole domain, asked not to be
-- asked (Retry-After); 0: it did not.
ALTER TABLE feeds ADD COLUMN held_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE domains ADD COLUMN held_until BIGINT NOT NULL DEFAULT 0;
