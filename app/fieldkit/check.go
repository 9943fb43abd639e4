//go:build cgo

package main

import (
	"context"

	"fieldkit/app/api"
	"fieldkit/ui"
)

// Readiness implements [ui.Checker].
func (d *desk) Readiness(ctx context.Context) (ui.Readiness, error) {
	r, err := call(ctx, d, func(c *api.Client, t api.Token) (api.Readiness, error) { return c.Readiness(ctx, t) })
	if err != nil {
		return ui.Readiness{}, err
	}
	out := ui.Readiness{DiskFree: r.DiskFree, DiskAll: r.DiskAll, Clock: r.Clock, ClockTrusted: r.ClockTrusted}
	if r.Battery != nil {
		out.Battery = &ui.Battery{Percent: r.Battery.Percent, Charging: r.Battery.Charging}
	}
	if r.Backup != nil {
		out.Backup = *r.Backup
	}
	if r.Checked != nil {
		out.Checked, out.PutOff = r.Checked.At, r.Checked.Skipped
	}
	return out, nil
}
