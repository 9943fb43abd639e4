package exchange

import (
	"context"
	"errors"
	"time"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// Ledger is the record as the exchange sees it. All methods may be called at
// once from several goroutines.
type Ledger interface {
	// Heads returns every epoch of the team that is known, with how far; of each
	// device the newest epoch first. Epochs of the stream log may be among them.
	Heads(context.Context) ([]journal.Head, error)

	// Pieces yields what is held of one epoch after the entry with number after,
	// in order, from seal to seal. After need not be a seal: the piece that holds
	// the next entry comes whole. A piece is at most 4 MiB. It ends early, with yield's error, when yield
	// returns one.
	Pieces(ctx context.Context, device chart.Device, log journal.Log, epoch chart.Epoch, after uint64,
		yield func(journal.Piece) error) error

	// Accept verifies pieces and stores them durably, all or none. Pieces already
	// held are no error, and may bring bodies that were absent; a piece may begin
	// before what is held. It returns journal.ErrGap when an entry before a piece is
	// missing, journal.ErrFork when a piece contradicts what is held and was not
	// kept beside it, ErrStranger when the writer's key is not known (yet), another
	// journal.EntryError for a piece that must not be believed; any other error
	// means that storing failed. It keeps none of the slices after it returns.
	Accept(context.Context, []journal.Piece) error
}

// ErrStranger is what a Ledger returns for a piece whose writer is on no roster
// it has read yet. The piece is dropped; the next contact brings it again.
var ErrStranger = errors.New("the writer of these entries is on no roster known here")

// Clock is this station's clock as it would show it to a peer.
type Clock interface {
	// Now returns the wall time, corrected as far as it can be, and where it
	// comes from.
	Now() (time.Time, chart.Trust)
}
