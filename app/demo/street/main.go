// Command street opens a street of simulated stations, says where to look and
// what to try, and ends it cleanly on Ctrl-C. It is what build/run runs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"fieldkit/app/demo"
)

func main() {
	program := flag.String("program", "fieldkitd", "the station's `program`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *program); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "street:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, program string) (err error) {
	dir, err := os.MkdirTemp("", "fieldkit-street-")
	if err != nil {
		return fmt.Errorf("make the street's folder: %w", err)
	}
	fmt.Println("Opening the street (an ambulance, a clinic, a hospital) ...")
	s, err := demo.Open(ctx, dir, program, demo.Bedside, demo.Networked)
	if err != nil {
		return err
	}
	defer func() {
		fmt.Println("\nClosing the street ...")
		err = errors.Join(err, s.Close(), os.RemoveAll(dir))
		fmt.Println("Nothing is left running.")
	}()
	fmt.Print(guide(s, program))
	return watch(ctx, s)
}

func guide(s *demo.Street, program string) string {
	flags := fmt.Sprintf("--data %s --passphrase-file %s", s.Ambulance.Dir, filepath.Join(s.Dir, "passphrase"))
	return fmt.Sprintf(`
TRAINING DATA. Not a certified medical device.

  The hospital's page   %s
    sign in as          er
    password            %s
    (the browser will warn: the certificate is made by this machine)

  What to try, in another terminal
    %s live %s
    %s patients %s
    %s show %s %s
    kill -9 %d     the ambulance's live process: the page says so; recording goes on
  Here, type "probe off" or "probe on" and Enter: the finger leaves the sensor.

  Ctrl-C ends it.

`, s.Board, s.Password, program, flags, program, flags, program, s.Encounter, flags, livePID(s))
}

func livePID(s *demo.Street) int {
	st, err := s.Ambulance.Client.State(context.Background())
	if err != nil {
		return 0
	}
	return st.Live
}

// watch prints a line whenever what the stations say of each other changes, and
// passes on what is typed.
func watch(ctx context.Context, s *demo.Street) error {
	go relay(s) // ends with the process: a read of standard input has no other end
	said := ""
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.Ambulance.Ended():
			return fmt.Errorf("the ambulance ended; see %s", s.Ambulance.Log)
		case <-s.Hospital.Ended():
			return fmt.Errorf("the hospital ended; see %s", s.Hospital.Log)
		case <-s.Clinic.Ended():
			return fmt.Errorf("the clinic ended; see %s", s.Clinic.Log)
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

func relay(s *demo.Street) {
	for {
		var first, second string
		if _, err := fmt.Scanln(&first, &second); err != nil && first == "" {
			if err.Error() == "EOF" {
				return
			}
			continue
		}
		if err := s.Oximeter.Say(strings.TrimSpace(first + " " + second)); err != nil {
			fmt.Println(err)
		}
	}
}
