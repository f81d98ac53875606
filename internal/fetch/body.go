package fetch

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

var (
	errTooLarge = errors.New("too large")
	errTooSlow  = errors.New("too slow")
	errEncoding = errors.New("cannot be decoded")
)

// readBody reads and decodes at most limit bytes. The limit holds for what comes
// over the wire as well, for a compressed stream can go on without yielding
// anything. read is the count on the wire. When an error ends it, body is what had
// come: of a feed that is cut off, the items before the cut are worth having.
func readBody(got *http.Response, limit int64) (body []byte, read int64, err error) {
	wire := &wireReader{from: got.Body, limit: limit}
	defer wire.hurry(got.Body)()
	decoded, err := decode(wire, got.Header.Get("Content-Encoding"))
	if err == nil {
		defer decoded.Close()
		body, err = io.ReadAll(io.LimitReader(decoded, limit+1))
	}
	switch {
	case int64(len(body)) > limit:
		body, err = body[:limit], errTooLarge
	case wire.slow.Load():
		err = errTooSlow
	case wire.err != nil:
		err = wire.err // the cause of whatever the decoder made of it
	case err != nil && !errors.Is(err, errEncoding):
		err = fmt.Errorf("the answer's compression %w: %w", errEncoding, err)
	}
	return body, wire.read.Load(), err
}

// decode undoes a Content-Encoding. Servers that name gzip and send plain text
// are common enough to look at the bytes rather than the name.
func decode(wire io.Reader, encoding string) (io.ReadCloser, error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return io.NopCloser(wire), nil
	case "gzip", "x-gzip":
		buffered := bufio.NewReader(wire)
		if magic, _ := buffered.Peek(2); string(magic) != "\x1f\x8b" {
			return io.NopCloser(buffered), nil
		}
		return gzip.NewReader(buffered)
	case "br":
		return io.NopCloser(brotli.NewReader(wire)), nil
	case "zstd":
		return unzstd(wire)
	}
	return nil, fmt.Errorf("the answer's compression %q, which was not asked for, %w", encoding, errEncoding)
}

// zstdWindow is the most that a decoder has to remember (RFC 9659).
const zstdWindow = 8 << 20

func unzstd(wire io.Reader) (io.ReadCloser, error) {
	d, err := zstd.NewReader(wire, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, err
	}
	return d.IOReadCloser(), nil
}

// wireReader counts what comes over the wire, stops at the limit, and keeps the
// error that ended it, for a decoder may hide it behind its own.
type wireReader struct {
	from  io.Reader
	limit int64
	read  atomic.Int64
	slow  atomic.Bool // it was given up
	err   error       // never io.EOF
}

// Whoever has not sent 32 KiB after eight seconds is given up: a server that drips
// would hold a connection, and the feed's lease, for the whole timeout. That also
// hits the feed of an outlet behind a very bad line, which keeps what had come.
const (
	patience = 8 * time.Second
	enough   = 32 << 10
)

// hurry watches over a body that is read; stop ends that.
func (w *wireReader) hurry(body io.Closer) (stop func()) {
	timer := time.AfterFunc(patience, func() {
		if w.read.Load() < enough {
			w.slow.Store(true)
			body.Close()
		}
	})
	return func() { timer.Stop() }
}

func (w *wireReader) Read(p []byte) (int, error) {
	n, err := w.from.Read(p)
	if w.read.Add(int64(n)) > w.limit {
		err = errTooLarge
	}
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}
