package residue

import (
	"kliping/internal/news"
)

// Cleaner marks residue. It is made once and safe for many goroutines.
type Cleaner struct {
	lexicon *lexicon
}

// New returns a cleaner with the lexicon that comes with the program. An error
// means that the lexicon cannot be read, and names the line.
func New() (*Cleaner, error) {
	l, err := parseLexicon(lexiconText)
	if err != nil {
		return nil, err
	}
	return &Cleaner{lexicon: l}, nil
}

// Result is an article after cleaning.
type Result struct {
	Blocks []news.Block // as given and in the same order, with Strip set where residue
	Prints []uint64     // of each block; see Print
	// What the text says of where it comes from; empty where it says nothing.
	Agency   string // the credited news agency, by its usual short name
	Dateline string // the place a report is written from, as the text has it
	Byline   string // the writer
}

// Clean marks the residue among an article's blocks and reads the credits off
// what stays. Texts are never changed, and one block always stays, so that an
// article of nothing but residue is still something. known, which may be nil,
// returns what is known of a block that the outlet repeats. The language is a
// hint that may be wrong or empty; it is not needed so far.
//
// Evidence from copies needs other articles, so it is not found here; marks that
// blocks bear from it are kept, unless a template or a person says otherwise. Other
// marks are ignored. The input is not changed.
func (c *Cleaner) Clean(outlet, language string, blocks []news.Block, known func(print uint64) *Template) Result {
	result := Result{Blocks: make([]news.Block, len(blocks)), Prints: make([]uint64, len(blocks))}
	copy(result.Blocks, blocks)
	if len(blocks) == 0 {
		return result
	}
	verdicts := c.judge(blocks, result.Prints, known)
	settle(verdicts)
	for i, v := range verdicts {
		result.Blocks[i].Strip = nil
		if v.out {
			result.Blocks[i].Strip = v.strip
		}
	}
	result.credit(c.lexicon)
	return result
}

// verdict is what is thought of one block.
type verdict struct {
	strip *news.Strip // why it may be residue; nil: it is the article's
	head  int         // believed if fewer kept blocks than this stand before it
	tail  int         // or fewer than this after it
	words int
	out   bool // it is residue
}

// anywhere is the reach of evidence that does not depend on position.
const anywhere = 1 << 30

// judge hears the evidence on every block, and takes its print.
func (c *Cleaner) judge(blocks []news.Block, prints []uint64, known func(print uint64) *Template) []verdict {
	verdicts := make([]verdict, len(blocks))
	f := foldText("")
	defer f.release()
	for i, b := range blocks {
		f.fold(b.Text)
		prints[i] = f.print()
		verdicts[i] = c.hear(b, f, prints[i], known)
		verdicts[i].words = f.len()
	}
	doubtTables(verdicts)
	return verdicts
}

// hear lets the kinds of evidence speak in their order, until one does.
func (c *Cleaner) hear(b news.Block, f *folded, print uint64, known func(print uint64) *Template) verdict {
	if known != nil {
		if t := known(print); t != nil {
			if t.State == StateVetoed {
				return verdict{}
			}
			return verdict{strip: t.strip(), head: anywhere, tail: anywhere}
		}
	}
	if b.Strip != nil && b.Strip.Evidence == news.ByCopy {
		return verdict{strip: b.Strip, head: anywhere, tail: anywhere}
	}
	if f.len() > maxWords {
		return verdict{}
	}
	if v := c.shape(b, f); v.strip != nil {
		return v
	}
	return c.plea(b, f)
}

// doubtTables takes back what was thought of small numbers if there are many.
func doubtTables(verdicts []verdict) {
	isNumber := func(v verdict) bool {
		return v.strip != nil && v.strip.Evidence == news.ByShape && v.strip.Rule == ruleNumber
	}
	numbers := 0
	for _, v := range verdicts {
		if isNumber(v) {
			numbers++
		}
	}
	if numbers <= maxNumbers {
		return
	}
	for i := range verdicts {
		if isNumber(verdicts[i]) {
			verdicts[i].strip = nil
		}
	}
}

// settle decides which verdicts stand: those whose reach is longer than what is
// kept on one side of them. Taking blocks out brings others nearer to an end, so
// it goes on until nothing changes.
func settle(verdicts []verdict) {
	for changed := true; changed; {
		changed = false
		kept := 0
		for i := range verdicts {
			v := &verdicts[i]
			if !v.out && v.strip != nil && kept < v.head {
				v.out, changed = true, true
			}
			if !v.out {
				kept++
			}
		}
		kept = 0
		for i := len(verdicts) - 1; i >= 0; i-- {
			v := &verdicts[i]
			if !v.out && v.strip != nil && kept < v.tail {
				v.out, changed = true, true
			}
			if !v.out {
				kept++
			}
		}
	}
	keepOne(verdicts)
}

// keepOne takes back the verdict on the longest block if none stayed.
func keepOne(verdicts []verdict) {
	longest := 0
	for i, v := range verdicts {
		if !v.out {
			return
		}
		if v.words > verdicts[longest].words {
			longest = i
		}
	}
	verdicts[longest].out = false
}
