package index

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

const smallDisk = "KLIPING_TEST_SMALL_DISK"

// TestFullDisk runs TestOnSmallDisk where there is a disk to fill, which needs
// leave to mount one: Linux with user namespaces.
func TestFullDisk(t *testing.T) {
	if err := exec.Command("unshare", "-rm", "true").Run(); err != nil {
		t.Skipf("this machine gives no disk of our own to fill: %v", err)
	}
	cmd := exec.CommandContext(t.Context(), "unshare", "-rm", "sh", "-c",
		`mount -t tmpfs -o size=8m tmpfs "$`+smallDisk+`" && exec "$SELF" -test.v -test.run='^TestOnSmallDisk$'`)
	cmd.Env = append(os.Environ(), "SELF="+os.Args[0], smallDisk+"="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestOnSmallDisk") {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestOnSmallDisk holds that an index lives through a full disk: it answers
// from what it had, says what to do, and goes on once there is room.
func TestOnSmallDisk(t *testing.T) {
	disk := os.Getenv(smallDisk)
	if disk == "" {
		t.Skip("TestFullDisk runs it")
	}
	ix, err := Open(filepath.Join(disk, "index"), Options{})
	must(t, err)
	before := State{Change: 10, Epoch: "e"}
	apply(t, ix, before, numbered(1, 10)...)
	filler := filepath.Join(disk, "filler")
	for round := range 3 {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			fill(t, filler)
			for range 3 {
				err := ix.Apply(t.Context(), numbered(1001, 1400), nil, State{Change: 999, Epoch: "e"})
				if !errors.Is(err, news.ErrDiskFull) || !strings.Contains(err.Error(), "make room") {
					t.Errorf("on a full disk: %v", err)
				}
				if diff := cmp.Diff(before, ix.State()); diff != "" {
					t.Errorf("state -want +got\n%s", diff)
				}
				if got, err := ix.Search(t.Context(), Query{Text: "common"}); err != nil || got.Total != int(before.Change) {
					t.Errorf("found %d stories (%v), want %d", got.Total, err, before.Change)
				}
			}
			must(t, os.Remove(filler))
			before.Change++
			apply(t, ix, before, numbered(int(before.Change), int(before.Change))...)
			if n, err := ix.Count(); err != nil || n != int(before.Change) {
				t.Errorf("%d stories (%v), want %d", n, err, before.Change)
			}
		})
	}
	must(t, ix.Close())
	ix, err = Open(filepath.Join(disk, "index"), Options{})
	must(t, err)
	defer ix.Close()
	if diff := cmp.Diff(before, ix.State()); diff != "" {
		t.Errorf("state -want +got\n%s", diff)
	}
}

// fill writes until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	must(t, err)
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
}
