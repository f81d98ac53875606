// Package config reads what an operator sets: defaults, then a YAML file, then
// the environment, then what the command line sets. All mistakes are reported
// at once, each with its place.
//
//   - key: a setting's dotted name, such as fetch.timeout; KLIPING_FETCH_TIMEOUT
//     in the environment
//   - section: the keys that share the part before the dot
//   - problem: one mistake, with where it stands and what to write instead
//
// To add a key: a field, its default, its line in [Config.keys], and its words
// in kliping.yaml.
package config

import (
	_ "embed" // for the documented defaults
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// FileName is the configuration file that is read when it is there and no other
// is named.
const FileName = "kliping.yaml"

// Config is everything that can be set. Its printed forms, of every kind, leave
// passwords out.
type Config struct {
	Data      string // directory of the embedded store and the index
	Store     string // postgres:// URL; empty: SQLite in Data
	Listen    string // host:port of the pages and the API
	Password  string // for pages and API; wanted once Listen is not this machine's own
	Token     string // likewise, for programs
	PublicURL string // where people reach the pages, the base of links in what is sent; empty: no links
	FeedToken string // in the addresses of feeds of stories, for feed readers; opens nothing else
	TimeZone  string // in which people read times and schedules are meant
	Keep      time.Duration
	Log       Log
	Fetch     Fetch
	Pages     Pages
	Group     Group
	Digest    Digest
	Mail      Mail
	Feeds     []Feed // set in the file only
}

// Log says what is logged, and how.
type Log struct {
	Level  string // debug, info, warn, error
	Format string // text, json
}

// Fetch bounds how feeds are read.
type Fetch struct {
	Schedule  string        // of feeds without one of their own; empty: by how often each brings something
	Fastest   time.Duration // and then at least this long between polls
	Slowest   time.Duration // and at most this
	Gap       time.Duration // between requests to one domain
	Timeout   time.Duration // a whole request
	MaxBytes  Size          // a whole answer, decoded
	MaxItems  int           // of a feed, the newest
	Workers   int           // feeds polled at once
	Allow     []string      // prefixes and addresses that may be fetched though not public
	Proxy     string        // environment, none, or the URL of one
	UserAgent string        // VERSION in it stands for the program's version
}

// Pages says how the pages of items are fetched for their text.
type Pages struct {
	FullText string        // never, short, always; of feeds without a policy of their own
	PerPoll  int           // after one poll of a feed
	Gap      time.Duration // between two requests to one domain
	MaxBytes Size          // a page, decoded
}

// Group says how articles become stories.
type Group struct {
	Batch  int           // articles grouped in one transaction
	Window time.Duration // how long after its arrival an article is looked at for copies
}

// Digest says what the regular digest holds.
type Digest struct {
	Schedule string
	Window   time.Duration // how far back it reaches
	Limit    int           // stories in it
	By       string        // arrival, published
	To       []string      // addresses it is mailed to
}

// Mail is the server that mail goes out by.
type Mail struct {
	Host     string // empty: no mail is sent
	Port     int    // 0: the usual one of Security
	Security string // starttls, tls, none
	User     string // empty: without signing in
	Password string
	From     string        // address, with a name or without
	Timeout  time.Duration // of one exchange with the server
}

// Feed is a feed that the configuration names.
type Feed struct {
	URL      string
	Title    string   // empty: the feed's own
	Schedule string   // empty: fetch.schedule
	FullText string   // empty: pages.full_text
	Outlet   string   // empty: found from each item
	Language string   // empty: the feed's own or guessed
	Tags     []string // "a/b" for a folder in a folder
}

// Default is the configuration in force when nothing is set.
func Default() Config {
	return Config{
		Data:     "./data",
		Listen:   "127.0.0.1:8411",
		TimeZone: "Local",
		Log:      Log{Level: "info", Format: "text"},
		Fetch: Fetch{
			Fastest: 15 * time.Minute, Slowest: 6 * time.Hour, Gap: 2 * time.Second,
			Timeout: 30 * time.Second, MaxBytes: 16 << 20, MaxItems: 10000, Workers: 64,
			Proxy: "environment", UserAgent: "Kliping/VERSION (+https://kliping.example/about)",
		},
		Pages:  Pages{FullText: "short", PerPoll: 10, Gap: 2 * time.Second, MaxBytes: 4 << 20},
		Group:  Group{Batch: 200, Window: 14 * 24 * time.Hour},
		Digest: Digest{Schedule: "0 7 * * *", Window: 24 * time.Hour, Limit: 20, By: "arrival"},
		Mail:   Mail{Security: "starttls", Timeout: 30 * time.Second},
	}
}

// keys is the one table of what can be set, in the order of printing.
func (c *Config) keys() []key {
	return []key{
		{"data", text{&c.Data, notEmpty}},
		{"store", address{text{&c.Store, storeURL}}},
		{"listen", text{&c.Listen, listenAddress}},
		{"public_url", text{&c.PublicURL, orEmpty(publicURL)}},
		{"password", secret{&c.Password, goodSecret}},
		{"token", secret{&c.Token, goodSecret}},
		{"feed_token", secret{&c.FeedToken, goodSecret}},
		{"time_zone", text{&c.TimeZone, timeZone}},
		{"keep", duration{&c.Keep, 0, 100 * 366 * day}},

		{"log.level", text{&c.Log.Level, oneOf("debug", "info", "warn", "error")}},
		{"log.format", text{&c.Log.Format, oneOf("text", "json")}},

		{"fetch.schedule", text{&c.Fetch.Schedule, orEmpty(CheckSchedule)}},
		{"fetch.fastest", duration{&c.Fetch.Fastest, time.Minute, 30 * day}},
		{"fetch.slowest", duration{&c.Fetch.Slowest, time.Minute, 30 * day}},
		{"fetch.gap", duration{&c.Fetch.Gap, 0, time.Hour}},
		// A feed is leased to a node for five minutes, in which its turn comes
		// after at most three others'.
		{"fetch.timeout", duration{&c.Fetch.Timeout, 100 * time.Millisecond, time.Minute}},
		{"fetch.max_bytes", size{&c.Fetch.MaxBytes, 1 << 10, 1 << 30}},
		{"fetch.max_items", number{&c.Fetch.MaxItems, 1, 1_000_000}},
		{"fetch.workers", number{&c.Fetch.Workers, 1, 1000}},
		{"fetch.allow", list{&c.Fetch.Allow, addressOrPrefix}},
		{"fetch.proxy", address{text{&c.Fetch.Proxy, proxy}}},
		{"fetch.user_agent", text{&c.Fetch.UserAgent, headerValue}},

		{"pages.full_text", text{&c.Pages.FullText, oneOf(fullTexts...)}},
		{"pages.per_poll", number{&c.Pages.PerPoll, 0, 1000}},
		{"pages.gap", duration{&c.Pages.Gap, 0, time.Minute}},
		{"pages.max_bytes", size{&c.Pages.MaxBytes, 1 << 10, 64 << 20}},

		{"group.batch", number{&c.Group.Batch, 1, 10_000}},
		{"group.window", duration{&c.Group.Window, time.Hour, 366 * day}},

		{"digest.schedule", text{&c.Digest.Schedule, CheckSchedule}},
		{"digest.window", duration{&c.Digest.Window, time.Minute, 366 * day}},
		{"digest.limit", number{&c.Digest.Limit, 1, 1000}},
		{"digest.by", text{&c.Digest.By, oneOf("arrival", "published")}},
		{"digest.to", list{&c.Digest.To, mailAddress}},

		{"mail.host", text{&c.Mail.Host, orEmpty(mailHost)}},
		{"mail.port", number{&c.Mail.Port, 0, 65535}},
		{"mail.security", text{&c.Mail.Security, oneOf("starttls", "tls", "none")}},
		{"mail.user", text{&c.Mail.User, oneLine}},
		{"mail.password", secret{&c.Mail.Password, givenSecret}}, // the server's, so as short as that allows
		{"mail.from", text{&c.Mail.From, orEmpty(mailAddress)}},
		{"mail.timeout", duration{&c.Mail.Timeout, time.Second, 10 * time.Minute}},
	}
}

// fullTexts are the policies of full text.
var fullTexts = []string{"never", "short", "always"}

// keys is what can be set of a feed; the first is its URL.
func (f *Feed) keys() []key {
	return []key{
		{"feeds.url", address{text{&f.URL, feedURL}}},
		{"feeds.title", text{&f.Title, anything}},
		{"feeds.schedule", text{&f.Schedule, orEmpty(CheckSchedule)}},
		{"feeds.full_text", text{&f.FullText, orEmpty(oneOf(fullTexts...))}},
		{"feeds.outlet", text{&f.Outlet, anything}},
		{"feeds.language", text{&f.Language, orEmpty(languageTag)}},
		{"feeds.tags", list{&f.Tags, notEmpty}},
	}
}

// Load returns the defaults changed by the file at path, if that is not empty,
// and by the variables in environ ("NAME=value") that begin with KLIPING_. The
// error joins an [Error] for each mistake; the configuration then holds what
// could be read.
func Load(path string, environ []string) (Config, error) {
	c := Default()
	var problems []error
	if path != "" {
		problems = c.readFile(path)
	}
	problems = append(problems, c.readEnviron(environ)...)
	return c, errors.Join(problems...)
}

// readEnviron applies the environment. An empty variable is a value like any
// other: it empties a list and makes KLIPING_STORE mean SQLite.
func (c *Config) readEnviron(environ []string) (problems []error) {
	known := names(c.keys())
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "KLIPING_") || name == "KLIPING_CONFIG" || strings.HasPrefix(name, "KLIPING_TEST_") {
			continue
		}
		var what string
		i := slices.IndexFunc(known, func(key string) bool { return variable(key) == name })
		switch near := nearest(strings.TrimPrefix(name, "KLIPING_"), known); {
		case i >= 0:
			what = c.set(known[i], value)
		case name == variable("feeds"):
			what = feedsInFile
		case near != "":
			what = unknown(variable(near))
		default:
			what = unknown("")
		}
		if what != "" {
			problems = append(problems, &Error{Where: name, What: what})
		}
	}
	return problems
}

const feedsInFile = "feeds can be listed in the configuration file only; add others with 'kliping feeds add'"

// variable is the name in the environment of a dotted name.
func variable(key string) string {
	return "KLIPING_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// Set changes the setting with the dotted name key to what value says, as the
// environment would: lists are separated by commas. The error is an [Error].
func (c *Config) Set(key, value string) error {
	if what := c.set(key, value); what != "" {
		return &Error{Key: key, What: what}
	}
	return nil
}

// set returns what is wrong, or nothing.
func (c *Config) set(name, value string) string {
	keys := c.keys()
	i := slices.IndexFunc(keys, func(k key) bool { return k.name == name })
	switch {
	case i < 0 && name == "feeds":
		return feedsInFile
	case i < 0:
		return unknown(nearest(name, names(keys)))
	}
	if err := keys[i].set(value); err != nil {
		return err.Error()
	}
	return ""
}

// Validate checks every value, for a Config that was not read by [Load]. The
// error joins an [Error] for each mistake.
func (c Config) Validate() error {
	problems := check("", c.keys())
	if c.Fetch.Fastest > c.Fetch.Slowest {
		problems = append(problems, &Error{Key: "fetch.fastest", What: "it is longer than fetch.slowest; write less, or more there"})
	}
	if c.Password == "" && c.Token == "" && listenAddress(c.Listen) == nil && !ownAddress(c.Listen) {
		problems = append(problems, &Error{Key: "listen", What: fmt.Sprintf("%q is reached from other machines, so a password is wanted: set password or token (KLIPING_PASSWORD, KLIPING_TOKEN), or listen on 127.0.0.1", c.Listen)})
	}
	problems = append(problems, c.Mail.problems()...)
	if c.FeedToken != "" && (c.FeedToken == c.Password || c.FeedToken == c.Token) {
		problems = append(problems, &Error{Key: "feed_token", What: "it is the password or token itself, and addresses are written down in many places; write another"})
	}
	for _, f := range c.Feeds {
		problems = append(problems, check("feed "+redact(f.URL), f.keys())...)
	}
	return errors.Join(problems...)
}

// problems are the mistakes that no single key has.
func (m *Mail) problems() (all []error) {
	wrong := func(key, what string) { all = append(all, &Error{Key: key, What: what}) }
	if m.Host != "" && m.From == "" {
		wrong("mail.from", "it is missing, and mail.host is set; write the address that mail comes from")
	}
	if m.User == "" && m.Password != "" {
		wrong("mail.user", "it is missing, and mail.password is set; write the user's name, or take the password out")
	}
	if m.User != "" && m.Security == "none" && !ownHost(m.Host) {
		wrong("mail.security", "none would send mail.password as it is for others to read; write starttls or tls, or take mail.user and mail.password out")
	}
	return all
}

func check(where string, keys []key) (problems []error) {
	for _, k := range keys {
		if err := k.check(); err != nil {
			problems = append(problems, &Error{Where: where, Key: k.name, What: err.Error()})
		}
	}
	return problems
}

//go:embed kliping.yaml
var documented string

// Documented is a configuration file with every key, its default and what it is
// for.
func Documented() []byte { return []byte(documented) }
