package main

import (
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// What Kliping keeps is for its owner alone: directories, store and index.
func TestDataIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no modes of files")
	}
	r := newRunner(t)
	r.run("reindex")
	dirs := 0
	err := filepath.WalkDir(r.data, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && (d.IsDir() || strings.Contains(path, "kliping.db")) && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v", path, info.Mode())
		}
		if d.IsDir() {
			dirs++
		}
		return err
	})
	if err != nil || dirs < 2 {
		t.Errorf("%d directories, %v", dirs, err)
	}
}
