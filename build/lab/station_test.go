package lab

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
)

// A station is one real station of a trial.
type station struct {
	*Host
	kind   string
	dir    string
	client *api.Client
	token  api.Token
	own    chart.ID // the encounter it writes to
	more   []string // flags of its own

	process *Process
	acked   []chart.Ref // what it called recorded; its writer's until the writer has ended
	refused int         // writes that were not taken
}

// A team is stations enrolled with each other and running on hosts of one lab.
type team struct {
	t          *testing.T
	dir        string
	program    string
	passphrase string
	stations   []*station
	multicast  bool // they may find each other by themselves; else they are told two addresses
}

// newTeam builds the program, makes n stations, the first of them the admin's, and
// starts them behind link.
func newTeam(t *testing.T, l *Lab, n int, link Link, multicast bool) *team {
	t.Helper()
	m := &team{t: t, dir: t.TempDir(), multicast: multicast, passphrase: "laboratory " + rand.Text() + " four five words"}
	m.program = filepath.Join(m.dir, "fieldkitd")
	build := exec.Command("go", "build", "-o", m.program, "fieldkit/app/fieldkitd")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the station: %v\n%s", err, out)
	}
	if err := os.WriteFile(m.path("passphrase"), []byte(m.passphrase+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		s := &station{kind: "ambulance", dir: m.path(fmt.Sprint("station", i))}
		switch i {
		case 1:
			s.kind = "clinic"
		case 2:
			s.kind = "hospital"
		}
		s.Host = l.mustHost(t, fmt.Sprintf("%s %d", s.kind, i), link)
		m.stations = append(m.stations, s)
	}
	m.enrol()
	t.Cleanup(m.stop)
	for _, s := range m.stations {
		m.start(s)
	}
	return m
}

func (m *team) path(name string) string { return filepath.Join(m.dir, name) }

// ask runs a command for s that ends by itself.
func (m *team) ask(s *station, args ...string) (out struct{ Device, Invitation string }) {
	m.t.Helper()
	cmd := exec.Command(m.program, append(args, "--data", s.dir, "--passphrase-file", m.path("passphrase"), "--json")...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	b, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		m.t.Fatalf("%v: %v: %s", args, err, stderr.Bytes())
	}
	return out
}

func (m *team) enrol() {
	m.t.Helper()
	admin := m.stations[0]
	m.ask(admin, "init", "--kind", admin.kind, "--call-sign", admin.Name, "--team", "laboratory", "--training")
	for _, s := range m.stations[1:] {
		invitation := m.ask(admin, "team", "invite").Invitation
		device := m.ask(s, "init", "--kind", s.kind, "--call-sign", s.Name, "--join", invitation, "--training").Device
		m.ask(admin, "team", "approve", device, "--kind", s.kind, "--call-sign", s.Name, "--grant", "all") // a hospital too: the trials compare whole records
	}
}

// start starts s on its host and signs in.
func (m *team) start(s *station) {
	m.t.Helper()
	args := []string{"station"}
	if s.kind == "hospital" {
		args = []string{"hospital", "--serve", ":8443"}
	}
	args = append(args, "--data", s.dir, "--passphrase-file", m.path("passphrase"), "--only-ports", "--listen", ":7700")
	args = append(args, s.more...)
	if !m.multicast {
		args = append(args, "--loopback")
		for _, other := range m.stations[:min(2, len(m.stations))] {
			if other != s {
				args = append(args, "--join", other.Address()+":7701")
			}
		}
	}
	cmd := exec.Command(m.program, args...)
	log, err := os.OpenFile(s.dir+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		m.t.Fatal(err)
	}
	defer log.Close()
	cmd.Stderr = log
	if s.process, err = s.Start(cmd); err != nil {
		m.t.Fatal(err)
	}
	m.await(s.Name+" to open its store", time.Minute, func(ctx context.Context) (err error) {
		if s.client, err = api.Dial(ctx, s.dir); err != nil {
			return err
		}
		s.token, err = s.client.Unlock(ctx, m.passphrase)
		return err
	})
	var state api.State
	m.await(s.Name+" to start its parts", time.Minute, func(ctx context.Context) (err error) {
		if state, err = s.client.State(ctx); err == nil && state.Live == 0 {
			err = errors.New("its live process is not there yet")
		}
		return err
	})
	m.t.Logf("%s: process %d, recorder %d, live %d, at %s", s.Name, s.process.PID(), state.Recorder, state.Live, s.Address())
}

// stop ends every station, and shows what they logged when the trial failed.
func (m *team) stop() {
	for _, s := range slices.Backward(m.stations) {
		if s.process == nil {
			continue
		}
		if err := s.process.Stop(15 * time.Second); err != nil {
			m.t.Error(err)
		}
		if log, err := os.ReadFile(s.dir + ".log"); err == nil && m.t.Failed() {
			m.t.Logf("%s said last:\n%s", s.Name, log[max(0, len(log)-3000):])
		}
	}
}

// await tries until it gives no error.
func (m *team) await(what string, limit time.Duration, try func(context.Context) error) time.Duration {
	m.t.Helper()
	ctx, stop := context.WithTimeout(m.t.Context(), limit)
	defer stop()
	began := time.Now()
	for {
		err := try(ctx)
		if err == nil {
			return time.Since(began)
		}
		select {
		case <-ctx.Done():
			m.t.Fatalf("waited %v for %s: %v", limit, what, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// record writes one entry through the station's API.
func (s *station) record(ctx context.Context, d api.Draft, content any) (api.Recorded, error) {
	b, err := json.Marshal(content)
	if err != nil {
		return api.Recorded{}, err
	}
	d.Content = b
	return s.client.Record(ctx, s.token, d)
}

// write records notes every now and then until ctx ends.
func (s *station) write(ctx context.Context, every time.Duration) error {
	opened, err := s.record(context.Background(), api.Draft{Kind: "encounter-opened"}, &chart.EncounterOpened{Setting: "trial", CallSign: s.Name})
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	s.own = opened.Encounter
	s.acked = append(s.acked, opened.Ref)
	for n := 1; ctx.Err() == nil; n++ {
		got, err := s.record(context.Background(), api.Draft{Kind: "note", Encounter: s.own}, &chart.Note{Text: fmt.Sprintf("note %d of %s", n, s.Name)})
		if err != nil {
			s.refused++
		} else {
			s.acked = append(s.acked, got.Ref)
		}
		select {
		case <-ctx.Done():
		case <-time.After(every):
		}
	}
	return nil
}

// held is everything of every encounter that s shows: where each entry stands and
// the hash of what it says.
func (s *station) held(ctx context.Context) (map[chart.Ref]string, error) {
	rows, err := s.client.Encounters(ctx, s.token)
	if err != nil {
		return nil, err
	}
	held := map[chart.Ref]string{}
	for _, row := range rows {
		entries, err := s.client.Entries(ctx, s.token, row.Encounter)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			b, err := json.Marshal(struct {
				Wall, Happened     time.Time
				Author             chart.Author
				Patient, Encounter chart.ID
				Saw                []chart.Ref
				Content            chart.Content
				Absent             chart.Absent
			}{e.Wall, e.Happened, e.Author, e.Patient, e.Encounter, e.Saw, e.Content, e.Absent})
			if err != nil {
				return nil, err
			}
			held[e.Ref] = fmt.Sprintf("%x", sha256.Sum256(b))
		}
	}
	return held, nil
}

// equal reports how the stations' records differ, nil when not at all.
func (m *team) equal(ctx context.Context) error {
	first, err := m.stations[0].held(ctx)
	if err != nil {
		return err
	}
	for _, s := range m.stations[1:] {
		other, err := s.held(ctx)
		if err != nil {
			return err
		}
		differ := 0
		for ref, hash := range first {
			if other[ref] != hash {
				differ++
			}
		}
		for ref := range other {
			if first[ref] == "" {
				differ++
			}
		}
		if differ > 0 {
			return fmt.Errorf("%s and %s differ in %d of %d entries", m.stations[0].Name, s.Name, differ, max(len(first), len(other)))
		}
	}
	return nil
}

// level waits until all stations show the same digest of their records, and returns
// how long after healed the last of them first showed it. Asking a station for its
// state costs it next to nothing, so the watching does not slow what is watched.
func (m *team) level(t *testing.T, healed time.Time, limit time.Duration) time.Duration {
	t.Helper()
	since := make([]time.Duration, len(m.stations)) // the digest shown now has been shown since then
	shown := make([]string, len(m.stations))
	for next := time.Second; ; {
		states := make([]api.State, len(m.stations))
		var all sync.WaitGroup
		for i, s := range m.stations {
			all.Go(func() {
				state, err := s.client.State(t.Context())
				if at := time.Since(healed); err == nil && state.Record != shown[i] {
					shown[i], since[i] = state.Record, at
				}
				states[i] = state
			})
		}
		all.Wait()
		now := time.Since(healed)
		counts := map[string]int{}
		for _, d := range shown {
			counts[d]++
		}
		if len(counts) == 1 && shown[0] != "" {
			t.Logf("the stations were level after %v", tenths(since))
			return slices.Max(since)
		}
		if now > next {
			apart, missing := 0, uint64(0)
			for _, state := range states {
				for _, p := range state.Peers {
					if !p.Connected {
						apart++
					}
					missing += p.MissingHere
				}
			}
			t.Logf("%v after the heal: %d different records, %d contacts missing, %d entries known to be missing", next, len(counts), apart, missing)
			next += time.Second
		}
		if now > limit {
			t.Fatalf("the records are not level %v after the last heal: %v", limit, counts)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func tenths(list []time.Duration) []time.Duration {
	list = slices.Sorted(slices.Values(list))
	for i := range list {
		list[i] = list[i].Round(100 * time.Millisecond)
	}
	return list
}

// complete fails the trial for each entry that was called recorded and is missing
// somewhere.
func (m *team) complete() (entries int) {
	m.t.Helper()
	for _, s := range m.stations {
		held, err := s.held(m.t.Context())
		if err != nil {
			m.t.Fatal(err)
		}
		entries = len(held)
		for _, writer := range m.stations {
			missing := 0
			for _, ref := range writer.acked {
				if held[ref] == "" {
					missing++
				}
			}
			if missing > 0 {
				m.t.Errorf("%s lacks %d of the %d entries that %s called recorded", s.Name, missing, len(writer.acked), writer.Name)
			}
		}
	}
	return entries
}

// together reports who is not in touch with whom, nil when everybody is with
// everybody.
func (m *team) together(ctx context.Context) error {
	var away []string
	for _, s := range m.stations {
		state, err := s.client.State(ctx)
		if err != nil {
			return err
		}
		for _, p := range state.Peers {
			if !p.Connected {
				away = append(away, s.Name+" without "+p.CallSign)
			}
		}
		if len(state.Peers) != len(m.stations)-1 {
			away = append(away, fmt.Sprintf("%s knows %d peers", s.Name, len(state.Peers)))
		}
	}
	if len(away) > 0 {
		return errors.New(strings.Join(away[:min(5, len(away))], "; "))
	}
	return nil
}

// load is the machine's, for the reader of a figure.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(b))[:3], " ")
}
