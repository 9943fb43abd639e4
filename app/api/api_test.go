package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fieldkit/triage/chart"
)

// desk is a station with one open session and one encounter.
type desk struct {
	mu      sync.Mutex
	drafts  []Draft
	frames  [][]byte
	signout int
}

const (
	passphrase = "right words"
	token      = Token("token of the day")
)

var ward = chart.ID{15: 7}

func (d *desk) check(t Token) error {
	if t != token {
		return &Fault{CodeSession, "nobody is signed in with this token", "Sign in again."}
	}
	return nil
}

func (d *desk) State(context.Context) (State, error) {
	return State{CallSign: "AMB-7", Version: "1"}, nil
}

func (d *desk) Unlock(_ context.Context, p string) (Token, error) {
	if p != passphrase {
		return "", &Fault{CodeRefused, "the passphrase does not open this store", "Try again."}
	}
	return token, nil
}

func (d *desk) RecordAll(ctx context.Context, t Token, drafts []Draft) (out []Recorded, err error) {
	for _, draft := range drafts {
		r, err := d.Record(ctx, t, draft)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

func (d *desk) Lock(_ context.Context, t Token) error { return d.check(t) }

func (d *desk) SignOut(context.Context, Token) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.signout++
	return nil
}

func (d *desk) Encounters(_ context.Context, t Token) ([]chart.Row, error) {
	return []chart.Row{{Encounter: ward}}, d.check(t)
}

func (d *desk) Entries(_ context.Context, t Token, id chart.ID) ([]chart.Entry, error) {
	if id != ward {
		return nil, &Fault{CodeNotFound, "nothing is held of it", ""}
	}
	return []chart.Entry{{Ref: chart.Ref{Seq: 1}, Log: 2, Encounter: ward, Wall: time.UnixMilli(1).UTC(), Happened: time.UnixMilli(1).UTC(), Content: &chart.Note{Text: "found sitting"}}}, d.check(t)
}

func (d *desk) Record(_ context.Context, t Token, draft Draft) (Recorded, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.drafts = append(d.drafts, draft)
	return Recorded{Ref: chart.Ref{Seq: uint64(len(d.drafts))}, Encounter: draft.Encounter}, d.check(t)
}

func (d *desk) Verify(_ context.Context, t Token) (Verified, error) {
	return Verified{Entries: 3}, d.check(t)
}

func (d *desk) Backup(_ context.Context, t Token, path string) error {
	if path == "" {
		return errors.New("write the backup: the disk said no")
	}
	return d.check(t)
}

func (d *desk) ChangePassphrase(_ context.Context, t Token, _, _ string) error { return d.check(t) }

func (d *desk) Erase(_ context.Context, t Token, _ chart.ID, _ string) (Erased, error) {
	return Erased{Entries: 2}, d.check(t)
}

func (d *desk) Follow(ctx context.Context, t Token, each func([]byte) error) error {
	if err := d.check(t); err != nil {
		return err
	}
	for _, f := range d.frames {
		if err := each(f); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return ctx.Err()
}

// serve runs a server for the test and gives a client of it.
func serve(t *testing.T, d *desk) (*Client, string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "api") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	l, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- (&Server{Station: d, Log: slog.New(slog.DiscardHandler)}).Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		os.RemoveAll(dir)
	})
	c, err := Dial(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return c, dir
}

func TestAFaceDoesThroughTheSocketWhatItMay(t *testing.T) {
	d := &desk{}
	c, _ := serve(t, d)
	if st, err := c.State(t.Context()); err != nil || st.CallSign != "AMB-7" {
		t.Errorf("state without a token: %+v, %v", st, err)
	}
	if _, err := c.Encounters(t.Context(), "made up"); !isFault(err, CodeSession) {
		t.Errorf("the list without a session: %v", err)
	}
	if _, err := c.Unlock(t.Context(), "wrong words"); !isFault(err, CodeRefused) {
		t.Errorf("wrong words: %v", err)
	}
	tok, err := c.Unlock(t.Context(), passphrase)
	if err != nil {
		t.Fatal(err)
	}
	if rows, err := c.Encounters(t.Context(), tok); err != nil || len(rows) != 1 || rows[0].Encounter != ward {
		t.Errorf("the list: %v, %v", rows, err)
	}
	entries, err := c.Entries(t.Context(), tok, ward)
	if err != nil || len(entries) != 1 {
		t.Fatalf("entries: %v, %v", entries, err)
	}
	if note, ok := entries[0].Content.(*chart.Note); !ok || note.Text != "found sitting" {
		t.Errorf("the content came as %#v", entries[0].Content)
	}
	if _, err := c.Entries(t.Context(), tok, chart.ID{1}); !isFault(err, CodeNotFound) {
		t.Errorf("another encounter: %v", err)
	}
	r, err := c.Record(t.Context(), tok, Draft{Kind: "note", Encounter: ward, Content: json.RawMessage(`{"text":"x"}`)})
	if err != nil || r.Ref.Seq != 1 || d.drafts[0].Kind != "note" || string(d.drafts[0].Content) != `{"text":"x"}` {
		t.Errorf("record: %+v, %v, arrived as %+v", r, err, d.drafts)
	}
	amends := chart.Ref{Device: chart.Device{7}, Epoch: chart.Epoch{7}, Seq: 9}
	both, err := c.RecordAll(t.Context(), tok, []Draft{
		{Kind: "event", Encounter: ward, Content: json.RawMessage(`{"name":"fell"}`)},
		{Kind: "note", Encounter: ward, Content: json.RawMessage(`{"text":"y"}`), Amends: amends, Why: "wrong word"},
	})
	if err != nil || len(both) != 2 || len(d.drafts) != 3 || d.drafts[1].Kind != "event" || d.drafts[2].Amends != amends || d.drafts[2].Why != "wrong word" || d.drafts[0].Amends != (chart.Ref{}) {
		t.Errorf("two together: %+v, %v, arrived as %+v", both, err, d.drafts)
	}
	if v, err := c.Verify(t.Context(), tok); err != nil || v.Entries != 3 {
		t.Errorf("verify: %+v, %v", v, err)
	}
	if err := c.Backup(t.Context(), tok, ""); !isFault(err, CodeFailed) || !strings.Contains(err.Error(), "the disk said no") {
		t.Errorf("a failed backup: %v", err)
	}
	if e, err := c.Erase(t.Context(), tok, ward, "asked"); err != nil || e.Entries != 2 {
		t.Errorf("erase: %+v, %v", e, err)
	}
	if err := errors.Join(c.ChangePassphrase(t.Context(), tok, "a", "b"), c.Lock(t.Context(), tok), c.SignOut(t.Context(), tok)); err != nil || d.signout != 1 {
		t.Errorf("passphrase, lock, sign out: %v, %d", err, d.signout)
	}
}

func isFault(err error, code string) bool {
	var f *Fault
	return errors.As(err, &f) && f.Code == code
}

func TestLiveFramesComeAsTheyAreAndNotWithoutASession(t *testing.T) {
	d := &desk{frames: [][]byte{{1, 2, 3}, bytes.Repeat([]byte{9}, 4000)}}
	c, _ := serve(t, d)
	enough := errors.New("enough")
	var got [][]byte
	err := c.Follow(t.Context(), token, func(b []byte) error {
		got = append(got, bytes.Clone(b))
		if len(got) == len(d.frames) {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || !bytes.Equal(got[0], d.frames[0]) || !bytes.Equal(got[1], d.frames[1]) {
		t.Errorf("followed %d frames, %v", len(got), err)
	}
	err = c.Follow(t.Context(), "made up", func([]byte) error { t.Error("a frame without a session"); return nil })
	if err == nil || !strings.Contains(err.Error(), "nobody is signed in") {
		t.Errorf("without a session: %v", err)
	}
}

func TestNobodyElseMayOpenTheSocket(t *testing.T) {
	_, dir := serve(t, &desk{})
	info, err := os.Stat(SocketPath(dir))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket's mode is %v (%v), want 0600", info.Mode(), err)
	}
}

func TestADeepFolderStillHasASocket(t *testing.T) {
	deep := filepath.Join(t.TempDir(), strings.Repeat("a long name/", 12))
	path := SocketPath(deep)
	if len(path) > maxSocketPath {
		t.Errorf("%d bytes are more than a socket's address holds", len(path))
	}
	if path == SocketPath(deep+"x") {
		t.Error("two folders share one socket")
	}
}

func TestNoStationIsSaid(t *testing.T) {
	if _, err := Dial(t.Context(), t.TempDir()); !errors.Is(err, ErrNoStation) {
		t.Errorf("dialling nobody: %v", err)
	}
}

func TestBadRequestsAreRefusedWithoutRepeatingThem(t *testing.T) {
	const secret = "Mrs Okonkwo"
	for _, c := range []struct{ story, method, path, body string }{
		{"broken JSON", "POST", "/v1/entries", `{"kind":"note","content":{"text":"` + secret},
		{"a field it does not know", "POST", "/v1/entries", `{"kind":"note","colour":"` + secret + `"}`},
		{"the wrong kind of value", "POST", "/v1/entries", `{"kind":["` + secret + `"]}`},
		{"two values", "POST", "/v1/entries", `{"kind":"note"} {"kind":"` + secret + `"}`},
		{"nothing", "POST", "/v1/unlock", ``},
		{"an id that is none", "GET", "/v1/encounters/" + strings.ReplaceAll(secret, " ", "%20") + "/entries", ``},
		{"far too much", "POST", "/v1/entries", `{"kind":"` + strings.Repeat("x", maxBody) + `"}`},
	} {
		t.Run(c.story, func(t *testing.T) {
			code, answer := request(&desk{}, c.method, c.path, c.body)
			if code != http.StatusUnprocessableEntity {
				t.Errorf("answered %d: %s", code, answer)
			}
			if strings.Contains(answer, "Okonkwo") {
				t.Errorf("the answer repeats what was sent: %s", answer)
			}
		})
	}
}

func request(d *desk, method, path, body string) (int, string) {
	s := &Server{Station: d, Log: slog.New(slog.DiscardHandler)}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+string(token))
	w := httptest.NewRecorder()
	s.routes().ServeHTTP(w, r)
	b, _ := io.ReadAll(w.Result().Body)
	return w.Code, string(b)
}

// FuzzRequest holds the API to it: whatever is asked, the answer to a good request
// is JSON, and the server stands.
func FuzzRequest(f *testing.F) {
	methods := [...]string{"GET", "POST", "DELETE"}
	f.Add(uint8(1), "entries", `{"kind":"note","encounter":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f","content":{"text":"x"}}`)
	f.Add(uint8(1), "unlock", `{"passphrase":"right words"}`)
	f.Add(uint8(1), "erase", `{"encounter":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f","why":"asked"}`)
	f.Add(uint8(0), "encounters/00000000-0000-0000-0000-000000000007/entries", ``)
	f.Add(uint8(2), "session", ``)
	f.Fuzz(func(t *testing.T, method uint8, path, body string) {
		if strings.HasPrefix(path, "live") {
			return // it goes on for as long as its face does
		}
		s := &Server{Station: &desk{}, Log: slog.New(slog.DiscardHandler)}
		r := httptest.NewRequest(methods[int(method)%len(methods)], "/v1/", strings.NewReader(body))
		r.URL.Path += path
		r.Header.Set("Authorization", "Bearer "+string(token))
		w := httptest.NewRecorder()
		s.routes().ServeHTTP(w, r)
		if w.Code == http.StatusOK && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s %s answered what is no JSON: %q", r.Method, path, w.Body)
		}
	})
}
