package main

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kliping/internal/wiresim"
)

// fullDisk fills a small disk of its own and then makes it larger. Its words
// stand between the lines that the test looks for.
const fullDisk = `
set -u
mount -t tmpfs -o size=2m tmpfs "$DISK" || { echo "no disk of our own"; exit 7; }
export KLIPING_DATA="$DISK/data"
while read -r url; do "$SELF" feeds add --no-check "$url" >/dev/null; done < "$FEEDS"
echo "== small"; "$SELF" refresh; echo "exit $?"
echo "== list"; "$SELF" feeds list >/dev/null; echo "exit $?"
mount -o remount,size=200m "$DISK"
echo "== large"; "$SELF" refresh --json; echo "exit $?"
echo "== search"; "$SELF" search "a OR the OR de OR di" | head -1
`

// TestFullDisk takes in a world on a disk that is too small for it, which needs
// leave to mount one: Linux with user namespaces.
func TestFullDisk(t *testing.T) {
	if err := exec.Command("unshare", "-rm", "true").Run(); err != nil {
		t.Skipf("this machine gives no disk of our own to fill: %v", err)
	}
	begin := time.Now().Add(-24 * time.Hour)
	world := wiresim.New(wiresim.Options{Seed: 5, Outlets: 30, Start: begin})
	world.Step(time.Now())
	server := httptest.NewServer(world)
	defer server.Close()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	disk := t.TempDir()
	feeds := filepath.Join(t.TempDir(), "feeds")
	if err := os.WriteFile(feeds, []byte(strings.Join(world.FeedURLs(server.URL), "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "unshare", "-rm", "sh", "-c", fullDisk)
	cmd.Env = append(os.Environ(), asProgram+"=1", "SELF="+self, "DISK="+disk, "FEEDS="+feeds, "KLIPING_FETCH_ALLOW=127.0.0.0/8", "KLIPING_PAGES_FULL_TEXT=never")
	said, err := cmd.CombinedOutput()
	out := string(said)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	part := func(name string) string {
		_, after, _ := strings.Cut(out, "== "+name+"\n")
		before, _, _ := strings.Cut(after, "== ")
		return before
	}
	if small := part("small"); !strings.Contains(small, "disk is full") || !strings.Contains(small, "make room") || !strings.Contains(small, "exit 1") {
		t.Errorf("on a full disk refresh says\n%s", small)
	}
	if list := part("list"); !strings.Contains(list, "exit 0") {
		t.Errorf("on a full disk the feeds cannot be listed:\n%s", list)
	}
	if large := part("large"); !strings.Contains(large, `"failed": 0`) || !strings.Contains(large, "exit 0") {
		t.Errorf("with room again refresh says\n%s", large)
	}
	if search := part("search"); !strings.Contains(search, "stories") || strings.HasPrefix(search, "0") {
		t.Errorf("with room again search says %q", search)
	}
}
