package meshtest

import (
	"crypto/ed25519"
	"testing"

	"fieldkit/sync/exchange"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A Memory is a [Record] in memory.
type Memory struct {
	*Ledger
	key    ed25519.PrivateKey
	pen    *Pen
	backup *Ledger
}

// NewMemory is the [Maker] of records in memory.
func NewMemory(_ *testing.T, key ed25519.PrivateKey, roster func(chart.Device) (ed25519.PublicKey, bool), _ func() int64) Record {
	return &Memory{Ledger: NewLedger(Team, roster), key: key, pen: NewPen(key, Team)}
}

// Write implements [Record].
func (m *Memory) Write(log journal.Log, texts ...[]byte) (journal.Piece, error) {
	p, err := m.pen.Piece(log, texts...)
	if err != nil {
		return p, err
	}
	return p, m.Append(p)
}

// Text implements [Record].
func (m *Memory) Text(r journal.Record) []byte { return r.Body }

// Watch implements [Record].
func (m *Memory) Watch(stored func(journal.Piece), filled func(exchange.Place)) {
	m.Stored, m.Filled = stored, filled
}

// Restart implements [Record]: what was written is there, the writer opens new epochs.
func (m *Memory) Restart() error {
	m.Break(nil)
	m.pen = NewPen(m.key, Team)
	return nil
}

// Backup implements [Record].
func (m *Memory) Backup() error {
	m.backup = m.Copy()
	return nil
}

// Saved implements [Record].
func (m *Memory) Saved(yield func(journal.Piece)) { m.backup.Each(yield) }

// Restore implements [Record].
func (m *Memory) Restore() error {
	stored, filled := m.Stored, m.Filled
	m.Ledger = m.backup.Copy()
	m.Watch(stored, filled)
	return m.Restart()
}

// Close implements [Record].
func (m *Memory) Close() error { return nil }
