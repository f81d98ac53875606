package digest

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"time"
)

//go:embed templates
var files embed.FS

var pages = template.Must(template.New("digest").Funcs(template.FuncMap{
	"window": window, "counts": counts, "gist": gist, "nothing": nothing, "facts": facts, "moment": moment, "clean": clean,
	"headline": headline, "number": number, "changes": changes, "shownSaid": shownSaid, "corrected": corrected, "correctedSaid": correctedSaid,
	"orNone": orNone, "outletSaid": outletSaid, "madeFrom": madeFrom, "outlets": outlets, "percent": percent, "peak": peak, "external": external, "relatedLink": relatedLink,
	"chart": newChart, "preheader": preheader, "style": style,
	"add":     func(a, b int) int { return a + b },
	"machine": func(t time.Time) string { return t.Format(time.RFC3339) },
	"width":   func(o Outlet, all []Outlet) int { return max(100*o.Articles/max(all[0].Articles, 1), 1) },

	// html/template drops comments, and Outlook on Windows knows no max-width.
	"outlookOpen": func() template.HTML {
		return `<!--[if mso]><table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->`
	},
	"outlookClose": func() template.HTML { return "<!--[if mso]></td></tr></table><![endif]-->" },
}).ParseFS(files, "templates/*.html"))

// style is what stands in the style element of a document: our own file, in
// which nothing is a stranger's.
func style(name string) (template.CSS, error) {
	b, err := files.ReadFile("templates/" + name + ".css")
	return template.CSS(b), err //nolint:gosec // see above
}

// Body renders what stands between the head and the foot of a page. The page
// brings the styles.
func Body(d Digest) (template.HTML, error) {
	var b bytes.Buffer
	err := pages.ExecuteTemplate(&b, "body", named(d))
	return template.HTML(b.String()), err //nolint:gosec // html/template made it
}

// PrintPolicy is the source expression that lets a browser apply the styles of
// the format print, and no others.
func PrintPolicy() string {
	css, err := style("print")
	if err != nil {
		return "'none'"
	}
	sum := sha256.Sum256([]byte(css))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// external is raw if it is a link that may be followed, else empty.
func external(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return raw
}

// relatedLink is where a related story's page is: beside that of the entry.
func relatedLink(e Entry, r Related) string {
	base, ok := strings.CutSuffix(e.Link, fmt.Sprintf("/story/%d", e.Story.ID))
	if !ok {
		return ""
	}
	return fmt.Sprintf("%s/story/%d", base, r.Story)
}

// preheader is what mail programs show of a mail beside its subject.
func preheader(d Digest) string {
	var all []string
	for _, e := range d.Stories[:min(len(d.Stories), 3)] {
		all = append(all, isolate(headline(e)))
	}
	if len(all) == 0 {
		return nothing(d)
	}
	return strings.Join(all, " · ")
}

// chart is the bins of a digest as a picture, in units of its own.
type chart struct {
	Width, Height int
	Bars          []bar
	Marks         []mark
	Base          int // where bars stand
	Text          string
}

type bar struct {
	X, Y, W, H int
	Label      string
	Share      int // of the highest, in the pixels of a mail's chart
}

type mark struct {
	X     int
	Label string
}

const (
	chartWidth  = 600
	chartHeight = 96
	mailHeight  = 48
)

func newChart(d Digest) chart {
	c := chart{Width: chartWidth, Height: chartHeight + 22, Base: chartHeight, Text: peak(d)}
	most, n := max(busiest(d.Times).Articles, 1), len(d.Times)
	for i, b := range d.Times {
		x, end := i*chartWidth/n, (i+1)*chartWidth/n
		h := (b.Articles*chartHeight + most - 1) / most
		c.Bars = append(c.Bars, bar{
			X: x, W: max(end-x-1, 1), Y: chartHeight - h, H: h, Share: (b.Articles*mailHeight + most - 1) / most,
			Label: fmt.Sprintf("%s: %s", b.At.Format("Mon 2 Jan 15:04"), count(b.Articles, "article", "articles")),
		})
		if label := tick(d.Unit, i, b.At); label != "" {
			c.Marks = append(c.Marks, mark{x, label})
		}
	}
	return c
}

// tick is what stands below a bin, if anything does.
func tick(unit string, i int, at time.Time) string {
	switch {
	case unit == "hour" && at.Hour()%6 == 0:
		return at.Format("15:04")
	case unit == "day" && (i == 0 || at.Weekday() == time.Monday), unit == "week" && i%4 == 0:
		return at.Format("2 Jan")
	}
	return ""
}
