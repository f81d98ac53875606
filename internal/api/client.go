package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"kliping/index"
	"kliping/internal/news"
	"kliping/internal/pipeline"
)

// Client asks a daemon on this machine: the commands use it for what only the
// daemon can open while it runs.
type Client struct {
	base   string
	secret string
	http   http.Client
}

// NewClient returns a client of the daemon that serves at base, such as
// http://127.0.0.1:8411, and wants the secret, if one is set.
func NewClient(base, secret string) *Client {
	return &Client{base: base, secret: secret}
}

// Search asks the daemon's index. A mistake in the query wraps news.ErrInvalid.
func (c *Client) Search(ctx context.Context, q index.Query) (pipeline.Found, error) {
	var found pipeline.Found
	return found, c.get(ctx, "/api/search?"+searchValues(q), &found)
}

// Sheet has the daemon write what a search finds as CSV.
func (c *Client) Sheet(ctx context.Context, q index.Query, kind pipeline.SheetKind, w io.Writer) error {
	return c.ask(ctx, "/api/search/"+string(kind)+".csv?"+searchValues(q), func(body io.Reader) error {
		if _, err := io.Copy(w, body); err != nil {
			return fmt.Errorf("the table broke off: %w; the daemon's log says more", err)
		}
		return nil
	})
}

func searchValues(q index.Query) string {
	values := url.Values{
		"q": {q.Text}, "lang": {q.Language}, "outlet": {q.Outlet}, "sort": {q.Sort},
		"limit": {strconv.Itoa(q.Limit)}, "offset": {strconv.Itoa(q.Offset)}, "facets": {strconv.Itoa(q.Facets)}, "cursor": {q.Cursor},
	}
	for name, t := range map[string]time.Time{"since": q.Since, "until": q.Until} {
		if !t.IsZero() {
			values.Set(name, t.Format(time.RFC3339Nano))
		}
	}
	return values.Encode()
}

// Status asks how much there is and how far the index has come.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var s Status
	return s, c.get(ctx, "/api/status", &s)
}

// answerTakes is the longest the daemon may take for an answer that is no table;
// those come while they are read.
const answerTakes = time.Minute

func (c *Client) get(ctx context.Context, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, answerTakes)
	defer cancel()
	return c.ask(ctx, path, func(body io.Reader) error { return json.NewDecoder(body).Decode(into) })
}

// ask sends a request and reads what a good answer says.
func (c *Client) ask(ctx context.Context, path string, read func(io.Reader) error) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return fmt.Errorf("ask the daemon: %w", err)
	}
	if c.secret != "" {
		req.Header.Set("Authorization", "Bearer "+c.secret)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("ask the daemon: %w; if it hangs, stop it and try again", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		return read(resp.Body)
	}
	var failure struct {
		Error string `json:"error"`
	}
	_ = json.NewDecoder(resp.Body).Decode(&failure) // whatever it says beside the status is a bonus
	switch resp.StatusCode {
	case http.StatusBadRequest:
		return &RefusalError{failure.Error}
	case http.StatusUnauthorized:
		return errors.New("the daemon wants a password; set password or token here as it is set there")
	}
	return fmt.Errorf("the daemon answered %s: %s", resp.Status, failure.Error)
}

// RefusalError is the daemon's word that a request was wrong. It wraps
// news.ErrInvalid.
type RefusalError struct{ Message string }

func (r *RefusalError) Error() string { return r.Message }

func (r *RefusalError) Unwrap() error { return news.ErrInvalid }
