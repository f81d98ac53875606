package news

import "time"

// Pace is how often a feed's own text asks to be read.
type Pace struct {
	Every     time.Duration  `json:"every,omitempty"`      // at most this often; 0: it does not say
	Source    string         `json:"source,omitempty"`     // the element that says so
	SkipHours []int          `json:"skip_hours,omitempty"` // of the day, UTC, in which it asks to be left alone
	SkipDays  []time.Weekday `json:"skip_days,omitempty"`  // likewise, UTC
}

// Timing is what polls taught of when to poll a feed.
type Timing struct {
	Pace
	Interval   time.Duration `json:"interval,omitempty"` // of a feed without a schedule: found by what polls brought
	Fresh      time.Duration `json:"fresh,omitempty"`    // how long answers stay fresh, as the server last said
	MovedTo    string        `json:"moved_to,omitempty"` // where it says the feed moved for good
	MovedSince time.Time     `json:"moved_since,omitzero"`
	Map        Map           `json:"map,omitzero"` // of a feed that is an index of sitemaps
	// HeldUntil is before when the server asked not to be asked (Retry-After); zero:
	// it did not. The store keeps it by itself, for a claim asks for it.
	HeldUntil time.Time `json:"-"`
}

// Map is the sitemap that an index of them led to, as it was read last.
type Map struct {
	URL          string `json:"url"`
	ETag         string `json:"etag,omitempty"`          // sent back byte for byte
	LastModified string `json:"last_modified,omitempty"` // likewise
	Changed      string `json:"changed,omitempty"`       // when, as the index said; empty: it did not
}
