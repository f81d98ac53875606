package main

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

// TestDemoOnce runs the demo to its first digest.
func TestDemoOnce(t *testing.T) {
	r := newRunner(t)
	out := r.run("demo", "--once", "--seed", "4")
	for _, want := range []string{"A world of 30 outlets", "Digest", "1. ", "Then: "} {
		if !strings.Contains(out, want) {
			t.Errorf("the demo does not print %q:\n%s", want, out)
		}
	}
}

// TestDemoGoesOn runs the demo as a process until its stories have grown, and
// interrupts it as a person would.
func TestDemoGoesOn(t *testing.T) {
	r := newRunner(t)
	demo, out := r.start("demo")
	eventually(t, time.Minute, "stories grow", func() error {
		_, after, found := strings.Cut(out.String(), "goes on publishing")
		if !found || strings.Count(after, "articles in") < 2 {
			return errors.New(out.String())
		}
		return nil
	})
	if err := demo.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := demo.Wait(); err != nil {
		t.Errorf("the interrupted demo ends with %v\n%s", err, out)
	}
}
