package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"fieldkit/telemetry/link"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
)

// ErrRefused is what a Roster or Desk answers when it may not be: unknown,
// revoked, not granted, wrong password. Other errors mean that it could not say.
var ErrRefused = errors.New("refused")

// A Roster is the recorder as signalling sees it. It holds the gateway's key.
type Roster interface {
	// CheckOffer returns the vehicle's call sign when its device stands on the
	// roster, is not revoked, and signed t.OfferMessage; else ErrRefused.
	CheckOffer(ctx context.Context, t link.Terms, signature []byte) (callSign string, err error)
	// SignAnswer signs t.AnswerMessage with the gateway's key.
	SignAnswer(ctx context.Context, t link.Terms) ([]byte, error)
	// MayShow returns nil when the encounter of b is bound for this hospital now,
	// else ErrRefused. It is asked for each binding a vehicle sends, and every few
	// seconds while its tile stands.
	MayShow(ctx context.Context, b wave.Binding) error
}

// A Person is someone of the emergency room who is signed in.
type Person struct {
	ID   string // the staff id
	Name string // as shown
	Role string
}

// A Desk is the recorder as the page sees it: it keeps the accounts, slows and
// locks them, and writes the record. A token is the recorder's, so that a restart
// of the gateway signs nobody out.
type Desk interface {
	SignIn(ctx context.Context, name, secret string) (token string, p Person, err error)
	SignOut(ctx context.Context, token string) error
	// Session is who holds token, ErrRefused when it is over.
	Session(ctx context.Context, token string) (Person, error)
	// MayWatch returns nil when the holder of token may see the encounter.
	MayWatch(ctx context.Context, token string, encounter chart.ID) error
	// Watched is the audit: the holder of token saw the encounter from one time to
	// another. It is called when watching begins, every minute while it goes on, and
	// when it ends.
	Watched(ctx context.Context, token string, encounter chart.ID, from, to time.Time) error
	// Chart is the encounter's chart as the page reads it, JSON.
	Chart(ctx context.Context, token string, encounter chart.ID) ([]byte, error)
	// Record is the encounter's record as a page that has it open reads it, JSON:
	// handover, trends, what was given and done, scores, messages, alarms.
	Record(ctx context.Context, token string, encounter chart.ID) ([]byte, error)
	// Strip is a stretch of a strip that was kept of the encounter, JSON, at most
	// stripSize: what it names of the whole, and the samples of as much of the stretch as
	// fits. ErrRefused when no such strip is this person's to see.
	Strip(ctx context.Context, token string, encounter chart.ID, s Stretch) ([]byte, error)
	// Append writes an act of the emergency room to the record: acceptance, bay,
	// read-back, acknowledgement, message. Its answer is JSON for the page.
	Append(ctx context.Context, token string, act Act) ([]byte, error)
}

// An Act is what someone at the page did. Kind and Body are the page's and the
// recorder's; the gateway bounds them and reads neither.
type Act struct {
	Encounter chart.ID        `json:"encounter"`
	Kind      string          `json:"kind"` // at most 40 lower-case letters, digits, hyphens and underscores
	Body      json.RawMessage `json:"body"` // at most 4 KiB
}
