//go:build cgo

package main

import (
	"context"
	"slices"

	"fieldkit/app/api"
	"fieldkit/ui"
)

// SetKind implements [ui.Changer].
func (d *desk) SetKind(ctx context.Context, kind string) error {
	_, err := call(ctx, d, func(c *api.Client, t api.Token) (api.Approved, error) {
		roster, err := c.Roster(ctx, t)
		if err != nil {
			return api.Approved{}, err
		}
		self := slices.IndexFunc(roster.Members, func(m api.Member) bool { return m.Self })
		if self < 0 {
			return api.Approved{}, &api.Fault{Code: api.CodeRefused, What: "this station is in no team yet", Do: "Wait for the admin's approval"}
		}
		return c.Approve(ctx, t, api.Approval{Key: roster.Members[self].Key, Kind: kind})
	})
	return err
}

var _ ui.Changer = (*desk)(nil)
