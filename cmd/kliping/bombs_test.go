//go:build !race

package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"kliping/internal/news"
)

// What a feed may cost, however it is made.
const (
	bombTime   = 10 * time.Second
	bombMemory = 256 << 20 // over what a harmless feed costs
)

const (
	bombHead = `<?xml version="1.0"?><rss version="2.0" xmlns:x="urn:x"><channel><title>Bomb</title>` + bombItem
	bombItem = `<item><title>Kept</title><link>https://a.example/kept</link><description>What is text is kept.</description></item>`
)

// TestBombs polls feeds, and imports a list, that are made to cost a reader its
// memory, its stack or its afternoon, each in a process of its own, whose peak
// memory is measured. What is text before or beside the bomb is kept, and the
// feed has its next poll.
func TestBombs(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("memory is read from /proc")
	}
	baseline, _ := pollBomb(t, text(bombHead+"</channel></rss>"))
	table := "| bomb | s | of the processor | MB over a harmless feed | articles or feeds | outcome |\n|---|---:|---:|---:|---:|---|\n"
	row := func(name string, c cost, articles, least int, outcome string) {
		over := c.memory - baseline.memory
		table += fmt.Sprintf("| %s | %.1f | %.1f | %d | %d | %s |\n", name, c.took.Seconds(), c.worked.Seconds(), over>>20, articles, outcome)
		if c.worked > bombTime || c.took > 3*bombTime || over > bombMemory || articles < least {
			t.Errorf("%s: %v, %d MB over the baseline, %d articles", name, c.took, over>>20, articles)
		}
	}
	for _, bomb := range []struct {
		name  string
		serve http.HandlerFunc
		least int // articles
	}{
		{"two million nested tags", text(bombHead + strings.Repeat("<x:a>", 2_000_000)), 1},
		{"15 MB of nested extensions", text(bombHead + strings.Repeat("<x:abc>", 1_000_000) + strings.Repeat("</x:abc>", 1_000_000) + "</channel></rss>"), 1},
		{"nested extensions in an item", text(bombHead + `<item><title>Second</title>` + strings.Repeat("<x:abc>", 2_000_000) + "</item></channel></rss>"), 1},
		{"200,000 items", text(manyItems(200_000)), 10_000},
		{"HTML 200,000 deep", text(bombHead + `<item><title>Deep</title><description><![CDATA[` + strings.Repeat("<div>", 200_000) + "The text at the bottom." + `]]></description></item></channel></rss>`), 2},
		{"XHTML 200,000 deep", text(`<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Deep</title><id>d</id><content type="xhtml">` + strings.Repeat("<div>", 200_000) + "The text" + strings.Repeat("</div>", 200_000) + "</content></entry></feed>"), 1},
		{"10 GB in gzip", packed("gzip", gzipBomb(t)), 1},
		{"1 GB in brotli", packed("br", brotliBomb(t)), 1},
		{"10 GB in zstd", packed("zstd", zstdBomb(t)), 0}, // 1 where zstd is asked for
		{"1 GB body", endless(1<<30, true), 0},
		{"1 GB body of unknown length", endless(1<<30, false), 1},
		{"slow drip", drip, 1},
	} {
		c, feed := pollBomb(t, bomb.serve)
		row(bomb.name, c, feed.Articles, bomb.least, string(feed.Status))
		if !feed.NextDue.After(feed.LastPoll) || feed.LastPoll.IsZero() {
			t.Errorf("%s: polled %v, next %v", bomb.name, feed.LastPoll, feed.NextDue)
		}
	}
	for name, outline := range map[string]string{"feeds": `<outline text="f" xmlUrl="https://a.example/%07d"/>`, "folders": `<outline text="%d">`} {
		c, feeds := importBomb(t, outline)
		least := strings.Count(outline, "xmlUrl") * 50_000
		row("OPML of a million "+name, c, feeds, least, "")
	}
	t.Log("\n" + table)
}

// cost is what a process needed. On a machine that others use, the time that
// passes says more of them; what must not be exceeded is the time of the processor.
type cost struct {
	took   time.Duration
	worked time.Duration
	memory int64 // bytes, at its peak
}

// pollBomb has a process poll the one feed that serve gives.
func pollBomb(t *testing.T, serve http.HandlerFunc) (cost, news.Feed) {
	t.Helper()
	server := httptest.NewServer(serve)
	defer server.Close()
	r := newRunner(t)
	r.run("feeds", "add", "--no-check", server.URL+"/feed")
	c, out := r.measure("refresh")
	var feeds []news.Feed
	r.json(&feeds, "feeds", "list")
	if len(feeds) != 1 {
		t.Fatalf("%d feeds; the process said: %s", len(feeds), out)
	}
	return c, feeds[0]
}

// importBomb has a process import a list of a million outlines.
func importBomb(t *testing.T, outline string) (c cost, feeds int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "bomb.opml")
	var b bytes.Buffer
	b.WriteString(`<opml version="2.0"><body>`)
	for i := range 1_000_000 {
		fmt.Fprintf(&b, outline, i)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	r := newRunner(t)
	c, out := r.measure("feeds", "import", file)
	if m := regexp.MustCompile(`(\d+) feeds? added`).FindStringSubmatch(out); m != nil {
		feeds, _ = strconv.Atoi(m[1])
	}
	return c, feeds
}

// measure runs the program in a process of its own.
func (r *runner) measure(args ...string) (cost, string) {
	r.t.Helper()
	begin := time.Now()
	cmd, out := r.start(args...)
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended is seen in what it did
		close(done)
	}()
	var peak int64
	for {
		select {
		case <-done:
			return cost{time.Since(begin), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), peak}, out.String()
		case <-time.After(5 * time.Millisecond):
			peak = max(peak, peakMemory(cmd.Process.Pid))
		}
	}
}

var highWater = regexp.MustCompile(`VmHWM:\s*(\d+) kB`)

// peakMemory is the most memory that a process has had, 0 once it is gone.
func peakMemory(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	m := highWater.FindSubmatch(status)
	if m == nil {
		return 0
	}
	kb, _ := strconv.ParseInt(string(m[1]), 10, 64)
	return kb << 10
}

func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

func packed(encoding string, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", encoding)
		_, _ = w.Write(body)
	}
}

func manyItems(n int) string {
	var b strings.Builder
	b.WriteString(bombHead)
	for i := range n {
		fmt.Fprintf(&b, "<item><title>Item number %d</title><guid>%d</guid></item>", i, i)
	}
	return b.String() + "</channel></rss>"
}

// blanks are what bombs unpack to.
var blanks = bytes.Repeat([]byte(" "), 16<<20)

// gzipBomb is a feed's beginning and then the same member again and again.
func gzipBomb(t *testing.T) []byte {
	pack := func(data []byte) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		write(t, z, data, 1)
		return b.Bytes()
	}
	return append(pack([]byte(bombHead)), bytes.Repeat(pack(blanks), 640)...)
}

func zstdBomb(t *testing.T) []byte {
	pack := func(data []byte) []byte {
		var b bytes.Buffer
		z, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		write(t, z, data, 1)
		return b.Bytes()
	}
	return append(pack([]byte(bombHead)), bytes.Repeat(pack(blanks), 640)...)
}

func brotliBomb(t *testing.T) []byte {
	var b bytes.Buffer
	z := brotli.NewWriterLevel(&b, 1)
	if _, err := io.WriteString(z, bombHead); err != nil {
		t.Fatal(err)
	}
	write(t, z, blanks, 64)
	return b.Bytes()
}

func write(t *testing.T, z io.WriteCloser, data []byte, times int) {
	t.Helper()
	for range times {
		if _, err := z.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
}

// endless sends a feed's beginning and then blanks.
func endless(size int, sized bool) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if sized {
			w.Header().Set("Content-Length", strconv.Itoa(size))
		}
		_, err := io.WriteString(w, bombHead)
		for sent := len(bombHead); sent < size && err == nil; {
			var n int
			n, err = w.Write(blanks[:min(len(blanks), size-sent)])
			sent += n
		}
	}
}

// drip sends a feed's beginning and then a byte now and then.
func drip(w http.ResponseWriter, r *http.Request) {
	_, err := io.WriteString(w, bombHead)
	for err == nil {
		if err = http.NewResponseController(w).Flush(); err != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-time.After(100 * time.Millisecond):
			_, err = io.WriteString(w, " ")
		}
	}
}
