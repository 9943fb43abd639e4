package rehearsal

import (
	"context"
	"slices"
	"time"

	"fieldkit/ui"
)

// Parcels implements [ui.Courier].
func (d *Desk) Parcels(_ context.Context, s ui.Stick) ([]ui.Parcel, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.parcels[s.Path]), d.away
}

// Lay puts a parcel on a made-up stick.
func (d *Desk) Lay(s ui.Stick, p ui.Parcel) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.parcels == nil {
		d.parcels = map[string][]ui.Parcel{}
	}
	d.parcels[s.Path] = append([]ui.Parcel{p}, d.parcels[s.Path]...)
}

// ParcelOut implements [ui.Courier].
func (d *Desk) ParcelOut(_ context.Context, s ui.Stick) (ui.ParcelOut, error) {
	d.mu.Lock()
	err, file := d.away, "fieldkit AMB-7 "+d.now.Format(time.DateOnly)+".parcel"
	if err == nil {
		err = d.fail
	}
	entries := len(d.entries)
	d.mu.Unlock()
	if err != nil {
		return ui.ParcelOut{}, err
	}
	d.Lay(s, ui.Parcel{Name: file, Path: s.Path + "/" + file, At: d.Now()})
	return ui.ParcelOut{File: file, Entries: entries, For: 3, Left: 1}, nil
}

// ParcelIn implements [ui.Courier]. The first time all is new.
func (d *Desk) ParcelIn(_ context.Context, p ui.Parcel) (ui.ParcelIn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.away != nil:
		return ui.ParcelIn{}, d.away
	case d.fail != nil:
		return ui.ParcelIn{}, d.fail
	}
	came := ui.ParcelIn{From: "CLN-2", Made: p.At, Entries: 214, New: 198, Says: "214 entries, 198 of them new; some were written by tablets this one does not know yet"}
	if slices.Contains(d.taken, p.Path) {
		came.New, came.Says = 0, "everything in this parcel was already here; nothing was changed"
	}
	d.taken = append(d.taken, p.Path)
	return came, nil
}
