package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/spf13/cobra"

	"fieldkit/app/api"
	"fieldkit/app/kit"
)

func (s *session) stationCommand() *cobra.Command {
	settings := kit.Settings{}
	c := &cobra.Command{
		Use:   "station",
		Short: "Run this station: record, share, stream",
		Long: `Run this station until Ctrl-C: read the monitors, keep the record, share it with
the team near by and, when a hospital is set, stream to it.

The store must be unlocked: with --passphrase-file, a systemd credential, or
'unlock' from another terminal.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return s.runStation(c.Context(), settings) },
	}
	stationFlags(c, &settings)
	return c
}

func (s *session) hospitalCommand() *cobra.Command {
	settings := kit.Settings{}
	c := &cobra.Command{
		Use:   "hospital",
		Short: "Run a receiving hospital: the gateway and its page",
		Long: `Run a station of the kind hospital: it receives live vitals over WebRTC, serves
the incoming board as a page, and keeps the record of the encounters bound for it.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return s.runStation(c.Context(), settings) },
	}
	stationFlags(c, &settings)
	c.Flags().StringVar(&settings.Relay, "relay", "", "`address` of a relay (fieldkitd relay) to be reached at, where this hospital can only dial out: relay.example:443")
	c.Flag("serve").DefValue = ":8443"
	c.Flag("serve").Value.Set(":8443")
	return c
}

func stationFlags(c *cobra.Command, settings *kit.Settings) {
	f := c.Flags()
	f.StringVar(&settings.Listen, "listen", "", "`address` of the record exchange; gossip takes the next port, each further team the two after (default all addresses, port 7700)")
	f.StringSliceVar(&settings.Join, "join", nil, "gossip `address` of a peer to look for (may be given again)")
	f.StringSliceVar(&settings.Ports, "port", nil, "a `line` to watch beside those the system lists: a pty, tcp:host:port or udp:host:port")
	f.BoolVar(&settings.OnlyPorts, "only-ports", false, "watch only the lines given with --port")
	f.StringSliceVar(&settings.ListenOnly, "listen-only", nil, "a `line` on which nothing is ever sent")
	f.StringVar(&settings.Announcements, "announcements", "", "UDP `address` on which monitors on the network announce themselves, or off (default :24005; off for a hospital and with --only-ports)")
	f.StringSliceVar(&settings.Bluetooth, "bluetooth", nil, "`address` of a Bluetooth device to read, or any (default none; needs a program built with the tag bluetooth)")
	f.StringVar(&settings.HL7, "hl7", "", "`address` to which monitors connect that send HL7, such as :2575 (default none)")
	f.StringVar(&settings.Hospital, "hospital", "", "`address` of the receiving hospital, https://host:port")
	f.StringVar(&settings.HospitalPin, "hospital-pin", "", "SHA-256 of the hospital's certificate, in `hex`")
	f.StringVar(&settings.Serve, "serve", "", "`address` on which to serve the gateway and its page")
	f.BoolVar(&settings.Loopback, "loopback", false, "let WebRTC use 127.0.0.1, for trials on one machine")
}

// runStation is the parent process.
func (s *session) runStation(ctx context.Context, settings kit.Settings) error {
	settings.Dir = s.dir
	if _, err := api.Dial(ctx, s.dir); err == nil {
		return fmt.Errorf("a station already runs on %s", s.dir)
	}
	if err := kit.CheckStation(s.dir); err != nil {
		return err
	}
	if _, err := kit.NewLines(settings, s.log()); err != nil {
		return &usageError{err}
	}
	if err := kit.NoDumps(); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	environment, err := settings.Environment()
	if err != nil {
		return err
	}
	var level []string
	if s.verbose {
		level = []string{"--verbose"}
	}
	parent := &kit.Parent{
		Log: s.log(),
		Command: func(child string) *exec.Cmd {
			cmd := exec.Command(self, append([]string{"part", child}, level...)...)
			cmd.Env = append(os.Environ(), environment)
			cmd.Stdout, cmd.Stderr = s.err, s.err
			return cmd
		},
	}
	passphrase, err := s.passphrase(false)
	switch {
	case err == nil:
		go s.unlockWhenUp(ctx, passphrase)
	case s.passphraseFile != "":
		return err // a person means this station to open by itself
	default:
		fmt.Fprintf(s.err, "%s: the store stays locked and nothing is recorded until someone unlocks it: %v\n", s.program, err)
	}
	return parent.Run(ctx)
}

// unlockWhenUp waits for the recorder's API and unlocks the store. A wrong
// passphrase is said and not tried again: a person must look.
func (s *session) unlockWhenUp(ctx context.Context, passphrase string) {
	for ctx.Err() == nil {
		client, err := api.Dial(ctx, s.dir)
		if err == nil {
			token, err := client.Unlock(ctx, passphrase)
			if err == nil {
				client.SignOut(ctx, token)
				return
			}
			if !errors.Is(err, api.ErrNoStation) {
				fmt.Fprintf(s.err, "%s: unlock the store: %v\n", s.program, err)
				return
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// partCommand is how the parent starts its children; it is nobody else's to call.
func (s *session) partCommand() *cobra.Command {
	return &cobra.Command{
		Use:       "part recorder|live",
		Hidden:    true,
		Args:      cobra.ExactArgs(1),
		ValidArgs: []string{"recorder", "live"},
		RunE: func(c *cobra.Command, args []string) error {
			settings, err := kit.InheritedSettings()
			if err != nil {
				return err
			}
			switch args[0] {
			case "recorder":
				return kit.RunRecorder(c.Context(), settings, kit.Inherit(), s.log().With("part", "recorder"))
			case "live":
				return kit.RunLive(c.Context(), settings, kit.Inherit(), s.log().With("part", "live"))
			}
			return &usageError{fmt.Errorf("there is no part %q", args[0])}
		},
	}
}

func (s *session) stateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "state",
		Short: "Say how the running station is",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			client, err := api.Dial(c.Context(), s.dir)
			if err != nil {
				return err
			}
			state, err := client.State(c.Context())
			if err != nil {
				return err
			}
			return s.print(state, func(w io.Writer) { describe(w, state) })
		},
	}
}

func describe(w io.Writer, st api.State) {
	lock := "open"
	if st.Locked {
		lock = "locked: unlock it to record"
	}
	fmt.Fprintf(w, "%s %s, store %s, version %s\n", st.Kind, st.CallSign, lock, st.Version)
	for _, p := range st.Ports {
		monitor := p.Monitor
		if monitor == "" {
			monitor = "nobody known"
		}
		fmt.Fprintf(w, "  port %s: %s, %s\n", p.Name, monitor, p.State)
		if p.Do != "" {
			fmt.Fprintf(w, "    %s\n", p.Do)
		}
	}
	for _, p := range st.Peers {
		fmt.Fprintf(w, "  peer %s (%s): %s\n", p.CallSign, p.Kind, p.State)
	}
	if st.Link.To != "" {
		fmt.Fprintf(w, "  hospital %s: %s\n", st.Link.To, st.Link.State)
	}
	if st.Link.Board != "" {
		fmt.Fprintf(w, "  page %s\n", st.Link.Board)
	}
	if st.Link.Relay != "" {
		fmt.Fprintf(w, "  relay %s: %s\n", st.Link.Relay, st.Link.RelayState)
	}
	for _, trouble := range st.Trouble {
		fmt.Fprintf(w, "  ! %s\n", trouble)
	}
}

// signIn begins a session at the running station.
func (s *session) signIn(ctx context.Context) (*api.Client, api.Token, error) {
	client, err := api.Dial(ctx, s.dir)
	if err != nil {
		return nil, "", err
	}
	passphrase, err := s.passphrase(false)
	if err != nil {
		return nil, "", err
	}
	token, err := client.Unlock(ctx, passphrase)
	return client, token, err
}

func (s *session) unlockCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "unlock",
		Short: "Open the store of the running station",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			client, token, err := s.signIn(c.Context())
			if err != nil {
				return err
			}
			return client.SignOut(c.Context(), token)
		},
	}
}

func (s *session) lockCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "lock",
		Short: "Close the store of the running station; recording stops",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			client, token, err := s.signIn(c.Context())
			if err != nil {
				return err
			}
			return client.Lock(c.Context(), token)
		},
	}
}

func (s *session) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			v := struct {
				Version string `json:"version"`
			}{kit.Version}
			return s.print(v, func(w io.Writer) { fmt.Fprintf(w, "%s %s\n", s.program, v.Version) })
		},
	}
}
