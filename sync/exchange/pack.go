package exchange

import (
	"fmt"

	"fieldkit/sync/journal"
)

// PackLimit is the most that Pack may be given, in bytes of envelopes and bodies,
// and the most that Unpack makes: one largest piece.
const PackLimit = maxPieces - 64<<10

// Pack is pieces in the exchange's own bytes, for a carrier that is not a
// connection.
func Pack(list []journal.Piece) []byte {
	return newFrame(kindPieces, pieces{0, list}.append)[4:]
}

// Unpack reads what Pack makes, with the bounds that hold on a connection.
func Unpack(team journal.TeamID, b []byte) ([]journal.Piece, error) {
	if len(b) == 0 || kind(b[0])&^packed != kindPieces {
		return nil, fmt.Errorf("%w (not pieces)", Malformed)
	}
	k, b, err := unpack(kind(b[0]), b[1:])
	if err != nil {
		return nil, err
	}
	r := &reader{b: b}
	m := readPieces(r, team)
	if r.bad {
		return nil, fmt.Errorf("%w (kind %d)", Malformed, k)
	}
	return m.list, nil
}

// Size is what a piece counts against PackLimit.
func Size(p journal.Piece) int {
	n := 256
	for _, r := range p.Records {
		n += len(r.Envelope) + len(r.Body) + 8
	}
	return n
}
