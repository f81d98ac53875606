// Package web serves the pages: today's stories by rank, a story with its
// copies, an article with what was stripped from it, a search box, and the
// feeds. Pages are rendered on the server, need no script, and show strangers'
// text only through html/template.
package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"kliping/index"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

//go:embed templates static
var files embed.FS

// Options are what the pages are made from.
type Options struct {
	DB          *store.DB
	Index       *index.Index
	Location    *time.Location // times are shown in it
	Window      time.Duration  // what "today" is; default 24 hours
	ByPublished bool           // date stories by publication instead of arrival
	Log         *slog.Logger
	Version     string
	Now         func() time.Time // default time.Now
}

type server struct {
	Options
	pages map[string]*template.Template
}

// New returns the handler of all pages.
func New(opt Options) (http.Handler, error) {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Window == 0 {
		opt.Window = 24 * time.Hour
	}
	s := &server{Options: opt}
	if err := s.parse(); err != nil {
		return nil, fmt.Errorf("read the page templates: %w", err)
	}
	static, err := fs.Sub(files, "static")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", s.adapt(s.home))
	mux.Handle("GET /search", s.adapt(s.search))
	mux.Handle("GET /story/{id}", s.adapt(s.story))
	mux.Handle("GET /article/{id}", s.adapt(s.article))
	mux.Handle("GET /feeds", s.adapt(s.feeds))
	mux.Handle("GET /static/", http.StripPrefix("/static/", http.FileServerFS(static)))
	mux.Handle("/", s.adapt(func(*http.Request) (page, error) {
		return page{}, fmt.Errorf("this page: %w", news.ErrNotFound)
	}))
	return secure(mux), nil
}

// secure sets the headers that keep a page from loading or running anything of
// a stranger's.
func secure(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "no-referrer")
		h.ServeHTTP(w, r)
	})
}

// page is what one template is filled with.
type page struct {
	name  string // of the template
	Title string
	Query string // what stands in the search box
	Data  any
	Since time.Duration // the window shown, for the home page's choice

	Version string
}

// handler makes one page, or says why it could not.
type handler func(*http.Request) (page, error)

func (s *server) adapt(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := h(r)
		status := http.StatusOK
		if err != nil {
			if r.Context().Err() != nil {
				return
			}
			status, p = s.failure(r, err)
		}
		s.render(w, r, status, p)
	})
}

// failure is the page for an error.
func (s *server) failure(r *http.Request, err error) (int, page) {
	p := page{name: "error", Title: "Something went wrong", Data: "The daemon's log says more."}
	switch {
	case errors.Is(err, news.ErrNotFound):
		p.Title, p.Data = "Not here", "There is nothing at this address. It may have been merged, or removed with age."
		return http.StatusNotFound, p
	case errors.Is(err, news.ErrInvalid):
		p.Title, p.Data = "That cannot be read", err.Error()
		return http.StatusBadRequest, p
	}
	s.Log.ErrorContext(r.Context(), "page failed", "path", r.URL.Path, "error", err)
	return http.StatusInternalServerError, p
}

func (s *server) render(w http.ResponseWriter, r *http.Request, status int, p page) {
	p.Version = s.Version
	var b bytes.Buffer
	if err := s.pages[p.name].ExecuteTemplate(&b, "layout", p); err != nil {
		s.Log.ErrorContext(r.Context(), "page failed", "path", r.URL.Path, "error", err)
		http.Error(w, "Something went wrong; the daemon's log says more.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w) // the client went away; there is nobody to tell
}

// shown is how many stories a page lists.
const shown = 40

func (s *server) home(r *http.Request) (page, error) {
	window := s.Window
	if v := r.URL.Query().Get("window"); v != "" {
		var err error
		if window, err = time.ParseDuration(v); err != nil || window <= 0 {
			return page{}, fmt.Errorf("window=%s: %w; write for example 24h", v, news.ErrInvalid)
		}
	}
	now := s.Now()
	stories, err := s.DB.Stories(r.Context(), store.Filter{Since: now.Add(-window), Until: now.Add(time.Hour), ByPublished: s.ByPublished, Limit: shown, Order: store.ByRank})
	if err != nil {
		return page{}, err
	}
	counts, err := s.DB.Counts(r.Context())
	if err != nil {
		return page{}, err
	}
	return page{name: "home", Title: "Today's stories", Since: window, Data: struct {
		Stories []news.Story
		Counts  store.Counts
		Now     time.Time
	}{stories, counts, now}}, nil
}

func (s *server) search(r *http.Request) (page, error) {
	p := page{name: "search", Title: "Search", Query: r.URL.Query().Get("q")}
	data := struct {
		Found   pipeline.Found
		Mistake string
	}{}
	if p.Query != "" {
		p.Title = p.Query
		found, err := pipeline.Search(r.Context(), s.DB, s.Index, index.Query{Text: p.Query, Limit: shown})
		if err != nil && !errors.Is(err, news.ErrInvalid) {
			return page{}, err
		}
		if err != nil {
			data.Mistake = err.Error()
		}
		data.Found = found
	}
	p.Data = data
	return p, nil
}

func (s *server) story(r *http.Request) (page, error) {
	id, err := pathID(r)
	if err != nil {
		return page{}, err
	}
	detail, err := s.DB.Story(r.Context(), news.StoryID(id))
	if err != nil {
		return page{}, err
	}
	return page{name: "story", Title: detail.Title, Data: newStoryView(detail)}, nil
}

func (s *server) article(r *http.Request) (page, error) {
	id, err := pathID(r)
	if err != nil {
		return page{}, err
	}
	a, err := s.DB.Article(r.Context(), news.ArticleID(id))
	if err != nil {
		return page{}, err
	}
	return page{name: "article", Title: a.Title, Data: a}, nil
}

func (s *server) feeds(r *http.Request) (page, error) {
	feeds, err := s.DB.Feeds(r.Context())
	if err != nil {
		return page{}, err
	}
	return page{name: "feeds", Title: "Feeds", Data: feeds}, nil
}

func pathID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, fmt.Errorf("id %q: %w", r.PathValue("id"), news.ErrNotFound)
	}
	return id, nil
}
