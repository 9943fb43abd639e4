package command

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fieldkit/app/kit"
)

const setupWords = "five words for a station"

func firstStart(t *testing.T, dir string) *Setup {
	t.Helper()
	s, err := FirstStart(dir)
	if err != nil || s == nil {
		t.Fatalf("no first start in %s: %v", dir, err)
	}
	return s
}

func TestAFirstStartLeavesNothingUntilItIsKeptAndThenAStation(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not yet", "fieldkit")
	s := firstStart(t, dir)
	if err := s.CheckPassphrase("four words are few"); err == nil {
		t.Error("a passphrase of four words will do")
	}
	if err := s.CheckPassphrase(setupWords); err != nil {
		t.Error(err)
	}
	made, err := s.Make(t.Context(), Plan{Kind: "clinic", CallSign: "CLN-1", Site: "Market", Passphrase: setupWords, Team: "Valley"})
	if err != nil || made.Recovery == "" {
		t.Fatalf("made %+v, %v", made, err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Fatalf("the folder stands before it is kept: %v", err)
	}
	s = firstStart(t, dir) // the window crashed: what was made is not used
	again, err := s.Make(t.Context(), Plan{Kind: "ambulance", CallSign: "AMB-7", Passphrase: setupWords, Team: "Valley"})
	if err != nil || again.Recovery == made.Recovery {
		t.Fatalf("made again %+v, %v", again, err)
	}
	for range 2 { // the second time after a start that failed
		if err := s.Keep(); err != nil {
			t.Fatal(err)
		}
	}
	if s, err := FirstStart(dir); s != nil || err != nil {
		t.Errorf("a first start where a station is: %v, %v", s, err)
	}
	if kind, err := KindOf(dir); kind != "ambulance" || err != nil {
		t.Errorf("the station is of kind %q, %v", kind, err)
	}
	k, err := kit.Open(dir, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	if _, err := k.Unlock(t.Context(), setupWords); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(dir + ".*"); len(left) != 0 {
		t.Errorf("left beside it: %v", left)
	}
}

func TestAFirstStartTouchesNoFolderThatHoldsSomethingElse(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "fieldkit.db")
	if err := os.WriteFile(file, []byte("another's"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := FirstStart(dir); s != nil || err == nil || !strings.Contains(err.Error(), "--data") {
		t.Errorf("a first start over %s: %v", file, err)
	}
	// One that comes while the person writes is not overwritten either.
	dir = t.TempDir()
	s := firstStart(t, dir)
	if _, err := s.Make(t.Context(), Plan{Kind: "clinic", CallSign: "CLN-1", Passphrase: setupWords, Team: "Valley"}); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(dir, "letter.txt")
	if err := os.WriteFile(file, []byte("another's"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Keep(); err == nil {
		t.Error("kept over another's file")
	}
	if b, err := os.ReadFile(file); string(b) != "another's" {
		t.Errorf("the file is %q, %v", b, err)
	}
}

func TestReportsOfAWindowThatCrashedGoWithTheStation(t *testing.T) {
	dir := t.TempDir()
	report := filepath.Join(dir, reportsOfWindow+"20260302T093100.txt")
	if err := os.WriteFile(report, []byte("where"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := firstStart(t, dir)
	if _, err := s.Make(t.Context(), Plan{Kind: "clinic", CallSign: "CLN-1", Passphrase: setupWords, Team: "Valley"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Keep(); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(report); string(b) != "where" {
		t.Errorf("the report is %q, %v", b, err)
	}
}

func TestAFirstStartJoinsATeamByTheTextOrAPictureOfItsInvitation(t *testing.T) {
	admin := filepath.Join(t.TempDir(), "admin")
	s := firstStart(t, admin)
	if _, err := s.Make(t.Context(), Plan{Kind: "ambulance", CallSign: "AMB-7", Passphrase: setupWords, Team: "Valley EMS"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Keep(); err != nil {
		t.Fatal(err)
	}
	k, err := kit.Open(admin, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	token, err := k.Unlock(t.Context(), setupWords)
	if err != nil {
		t.Fatal(err)
	}
	invitation, err := k.Invite(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	png, err := codePicture(invitation.Text)
	if err != nil {
		t.Fatal(err)
	}
	picture := filepath.Join(t.TempDir(), "IMG_0416.png")
	if err := os.WriteFile(picture, png, 0o600); err != nil {
		t.Fatal(err)
	}

	dir := filepath.Join(t.TempDir(), "newcomer")
	s = firstStart(t, dir)
	text, err := s.Read(picture)
	if err != nil || text != invitation.Text {
		t.Fatalf("the picture says %q, %v", text, err)
	}
	if team, err := s.Team(" " + text + "\n"); team != "Valley EMS" || err != nil {
		t.Errorf("an invitation to %q, %v", team, err)
	}
	if _, err := s.Team("something else"); err == nil {
		t.Error("any text is an invitation")
	}
	if _, err := s.Read(filepath.Join(dir, "gone.png")); err == nil {
		t.Error("a file that is gone is read as text")
	}
	made, err := s.Make(t.Context(), Plan{Kind: "hospital", CallSign: "St Mary", Passphrase: setupWords, Invitation: text})
	if err != nil {
		t.Fatal(err)
	}
	newcomer, err := k.Newcomer(t.Context(), token, made.Answer)
	if err != nil || newcomer.Words != made.Words || newcomer.CallSign != "St Mary" || newcomer.Kind != "hospital" {
		t.Errorf("the admin's screen shows %+v, %v; the newcomer's %q", newcomer, err, made.Words)
	}
	if err := s.Keep(); err != nil {
		t.Fatal(err)
	}
}
