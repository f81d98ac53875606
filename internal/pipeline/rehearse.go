package pipeline

import (
	"cmp"
	"context"
	"slices"
	"time"

	"kliping/index"
	"kliping/internal/news"
	"kliping/internal/store"
)

// Rehearsal is what a watch would have sent.
type Rehearsal struct {
	Stories int        // that it would have told
	Alerts  int        // again included
	Sent    []Rehearse // in order of time
}

// Rehearse is one message of a rehearsal.
type Rehearse struct {
	At     time.Time
	Alerts []store.Alert // one a story, with all its reasons
}

// Rehearse says what a watch would have sent of the stories that first came since
// the given time: article by article as they arrived, and edition by edition.
// next says when what is found at a time leaves; nil: at once. Stories are put
// together as they are grouped now.
func (w *Watcher) Rehearse(ctx context.Context, watch store.Watch, since time.Time, next func(time.Time) time.Time) (Rehearsal, error) {
	var r Rehearsal
	matcher := index.NewMatcher()
	if err := matcher.Put(1, watchQuery(&watch, w.Location)); err != nil {
		return r, err
	}
	watch.Since = since
	stories, err := w.DB.Stories(ctx, store.Filter{Since: since})
	if err != nil {
		return r, err
	}
	names, err := w.DB.OutletNames(ctx)
	if err != nil {
		return r, err
	}
	var alerts []store.Alert
	for part := range slices.Chunk(stories, cmp.Or(w.Batch, 200)) {
		ids := make([]news.StoryID, len(part))
		for i, s := range part {
			ids[i] = s.ID
		}
		details, err := w.DB.Documents(ctx, ids)
		if err != nil {
			return r, err
		}
		for i := range details {
			told, err := w.rehearse(ctx, &watch, &details[i], matcher, names)
			if err != nil {
				return r, err
			}
			if len(told) > 0 {
				r.Stories++
			}
			alerts = append(alerts, told...)
		}
	}
	r.Alerts = len(alerts)
	slices.SortStableFunc(alerts, func(a, b store.Alert) int { return a.At.Compare(b.At) })
	r.Sent = inMessages(alerts, next)
	for i := range r.Sent {
		m := &r.Sent[i]
		told := byStory(m.Alerts)
		m.Alerts = m.Alerts[:0:0]
		for _, s := range told {
			m.Alerts = append(m.Alerts, s.Alert)
		}
	}
	return r, nil
}

// step is a moment at which a story changed.
type step struct {
	at      time.Time
	article news.Article // as it was from then on
}

// rehearse lives through a story.
func (w *Watcher) rehearse(ctx context.Context, watch *store.Watch, s *store.StoryDetail, matcher *index.Matcher, names store.OutletNames) (alerts []store.Alert, err error) {
	e := &editions{db: w.DB, preparer: w.Preparer, names: names}
	steps, err := e.steps(ctx, s)
	if err != nil {
		return nil, err
	}
	asking := asking{Watch: watch}
	var there []news.Article
	place := map[news.ArticleID]int{}
	for _, step := range steps {
		if i, ok := place[step.article.ID]; ok {
			there[i] = step.article
		} else {
			place[step.article.ID] = len(there)
			there = append(there, step.article)
		}
		then := store.StoryOf(s.ID, there)
		d := document(then)
		asking.matches = len(matcher.Match(&d, step.at)) > 0
		if !asking.matches && (asking.before == nil || !watch.Corrections) {
			continue
		}
		event, reasons, after, err := decide(ctx, asking, then, e)
		if err != nil {
			return nil, err
		}
		if after != nil {
			asking.before = after
		}
		if len(reasons) > 0 {
			alerts = append(alerts, newAlert(watch, then, step.at, event, reasons))
		}
	}
	return alerts, nil
}

// steps are the arrivals of a story's articles, their later editions and the taking
// down of their pages, in order of time.
func (e *editions) steps(ctx context.Context, s *store.StoryDetail) (all []step, err error) {
	for i := range s.Members {
		a := s.Members[i]
		down := a.TakenDown
		a.TakenDown = news.Takedown{}
		at := a.Arrived
		if a.Version > 1 {
			earlier, err := e.db.Versions(ctx, a.ID)
			if err != nil {
				return nil, err
			}
			for _, v := range earlier {
				then := *e.clean(&a, v.Item, v.Item.Page)
				then.ID, then.Feed, then.Version = a.ID, a.Feed, v.Version
				all = append(all, step{at, then})
				at = v.Replaced
			}
		}
		all = append(all, step{at, a})
		if !down.IsZero() {
			a.TakenDown = down
			all = append(all, step{down.Since, a})
		}
	}
	slices.SortStableFunc(all, func(a, b step) int { return a.at.Compare(b.at) })
	return all, nil
}

// together is how long what is found at once is gathered into one message, as
// polls and batches gather it.
const together = time.Minute

// inMessages puts alerts, in order of time, into the messages they would leave in.
func inMessages(alerts []store.Alert, next func(time.Time) time.Time) (all []Rehearse) {
	for _, a := range alerts {
		last := len(all) - 1
		if next != nil {
			at := next(a.At)
			if last < 0 || !all[last].At.Equal(at) {
				all = append(all, Rehearse{At: at})
			}
			all[len(all)-1].Alerts = append(all[len(all)-1].Alerts, a)
			continue
		}
		if last >= 0 && a.At.Sub(all[last].At) < together {
			all[last].Alerts = append(all[last].Alerts, a)
			continue
		}
		at := a.At
		if n := len(all) - SendsPerHour; n >= 0 { // as many as an hour lets
			if free := all[n].At.Add(paceIsCounted); free.After(at) {
				at = free
			}
		}
		all = append(all, Rehearse{At: at, Alerts: []store.Alert{a}})
	}
	return all
}
