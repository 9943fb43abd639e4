//go:build cgo

package main

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fieldkit/app/command"
	"fieldkit/ui/screen/setup"
)

// A maker makes the station of the window's first start and starts it.
type maker struct {
	setup *command.Setup
	start func(ctx context.Context, passphrase string) error
}

var _ setup.Maker = (*maker)(nil)

// CheckPassphrase implements [setup.Maker].
func (m *maker) CheckPassphrase(text string) error { return trouble(m.setup.CheckPassphrase(text)) }

// Team implements [setup.Maker].
func (m *maker) Team(invitation string) (string, error) {
	team, err := m.setup.Team(invitation)
	return team, trouble(err)
}

// Make implements [setup.Maker].
func (m *maker) Make(ctx context.Context, p setup.Plan) (setup.Made, error) {
	made, err := m.setup.Make(ctx, command.Plan{
		Kind: p.Kind, CallSign: p.CallSign, Site: p.Site, Passphrase: p.Passphrase, Team: p.Team, Invitation: p.Invitation,
	})
	return setup.Made{Recovery: made.Recovery, Answer: made.Answer, Words: made.Words}, trouble(err)
}

// Keep implements [setup.Maker]. Of a station that was kept and did not start only the
// start is tried again.
func (m *maker) Keep(ctx context.Context, p setup.Plan) error {
	if err := m.setup.Keep(); err != nil {
		return trouble(err)
	}
	return trouble(m.start(ctx, p.Passphrase))
}

// picturesMost is how many pictures are offered, the latest.
const picturesMost = 30

// Pictures implements [setup.Maker]: of the folders where desktops put them, and of
// plugged-in sticks.
func (m *maker) Pictures(ctx context.Context) ([]setup.Picture, error) {
	var folders []string
	if home, err := os.UserHomeDir(); err == nil {
		for _, f := range []string{"Pictures", "Images", "Imágenes", "Downloads", "Téléchargements", "Descargas", "Desktop", "Bureau", "Escritorio"} {
			folders = append(folders, filepath.Join(home, f))
		}
	}
	sticks, err := (&desk{}).Sticks(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range sticks {
		folders = append(folders, s.Path)
	}
	return picturesIn(folders), nil
}

// picturesIn are the pictures in folders, the latest first.
func picturesIn(folders []string) (found []setup.Picture) {
	for _, folder := range folders {
		entries, err := os.ReadDir(folder)
		if err != nil {
			continue // no such folder here
		}
		for _, e := range entries {
			switch strings.ToLower(filepath.Ext(e.Name())) {
			case ".png", ".jpg", ".jpeg":
			default:
				continue
			}
			if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
				found = append(found, setup.Picture{Name: onOneLine(e.Name()), Path: filepath.Join(folder, e.Name()), At: info.ModTime()})
			}
		}
	}
	slices.SortFunc(found, func(x, y setup.Picture) int { return cmp.Or(y.At.Compare(x.At), strings.Compare(x.Path, y.Path)) })
	return found[:min(len(found), picturesMost)]
}

// Read implements [setup.Maker].
func (m *maker) Read(_ context.Context, p setup.Picture) (string, error) {
	text, err := m.setup.Read(p.Path)
	return text, trouble(err)
}
