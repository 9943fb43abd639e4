package kit

import (
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
)

// A town is a team of running stations on loopback, the first of which is its admin.
type town struct {
	t        *testing.T
	recovery string // the words on paper
	admin    *running
}

func newTown(t *testing.T) *town {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "admin")
	made, err := Init(t.Context(), dir, New{Nameplate: Nameplate{Kind: "ambulance", CallSign: "AMB-1"}, Passphrase: words, Team: "Valley"})
	if err != nil {
		t.Fatal(err)
	}
	return &town{t: t, recovery: made.Recovery, admin: start(t, dir, freeAddress(t))}
}

// freeAddress is on loopback, its port and the next held by nobody: gossip that
// begins anew must be found where it was. The ports are below those that the kernel
// gives out by itself.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		port := 20000 + 2*rand.IntN(6000)
		a, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		b, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port+1)))
		a.Close()
		if err != nil {
			continue
		}
		b.Close()
		return a.Addr().String()
	}
	t.Fatal("no two ports are free")
	return ""
}

// invite is an invitation that says where the admin's station is met.
func (w *town) invite() string {
	w.t.Helper()
	until(w.t, "the admin's gossip to begin", func() bool { return len(w.admin.share.addresses()) > 0 })
	i, err := w.admin.Invite(w.t.Context(), w.admin.token)
	if err != nil {
		w.t.Fatal(err)
	}
	return i.Text
}

// join makes a station that answers an invitation, and lets it in.
func (w *town) join(callSign string) (dir string, in api.Approved, approval string) {
	w.t.Helper()
	dir = filepath.Join(w.t.TempDir(), callSign)
	made, err := Init(w.t.Context(), dir, New{Nameplate: Nameplate{Kind: "clinic", CallSign: callSign}, Passphrase: words, Invitation: w.invite()})
	if err != nil {
		w.t.Fatal(err)
	}
	n, err := w.admin.Newcomer(w.t.Context(), w.admin.token, made.Answer)
	if err != nil {
		w.t.Fatal(err)
	}
	if n.Words != made.Words {
		w.t.Fatalf("the screens show %q and %q", n.Words, made.Words)
	}
	in, err = w.admin.Approve(w.t.Context(), w.admin.token, api.Approval{Answer: made.Answer})
	if err != nil {
		w.t.Fatal(err)
	}
	return dir, in, in.Approval
}

// enter is join, and the station started and level with the admin's.
func (w *town) enter(callSign string) *running {
	w.t.Helper()
	dir, _, _ := w.join(callSign)
	r := startWith(w.t, Settings{Dir: dir, Listen: freeAddress(w.t)}, func(k *Kit) { k.share.grace = 0 })
	level(w.t, w.admin, r)
	return r
}

// opened_ is an open Kit of a station that does not run.
func opened_(t *testing.T, dir string) (*Kit, api.Token) {
	t.Helper()
	k, err := Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	token, err := k.Unlock(t.Context(), words)
	if err != nil {
		t.Fatal(err)
	}
	return k, token
}

// until waits for a condition, far longer than it takes on a loaded machine.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited two minutes for %s", what)
		}
	}
}

func peer(t *testing.T, r *running, of *running) api.Peer {
	t.Helper()
	st, err := r.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(st.Peers, func(p api.Peer) bool { return p.CallSign == of.plate.CallSign })
	if i < 0 {
		return api.Peer{}
	}
	return st.Peers[i]
}

// level waits until two stations are in touch and hold the same.
func level(t *testing.T, a, b *running) {
	t.Helper()
	until(t, a.plate.CallSign+" and "+b.plate.CallSign+" to hold the same", func() bool {
		p, q := peer(t, a, b), peer(t, b, a)
		return p.Connected && q.Connected && p.MissingHere+p.MissingThere+q.MissingHere+q.MissingThere == 0 &&
			a.digest() == b.digest()
	})
}

func (r *running) digest() [16]byte {
	r.share.mu.Lock()
	defer r.share.mu.Unlock()
	if r.share.exchange == nil {
		return [16]byte{byte(time.Now().UnixNano())} // equal to nobody's
	}
	return r.share.exchange.Digest()
}

// patient opens an encounter with a note in it.
func patient(t *testing.T, k *Kit, token api.Token, text string) chart.ID {
	t.Helper()
	opened, err := k.Record(t.Context(), token, api.Draft{Kind: "encounter-opened", Content: json.RawMessage(`{"setting":"ambulance"}`)})
	if err != nil {
		t.Fatal(err)
	}
	note(t, k, token, opened.Encounter, text)
	return opened.Encounter
}

func note(t *testing.T, k *Kit, token api.Token, encounter chart.ID, text string) chart.Ref {
	t.Helper()
	content, _ := json.Marshal(&chart.Note{Text: text})
	at, err := k.Record(t.Context(), token, api.Draft{Kind: "note", Encounter: encounter, Content: content})
	if err != nil {
		t.Fatal(err)
	}
	return at.Ref
}

// notes are what can be read in an encounter, and how many entries of it are
// withheld.
func notes(t *testing.T, k *Kit, token api.Token, encounter chart.ID) (texts []string, withheld int) {
	t.Helper()
	entries, err := k.Entries(t.Context(), token, encounter)
	if err != nil {
		return nil, 0
	}
	for _, e := range entries {
		if n, ok := e.Content.(*chart.Note); ok {
			texts = append(texts, n.Text)
		}
		if e.Absent == chart.Withheld {
			withheld++
		}
	}
	return texts, withheld
}

func isFault(err error, code string) bool {
	f, ok := err.(*api.Fault)
	return ok && f.Code == code
}
