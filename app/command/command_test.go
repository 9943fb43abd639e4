package command

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fieldkit/app/kit"
	"fieldkit/triage/chart"
)

// kitchen is a data folder with a passphrase file, and the command line over it.
type kitchen struct {
	t        *testing.T
	dir      string
	password string
}

func newKitchen(t *testing.T) *kitchen {
	t.Helper()
	dir := t.TempDir()
	k := &kitchen{t, filepath.Join(dir, "station"), filepath.Join(dir, "passphrase")}
	if err := os.WriteFile(k.password, []byte("five words for one test\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return k
}

// run runs a command line and gives its exit code and what it printed.
func (k *kitchen) run(input string, args ...string) (code int, out, err string) {
	k.t.Helper()
	var stdout, stderr bytes.Buffer
	s := &session{program: "fieldkitd", in: strings.NewReader(input), out: &stdout, err: &stderr}
	code = s.run(context.Background(), append(args, "--data", k.dir, "--passphrase-file", k.password))
	return code, stdout.String(), stderr.String()
}

func (k *kitchen) must(input string, args ...string) string {
	k.t.Helper()
	code, out, err := k.run(input, args...)
	if code != exitDone {
		k.t.Fatalf("%s: exit %d: %s", strings.Join(args, " "), code, err)
	}
	return out
}

func TestAStationIsMadeAndKeepsARecordFromTheCommandLine(t *testing.T) {
	k := newKitchen(t)
	if out := k.must("", "init", "--call-sign", "AMB-7", "--team", "Valley"); !strings.Contains(out, "Recovery words") {
		t.Errorf("init does not show the recovery words: %s", out)
	}
	var recorded struct{ Encounter chart.ID }
	if err := json.Unmarshal([]byte(k.must(`{"setting":"ambulance","complaint":"chest pain"}`, "record", "encounter-opened", "--json")), &recorded); err != nil {
		t.Fatal(err)
	}
	id := recorded.Encounter.String()
	k.must(`{"text":"found sitting"}`, "record", "note", "--encounter", id, "--happened", "2026-11-22T14:05:00+01:00")

	var entries []chart.Entry
	for line := range strings.Lines(k.must("", "show", id, "--json")) {
		var e chart.Entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	if len(entries) != 2 {
		t.Fatalf("%d entries are shown, want 2", len(entries))
	}
	note, ok := entries[1].Content.(*chart.Note)
	if !ok || note.Text != "found sitting" || entries[1].Happened.UTC().Hour() != 13 {
		t.Errorf("the note is shown as %+v", entries[1])
	}
	if !chart.Seen(entries[1], entries[0]) {
		t.Error("the note does not say that its writer had seen the opening")
	}
	if words := k.must("", "show", id); !strings.Contains(words, "found sitting") {
		t.Errorf("in words: %s", words)
	}
	if list := k.must("", "patients"); !strings.Contains(list, id) || !strings.Contains(list, "open") {
		t.Errorf("the list is %q", list)
	}
	if v := k.must("", "verify"); !strings.Contains(v, "0 findings") {
		t.Errorf("verify says %q", v)
	}

	backup := filepath.Join(t.TempDir(), "backup")
	k.must("", "backup", backup)
	other := &kitchen{t, filepath.Join(t.TempDir(), "restored"), k.password}
	other.must("", "restore", backup, "--call-sign", "AMB-7")
	if list := other.must("", "patients"); !strings.Contains(list, id) {
		t.Errorf("the restored list is %q", list)
	}
	if code, _, err := other.run("", "restore", backup, "--call-sign", "AMB-7"); code != exitFailed || !strings.Contains(err, "already") {
		t.Errorf("restoring over a station: exit %d, %s", code, err)
	}

	fresh := filepath.Join(t.TempDir(), "fresh")
	if err := os.WriteFile(fresh, []byte("six quite other words this time\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	rekeyed := &kitchen{t, filepath.Join(t.TempDir(), "rekeyed"), k.password}
	rekeyed.must("", "restore", backup, "--call-sign", "AMB-7", "--rekey", "--new-passphrase-file", fresh)
	if code, _, _ := rekeyed.run("", "patients"); code != exitLocked {
		t.Errorf("the old passphrase opens the rekeyed store: exit %d", code)
	}
	rekeyed.password = fresh
	if v := rekeyed.must("", "verify"); !strings.Contains(v, "0 findings") {
		t.Errorf("verify of the rekeyed store says %q", v)
	}

	if out := k.must("", "erase", id, "--reason", "asked for"); !strings.Contains(out, "2 entries") {
		t.Errorf("erase says %q", out)
	}
	if shown := k.must("", "show", id); strings.Contains(shown, "found sitting") || !strings.Contains(shown, "erased") {
		t.Errorf("after the erase it shows %q", shown)
	}
}

func TestAnotherPassphraseIsSetAndAsked(t *testing.T) {
	k := newKitchen(t)
	k.must("", "init", "--call-sign", "AMB-7")
	fresh := filepath.Join(t.TempDir(), "fresh")
	if err := os.WriteFile(fresh, []byte("six quite other words this time\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	k.must("", "passwd", "--new-passphrase-file", fresh)
	if code, _, err := k.run("", "patients"); code != exitLocked || !strings.Contains(err, "does not open") {
		t.Errorf("the old passphrase: exit %d, %s", code, err)
	}
	k.password = fresh
	k.must("", "patients")
}

func TestExitCodesAndWordsTellAPersonWhatToDo(t *testing.T) {
	k := newKitchen(t)
	k.must("", "init", "--call-sign", "AMB-7")
	const nobody = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
	for _, c := range []struct {
		story, input string
		args         []string
		code         int
		says         string
	}{
		{"an option that does not exist", "", []string{"patients", "--loud"}, exitUsage, "--help"},
		{"a kind that does not exist", "{}", []string{"record", "horoscope"}, exitUsage, "record --list"},
		{"input that is no JSON", "chest pain", []string{"record", "note", "--encounter", nobody}, exitUsage, "not one JSON object"},
		{"a content that cannot be right", `{"text":""}`, []string{"record", "note", "--encounter", nobody}, exitUsage, "text is missing"},
		{"an id that is none", "", []string{"show", "tag 0417"}, exitUsage, "patients"},
		{"an encounter nobody knows", "", []string{"show", nobody}, exitNotFound, "holds nothing"},
		{"no station runs", "", []string{"state"}, exitFailed, "no station is running"},
		{"an erase without a reason", "", []string{"erase", nobody}, exitUsage, "--reason"},
		{"a simulated monitor nobody has built", "", []string{"simulate", "--driver", "tricorder"}, exitUsage, "nonin"},
		{"a device key mistyped", "", []string{"team", "approve", "D5QM1T1M"}, exitUsage, "letter by letter"},
		{"a second station in the folder", "", []string{"init", "--call-sign", "AMB-8"}, exitFailed, "already"},
	} {
		t.Run(c.story, func(t *testing.T) {
			code, out, err := k.run(c.input, c.args...)
			if code != c.code || !strings.Contains(err, c.says) {
				t.Errorf("exit %d, %q (printed %q), want %d and %q", code, err, out, c.code, c.says)
			}
		})
	}
}

func TestAStationWhosePassphraseFileIsNotThereDoesNotRunLocked(t *testing.T) {
	k := newKitchen(t)
	k.must("", "init", "--call-sign", "AMB-7")
	k.password = filepath.Join(t.TempDir(), "not there")
	if code, _, err := k.run("", "station", "--only-ports", "--listen", "127.0.0.1:0"); code != exitFailed || !strings.Contains(err, "read the passphrase") {
		t.Errorf("exit %d, %s", code, err)
	}
}

func TestAFolderWithoutAStationIsSaid(t *testing.T) {
	k := newKitchen(t)
	if code, _, err := k.run("", "patients"); code != exitFailed || !strings.Contains(err, "'init'") {
		t.Errorf("exit %d, %s", code, err)
	}
	code, out, _ := k.run("", "doctor", "--json")
	var checks []kit.Check
	if err := json.Unmarshal([]byte(out), &checks); err != nil || code != exitFailed || checks[0].Well || checks[0].Do == "" {
		t.Errorf("the doctor says %s (exit %d, %v)", out, code, err)
	}
}

func TestANewcomerIsInvitedAndApproved(t *testing.T) {
	admin, newcomer := newKitchen(t), newKitchen(t)
	admin.must("", "init", "--call-sign", "AMB-7", "--team", "Valley")
	invitation := strings.TrimSpace(admin.must("", "team", "invite"))
	var made struct{ Device string }
	if err := json.Unmarshal([]byte(newcomer.must("", "init", "--call-sign", "CLN-1", "--kind", "clinic", "--join", invitation, "--json")), &made); err != nil {
		t.Fatal(err)
	}
	admin.must("", "team", "approve", made.Device, "--kind", "clinic", "--call-sign", "CLN-1")
	if roster := admin.must("", "team", "roster"); !strings.Contains(roster, "clinic CLN-1") || !strings.Contains(roster, made.Device) {
		t.Errorf("the roster is %q", roster)
	}
	if code, _, err := newcomer.run("", "team", "approve", made.Device, "--kind", "clinic", "--call-sign", "X"); code != exitLocked || !strings.Contains(err, "no admin") {
		t.Errorf("a newcomer approves: exit %d, %s", code, err)
	}
	if code, _, err := newcomer.run("", "init", "--call-sign", "X", "--join", invitation[:40]); code == exitDone {
		t.Errorf("half an invitation was taken: %s", err)
	}
}

func TestEveryCommandSaysWhatItIsFor(t *testing.T) {
	s := &session{program: "fieldkitd"}
	for _, c := range s.root().Commands() {
		if !c.Hidden && len(c.Short) < 10 {
			t.Errorf("%s does not say what it is for", c.Name())
		}
	}
}
