package ui

import (
	"context"
	"time"

	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// A Desk is what the screens need of a station. app/fieldkit makes one of the
// client of the local API; uitest has one with behaviour. All methods are safe
// for concurrent use and may block until ctx ends. Errors a person can act on are
// [*Trouble].
type Desk interface {
	// Follow hands every moment to each until ctx ends or the station goes away,
	// and then gives the reason. A moment and its slices are each's to keep.
	Follow(ctx context.Context, each func(*Moment)) error
	// Station is what the station says of itself.
	Station(ctx context.Context) (Station, error)
	// Encounters lists the encounters the station holds, the latest first.
	Encounters(ctx context.Context) ([]chart.Row, error)
	// Entries are all entries of one encounter, in no promised order.
	Entries(ctx context.Context, encounter chart.ID) ([]chart.Entry, error)
	// Record writes an entry and returns once it is on disk. Only after a nil
	// error may a screen call it recorded.
	Record(ctx context.Context, d Draft) (Recorded, error)
	// RecordAll writes entries that belong together, of one or several encounters: all of
	// them in one commit, or on an error none.
	RecordAll(ctx context.Context, drafts []Draft) ([]Recorded, error)

	Door
	Vault
	Checker
	Auditor
	Courier
	Changer
}

// A Draft is an entry to be recorded. Without an encounter an
// [chart.EncounterOpened] opens a new one.
type Draft struct {
	Encounter chart.ID
	Patient   chart.ID
	Happened  time.Time // when it was true; now, when zero
	Content   chart.Content
	// Amends is the entry of the same encounter and kind that this one takes the place
	// of, zero when it takes none's, and Why the reason.
	Amends chart.Ref
	Why    string
}

// Recorded says where an entry stands on disk.
type Recorded struct {
	Ref       chart.Ref
	Encounter chart.ID
	Patient   chart.ID
}

// A Moment is what the station says of one encounter in one tenth of a second. What
// changes within one may come at once, as a moment of numbers and alarms alone whose
// tenth ends when it was said.
type Moment struct {
	Encounter chart.ID
	Tag       string // as on the triage label
	Monitor   string // make and model
	Demo      bool   // training or demonstration, never a patient
	// Boot names the run of the machine whose clock At, the readings and the samples
	// are told in: a recorder that restarts keeps it. Instants of two boots cannot be
	// compared.
	Boot chart.Boot
	At   vital.Instant // the tenth's start
	// Ended says that the monitor no longer records to this encounter.
	Ended bool
	Waves []vital.Waveform
	// Readings are all that stand when Full, else those that changed.
	Readings []vital.Reading
	Full     bool
	// Alarms are all that stand, when AlarmsTold; else nothing changed.
	Alarms     []Alarm
	AlarmsTold bool
}

// Tenth is how much time one moment covers.
const Tenth = 100 * time.Millisecond

// An Alarm is one that stands at the station.
type Alarm struct {
	ID           uint32 // the same while it stands
	Priority     alarm.Priority
	Technical    bool // about the equipment, not the patient
	Acknowledged bool
	Text         string // in the station's words: "SpO₂ low"
}

// A Station is what a station says of itself.
type Station struct {
	Kind     string // ambulance, clinic, kiosk, hospital
	CallSign string
	Version  string
	Locked   bool // the store waits for a passphrase; nothing is being recorded
	Training bool
	Device   chart.Device // whose entries are its own
	// SignedIn is the name of who is at this screen, "" while it is locked.
	SignedIn string
	Monitors []Monitor
	Peers    []Peer
	Link     Link
	Paused   []Pause
	Trouble  []string // what a person should know and can act on, worst first
}

// A Monitor is a line a medical instrument is or may be on.
type Monitor struct {
	Port      string
	Name      string // make and model, "" while unknown
	Driver    string
	Proven    bool // the driver is tested on bytes of a real monitor
	State     string
	Do        string
	Binding   string   // the name under which to bind it
	Encounter chart.ID // it records to; zero when none
}

// A Peer is another station of the team.
type Peer struct {
	Device       chart.Device
	CallSign     string
	Kind         string
	State        string
	Connected    bool
	MissingHere  uint64 // entries
	MissingThere uint64
}

// A Link is the live link to the hospital, in words.
type Link struct {
	To    string
	Name  string // the hospital's call sign, once it is known
	State string
	Not   []chart.ID // patients with monitors here whom that hospital does not see
	Board string     // the address of the page this station serves
	// Fingerprint of that page's certificate, SHA-256 in hex.
	Fingerprint string
}

// A Trouble is an error with what the person can do about it. It holds no patient
// data.
type Trouble struct {
	What string
	Do   string
}

// Error is the trouble in one line.
func (t *Trouble) Error() string {
	if t.Do == "" {
		return t.What
	}
	return t.What + ". " + t.Do
}
