package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"fieldkit/app/api"
	"fieldkit/app/kit"
)

// The exit codes.
const (
	exitDone     = 0
	exitFailed   = 1
	exitUsage    = 2
	exitLocked   = 3
	exitNotFound = 4
)

// session is what every command has at hand: the flags all share and the streams.
type session struct {
	program        string
	dir            string
	asJSON         bool
	passphraseFile string
	person         string // signs in as, with the PIN of pinFile
	pinFile        string
	verbose        bool
	inTeam         string // the team a command is about; "" for the home team
	in             io.Reader
	out, err       io.Writer
}

// Main runs the command line and gives the exit code.
func Main(program string, args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s := &session{program: program, in: os.Stdin, out: os.Stdout, err: os.Stderr}
	return s.run(ctx, args)
}

func (s *session) run(ctx context.Context, args []string) int {
	root := s.root()
	root.SetArgs(args)
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	fmt.Fprintf(s.err, "%s: %v\n", s.program, err)
	var usage *usageError
	var fault *api.Fault
	switch {
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &fault):
		switch fault.Code {
		case api.CodeLocked, api.CodeRefused, api.CodeSession:
			return exitLocked
		case api.CodeNotFound:
			return exitNotFound
		case api.CodeInvalid:
			return exitUsage
		}
	}
	return exitFailed
}

// usageError is a command line that was not understood.
type usageError struct{ error }

func (s *session) root() *cobra.Command {
	root := &cobra.Command{
		Use:   s.program,
		Short: "An offline-first field kit for emergency and community care",
		Long: `Fieldkit reads vital-sign monitors, keeps the record on this machine, shares it
with the team near by without a server, and streams live vitals to the hospital.

It is a secondary display, not a certified medical device.`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return &usageError{fmt.Errorf("%w; see '%s --help'", err, c.CommandPath())}
	})
	flags := root.PersistentFlags()
	flags.StringVar(&s.dir, "data", defaultDir(), "the data `folder` of the station")
	flags.BoolVar(&s.asJSON, "json", false, "print JSON")
	flags.StringVar(&s.passphraseFile, "passphrase-file", "", "read the passphrase from the first line of `file`")
	flags.StringVar(&s.person, "as", "", "act as this `person` of the staff, by PIN")
	flags.StringVar(&s.pinFile, "as-pin-file", "", "read that person's PIN from the first line of `file`")
	flags.BoolVarP(&s.verbose, "verbose", "v", false, "say more in the log")
	root.AddCommand(
		s.versionCommand(),
		s.initCommand(),
		s.teamCommand(),
		s.peersCommand(),
		s.parcelCommand(),
		s.identityCommand(),
		s.shareCommand(),
		s.unshareCommand(),
		s.visitCommand(),
		s.visitsCommand(),
		s.stationCommand(),
		s.hospitalCommand(),
		s.relayCommand(),
		s.liveCommand(),
		s.partCommand(),
		s.stateCommand(),
		s.unlockCommand(),
		s.lockCommand(),
		s.patientsCommand(),
		s.showCommand(),
		s.recordCommand(),
		s.portsCommand(),
		s.driversCommand(),
		s.decodeCommand(),
		s.listenCommand(),
		s.captureCommand(),
		s.replayCommand(),
		s.simulateCommand(),
		s.scoreCommand(),
		s.sieveCommand(),
		s.rhythmCommand(),
		s.doctorCommand(),
		s.verifyCommand(),
		s.backupCommand(),
		s.restoreCommand(),
		s.passwdCommand(),
		s.eraseCommand(),
		s.retentionCommand(),
		s.auditCommand(),
	)
	return root
}

// defaultDir is where a station keeps its data when nobody says otherwise.
func defaultDir() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "fieldkit-data"
	}
	return filepath.Join(dir, "fieldkit")
}

func (s *session) log() *slog.Logger {
	level := slog.LevelInfo
	if s.verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: level}))
}

// print writes v as JSON when asked for, else as words.
func (s *session) print(v any, words func(w io.Writer)) error {
	if s.asJSON {
		return json.NewEncoder(s.out).Encode(v)
	}
	words(s.out)
	return nil
}

// station is the running station or, when none runs, the store opened here, with
// a session on it. done must be called.
func (s *session) station(ctx context.Context) (st api.Station, t api.Token, done func(), err error) {
	client, err := api.Dial(ctx, s.dir)
	switch {
	case err == nil:
		st, done = client, func() {}
	case errors.Is(err, api.ErrNoStation):
		k, err := kit.Open(s.dir, s.log())
		if err != nil {
			return nil, "", nil, err
		}
		st, done = k, func() { k.Close() }
	default:
		return nil, "", nil, err
	}
	t, err = s.enter(ctx, st)
	if err != nil {
		done()
		return nil, "", nil, err
	}
	closeStore := done
	return st, t, func() { st.SignOut(context.WithoutCancel(ctx), t); closeStore() }, nil
}

// enter begins a session: of a person, where one is named, else of whoever has the
// passphrase.
func (s *session) enter(ctx context.Context, st api.Station) (api.Token, error) {
	people, ok := st.(api.People)
	if s.person != "" && ok {
		pin, err := secretLine("PIN", s.pinFile)
		if err != nil {
			return "", err
		}
		state, err := st.State(ctx)
		if err != nil {
			return "", err
		}
		var t api.Token
		if state.Locked { // the PIN alone opens a store only where there is a keyring
			if passphrase, err := s.passphrase(false); err == nil {
				if t, err = st.Unlock(ctx, passphrase); err != nil {
					return "", err
				}
			}
		}
		in, err := people.SignIn(ctx, t, api.SignIn{Person: s.person, PIN: pin})
		return in.Token, err
	}
	passphrase, err := s.passphrase(false)
	if err != nil {
		return "", err
	}
	return st.Unlock(ctx, passphrase)
}
