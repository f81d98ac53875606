package wiresim

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"hash/fnv"
	"html"
	"net/http"
	"strings"
	"time"
)

// FeedURLs are the addresses of all feeds of a world that is served at base,
// such as http://127.0.0.1:8080.
func (w *World) FeedURLs(base string) []string {
	urls := make([]string, len(w.outlets))
	for i, o := range w.outlets {
		urls[i] = strings.TrimSuffix(base, "/") + o.path()
	}
	return urls
}

func (o *outlet) path() string { return "/feeds/" + o.name + "." + o.ext }

// ServeHTTP serves the feeds under /feeds/ and at / a list of them. A request
// that carries the validators of the present version gets 304.
func (w *World) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/" {
		w.list(rw)
		return
	}
	name, ext, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/feeds/"), ".")
	o := w.byName[name]
	if o == nil || ext != o.ext {
		http.NotFound(rw, r)
		return
	}
	packed := strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
	etag, modified, body := w.answer(o, r, packed)
	h := rw.Header()
	if etag != "" {
		h.Set("ETag", etag)
	}
	if modified != "" {
		h.Set("Last-Modified", modified)
	}
	h.Set("Vary", "Accept-Encoding")
	if body == nil {
		rw.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", o.contentType())
	if packed {
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	_, _ = rw.Write(body) // a reader that has gone away is its own business
}

// answer is the feed's validators and body as asked for; the body is nil
// where the reader has the present version.
func (w *World) answer(o *outlet, r *http.Request, packed bool) (etag, modified string, body []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	etag, modified = o.validators()
	if o.seenBy(r, etag) {
		return etag, modified, nil
	}
	o.refresh()
	if !packed {
		return etag, modified, o.body
	}
	if o.packed == nil {
		o.packed = compress(o.body)
	}
	return etag, modified, o.packed
}

// validators are what the outlet's server sends; either may be empty.
func (o *outlet) validators() (etag, modified string) {
	h := fnv.New32a()
	fmt.Fprint(h, o.name, o.version)
	etag = fmt.Sprintf(`"%x-%d"`, h.Sum32(), o.version)
	modified = o.modified.UTC().Format(http.TimeFormat)
	switch o.validator {
	case byETag:
		return etag, ""
	case byDate:
		return "", modified
	case byWeakETag:
		return "W/" + etag, modified
	}
	return etag, modified
}

// seenBy says whether the request's validators are those of the present
// version; as RFC 9110 §13.2.2 has it, the date counts only without an ETag.
func (o *outlet) seenBy(r *http.Request, etag string) bool {
	if match := r.Header.Get("If-None-Match"); match != "" && etag != "" {
		return strings.TrimPrefix(match, "W/") == strings.TrimPrefix(etag, "W/")
	}
	since, err := time.Parse(http.TimeFormat, r.Header.Get("If-Modified-Since"))
	return err == nil && o.validator != byETag && !o.modified.Truncate(time.Second).After(since)
}

// refresh renders the feed if it changed since it was last read.
func (o *outlet) refresh() {
	if o.bodyOf != o.version {
		o.body, o.packed, o.bodyOf = o.render(), nil, o.version
	}
}

func compress(body []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(body) // into memory: cannot fail
	_ = z.Close()
	return b.Bytes()
}

// list is a page that names all outlets and links to their feeds.
func (w *World) list(rw http.ResponseWriter) {
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(rw, "<!doctype html>\n<meta charset=utf-8>\n<title>A small world</title>\n<h1>A small world</h1>\n<ul>\n")
	for _, o := range w.outlets {
		fmt.Fprintf(rw, "<li lang=%s><a href=%q>%s</a> (%[1]s)\n", o.language, o.path(), html.EscapeString(o.title))
	}
	fmt.Fprint(rw, "</ul>\n")
}
