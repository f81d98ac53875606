package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"kliping/index"
	"kliping/internal/news"
	"kliping/internal/store"
)

// Watcher tells watches of the stories that they ask for. It follows change
// numbers as the follower does, but its number lies in the store: whatever the
// number of nodes, a story is looked at by one, once. Alerts, what leaves of them
// at once and the number are saved in one transaction that is fenced by the old
// number, so neither a crash nor another node loses or doubles an alert.
type Watcher struct {
	DB       *store.DB
	Preparer *Preparer // cleans the editions that corrections are told by
	Letter   Letter
	Location *time.Location // of watches that name none
	Batch    int            // stories looked at together; default 200
	Now      func() time.Time
	Log      *slog.Logger

	set     int64 // of the watches that are in memory
	known   bool  // there are any
	watches map[store.WatchID]*store.Watch
	matcher *index.Matcher
}

// Watch looks at one batch of changed stories and returns how many it was. Zero
// means that all were looked at, or that another node does.
func (w *Watcher) Watch(ctx context.Context) (int, error) {
	state, err := w.DB.WatchState(ctx)
	if err != nil {
		return 0, err
	}
	if err := w.refresh(ctx, state.Set); err != nil {
		return 0, err
	}
	if state.Cursor >= state.Last {
		return 0, nil
	}
	out := store.Watched{From: state, To: state.Last}
	n := 0
	if len(w.watches) > 0 {
		if n, err = w.look(ctx, &out); err != nil {
			return 0, err
		}
	}
	err = w.DB.SaveWatched(ctx, out)
	if errors.Is(err, news.ErrFenced) {
		return 0, nil
	}
	if err == nil && len(out.Alerts) > 0 {
		w.Log.InfoContext(ctx, "watches told", "stories", n, "alerts", len(out.Alerts), "messages", len(out.Messages))
	}
	return n, err
}

// refresh brings the watches in memory up to date.
func (w *Watcher) refresh(ctx context.Context, set int64) error {
	if w.known && w.set == set {
		return nil
	}
	all, err := w.DB.Watches(ctx)
	if err != nil {
		return err
	}
	if w.matcher == nil {
		w.matcher, w.watches = index.NewMatcher(), map[store.WatchID]*store.Watch{}
	}
	there := make(map[store.WatchID]bool, len(all))
	for i := range all {
		if watch := &all[i]; !watch.Paused {
			there[watch.ID] = w.put(ctx, watch)
		}
	}
	for id := range w.watches {
		if !there[id] {
			w.matcher.Remove(int64(id))
			delete(w.watches, id)
		}
	}
	w.set, w.known = set, true
	return nil
}

// put makes a watch known, and reports whether its query can be read: one that
// an older program took may not be.
func (w *Watcher) put(ctx context.Context, watch *store.Watch) bool {
	old := w.watches[watch.ID]
	if old == nil || old.Query != watch.Query || old.TimeZone != watch.TimeZone {
		if err := w.matcher.Put(int64(watch.ID), watchQuery(watch, w.Location)); err != nil {
			w.Log.ErrorContext(ctx, "a watch is not told anything until its query is changed", "watch", watch.Name, "error", err)
			return false
		}
	}
	w.watches[watch.ID] = watch
	return true
}

func watchQuery(watch *store.Watch, loc *time.Location) index.Query {
	return index.Query{Text: watch.Query, Location: WatchZone(watch, loc)}
}

// WatchZone is the time zone of a watch, or byDefault.
func WatchZone(watch *store.Watch, byDefault *time.Location) *time.Location {
	if watch.TimeZone != "" {
		if loc, err := time.LoadLocation(watch.TimeZone); err == nil { // checked when it was set
			return loc
		}
	}
	return cmp.Or(byDefault, time.UTC)
}

// look finds what the next batch of changes is to be told for.
func (w *Watcher) look(ctx context.Context, out *store.Watched) (int, error) {
	most := cmp.Or(w.Batch, 200)
	changes, err := w.DB.Changes(ctx, out.From.Cursor, most)
	if err != nil {
		return 0, err
	}
	var ids []news.StoryID
	for _, c := range changes {
		if !c.Gone {
			ids = append(ids, c.Story)
		}
	}
	if len(changes) == most {
		out.To = changes[most-1].Change
	} else if len(changes) > 0 { // the last there are
		out.To = max(out.To, changes[len(changes)-1].Change)
	}
	stories, err := w.DB.Documents(ctx, ids)
	if err != nil {
		return 0, err
	}
	told, err := w.told(ctx, stories)
	if err != nil {
		return 0, err
	}
	matched := w.match(stories, told)
	if len(matched) == 0 {
		return len(changes), nil
	}
	names, err := w.DB.OutletNames(ctx)
	if err != nil {
		return 0, err
	}
	editions := &editions{db: w.DB, preparer: w.Preparer, names: names}
	now := w.Now()
	out.Revisits = store.Revisits{Told: now, Due: rung(now, now)}
	for _, m := range matched {
		for _, watch := range m.watches {
			if err := w.tell(ctx, out, m.story, watch, editions, now); err != nil {
				return 0, err
			}
		}
	}
	return len(changes), w.send(ctx, out, now, names)
}

// matched is a story with the watches that ask for it, or were told of it.
type matched struct {
	story   *store.StoryDetail
	watches []asking
}

// asking is a watch and what it has to do with a story.
type asking struct {
	*store.Watch
	matches bool        // its query does, as the story is now
	before  *store.Told // nil: nothing
}

// match finds the watches that stories are for: those whose query matches, and
// those with corrections that were told of the story when it did. What a
// correction takes out may be the very word that was asked for.
func (w *Watcher) match(stories []store.StoryDetail, told *told) (all []matched) {
	now := w.Now()
	for i := range stories {
		d := document(&stories[i])
		m := matched{story: &stories[i]}
		before := told.of(m.story)
		for id, b := range told.left(m.story) {
			if watch := w.watches[id]; watch != nil && watch.Corrections && before[id] == nil {
				before[id] = b
			}
		}
		for _, id := range w.matcher.Match(&d, now) {
			if watch := w.watches[store.WatchID(id)]; watch != nil {
				m.watches = append(m.watches, asking{watch, true, before[watch.ID]})
				delete(before, watch.ID)
			}
		}
		for id, b := range before {
			if watch := w.watches[id]; watch != nil && watch.Corrections {
				m.watches = append(m.watches, asking{watch, false, b})
			}
		}
		if m.watches != nil {
			slices.SortFunc(m.watches, func(a, b asking) int { return cmp.Compare(a.ID, b.ID) })
			all = append(all, m)
		}
	}
	return all
}

// told is what watches were told before, by story and by the article shown.
type told struct {
	stories  map[news.StoryID][]*store.Told
	articles map[news.ArticleID][]*store.Told
	moves    map[news.StoryID][]store.Move // by the story moved into
}

func (w *Watcher) told(ctx context.Context, all []store.StoryDetail) (*told, error) {
	var stories []news.StoryID
	var articles []news.ArticleID
	for i := range all {
		stories = append(stories, all[i].ID)
		for j := range all[i].Members {
			articles = append(articles, all[i].Members[j].ID)
		}
	}
	t := &told{map[news.StoryID][]*store.Told{}, map[news.ArticleID][]*store.Told{}, map[news.StoryID][]store.Move{}}
	moves, err := w.DB.MovesInto(ctx, stories)
	if err != nil {
		return nil, err
	}
	for _, m := range moves {
		t.moves[m.Into] = append(t.moves[m.Into], m)
		stories = append(stories, m.From)
	}
	before, err := w.DB.Told(ctx, stories, articles)
	if err != nil {
		return nil, err
	}
	for i := range before {
		b := &before[i]
		t.stories[b.Story] = append(t.stories[b.Story], b)
		t.articles[b.Shown] = append(t.articles[b.Shown], b)
	}
	return t, nil
}

// of returns what each watch was told of a story: under its number, and of each
// story whose face is a member of it now, because it was merged, or split off with
// that article. So a story is told as new only where neither it nor any article of
// it was shown.
func (t *told) of(s *store.StoryDetail) map[store.WatchID]*store.Told {
	all := map[store.WatchID]*store.Told{}
	for _, b := range t.stories[s.ID] {
		all[b.Watch] = b
	}
	for i := range s.Members {
		for _, b := range t.articles[s.Members[i].ID] {
			if b.Story != s.ID {
				all[b.Watch] = toldTogether(all[b.Watch], b)
			}
		}
	}
	return all
}

// left returns what each watch was told of the story that an article was in before
// its outlet changed it so much that it was moved into this one: a report that was
// withdrawn no longer says what the others say.
func (t *told) left(s *store.StoryDetail) map[store.WatchID]*store.Told {
	all := map[store.WatchID]*store.Told{}
	for _, m := range t.moves[s.ID] {
		i := slices.IndexFunc(s.Members, func(a news.Article) bool { return a.ID == m.Article })
		if i < 0 {
			continue // it has moved on
		}
		for _, b := range t.stories[m.From] {
			if all[b.Watch] == nil && s.Members[i].Version > max(b.Versions[m.Article], 1) {
				all[b.Watch] = b
			}
		}
	}
	return all
}

// tell adds the alert, if there is something to tell.
func (w *Watcher) tell(ctx context.Context, out *store.Watched, s *store.StoryDetail, watch asking, e *editions, now time.Time) error {
	event, reasons, after, err := decide(ctx, watch, s, e)
	if err != nil {
		return err
	}
	if after != nil {
		out.Told = append(out.Told, *after)
	}
	if len(reasons) > 0 {
		out.Alerts = append(out.Alerts, newAlert(watch.Watch, s, now, event, reasons))
		if watch.Corrections {
			out.Revisits.Articles = append(out.Revisits.Articles, toRevisit(s)...)
		}
	}
	return nil
}

// What a watch sends at once is bounded: so many times an hour, with so many
// stories told in full each time. What is over that waits for the next time, or is
// counted.
const (
	SendsPerHour  = 12
	StoriesAMail  = 50
	paceIsCounted = time.Hour
)

// send makes the messages of the watches that are told at once.
func (w *Watcher) send(ctx context.Context, out *store.Watched, now time.Time, names store.OutletNames) error {
	byWatch := map[store.WatchID][]int{}
	for i := range out.Alerts {
		if w.watches[out.Alerts[i].Watch].Schedule == "" {
			byWatch[out.Alerts[i].Watch] = append(byWatch[out.Alerts[i].Watch], i)
		}
	}
	if len(byWatch) == 0 {
		return nil
	}
	pace, err := w.DB.Pace(ctx, now.Add(-paceIsCounted))
	if err != nil {
		return err
	}
	for id, at := range byWatch {
		if p := pace[id]; p.Waiting > 0 || p.Messages >= SendsPerHour {
			continue // Flush sends it together with what waits
		}
		alerts := make([]store.Alert, len(at))
		for n, i := range at {
			out.Alerts[i].Sent = now
			alerts[n] = out.Alerts[i]
		}
		messages, err := w.Letter.messages(w.watches[id], alerts, len(alerts), fmt.Sprintf("c%d", out.To), WatchZone(w.watches[id], w.Location), names)
		if err != nil {
			return err
		}
		out.Messages = append(out.Messages, messages...)
	}
	return nil
}

// Flush sends what watches that are told at once had to keep back, as soon as the
// hour lets them.
func (w *Watcher) Flush(ctx context.Context) error {
	pace, err := w.DB.Pace(ctx, w.Now().Add(-paceIsCounted))
	if err != nil {
		return err
	}
	for id, p := range pace {
		watch := w.watches[id]
		if watch == nil || watch.Schedule != "" || p.Waiting == 0 || p.Messages >= SendsPerHour {
			continue
		}
		if _, err := w.Send(ctx, *watch, ""); err != nil {
			return err
		}
	}
	return nil
}

// Send puts all that waits of a watch into the outbox, as one message to each
// recipient, and takes the slot, if one is named, and reports whether it did: not
// if another node was faster. With nothing to send it takes the slot only.
func (w *Watcher) Send(ctx context.Context, watch store.Watch, slot string) (bool, error) {
	waiting, err := w.DB.Waiting(ctx, watch.ID, 10*StoriesAMail)
	if err != nil {
		return false, err
	}
	d := store.Dispatch{Watch: watch, Slot: slot, Waiting: waiting}
	if waiting.Count > 0 {
		names, err := w.DB.OutletNames(ctx)
		if err != nil {
			return false, err
		}
		d.Messages, err = w.Letter.messages(&watch, waiting.Alerts, waiting.Count, fmt.Sprintf("a%d", waiting.Last), WatchZone(&watch, w.Location), names)
		if err != nil {
			return false, err
		}
	} else if slot == "" {
		return false, nil
	}
	err = w.DB.Dispatch(ctx, d)
	if errors.Is(err, news.ErrFenced) {
		return false, nil
	}
	return err == nil, err
}
