// Package web serves the pages: today's stories by rank, a story with its
// copies, an article with what was stripped from it, what a copy changed, a
// search box, the feeds, the watches with their alerts, and the digests that were made.
// Pages are rendered on the server, need no script, and show strangers' text only through
// html/template, or as content sanitised it.
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
	"time"

	"kliping/index"
	"kliping/internal/news"
	"kliping/internal/store"
)

//go:embed templates static
var files embed.FS

// Options are what the pages are made from.
type Options struct {
	DB          *store.DB
	Index       *index.Index
	Location    *time.Location // times are shown in it; default UTC
	Window      time.Duration  // what "today" is; default 24 hours
	ByPublished bool           // date stories by publication instead of arrival
	Log         *slog.Logger
	Version     string
	FeedToken   string           // in the links to feeds; they are shown to who may read all
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
	if opt.Location == nil {
		opt.Location = time.UTC
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
	mux.Handle("GET /article/{id}/diff", s.adapt(s.diff))
	mux.Handle("GET /feeds", s.adapt(s.feeds))
	mux.Handle("GET /digests", s.adapt(s.digests))
	mux.Handle("GET /digests/{plan}/{slot}", s.adapt(s.digest))
	mux.HandleFunc("GET /digests/{plan}/{slot}/print", s.printDigest)
	mux.Handle("GET /watches", s.adapt(s.watches))
	mux.Handle("GET /watches/{id}", s.adapt(s.watch))
	mux.Handle("GET /outlets", s.adapt(s.outlets))
	mux.Handle("GET /outlet/{domain}", s.adapt(s.outlet))
	mux.HandleFunc("GET /static/{file}", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, static, r.PathValue("file"))
	})
	mux.Handle("/", s.adapt(nowhere))
	return secure(mux), nil
}

// errMethod is the error of a request that asks for more than to read.
var errMethod = errors.New("pages can only be read")

// nowhere answers what no other route does.
func nowhere(r *http.Request) (page, error) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return page{}, errMethod
	}
	return page{}, fmt.Errorf("this page: %w", news.ErrNotFound)
}

// secure lets a page have its own style, icon and search form, and nothing of a
// stranger's. The headers that all answers share are package access's.
func secure(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.ServeHTTP(w, r)
	})
}

// page is what one template is filled with.
type page struct {
	name   string // of the template
	Title  string
	Query  string // what stands in the search box
	Feeds  []outLink
	Sheets []outLink
	Data   any

	status  int    // default 200
	moved   string // where the page is instead; then the rest is empty
	Version string
}

// handler makes one page, or says why it could not.
type handler func(*http.Request) (page, error)

func (s *server) adapt(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := h(r)
		switch {
		case err != nil && r.Context().Err() != nil:
			return // nobody waits for the answer
		case errors.Is(err, errMethod):
			w.Header().Set("Allow", "GET, HEAD")
		case p.moved != "":
			http.Redirect(w, r, p.moved, http.StatusFound)
			return
		}
		if err != nil {
			p = s.failure(r, err)
		}
		s.render(w, r, p)
	})
}

// failure is the page for an error.
func (s *server) failure(r *http.Request, err error) page {
	p := page{name: "error"}
	switch {
	case errors.Is(err, news.ErrNotFound):
		p.status, p.Title, p.Data = http.StatusNotFound, "Not here", "There is nothing at this address. If there once was, it was removed with age."
	case errors.Is(err, news.ErrInvalid):
		p.status, p.Title, p.Data = http.StatusBadRequest, "That cannot be read", err.Error()
	case errors.Is(err, news.ErrBusy):
		p.status, p.Title, p.Data = http.StatusServiceUnavailable, "Too much at once", "Other searches keep the index busy. Try again in a while."
	case errors.Is(err, errMethod):
		p.status, p.Title, p.Data = http.StatusMethodNotAllowed, "Not this way", "Pages can only be read; what changes something is a command of kliping."
	default:
		p.status, p.Title, p.Data = http.StatusInternalServerError, "Something went wrong", "The daemon's log says more."
		s.Log.ErrorContext(r.Context(), "page failed", "path", r.URL.Path, "error", err)
	}
	return p
}

// render fills the template before the first byte is sent, so that a page that
// fails half way is an error and not half a page.
func (s *server) render(w http.ResponseWriter, r *http.Request, p page) {
	p.Version = s.Version
	var b bytes.Buffer
	if err := s.pages[p.name].ExecuteTemplate(&b, "layout", p); err != nil {
		s.Log.ErrorContext(r.Context(), "page failed", "path", r.URL.Path, "error", err)
		http.Error(w, "Something went wrong; the daemon's log says more.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if p.status != 0 {
		w.WriteHeader(p.status)
	}
	_, _ = b.WriteTo(w) // the client went away; there is nobody to tell
}
