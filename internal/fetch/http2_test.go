package fetch

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestHTTP2 gets a feed over HTTP/2 in every packing, by the transport that the
// program has.
func TestHTTP2(t *testing.T) {
	const feed = "<rss version='2.0'/>"
	for name, compress := range compressors {
		t.Run(name, func(t *testing.T) {
			major := 0
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				major = r.ProtoMajor
				w.Header().Set("Content-Encoding", name)
				_, _ = w.Write(compress([]byte(feed)))
			}))
			s.EnableHTTP2 = true
			s.StartTLS()
			defer s.Close()
			c := client(Options{})
			roots := x509.NewCertPool()
			roots.AddCert(s.Certificate())
			c.transport.(*Transport).direct.TLSClientConfig = &tls.Config{RootCAs: roots}
			got := c.Get(t.Context(), Request{URL: s.URL})
			if major != 2 || string(got.Body) != feed {
				t.Errorf("HTTP/%d: %s, %v, %q; want the feed over HTTP/2", major, got.Outcome, got.Err, got.Body)
			}
		})
	}
}
