// Package outbox says what leaves by mail and by webhook, and sends it. What is
// to be sent lies in the store's outbox until it is; the words of that row are
// here, so that who writes it and who sends it agree.
//
//   - mail: one message to one person, as text and as HTML
//   - hook: one call of a URL that a person named, with JSON
//   - key: the row's own name, unique for ever: a message is never written twice
//     under it, and its receiver can tell a repetition by it
package outbox

import "encoding/json"

// The kinds of message.
const (
	KindMail = "mail"
	KindHook = "webhook"
)

// Mail is one message to one person. Its Message-ID is made from the row's key,
// so that one sent twice, as after a crash between sending and saving, is one to
// mail programs.
type Mail struct {
	To          string `json:"to"` // an address, with a name or without
	Subject     string `json:"subject"`
	Text        string `json:"text"`
	HTML        string `json:"html,omitempty"`        // inlined CSS only; empty: text alone
	Unsubscribe string `json:"unsubscribe,omitempty"` // URL or mailto: for List-Unsubscribe
	ListID      string `json:"list_id,omitempty"`     // what filters know it by, such as "morning"
}

// Hook is one call of a webhook.
type Hook struct {
	URL    string          `json:"url"`
	Secret string          `json:"secret,omitempty"` // signs the body (HMAC-SHA256); empty: unsigned
	Event  string          `json:"event"`            // what happened, such as "story.new"
	Body   json.RawMessage `json:"body"`
}

// RefusedError says that the receiver will never take a message: there is no
// sense in trying again.
type RefusedError struct{ Reason string }

func (e *RefusedError) Error() string { return e.Reason }

// DownError says that not this message but its way is the trouble: whatever else
// goes there need not be tried now.
type DownError struct {
	Err   error
	Tried bool // the message was sent or begun, so it may yet be what the trouble is about
}

func (e *DownError) Error() string { return e.Err.Error() }

// Unwrap gives what went wrong.
func (e *DownError) Unwrap() error { return e.Err }

// BrokenError says that the server broke the line over a message: which may be
// about that message, about all, or about how many there were. Others tell.
type BrokenError struct{ Err error }

func (e *BrokenError) Error() string { return e.Err.Error() }

// Unwrap gives what went wrong.
func (e *BrokenError) Unwrap() error { return e.Err }
