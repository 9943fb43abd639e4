package kit

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/triage/chart"
)

// The names under which the store keeps when this station was last checked for a
// shift, and when it last wrote a backup.
const (
	keptChecked = "shift-check"
	keptBackup  = "last-backup"
)

// Readiness implements api.Readier.
func (k *Kit) Readiness(ctx context.Context, t api.Token) (api.Readiness, error) {
	if _, err := k.sessions.check(t); err != nil {
		return api.Readiness{}, err
	}
	var out api.Readiness
	var err error
	if out.DiskFree, out.DiskAll, err = diskSpace(k.settings.Dir); err != nil {
		k.log.Warn("how full the disk is could not be read", "reason", err)
	}
	out.Battery = battery("/sys/class/power_supply")
	_, trust := k.clock.Wall()
	out.Clock, out.ClockTrusted = trustWords[trust], trust >= chart.ClockNetwork
	if err := k.kept(ctx, keptChecked, &out.Checked); err != nil {
		return api.Readiness{}, err
	}
	return out, k.kept(ctx, keptBackup, &out.Backup)
}

var trustWords = map[chart.Trust]string{
	chart.ClockUnset: "not set", chart.ClockByHand: "set by hand", chart.ClockPeer: "by a neighbour",
	chart.ClockNetwork: "by the network", chart.ClockGPS: "by GPS",
}

// kept reads what the store keeps under a name as JSON; into stays nil when nothing is.
func (k *Kit) kept(ctx context.Context, name string, into any) error {
	b, err := k.store.Kept(ctx, name)
	if errors.Is(err, store.ErrNotKept) {
		return nil
	}
	if err != nil {
		return storeFault(err)
	}
	return json.Unmarshal(b, into)
}

// keep is the other way. What could not be kept is said and asked for again next time.
func (k *Kit) keep(ctx context.Context, name string, value any) {
	b, err := json.Marshal(value)
	if err == nil {
		err = k.store.Keep(ctx, name, b)
	}
	if err != nil {
		k.log.Warn("the station's own note could not be kept", "note", name, "reason", err)
	}
}

// checked notes that the check of a shift is on record.
func (k *Kit) checked(ctx context.Context, by chart.Author, c *chart.ShiftCheck) {
	now, _ := k.clock.Wall()
	k.keep(ctx, keptChecked, api.Checked{At: now, By: by.Staff, Skipped: c.What == chart.CheckPutOff})
}

// battery reads the machine's emptiest battery as Linux tells it (Documentation/ABI/
// testing/sysfs-class-power); nil when there is none.
func battery(dir string) *api.Battery {
	supplies, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var out *api.Battery
	for _, s := range supplies {
		read := func(name string) string {
			b, err := os.ReadFile(filepath.Join(dir, s.Name(), name))
			if err != nil {
				return ""
			}
			return strings.TrimSpace(string(b))
		}
		if read("type") != "Battery" || read("scope") == "Device" { // a mouse's is of no matter
			continue
		}
		percent, err := strconv.Atoi(read("capacity"))
		if err != nil || percent < 0 || percent > 100 || out != nil && out.Percent <= percent {
			continue
		}
		status := read("status")
		out = &api.Battery{Percent: percent, Charging: status == "Charging" || status == "Full"}
	}
	return out
}

// backedUp notes that a backup was written.
func (k *Kit) backedUp(ctx context.Context) {
	now, _ := k.clock.Wall()
	k.keep(ctx, keptBackup, now.Round(time.Second))
}
