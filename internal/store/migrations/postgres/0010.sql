-- way: by what a message goes, the mail server or a webhook's URL; '' once its text
-- is forgotten, and until it is named where a program that knew no ways wrote it.
ALTER TABLE outbox ADD COLUMN way TEXT NOT NULL DEFAULT '';
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (way, (attempts > 0), due, id) WHERE sent = 0 AND failed = 0;

-- Ways that are down; one that is not has no row. attempts: that failed in a row.
-- until: nothing goes that way before.
CREATE TABLE ways (
  way TEXT PRIMARY KEY,
  attempts BIGINT NOT NULL,
  failing BIGINT NOT NULL,
  until BIGINT NOT NULL,
  error TEXT NOT NULL
);
