package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"fieldkit/app/api"
	"fieldkit/app/kit"
	"fieldkit/app/store"
	"fieldkit/sync/identity"
)

// Version is what this program is, for the window.
var Version = kit.Version

// A Setup makes a station for the window's first start. It makes it aside and puts it
// in place whole, when the person has seen what is shown once: a crash before leaves
// nothing, one after a station. It is used by one goroutine at a time.
type Setup struct {
	dir   string
	aside string
}

// A Plan is what a person says of a new station: with an invitation it joins that team,
// else it begins one.
type Plan struct {
	Kind, CallSign, Site string
	Passphrase           string
	Team                 string
	Invitation           string
}

// reportsOfWindow is what the window's crashes leave in a folder, see app/fieldkit/parent.
const reportsOfWindow = "window-crash-"

// FirstStart is how to make a station in dir: nil when there is one, an error when the
// folder holds something else.
func FirstStart(dir string) (*Setup, error) {
	missing := kit.CheckStation(dir)
	if missing == nil {
		return nil, nil
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find the data folder: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("look into the data folder: %w", err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), reportsOfWindow) {
			return nil, fmt.Errorf("%w. The folder holds other files: name another with --data, or restore a backup", missing)
		}
	}
	return &Setup{dir: dir, aside: dir + ".new"}, nil
}

// Team is the name of the team that an invitation is to.
func (s *Setup) Team(invitation string) (string, error) {
	i, err := identity.ParseInvite(strings.TrimSpace(invitation))
	if err != nil {
		return "", &api.Fault{Code: api.CodeInvalid, What: "that is not an invitation to a team, or not a whole one", Do: "Show a new one at the admin's station and take it whole"}
	}
	return i.Name, nil
}

// Read is the text of the QR code in a picture file, or of a text file.
func (s *Setup) Read(file string) (string, error) {
	if _, err := os.Stat(file); err != nil {
		return "", fmt.Errorf("read the picture: %w", err)
	}
	return (&session{}).readCode(file)
}

// CheckPassphrase says why a passphrase will not do, nil when it will.
func (s *Setup) CheckPassphrase(text string) error {
	if len(strings.Fields(text)) < store.MinWords {
		return &api.Fault{Code: api.CodeInvalid, What: "the passphrase is too short", Do: fmt.Sprintf("Take %d words or more", store.MinWords)}
	}
	return nil
}

// Make makes the station aside. What was made before and not kept is gone.
func (s *Setup) Make(ctx context.Context, p Plan) (kit.Made, error) {
	if err := s.Drop(); err != nil {
		return kit.Made{}, err
	}
	if err := os.MkdirAll(filepath.Dir(s.dir), 0o700); err != nil {
		return kit.Made{}, fmt.Errorf("make the data folder: %w", err)
	}
	n := kit.New{
		Nameplate:  kit.Nameplate{Kind: p.Kind, CallSign: p.CallSign, Site: p.Site},
		Passphrase: p.Passphrase, Team: p.Team, Invitation: p.Invitation,
	}
	made, err := kit.Init(ctx, s.aside, n)
	if err != nil {
		return kit.Made{}, errors.Join(err, s.Drop())
	}
	return made, nil
}

// Keep puts the station in place: all of it or nothing. To do it again is no error.
func (s *Setup) Keep() error {
	if err := kit.CheckStation(s.aside); err != nil {
		if kit.CheckStation(s.dir) == nil {
			return nil // it is in place
		}
		return err
	}
	reports, err := os.ReadDir(s.dir)
	for _, r := range reports {
		if strings.HasPrefix(r.Name(), reportsOfWindow) {
			err = errors.Join(err, os.Rename(filepath.Join(s.dir, r.Name()), filepath.Join(s.aside, r.Name())))
		}
	}
	if err == nil {
		err = os.Remove(s.dir) // an empty folder; anything else stays and is an error
	}
	if err == nil || errors.Is(err, os.ErrNotExist) {
		err = os.Rename(s.aside, s.dir)
	}
	if err != nil {
		return fmt.Errorf("put the station into its folder: %w. Choose another folder with --data", err)
	}
	onDiskFolder(filepath.Dir(s.dir))
	return nil
}

// Drop takes away what was made and not kept.
func (s *Setup) Drop() error {
	if err := os.RemoveAll(s.aside); err != nil {
		return fmt.Errorf("take away what was made before: %w", err)
	}
	return nil
}

// onDiskFolder has the names in a folder on the disk, where the system can.
func onDiskFolder(dir string) {
	if f, err := os.Open(dir); err == nil {
		_ = f.Sync()
		_ = f.Close()
	}
}

// KindOf is of what kind the station in dir is.
func KindOf(dir string) (string, error) { return kit.KindOf(dir) }
