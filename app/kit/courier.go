package kit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/exchange"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/sync/parcel"
	"fieldkit/triage/chart"
)

// ParcelOut implements api.Team. The file appears under its name only once it is
// whole and on the carrier.
func (k *Kit) ParcelOut(ctx context.Context, t api.Token, p api.Parcel) (out api.Packed, err error) {
	if _, err := k.allow(t, identity.MayRecord); err != nil {
		return out, err
	}
	m, err := k.memberIn(ctx)
	if err != nil {
		return out, err
	}
	if m.share.withdrawn.Load() {
		return out, &api.Fault{Code: api.CodeRefused, What: "this tablet was withdrawn from its team and shares nothing", Do: "The recovery words readmit it: 'team recover --readmit'."}
	}
	if err := wholePath(p.Path); err != nil {
		return out, err
	}
	roster := m.share.roster.Load()
	var to []identity.Key
	var of exchange.Ledger = ledger{k.store, m.share}
	admins := true // all whom it is for
	if p.To != "" {
		target, err := findDevice(roster, p.To)
		switch {
		case err != nil:
			return out, err
		case target.Device == m.device:
			return out, &api.Fault{Code: api.CodeInvalid, What: "the parcel would be for this station itself"}
		case target.Out:
			return out, &api.Fault{Code: api.CodeRefused, What: "that device was withdrawn from the team", Do: "Nothing is shared with it."}
		}
		to, admins = append(to, target.Key), target.Admin
		if target.Grant != identity.GrantAll {
			v := &view{share: m.share, peer: target.Device}
			if err := v.make(ctx); err != nil {
				return out, storeFault(err)
			}
			of = viewed{of, v}
		}
	} else {
		for _, s := range roster.Members() {
			switch {
			case s.Out || s.Device == m.device:
			case s.Grant == identity.GrantAll:
				to, admins = append(to, s.Key), admins && s.Admin
			default:
				out.Left++
			}
		}
		if len(to) == 0 {
			return out, &api.Fault{Code: api.CodeNotFound, What: "nobody else of the team receives the whole record", Do: "Let a newcomer in first."}
		}
	}
	if !admins {
		of = unaudited{of}
	}
	made, _ := k.clock.Wall()
	written, err := writeFile(p.Path, func(f *os.File) (parcel.Written, error) {
		return parcel.Write(ctx, f, parcel.Contents{Key: m.key, Team: m.team, To: to, Ledger: of, Stream: p.Stream, Made: made})
	})
	if err != nil {
		return out, err
	}
	out.Entries, out.Bytes, out.For = written.Entries, written.Bytes, len(to)
	return out, nil
}

// unaudited is a ledger without the bodies of the audit log, which admins alone
// receive. Its envelopes stay: the chain is whole.
type unaudited struct{ exchange.Ledger }

// Pieces implements exchange.Ledger.
func (u unaudited) Pieces(ctx context.Context, d chart.Device, log journal.Log, epoch chart.Epoch, after uint64, yield func(journal.Piece) error) error {
	if log != journal.Audit {
		return u.Ledger.Pieces(ctx, d, log, epoch, after, yield)
	}
	return u.Ledger.Pieces(ctx, d, log, epoch, after, func(p journal.Piece) error {
		records := slices.Clone(p.Records)
		for i, r := range records {
			if r.Absent == chart.Present {
				records[i] = journal.Record{Envelope: r.Envelope, Absent: chart.Withheld}
			}
		}
		p.Records = records
		return yield(p)
	})
}

// viewed is a ledger as one peer may see it whose grant is narrow: what the exchange
// would bring it, and no more.
type viewed struct {
	exchange.Ledger
	view *view
}

// Heads implements exchange.Ledger.
func (v viewed) Heads(ctx context.Context) ([]journal.Head, error) {
	heads, err := v.Ledger.Heads(ctx)
	return slices.DeleteFunc(heads, func(h journal.Head) bool {
		return !v.view.All() && !v.view.Sees(exchange.Place{Device: h.Device, Log: h.Log, Epoch: h.Epoch})
	}), err
}

// Pieces implements exchange.Ledger.
func (v viewed) Pieces(ctx context.Context, d chart.Device, log journal.Log, epoch chart.Epoch, after uint64, yield func(journal.Piece) error) error {
	return v.Ledger.Pieces(ctx, d, log, epoch, after, func(p journal.Piece) error { return yield(v.view.Strip(p)) })
}

func wholePath(path string) error {
	if !filepath.IsAbs(path) {
		return &api.Fault{Code: api.CodeInvalid, What: "the parcel's path is not absolute", Do: "Give the whole path of the file."}
	}
	return nil
}

// partSuffix marks a parcel that is not whole yet.
const partSuffix = ".part"

// writeFile makes a new file that is whole and on the disk, or none.
func writeFile(path string, write func(*os.File) (parcel.Written, error)) (w parcel.Written, err error) {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return w, &api.Fault{Code: api.CodeInvalid, What: "there is a file of that name already, or its folder cannot be read", Do: "Choose another name."}
	}
	f, err := os.OpenFile(path+partSuffix, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return w, fmt.Errorf("write the parcel: %w", err)
	}
	defer func() {
		if err != nil {
			os.Remove(path + partSuffix)
		}
	}()
	w, err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return w, fmt.Errorf("write the parcel: %w", err)
	}
	if err := os.Rename(path+partSuffix, path); err != nil {
		return w, fmt.Errorf("write the parcel: %w", err)
	}
	if folder, err := os.Open(filepath.Dir(path)); err == nil {
		folder.Sync() // some carriers cannot; the file itself is there
		folder.Close()
	}
	return w, nil
}

// ParcelIn implements api.Team.
func (k *Kit) ParcelIn(ctx context.Context, t api.Token, path string) (api.Unpacked, error) {
	if _, err := k.allow(t, identity.MayRecord); err != nil {
		return api.Unpacked{}, err
	}
	if _, err := k.member(); err != nil {
		return api.Unpacked{}, err
	}
	if err := wholePath(path); err != nil {
		return api.Unpacked{}, err
	}
	f, err := os.Open(path)
	if err != nil {
		return api.Unpacked{}, &api.Fault{Code: api.CodeNotFound, What: "the parcel cannot be opened: " + errors.Unwrap(err).Error(), Do: "Check the name, and that the stick is in."}
	}
	defer f.Close()
	var m *membership
	var before *identity.Roster
	var report parcel.Report
	for _, s := range k.shares() { // the parcel says of which team it is
		if m = s.member.Load(); m == nil {
			return api.Unpacked{}, storeFault(store.ErrLocked)
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return api.Unpacked{}, fmt.Errorf("read the parcel: %w", err)
		}
		before = s.roster.Load()
		report, err = parcel.Read(ctx, f, parcel.Reading{Key: m.key, Team: m.team, Admit: s.admit, Ledger: courier{ledger{k.store, s}, m}})
		if !errors.Is(err, parcel.ErrOtherTeam) {
			break
		}
	}
	if err != nil {
		return api.Unpacked{}, parcelFault(err)
	}
	if err := m.share.fold(ctx, m.team); err != nil {
		return api.Unpacked{}, err
	}
	m.share.recheck(ctx, before, m.device)
	out := api.Unpacked{Made: report.Made, Entries: report.Entries, New: report.New, Says: report.String()}
	if from, ok := m.share.roster.Load().Member(report.From); ok {
		out.From = from.CallSign
	}
	if now, trust := k.clock.Wall(); report.New > 0 && now.Sub(report.Made) > oldParcel && trust > 0 {
		out.Says += fmt.Sprintf("; it was made %d days ago: what came since is not in it", int(now.Sub(report.Made)/(24*time.Hour)))
	}
	return out, nil
}

// oldParcel is from which age on a parcel's age is said.
const oldParcel = 48 * time.Hour

// parcelFault says why a parcel was not opened. Nothing was changed then.
func parcelFault(err error) error {
	for _, is := range []error{
		parcel.ErrNotParcel, parcel.ErrLater, parcel.ErrOtherTeam, parcel.ErrNotForUs, parcel.ErrCutShort, parcel.ErrDamaged, parcel.ErrSender,
	} {
		if errors.Is(err, is) {
			return &api.Fault{Code: api.CodeInvalid, What: is.Error(), Do: "Nothing was changed."}
		}
	}
	return storeFault(err)
}

// courier is the ledger as a parcel fills it: each roster that comes is read before
// what its new members wrote.
type courier struct {
	exchange.Ledger
	of *membership
}

// Accept implements exchange.Ledger.
func (c courier) Accept(ctx context.Context, pieces []journal.Piece) error {
	err := c.Ledger.Accept(ctx, pieces)
	if err != nil {
		return err
	}
	for _, p := range pieces {
		if p.Head.Log == journal.Team {
			return c.of.share.fold(ctx, c.of.team)
		}
	}
	return nil
}
