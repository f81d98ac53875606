package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kliping/internal/news"
)

const feedColumns = `id, url, title, site, outlet, language, schedule, full_text, tags, etag, last_modified, status, error,
	failures, last_poll, last_new, articles, next_due, reason, retired, held_until, timing`

func scanFeed(r *sql.Rows) (f news.Feed, err error) {
	err = scanFeedAnd(r, &f)
	return f, err
}

// scanFeedAnd reads feedColumns and what a query gives after them.
func scanFeedAnd(r *sql.Rows, f *news.Feed, more ...any) error {
	var tags, timing string
	var poll, fresh, due, retired, held int64
	dest := []any{&f.ID, &f.URL, &f.Title, &f.Site, &f.Outlet, &f.Language, &f.Schedule, &f.FullText, &tags, &f.ETag, &f.LastModified, &f.Status,
		&f.Error, &f.Failures, &poll, &fresh, &f.Articles, &due, &f.Reason, &retired, &held, &timing}
	if err := r.Scan(append(dest, more...)...); err != nil {
		return err
	}
	f.LastPoll, f.LastNew, f.NextDue, f.Retired = moment(poll), moment(fresh), moment(due), moment(retired)
	if err := json.Unmarshal([]byte(timing), &f.Timing); err != nil {
		return fmt.Errorf("timing of feed %s: %w", f.URL, err)
	}
	f.Timing.HeldUntil = moment(held)
	all, err := list(tags, "tags of feed "+f.URL)
	f.Tags = append([]string{}, all...) // never null in JSON
	return err
}

// AddFeed adds a feed and returns it as stored. It is due at NextDue, or at once
// if that is zero. If its URL is there already, the feed that has it is returned
// with news.ErrExists. What polls leave behind is not taken from f.
func (db *DB) AddFeed(ctx context.Context, f news.Feed) (news.Feed, error) {
	f.URL = text(strings.TrimSpace(f.URL))
	if f.URL == "" {
		return news.Feed{}, fmt.Errorf("add a feed: no URL is given: %w", news.ErrInvalid)
	}
	var stored news.Feed
	var exists bool
	err := db.write(ctx, "add feed "+f.URL, func(c *conn) error {
		n, err := c.addFeed(ctx, &f)
		if err != nil {
			return err
		}
		exists = n == 0
		stored, err = c.feed(ctx, "url = ?", f.URL)
		return err
	})
	if err == nil && exists {
		err = fmt.Errorf("feed %s %w, as number %d", f.URL, news.ErrExists, stored.ID)
	}
	return stored, err
}

// AddFeeds adds those of a list whose URLs are not there yet, in one transaction,
// and returns how many they were. None may be without a URL.
func (db *DB) AddFeeds(ctx context.Context, feeds []news.Feed) (added int, err error) {
	err = db.write(ctx, "add feeds", func(c *conn) error {
		added = 0
		for i := range feeds {
			n, err := c.addFeed(ctx, &feeds[i])
			if err != nil {
				return err
			}
			added += int(n)
		}
		return nil
	})
	return added, err
}

// addFeed inserts a feed, and returns 0 if its URL is there already.
func (c *conn) addFeed(ctx context.Context, f *news.Feed) (int64, error) {
	due, url := cmp.Or(millis(f.NextDue), millis(c.db.now())), text(strings.TrimSpace(f.URL))
	domain, _ := Domain(url)
	n, err := c.exec(ctx, `INSERT INTO feeds (url, title, site, outlet, language, schedule, full_text, tags, next_due, domain)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (url) DO NOTHING`,
		url, text(f.Title), text(f.Site), text(f.Outlet), text(f.Language), text(f.Schedule), string(f.FullText), words(f.Tags), due, domain)
	if err != nil || n == 0 {
		return n, err
	}
	return n, c.heed(ctx, domain, url)
}

// feed reads the one feed for which the condition holds; the error is
// news.ErrNotFound if there is none.
func (c *conn) feed(ctx context.Context, where string, args ...any) (news.Feed, error) {
	found, err := rows(ctx, c, scanFeed, "SELECT "+feedColumns+" FROM feeds WHERE "+where+" ORDER BY id", args...)
	switch {
	case err != nil:
		return news.Feed{}, err
	case len(found) == 0:
		return news.Feed{}, news.ErrNotFound
	case len(found) > 1:
		return news.Feed{}, fmt.Errorf("%d feeds are called so, numbers %d and %d among them; name one by its number or URL: %w",
			len(found), found[0].ID, found[1].ID, news.ErrInvalid)
	}
	return found[0], nil
}

// Feeds returns all feeds, in the order they were added.
func (db *DB) Feeds(ctx context.Context) (all []news.Feed, err error) {
	err = db.read(ctx, "read the feeds", func(c *conn) error {
		all, err = rows(ctx, c, scanFeed, "SELECT "+feedColumns+" FROM feeds ORDER BY id")
		return err
	})
	return all, err
}

// Feed returns one feed, or news.ErrNotFound.
func (db *DB) Feed(ctx context.Context, id news.FeedID) (f news.Feed, err error) {
	err = db.read(ctx, fmt.Sprintf("feed %d", id), func(c *conn) error {
		f, err = c.feed(ctx, "id = ?", id)
		return err
	})
	return f, err
}

// FindFeed returns the feed that a person means: by number, else by URL, else by
// title in any case. The error is news.ErrNotFound, or wraps news.ErrInvalid if
// several feeds have the title.
func (db *DB) FindFeed(ctx context.Context, ref string) (f news.Feed, err error) {
	ref = text(strings.TrimSpace(ref))
	err = db.read(ctx, "find a feed", func(c *conn) error {
		if id, bad := strconv.ParseInt(ref, 10, 64); bad == nil {
			f, err = c.feed(ctx, "id = ?", id)
			return err
		}
		if f, err = c.feed(ctx, "url = ?", ref); !errors.Is(err, news.ErrNotFound) {
			return err
		}
		f, err = c.feed(ctx, "lower(title) = lower(?)", ref)
		return err
	})
	return f, err
}

// UpdateFeed stores what a person decides about a feed: URL, title, outlet,
// language, schedule, full text, tags. A new schedule makes it due when next says,
// which is given the feed as it then stands and may be asked more than once. A new
// URL makes it due at once, and drops the old one's validators and what was learned
// of it. Neither makes it due before its server lets it, nor revives one that is
// retired. Where full text becomes never, the pages that wait are not fetched; another
// policy holds for items that come later. Errors: news.ErrNotFound, and news.ErrExists if another feed has the URL.
func (db *DB) UpdateFeed(ctx context.Context, f news.Feed, next func(news.Feed) (time.Time, string)) error {
	return db.write(ctx, fmt.Sprintf("update feed %d", f.ID), func(c *conn) error {
		// This comes first because it locks the row: a poll that is saved now is not undone.
		n, err := c.exec(ctx, "UPDATE feeds SET title = ?, outlet = ?, language = ?, full_text = ?, tags = ? WHERE id = ?",
			text(f.Title), text(f.Outlet), text(f.Language), string(f.FullText), words(f.Tags), f.ID)
		if err == nil && n == 0 {
			err = news.ErrNotFound
		}
		if err != nil {
			return err
		}
		if f.FullText == news.FullTextNever {
			if _, err := c.exec(ctx, "UPDATE articles SET page_due = 0 WHERE feed = ? AND page_due > 0", f.ID); err != nil {
				return err
			}
		}
		stored, err := c.feed(ctx, "id = ?", f.ID)
		if err != nil {
			return err
		}
		if schedule := text(f.Schedule); schedule != stored.Schedule {
			stored.Schedule = schedule
			if err := c.reschedule(ctx, stored, next); err != nil {
				return err
			}
		}
		if url := text(strings.TrimSpace(f.URL)); url != stored.URL {
			return c.readdress(ctx, stored, url)
		}
		return nil
	})
}

// reschedule stores a feed's new schedule.
func (c *conn) reschedule(ctx context.Context, f news.Feed, next func(news.Feed) (time.Time, string)) error {
	if f.Retired.IsZero() {
		f.NextDue, f.Reason = next(f)
	}
	_, err := c.exec(ctx, "UPDATE feeds SET schedule = ?, next_due = "+c.db.dialect.greatest+"(?, held_until), reason = ? WHERE id = ?",
		f.Schedule, millis(f.NextDue), text(f.Reason), f.ID)
	return err
}

// readdress stores a feed's new URL.
func (c *conn) readdress(ctx context.Context, f news.Feed, url string) error {
	if other, err := c.feed(ctx, "url = ?", url); err == nil {
		return fmt.Errorf("%s %w, as feed %d", url, news.ErrExists, other.ID)
	} else if !errors.Is(err, news.ErrNotFound) {
		return err
	}
	before, _ := Domain(f.URL)
	if after, _ := Domain(url); after != before {
		f.Timing.HeldUntil = time.Time{} // it was another server that asked
	}
	if f.Retired.IsZero() {
		f.NextDue, f.Reason = later(c.db.now(), f.Timing.HeldUntil), "it was changed by a person"
	}
	_, err := c.exec(ctx, "UPDATE feeds SET url = ?, etag = '', last_modified = '', timing = ?, held_until = ?, next_due = ?, reason = ? WHERE id = ?",
		url, timing(news.Timing{}), millis(f.Timing.HeldUntil), millis(f.NextDue), text(f.Reason), f.ID)
	if err != nil {
		return err
	}
	return c.enterDomain(ctx, f.ID, url)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// RemoveFeed removes a feed, or returns news.ErrNotFound. Its articles stay.
func (db *DB) RemoveFeed(ctx context.Context, id news.FeedID) error {
	return db.write(ctx, fmt.Sprintf("remove feed %d", id), func(c *conn) error {
		n, err := c.exec(ctx, "DELETE FROM feeds WHERE id = ?", id)
		if err == nil && n == 0 {
			err = news.ErrNotFound
		}
		return err
	})
}

// ReviveFeed makes a retired feed due again: at once, or when its server lets it.
func (db *DB) ReviveFeed(ctx context.Context, id news.FeedID) error {
	return db.write(ctx, fmt.Sprintf("revive feed %d", id), func(c *conn) error {
		n, err := c.exec(ctx, "UPDATE feeds SET retired = 0, failures = 0, next_due = "+db.dialect.greatest+"(?, held_until), reason = 'it was revived by a person' WHERE id = ?", millis(db.now()), id)
		if err == nil && n == 0 {
			err = news.ErrNotFound
		}
		return err
	})
}

// timing is t as the store keeps it.
func timing(t news.Timing) string {
	b, _ := json.Marshal(t) // numbers, texts and a time
	return text(string(b))
}

// Claimable is when the first feed can be claimed: one that is due or, if only is
// not nil, one among those, due or not. It is the zero time if there is none.
func (db *DB) Claimable(ctx context.Context, only []news.FeedID) (at time.Time, err error) {
	which, due, args := "f.retired = 0", "f.next_due", []any(nil)
	if only != nil {
		which, due, args = db.dialect.among("f.id"), "f.held_until", []any{db.dialect.list(only)}
	}
	err = db.read(ctx, "read when a feed can be polled", func(c *conn) error {
		var ms sql.NullInt64
		_, err := c.row(ctx, []any{&ms}, "SELECT MIN("+db.dialect.greatest+"("+due+", f.lease_until, d.busy_until, d.free_at)) FROM feeds f JOIN domains d ON d.name = f.domain WHERE "+which, args...)
		at = moment(ms.Int64)
		return err
	})
	return at, err
}
