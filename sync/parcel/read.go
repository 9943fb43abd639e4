package parcel

import (
	"context"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"time"

	"fieldkit/sync/exchange"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// Why a parcel was not opened. Nothing was changed.
var (
	ErrNotParcel = errors.New("this file is not a parcel of Fieldkit")
	ErrLater     = errors.New("this parcel was made by a later program: update this tablet")
	ErrOtherTeam = errors.New("this parcel belongs to another team")
	ErrNotForUs  = errors.New("this parcel is addressed to other tablets: have it made again for this one")
	ErrCutShort  = errors.New("this parcel is not complete: copy it again, and remove the stick only when told to")
	ErrDamaged   = errors.New("this parcel is damaged or was changed on the way: copy it again")
	ErrSender    = errors.New("this parcel was not made by a tablet of the team")
)

// mostFrame bounds one frame's ciphertext.
const mostFrame = exchange.PackLimit + 128<<10

// Reading is who reads a parcel.
type Reading struct {
	Key    ed25519.PrivateKey // this tablet's
	Team   journal.TeamID
	Admit  identity.Lookup // whose parcels are taken
	Ledger exchange.Ledger
}

// Report says what a parcel brought.
type Report struct {
	From    chart.Device
	Made    time.Time      // by the sender's clock
	Heads   []journal.Head // how far the sender's record reached: what a parcel back may leave out
	Entries uint64         // in the parcel
	New     uint64         // of them, not here before
	Gaps    int            // pieces that need something the parcel does not hold
	Unknown int            // pieces of devices on no roster known here
	Refused int            // pieces whose signature or order does not hold
}

// String says it to a person.
func (r Report) String() string {
	text := fmt.Sprintf("%d entries, %d of them new", r.Entries, r.New)
	switch {
	case r.Entries == 0:
		text = "the parcel holds no entries: the sender took this tablet to hold them all"
	case r.New == 0 && r.Gaps+r.Unknown+r.Refused == 0:
		text = "everything in this parcel was already here; nothing was changed"
	}
	if r.Gaps > 0 {
		text += "; some entries need earlier ones that are missing: ask for a parcel with everything"
	}
	if r.Unknown > 0 {
		text += "; some were written by tablets this one does not know yet"
	}
	if r.Refused > 0 {
		text += "; some were refused, because their signature or order does not hold"
	}
	return text
}

// Read opens a parcel and brings its entries into the ledger. It reads the file
// twice: nothing is changed before its end and its sender's signature were seen.
func Read(ctx context.Context, r io.ReadSeeker, q Reading) (Report, error) {
	o, err := openParcel(r, q)
	if err != nil {
		return Report{}, err
	}
	start, err := r.Seek(0, io.SeekCurrent)
	if err != nil {
		return Report{}, fmt.Errorf("read parcel: %w", err)
	}
	report, err := o.prove(ctx, q)
	if err != nil {
		return Report{}, err
	}
	for range 2 { // a roster in the parcel may make its other writers known
		if _, err := r.Seek(start, io.SeekStart); err != nil {
			return Report{}, fmt.Errorf("read parcel: %w", err)
		}
		o.number = 0
		if err := o.apply(ctx, q, &report); err != nil {
			return report, err
		}
		if report.Unknown == 0 {
			break
		}
	}
	return report, nil
}

// An opener reads the frames.
type opener struct {
	r      io.Reader
	aead   cipher.AEAD
	header [32]byte
	number uint64
	all    hash.Hash
}

func openParcel(r io.Reader, q Reading) (*opener, error) {
	head := make([]byte, len(mark)+1+16+8+2)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, ErrNotParcel
	}
	if string(head[:len(mark)]) != mark {
		return nil, ErrNotParcel
	}
	if head[len(mark)] != version {
		return nil, ErrLater
	}
	id := [16]byte(head[len(mark)+1:])
	if [8]byte(head[len(mark)+17:]) != teamHint(id, q.Team) {
		return nil, ErrOtherTeam
	}
	n := int(binary.BigEndian.Uint16(head[len(head)-2:]))
	if n > mostSlots {
		return nil, ErrDamaged
	}
	slots := make([]byte, n*slotSize)
	if _, err := io.ReadFull(r, slots); err != nil {
		return nil, ErrCutShort
	}
	key, err := fileKey(id, slots, q.Key)
	if err != nil {
		return nil, err
	}
	o := &opener{r: r, aead: aeadOf(key), header: sha256.Sum256(slices.Concat(head, slots)), all: sha256.New()}
	o.all.Write(o.header[:])
	return o, nil
}

// fileKey opens our slot.
func fileKey(id [16]byte, slots []byte, own ed25519.PrivateKey) (key [32]byte, err error) {
	hint := slotHint(id, identity.PublicOf(own).Device())
	for slot := range slices.Chunk(slots, slotSize) {
		if [8]byte(slot) != hint {
			continue
		}
		k, err := identity.OpenerOf(own)
		if err != nil {
			return key, err
		}
		b, err := hpke.Open(k, hpke.HKDFSHA256(), hpke.AES256GCM(), append([]byte(labelKey), id[:]...), slot[8:])
		if err != nil || len(b) != len(key) {
			return key, ErrDamaged
		}
		return [32]byte(b), nil
	}
	return key, ErrNotForUs
}

// frame reads one frame.
func (o *opener) frame() ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(o.r, size[:]); err != nil {
		return nil, short(err)
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > mostFrame || int(n) <= o.aead.Overhead() {
		return nil, ErrDamaged
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(o.r, b); err != nil {
		return nil, short(err)
	}
	b, err := o.aead.Open(b[:0], nonce(o.number), b, o.header[:])
	if err != nil {
		return nil, ErrDamaged
	}
	o.number++
	return b, nil
}

func short(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrCutShort
	}
	return fmt.Errorf("read parcel (was the stick pulled?): %w", err)
}

// prove reads the whole parcel and changes nothing.
func (o *opener) prove(ctx context.Context, q Reading) (report Report, err error) {
	for {
		if err := ctx.Err(); err != nil {
			return report, err
		}
		b, err := o.frame()
		if err != nil {
			return report, err
		}
		switch b[0] {
		case frameHeads:
			if err := report.takeHeads(b[1:], q.Team); err != nil {
				return report, err
			}
		case frameEnd:
			return report, o.signed(b, q, &report)
		}
		o.all.Write(binary.BigEndian.AppendUint32(nil, uint32(len(b))))
		o.all.Write(b)
	}
}

// signed checks the last frame and that nothing follows it.
func (o *opener) signed(b []byte, q Reading, report *Report) error {
	const unsigned = 1 + 32 + 8
	if len(b) != unsigned+ed25519.SignatureSize {
		return ErrDamaged
	}
	sender := identity.Key(b[1:33])
	if q.Admit(sender) != nil {
		return ErrSender
	}
	signed := o.all.Sum(slices.Concat([]byte(labelSign), b[:unsigned]))
	if !ed25519.Verify(sender.Public(), signed, b[unsigned:]) {
		return ErrSender
	}
	if n, _ := io.ReadFull(o.r, make([]byte, 1)); n != 0 {
		return ErrDamaged
	}
	report.From, report.Entries = sender.Device(), binary.BigEndian.Uint64(b[33:])
	return nil
}

func (r *Report) takeHeads(b []byte, team journal.TeamID) error {
	if len(b) < 8 || (len(b)-8)%headSize != 0 {
		return ErrDamaged
	}
	r.Made = time.UnixMilli(int64(binary.BigEndian.Uint64(b)))
	for v := range slices.Chunk(b[8:], headSize) {
		h := journal.Head{Team: team, Device: chart.Device(v[:32]), Log: journal.Log(v[32]), Epoch: chart.Epoch(v[33:49])}
		h.Seq, h.Chain = binary.BigEndian.Uint64(v[49:]), journal.Hash(v[57:])
		r.Heads = append(r.Heads, h)
	}
	return nil
}

// apply brings the pieces into the ledger, a frame to a transaction.
func (o *opener) apply(ctx context.Context, q Reading, report *Report) error {
	report.Gaps, report.Unknown, report.Refused = 0, 0, 0
	before, err := reached(ctx, q.Ledger)
	if err != nil {
		return err
	}
	for {
		b, err := o.frame()
		if err != nil {
			return err
		}
		switch b[0] {
		case framePieces:
			list, err := exchange.Unpack(q.Team, b[1:])
			if err != nil {
				return ErrDamaged
			}
			if err := accept(ctx, q.Ledger, list, report); err != nil {
				return fmt.Errorf("store what the parcel brought (what came before is kept; read it again when there is room): %w", err)
			}
		case frameEnd:
			after, err := reached(ctx, q.Ledger)
			report.New += after - before
			return err
		}
	}
}

// reached counts the entries held.
func reached(ctx context.Context, l exchange.Ledger) (n uint64, err error) {
	heads, err := l.Heads(ctx)
	for _, h := range heads {
		n += h.Seq
	}
	return n, err
}

// accept stores pieces together, or one by one to leave out those that do not
// fit.
func accept(ctx context.Context, l exchange.Ledger, list []journal.Piece, report *Report) error {
	if l.Accept(ctx, list) == nil {
		return nil
	}
	for i := range list {
		err := l.Accept(ctx, list[i:i+1])
		var entry *journal.EntryError
		switch {
		case err == nil:
		case errors.Is(err, journal.ErrGap):
			report.Gaps++
		case errors.Is(err, exchange.ErrStranger):
			report.Unknown++
		case errors.As(err, &entry) || errors.Is(err, journal.ErrFork):
			report.Refused++
		default:
			return err
		}
	}
	return nil
}
