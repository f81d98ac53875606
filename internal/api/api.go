// Package api serves stories as JSON. All routes stand in New; handlers return
// errors, and one adapter decides the status and what is logged. The openapi.yaml
// beside this file describes every route and is served with them.
package api

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"kliping/index"
	"kliping/internal/digest"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

//go:embed openapi.yaml
var openAPI []byte

// Options are what the API serves from.
type Options struct {
	DB       *store.DB
	Index    *index.Index
	Location *time.Location // of the dates in queries, and of days; default UTC
	Log      *slog.Logger
	Version  string
	Now      func() time.Time // default time.Now

	CheckWatch func(*store.Watch) error // puts a watch in order, or says what is wrong
}

type server struct{ Options }

// New returns the handler of everything below /api/.
func New(opt Options) http.Handler {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Location == nil {
		opt.Location = time.UTC
	}
	s := &server{opt}
	mux := http.NewServeMux()
	for pattern, h := range s.routes() {
		mux.Handle(pattern, s.adapt(h))
	}
	mux.Handle("/api/", s.adapt(nowhere))
	return mux
}

// errMethod is the error of a request that asks for more than there is.
var errMethod = errors.New("this can only be read; use GET, and see GET /api/openapi.yaml for what else there is")

// nowhere answers what no other route does.
func nowhere(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		return errMethod
	}
	return fmt.Errorf("this path: %w; GET /api/openapi.yaml lists all", news.ErrNotFound)
}

// routes is every route there is.
func (s *server) routes() map[string]handler {
	return map[string]handler{
		"GET /api/status":                         s.status,
		"GET /api/feeds":                          s.feeds,
		"GET /api/stories":                        s.stories,
		"GET /api/stories/{id}":                   s.story,
		"GET /api/articles/{id}":                  s.article,
		"GET /api/articles/{id}/diff":             s.diff,
		"GET /api/articles/{id}/versions":         s.versions,
		"GET /api/search":                         s.search,
		"GET /api/digest":                         s.digest,
		"GET /api/openapi.yaml":                   s.openAPI,
		"GET /api/watches":                        s.watches,
		"POST /api/watches":                       s.addWatch,
		"GET /api/watches/{id}":                   s.watch,
		"DELETE /api/watches/{id}":                s.removeWatch,
		"GET /api/watches/{id}/stories.atom":      s.watchFeed("atom"),
		"GET /api/watches/{id}/stories.rss":       s.watchFeed("rss"),
		"GET /api/watches/{id}/stories.feed.json": s.watchFeed("json"),
		"GET /api/watches/{id}/alerts":            s.alerts,
		"GET /api/digests":                        s.digests,
		"GET /api/digests/{plan}/{slot}":          s.archived,
		"GET /api/search.atom":                    s.feed("atom"),
		"GET /api/search.rss":                     s.feed("rss"),
		"GET /api/search.feed.json":               s.feed("json"),
		"GET /api/search/stories.csv":             s.sheet(pipeline.SheetStories),
		"GET /api/search/copies.csv":              s.sheet(pipeline.SheetCopies),
		"GET /api/outlets":                        s.outlets,
		"GET /api/outlets/{domain}":               s.outlet,
	}
}

// handler answers one request, or says why it could not.
type handler func(http.ResponseWriter, *http.Request) error

// statusOf is the one table from error to HTTP status. What it does not know is
// internal: logged for the operator, not shown.
func statusOf(err error) int {
	for _, known := range []struct {
		err    error
		status int
	}{
		{news.ErrNotFound, http.StatusNotFound},
		{news.ErrInvalid, http.StatusBadRequest},
		{errMethod, http.StatusMethodNotAllowed},
		{news.ErrExists, http.StatusConflict},
		{news.ErrLocked, http.StatusServiceUnavailable},
		{news.ErrBusy, http.StatusServiceUnavailable},
		{news.ErrDiskFull, http.StatusInsufficientStorage},
	} {
		if errors.Is(err, known.err) {
			return known.status
		}
	}
	return http.StatusInternalServerError
}

func (s *server) adapt(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		if err == nil || r.Context().Err() != nil {
			return
		}
		status, message := statusOf(err), err.Error()
		if status == http.StatusInternalServerError {
			s.Log.ErrorContext(r.Context(), "request failed", "path", r.URL.Path, "error", err)
			message = "internal error; the daemon's log says more"
		}
		write(w, status, map[string]string{"error": message})
	})
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // the client went away; there is nobody to tell
}

// Status says how much there is and how far the index has come.
type Status struct {
	Version string `json:"version"`
	store.Counts
	Indexed news.Change `json:"indexed"` // change number up to which the index has seen
}

func (s *server) status(w http.ResponseWriter, r *http.Request) error {
	counts, err := s.DB.Counts(r.Context())
	if err != nil {
		return err
	}
	write(w, http.StatusOK, Status{s.Version, counts, s.Index.State().Change})
	return nil
}

func (s *server) feeds(w http.ResponseWriter, r *http.Request) error {
	feeds, err := s.DB.Feeds(r.Context())
	if err != nil {
		return err
	}
	shown := make([]news.Feed, len(feeds))
	for i, f := range feeds {
		shown[i] = f.Redacted()
	}
	write(w, http.StatusOK, shown)
	return nil
}

func (s *server) stories(w http.ResponseWriter, r *http.Request) error {
	p := s.params(r)
	filter := store.Filter{
		Since: p.time("since"), Until: p.time("until"), ByPublished: p.byPublished(), Limit: p.limit(),
		Outlet: p.Get("outlet"), Language: p.Get("lang"), Order: store.ByRank,
	}
	if p.err != nil {
		return p.err
	}
	stories, err := s.DB.Stories(r.Context(), filter)
	if err != nil {
		return err
	}
	if stories == nil {
		stories = []news.Story{}
	}
	write(w, http.StatusOK, stories)
	return nil
}

// Story is a story with where each of its articles most likely came from.
type Story struct {
	*store.StoryDetail
	Origins []pipeline.Origin `json:"origins"`
	Related []store.Related   `json:"related"` // stories about the same event, never merged
}

func (s *server) story(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	detail, err := s.DB.Story(r.Context(), news.StoryID(id))
	if err != nil {
		return err
	}
	origins, err := pipeline.Origins(r.Context(), s.DB, detail)
	if err != nil {
		return err
	}
	related, err := pipeline.Related(r.Context(), s.DB, detail.ID)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, Story{detail, origins, related})
	return nil
}

// Article is an article with its text put together.
type Article struct {
	*news.Article
	Text string `json:"text"`
	HTML string `json:"html"` // the text with its structure and links, sanitised
}

func (s *server) article(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	a, err := s.DB.Article(r.Context(), news.ArticleID(id))
	if err != nil {
		return err
	}
	body, err := pipeline.ShownBody(r.Context(), s.DB, a)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, Article{a, a.Text(), body})
	return nil
}

// versions are an article's editions, with what each changed.
func (s *server) versions(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	all, err := pipeline.Versions(r.Context(), s.DB, news.ArticleID(id))
	if err != nil {
		return err
	}
	write(w, http.StatusOK, all)
	return nil
}

// diff compares an article with another, by default the lead of its story, or two
// of its versions.
func (s *server) diff(w http.ResponseWriter, r *http.Request) error {
	to, err := pathID(r)
	if err != nil {
		return err
	}
	p := s.params(r)
	from, version, next := p.int("from", 0, math.MaxInt), p.int("version", 0, math.MaxInt), p.int("to_version", 0, math.MaxInt)
	if p.err == nil && from != 0 && version != 0 {
		p.fail("version", p.Get("version"), "versions are of one article; leave out from")
	}
	if p.err != nil {
		return p.err
	}
	var a, b *news.Article
	if version != 0 {
		a, b, err = pipeline.ComparedVersions(r.Context(), s.DB, news.ArticleID(to), version, next)
	} else {
		a, b, err = pipeline.Compared(r.Context(), s.DB, news.ArticleID(from), news.ArticleID(to))
	}
	if err != nil {
		return err
	}
	write(w, http.StatusOK, pipeline.NewComparison(a, b))
	return nil
}

func (s *server) search(w http.ResponseWriter, r *http.Request) error {
	p := s.params(r)
	q := s.searched(p)
	q.Limit, q.Offset, q.Sort = p.int("limit", defaultLimit, index.MaxLimit), p.int("offset", 0, index.MaxLimit), p.Get("sort")
	q.Cursor, q.Facets = p.Get("cursor"), p.int("facets", 0, index.MaxLimit)
	if p.err != nil {
		return p.err
	}
	found, err := pipeline.Search(r.Context(), s.DB, s.Index, q)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, found)
	return nil
}

func (s *server) digest(w http.ResponseWriter, r *http.Request) error {
	p := s.params(r)
	opt := pipeline.DigestOptions{Since: p.time("since"), Until: p.time("until"), ByPublished: p.byPublished(), Limit: p.limit(), Location: s.Location}
	if p.err != nil {
		return p.err
	}
	if opt.Until.IsZero() {
		opt.Until = s.Now()
	}
	if opt.Since.IsZero() {
		opt.Since = opt.Until.Add(-24 * time.Hour)
	}
	d, err := pipeline.Digest(r.Context(), s.DB, opt)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	return digest.Render(w, d, "json")
}

// digests lists the digests that were made, newest first.
func (s *server) digests(w http.ResponseWriter, r *http.Request) error {
	p := s.params(r)
	limit := p.limit()
	if p.err != nil {
		return p.err
	}
	all, err := s.DB.Digests(r.Context(), p.Get("plan"), limit)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, append([]store.ArchivedDigest{}, all...))
	return nil
}

// archived is a digest as it was made.
func (s *server) archived(w http.ResponseWriter, r *http.Request) error {
	d, err := pipeline.ReadDigest(r.Context(), s.DB, r.PathValue("plan"), r.PathValue("slot"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	return digest.Render(w, d, "json")
}

func (s *server) openAPI(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(openAPI) // the client went away; there is nobody to tell
	return nil
}

// Bounds of what one request may ask for; a search may ask for all that the
// index gives, so that the command says the same with a daemon and without.
const (
	defaultLimit = 20
	maxLimit     = 200
)

func pathID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, fmt.Errorf("%q is no id: %w; ids are whole numbers above zero", r.PathValue("id"), news.ErrInvalid)
	}
	return id, nil
}

// params reads query parameters and keeps the first mistake.
type params struct {
	url.Values
	now time.Time
	err error
}

func (s *server) params(r *http.Request) *params { return &params{Values: r.URL.Query(), now: s.Now()} }

// time reads an RFC 3339 time or an age such as 24h.
func (p *params) time(name string) time.Time {
	v := p.Get(name)
	if v == "" {
		return time.Time{}
	}
	if age, err := time.ParseDuration(v); err == nil {
		return p.now.Add(-age)
	}
	t, err := time.Parse(time.RFC3339, v)
	if year := t.UTC().Year(); err != nil || year < 1 || year > 9999 { // others cannot be told in JSON
		p.fail(name, v, "write RFC 3339, such as 2026-05-01T07:00:00Z, or an age, such as 24h")
	}
	return t
}

// limit is how many are asked for; 0 takes the default, as in a query without it.
func (p *params) limit() int { return cmp.Or(p.int("limit", defaultLimit, maxLimit), defaultLimit) }

func (p *params) int(name string, byDefault, most int) int {
	v := p.Get(name)
	if v == "" {
		return byDefault
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 || n > most {
		p.fail(name, v, fmt.Sprintf("write a number from 0 to %d", most))
	}
	return n
}

func (p *params) byPublished() bool {
	switch by := p.Get("by"); by {
	case "published":
		return true
	case "", "arrival":
	default:
		p.fail("by", by, "write arrival or published")
	}
	return false
}

func (p *params) fail(name, value, want string) {
	if p.err == nil {
		p.err = fmt.Errorf("%s=%s: %w: %s", name, value, news.ErrInvalid, want)
	}
}
