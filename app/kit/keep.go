package kit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// Verify implements api.Station.
func (k *Kit) Verify(ctx context.Context, t api.Token) (api.Verified, error) {
	if _, err := k.sessions.check(t); err != nil {
		return api.Verified{}, err
	}
	report, err := k.store.Verify(ctx)
	if err != nil {
		return api.Verified{}, storeFault(err)
	}
	v := api.Verified{Epochs: report.Epochs, Entries: report.Entries, Seals: report.Seals, Findings: []string{}}
	for _, f := range report.Findings {
		words := f.What
		if f.Ref.Seq > 0 {
			words = fmt.Sprintf("entry %s: %s", f.Ref, f.What)
		}
		v.Findings = append(v.Findings, words)
	}
	return v, nil
}

// Backup implements api.Station.
func (k *Kit) Backup(ctx context.Context, t api.Token, path string) error {
	if _, err := k.sessions.check(t); err != nil {
		return err
	}
	if !filepath.IsAbs(path) {
		return &api.Fault{Code: api.CodeInvalid, What: "the backup's path is not absolute", Do: "Give the whole path of a file that does not exist yet."}
	}
	if err := k.store.Backup(ctx, path); err != nil {
		return storeFault(err)
	}
	k.backedUp(ctx)
	return nil
}

// ChangePassphrase implements api.Station. Only the slot that the old passphrase
// opens is replaced; nothing else is sealed again.
func (k *Kit) ChangePassphrase(ctx context.Context, t api.Token, old, fresh string) error {
	if _, err := k.sessions.check(t); err != nil {
		return err
	}
	slot, err := k.store.SlotOf(ctx, store.Passphrase(old))
	if err != nil {
		return storeFault(err)
	}
	return storeFault(k.store.ReplaceSlot(ctx, slot, store.Slot{Key: store.Passphrase(fresh)}))
}

// Erase implements api.Station.
func (k *Kit) Erase(ctx context.Context, t api.Token, encounter chart.ID, why string) (api.Erased, error) {
	of, err := k.teamOf(ctx, encounter)
	if err != nil {
		return api.Erased{}, err
	}
	if of == nil {
		of = k.share
	}
	author, m, err := k.administerOf(of, t, "Erase it at an admin's station: elsewhere the order would not be obeyed.")
	if err != nil {
		return api.Erased{}, err
	}
	if k.record.busy(encounter) {
		return api.Erased{}, &api.Fault{Code: api.CodeInvalid, What: "a monitor still records to that encounter", Do: "Close the encounter, or bind the monitor to another, and erase it then."}
	}
	held, err := k.store.Encounter(ctx, encounter)
	if err != nil {
		return api.Erased{}, storeFault(err)
	}
	seconds, _, err := k.store.Seconds(ctx, encounter, journal.Time(-journal.MaxSeq), journal.Time(journal.MaxSeq)) // whatever the clock said
	if err != nil {
		return api.Erased{}, storeFault(err)
	}
	var refs []chart.Ref
	for _, e := range append(held, seconds...) {
		if e.Log != journal.Team && e.Team == m.team {
			refs = append(refs, e.Ref)
		}
	}
	if len(refs) == 0 {
		return api.Erased{}, &api.Fault{Code: api.CodeNotFound, What: "this station holds nothing of that encounter", Do: "Take its id from 'patients'."}
	}
	saw, err := of.teamSaw(ctx)
	if err != nil {
		return api.Erased{}, err
	}
	spans := spansOf(refs)
	for len(spans) > 0 {
		n := min(len(spans), erasePart)
		body, err := stampedBody(k.clock, &chart.Erase{Of: spans[:n], Why: why}, k.plate.Training)
		if err != nil {
			return api.Erased{}, err
		}
		body.Author, body.Saw = author, saw
		if _, err := k.store.Commit(ctx, m.signer, []store.Draft{{Team: m.team, Log: journal.Team, Body: body}}); err != nil {
			return api.Erased{}, storeFault(err)
		}
		spans = spans[n:]
	}
	due := time.Now().Add(store.EraseAfter)
	if err := k.store.Erase(ctx, refs, due); err != nil {
		return api.Erased{}, storeFault(err)
	}
	return api.Erased{Entries: len(refs), Due: due}, nil
}

// erasePart is how many ranges one order names: well within a body.
const erasePart = 400

// spansOf puts neighbouring places together.
func spansOf(refs []chart.Ref) []chart.Span {
	type line struct {
		device chart.Device
		epoch  chart.Epoch
	}
	seqs := map[line]map[uint64]bool{}
	for _, r := range refs {
		l := line{r.Device, r.Epoch}
		if seqs[l] == nil {
			seqs[l] = map[uint64]bool{}
		}
		seqs[l][r.Seq] = true
	}
	var out []chart.Span
	for l, there := range seqs {
		for seq := range there {
			if there[seq-1] {
				continue
			}
			to := seq
			for there[to+1] {
				to++
			}
			out = append(out, chart.Span{Device: l.device, Epoch: l.epoch, From: seq, To: to})
		}
	}
	slices.SortFunc(out, func(a, b chart.Span) int {
		return chart.Ref{Device: a.Device, Epoch: a.Epoch, Seq: a.From}.Compare(chart.Ref{Device: b.Device, Epoch: b.Epoch, Seq: b.From})
	})
	return out
}

// Restore makes a station in dir, which must hold none, from a backup. It is shown
// only after one exchange, or after a person confirms that erasures since the
// backup are unknown.
func Restore(ctx context.Context, backup, dir string, plate Nameplate) error {
	if err := store.Restore(ctx, backup, dir); err != nil {
		return storeFault(err)
	}
	return writeNameplate(dir, plate)
}

// RestoreRekeyed is like Restore into a store with a new root key, opened by the
// passphrase fresh alone: for a record whose keys somebody may have seen. The
// passphrase old opens the backup.
func RestoreRekeyed(ctx context.Context, backup, dir string, plate Nameplate, old, fresh string) (err error) {
	between, err := os.MkdirTemp(filepath.Dir(dir), "rekey-")
	if err != nil {
		return fmt.Errorf("make room for the restore: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(between)) }()
	if err := store.Restore(ctx, backup, between); err != nil {
		return storeFault(err)
	}
	from, err := store.Open(ctx, between, storeConfig(newStamps(NewClock()), nil))
	if err != nil {
		return storeFault(err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	if err := from.Unlock(ctx, store.Passphrase(old)); err != nil {
		return storeFault(err)
	}
	to, err := from.Rekey(ctx, dir, store.Slot{Key: store.Passphrase(fresh)})
	if err != nil {
		return storeFault(err)
	}
	return errors.Join(to.Close(), writeNameplate(dir, plate))
}

// A Check is one line of the doctor's: what was looked at, whether it is well, and
// what to do when it is not.
type Check struct {
	What string `json:"what"`
	Well bool   `json:"well"`
	Says string `json:"says"`
	Do   string `json:"do,omitempty"`
}

// Examine looks at what a station needs from its machine.
func Examine(ctx context.Context, dir string) []Check {
	return []Check{
		checkFolder(dir),
		checkDisk(dir),
		checkClock(),
		checkPorts(ctx),
		checkKeyring(),
		{What: "version", Well: true, Says: Version},
	}
}

func checkFolder(dir string) Check {
	c := Check{What: "data folder", Says: dir}
	if err := CheckStation(dir); err != nil {
		c.Says, c.Do = err.Error(), "Make a station with 'init', or name its folder with --data."
		return c
	}
	mode, err := folderMode(dir)
	if err != nil {
		c.Says, c.Do = err.Error(), "Check who owns the folder."
		return c
	}
	if mode&0o077 != 0 {
		c.Says, c.Do = "others on this machine may look into "+dir, "chmod 700 "+dir
		return c
	}
	c.Well = true
	return c
}

const (
	diskLeast = 2 << 30 // bytes: about four days of one patient's waveforms
)

func checkDisk(dir string) Check {
	free, total, err := diskSpace(dir)
	c := Check{What: "disk"}
	switch {
	case err != nil:
		c.Says, c.Do = err.Error(), "Check that the folder is there."
	case free < diskLeast:
		c.Says, c.Do = fmt.Sprintf("%.1f GB free of %.0f", float64(free)/1e9, float64(total)/1e9), "Free some space: below 15 % waveforms are refused."
	default:
		c.Well, c.Says = true, fmt.Sprintf("%.1f GB free of %.0f", float64(free)/1e9, float64(total)/1e9)
	}
	return c
}

func checkClock() Check {
	wall, trust := NewClock().Wall()
	if trust == chart.ClockUnset {
		return Check{What: "clock", Says: wall.Format(time.RFC3339) + " cannot be right", Do: "Set the clock, or let a peer or a GPS correct it."}
	}
	return Check{What: "clock", Well: true, Says: wall.Local().Format(time.RFC3339)}
}

func checkKeyring() Check {
	const name = "doctor"
	err := store.Keyring{}.Keep(name, []byte("ok"))
	if err == nil {
		err = store.Keyring{}.Forget(name)
	}
	if err != nil {
		return Check{What: "keyring", Well: true, Says: "there is none here: a passphrase of five words opens the store, a PIN cannot"}
	}
	return Check{What: "keyring", Well: true, Says: "there is one: a PIN may open the store"}
}

// errNoFolder reports a folder that is not there.
var errNoFolder = errors.New("the folder is not there")
