package fetch

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"kliping/internal/news"
)

func TestEncodings(t *testing.T) {
	page := strings.Repeat("<item>sama</item>", 1000)
	for name, compress := range compressors {
		t.Run(name, func(t *testing.T) {
			sent := compress([]byte(page))
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", name)
				_, _ = w.Write(sent)
			})
			got := client(Options{}).Get(t.Context(), Request{URL: s.URL})
			if string(got.Body) != page || got.Bytes != int64(len(sent)) {
				t.Errorf("%s, %v: %d bytes decoded from %d; want %d from %d", got.Outcome, got.Err, len(got.Body), got.Bytes, len(page), len(sent))
			}
		})
	}
}

var compressors = map[string]func([]byte) []byte{
	"gzip": func(p []byte) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write(p)
		_ = w.Close()
		return b.Bytes()
	},
	"br": func(p []byte) []byte {
		var b bytes.Buffer
		w := brotli.NewWriter(&b)
		_, _ = w.Write(p)
		_ = w.Close()
		return b.Bytes()
	},
	"zstd": func(p []byte) []byte {
		w, _ := zstd.NewWriter(nil)
		return w.EncodeAll(p, nil)
	},
}

func TestTooLarge(t *testing.T) {
	const limit = 1 << 20
	zeros := make([]byte, 100<<20)
	var written atomic.Int64
	endless := func(w http.ResponseWriter, r *http.Request) {
		for written.Load() < int64(len(zeros)) && r.Context().Err() == nil {
			n, err := w.Write(zeros[:64<<10])
			if written.Add(int64(n)); err != nil {
				return
			}
		}
	}
	bomb := func(name string) http.HandlerFunc {
		body := compressors[name](zeros[:20<<20])
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", name)
			_, _ = w.Write(body)
		}
	}
	tests := []struct {
		name    string
		handler http.HandlerFunc
	}{
		{"gzip bomb", bomb("gzip")},
		{"brotli bomb", bomb("br")},
		{"zstd bomb", bomb("zstd")},
		{"100 MB, length not told", endless},
		{"100 MB, length told", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(zeros)))
			endless(w, r)
		}},
		{"gzip that never yields", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			empty := bytes.Repeat(compressors["gzip"](nil), 1000)
			for r.Context().Err() == nil {
				if _, err := w.Write(empty); err != nil {
					return
				}
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			written.Store(0)
			s := serve(t, tt.handler)
			got := client(Options{MaxBytes: limit}).Get(t.Context(), Request{URL: s.URL})
			want := `too large, 200, "", at , the answer is larger than 1048576 bytes, the limit of fetch.max_bytes`
			if diff := cmp.Diff(want, summary(got, s.URL)); diff != "" {
				t.Error(diff)
			}
			s.Close() // waits for the handler
			if n := written.Load(); n > 16*limit {
				t.Errorf("%d bytes were sent before the refusal", n)
			}
		})
	}
}

func TestExactlyTheLimit(t *testing.T) {
	for name, compress := range compressors {
		body := compress([]byte(strings.Repeat("a", 5000)))
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", name)
			_, _ = w.Write(body)
		})
		for limit, want := range map[int64]news.Outcome{4999: news.OutcomeTooLarge, 5000: news.OutcomeOK} {
			if got := client(Options{MaxBytes: limit}).Get(t.Context(), Request{URL: s.URL}); got.Outcome != want {
				t.Errorf("%s, 5000 bytes, limit %d: %s, want %s", name, limit, got.Outcome, want)
			}
		}
	}
}

// FuzzBody holds that whatever a server sends, the limit stands and nothing
// panics.
func FuzzBody(f *testing.F) {
	for name, compress := range compressors {
		f.Add(name, compress([]byte(strings.Repeat("<item/>", 300))))
	}
	f.Add("", []byte("<rss/>"))
	f.Fuzz(func(t *testing.T, encoding string, sent []byte) {
		got := &http.Response{ContentLength: -1, Header: http.Header{"Content-Encoding": {encoding}}, Body: io.NopCloser(bytes.NewReader(sent))}
		const limit = 1000
		body, read, err := readBody(got, limit)
		if err == nil && (len(body) > limit || read > limit) || read > int64(len(sent)) {
			t.Errorf("%d bytes decoded from %d of %d", len(body), read, len(sent))
		}
	})
}
