package command

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestTheTableOfDriversSaysWhatEachGivesAndHowSureThatIs(t *testing.T) {
	rows, err := driverTable()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Evidence == "" || len(r.Transport) == 0 {
			t.Errorf("%s: found on %v, evidence %q", r.Driver, r.Transport, r.Evidence)
		}
		if len(r.Signs) == 0 && r.Driver != "gs1" && r.Driver != "nmea" { // a scanner and a receiver of positions measure nothing
			t.Errorf("%s gives no sign", r.Driver)
		}
	}
	by := func(name string) driverRow {
		return rows[slices.IndexFunc(rows, func(r driverRow) bool { return r.Driver == name })]
	}
	if d := by("datex"); !d.Proven || !slices.Contains(d.Signs, "NIBP-SYS") || !slices.Contains(d.Waves, "PLETH") || !slices.Contains(d.Transport, "serial 19200 8E1") {
		t.Errorf("%+v", d)
	}
	if d := by("intellivue"); d.Proven || !slices.Contains(d.Transport, "UDP 24105") {
		t.Errorf("%+v", d)
	}
	if d := by("masimo"); !slices.Contains(d.Alarms, "sensor off") {
		t.Errorf("%+v", d)
	}
	var text strings.Builder
	printDrivers(&text, rows)
	if !strings.Contains(text.String(), "intellivue (unproven)\n  found on  serial 115200 8N1, UDP 24005, UDP 24105\n") {
		t.Error(text.String())
	}
	if _, err := json.Marshal(rows); err != nil {
		t.Error(err)
	}
}
