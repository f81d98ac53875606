package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"kliping/internal/news"
)

// filled is a closed store with some hundred articles.
func filled(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "kliping.db")
	db, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.SaveArticles(t.Context(), written(0, 300)); err != nil {
		t.Fatal(err)
	}
	if err := groupSome(t.Context(), db, 300); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); err == nil {
		t.Fatal("a closed store leaves its log behind")
	}
	return path
}

func damage(t *testing.T, path string, f func(*os.File) error) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err == nil {
		err = errors.Join(f(file), file.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestDamagedFileIsRefused(t *testing.T) {
	for name, how := range map[string]func(*os.File) error{
		"truncated":      func(f *os.File) error { return f.Truncate(300_000) },
		"to a page":      func(f *os.File) error { return f.Truncate(4096) },
		"within a page":  func(f *os.File) error { return f.Truncate(1000) },
		"garbage header": func(f *os.File) error { _, err := f.WriteAt([]byte("not a database at all"), 0); return err },
		"an HTML page": func(f *os.File) error {
			return errors.Join(f.Truncate(0), writeAll(f, strings.Repeat("<html>hello</html>\n", 500)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filled(t)
			damage(t, path, how)
			_, err := Open(t.Context(), Options{Path: path})
			refused(t, err, path)
		})
	}
}

func refused(t *testing.T, err error, path string) {
	t.Helper()
	if !errors.Is(err, news.ErrDamaged) {
		t.Fatalf("a damaged file gives %v", err)
	}
	for _, part := range []string{path, "restore a backup", "start anew"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

// A page of noise anywhere is noticed as the file is opened, or as what is on it
// is read, or it lies where nothing is read from; it never ends the process, and
// no text is read that was not written.
func TestRandomDamageIsNoticedOrHarmless(t *testing.T) {
	data, err := os.ReadFile(filled(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, checked := range []bool{true, false} {
		r := rand.New(rand.NewPCG(7, 7))
		noticed := 0
		for range 20 {
			page := r.IntN(len(data) / 4096)
			path := filepath.Join(t.TempDir(), "kliping.db")
			hurt := append([]byte{}, data...)
			for i := range 4096 {
				hurt[page*4096+i] = byte(r.Uint32())
			}
			if err := os.WriteFile(path, hurt, 0o600); err != nil {
				t.Fatal(err)
			}
			if !checked {
				runDaemon(t, path)
			}
			if err := readAll(t.Context(), path); err != nil {
				noticed++
				if !errors.Is(err, news.ErrDamaged) {
					t.Errorf("page %d: %v", page, err)
				}
			}
		}
		if noticed < 15 {
			t.Errorf("%d of 20 damages were noticed (checked: %v)", noticed, checked)
		}
	}
}

// runDaemon pretends that a daemon has the store open, so that nobody checks it.
func runDaemon(t *testing.T, path string) {
	t.Helper()
	release, err := LockDaemon(filepath.Dir(path), "pid 1")
	if err == nil {
		err = os.WriteFile(path+"-wal", []byte("left behind"), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if needsCheck(path) {
		t.Error("a store that the daemon uses is checked by everybody else")
	}
	t.Cleanup(func() { _ = release() })
}

// readAll opens a filled store and compares every text and sketch in it.
func readAll(ctx context.Context, path string) error {
	db, err := Open(ctx, Options{Path: path})
	if err != nil {
		return err
	}
	defer db.Close()
	for i, in := range written(0, 300) {
		a, err := db.Article(ctx, news.ArticleID(i+1))
		if err != nil {
			return err
		}
		item, err := db.Item(ctx, a.ID)
		if err != nil {
			return err
		}
		sketches, err := db.Sketches(ctx, []news.ArticleID{a.ID})
		if err != nil {
			return err
		}
		// Sketches bear no checksum: one that is other than it was is noise, and
		// noticed as that here.
		if !bytes.Equal(sketches[a.ID], in.Sketch) {
			return fmt.Errorf("sketch of article %d: %w", a.ID, news.ErrDamaged)
		}
		if a.Text() != in.Article.Text() || item.HTML != in.Item.HTML {
			return fmt.Errorf("article %d reads %q", a.ID, a.Text())
		}
	}
	return nil
}

func TestUncleanStoreIsChecked(t *testing.T) {
	path := filled(t)
	if err := os.WriteFile(path+"-wal", []byte("left behind"), 0o600); err != nil {
		t.Fatal(err)
	}
	if !needsCheck(path) {
		t.Error("a store that was not closed is not checked")
	}
	if err := readAll(t.Context(), path); err != nil {
		t.Errorf("a log of nonsense: %v", err)
	}
}

func TestDiskFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kliping.db")
	db, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	limit := func(pages int) {
		t.Helper()
		if _, err := db.writer.Exec(fmt.Sprint("PRAGMA max_page_count = ", pages)); err != nil {
			t.Fatal(err)
		}
	}
	limit(300)
	saved := 0
	for err == nil {
		var s Saved
		s, err = db.SaveArticles(t.Context(), written(saved, 20))
		saved += s.New
	}
	if !errors.Is(err, news.ErrDiskFull) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "make room") {
		t.Fatalf("after %d articles: %v", saved, err)
	}
	if n, err := db.Counts(t.Context()); err != nil || n.Articles != saved || n.Ungrouped != saved {
		t.Errorf("while the disk is full: %+v, %v; want %d articles", n, err, saved)
	}
	limit(1 << 30)
	if _, err := db.SaveArticles(t.Context(), written(saved, 20)); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if n, err := db.Counts(t.Context()); err != nil || n.Articles != saved+20 {
		t.Errorf("with room again: %+v, %v", n, err)
	}
}

func TestLockDaemon(t *testing.T) {
	dir := t.TempDir()
	if info, running := DaemonInfo(dir); running || info != "" {
		t.Errorf("before any: %q, %v", info, running)
	}
	release, err := LockDaemon(dir, "a rather long line about pid 4711")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := LockDaemon(dir, "pid 2"); !errors.Is(err, news.ErrLocked) || !strings.Contains(err.Error(), "pid 4711") {
		t.Errorf("a second daemon: %v", err)
	}
	if info, running := DaemonInfo(dir); !running || info != "a rather long line about pid 4711" {
		t.Errorf("while it runs: %q, %v", info, running)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if err := release(); err != nil {
		t.Errorf("released twice: %v", err)
	}
	if info, running := DaemonInfo(dir); running {
		t.Errorf("after it ended: %q", info)
	}
	release, err = LockDaemon(dir, "pid 2")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = release() }()
	if info, _ := DaemonInfo(dir); info != "pid 2" {
		t.Errorf("the next daemon says %q", info)
	}
	if _, err := LockDaemon(filepath.Join(dir, "missing"), ""); err == nil || errors.Is(err, news.ErrLocked) {
		t.Errorf("no such directory: %v", err)
	}
}

// A second process that holds the write lock makes a writer wait, and then fail
// in a way that can be told, with nothing written.
func TestBusyCanBeTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kliping.db")
	one, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	two, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer two.Close()
	if _, err := two.writer.Exec("PRAGMA busy_timeout = 10"); err != nil {
		t.Fatal(err)
	}
	err = one.Group(t.Context(), func(ctx context.Context, _ *Grouping) error {
		if _, err := two.SaveArticles(ctx, written(0, 1)); !errors.Is(err, news.ErrLocked) {
			t.Errorf("while another process writes: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := two.SaveArticles(t.Context(), written(0, 1)); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// Polls, grouping and pages go on at the same time.
func TestReadersDoNotWait(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kliping.db")
	db, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Group(t.Context(), func(ctx context.Context, _ *Grouping) error {
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if _, err := db.Counts(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTwoProgramsOpenANewStoreAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kliping.db")
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			db, err := Open(t.Context(), Options{Path: path})
			if err != nil {
				t.Error(err)
				return
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestLockDaemonOnFullDisk(t *testing.T) {
	const full = "/dev/full" // takes nothing, says ENOSPC
	if _, err := os.Stat(full); err != nil {
		t.Skipf("this machine has no full disk: %v", err)
	}
	dir := t.TempDir()
	if err := os.Symlink(full, filepath.Join(dir, lockFile)); err != nil {
		t.Fatal(err)
	}
	_, err := LockDaemon(dir, "pid 1")
	if !errors.Is(err, news.ErrDiskFull) || !strings.Contains(err.Error(), "make room") || !strings.Contains(err.Error(), dir) {
		t.Errorf("error is %v", err)
	}
}

// A store holds what webhooks' calls are signed with, so it is for its owner alone.
func TestStoreIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no modes of files")
	}
	path := filepath.Join(t.TempDir(), "kliping.db")
	db, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) != 3 { // with its log, and what readers share
		t.Fatalf("%v, %v", files, err)
	}
	for _, f := range files {
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f, info.Mode(), err)
		}
	}
}
