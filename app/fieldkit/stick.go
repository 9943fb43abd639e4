//go:build cgo

package main

import (
	"context"
	"os"
	"os/user"
	"path/filepath"
	"time"

	"fieldkit/app/api"
	"fieldkit/ui"
)

// places are where desktops mount what is plugged in.
func places() []string {
	name := os.Getenv("USER")
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return []string{filepath.Join("/run/media", name), filepath.Join("/media", name), "/media", "/mnt"}
}

// Sticks implements [ui.Vault].
func (d *desk) Sticks(context.Context) ([]ui.Stick, error) {
	var out []ui.Stick
	for _, place := range places() {
		entries, err := os.ReadDir(place)
		if err != nil {
			continue // no such place on this machine
		}
		for _, e := range entries {
			path := filepath.Join(place, e.Name())
			if free, ok := mounted(place, path); ok {
				out = append(out, ui.Stick{Name: e.Name(), Path: path, Free: free})
			}
		}
	}
	return out, nil
}

// Backup implements [ui.Vault].
func (d *desk) Backup(ctx context.Context, s ui.Stick) (string, error) {
	st, err := d.Station(ctx)
	if err != nil {
		return "", err
	}
	file := "fieldkit " + onOneLine(st.CallSign) + " " + time.Now().Format("2006-01-02 150405") + ".backup"
	_, err = call(ctx, d, func(c *api.Client, t api.Token) (struct{}, error) {
		return struct{}{}, c.Backup(ctx, t, filepath.Join(s.Path, file))
	})
	return file, err
}
