package command

import (
	"strings"
	"testing"

	"fieldkit/app/api"
)

func TestARowOfTheRetentionTableIsTyped(t *testing.T) {
	for _, c := range []struct {
		typed string
		want  api.RetentionRow
		ok    bool
	}{
		{"adult=10y", api.RetentionRow{Of: "adult", Years: 10}, true},
		{"minor=8y/25", api.RetentionRow{Of: "minor", Years: 8, Until: 25}, true},
		{"stream=90d", api.RetentionRow{Of: "stream", Days: 90}, true},
		{"audit=1y180d", api.RetentionRow{Of: "audit", Years: 1, Days: 180}, true},
		{"adult=ever", api.RetentionRow{Of: "adult"}, true},
		{"adult=", api.RetentionRow{}, false},
		{"adult=0y", api.RetentionRow{}, false}, // would be for ever, and read as at once
		{"adult=10", api.RetentionRow{}, false},
		{"adult=10m", api.RetentionRow{}, false},
		{"adult=-1y", api.RetentionRow{}, false},
		{"adult", api.RetentionRow{}, false},
	} {
		got, err := keepRow(c.typed)
		if (err == nil) != c.ok || c.ok && got != c.want {
			t.Errorf("%q: %+v, %v", c.typed, got, err)
		}
	}
}

func TestTheRetentionTableIsSetAndShown(t *testing.T) {
	k := newKitchen(t)
	k.must("", "init", "--call-sign", "AMB-7", "--team", "Valley")
	if out := k.must("", "retention"); !strings.Contains(out, "adult   for ever") {
		t.Errorf("before: %s", out)
	}
	if code, _, says := k.run("", "retention", "set", "adult=8d", "--reason", "a slip"); code == exitDone || !strings.Contains(says, "a year at least") {
		t.Errorf("eight days: %d, %s", code, says)
	}
	if code, _, says := k.run("", "retention", "set", "team=8y", "--reason", "a slip"); code == exitDone || !strings.Contains(says, "no row") {
		t.Errorf("the team's log: %d, %s", code, says)
	}
	out := k.must("", "retention", "set", "adult=10y", "minor=10y/28", "--reason", "the law here")
	for _, want := range []string{"adult   10 years  set at AMB-7", "minor   10 years, and until the age of 28", "audit   for ever", "team    for ever", "Nothing is removed here now"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q: %s", want, out)
		}
	}
	k.must("", "retention", "confirm")
}

func TestATheftIsSaidByATimeOrAnEntry(t *testing.T) {
	k := newKitchen(t)
	k.must("", "init", "--call-sign", "AMB-7", "--team", "Valley")
	for _, c := range []struct{ since, says string }{
		{"yesterday", "--since is a time"},
		{"2026-11-22T14:05:00+01:00", "only admin"},
	} {
		code, _, says := k.run("", "team", "revoke", "AMB-7", "--reason", "stolen", "--since", c.since, "--sure")
		if code == exitDone || !strings.Contains(says, c.says) {
			t.Errorf("%s: %d, %s", c.since, code, says)
		}
	}
	if out := k.must("", "team", "revoke", "AMB-7", "--reason", "stolen", "--since", "2026-11-22T14:05:00+01:00"); !strings.Contains(out, "would be withdrawn") || !strings.Contains(out, "Nothing was done yet") {
		t.Errorf("without --sure: %s", out)
	}
}

func TestWhoReadsTheAuditLogIsInIt(t *testing.T) {
	k := newKitchen(t)
	k.must("", "init", "--call-sign", "AMB-7", "--team", "Valley")
	k.must("", "audit")
	out := k.must("", "audit", "--most", "1")
	if !strings.Contains(out, "read the audit log") || !strings.Contains(out, "more with --most") && strings.Count(out, "\n") != 1 {
		t.Errorf("the newest is %q", out)
	}
	for range 3 {
		k.must("", "audit", "--person", "nobody-here")
	}
	if out := k.must("", "audit", "--most", "0", "--json"); strings.Count(out, `"act":"read the audit log"`) != 5 {
		t.Errorf("of five readings before it stand %q", out)
	}
	for _, c := range [][]string{{"audit", "--about", "tag 7"}, {"audit", "--most", "-1"}} {
		if code, _, says := k.run("", c...); code == exitDone || !strings.Contains(says, c[1]) {
			t.Errorf("%v: %d, %s", c, code, says)
		}
	}
}
