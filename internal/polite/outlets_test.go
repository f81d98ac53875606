package polite

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// site is one feed and what it was asked.
type site struct {
	url      string
	schedule string        // the reader's own for it
	every    time.Duration // how often it has a new item; 0: never
	head     string        // what it says of itself
	fullText bool          // the pages of its items are fetched
	link     func(n int) string
	text     func(version int) string // its body; nil: a feed
	header   func(v *visit, h http.Header)
	answer   func(v *visit) *answer // nil, or an answer of nil: the feed

	visits []*visit
}

// visit is one request, from its coming to the end of its answer.
type visit struct {
	at, end       time.Time
	url           string
	header        http.Header
	status        int
	etag, changed string // as answered
	nth           int    // of the site, from 0
}

// outlets is the network: every site of the world by its URL, which ends in a slash
// where it stands for all below it.
type outlets struct {
	mu    sync.Mutex
	began time.Time
	sites map[string]*site
}

// takes is how long an answer takes.
const takes = 1500 * time.Millisecond

func (o *outlets) RoundTrip(r *http.Request) (*http.Response, error) {
	o.mu.Lock()
	v := &visit{at: time.Now(), url: r.URL.String(), header: r.Header.Clone()}
	bare, _, _ := strings.Cut(v.url, "?")
	s := o.sites[bare]
	if s == nil {
		s = o.sites[bare[:strings.LastIndex(bare, "/")+1]]
	}
	if s == nil {
		s = &site{answer: func(*visit) *answer { return status(http.StatusNotFound) }}
	}
	v.nth = len(s.visits)
	s.visits = append(s.visits, v)
	got := s.respond(v, o.began)
	v.status, v.etag, v.changed = got.code, got.header.Get("ETag"), got.header.Get("Last-Modified")
	o.mu.Unlock()

	time.Sleep(takes)
	o.mu.Lock()
	defer o.mu.Unlock()
	v.end = time.Now()
	return &http.Response{StatusCode: got.code, Header: got.header, Body: io.NopCloser(bytes.NewReader(got.body)), Request: r}, nil
}

// answer is what a site says.
type answer struct {
	code   int
	header http.Header
	body   []byte
}

func status(code int, header ...string) *answer {
	a := &answer{code: code, header: http.Header{"Date": {time.Now().UTC().Format(http.TimeFormat)}}}
	for i := 0; i < len(header); i += 2 {
		a.header.Set(header[i], header[i+1])
	}
	return a
}

// respond answers as the site does: by its own rule, else 304 to who has the present
// version, else with the feed. Its validators are such as no parser would let pass.
func (s *site) respond(v *visit, began time.Time) *answer {
	if s.answer != nil {
		if got := s.answer(v); got != nil {
			return got
		}
	}
	version := 0
	if s.every > 0 {
		version = int(v.at.Sub(began) / s.every)
	}
	etag, modified := fmt.Sprintf(`W/"v %d-'x"`, version), fmt.Sprintf("Tue, 3 Nov 2026 07:%02d WIB", version)
	got := status(http.StatusNotModified, "ETag", etag, "Last-Modified", modified, "Set-Cookie", "id=7")
	if v.header.Get("If-None-Match") != etag {
		got.code = http.StatusOK
		got.body = s.body(version, v.header.Get("Accept-Encoding"), got.header)
	}
	if s.header != nil {
		s.header(v, got.header)
	}
	return got
}

// body is the feed's last five items, packed in one of the ways the reader takes.
func (s *site) body(version int, accept string, h http.Header) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel><title>%s</title>%s`, s.url, s.head)
	for n := max(0, version-4); n <= version; n++ {
		fmt.Fprintf(&b, `<item><guid isPermaLink="false">%s#%d</guid><title>Item %[2]d</title><description>News number %[2]d of %[1]s.</description>`, s.url, n)
		if s.link != nil {
			fmt.Fprintf(&b, "<link>%s</link>", s.link(n))
		}
		b.WriteString("</item>")
	}
	b.WriteString("</channel></rss>")
	if s.text != nil {
		b.Reset()
		b.WriteString(s.text(version))
	}
	ways := strings.Split(strings.ReplaceAll(accept, " ", ""), ",")
	way := ways[version%len(ways)]
	h.Set("Content-Encoding", way)
	h.Set("Content-Type", "application/rss+xml")
	return packed(way, b.Bytes())
}

func packed(way string, p []byte) []byte {
	var b bytes.Buffer
	var w io.WriteCloser
	switch way {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "br":
		w = brotli.NewWriter(&b)
	case "zstd":
		w, _ = zstd.NewWriter(&b, zstd.WithEncoderConcurrency(1))
	default:
		return p
	}
	_, _ = w.Write(p)
	_ = w.Close()
	return b.Bytes()
}
