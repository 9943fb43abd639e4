package thread

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"fieldkit/app/api"
	_ "fieldkit/app/command" // what the program is made of: a change of it makes a kept result void
	"fieldkit/app/demo"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

var rounds = flag.Int("rounds", 20, "how many times the recorder is killed while it writes")

// program builds fieldkitd once, as users run it: without cgo.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "fieldkit-thread-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "fieldkitd")
	cmd := exec.Command("go", "build", "-o", path, "fieldkit/app/fieldkitd")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build fieldkitd: %w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if path, err := program(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// open opens a street for the test and prints its processes.
func open(t *testing.T, more ...demo.Monitor) *demo.Street {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "fieldkit-street-") // t.TempDir's path is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	s, err := demo.Open(t.Context(), dir, path, more...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			logs, _ := filepath.Glob(filepath.Join(dir, "*.log"))
			for _, l := range logs {
				b, _ := os.ReadFile(l)
				t.Logf("%s:\n%s", filepath.Base(l), b)
			}
		}
		os.RemoveAll(dir)
	})
	for _, st := range []*demo.Station{s.Ambulance, s.Clinic, s.Hospital} {
		state := running(t, st)
		t.Logf("%s: parent %d, recorder %d, live %d", st.Name, st.PID(), state.Recorder, state.Live)
	}
	return s
}

// running returns what a station says of itself once its recorder knows both of its
// processes: a recorder that has just started does not know the live process yet.
func running(t *testing.T, st *demo.Station) api.State {
	t.Helper()
	var state api.State
	until(t, "both processes of "+st.Name, func() string {
		var err error
		switch state, err = st.Client.State(t.Context()); {
		case err != nil:
			return err.Error()
		case state.Recorder == 0 || state.Live == 0:
			return fmt.Sprintf("recorder %d, live process %d", state.Recorder, state.Live)
		}
		return ""
	})
	return state
}

// send signals one process. 0, the number of a process that is not known, would be
// everything of this test's process group, the go command and its shell among it.
func send(t *testing.T, pid int, signal syscall.Signal) {
	t.Helper()
	if pid <= 1 {
		t.Fatalf("%v for process %d", signal, pid)
	}
	if err := syscall.Kill(pid, signal); err != nil {
		t.Fatalf("%v for process %d: %v", signal, pid, err)
	}
}

// patience is for a machine that builds and tests other things at the same time.
// How long each thing truly took is printed; a test that waited this long found
// something that does not come.
const patience = 2 * time.Minute

// until tries check, which says what is wrong, until it says nothing.
func until(t *testing.T, what string, check func() string) time.Duration {
	t.Helper()
	began := time.Now()
	wrong := ""
	for time.Since(began) < patience {
		if wrong = check(); wrong == "" {
			return time.Since(began)
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("waited %v for %s: %s", patience, what, wrong)
	return 0
}

// chartOf is an encounter's chart as a station holds it.
func chartOf(t *testing.T, st *demo.Station, encounter chart.ID) (*chart.Chart, error) {
	t.Helper()
	entries, err := st.Client.Entries(t.Context(), st.Token, encounter)
	if err != nil {
		return nil, err
	}
	fold := chart.NewFold(encounter)
	fold.Add(entries...)
	return fold.Chart(), nil
}

// last is the state of a sign as a station's chart has it.
func last(t *testing.T, st *demo.Station, encounter chart.ID, sign vital.Sign) string {
	t.Helper()
	c, err := chartOf(t, st, encounter)
	if err != nil {
		return err.Error()
	}
	m := c.Sign(sign).Last
	if m == nil {
		return "not charted"
	}
	if m.Vital.Value != nil {
		return "measured"
	}
	return m.Vital.State.String()
}

func TestTheThread(t *testing.T) {
	s := open(t)
	stations := []*demo.Station{s.Ambulance, s.Clinic, s.Hospital}

	for _, st := range stations {
		until(t, st.Name+" to hold a measured SpO2", func() string {
			if got := last(t, st, s.Encounter, vital.SpO2); got != "measured" {
				return got
			}
			return ""
		})
	}
	page := openPage(t, s)
	page.waits("a number on the page", func(p pageState) string {
		if n := p.Numbers["SpO2"]; n.State != "measured" || n.Text == "" || n.Text == "0" {
			return fmt.Sprintf("SpO2 is %+v", n)
		}
		if p.Drawn == 0 {
			return "no trace is drawn"
		}
		return ""
	})
	page.picture("page-live.png")

	t.Run("a finger that leaves the probe is probe off everywhere, never 0", func(t *testing.T) {
		page := page.with(t)
		if err := s.Oximeter.Say("probe off"); err != nil {
			t.Fatal(err)
		}
		page.waits("probe off on the page", func(p pageState) string {
			if n := p.Numbers["SpO2"]; n.State != "probe_off" {
				return fmt.Sprintf("SpO2 is %+v", n)
			}
			return ""
		})
		page.picture("page-probe-off.png")
		for _, st := range stations {
			until(t, "probe off in the chart of "+st.Name, func() string {
				if got := last(t, st, s.Encounter, vital.SpO2); got != "probe off" {
					return got
				}
				return ""
			})
			c, err := chartOf(t, st, s.Encounter)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range c.Sign(vital.SpO2).All {
				if m.Vital.Value != nil && m.Vital.Value.Cmp(vital.Int(50)) < 0 {
					t.Errorf("%s charted SpO2 %v", st.Name, m.Vital.Value)
				}
			}
		}
		if err := s.Oximeter.Say("probe on"); err != nil {
			t.Fatal(err)
		}
		page.waits("the number back", func(p pageState) string {
			if n := p.Numbers["SpO2"]; n.State != "measured" {
				return fmt.Sprintf("SpO2 is %+v", n)
			}
			return ""
		})
	})

	t.Run("a page loaded anew asks for no password and shows the patient again", func(t *testing.T) {
		page := page.with(t)
		page.do(chromedp.Reload())
		page.waits("the number and the trace", func(p pageState) string {
			if n := p.Numbers["SpO2"]; n.State != "measured" || p.Drawn == 0 {
				return fmt.Sprintf("SpO2 is %+v, %d samples are drawn", n, p.Drawn)
			}
			return ""
		})
	})

	t.Run("the live process killed: the page says so, the recorder loses nothing, the gap fills", func(t *testing.T) {
		page := page.with(t)
		before := running(t, s.Ambulance)
		// The parent would have it back before the page could say anything: it is held
		// still meanwhile.
		send(t, s.Ambulance.PID(), syscall.SIGSTOP)
		resume := sync.OnceFunc(func() { send(t, s.Ambulance.PID(), syscall.SIGCONT) })
		defer resume()
		send(t, before.Live, syscall.SIGKILL)
		page.waits("the page to say that the link is silent", func(p pageState) string {
			if !p.Silent {
				return "it does not"
			}
			return ""
		})
		page.picture("page-silent.png")
		resume()
		late := 0
		page.waits("the page to be live again", func(p pageState) string {
			late = p.Late
			if p.Silent || p.Numbers["SpO2"].State != "measured" {
				return fmt.Sprintf("silent %v, SpO2 %+v", p.Silent, p.Numbers["SpO2"])
			}
			return ""
		})
		took := page.waits("the gap to be filled", func(p pageState) string {
			if late = p.Late; p.Missing > 0 || late < 10 {
				return fmt.Sprintf("%d tenths are missing, %d came late", p.Missing, p.Late)
			}
			return ""
		})
		t.Logf("%d tenths filled in %v after the link was back", late, took.Round(10*time.Millisecond))
		if after := running(t, s.Ambulance); after.Recorder != before.Recorder {
			t.Errorf("the recorder was restarted (%d to %d) though only the live process was killed", before.Recorder, after.Recorder)
		}
	})

	t.Run("the recorder killed: back without a passphrase", func(t *testing.T) {
		for range 3 {
			before := running(t, s.Ambulance)
			send(t, before.Recorder, syscall.SIGKILL)
			took := until(t, "the recorder", func() string {
				st, err := s.Ambulance.Client.State(t.Context())
				switch {
				case err != nil:
					return err.Error()
				case st.Recorder == before.Recorder:
					return "it is not dead yet"
				case st.Locked:
					return "it asks for a passphrase"
				case len(st.Ports) == 0 || st.Ports[0].Encounter != s.Encounter:
					return "the oximeter does not record to its encounter"
				}
				return ""
			})
			t.Logf("recorder %d is back after %v", before.Recorder, took.Round(time.Millisecond))
			time.Sleep(500 * time.Millisecond)
		}
	})

	t.Run("the live processes of both ends crash: the recorders go on and the page is live again", func(t *testing.T) {
		page := page.with(t)
		for _, st := range []*demo.Station{s.Ambulance, s.Hospital} {
			before := running(t, st)
			send(t, before.Live, syscall.SIGABRT) // as the runtime ends a panic: a trace, and gone
			until(t, "another live process of "+st.Name, func() string {
				after, err := st.Client.State(t.Context())
				switch {
				case err != nil:
					return err.Error()
				case after.Live == 0 || after.Live == before.Live:
					return "it is not there"
				case after.Recorder != before.Recorder:
					t.Fatalf("the recorder was restarted (%d to %d)", before.Recorder, after.Recorder)
				}
				return ""
			})
		}
		for _, c := range [][2]string{{"probe off", "probe_off"}, {"probe on", "measured"}} {
			if err := s.Oximeter.Say(c[0]); err != nil {
				t.Fatal(err)
			}
			page.waits("what happens now to be on the page", func(p pageState) string {
				if n := p.Numbers["SpO2"]; p.Silent || n.State != c[1] {
					return fmt.Sprintf("silent %v, SpO2 %+v", p.Silent, n)
				}
				return ""
			})
		}
	})
}

func TestMonitorsFoundByThemselvesShareAPatientsTile(t *testing.T) {
	s := open(t, demo.Bedside)
	state := running(t, s.Ambulance)
	for _, p := range state.Ports {
		t.Logf("%s: %s by driver %s, %s", p.Name, p.Monitor, p.Driver, p.State)
		if p.Encounter != s.Encounter {
			t.Errorf("%s records to another encounter", p.Name)
		}
	}
	page := openPage(t, s)
	page.waits("heart rate and saturation", func(p pageState) string {
		for _, sign := range []string{"HR", "SpO2"} { // the tile has room for four
			if n := p.Numbers[sign]; n.State != "measured" || n.Text == "0" {
				return fmt.Sprintf("%s is %+v", sign, n)
			}
		}
		return ""
	})
	time.Sleep(8 * time.Second) // for the sweep to fill the picture
	page.picture("page-bedside.png")
	until(t, "the minute's vitals in the clinic's chart", func() string {
		for _, sign := range []vital.Sign{vital.HeartRate, vital.SpO2, vital.EtCO2} {
			if got := last(t, s.Clinic, s.Encounter, sign); got != "measured" {
				return sign.Info().Label + " is " + got
			}
		}
		return ""
	})
}

func TestKillingTheRecorderWhileItWritesLosesNoAcknowledgedEntry(t *testing.T) {
	s := open(t)
	a := s.Ambulance
	passphrase, err := os.ReadFile(filepath.Join(s.Dir, "passphrase"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	var inFlight atomic.Int64
	// One of the writers signs in after each restart: the passphrase takes a slow
	// machine a second.
	var signing sync.Mutex
	current := api.Token("")
	signIn := func(stale api.Token) api.Token {
		signing.Lock()
		defer signing.Unlock()
		for current == stale && ctx.Err() == nil {
			t, err := a.Client.Unlock(ctx, string(passphrase))
			if err == nil {
				current = t
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		return current
	}
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			token := signIn("")
			for n := 0; ctx.Err() == nil; n++ {
				text := fmt.Sprintf("writer %d note %d", w, n)
				content, _ := json.Marshal(&chart.Note{Text: text})
				inFlight.Add(1)
				_, err := a.Client.Record(ctx, token, api.Draft{Kind: "note", Encounter: s.Encounter, Content: content})
				inFlight.Add(-1)
				if err == nil {
					mu.Lock()
					acknowledged[text] = true
					mu.Unlock()
				} else if !strings.Contains(err.Error(), "reach") {
					token = signIn(token)
				}
			}
		})
	}
	count := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(acknowledged)
	}
	hits := 0
	for range *rounds {
		before := api.State{}
		until(t, "the recorder", func() string {
			var err error
			if before, err = a.Client.State(t.Context()); err != nil {
				return err.Error()
			}
			return ""
		})
		was := count()
		until(t, "an entry since the last kill", func() string {
			if count() == was {
				return "nothing acknowledged yet"
			}
			return ""
		})
		time.Sleep(time.Duration(time.Now().UnixNano()%200) * time.Millisecond)
		if inFlight.Load() > 0 {
			hits++
		}
		send(t, before.Recorder, syscall.SIGKILL)
		until(t, "another recorder", func() string {
			st, err := a.Client.State(t.Context())
			if err != nil {
				return err.Error()
			}
			if st.Recorder == before.Recorder || st.Locked {
				return "not yet"
			}
			return ""
		})
	}
	stop()
	writers.Wait()
	token, err := a.Client.Unlock(t.Context(), string(passphrase))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := a.Client.Entries(t.Context(), token, s.Encounter)
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]bool{}
	for _, e := range entries {
		if n, ok := e.Content.(*chart.Note); ok {
			held[n.Text] = true
		}
		if e.Absent != chart.Present {
			t.Errorf("entry %v is %v", e.Ref, e.Absent)
		}
	}
	for text := range acknowledged {
		if !held[text] {
			t.Errorf("%q was acknowledged and is gone", text)
		}
	}
	t.Logf("%d rounds, a write in flight in %d of them; %d entries acknowledged, %d held", *rounds, hits, len(acknowledged), len(held))
	if len(acknowledged) < *rounds || hits == 0 {
		t.Errorf("the trial proves nothing: %d acknowledged, %d hits", len(acknowledged), hits)
	}
}
