package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows how far long work is: a bar on a terminal, a plain line every
// few seconds otherwise.
type progress struct {
	out   io.Writer
	what  string
	total int // 0: unknown
	done  int
	bar   *progressbar.ProgressBar // nil: plain lines
	last  time.Time
}

// plainEvery is how often plain lines are printed.
const plainEvery = 5 * time.Second

func newProgress(out io.Writer, what string, total int) *progress {
	p := &progress{out: out, what: what, total: total, last: time.Now()}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bar = progressbar.NewOptions(max(total, -1), progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(what),
			progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	}
	return p
}

// add says that n more are done.
func (p *progress) add(n int) {
	p.done += n
	if p.bar != nil {
		_ = p.bar.Add(n) // a bar that cannot be drawn stops no work
		return
	}
	if time.Since(p.last) >= plainEvery {
		p.last = time.Now()
		p.line()
	}
}

// set says how many are done.
func (p *progress) set(done int) { p.add(done - p.done) }

func (p *progress) line() {
	if p.total > 0 {
		fmt.Fprintf(p.out, "%s: %d of %d\n", p.what, p.done, p.total)
		return
	}
	fmt.Fprintf(p.out, "%s: %d\n", p.what, p.done)
}

// end takes the bar away.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
