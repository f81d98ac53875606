package main

import (
	"strings"
	"testing"
	"time"
)

// TestSearchInZone asks for a day that begins in UTC when it is over where people
// read.
func TestSearchInZone(t *testing.T) {
	r := newRunner(t)
	r.env = append(r.env, "KLIPING_TIME_ZONE=Asia/Jakarta")
	saveOld(t, r, "Ferry is late again", time.Date(2026, 4, 30, 20, 0, 0, 0, time.UTC))
	out := r.run("search", "ferry after:2026-05-01 before:2026-05-02", "--facets", "2")
	if !strings.Contains(out, "1 story") || !strings.Contains(out, "1  2026-05-01") {
		t.Errorf("what arrived at three in the morning of that day:\n%s", out)
	}
	if out := r.run("search", "ferry after:2026-05-01", "--csv", "stories"); !strings.Contains(out, "Ferry is late") {
		t.Errorf("as a table:\n%s", out)
	}
}
