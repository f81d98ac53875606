-- held_until: before it the feed's server asked not to be asked (Retry-After); 0: it did not.
ALTER TABLE feeds ADD COLUMN held_until BIGINT NOT NULL DEFAULT 0;
