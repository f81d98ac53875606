package web

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"kliping/internal/digest"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// watchesView is the page of watches.
type watchesView struct {
	Watches []watchRow
}

type watchRow struct {
	store.Watch
	Week int // alerts of the last seven days
}

func (s *server) watches(r *http.Request) (page, error) {
	all, err := s.DB.Watches(r.Context())
	if err != nil {
		return page{}, err
	}
	counts, err := s.DB.AlertCounts(r.Context(), s.Now().Add(-7*24*time.Hour))
	if err != nil {
		return page{}, err
	}
	v := watchesView{}
	for _, w := range all {
		v.Watches = append(v.Watches, watchRow{w.Redacted(), counts[w.ID]})
	}
	return page{name: "watches", Title: count(len(all), "watch", "watches"), Data: v}, nil
}

// alertsShown is how many alerts the page of a watch lists.
const alertsShown = 200

// watchView is the page of one watch.
type watchView struct {
	store.Watch
	Zone   string
	Alerts []store.Alert
	More   bool // there are older ones
}

func (s *server) watch(r *http.Request) (page, error) {
	id, err := pathID(r)
	if err != nil {
		return page{}, err
	}
	w, err := s.DB.Watch(r.Context(), store.WatchID(id))
	if err != nil {
		return page{}, err
	}
	alerts, err := s.DB.Alerts(r.Context(), w.ID, alertsShown+1)
	if err != nil {
		return page{}, err
	}
	v := watchView{Watch: w.Redacted(), Zone: digest.ZoneName(pipeline.WatchZone(&w, s.Location), s.Now()), Alerts: alerts}
	if v.More = len(alerts) > alertsShown; v.More {
		v.Alerts = alerts[:alertsShown]
	}
	names, err := s.DB.OutletNames(r.Context())
	if err != nil {
		return page{}, err
	}
	for i := range v.Alerts {
		v.Alerts[i].Outlet = names.Of(v.Alerts[i].Outlet)
	}
	return page{name: "watch", Title: w.Name, Data: v, Feeds: s.feedLinks(fmt.Sprintf("/api/watches/%d/stories", w.ID), url.Values{}), Sheets: sheetLinks(w.Query, "")}, nil
}
