package api

import (
	"net/http"
	"time"

	"kliping/internal/pipeline"
)

// pressWindow is how far back a list of outlets looks where nothing else is asked.
const pressWindow = 30 * 24 * time.Hour

func (s *server) outlets(w http.ResponseWriter, r *http.Request) error {
	press, err := s.press(r)
	if err != nil {
		return err
	}
	if by := r.URL.Query().Get("sort"); by != "" {
		if err := press.Sort(by); err != nil {
			return err
		}
	}
	write(w, http.StatusOK, press)
	return nil
}

func (s *server) outlet(w http.ResponseWriter, r *http.Request) error {
	press, err := s.press(r)
	if err != nil {
		return err
	}
	row, err := press.Outlet(r.PathValue("domain"))
	if err != nil {
		return err
	}
	write(w, http.StatusOK, row)
	return nil
}

func (s *server) press(r *http.Request) (pipeline.Press, error) {
	p := s.params(r)
	since, until := p.time("since"), p.time("until")
	if p.err != nil {
		return pipeline.Press{}, p.err
	}
	if until.IsZero() {
		until = s.Now()
	}
	if since.IsZero() {
		since = until.Add(-pressWindow)
	}
	return pipeline.ReadPress(r.Context(), s.DB, since, until)
}
