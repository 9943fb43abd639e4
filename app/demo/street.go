package demo

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
)

// A Street is one ambulance or two with simulated monitors, a clinic that shares their
// record, and a hospital with its page, on one machine: real processes with data
// folders of their own.
type Street struct {
	Dir       string // all of it; Close leaves it, its owner removes it
	Board     string // the page's address
	Password  string // of the account "er" at the page
	Encounter chart.ID

	Ambulance, Clinic, Hospital *Station
	Second                      *Station // another ambulance with its own patient, on a street opened by OpenTwo
	// Monitors are the simulated ones on the ambulance's patient, by driver. Each
	// takes "probe off" and "probe on".
	Monitors map[string]*Process
	Oximeter *Process // the one of Monitors on the patient's finger

	program    string
	passphrase string
	processes  []*Process // in the order in which they end
}

// A Station is one running station of the street.
type Station struct {
	*Process
	Dir    string
	Client *api.Client
	Token  api.Token
}

// readyWait is how long a station may take to come up. A slow machine under load
// has taken eight seconds.
const readyWait = 60 * time.Second

// made is what `init` prints.
type made struct {
	Device string `json:"device"`
}

// A Monitor is a simulated one: which driver speaks, and what happens to the
// patient. With a Line the caller itself is the monitor and speaks on it, already
// while the street is opened.
type Monitor struct{ Driver, Scenario, Line string }

// Oximeter is on every street; Bedside is a monitor of many signs and traces on a
// serial line, Networked one on the network, which announces itself; Pocket is on the second
// ambulance's patient.
var (
	Oximeter  = Monitor{Driver: "nonin", Scenario: "stable"}
	Bedside   = Monitor{Driver: "datex", Scenario: "stable"}
	Networked = Monitor{Driver: "intellivue", Scenario: "stable"}
	Pocket    = Monitor{Driver: "nonin", Scenario: "sepsis"}
)

// Open opens a street in dir, with the program fieldkitd at program: an oximeter on
// the patient and whatever more monitors. On an error nothing is left running.
func Open(ctx context.Context, dir, program string, more ...Monitor) (*Street, error) {
	return open(ctx, dir, program, false, more)
}

// OpenTwo is Open with a second ambulance, whose patient has an oximeter.
func OpenTwo(ctx context.Context, dir, program string, more ...Monitor) (*Street, error) {
	return open(ctx, dir, program, true, more)
}

// A newcomer is a station that joins the ambulance's team.
type newcomer struct{ name, kind, callSign string }

func open(ctx context.Context, dir, program string, two bool, more []Monitor) (s *Street, err error) {
	s = &Street{Dir: dir, program: program, Monitors: map[string]*Process{}, passphrase: filepath.Join(dir, "passphrase"), Password: rand.Text()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
			s = nil
		}
	}()
	if err := os.WriteFile(s.passphrase, []byte("training street "+rand.Text()+" "+rand.Text()+" end\n"), 0o600); err != nil {
		return s, fmt.Errorf("write the street's passphrase: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "password"), []byte(s.Password+"\n"), 0o600); err != nil {
		return s, fmt.Errorf("write the page's password: %w", err)
	}
	team := []newcomer{{"clinic", "clinic", "Market clinic"}, {"hospital", "hospital", "St Mary"}}
	if two {
		team = append(team, newcomer{"second", "ambulance", "AMB-8"})
	}
	if err := s.enrol(ctx, team); err != nil {
		return s, err
	}
	ports, err := freePorts(9)
	if err != nil {
		return s, err
	}
	local := func(i int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[i])) }
	gossip := net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[0]+1))

	announcements, err := freeUDP()
	if err != nil {
		return s, err
	}
	monitors := append([]Monitor{Oximeter}, more...)
	lines, err := s.attach("", monitors, announcements)
	if err != nil {
		return s, err
	}
	s.Oximeter = s.Monitors[Oximeter.Driver]
	s.Hospital, err = s.station("hospital", "hospital", "--serve", local(6), "--listen", local(2), "--join", gossip, "--only-ports", "--loopback")
	if err != nil {
		return s, err
	}
	if err := s.awaitPage(ctx); err != nil {
		return s, err
	}
	link, err := s.Hospital.Client.State(ctx)
	if err != nil {
		return s, err
	}
	s.Board = link.Link.Board
	s.Clinic, err = s.station("clinic", "station", "--listen", local(4), "--join", gossip, "--only-ports", "--loopback")
	if err != nil {
		return s, err
	}
	s.Ambulance, err = s.station("ambulance", "station", "--listen", local(0), "--join", net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[2]+1)),
		"--only-ports", "--port", strings.Join(lines, ","), "--announcements", announcements, "--loopback", "--hospital", s.Board, "--hospital-pin", link.Link.Fingerprint)
	if err != nil {
		return s, err
	}
	if s.Encounter, err = s.admit(ctx, s.Ambulance, len(monitors), ofFirst); err != nil || !two {
		return s, err
	}
	lines, err = s.attach("second-", []Monitor{Pocket}, "")
	if err != nil {
		return s, err
	}
	s.Second, err = s.station("second", "station", "--listen", local(7), "--join", gossip, "--only-ports", "--port", strings.Join(lines, ","),
		"--announcements", "off", "--loopback", "--hospital", s.Board, "--hospital-pin", link.Link.Fingerprint)
	if err != nil {
		return s, err
	}
	_, err = s.admit(ctx, s.Second, 1, ofSecond)
	return s, err
}

// attach starts the simulated monitors and gives the lines they speak on; one on the
// network is found by its announcements. Their processes are known by driver, after
// prefix.
func (s *Street) attach(prefix string, monitors []Monitor, announcements string) (lines []string, err error) {
	for _, m := range monitors {
		if m.Line != "" {
			lines = append(lines, m.Line)
			continue
		}
		args := []string{"simulate", "--driver", m.Driver, "--scenario", m.Scenario}
		if m == Networked {
			args = append(args, "--listen", "udp:127.0.0.1:0", "--announce", announcements)
		}
		p, err := s.start(prefix+m.Driver, args...)
		if err != nil {
			return nil, err
		}
		line, err := p.Line()
		if err != nil {
			return nil, err
		}
		s.Monitors[prefix+m.Driver] = p
		if m != Networked {
			lines = append(lines, line)
		}
	}
	return lines, nil
}

// enrol makes the ambulance and its team.
func (s *Street) enrol(ctx context.Context, team []newcomer) error {
	_, err := ask[made](ctx, "", s.program, s.with("ambulance", "init", "--kind", "ambulance", "--call-sign", "AMB-7", "--team", "Training street", "--training")...)
	if err != nil {
		return err
	}
	invite, err := ask[struct {
		Invitation string `json:"invitation"`
	}](ctx, "", s.program, s.with("ambulance", "team", "invite")...)
	if err != nil {
		return err
	}
	for _, n := range team {
		m, err := ask[made](ctx, "", s.program, s.with(n.name, "init", "--kind", n.kind, "--call-sign", n.callSign, "--join", invite.Invitation, "--training")...)
		if err != nil {
			return err
		}
		if _, err := ask[json.RawMessage](ctx, "", s.program, s.with("ambulance", "team", "approve", m.Device, "--kind", n.kind, "--call-sign", n.callSign)...); err != nil {
			return err
		}
	}
	_, err = ask[json.RawMessage](ctx, "", s.program, s.with("hospital", "team", "account", "er", "--password-file", filepath.Join(s.Dir, "password"))...)
	return err
}

// with is a command line for the station called name.
func (s *Street) with(name string, args ...string) []string {
	return append(args, "--data", filepath.Join(s.Dir, name), "--passphrase-file", s.passphrase)
}

func (s *Street) start(name string, args ...string) (*Process, error) {
	p, err := Start(name, s.Dir, s.program, args...)
	if err == nil {
		s.processes = append([]*Process{p}, s.processes...)
	}
	return p, err
}

// Face starts a face on the ambulance's station, such as the window, with further
// arguments. Close ends it.
func (s *Street) Face(name, program string, args ...string) (*Process, error) {
	p, err := Start(name, s.Dir, program, append(args, "--data", s.Ambulance.Dir, "--passphrase-file", s.passphrase)...)
	if err == nil {
		s.processes = append([]*Process{p}, s.processes...)
	}
	return p, err
}

// station starts a station and waits until its store is open.
func (s *Street) station(name string, args ...string) (*Station, error) {
	p, err := s.start(name, s.with(name, args...)...)
	if err != nil {
		return nil, err
	}
	st := &Station{Process: p, Dir: filepath.Join(s.Dir, name)}
	passphrase, err := os.ReadFile(s.passphrase)
	if err != nil {
		return nil, fmt.Errorf("read the street's passphrase: %w", err)
	}
	ctx, stop := context.WithTimeout(context.Background(), readyWait)
	defer stop()
	err = await(ctx, name+" to open its store", func() error {
		select {
		case <-p.Ended():
			return fmt.Errorf("%s ended; see %s", name, p.Log)
		default:
		}
		var err error
		if st.Client, err = api.Dial(ctx, st.Dir); err != nil {
			return err
		}
		st.Token, err = st.Client.Unlock(ctx, string(passphrase))
		return err
	})
	return st, err
}

// awaitPage waits until the hospital serves its page.
func (s *Street) awaitPage(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, readyWait)
	defer stop()
	return await(ctx, "the hospital's page", func() error {
		st, err := s.Hospital.Client.State(ctx)
		if err == nil && st.Link.Board == "" {
			err = errors.New("it is not served yet")
		}
		return err
	})
}

// A patient of the street, and what is known of them at the start.
type patient struct {
	callSign, complaint string
	who                 chart.Demographics
	triage              chart.Triage
	seconds             uint32 // to the hospital
}

var (
	ofFirst = patient{"AMB-7", "chest pain", chart.Demographics{Label: "tag 0417", Sex: chart.Male, Age: "64 a"},
		chart.Triage{Scheme: "crew", Category: "very urgent", Urgency: chart.VeryUrgent}, 540}
	ofSecond = patient{"AMB-8", "breathless", chart.Demographics{Label: "tag 0418", Sex: chart.Female, Age: "71 a"},
		chart.Triage{Scheme: "crew", Category: "urgent", Urgency: chart.Urgent}, 900}
)

// admit registers a patient at an ambulance, opens the encounter and binds its monitors,
// so many, to it.
func (s *Street) admit(ctx context.Context, a *Station, monitors int, p patient) (encounter chart.ID, err error) {
	ctx, stop := context.WithTimeout(ctx, readyWait)
	defer stop()
	var found []api.Port
	if err := await(ctx, "the monitors to be found", func() error {
		st, err := a.Client.State(ctx)
		if err != nil {
			return err
		}
		found = st.Ports
		for _, p := range found {
			if p.Driver == "" || p.Encounter == (chart.ID{}) {
				return fmt.Errorf("%s is not recognised yet: %s", p.Name, p.State)
			}
		}
		if len(found) < monitors || st.Live == 0 {
			return errors.New("not all are there")
		}
		return nil
	}); err != nil {
		return encounter, err
	}
	record := func(d api.Draft, content any) (api.Recorded, error) {
		b, err := json.Marshal(content)
		if err != nil {
			return api.Recorded{}, err
		}
		d.Content = b
		return a.Client.Record(ctx, a.Token, d)
	}
	opened, err := record(api.Draft{Kind: "encounter-opened"}, &chart.EncounterOpened{Setting: "ambulance", CallSign: p.callSign, Complaint: p.complaint})
	if err != nil {
		return encounter, fmt.Errorf("open the encounter: %w", err)
	}
	encounter = opened.Encounter
	registered, err := record(api.Draft{Kind: "patient-registered", Encounter: encounter},
		&chart.PatientRegistered{Who: p.who})
	if err != nil {
		return encounter, fmt.Errorf("register the patient: %w", err)
	}
	for kind, content := range map[string]any{
		"encounter-bound-for": &chart.EncounterBoundFor{Name: "St Mary"},
		"eta":                 &chart.ETA{Seconds: p.seconds, To: "St Mary"},
		"triage":              &p.triage,
	} {
		if _, err := record(api.Draft{Kind: kind, Encounter: encounter, Patient: registered.Patient}, content); err != nil {
			return encounter, fmt.Errorf("record %s: %w", kind, err)
		}
	}
	for _, p := range found {
		_, err := record(api.Draft{Kind: "monitor-bound", Encounter: encounter, Patient: registered.Patient}, &chart.MonitorBound{Monitor: p.Binding})
		if err != nil {
			return encounter, fmt.Errorf("bind the monitor on %s: %w", p.Name, err)
		}
	}
	return encounter, nil
}

// await tries until it gives no error or ctx ends.
func await(ctx context.Context, what string, try func() error) error {
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", what, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Close ends every process, the last started first, and waits for each.
func (s *Street) Close() error {
	var errs []error
	for _, p := range s.processes {
		errs = append(errs, p.Stop())
	}
	return errors.Join(errs...)
}

// freeUDP asks the kernel for a UDP address that nobody has.
func freeUDP() (string, error) {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer c.Close()
	return c.LocalAddr().String(), nil
}

// freePorts asks the kernel for n ports that nobody listens on; each even one
// stands for a pair, with the next for gossip.
func freePorts(n int) ([]int, error) {
	ports := make([]int, n)
	for i := range ports {
		for {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return nil, fmt.Errorf("find a free port: %w", err)
			}
			ports[i] = l.Addr().(*net.TCPAddr).Port
			next, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[i]+1)))
			l.Close()
			if err == nil {
				next.Close()
				break
			}
		}
	}
	return ports, nil
}
