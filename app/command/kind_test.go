package command

import (
	"strings"
	"testing"

	"fieldkit/app/api"
)

func TestAnAdminChangesWhatAStationIsAndNobodyElseDoes(t *testing.T) {
	admin := newKitchen(t)
	admin.must("", "team", "create", "Valley", "--call-sign", "AMB-7")
	clinic := newKitchen(t)
	invitation := strings.TrimSpace(admin.must("", "team", "invite"))
	answer := as[struct{ Answer, Words string }](clinic, "", "team", "join", invitation, "--kind", "clinic", "--call-sign", "CLN-2")
	as[api.Approved](admin, "", "team", "approve", answer.Answer, "--words", answer.Words)

	if said := admin.must("", "team", "kind", "cln-2", "Hospital"); said != "CLN-2 was clinic and is hospital. It receives all.\n" {
		t.Errorf("it says %q", said)
	}
	if said := admin.must("", "team", "roster"); !strings.Contains(said, "hospital CLN-2") || strings.Contains(said, "clinic CLN-2") {
		t.Errorf("the roster is %s", said)
	}
	if kind, err := KindOf(clinic.dir); kind != "clinic" || err != nil {
		t.Errorf("before it knows of it the station is %q, %v", kind, err)
	}
	stick := t.TempDir() + "/stick"
	admin.must("", "parcel", "out", stick)
	clinic.must("", "parcel", "in", stick)
	if kind, err := KindOf(clinic.dir); kind != "hospital" || err != nil {
		t.Errorf("after it knows of it the station is %q, %v", kind, err)
	}
	if code, _, err := clinic.run("", "team", "kind", "CLN-2", "ambulance"); code != exitLocked || !strings.Contains(err, "no admin") {
		t.Errorf("a station that is no admin changes its kind: %d, %s", code, err)
	}
	for _, args := range [][]string{{"CLN-2", "kiosk"}, {"CLN-2", "boat"}} {
		if code, _, _ := admin.run("", append([]string{"team", "kind"}, args...)...); code != exitUsage {
			t.Errorf("%v: %d", args, code)
		}
	}
	before := admin.must("", "team", "roster")
	stranger := newKitchen(t)
	made := as[struct{ Device string }](stranger, "", "team", "create", "Elsewhere", "--call-sign", "AMB-9")
	if code, _, _ := admin.run("", "team", "kind", made.Device, "clinic"); code != exitNotFound {
		t.Errorf("a key of nobody on the roster: %d", code)
	}
	if after := admin.must("", "team", "roster"); after != before {
		t.Errorf("the roster became %s", after)
	}
	// Its own kind, at once.
	admin.must("", "team", "kind", "AMB-7", "clinic")
	if kind, err := KindOf(admin.dir); kind != "clinic" || err != nil {
		t.Errorf("the admin's own station is %q, %v", kind, err)
	}
}
