package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"os"
	"testing"

	"fieldkit/triage/chart"
)

func (d *desk) LockScreen(_ context.Context, t Token, e chart.ID) error {
	if e != ward {
		return &Fault{CodeNotFound, "nothing is held of it", ""}
	}
	return d.check(t)
}

func (d *desk) AcknowledgeShown(context.Context) error { return nil }

func (d *desk) BreakGlass(_ context.Context, why string) (Token, error) {
	if why == "" {
		return "", &Fault{CodeInvalid, "no reason", "Give one."}
	}
	return token, nil
}

func TestALockedScreenAsksThroughTheSocketWithoutAToken(t *testing.T) {
	c, _ := serve(t, &desk{})
	if err := c.LockScreen(t.Context(), token, ward); err != nil {
		t.Error(err)
	}
	if err := c.LockScreen(t.Context(), "made up", ward); !isFault(err, CodeSession) {
		t.Errorf("locked without a session: %v", err)
	}
	if err := c.AcknowledgeShown(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := c.BreakGlass(t.Context(), ""); !isFault(err, CodeInvalid) {
		t.Errorf("an emergency without a reason: %v", err)
	}
	if got, err := c.BreakGlass(t.Context(), "no badge"); err != nil || got != token {
		t.Errorf("an emergency: %v, %v", got, err)
	}
}

// watched is a station that notes by which token it was followed.
type watched struct {
	desk
	by chan Token
}

func (w *watched) Follow(_ context.Context, t Token, each func([]byte) error) error {
	w.by <- t
	return each([]byte{1})
}

func TestALockedScreenFollowsWithoutAToken(t *testing.T) {
	for _, header := range []string{"", "Bearer", "Bearer "} {
		r := httptest.NewRequest("GET", "/v1/live", nil)
		r.Header.Set("Authorization", header)
		if got := bearer(r); got != "" {
			t.Errorf("the header %q is taken for the token %q", header, got)
		}
	}
	w := &watched{by: make(chan Token, 1)}
	dir := shortDir(t)
	l, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- (&Server{Station: w, Log: slog.New(slog.DiscardHandler)}).Serve(ctx, l) }()
	defer func() { stop(); <-done }()
	c, err := Dial(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	if err := c.Follow(t.Context(), "", func([]byte) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("followed: %v", err)
	}
	if got := <-w.by; got != "" {
		t.Errorf("the station was followed by the token %q", got)
	}
}

// shortDir is a folder whose path is short enough for a socket.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "api")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
