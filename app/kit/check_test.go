package kit

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
)

func TestAStationSaysWhenItWasCheckedAndBackedUpAlsoAfterARestart(t *testing.T) {
	s := newShift(t)
	ready, err := s.k.Readiness(t.Context(), s.token)
	if err != nil || ready.Checked != nil || ready.Backup != nil || ready.DiskAll == 0 || ready.DiskFree > ready.DiskAll || ready.Clock == "" {
		t.Fatalf("a new station says %+v (%v)", ready, err)
	}
	content, _ := json.Marshal(&chart.ShiftCheck{What: "shift", Items: []chart.CheckItem{{Name: "suction", OK: true}}})
	before := time.Now().Add(-time.Second)
	if _, err := s.k.Record(t.Context(), s.token, api.Draft{Kind: "shift-check", Content: content}); err != nil {
		t.Fatal(err)
	}
	if err := s.k.Backup(t.Context(), s.token, filepath.Join(t.TempDir(), "copy")); err != nil {
		t.Fatal(err)
	}
	s.restart()
	ready, err = s.k.Readiness(t.Context(), s.token)
	if err != nil || ready.Checked == nil || ready.Checked.At.Before(before) || ready.Checked.Skipped || ready.Backup == nil || ready.Backup.Before(before) {
		t.Fatalf("after the check and a backup: %+v (%v)", ready, err)
	}
	content, _ = json.Marshal(&chart.ShiftCheck{What: chart.CheckPutOff, Items: []chart.CheckItem{{Name: "check", Text: "emergency"}}})
	if _, err := s.k.Record(t.Context(), s.token, api.Draft{Kind: "shift-check", Content: content}); err != nil {
		t.Fatal(err)
	}
	if ready, err = s.k.Readiness(t.Context(), s.token); err != nil || !ready.Checked.Skipped {
		t.Errorf("put off, it says %+v (%v)", ready.Checked, err)
	}
	if _, err := s.k.Readiness(t.Context(), ""); err == nil {
		t.Error("nobody is signed in and it answers")
	}
}

// The files are as the kernel's Documentation/ABI/testing/sysfs-class-power has them.
func TestTheEmptiestBatteryOfTheMachineIsTold(t *testing.T) {
	dir := t.TempDir()
	put := func(supply string, files map[string]string) {
		if err := os.MkdirAll(filepath.Join(dir, supply), 0o700); err != nil {
			t.Fatal(err)
		}
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(dir, supply, name), []byte(text+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	put("AC", map[string]string{"type": "Mains", "online": "1"})
	if got := battery(dir); got != nil {
		t.Errorf("a machine on the mains says %+v", got)
	}
	put("BAT0", map[string]string{"type": "Battery", "capacity": "82", "status": "Charging"})
	put("BAT1", map[string]string{"type": "Battery", "capacity": "34", "status": "Discharging"})
	put("hid-mouse", map[string]string{"type": "Battery", "scope": "Device", "capacity": "3", "status": "Discharging"})
	put("BAT2", map[string]string{"type": "Battery", "capacity": "garbage"})
	if got := battery(dir); got == nil || got.Percent != 34 || got.Charging {
		t.Errorf("of 82 and 34 %% it says %+v", got)
	}
	if got := battery(filepath.Join(dir, "none")); got != nil {
		t.Errorf("without the folder it says %+v", got)
	}
}
