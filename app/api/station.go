package api

import (
	"context"
	"encoding/json"
	"time"

	"fieldkit/triage/chart"
)

// A Station is what the API serves and what its client offers. app/kit
// implements it; so does [Client]. All methods are safe for concurrent use.
// Errors a person can act on are [*Fault].
type Station interface {
	// State is what anyone at the machine may see.
	State(ctx context.Context) (State, error)
	// Unlock opens the store with a passphrase and begins a session.
	Unlock(ctx context.Context, passphrase string) (Token, error)
	// Lock ends every session and closes the store. Recording stops: it is asked
	// for, never automatic.
	Lock(ctx context.Context, t Token) error
	// SignOut ends one session; the store stays open and recording goes on.
	SignOut(ctx context.Context, t Token) error
	// Encounters lists the encounters this station holds, the latest first.
	Encounters(ctx context.Context, t Token) ([]chart.Row, error)
	// Entries are all entries of one encounter, in no promised order: fold them
	// with triage/chart.
	Entries(ctx context.Context, t Token, encounter chart.ID) ([]chart.Entry, error)
	// Record writes an entry and returns once it is on disk.
	Record(ctx context.Context, t Token, d Draft) (Recorded, error)
	// Verify reads the whole record and says what is not as it was written.
	Verify(ctx context.Context, t Token) (Verified, error)
	// Backup writes a whole, sealed copy of the record to a file on this machine,
	// which must not exist, while recording goes on.
	Backup(ctx context.Context, t Token, path string) error
	// ChangePassphrase replaces the passphrase old, which must open the store.
	ChangePassphrase(ctx context.Context, t Token, old, fresh string) error
	// Erase hides every entry of an encounter at once and has them dropped for good
	// after 72 h, here and at every station of the team.
	Erase(ctx context.Context, t Token, encounter chart.ID, why string) (Erased, error)
	// Follow hands live frames (telemetry/wave) to each until ctx ends, each
	// returns an error, or the station goes away: one a tenth of each patient, and
	// between them of what was just said, at most thirty a second of each. The
	// bytes are valid only during the call.
	Follow(ctx context.Context, t Token, each func(frame []byte) error) error

	Shower
	Scribe
}

// A Token is proof of a session. It is a secret.
type Token string

// A State is what the station says of itself.
type State struct {
	Version  string `json:"version"`
	Kind     string `json:"kind"` // ambulance, clinic, kiosk, hospital
	CallSign string `json:"call_sign"`
	Device   string `json:"device"` // this station's device key, as peers know it
	// Writer is that device as the record's entries name it; zero while it is locked.
	Writer   chart.Device `json:"writer"`
	Locked   bool         `json:"locked"` // the store waits for a passphrase
	Training bool         `json:"training"`
	Now      time.Time    `json:"now"`
	Ports    []Port       `json:"ports"`
	Peers    []Peer       `json:"peers"`
	Record   string       `json:"record,omitempty"` // digest of the home team's record without stream, in hex: the same where the same is held
	Link     Link         `json:"link"`
	// Paused are the alarms whose sound people have paused. A face must show them.
	Paused []Pause `json:"paused,omitempty"`
	// Trouble is what a person should know and can act on, worst first.
	Trouble []string `json:"trouble,omitempty"`
	// Process ids of the recorder and of the live process (0 when it is not there).
	Recorder int `json:"recorder_pid"`
	Live     int `json:"live_pid"`
}

// A Port is a line a monitor may be on, in words.
type Port struct {
	Name    string `json:"name"`
	Monitor string `json:"monitor"` // make and model, "" while unknown
	Driver  string `json:"driver"`
	Proven  bool   `json:"proven"`
	State   string `json:"state"` // "reading", "listening", "silent for 4 s", ...
	Do      string `json:"do,omitempty"`
	// Frames the session understood, and what it could not.
	Frames  uint64 `json:"frames"`
	Bad     uint64 `json:"bad"`
	Unknown uint64 `json:"unknown"`
	// Encounter the monitor records to; zero when none. Binding is the name under
	// which to bind it to another (chart.MonitorBound).
	Encounter chart.ID `json:"encounter"`
	Binding   string   `json:"binding"`
}

// A Peer is another station of the team.
type Peer struct {
	// Team is the name of the team in which it is met, "" where the station has one.
	Team   string `json:"team,omitempty"`
	Device string `json:"device"` // its key
	// Writer is that device as the record's entries name it.
	Writer    chart.Device `json:"writer"`
	CallSign  string       `json:"call_sign"`
	Kind      string       `json:"kind"`
	State     string       `json:"state"` // in words: "in touch", "away since 14:02"
	Connected bool         `json:"connected"`
	Last      time.Time    `json:"last_exchange"`
	// Entries still missing here and there.
	MissingHere  uint64        `json:"missing_here"`
	MissingThere uint64        `json:"missing_there"`
	Offset       time.Duration `json:"clock_offset"` // their clock less ours
	RoundTrip    time.Duration `json:"round_trip"`
	// At is where it was last reached, host:port, "" when it was not met since the
	// start.
	At string `json:"at,omitempty"`
	// Trouble is what is wrong with it, in words, "" when nothing is.
	Trouble string `json:"trouble,omitempty"`
}

// A Link is the live link, in words.
type Link struct {
	To    string `json:"to"`    // the hospital's address, "" when none is set
	State string `json:"state"` // "live", "connecting", "silent for 4 s", "no hospital set"
	// Name is the call sign of the hospital that answers there, "" while none is known.
	Name string `json:"name,omitempty"`
	// Not are the encounters whose monitors are here and which that hospital's page does
	// not show, as far as this station knows: they are not bound for it and it may not
	// read all, they are bound for elsewhere, or they are of another team.
	Not []chart.ID `json:"not,omitempty"`
	// Board is the address of the page this station serves, "" when it serves none.
	Board string `json:"board,omitempty"`
	// Fingerprint of the page's certificate, SHA-256 in hex.
	Fingerprint string `json:"fingerprint,omitempty"`
	// Relay is the address at which a hospital that can only dial out is reached, ""
	// for none, and RelayState how that stands: "reached since 14:02:11", ...
	Relay      string `json:"relay,omitempty"`
	RelayState string `json:"relay_state,omitempty"`
}

// A Draft is an entry to be recorded.
type Draft struct {
	Encounter chart.ID        `json:"encounter"`
	Patient   chart.ID        `json:"patient,omitzero"`
	Happened  time.Time       `json:"happened,omitzero"` // now, when zero
	Kind      string          `json:"kind"`              // the content's name in triage/chart
	Content   json.RawMessage `json:"content"`
	// Amends is the entry of the same encounter and kind that this one takes the place
	// of, and Why the reason; it then happened when that one did, when Happened is zero.
	Amends chart.Ref `json:"amends,omitzero"`
	Why    string    `json:"why,omitempty"`
}

// Recorded says where an entry stands on disk.
type Recorded struct {
	Ref       chart.Ref `json:"ref"`
	Encounter chart.ID  `json:"encounter"` // the new one's id when the draft opened one
	Patient   chart.ID  `json:"patient,omitzero"`
}

// Verified is what Verify found. Without findings everything that was written is
// there, in its order, sealed by its writer.
type Verified struct {
	Epochs   int      `json:"epochs"`
	Entries  int      `json:"entries"`
	Seals    int      `json:"seals"`
	Findings []string `json:"findings"` // the first bad entry of each log first
}

// Erased says what an erase hid and when it is carried out.
type Erased struct {
	Entries int       `json:"entries"`
	Due     time.Time `json:"due"`
}

// A Fault is an error with what the person can do about it. It holds no patient
// data.
type Fault struct {
	Code string `json:"code"` // one of the codes below
	What string `json:"what"` // what failed, on what
	Do   string `json:"do"`   // what to do
}

// The codes of faults.
const (
	CodeLocked   = "locked"    // the store waits for a passphrase
	CodeSession  = "session"   // no session, or it ended
	CodeRefused  = "refused"   // wrong passphrase, or not allowed
	CodeNotFound = "not_found" // no such encounter
	CodeInvalid  = "invalid"   // the request or content cannot be right
	CodeFailed   = "failed"    // the station could not: disk, ports
	CodeNewer    = "newer"     // the store was written by a later version
)

// Error is the fault in one line.
func (f *Fault) Error() string {
	if f.Do == "" {
		return f.What
	}
	return f.What + ". " + f.Do
}
