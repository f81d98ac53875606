package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"kliping/index"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// How many stories a page lists, and how many can be asked for.
const (
	homeShows    = 40
	homeMost     = 1000
	searchShows  = 20
	searchOffset = index.MaxLimit - searchShows
)

// homeView is the home page.
type homeView struct {
	Stories []news.Story
	Counts  store.Counts
	Now     time.Time
	Choices []choice
	More    string // link to a longer list, if there is more
}

// choice is one window that the home page offers.
type choice struct {
	Label, Link string
	Current     bool
}

func (s *server) home(r *http.Request) (page, error) {
	q := r.URL.Query()
	window := s.Window
	if v := q.Get("window"); v != "" {
		var err error
		if window, err = time.ParseDuration(v); err != nil || window <= 0 {
			return page{}, fmt.Errorf("window=%s: %w; write for example 24h", v, news.ErrInvalid)
		}
	}
	show, err := number(q, "show", homeShows, homeMost)
	if err != nil {
		return page{}, err
	}
	show = max(show, 1)
	v := homeView{Now: s.Now(), Choices: s.choices(window)}
	v.Stories, err = s.DB.Stories(r.Context(), store.Filter{
		Since: v.Now.Add(-window), Until: v.Now.Add(time.Hour), ByPublished: s.ByPublished, Limit: show + 1, Order: store.ByRank,
	})
	if err != nil {
		return page{}, err
	}
	if len(v.Stories) > show {
		v.Stories = v.Stories[:show]
		if show < homeMost {
			v.More = homeLink(window, min(5*show, homeMost))
		}
	}
	names, err := s.DB.OutletNames(r.Context())
	if err != nil {
		return page{}, err
	}
	for i := range v.Stories {
		v.Stories[i].FirstOutlet = names.Of(v.Stories[i].FirstOutlet)
	}
	if v.Counts, err = s.DB.Counts(r.Context()); err != nil {
		return page{}, err
	}
	title := "Stories of the last " + span(window)
	if window == 24*time.Hour {
		title = "Today's stories"
	}
	return page{name: "home", Title: title, Data: v}, nil
}

// choices are the windows offered: the usual ones, the configured one, and the
// one that is shown.
func (s *server) choices(shown time.Duration) []choice {
	windows := []time.Duration{24 * time.Hour, 72 * time.Hour, 7 * 24 * time.Hour, s.Window, shown}
	slices.Sort(windows)
	var all []choice
	for _, w := range slices.Compact(windows) {
		all = append(all, choice{Label: span(w), Link: homeLink(w, 0), Current: w == shown})
	}
	return all
}

func homeLink(window time.Duration, show int) string {
	q := url.Values{"window": {window.String()}}
	if show > 0 {
		q.Set("show", strconv.Itoa(show))
	}
	return "/?" + q.Encode()
}

func (s *server) search(r *http.Request) (page, error) {
	q := r.URL.Query()
	p := page{name: "search", Title: "Search stories", Query: q.Get("q")}
	offset, err := number(q, "from", 0, searchOffset)
	if err != nil {
		return page{}, err
	}
	if p.Query == "" {
		p.Data = searchView{}
		return p, nil
	}
	p.Title, p.Feeds = p.Query, s.feedLinks("/api/search", url.Values{"q": {p.Query}})
	asked := search{query: p.Query, sort: q.Get("sort"), cursor: q.Get("after"), offset: offset}
	query := index.Query{Text: p.Query, Limit: searchShows, Sort: asked.sort, Cursor: asked.cursor, Facets: valuesOffered, Location: s.Location, Now: s.Now()}
	if query.Cursor == "" {
		query.Offset = offset
	}
	found, err := pipeline.Search(r.Context(), s.DB, s.Index, query)
	var mistake *index.QueryError
	if errors.As(err, &mistake) {
		p.Feeds = nil
		p.status, p.Data = http.StatusBadRequest, searchView{Mistake: newMistake(p.Query, mistake)}
		return p, nil
	}
	if err != nil {
		return page{}, err
	}
	names, err := s.DB.OutletNames(r.Context())
	if err != nil {
		return page{}, err
	}
	for i := range found.Stories {
		f := &found.Stories[i]
		if f.FirstOutlet = names.Of(f.FirstOutlet); f.By != nil {
			f.By.Outlet = names.Of(f.By.Outlet)
		}
	}
	p.Data, p.Sheets = asked.view(found, names), sheetLinks(p.Query, asked.sort)
	return p, nil
}

// feedsView is the page of feeds, those that fail first.
type feedsView struct {
	Feeds   []news.Feed
	Failing int
}

func (s *server) feeds(r *http.Request) (page, error) {
	feeds, err := s.DB.Feeds(r.Context())
	if err != nil {
		return page{}, err
	}
	slices.SortStableFunc(feeds, func(a, b news.Feed) int { return cmp.Compare(min(b.Failures, 1), min(a.Failures, 1)) })
	for i, f := range feeds {
		feeds[i] = f.Redacted()
	}
	v := feedsView{Feeds: feeds}
	for _, f := range feeds {
		v.Failing += min(f.Failures, 1)
	}
	return page{name: "feeds", Title: count(len(feeds), "feed", "feeds"), Data: v}, nil
}

func pathID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, fmt.Errorf("id %q: %w", r.PathValue("id"), news.ErrNotFound)
	}
	return id, nil
}

// number reads a whole number from 0 to most out of a query string.
func number(q url.Values, name string, byDefault, most int) (int, error) {
	v := q.Get(name)
	if v == "" {
		return byDefault, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 || n > most {
		return 0, fmt.Errorf("%s=%s: %w; write a number from 0 to %d", name, v, news.ErrInvalid, most)
	}
	return n, nil
}
