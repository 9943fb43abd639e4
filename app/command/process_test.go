package command

import (
	"encoding/json"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/sync/identity"
	"fieldkit/triage/chart"
)

// asProgram makes this test's own binary the program: a station starts its parts by
// executing itself.
const asProgram = "FIELDKIT_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(Main("fieldkitd", os.Args[1:]))
	}
	os.Exit(m.Run())
}

// station runs the kitchen's station as real processes until the test ends.
func (k *kitchen) station() {
	k.t.Helper()
	self, err := os.Executable()
	if err != nil {
		k.t.Fatal(err)
	}
	cmd := exec.Command(self, "station", "--data", k.dir, "--passphrase-file", k.password, "--listen", freeAddress(k.t), "--only-ports", "--loopback")
	cmd.Env = append(os.Environ(), asProgram+"=1")
	log := filepath.Join(k.t.TempDir(), "station.log")
	file, err := os.Create(log)
	if err != nil {
		k.t.Fatal(err)
	}
	defer file.Close()
	cmd.Stderr = file
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			said, _ := os.ReadFile(log)
			k.t.Errorf("the station ended with %v:\n%s", err, said)
		}
	})
	k.until("the station to open its store", func() bool {
		code, out, _ := k.run("", "state", "--json")
		var st api.State
		return code == exitDone && json.Unmarshal([]byte(out), &st) == nil && !st.Locked && st.Device != ""
	})
}

// until waits for a condition, far longer than it takes on a loaded machine.
func (k *kitchen) until(what string, is func() bool) {
	k.t.Helper()
	for end := time.Now().Add(2 * time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			_, out, said := k.run("", "state")
			k.t.Fatalf("waited two minutes for %s; the station says %s%s", what, out, said)
		}
	}
}

// freeAddress is on loopback, its port and the next held by nobody, below those that
// the kernel gives out by itself.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		port := 14000 + 2*rand.IntN(3000)
		a, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		b, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port+1)))
		a.Close()
		if err != nil {
			continue
		}
		b.Close()
		return a.Addr().String()
	}
	t.Fatal("no two ports are free")
	return ""
}

// as reads the JSON that a command prints.
func as[T any](k *kitchen, input string, args ...string) (out T) {
	k.t.Helper()
	if err := json.Unmarshal([]byte(k.must(input, append(args, "--json")...)), &out); err != nil {
		k.t.Fatalf("%s: %v", strings.Join(args, " "), err)
	}
	return out
}

func (k *kitchen) peers() []api.Peer { return as[[]api.Peer](k, "", "peers") }

func TestStationsJoinByPicturesShareAndPartByCommandsAlone(t *testing.T) {
	admin, clinic := newKitchen(t), newKitchen(t)
	pictures := t.TempDir()
	picture := func(name string) string { return filepath.Join(pictures, name+".png") }

	made := as[struct{ Recovery string }](admin, "", "team", "create", "Valley", "--call-sign", "AMB-1", "--qr", picture("paper"))
	if paper, err := os.ReadFile(picture("paper")); err != nil {
		t.Error(err)
	} else if text, err := codeIn(paper); err != nil || !strings.EqualFold(text, made.Recovery) {
		t.Errorf("the paper's code reads %q, %v", text, err)
	}
	admin.station()
	admin.until("an invitation that says where to find the team", func() bool {
		i := as[api.Invitation](admin, "", "team", "invite", "--qr", picture("invitation"))
		in, err := identity.ParseInvite(i.Text)
		return err == nil && len(in.Addresses) > 0
	})
	answer := as[struct{ Words, Answer string }](clinic, "", "team", "join", picture("invitation"), "--kind", "clinic", "--call-sign", "CLN-2", "--qr", picture("answer"))
	if code, _, err := admin.run("", "team", "approve", picture("answer"), "--words", "babad "+answer.Words[6:]); code != exitLocked || !strings.Contains(err, "stand in between") {
		t.Errorf("other words: exit %d, %s", code, err)
	}
	if code, _, err := admin.run("", "team", "approve", picture("answer")); code != exitUsage || !strings.Contains(err, "--words") {
		t.Errorf("no words and nobody to ask: exit %d, %s", code, err)
	}
	if said := admin.must("", "team", "approve", picture("answer"), "--words", answer.Words, "--qr", picture("approval")); !strings.Contains(said, "clinic CLN-2 is in the team") {
		t.Errorf("approve says %q", said)
	}
	clinic.station()
	if said := clinic.must("", "team", "join", picture("approval")); !strings.Contains(said, "of the team Valley") {
		t.Errorf("join says %q", said)
	}
	inTouch := func(k *kitchen) bool {
		peers := k.peers()
		return len(peers) == 1 && peers[0].Connected && peers[0].MissingHere+peers[0].MissingThere == 0 && peers[0].RoundTrip > 0
	}
	admin.until("both to be in touch", func() bool { return inTouch(admin) && inTouch(clinic) })
	if said := clinic.must("", "peers"); !strings.Contains(said, "ambulance AMB-1: in touch") || !strings.Contains(said, "at 127.0.0.1:") || !strings.Contains(said, "round trip") {
		t.Errorf("peers says %q", said)
	}

	// A person of the staff records at the clinic, and the ambulance reads it.
	admin.must("", "team", "staff", "add", "mw", "--name", "Max Weil", "--role", "paramedic")
	pin := filepath.Join(t.TempDir(), "pin")
	if err := os.WriteFile(pin, []byte("730264\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	clinic.until("the staff to come", func() bool { return strings.Contains(clinic.must("", "team", "staff"), "Max Weil") })
	clinic.must("", "team", "staff", "secret", "mw", "--pin-file", pin)
	opened := as[api.Recorded](clinic, `{"setting":"clinic"}`, "record", "encounter-opened", "--as", "mw", "--as-pin-file", pin)
	admin.until("the encounter to come, with its author", func() bool {
		code, out, _ := admin.run("", "show", opened.Encounter.String(), "--json")
		var e chart.Entry
		return code == exitDone && json.Unmarshal([]byte(out), &e) == nil && e.Author == chart.Author{Staff: "mw", Checked: chart.CheckedPIN}
	})
	for _, act := range [][]string{{"team", "revoke", "AMB-1", "--reason", "x"}, {"team", "invite"}, {"erase", opened.Encounter.String(), "--reason", "x"}} {
		if code, _, err := clinic.run("", append(act, "--as", "mw", "--as-pin-file", pin)...); code != exitLocked || !strings.Contains(err, "role") {
			t.Errorf("a paramedic does %v: exit %d, %s", act, code, err)
		}
	}

	// The clinic's tablet is stolen.
	if code, _, err := admin.run("", "team", "revoke", "CLN-2"); code != exitUsage || !strings.Contains(err, "--reason") {
		t.Errorf("without a reason: exit %d, %s", code, err)
	}
	if said := admin.must("", "team", "revoke", "CLN-2", "--reason", "stolen"); !strings.Contains(said, "clinic CLN-2 is withdrawn") {
		t.Errorf("revoke says %q", said)
	}
	admin.until("the contact to end", func() bool {
		p := admin.peers()
		return len(p) == 1 && !p[0].Connected && strings.Contains(p[0].State, "withdrawn")
	})
	if r := as[api.Roster](admin, "", "team", "roster"); len(r.Members) != 2 || !r.Members[0].Out && !r.Members[1].Out {
		t.Errorf("the roster is %+v", r)
	}
	clinic.until("the clinic's tablet to say so", func() bool {
		return strings.Contains(clinic.must("", "state"), "was withdrawn from its team")
	})
}

func TestARecordIsCarriedAndATeamRecoveredWithoutANetwork(t *testing.T) {
	admin, clinic := newKitchen(t), newKitchen(t)
	made := as[struct{ Recovery string }](admin, "", "team", "create", "Valley", "--call-sign", "AMB-1")
	invitation := as[api.Invitation](admin, "", "team", "invite").Text
	answer := as[struct{ Words, Answer string }](clinic, "", "team", "join", invitation, "--kind", "clinic", "--call-sign", "CLN-2")
	admin.must(answer.Answer, "team", "approve", "-", "--words", answer.Words)
	opened := as[api.Recorded](admin, `{"setting":"ambulance"}`, "record", "encounter-opened")

	stick := t.TempDir()
	if said := admin.must("", "parcel", "out", filepath.Join(stick, "valley")); !strings.Contains(said, "for 1 other stations") {
		t.Errorf("parcel out says %q", said)
	}
	if said := clinic.must("", "parcel", "in", filepath.Join(stick, "valley")); !strings.Contains(said, "From AMB-1") {
		t.Errorf("parcel in says %q", said)
	}
	if said := clinic.must("", "parcel", "in", filepath.Join(stick, "valley")); !strings.Contains(said, "already here") {
		t.Errorf("the same again says %q", said)
	}
	if list := clinic.must("", "patients"); !strings.Contains(list, opened.Encounter.String()) {
		t.Errorf("the clinic's patients: %q", list)
	}
	if code, _, err := clinic.run("", "parcel", "in", clinic.password); code != exitUsage || !strings.Contains(err, "not a parcel") {
		t.Errorf("another file: exit %d, %s", code, err)
	}

	// The ambulance burns: it was the only admin's.
	paper := filepath.Join(t.TempDir(), "paper")
	if err := os.WriteFile(paper, []byte(made.Recovery+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, err := clinic.run("", "team", "invite"); code != exitLocked || !strings.Contains(err, "no admin") {
		t.Errorf("before: exit %d, %s", code, err)
	}
	if said := clinic.must("", "team", "recover", "--words-file", paper, "--admin", ".", "--revoke", "AMB-1", "--reason", "burnt"); !strings.Contains(said, "clinic CLN-2 is an admin") || !strings.Contains(said, "AMB-1 was withdrawn") {
		t.Errorf("recover says %q", said)
	}
	clinic.must("", "team", "invite")
	if said := clinic.must("", "team", "roster"); !strings.Contains(said, "withdrawn: burnt") || !strings.Contains(said, "admin, this station") {
		t.Errorf("the roster says %q", said)
	}

	// The clinic's passphrase is forgotten.
	fresh := filepath.Join(t.TempDir(), "fresh")
	if err := os.WriteFile(fresh, []byte("six quite other words this time\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	clinic.must("", "team", "recover", "--open", "--words-file", paper, "--new-passphrase-file", fresh)
	if code, _, _ := clinic.run("", "patients"); code != exitLocked {
		t.Errorf("the old passphrase still opens the store: exit %d", code)
	}
	clinic.password = fresh
	clinic.must("", "patients")

	if said := clinic.must("", "erase", "--list"); !strings.Contains(said, "No erase order waits") {
		t.Errorf("before: %q", said)
	}
	clinic.must("", "erase", opened.Encounter.String(), "--reason", "by mistake")
	waiting := as[[]api.Erasure](clinic, "", "erase", "--list")
	if len(waiting) != 1 {
		t.Fatalf("%d orders wait", len(waiting))
	}
	place, _ := waiting[0].Ref.MarshalText()
	clinic.must("", "team", "accept", "--erase", string(place), "--reason", "it was a mistake")
	if shown := clinic.must("", "show", opened.Encounter.String()); strings.Contains(shown, "erased") {
		t.Errorf("after it was stopped it shows %q", shown)
	}
}
