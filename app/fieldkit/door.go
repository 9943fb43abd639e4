//go:build cgo

package main

import (
	"context"
	"errors"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
	"fieldkit/ui"
)

// crew is who signs in with the store's passphrase, without a name of their own. Its
// ID is no staff's.
var crew = ui.Person{ID: "", Name: "Crew"}

// emergency is how a session without proof is called on screen.
const emergency = "EMERGENCY"

// signedIn is who is at this screen, "" while it is locked.
func (d *desk) signedIn() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.who
}

// enter keeps a session that was begun and ends the one before.
func (d *desk) enter(ctx context.Context, client *api.Client, t api.Token, who, person, secret string) {
	d.mu.Lock()
	before := d.token
	d.client, d.token, d.who, d.person, d.passphrase = client, t, who, person, secret
	d.told()
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
	d.token, d.who, d.person, d.passphrase, d.list = "", "", "", "", api.Listing{}
	d.told()
	return t
}

// People implements [ui.Door]: who has a PIN at this station, and the crew by its
// passphrase, which always may be tried.
func (d *desk) People(ctx context.Context) ([]ui.Person, error) {
	client, err := api.Dial(ctx, d.dir)
	if err != nil {
		return nil, trouble(err)
	}
	faces, err := client.Faces(ctx)
	if err != nil {
		faces = nil // a locked store names nobody
	}
	var out []ui.Person
	for _, f := range faces {
		if f.PIN {
			out = append(out, ui.Person{ID: f.ID, Name: f.Name})
		}
	}
	return append(out, crew), nil
}

// prove begins a session: of a person by PIN, or of the crew by passphrase.
func prove(ctx context.Context, client *api.Client, person, secret string) (t api.Token, who string, err error) {
	if person == crew.ID {
		t, err = client.Unlock(ctx, secret)
		return t, crew.Name, err
	}
	session, err := client.SignIn(ctx, "", api.SignIn{Person: person, PIN: secret})
	return session.Token, session.Name, err
}

// SignIn implements [ui.Door].
func (d *desk) SignIn(ctx context.Context, person, secret string) error {
	client, err := api.Dial(ctx, d.dir)
	if err != nil {
		return trouble(err)
	}
	t, who, err := prove(ctx, client, person, secret)
	if err != nil {
		return trouble(err)
	}
	d.enter(ctx, client, t, who, person, secret)
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
	d.enter(ctx, client, t, emergency, "", "")
	return nil
}
