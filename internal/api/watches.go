package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"kliping/internal/news"
	"kliping/internal/outbox"
	"kliping/internal/store"
)

func (s *server) watches(w http.ResponseWriter, r *http.Request) error {
	all, err := s.DB.Watches(r.Context())
	if err != nil {
		return err
	}
	shown := make([]store.Watch, len(all))
	for i := range all {
		shown[i] = all[i].Redacted()
	}
	write(w, http.StatusOK, shown)
	return nil
}

func (s *server) watch(w http.ResponseWriter, r *http.Request) error {
	found, err := s.findWatch(r)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, found.Redacted())
	return nil
}

// findWatch is the watch whose number the path names.
func (s *server) findWatch(r *http.Request) (store.Watch, error) {
	id, err := pathID(r)
	if err != nil {
		return store.Watch{}, err
	}
	return s.DB.Watch(r.Context(), store.WatchID(id))
}

// mostBody is how large a request may be.
const mostBody = 64 << 10

// addWatch makes a watch. The answer has the secrets of its webhooks, which no
// other has.
func (s *server) addWatch(w http.ResponseWriter, r *http.Request) error {
	var asked store.Watch
	if err := readJSON(w, r, &asked); err != nil {
		return err
	}
	for i := range asked.Hooks {
		asked.Hooks[i].Secret = outbox.NewSecret()
	}
	if err := s.CheckWatch(&asked); err != nil {
		return err
	}
	added, err := s.DB.AddWatch(r.Context(), asked)
	if err != nil {
		return err
	}
	w.Header().Set("Location", fmt.Sprintf("/api/watches/%d", added.ID))
	write(w, http.StatusCreated, added)
	return nil
}

// readJSON reads a request's body. Only JSON is taken, as no form of a page can
// send it.
func readJSON(w http.ResponseWriter, r *http.Request, v any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return fmt.Errorf("the request is no JSON: %w: send it with Content-Type: application/json", news.ErrInvalid)
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostBody))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("the request cannot be read: %w: %w", news.ErrInvalid, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("the request has more than one value: %w", news.ErrInvalid)
	}
	return nil
}

func (s *server) removeWatch(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := s.DB.RemoveWatch(r.Context(), store.WatchID(id)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *server) alerts(w http.ResponseWriter, r *http.Request) error {
	p := s.params(r)
	limit := p.limit()
	if p.err != nil {
		return p.err
	}
	found, err := s.findWatch(r)
	if err != nil {
		return err
	}
	all, err := s.DB.Alerts(r.Context(), found.ID, limit)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, append([]store.Alert{}, all...))
	return nil
}
