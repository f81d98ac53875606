package pipeline

import (
	"bytes"
	_ "embed" // for the letter as HTML
	"encoding/json"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/zeebo/xxh3"

	"kliping/internal/outbox"
	"kliping/internal/store"
)

//go:embed alert.html
var alertHTML string

var alertTemplate = template.Must(template.New("alert").Parse(alertHTML))

// Letter writes alerts as messages.
type Letter struct {
	PublicURL string // base of links to stories; empty: there are none
	From      string // bare address that asks to be left alone are mailed to; empty: none
}

// EventAlerts is the event of a webhook's calls.
const EventAlerts = "alerts"

// HookBody is what a webhook is sent.
type HookBody struct {
	Watch  string      `json:"watch"` // its name
	Query  string      `json:"query"`
	Count  int         `json:"count"` // all alerts there are
	More   int         `json:"more"`  // how many of them are not told below
	Alerts []HookAlert `json:"alerts"`
}

// HookAlert is an alert with the address of its story's page.
type HookAlert struct {
	store.Alert
	StoryURL string `json:"story_url,omitempty"`
}

// messages tells alerts to every recipient of a watch, each in a message of its
// own. count is how many alerts there are in all; mark makes the keys unique among
// those of the watch. loc is the time zone of what is told, names what
// mails call outlets; programs are given domains.
func (l Letter) messages(w *store.Watch, alerts []store.Alert, count int, mark string, loc *time.Location, names store.OutletNames) (all []store.Message, err error) {
	stories := byStory(alerts)
	more := count - len(alerts)
	if len(stories) > StoriesAMail {
		for _, s := range stories[StoriesAMail:] {
			more += s.alerts
		}
		stories = stories[:StoriesAMail]
	}
	add := func(kind, way, to string, payload any) {
		b, bad := json.Marshal(payload)
		if bad != nil {
			err = bad
		}
		key := fmt.Sprintf("%s%s/%016x", store.WatchKey(w.ID), mark, xxh3.HashString(kind+" "+to))
		all = append(all, store.Message{Kind: kind, Key: key, Way: way, Payload: b})
	}
	if len(w.Mail) > 0 {
		m, err := l.mail(w, stories, more, loc, names)
		if err != nil {
			return nil, err
		}
		for _, to := range w.Mail {
			m.To = to
			add(outbox.KindMail, outbox.KindMail, to, m)
		}
	}
	for _, h := range w.Hooks {
		body, err := json.Marshal(l.hook(w, stories, count, more))
		if err != nil {
			return nil, err
		}
		add(outbox.KindHook, h.URL, h.URL, outbox.Hook{URL: h.URL, Secret: h.Secret, Event: EventAlerts, Body: body})
	}
	return all, err
}

// storyAlerts is the last alert of a story, with the reasons of all.
type storyAlerts struct {
	store.Alert
	alerts int
}

// byStory puts the alerts of one story together, in the order of the first.
func byStory(alerts []store.Alert) (all []storyAlerts) {
	for _, a := range alerts {
		i := slices.IndexFunc(all, func(s storyAlerts) bool { return s.Story == a.Story })
		if i < 0 {
			all = append(all, storyAlerts{a, 1})
			continue
		}
		reasons, event := append(slices.Clone(all[i].Reasons), a.Reasons...), all[i].Event
		all[i] = storyAlerts{a, all[i].alerts + 1}
		all[i].Reasons, all[i].Event = slices.Compact(reasons), event
	}
	return all
}

func (l Letter) storyURL(a *store.Alert) string {
	if l.PublicURL == "" {
		return ""
	}
	return fmt.Sprintf("%s/story/%d", strings.TrimRight(l.PublicURL, "/"), a.Story)
}

func (l Letter) hook(w *store.Watch, stories []storyAlerts, count, more int) HookBody {
	body := HookBody{Watch: w.Name, Query: w.Query, Count: count, More: more, Alerts: make([]HookAlert, len(stories))}
	for i, s := range stories {
		body.Alerts[i] = HookAlert{s.Alert, l.storyURL(&s.Alert)}
	}
	return body
}

// letterView is what a mail says.
type letterView struct {
	Subject, Intro, More, Foot string
	Stories                    []letterStory
}

type letterStory struct {
	Title, Facts, Link, Source, Language string
	Reasons                              []string
}

func (l Letter) mail(w *store.Watch, stories []storyAlerts, more int, loc *time.Location, names store.OutletNames) (outbox.Mail, error) {
	v := letterView{Intro: fmt.Sprintf("The watch %s (%s) found this:", outbox.OneLine(w.Name), outbox.OneLine(w.Query)), Foot: l.foot(w)}
	v.Subject = outbox.OneLine(w.Name) + ": "
	if len(stories) == 1 && more == 0 {
		v.Subject += shorten(headlineOf(stories[0].Title), 150)
	} else {
		v.Subject += fmt.Sprintf("%d stories", len(stories))
	}
	if more > 0 {
		v.More = fmt.Sprintf("and %d more", more)
		v.Subject += fmt.Sprintf(" and %d more alerts", more)
	}
	for i := range stories {
		a := &stories[i].Alert
		s := letterStory{Title: headlineOf(a.Title), Link: l.storyURL(a), Source: webLink(a.URL), Language: a.Language, Facts: facts(a, loc, names)}
		for _, r := range a.Reasons {
			s.Reasons = append(s.Reasons, outbox.OneLine(r))
		}
		v.Stories = append(v.Stories, s)
	}
	var html bytes.Buffer
	if err := alertTemplate.Execute(&html, v); err != nil {
		return outbox.Mail{}, fmt.Errorf("write the letter of the watch %s: %w", w.Name, err)
	}
	return outbox.Mail{Subject: v.Subject, Text: v.plain(), HTML: html.String(), Unsubscribe: l.unsubscribe(w), ListID: fmt.Sprintf("watch-%d", w.ID)}, nil
}

// plain is the letter as text.
func (v *letterView) plain() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", v.Intro)
	for _, s := range v.Stories {
		fmt.Fprintf(&b, "\n%s\n  %s\n", s.Title, s.Facts)
		for _, r := range s.Reasons {
			fmt.Fprintf(&b, "  %s\n", r)
		}
		for _, link := range []string{s.Link, s.Source} {
			if link != "" {
				fmt.Fprintf(&b, "  %s\n", link)
			}
		}
	}
	if v.More != "" {
		fmt.Fprintf(&b, "\n%s\n", v.More)
	}
	fmt.Fprintf(&b, "\n%s\n", v.Foot)
	return b.String()
}

func facts(a *store.Alert, loc *time.Location, names store.OutletNames) string {
	said := []string{outbox.OneLine(names.Of(a.Outlet))}
	if a.Outlets > 1 {
		said = append(said, fmt.Sprintf("%d outlets", a.Outlets))
	}
	if len(a.Languages) > 0 {
		said = append(said, strings.Join(a.Languages, " "))
	}
	return strings.Join(append(said, a.At.In(loc).Format("2 Jan 2006, 15:04 MST")), " · ")
}

func (l Letter) foot(w *store.Watch) string {
	if l.PublicURL == "" {
		return "Sent by Kliping."
	}
	return fmt.Sprintf("Sent by Kliping. All alerts of this watch: %s/watches/%d", strings.TrimRight(l.PublicURL, "/"), w.ID)
}

// unsubscribe is an address that a person reads: recipients have no key to the
// pages.
func (l Letter) unsubscribe(w *store.Watch) string {
	if l.From == "" {
		return ""
	}
	return outbox.Unsubscribe(l.From, w.Name)
}

func headlineOf(title string) string {
	if title = outbox.OneLine(title); title != "" {
		return title
	}
	return "(no headline)"
}

func shorten(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return strings.TrimSpace(string(r[:most])) + "…"
	}
	return s
}

// webLink is raw if it is a link that may be followed, else empty.
func webLink(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.String()
}
