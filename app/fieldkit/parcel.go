//go:build cgo

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fieldkit/app/api"
	"fieldkit/ui"
)

// parcelSuffix is how a parcel's file name ends; the command line's may be "parcel".
const parcelSuffix = ".parcel"

// stickMost bounds how many names at a stick's top are looked at.
const stickMost = 10_000

// Parcels implements [ui.Courier]: plain files at the stick's top, by their names.
// Whether one is a parcel is found out when it is taken in.
func (d *desk) Parcels(_ context.Context, s ui.Stick) ([]ui.Parcel, error) {
	f, err := os.Open(s.Path)
	if err != nil {
		return nil, fmt.Errorf("look at the stick: %w", err)
	}
	defer f.Close()
	entries, err := f.ReadDir(stickMost)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("look at the stick: %w", err)
	}
	var out []ui.Parcel
	for _, e := range entries {
		if !e.Type().IsRegular() || e.Name() != "parcel" && !strings.HasSuffix(e.Name(), parcelSuffix) {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue // gone meanwhile
		}
		out = append(out, ui.Parcel{Name: onOneLine(e.Name()), Path: filepath.Join(s.Path, e.Name()), At: info.ModTime()})
	}
	slices.SortStableFunc(out, func(a, b ui.Parcel) int { return cmp.Or(b.At.Compare(a.At), strings.Compare(a.Name, b.Name)) })
	return out, nil
}

// onOneLine is a file's name as it is shown: what is no letter, sign or space becomes a
// hyphen.
func onOneLine(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '/' || r == os.PathSeparator || r < ' ' {
			return '-'
		}
		return r
	}, name)
}

// ParcelOut implements [ui.Courier].
func (d *desk) ParcelOut(ctx context.Context, s ui.Stick) (ui.ParcelOut, error) {
	st, err := d.Station(ctx)
	if err != nil {
		return ui.ParcelOut{}, err
	}
	file := "fieldkit " + onOneLine(st.CallSign) + " " + time.Now().Format("2006-01-02 150405") + parcelSuffix
	packed, err := call(ctx, d, func(c *api.Client, t api.Token) (api.Packed, error) {
		return c.ParcelOut(ctx, t, api.Parcel{Path: filepath.Join(s.Path, file)})
	})
	return ui.ParcelOut{File: file, Entries: int(packed.Entries), For: packed.For, Left: packed.Left}, err
}

// ParcelIn implements [ui.Courier].
func (d *desk) ParcelIn(ctx context.Context, p ui.Parcel) (ui.ParcelIn, error) {
	got, err := call(ctx, d, func(c *api.Client, t api.Token) (api.Unpacked, error) { return c.ParcelIn(ctx, t, p.Path) })
	return ui.ParcelIn{From: got.From, Made: got.Made, Entries: int(got.Entries), New: int(got.New), Says: got.Says}, err
}
