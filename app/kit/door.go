package kit

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"time"

	"fieldkit/app/api"
	"fieldkit/telemetry/link"
	"fieldkit/telemetry/relay"
)

// A hospital that can only dial out is reached at a relay (package telemetry/relay):
// its live process keeps a door there, whose visitors it serves as those of the page's
// own port. The recorder signs for it, and for nothing else with that label.

// doorState is how the relay is reached, as the live process says it.
type doorState struct {
	Reached bool      `json:"reached"`
	Since   time.Time `json:"since"`
	Problem string    `json:"problem,omitempty"`
}

// doorProof is this hospital's key and its signature over a registration.
type doorProof struct {
	Key       []byte `json:"key"`
	Signature []byte `json:"signature"`
}

// openDoor opens the door at the relay, nil where none is set.
func (o *outside) openDoor(settings Settings) (*relay.Door, error) {
	if settings.Relay == "" {
		return nil, nil
	}
	door, err := relay.OpenDoor(relay.DoorConfig{Address: settings.Relay, Log: o.log,
		Sign: func(ctx context.Context, binding []byte) (ed25519.PublicKey, []byte, error) {
			p, err := put[doorProof](ctx, o, "sign-relay", binding)
			return p.Key, p.Signature, err
		}})
	if err != nil {
		return nil, err
	}
	o.door.Store(door)
	return door, nil
}

// media are the relays for UDP where this hospital has a door.
func (o *outside) media() []link.ICEServer {
	if door := o.door.Load(); door != nil {
		return door.Media()
	}
	return nil
}

// tellDoor says how the relay is reached, to the recorder and to the pages.
func (o *outside) tellDoor(said *liveState) {
	door := o.door.Load()
	if door == nil {
		return
	}
	s := door.State()
	said.Door = &doorState{s.Reached, s.Since, s.Problem}
	if g := o.gateway.Load(); g != nil {
		g.Outside(s.Reached || time.Since(s.Since) < doorPatience, s.Since)
	}
}

// doorPatience is how long a relay may be away before people are told: a restart of
// it is over by then.
const doorPatience = 3 * time.Second

// signRelay proves this hospital's key to its relay.
func (l *live) signRelay(binding []byte) (doorProof, error) {
	m := l.kit.share.member.Load()
	switch {
	case m == nil || l.kit.share.withdrawn.Load():
		return doorProof{}, errRefused("the store is locked, or this station was withdrawn from its team")
	case l.kit.settings.Relay == "" || len(binding) != relay.BindingSize:
		return doorProof{}, errRefused("no relay is set, or that is no registration")
	}
	return doorProof{Key: m.key.Public().(ed25519.PublicKey), Signature: ed25519.Sign(m.key, relay.Registration(binding))}, nil
}

// describeDoor fills in how the relay is reached.
func (l *live) describeDoor(st *api.State, d *doorState) {
	st.Link.Relay = l.kit.settings.Relay
	switch {
	case st.Link.Relay == "":
	case d == nil:
		st.Link.RelayState = "not reached yet"
	case d.Reached:
		st.Link.RelayState = "reached since " + d.Since.Local().Format("15:04:05")
	default:
		st.Link.RelayState = "not reached since " + d.Since.Local().Format("15:04:05") + ": " + d.Problem
		if time.Since(d.Since) >= doorPatience {
			st.Trouble = append(st.Trouble, fmt.Sprintf("The relay %s is not reached: no vehicle outside reaches this hospital. Look at the network, and at the relay. (%s)", st.Link.Relay, d.Problem))
		}
	}
}
