package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"kliping/internal/meant"
	"kliping/internal/news"
	"kliping/internal/store"
)

// Press is what the outlets did in a window: the stories that first arrived in it.
type Press struct {
	Since   time.Time   `json:"since,omitzero"`
	Until   time.Time   `json:"until"`
	Outlets []OutletRow `json:"outlets"`
}

// OutletRow says what one outlet did. Each of its articles is one of four: it
// founded the story's first text, or another text of the story, which as a rule is
// a translation; it has a text that another outlet had earlier; or one that it had
// earlier itself.
type OutletRow struct {
	store.Outlet
	Articles    int     `json:"articles"`
	Stories     int     `json:"stories"`
	Shared      int     `json:"shared"` // of the stories, those that other outlets carry too
	First       int     `json:"first"`  // of the shared ones, those that its article leads
	Founded     int     `json:"founded"`
	Translated  int     `json:"translated"`
	Copied      int     `json:"copied"`
	Repeated    int     `json:"repeated"`
	Independent float64 `json:"independent"` // share of founded in founded, translated and copied, 0 to 1
	Behind      int     `json:"behind"`      // minutes that its copies and translations came after theirs, median
	Copies      []Flow  `json:"copies"`      // whom it copies or translates, most first
	CopiedBy    []Flow  `json:"copied_by"`   // who copies or translates it
	Delays      Delays  `json:"delays"`      // of its copies and translations
	Leads       Delays  `json:"leads"`       // of others' of its own
}

// Flow is how much goes between an outlet and another.
type Flow struct {
	Outlet   string `json:"outlet"`
	Articles int    `json:"articles"`
	Minutes  int    `json:"minutes"` // from the one to the other, median
}

// IndependentText says what share of an outlet's articles is its own; empty if it
// brought none that could be another's.
func (o *OutletRow) IndependentText() string {
	if o.Founded+o.Translated+o.Copied == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f %%", 100*o.Independent)
}

// BehindText says how long after others an outlet is; empty if it copies nobody.
func (o *OutletRow) BehindText() string {
	if len(o.Copies) == 0 {
		return ""
	}
	return minutesText(o.Behind)
}

// Later says how long one outlet comes after the other.
func (f Flow) Later() string { return minutesText(f.Minutes) }

// minutesText is a time in words that stand in a column.
func minutesText(n int) string {
	switch {
	case n < 60:
		return fmt.Sprintf("%d min", n)
	case n < 48*60:
		return fmt.Sprintf("%d h %02d", n/60, n%60)
	}
	return fmt.Sprintf("%d days", n/(24*60))
}

// Delays counts copies by how long they came after: within each of DelayBounds, and
// later.
type Delays [len(delayBounds) + 1]int

var delayBounds = [...]time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 12 * time.Hour, 24 * time.Hour}

// DelayBounds are the ends of the spans that Delays counts in.
func DelayBounds() []time.Duration { return delayBounds[:] }

func (d *Delays) note(minutes int) {
	i := 0
	for i < len(delayBounds) && time.Duration(minutes)*time.Minute > delayBounds[i] {
		i++
	}
	d[i]++
}

// ReadPress says what the outlets did in stories that first arrived in [since,
// until). Outlets of which a person said something are there without articles too.
// Most articles come first.
func ReadPress(ctx context.Context, db *store.DB, since, until time.Time) (Press, error) {
	p := press{rows: map[string]*OutletRow{}, pairs: map[[2]string][]int{}}
	said, err := db.Outlets(ctx)
	if err != nil {
		return Press{}, err
	}
	if err := db.EachCarried(ctx, since, until, p.add); err != nil {
		return Press{}, err
	}
	for _, o := range said {
		p.row(o.Domain).Outlet = o
	}
	p.sum()
	all := Press{Since: since, Until: until, Outlets: []OutletRow{}}
	for _, domain := range slices.Sorted(maps.Keys(p.rows)) {
		all.Outlets = append(all.Outlets, *p.rows[domain])
	}
	return all, all.Sort("articles")
}

// Outlet is the row of one outlet; news.ErrNotFound if nothing is known of it.
func (p *Press) Outlet(domain string) (*OutletRow, error) {
	for i := range p.Outlets {
		if p.Outlets[i].Domain == domain {
			return &p.Outlets[i], nil
		}
	}
	if near := p.meant(domain); near != "" {
		return nil, fmt.Errorf("outlet %s: %w in the time asked for; did you mean %s?", domain, news.ErrNotFound, near)
	}
	return nil, fmt.Errorf("outlet %s: %w in the time asked for; 'kliping outlets' lists all", domain, news.ErrNotFound)
}

// meant is the outlet that may be meant by what is the domain of none: by its name,
// or by a domain spelled nearly so; empty if none is.
func (p *Press) meant(typed string) string {
	var domains []string
	for i := range p.Outlets {
		if strings.EqualFold(p.Outlets[i].Name, typed) {
			return p.Outlets[i].Domain
		}
		domains = append(domains, p.Outlets[i].Domain)
	}
	return meant.Nearest(typed, domains)
}

// Names are what people call the outlets.
func (p *Press) Names() store.OutletNames {
	said := make([]store.Outlet, len(p.Outlets))
	for i := range p.Outlets {
		said[i] = p.Outlets[i].Outlet
	}
	return store.NamesOf(said)
}

// pressOrders are the orders of a list of outlets, the most first but where the
// least is the best.
var pressOrders = map[string]func(a, b *OutletRow) int{
	"articles":    func(a, b *OutletRow) int { return b.Articles - a.Articles },
	"first":       func(a, b *OutletRow) int { return b.First - a.First },
	"shared":      func(a, b *OutletRow) int { return b.Shared - a.Shared },
	"independent": func(a, b *OutletRow) int { return cmp.Compare(b.Independent, a.Independent) },
	"copied":      func(a, b *OutletRow) int { return b.Copied - a.Copied },
	"behind":      func(a, b *OutletRow) int { return cmp.Or(late(a)-late(b), a.Behind-b.Behind) },
	"tier":        func(a, b *OutletRow) int { return tier(a) - tier(b) },
	"outlet":      func(*OutletRow, *OutletRow) int { return 0 },
}

// PressOrders names the orders that Sort takes.
func PressOrders() []string { return slices.Sorted(maps.Keys(pressOrders)) }

// late puts outlets that copied nothing behind those that did.
func late(r *OutletRow) int {
	if r.Copied+r.Translated == 0 {
		return 1
	}
	return 0
}

func tier(r *OutletRow) int { return cmp.Or(r.Tier, 9) }

// Sort orders the outlets. The error wraps news.ErrInvalid if there is no such
// order.
func (p *Press) Sort(by string) error {
	order, ok := pressOrders[by]
	if !ok {
		if near := meant.Nearest(by, PressOrders()); near != "" {
			return fmt.Errorf("order %q is %w; did you mean %s?", by, news.ErrInvalid, near)
		}
		return fmt.Errorf("order %q is %w: there is %s", by, news.ErrInvalid, strings.Join(PressOrders(), ", "))
	}
	slices.SortFunc(p.Outlets, func(a, b OutletRow) int { return cmp.Or(order(&a, &b), cmp.Compare(a.Domain, b.Domain)) })
	return nil
}

// press is a Press being counted.
type press struct {
	rows  map[string]*OutletRow
	pairs map[[2]string][]int // minutes behind, by who copied and whom

	first map[news.ArticleID]int // of one story: the place of each text's first article
	seen  map[string]bool        // of one story: outlets met
}

func (p *press) row(domain string) *OutletRow {
	r := p.rows[domain]
	if r == nil {
		r = &OutletRow{Outlet: store.Outlet{Domain: domain, Tags: []string{}}, Copies: []Flow{}, CopiedBy: []Flow{}}
		p.rows[domain] = r
	}
	return r
}

// add counts one story, whose articles come in order of credible time.
func (p *press) add(lead news.ArticleID, all []store.Carried) {
	if len(all) == 1 { // most are
		r := p.row(all[0].Outlet)
		r.Articles, r.Stories, r.Founded = r.Articles+1, r.Stories+1, r.Founded+1
		return
	}
	p.begin(all)
	at := slices.IndexFunc(all, func(c store.Carried) bool { return c.Article == lead })
	at = max(at, 0)
	p.first[all[at].Text] = at // it led, whatever the clocks say
	shared := len(p.seen) > 1
	for outlet := range p.seen {
		r := p.row(outlet)
		r.Stories++
		if shared {
			r.Shared++
		}
	}
	if shared {
		p.row(all[at].Outlet).First++
	}
	for i := range all {
		p.judge(all, i, at)
	}
}

// begin notes a story's outlets and the first article of each text.
func (p *press) begin(all []store.Carried) {
	if p.first == nil {
		p.first, p.seen = map[news.ArticleID]int{}, map[string]bool{}
	}
	clear(p.first)
	clear(p.seen)
	for i := range all {
		p.seen[all[i].Outlet] = true
		if _, ok := p.first[all[i].Text]; !ok {
			p.first[all[i].Text] = i
		}
	}
}

// judge counts one article of a story, whose lead stands at a place.
func (p *press) judge(all []store.Carried, i, lead int) {
	m := &all[i]
	r := p.row(m.Outlet)
	r.Articles++
	first, said := p.first[m.Text], saidSource(all, m)
	switch {
	case i == lead:
		r.Founded++
		return
	case i == first && said < 0 && all[lead].Outlet == m.Outlet: // its own in another language
		r.Repeated++
		return
	case i == first:
		r.Translated++
	case all[first].Outlet == m.Outlet:
		r.Repeated++
		return
	default:
		r.Copied++
	}
	from := said
	if from < 0 {
		if from = first; i == first {
			from = lead
		}
	}
	if whom := &all[from]; whom.Outlet != m.Outlet {
		minutes := max(int(m.Dated.Sub(whom.Dated)/time.Minute), 0)
		key := [2]string{m.Outlet, whom.Outlet}
		p.pairs[key] = append(p.pairs[key], minutes)
	}
}

// saidSource is the place of the article that m says it is from, as for an Origin;
// -1 if it says nothing.
func saidSource(all []store.Carried, m *store.Carried) int {
	if m.Source != "" && m.Source != m.Outlet {
		for i := range all {
			if all[i].Outlet == m.Source {
				return i
			}
		}
	}
	if m.Agency == "" || news.IsAgency(m.Outlet, m.Agency) {
		return -1
	}
	return slices.IndexFunc(all, func(c store.Carried) bool { return news.IsAgency(c.Outlet, m.Agency) })
}

// sum makes of what was counted what is told.
func (p *press) sum() {
	behind := map[string][]int{}
	for pair, minutes := range p.pairs {
		from, to := p.row(pair[0]), p.row(pair[1])
		behind[pair[0]] = append(behind[pair[0]], minutes...)
		for _, m := range minutes {
			from.Delays.note(m)
			to.Leads.note(m)
		}
		middle := median(minutes)
		from.Copies = append(from.Copies, Flow{pair[1], len(minutes), middle})
		to.CopiedBy = append(to.CopiedBy, Flow{pair[0], len(minutes), middle})
	}
	for domain, r := range p.rows {
		r.Behind = median(behind[domain])
		if n := r.Founded + r.Translated + r.Copied; n > 0 {
			r.Independent = float64(r.Founded) / float64(n)
		}
		for _, flows := range [][]Flow{r.Copies, r.CopiedBy} {
			slices.SortFunc(flows, func(a, b Flow) int { return cmp.Or(b.Articles-a.Articles, cmp.Compare(a.Outlet, b.Outlet)) })
		}
	}
}

// median is the lower one of an even number.
func median(all []int) int {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[(len(all)-1)/2]
}
