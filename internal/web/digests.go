package web

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"time"

	"kliping/internal/digest"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// digestsShown is how many digests the archive's page lists.
const digestsShown = 400

// digestsView is the archive of digests, newest first.
type digestsView struct {
	Plan  string // the only one that is listed; empty: all
	Plans []string
	Rows  []digestRow
}

type digestRow struct {
	Plan, Slot, Label, Link string
	Made                    time.Time
}

// slotLabel is a slot as people write a time; the slot itself names the digest to
// commands.
func slotLabel(slot string) string {
	const layout = "2006-01-02T15:04"
	t, err := time.Parse(layout, slot[:min(len(slot), len(layout))])
	if err != nil {
		return slot
	}
	label := t.Format("Mon 2 Jan 2006, 15:04")
	switch zone := slot[len(layout):]; zone { // said where clocks repeat an hour
	case "":
		return label
	case "Z":
		return label + " UTC"
	default:
		return label + " " + zone
	}
}

func (s *server) digests(r *http.Request) (page, error) {
	v := digestsView{Plan: r.URL.Query().Get("plan")}
	all, err := s.DB.Digests(r.Context(), v.Plan, digestsShown)
	if err != nil {
		return page{}, err
	}
	seen := map[string]bool{}
	for _, d := range all {
		v.Rows = append(v.Rows, digestRow{d.Name, d.Slot, slotLabel(d.Slot), digestLink(d), d.Made})
		if !seen[d.Name] {
			seen[d.Name] = true
			v.Plans = append(v.Plans, d.Name)
		}
	}
	title := "Digests"
	if v.Plan != "" {
		title += " of " + v.Plan
	}
	return page{name: "digests", Title: title, Data: v}, nil
}

func digestLink(d store.ArchivedDigest) string {
	return "/digests/" + url.PathEscape(d.Name) + "/" + url.PathEscape(d.Slot)
}

// digestView is the page of a digest.
type digestView struct {
	Body  template.HTML
	Print string // link to the view for paper
}

func (s *server) digest(r *http.Request) (page, error) {
	d, err := s.readDigest(r)
	if err != nil {
		return page{}, err
	}
	body, err := digest.Body(d)
	link := digestLink(store.ArchivedDigest{Name: r.PathValue("plan"), Slot: r.PathValue("slot")}) + "/print"
	return page{name: "digest", Title: d.Subject(), Data: digestView{body, link}}, err
}

// readDigest reads the digest of a path, its links leading to our own pages
// wherever it was to lead when it was made.
func (s *server) readDigest(r *http.Request) (digest.Digest, error) {
	d, err := pipeline.ReadDigest(r.Context(), s.DB, r.PathValue("plan"), r.PathValue("slot"))
	for i := range d.Stories {
		d.Stories[i].Link = fmt.Sprintf("/story/%d", d.Stories[i].Story.ID)
	}
	return d, err
}

// printDigest is a digest for paper. It brings its own styles, which are the only
// thing that its policy allows.
func (s *server) printDigest(w http.ResponseWriter, r *http.Request) {
	d, err := s.readDigest(r)
	var b bytes.Buffer
	if err == nil {
		err = digest.Render(&b, d, "print")
	}
	if err != nil {
		s.adapt(func(*http.Request) (page, error) { return page{}, err }).ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src "+digest.PrintPolicy()+"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	_, _ = b.WriteTo(w) // the client went away; there is nobody to tell
}
