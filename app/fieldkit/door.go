//go:build cgo

package main

import (
	"context"
	"errors"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
	"fieldkit/ui"
)

// crew is who signs in with the store's passphrase: the station does not tell people
// apart yet.
var crew = ui.Person{ID: "crew", Name: "Crew"}

// emergency is how a session without proof is called on screen.
const emergency = "EMERGENCY"

// signedIn is who is at this screen, "" while it is locked.
func (d *desk) signedIn() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.who
}

// enter keeps a session that was begun and ends the one before.
func (d *desk) enter(ctx context.Context, client *api.Client, t api.Token, who, secret string) {
	d.mu.Lock()
	before := d.token
	d.client, d.token, d.who, d.passphrase = client, t, who, secret
	d.mu.Unlock()
	if before != "" {
		_ = client.SignOut(ctx, before) // it ends by itself when this does not reach the station
	}
}

// leave forgets the session and all that could begin it again.
func (d *desk) leave() (t api.Token) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t = d.token
	d.token, d.who, d.passphrase = "", "", ""
	return t
}

// People implements [ui.Door].
func (d *desk) People(context.Context) ([]ui.Person, error) { return []ui.Person{crew}, nil }

// SignIn implements [ui.Door].
func (d *desk) SignIn(ctx context.Context, person, secret string) error {
	if person != crew.ID {
		return &ui.Trouble{What: "nobody of that name may sign in here"}
	}
	client, err := api.Dial(ctx, d.dir)
	if err != nil {
		return trouble(err)
	}
	t, err := client.Unlock(ctx, secret)
	if err != nil {
		return trouble(err)
	}
	d.enter(ctx, client, t, crew.Name, secret)
	return nil
}

// LockScreen implements [ui.Door].
func (d *desk) LockScreen(ctx context.Context, encounter chart.ID) error {
	t := d.leave()
	if t == "" {
		return nil
	}
	client, err := api.Dial(ctx, d.dir)
	if err == nil {
		err = client.LockScreen(ctx, t, encounter)
	}
	var fault *api.Fault
	if errors.As(err, &fault) && fault.Code == api.CodeSession {
		return nil // it had ended already
	}
	return trouble(err)
}

// AcknowledgeShown implements [ui.Door].
func (d *desk) AcknowledgeShown(ctx context.Context) error {
	client, err := api.Dial(ctx, d.dir)
	if err != nil {
		return trouble(err)
	}
	return trouble(client.AcknowledgeShown(ctx))
}

// BreakGlass implements [ui.Door].
func (d *desk) BreakGlass(ctx context.Context, why string) error {
	client, err := api.Dial(ctx, d.dir)
	if err != nil {
		return trouble(err)
	}
	t, err := client.BreakGlass(ctx, why)
	if err != nil {
		return trouble(err)
	}
	d.enter(ctx, client, t, emergency, "")
	return nil
}
