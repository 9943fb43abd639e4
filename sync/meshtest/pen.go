package meshtest

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"fmt"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// Key is the key of the tablet with a name: the same in every run.
func Key(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("fieldkit meshtest " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// A Pen writes one device's logs of one team.
type Pen struct {
	key     ed25519.PrivateKey
	team    journal.TeamID
	writers map[journal.Log]*journal.Writer
	now     journal.HLC
}

// NewPen returns a pen that opens a new epoch at its first entry of each log, as
// a device does after a start.
func NewPen(key ed25519.PrivateKey, team journal.TeamID) *Pen {
	return &Pen{key: key, team: team, writers: map[journal.Log]*journal.Writer{}}
}

// Device is whose pen it is.
func (p *Pen) Device() chart.Device { return journal.DeviceOf(p.key.Public().(ed25519.PublicKey)) }

// Turn makes the next entry of a log open a new epoch.
func (p *Pen) Turn(log journal.Log) { delete(p.writers, log) }

// Piece writes bodies to a log and seals them: at most 64.
func (p *Pen) Piece(log journal.Log, bodies ...[]byte) (journal.Piece, error) {
	w := p.writers[log]
	if w == nil {
		var id chart.Epoch
		rand.Read(id[:])
		var err error
		if w, err = journal.NewWriter(p.key, p.team, log, id, journal.Link{}); err != nil {
			return journal.Piece{}, err
		}
		p.writers[log] = w
	}
	piece := journal.Piece{Head: w.Head()}
	for _, b := range bodies {
		p.now++
		r, err := w.Append(b, p.now)
		if err != nil {
			return journal.Piece{}, fmt.Errorf("write: %w", err)
		}
		piece.Records = append(piece.Records, r)
	}
	var err error
	piece.Seal, err = w.Seal()
	return piece, err
}

// Open makes the next entry of a log open an epoch with this id: for a copied
// disk, which no good device does.
func (p *Pen) Open(log journal.Log, id chart.Epoch) error {
	w, err := journal.NewWriter(p.key, p.team, log, id, journal.Link{})
	p.writers[log] = w
	return err
}
