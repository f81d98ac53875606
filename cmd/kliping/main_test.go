package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// asProgram, set in the environment, makes the test binary the program itself,
// so that tests can start and kill real processes of it.
const asProgram = "KLIPING_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	testscript.Main(m, map[string]func(){"kliping": main})
}

// TestScripts runs the command line as its users type it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", RequireExplicitExec: true, RequireUniqueNames: true})
}

// runner runs commands in this process on a data directory of their own.
type runner struct {
	t    *testing.T
	data string
	env  []string
}

func newRunner(t *testing.T) *runner {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	return &runner{t: t, data: data, env: []string{"KLIPING_DATA=" + data, "KLIPING_FETCH_ALLOW=127.0.0.0/8", "KLIPING_LISTEN=127.0.0.1:0", "KLIPING_TIME_ZONE=UTC", "KLIPING_LOG_LEVEL=error", "KLIPING_PAGES_FULL_TEXT=never"}}
}

// try runs one command and returns what it printed and how it ended.
func (r *runner) try(args ...string) (stdout, stderr string, err error) {
	var out, errs bytes.Buffer
	err = run(r.t.Context(), args, r.env, &out, &errs)
	return out.String(), errs.String(), err
}

// run runs one command that must succeed.
func (r *runner) run(args ...string) string {
	r.t.Helper()
	stdout, stderr, err := r.try(args...)
	if err != nil {
		r.t.Fatalf("kliping %s: %v\n%s", strings.Join(args, " "), err, stderr)
	}
	return stdout
}

// json runs one command with --json and decodes what it prints.
func (r *runner) json(into any, args ...string) {
	r.t.Helper()
	out := r.run(append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), into); err != nil {
		r.t.Fatalf("kliping %s printed no JSON: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// start starts the program as a process of its own. It is killed when the test
// ends, if it still runs then.
func (r *runner) start(args ...string) (*exec.Cmd, *lockedBuffer) {
	r.t.Helper()
	self, err := os.Executable()
	if err != nil {
		r.t.Fatal(err)
	}
	cmd := exec.CommandContext(r.t.Context(), self, args...)
	cmd.Env = append(append(os.Environ(), r.env...), asProgram+"=1")
	out := &lockedBuffer{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
	return cmd, out
}

// lockedBuffer is a buffer that a process writes and a test reads.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// eventually tries until ok or the time is up.
func eventually(t *testing.T, within time.Duration, what string, ok func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	for {
		err := ok()
		if err == nil {
			return
		}
		if pause(ctx, 50*time.Millisecond) != nil {
			t.Fatalf("%s: not within %v: %v", what, within, err)
		}
	}
}

// rss is a feed of items, given as title and text.
func rss(items ...[2]string) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Test</title><link>https://test.example/</link><description>d</description>`)
	for i, it := range items {
		fmt.Fprintf(&b, `<item><title>%s</title><link>https://test.example/%d</link><guid isPermaLink="false">g%d</guid><pubDate>Fri, 01 May 2026 0%d:00:00 GMT</pubDate><description>&lt;p&gt;%s&lt;/p&gt;</description></item>`, it[0], i, i, i, it[1])
	}
	b.WriteString(`</channel></rss>`)
	return b.String()
}
