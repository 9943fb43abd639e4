package kit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
)

// staffed is a station with three people, who have a PIN there: an admin, a
// paramedic and a student.
func staffed(t *testing.T) (*Kit, api.Token) {
	t.Helper()
	k, token, _ := founded(t)
	for _, p := range []api.Person{{ID: "ann", Name: "Ann Admin", Role: "admin"}, {ID: "mw", Name: "Max Weil", Role: "paramedic"}, {ID: "stu", Name: "Stu Dent", Role: "observer"}} {
		if err := k.PutPerson(t.Context(), token, p); err != nil {
			t.Fatal(err)
		}
		if err := k.SetSecret(t.Context(), token, api.Secret{Person: p.ID, PIN: pins[p.ID]}); err != nil {
			t.Fatal(err)
		}
	}
	return k, token
}

var pins = map[string]string{"ann": "482915", "mw": "730264", "stu": "915372"}

func enter(t *testing.T, k *Kit, id string) api.Session {
	t.Helper()
	in, err := k.SignIn(t.Context(), "", api.SignIn{Person: id, PIN: pins[id]})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestWhoSignsInIsTheAuthorOfWhatTheyRecord(t *testing.T) {
	k, token := staffed(t)
	if err := k.SetSecret(t.Context(), token, api.Secret{Person: "mw", Badge: "04:A2:2F:91"}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		story string
		in    api.SignIn
		want  chart.Author
		says  string
	}{
		{"by PIN", api.SignIn{Person: "mw", PIN: pins["mw"]}, chart.Author{Staff: "mw", Checked: chart.CheckedPIN}, "PIN"},
		{"by badge", api.SignIn{Badge: " 04:A2:2F:91\n"}, chart.Author{Staff: "mw", Checked: chart.CheckedBadge}, "badge"},
	} {
		in, err := k.SignIn(t.Context(), "", c.in)
		if err != nil || in.Person != "mw" || in.Name != "Max Weil" || in.Role != "paramedic" || !in.MayRecord || in.MayAdminister || in.Checked != c.says {
			t.Fatalf("%s: %+v, %v", c.story, in, err)
		}
		if again, err := k.Session(t.Context(), in.Token); err != nil || again != in {
			t.Errorf("%s: the session says %+v, %v", c.story, again, err)
		}
		encounter := patient(t, k, in.Token, "found sitting")
		entries, err := k.Entries(t.Context(), in.Token, encounter)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Encounter == encounter && e.Author != c.want {
				t.Errorf("%s: the author is %+v, want %+v", c.story, e.Author, c.want)
			}
		}
	}
}

func TestARoleLimitsWhatAPersonMayDo(t *testing.T) {
	k, token := staffed(t)
	encounter := patient(t, k, token, "found sitting")
	acts := map[string]func(api.Token) error{
		"read":   func(in api.Token) error { _, err := k.Entries(t.Context(), in, encounter); return err },
		"invite": func(in api.Token) error { _, err := k.Invite(t.Context(), in); return err },
		"staff": func(in api.Token) error {
			return k.PutPerson(t.Context(), in, api.Person{ID: "new", Name: "New", Role: "nurse"})
		},
		"erase": func(in api.Token) error { _, err := k.Erase(t.Context(), in, newID(), "x"); return err },
		"account": func(in api.Token) error {
			return k.SetAccount(t.Context(), in, "er", "nurse", "a long enough password")
		},
		"revoke": func(in api.Token) error { _, err := k.Revoke(t.Context(), in, "AMB-99", "x"); return err },
		"approve": func(in api.Token) error {
			_, err := k.Approve(t.Context(), in, api.Approval{Key: "AMB-1"})
			return err
		},
		"accept": func(in api.Token) error { return k.Accept(t.Context(), in, api.Acceptance{Device: "AMB-1"}) },
		"first PIN of another": func(in api.Token) error {
			return k.SetSecret(t.Context(), in, api.Secret{Person: "ann", PIN: pins["ann"]})
		},
		"record": func(in api.Token) error {
			content := json.RawMessage(`{"text":"x"}`)
			_, err := k.Record(t.Context(), in, api.Draft{Kind: "note", Encounter: encounter, Content: content})
			return err
		},
		"parcel": func(in api.Token) error {
			_, err := k.ParcelIn(t.Context(), in, "/nowhere")
			return err
		},
	}
	needs := map[string]string{"read": "", "record": "record", "parcel": "record"}
	for id, may := range map[string]map[string]bool{
		"ann": {"": true, "record": true, "administer": true},
		"mw":  {"": true, "record": true},
		"stu": {"": true},
	} {
		for act, do := range acts {
			need, listed := needs[act]
			if !listed {
				need = "administer"
			}
			in := enter(t, k, id)
			err := do(in.Token)
			refused := isFault(err, api.CodeRefused) && strings.Contains(err.Error(), "role")
			if refused == may[need] {
				t.Errorf("%s does %q: %v", id, act, err)
			}
		}
	}
}

func TestAPINIsGuessedSlowlyAndTellsNothing(t *testing.T) {
	k, _ := staffed(t)
	stranger := func() string {
		_, err := k.SignIn(t.Context(), "", api.SignIn{Person: "nobody", PIN: "482915"})
		return err.Error()
	}()
	for n := range lockedOutAfter {
		_, err := k.SignIn(t.Context(), "", api.SignIn{Person: "mw", PIN: "000000"})
		if !isFault(err, api.CodeRefused) || err.Error() != stranger {
			t.Fatalf("wrong PIN number %d: %v; of nobody: %s", n+1, err, stranger)
		}
	}
	if _, err := k.SignIn(t.Context(), "", api.SignIn{Person: "mw", PIN: pins["mw"]}); !isFault(err, api.CodeRefused) || !strings.Contains(err.Error(), "minute") {
		t.Errorf("the right PIN right after: %v", err)
	}
	if in := enter(t, k, "ann"); in.Person != "ann" {
		t.Error("one person's wrong PINs keep another out")
	}
	s, err := k.secrets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v := s.Of["mw"]
	v.Tried = time.Now().Add(-2 * lockedOutFor)
	s.Of["mw"] = v
	if err := k.keepSecrets(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if in := enter(t, k, "mw"); in.Person != "mw" {
		t.Error("after a minute the right PIN does not sign in")
	}
}

func TestABadgeIsGuessedSlowlyTooAndThePINStillServes(t *testing.T) {
	k, token := staffed(t)
	if err := k.SetSecret(t.Context(), token, api.Secret{Person: "mw", Badge: "04A22F91"}); err != nil {
		t.Fatal(err)
	}
	try := func(badge string) error {
		_, err := k.SignIn(t.Context(), "", api.SignIn{Badge: badge})
		return err
	}
	later := func(d time.Duration) { // as if d had passed
		k.signingIn.Lock()
		defer k.signingIn.Unlock()
		k.strange.last = k.strange.last.Add(-d)
	}
	for n := range lockedOutAfter - 1 {
		if err := try(fmt.Sprintf("made up %d", n)); !isFault(err, api.CodeRefused) || strings.Contains(err.Error(), "Wait") {
			t.Fatalf("strange badge number %d: %v", n+1, err)
		}
	}
	if err := try("04A22F91"); err != nil {
		t.Fatalf("a right badge after a few wrong ones: %v", err)
	}
	for n := range lockedOutAfter + 9 { // more than enough for the longest wait
		if err := try(fmt.Sprintf("made up %d", n)); strings.Contains(err.Error(), "Wait") {
			t.Fatalf("strange badge number %d after its wait: %v", n+1, err)
		}
		later(lockedOutFor)
	}
	if err := try("made up"); strings.Contains(err.Error(), "Wait") {
		t.Fatal(err)
	}
	if err := try("04A22F91"); !isFault(err, api.CodeRefused) || !strings.Contains(err.Error(), "Wait 1m0s") {
		t.Errorf("a right badge right after: %v", err)
	}
	if in := enter(t, k, "mw"); in.Person != "mw" {
		t.Error("strange badges keep out who has a PIN")
	}
	later(lockedOutFor)
	if err := try("04A22F91"); err != nil {
		t.Errorf("a right badge after a minute: %v", err)
	}
}

// One face is given a PIN that opens the store and is another's; before it is refused
// somebody gives the passphrase at another face.
func TestAWrongPINDoesNotCloseWhatAnotherFaceOpened(t *testing.T) {
	withKeyring(t, true)
	k, token := staffed(t)
	if err := k.Lock(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	k.signingIn.Lock() // the first face gets as far as the open store
	wrong := make(chan error, 1)
	go func() {
		_, err := k.SignIn(t.Context(), "", api.SignIn{Person: "mw", PIN: pins["ann"]})
		wrong <- err
	}()
	until(t, "the PIN opens the store", func() bool { return !k.store.Locked() })
	type opened struct {
		token api.Token
		err   error
	}
	second := make(chan opened, 1)
	go func() {
		t, err := k.Unlock(t.Context(), words)
		second <- opened{t, err}
	}()
	var in opened
	select {
	case in = <-second: // it came in between, which must not be undone
		second <- in
	case <-time.After(time.Second): // it waits for the first
	}
	k.signingIn.Unlock()
	if err := <-wrong; err == nil {
		t.Error("another's PIN signs in")
	}
	if in = <-second; in.err != nil {
		t.Fatal(in.err)
	}
	if _, err := k.Encounters(t.Context(), in.token); err != nil || k.store.Locked() {
		t.Errorf("who gave the passphrase was thrown out by another's wrong PIN: %v", err)
	}
}

func TestSecretsThatAreNoneAreRefused(t *testing.T) {
	k, token := staffed(t)
	if err := k.SetSecret(t.Context(), token, api.Secret{Person: "ann", Badge: "04A22F91"}); err != nil {
		t.Fatal(err)
	}
	mw := enter(t, k, "mw").Token
	for _, c := range []struct {
		story string
		by    api.Token
		in    api.Secret
		code  string
	}{
		{"five digits", token, api.Secret{Person: "mw", PIN: "48291"}, api.CodeInvalid},
		{"thirteen digits", token, api.Secret{Person: "mw", PIN: "4829104829104"}, api.CodeInvalid},
		{"letters", token, api.Secret{Person: "mw", PIN: "abc123"}, api.CodeInvalid},
		{"one digit repeated", token, api.Secret{Person: "mw", PIN: "777777"}, api.CodeInvalid},
		{"counting up", token, api.Secret{Person: "mw", PIN: "234567"}, api.CodeInvalid},
		{"counting down", token, api.Secret{Person: "mw", PIN: "987654"}, api.CodeInvalid},
		{"nothing", token, api.Secret{Person: "mw"}, api.CodeInvalid},
		{"another's badge", token, api.Secret{Person: "mw", Badge: "04A22F91"}, api.CodeInvalid},
		{"a badge of one byte", token, api.Secret{Person: "mw", Badge: "4"}, api.CodeInvalid},
		{"of nobody", token, api.Secret{Person: "nobody", PIN: "482915"}, api.CodeNotFound},
		{"one's own without the old", mw, api.Secret{Person: "mw", PIN: "602718"}, api.CodeRefused},
		{"one's own with a wrong old", mw, api.Secret{Person: "mw", PIN: "602718", Old: "111112"}, api.CodeRefused},
		{"another's", mw, api.Secret{Person: "ann", PIN: "602718", Old: pins["mw"]}, api.CodeRefused},
		{"by nobody", "made up", api.Secret{Person: "mw", PIN: "602718"}, api.CodeSession},
	} {
		if err := k.SetSecret(t.Context(), c.by, c.in); !isFault(err, c.code) {
			t.Errorf("%s: %v, want %s", c.story, err, c.code)
		}
	}
	if err := k.SetSecret(t.Context(), mw, api.Secret{Person: "mw", PIN: "602718", Old: pins["mw"]}); err != nil {
		t.Errorf("one's own with the old: %v", err)
	}
	if _, err := k.SignIn(t.Context(), "", api.SignIn{Person: "mw", PIN: pins["mw"]}); err == nil {
		t.Error("the old PIN still signs in")
	}
	if err := k.PutPerson(t.Context(), token, api.Person{ID: unnamed, Name: "X"}); !isFault(err, api.CodeInvalid) {
		t.Errorf("somebody is called as nobody is: %v", err)
	}
}

func TestAPINIsKnownOnlyWhereItWasGivenAndWhoLeftIsSignedOutEverywhere(t *testing.T) {
	k, token := staffed(t)
	other, own, made := newcomer(t, k, token, "CLN-2")
	if _, err := k.Approve(t.Context(), token, api.Approval{Answer: made.Answer}); err != nil {
		t.Fatal(err)
	}
	carry(t, k, token, other, own)
	people, err := other.Staff(t.Context(), own)
	if err != nil || len(people) != 3 || people[1].Name != "Max Weil" || people[1].Here {
		t.Fatalf("the other station knows %+v, %v", people, err)
	}
	if faces, err := other.Faces(t.Context()); err != nil || len(faces) != 0 {
		t.Errorf("it offers %+v, %v", faces, err)
	}
	if _, err := other.SignIn(t.Context(), "", api.SignIn{Person: "mw", PIN: pins["mw"]}); !isFault(err, api.CodeRefused) {
		t.Errorf("the PIN works where it was never given: %v", err)
	}
	if err := other.SetSecret(t.Context(), own, api.Secret{Person: "mw", PIN: "602718"}); err != nil {
		t.Fatal(err)
	}
	here, err := other.SignIn(t.Context(), "", api.SignIn{Person: "mw", PIN: "602718"})
	if err != nil {
		t.Fatal(err)
	}
	if faces, err := other.Faces(t.Context()); err != nil || len(faces) != 1 || faces[0] != (api.Face{ID: "mw", Name: "Max Weil", PIN: true}) {
		t.Errorf("it offers %+v, %v", faces, err)
	}
	there := enter(t, k, "mw")
	if err := k.PutPerson(t.Context(), token, api.Person{ID: "mw", Name: "Max Weil", Role: "paramedic", Left: true}); err != nil {
		t.Fatal(err)
	}
	carry(t, k, token, other, own)
	for station, in := range map[*Kit]api.Session{k: there, other: here} {
		if _, err := station.Session(t.Context(), in.Token); !isFault(err, api.CodeSession) {
			t.Errorf("at %s who left is still signed in: %v", station.plate.CallSign, err)
		}
	}
	if _, err := other.SignIn(t.Context(), "", api.SignIn{Person: "mw", PIN: "602718"}); !isFault(err, api.CodeRefused) {
		t.Errorf("who left signs in: %v", err)
	}
	if _, err := k.Session(t.Context(), token); err != nil {
		t.Errorf("somebody else was signed out too: %v", err)
	}
}

func TestAChangeOfUserLeavesTheLiveFramesOn(t *testing.T) {
	r := start(t, madeStation(t), "127.0.0.1:0")
	for _, id := range []string{"ann", "mw"} {
		if err := r.PutPerson(t.Context(), r.token, api.Person{ID: id, Name: id, Role: "nurse"}); err != nil {
			t.Fatal(err)
		}
		if err := r.SetSecret(t.Context(), r.token, api.Secret{Person: id, PIN: pins[id]}); err != nil {
			t.Fatal(err)
		}
	}
	first := enter(t, r.Kit, "ann")
	r.hear(93)
	frames := make(chan struct{}, 1000)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() {
		ended <- r.Follow(ctx, first.Token, func([]byte) error {
			select {
			case frames <- struct{}{}:
			default:
			}
			return nil
		})
	}()
	<-frames
	second, err := r.SignIn(t.Context(), first.Token, api.SignIn{Person: "mw", PIN: pins["mw"]})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Session(t.Context(), first.Token); !isFault(err, api.CodeSession) {
		t.Errorf("the person before is still signed in: %v", err)
	}
	for range cap(frames) {
		select {
		case <-frames:
			continue
		default:
		}
		break
	}
	<-frames // frames that were made after the change
	<-frames
	select {
	case err := <-ended:
		t.Fatalf("the frames ended with %v", err)
	default:
	}
	if err := r.SignOut(t.Context(), second.Token); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !isFault(err, api.CodeSession) {
		t.Errorf("after the second signed out the frames ended with %v", err)
	}
}

// withKeyring gives the test a keyring of its own, or one that is not there, as on a
// computer without a desktop session.
func withKeyring(t *testing.T, there bool) {
	t.Helper()
	none := func() { keyring.MockInitWithError(errors.New("no keyring here")) }
	none()
	if there {
		keyring.MockInit()
		t.Cleanup(none)
	}
}

func TestWhereThereIsAKeyringAPINOpensTheLockedStoreForItsOwner(t *testing.T) {
	withKeyring(t, true)
	k, token := staffed(t)
	lock := func(token api.Token) {
		t.Helper()
		if err := k.Lock(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	lock(token)
	if _, err := k.SignIn(t.Context(), "", api.SignIn{Person: "mw", PIN: "730265"}); !isFault(err, api.CodeLocked) || !k.store.Locked() {
		t.Errorf("a wrong PIN: %v", err)
	}
	if _, err := k.SignIn(t.Context(), "", api.SignIn{Person: "mw", PIN: pins["ann"]}); err == nil || !k.store.Locked() {
		t.Errorf("another's PIN opens it in this one's name: %v", err)
	}
	in, err := k.SignIn(t.Context(), "", api.SignIn{Person: "mw", PIN: pins["mw"]})
	if err != nil || in.Person != "mw" {
		t.Fatalf("the right PIN: %+v, %v", in, err)
	}
	if err := k.SetSecret(t.Context(), in.Token, api.Secret{Person: "mw", PIN: "602718", Old: pins["mw"]}); err != nil {
		t.Fatal(err)
	}
	lock(in.Token)
	if _, err := k.SignIn(t.Context(), "", api.SignIn{Person: "mw", PIN: pins["mw"]}); !isFault(err, api.CodeLocked) || !k.store.Locked() {
		t.Errorf("the old PIN still opens it: %v", err)
	}
	if _, err := k.SignIn(t.Context(), "", api.SignIn{Person: "mw", PIN: "602718"}); err != nil {
		t.Errorf("the new PIN: %v", err)
	}
}

func TestALockedStoreIsNotOpenedByAPINWithoutAKeyring(t *testing.T) {
	withKeyring(t, false)
	k, token := staffed(t)
	if err := k.Lock(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if only, err := k.store.OnlyRecovery(t.Context()); err != nil || only {
		t.Fatal(only, err)
	}
	_, err := k.SignIn(t.Context(), "", api.SignIn{Person: "mw", PIN: pins["mw"]})
	if !isFault(err, api.CodeLocked) || !k.store.Locked() {
		t.Errorf("a PIN at a locked store : %v", err)
	}
	if faces, err := k.Faces(t.Context()); err != nil || len(faces) != 0 {
		t.Errorf("a locked station names its people: %v, %v", faces, err)
	}
}
