package index

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

// write makes an index of n documents in batches of ten and closes it.
func write(t testing.TB, path string, n int) {
	t.Helper()
	ix, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < n; at += 10 {
		apply(t, ix, State{Change: news.Change(at + 10), Epoch: "e"}, numbered(at+1, at+10)...)
	}
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
}

// numbered makes documents that can be found by their number and by what they
// have in common.
func numbered(from, to int) []Document {
	var docs []Document
	for i := from; i <= to; i++ {
		body := fmt.Sprintf("common number%d ", i) + strings.Repeat(fmt.Sprintf("filler%d ", i), 50)
		docs = append(docs, doc(news.StoryID(i), "en", fmt.Sprintf("Title %d", i), body))
	}
	return docs
}

func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "index")
	write(t, path, 30)
	ix, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	if diff := cmp.Diff(State{Change: 30, Epoch: "e"}, ix.State()); diff != "" {
		t.Errorf("state -want +got\n%s", diff)
	}
	if err := ix.Apply(t.Context(), numbered(5, 5), []news.StoryID{6, 999}, State{Change: 31, Epoch: "e"}); err != nil {
		t.Fatal(err)
	}
	if n, err := ix.Count(); err != nil || n != 29 {
		t.Errorf("%d stories (%v), want 29", n, err)
	}
	if got := find(t, ix, Query{Text: "number5 OR number6"}); !cmp.Equal(got, []news.StoryID{5}) {
		t.Errorf("found %v, want story 5", got)
	}
}

func TestStateWithoutDocuments(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index")
	for change := range news.Change(3) {
		ix, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := ix.State().Change; got != change {
			t.Errorf("state is at %d, want %d", got, change)
		}
		apply(t, ix, State{Change: change + 1})
		if err := ix.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCreateRemovesTheOld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index")
	write(t, path, 10)
	ix, err := Create(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	if n, err := ix.Count(); err != nil || n != 0 || ix.State() != (State{}) {
		t.Errorf("%d stories (%v), state %+v; want an empty index", n, err, ix.State())
	}
}

func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index")
	ix, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func(string, Options) (*Index, error){"Open": Open, "Create": Create} {
		if _, err := open(path, Options{}); !errors.Is(err, news.ErrLocked) {
			t.Errorf("second %s: %v, want ErrLocked", name, err)
		}
	}
	apply(t, ix, State{Change: 1}, numbered(1, 3)...) // still whole
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(path, Options{})
	if err != nil {
		t.Fatalf("open after close: %v", err)
	}
	again.Close()
}

func TestOutdated(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index")
	ix, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := ix.bleve.SetInternal(stateKey, fmt.Appendf(nil, `{"schema":%d}`, Schema+1)); err != nil {
		t.Fatal(err)
	}
	ix.Close()
	if _, err := Open(path, Options{}); !errors.Is(err, ErrOutdated) || errors.Is(err, news.ErrDamaged) {
		t.Fatalf("error is %v, want ErrOutdated", err)
	}
	if ix, err = Create(path, Options{}); err != nil {
		t.Fatal(err)
	}
	ix.Close()
}

func TestClosedContext(t *testing.T) {
	ix := newIndex(t, numbered(1, 3)...)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := ix.Apply(ctx, numbered(4, 4), nil, State{Change: 9}); !errors.Is(err, context.Canceled) || ix.State().Change != 1 {
		t.Errorf("apply: %v, state %+v", err, ix.State())
	}
	if _, err := ix.Search(ctx, Query{Text: "common"}); !errors.Is(err, context.Canceled) {
		t.Errorf("search: %v", err)
	}
}

// segments are the paths of the segments that count in a closed index; a merge
// may have left others behind.
func segments(t testing.TB, path string) []string {
	t.Helper()
	live, err := liveSegments(filepath.Join(path, rootFile))
	if err != nil || len(live) == 0 {
		t.Fatalf("segments: %v %v", live, err)
	}
	for i := range live {
		live[i] = filepath.Join(path, "store", live[i])
	}
	return live
}

func overwrite(t testing.TB, path string, at int64, with []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(with, at); err != nil {
		t.Fatal(err)
	}
}

func TestDamaged(t *testing.T) {
	for name, harm := range map[string]func(t *testing.T, path string){
		"segment gone":         func(t *testing.T, p string) { must(t, os.Remove(segments(t, p)[0])) },
		"segment empty":        func(t *testing.T, p string) { must(t, os.Truncate(segments(t, p)[0], 0)) },
		"segment cut":          func(t *testing.T, p string) { must(t, os.Truncate(segments(t, p)[0], 1000)) },
		"one bit of a segment": func(t *testing.T, p string) { overwrite(t, segments(t, p)[0], 500, []byte{0xA5}) },
		"root gone":            func(t *testing.T, p string) { must(t, os.Remove(filepath.Join(p, rootFile))) },
		"root empty":           func(t *testing.T, p string) { must(t, os.Truncate(filepath.Join(p, rootFile), 0)) },
		"root cut":             func(t *testing.T, p string) { must(t, os.Truncate(filepath.Join(p, rootFile), 9000)) },
		"root garbage": func(t *testing.T, p string) {
			must(t, os.WriteFile(filepath.Join(p, rootFile), []byte(strings.Repeat("garbage ", 9000)), 0o600))
		},
		"store gone": func(t *testing.T, p string) { must(t, os.RemoveAll(filepath.Join(p, "store"))) },
		"meta gone":  func(t *testing.T, p string) { must(t, os.Remove(filepath.Join(p, "index_meta.json"))) },
		"meta garbage": func(t *testing.T, p string) {
			must(t, os.WriteFile(filepath.Join(p, "index_meta.json"), []byte("{"), 0o600))
		},
	} {
		for _, sealed := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, sealed %t", name, sealed), func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "index")
				write(t, path, 20)
				if !sealed {
					must(t, removeSeal(path))
				}
				harm(t, path)
				if _, err := Open(path, Options{}); !errors.Is(err, news.ErrDamaged) {
					t.Fatalf("error is %v, want ErrDamaged", err)
				}
				ix, err := Create(path, Options{})
				if err != nil {
					t.Fatalf("create anew: %v", err)
				}
				ix.Close()
			})
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestRandomDamage puts 4 KB of noise anywhere into an index. After a clean
// close it is always noticed; after a crash it is noticed or does no harm.
func TestRandomDamage(t *testing.T) {
	original := filepath.Join(t.TempDir(), "index")
	write(t, original, 100)
	dice := rand.New(rand.NewPCG(3, 5))
	for round := range 60 {
		sealed := round%2 == 0
		path := filepath.Join(t.TempDir(), "copy")
		must(t, os.CopyFS(path, os.DirFS(original)))
		if !sealed {
			must(t, removeSeal(path))
		}
		files := append(segments(t, path), filepath.Join(path, rootFile))
		file := files[dice.IntN(len(files))]
		info, err := os.Stat(file)
		must(t, err)
		noise := make([]byte, 4096)
		for i := range noise {
			noise[i] = byte(dice.Uint32())
		}
		at := dice.Int64N(info.Size())
		overwrite(t, file, at, noise[:min(4096, info.Size()-at)])

		ix, err := Open(path, Options{})
		if err != nil {
			if !errors.Is(err, news.ErrDamaged) {
				t.Fatalf("noise at %d of %s: %v", at, filepath.Base(file), err)
			}
			continue
		}
		if sealed {
			t.Errorf("noise at %d of %s went unnoticed", at, filepath.Base(file))
		}
		if r, err := ix.Search(t.Context(), Query{Text: "common"}); err != nil || r.Total != 100 {
			t.Errorf("noise at %d of %s: found %d of 100 (%v)", at, filepath.Base(file), r.Total, err)
		}
		ix.Close()
	}
}

// TestCutWhileOpen holds that a file that shrinks under an open index ends the
// search, not the process.
func TestCutWhileOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index")
	write(t, path, 10)
	segment := segments(t, path)[0]
	ix, err := Open(path, Options{})
	must(t, err)
	defer ix.Close()
	must(t, os.Truncate(segment, 0))
	if _, err := ix.Search(t.Context(), Query{Text: "common"}); !errors.Is(err, news.ErrDamaged) {
		t.Errorf("error is %v, want ErrDamaged", err)
	}
}

// writerEnv names the index that a child process of [TestKill] writes to.
const writerEnv = "KLIPING_TEST_INDEX_WRITER"

// TestKillWriter is the child: it says each change once that is on disk.
func TestKillWriter(t *testing.T) {
	path := os.Getenv(writerEnv)
	if path == "" {
		t.Skip("runs as a child of TestKill only")
	}
	ix, err := Open(path, Options{})
	must(t, err)
	for n := int(ix.State().Change); ; n += 10 {
		apply(t, ix, State{Change: news.Change(n + 10), Epoch: "e"}, numbered(n+1, n+10)...)
		fmt.Printf("applied %d\n", n+10)
	}
}

// TestKill kills a writer without warning, again and again, and holds that
// nothing acknowledged is lost and nothing is there by halves.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index")
	dice := rand.New(rand.NewPCG(1, 9))
	for range 8 {
		said := writeAndKill(t, path, 1+dice.IntN(6), time.Duration(dice.IntN(20))*time.Millisecond)
		ix, err := Open(path, Options{})
		if err != nil {
			t.Fatalf("after change %d: %v", said, err)
		}
		at := int(ix.State().Change)
		if at < said || at > said+10 {
			t.Errorf("state is at %d, the writer had said %d", at, said)
		}
		if r, err := ix.Search(t.Context(), Query{Text: "common"}); err != nil || r.Total != at {
			t.Errorf("found %d stories (%v), want %d", r.Total, err, at)
		}
		if got := find(t, ix, Query{Text: fmt.Sprintf("number%d", at)}); !cmp.Equal(got, []news.StoryID{news.StoryID(at)}) {
			t.Errorf("the last story, %d, is found as %v", at, got)
		}
		must(t, ix.Close())
	}
}

// writeAndKill lets a child write until it has said so many batches and a
// moment longer, kills it, and returns the last change it said.
func writeAndKill(t *testing.T, path string, batches int, then time.Duration) int {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKillWriter$", "-test.v")
	cmd.Env = append(os.Environ(), writerEnv+"="+path)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	last := 0
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		n := 0
		if _, err := fmt.Sscanf(lines.Text(), "applied %d", &n); err != nil {
			continue
		}
		last = n
		if batches--; batches == 0 {
			time.AfterFunc(then, func() { _ = cmd.Process.Kill() })
		}
	}
	_ = cmd.Wait() // it was killed
	if last == 0 {
		t.Fatal("the writer applied nothing")
	}
	return last
}
