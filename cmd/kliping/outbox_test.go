package main

import (
	"fmt"
	"strings"
	"testing"

	"kliping/internal/outbox"
	"kliping/internal/store"
)

// What is listed holds no secret of a webhook's URL.
func TestListedHidesSecrets(t *testing.T) {
	l := listedOf(store.Message{Kind: outbox.KindHook, Payload: []byte(`{"url":"https://u:PASSWORD@a.example/x?token=TOKEN","secret":"SECRET"}`)})
	if l.To != "https://u:xxxxx@a.example/x?token=xxxxx" || strings.Contains(fmt.Sprint(l), "SECRET") {
		t.Errorf("%+v", l)
	}
}
