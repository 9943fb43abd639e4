// Command street opens a street of simulated stations, says where to look and
// what to try, and ends it cleanly on Ctrl-C. It is what build/run runs.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"fieldkit/app/demo"
)

func main() {
	program := flag.String("program", "fieldkitd", "the station's `program`")
	window := flag.String("window", "", "the window's `program`, to open on the ambulance; none when empty")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *program, *window); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "street:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, program, window string) (err error) {
	dir, err := os.MkdirTemp("", "fieldkit-street-")
	if err != nil {
		return fmt.Errorf("make the street's folder: %w", err)
	}
	fmt.Println("Opening the street (two ambulances, a clinic, a hospital) ...")
	s, err := demo.OpenTwo(ctx, dir, program, demo.Bedside, demo.Networked)
	if err != nil {
		return err
	}
	defer func() {
		fmt.Println("\nClosing the street ...")
		err = errors.Join(err, s.Close(), os.RemoveAll(dir))
		fmt.Println("Nothing is left running.")
	}()
	h := &hand{s: s}
	defer h.plugIn() // a process that is held still cannot end
	fmt.Print(guide(s, program))
	var closed <-chan struct{} // the window's end
	if window != "" {
		w, err := s.Face("window", window, "--room", "ambulance")
		if err != nil {
			return err
		}
		fmt.Println("The window of AMB-7 is opening. Close it when you like; the station goes on.")
		closed = w.Ended()
	}
	go h.obey() // ends with the process: a read of standard input has no other end
	return watch(ctx, s, closed)
}

func guide(s *demo.Street, program string) string {
	of := func(st *demo.Station) string {
		return fmt.Sprintf("--data %s --passphrase-file %s", st.Dir, filepath.Join(s.Dir, "passphrase"))
	}
	return fmt.Sprintf(`
TRAINING DATA. Not a certified medical device.

  The hospital's page   %s
    sign in as          er
    password            %s
    (the browser will warn: the certificate is made by this machine)

  Here, type and press Enter
    probe off, probe on    the finger leaves the sensor of AMB-7's oximeter: never 0, never an old number as new
    cable out, cable in    its cable is pulled: the number ages, then goes
    link cut, link back    AMB-7's radio: the page says that it is silent; what was missed is filled in
  In another terminal, with K=%s
    $K live %s
    $K patients %s
    $K show %s %s
    $K team revoke AMB-8 --reason stolen %s
                           a tablet is stolen: the others cut AMB-8 off at once
    kill -9 %d             AMB-7's live process: the page says so; recording goes on
  Ctrl-C ends it.

`, s.Board, s.Password, program, of(s.Ambulance), of(s.Clinic), s.Encounter, of(s.Clinic), of(s.Ambulance), livePID(s))
}

func livePID(s *demo.Street) int {
	st, err := s.Ambulance.Client.State(context.Background())
	if err != nil {
		return 0
	}
	return st.Live
}

// watch prints a line whenever what the stations say of each other changes.
func watch(ctx context.Context, s *demo.Street, closed <-chan struct{}) error {
	said := ""
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.Ambulance.Ended():
			return fmt.Errorf("the ambulance ended; see %s", s.Ambulance.Log)
		case <-s.Second.Ended():
			return fmt.Errorf("the second ambulance ended; see %s", s.Second.Log)
		case <-s.Hospital.Ended():
			return fmt.Errorf("the hospital ended; see %s", s.Hospital.Log)
		case <-s.Clinic.Ended():
			return fmt.Errorf("the clinic ended; see %s", s.Clinic.Log)
		case <-closed:
			closed = nil
			fmt.Println("The window was closed.")
		case <-tick.C:
		}
		if line := summary(ctx, s); line != said && line != "" {
			fmt.Printf("%s  %s\n", time.Now().Format("15:04:05"), line)
			said = line
		}
	}
}

func summary(ctx context.Context, s *demo.Street) string {
	st, err := s.Ambulance.Client.State(ctx)
	if err != nil {
		return "the ambulance's recorder is being started again"
	}
	parts := []string{}
	for _, p := range st.Ports {
		parts = append(parts, strings.TrimSpace(p.Monitor)+": "+p.State)
	}
	for _, p := range st.Peers {
		parts = append(parts, p.CallSign+": "+p.State)
	}
	parts = append(parts, "hospital link: "+st.Link.State)
	return strings.Join(append(parts, st.Trouble...), " | ")
}

// A hand does what is typed.
type hand struct {
	s    *demo.Street
	mu   sync.Mutex // guards held
	held int        // AMB-7's live process while it is held still, else 0
}

// obey does what is typed, until the input ends.
func (h *hand) obey() {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var err error
		switch line := strings.Join(strings.Fields(lines.Text()), " "); line {
		case "":
		case "probe off", "probe on", "cable out", "cable in":
			err = h.s.Oximeter.Say(line)
		case "link cut":
			err = h.cut()
		case "link back":
			h.plugIn()
		default:
			err = errors.New("type one of: probe off, probe on, cable out, cable in, link cut, link back")
		}
		if err != nil {
			fmt.Println(err)
		}
	}
}

// cut holds AMB-7's live process still: to the hospital that is a vehicle in a tunnel.
func (h *hand) cut() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	pid := livePID(h.s)
	if pid <= 1 || h.held != 0 {
		return errors.New("there is no link to cut")
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		return fmt.Errorf("cut the link: %w", err)
	}
	h.held = pid
	return nil
}

// plugIn lets it go on.
func (h *hand) plugIn() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held != 0 {
		syscall.Kill(h.held, syscall.SIGCONT)
		h.held = 0
	}
}
