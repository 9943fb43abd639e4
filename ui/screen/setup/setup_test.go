package setup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/uitest"
)

const (
	phrase     = "harbour velvet nine copper lantern"
	invitation = "FIELDKIT-INVITE:ABC"
	sixWords   = "acid barrel candle dentist early fabric"
)

// bench is a maker whose stations are made of nothing.
type bench struct {
	pictures []Picture
	made     []Plan
	kept     []Plan
	fails    error // what the next of its acts says
}

func (b *bench) fail() error {
	err := b.fails
	b.fails = nil
	return err
}

func (b *bench) CheckPassphrase(text string) error {
	if len(strings.Fields(text)) < 5 {
		return &ui.Trouble{What: "the passphrase is too short", Do: "Take 5 words or more"}
	}
	return nil
}

func (b *bench) Team(text string) (string, error) {
	if text != invitation {
		return "", &ui.Trouble{What: "that is not an invitation to a team, or not a whole one", Do: "Show a new one at the admin's station and take it whole"}
	}
	return "Valley EMS", nil
}

func (b *bench) Pictures(context.Context) ([]Picture, error) { return b.pictures, b.fail() }

func (b *bench) Read(_ context.Context, p Picture) (string, error) {
	if err := b.fail(); err != nil {
		return "", err
	}
	return p.Path, nil
}

func (b *bench) Make(_ context.Context, p Plan) (Made, error) {
	if err := b.fail(); err != nil {
		return Made{}, err
	}
	b.made = append(b.made, p)
	if p.Invitation != "" {
		return Made{Answer: strings.Repeat("FIELDKIT-ANSWER-", 20), Words: sixWords}, nil
	}
	return Made{Recovery: strings.TrimSpace(strings.Repeat("acid barrel candle dentist ", 8) + "early fabric")}, nil
}

func (b *bench) Keep(_ context.Context, p Plan) error {
	if err := b.fail(); err != nil {
		return err
	}
	b.kept = append(b.kept, p)
	return nil
}

// rig is a first start without a display.
type rig struct {
	*Screen
	t     *testing.T
	bench *bench
	win   fyne.Window
	now   time.Time
	copy  string // on the clipboard
	done  int
}

func newRig(t *testing.T, look theme.Look, width, height float32, l lang.Language) *rig {
	t.Helper()
	r := &rig{t: t, bench: &bench{}, win: uitest.Window(t, look, width, height), now: time.Date(2026, 3, 2, 9, 31, 0, 0, time.Local)}
	for i := range 8 {
		r.bench.pictures = append(r.bench.pictures, Picture{Name: fmt.Sprintf("IMG_%04d.jpg", 417-i), Path: "no code", At: r.now.Add(-time.Duration(i) * time.Hour)})
	}
	r.bench.pictures[1].Path = invitation
	r.Screen = New(r.bench, Options{Clock: func() time.Time { return r.now }, Language: l, Clipboard: func() string { return r.copy }, OnDone: func() { r.done++ }})
	r.win.SetContent(r.Object())
	r.settle()
	return r
}

func (r *rig) settle() {
	for range 2 {
		r.Frame(r.now)
		r.Settle()
		r.Frame(r.now)
	}
}

func (r *rig) say(k lang.Key, args ...any) string { return r.speech.Say(k, args...) }

func (r *rig) tap(names ...string) {
	r.t.Helper()
	for _, name := range names {
		uitest.Tap(r.t, r.Object(), name)
		r.settle()
	}
}

// write taps text on the keyboard of the screen.
func (r *rig) write(text string) {
	r.t.Helper()
	for _, c := range text {
		key := string(c)
		switch {
		case c == ' ':
			key = r.say(lang.SetupSpace)
		case c >= '0' && c <= '9':
			r.tap("123", key, "abc")
			continue
		case strings.ToLower(key) != key:
			r.tap("⇧", key, "⇧")
			continue
		}
		r.tap(key)
	}
}

func (r *rig) hold(name string) {
	r.t.Helper()
	lift := uitest.Press(r.t, r.Object(), name)
	for range 40 {
		r.now = r.now.Add(time.Second / 30)
		r.Frame(r.now)
	}
	lift()
	r.settle()
}

func (r *rig) reads(words string) bool {
	for _, o := range test.LaidOutObjects(r.Object()) {
		if text, ok := o.(*canvas.Text); ok && text.Visible() && strings.Contains(text.Text, words) {
			return true
		}
	}
	return false
}

// toTeam answers everything up to the question of the team.
func (r *rig) toTeam(kind lang.Key) {
	r.t.Helper()
	next := r.say(lang.SetupNext)
	r.tap(next, r.say(kind))
	r.write("AMB-7")
	r.tap(next)
	r.write("Valley")
	r.tap(next)
	r.write(phrase)
	r.tap(next)
	r.write(phrase)
	r.tap(next)
}

func TestAFirstStationBeginsATeamAndItsRecoveryWordsAreHeldBeforeItStands(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800, lang.English)
	r.toTeam(lang.SetupClinic)
	r.tap(r.say(lang.SetupBegin))
	r.write("Valley ems")
	r.tap(r.say(lang.SetupNext))
	want := Plan{Kind: "clinic", CallSign: "AMB-7", Site: "Valley", Passphrase: phrase, Team: "Valley ems"}
	if !slices.Equal(r.bench.made, []Plan{want}) {
		t.Fatalf("made %+v", r.bench.made)
	}
	if !r.reads("acid   barrel   candle") || !r.reads("early   fabric") {
		t.Error("the recovery words are not shown")
	}
	if len(r.bench.kept) != 0 || r.done != 0 {
		t.Fatal("the station stands before anybody had its recovery words")
	}
	lift := uitest.Press(t, r.Object(), r.say(lang.SetupHoldWritten))
	r.Frame(r.now)
	lift()
	r.settle()
	if len(r.bench.kept) != 0 {
		t.Fatal("a tap was enough")
	}
	r.hold(r.say(lang.SetupHoldWritten))
	if !slices.Equal(r.bench.kept, []Plan{want}) || r.done != 1 || r.plan != (Plan{}) {
		t.Errorf("kept %+v, done %d, and still held is %+v", r.bench.kept, r.done, r.plan)
	}
}

func TestAStationJoinsByAPictureByPastingAndByTyping(t *testing.T) {
	for name, invite := range map[string]func(*rig){
		"picture": func(r *rig) { r.tap(r.say(lang.SetupPicture), "IMG_0416") },
		"pasted":  func(r *rig) { r.copy = " " + invitation + "\n"; r.tap(r.say(lang.SetupPaste)) },
		"typed": func(r *rig) {
			r.tap(r.say(lang.SetupType))
			for _, c := range invitation { // on a keyboard that is plugged in
				r.win.Canvas().Focused().TypedRune(c)
			}
			r.settle()
			r.tap(r.say(lang.SetupNext))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, theme.Day, 1280, 800, lang.English)
			r.toTeam(lang.SetupAmbulance)
			r.tap(r.say(lang.SetupJoin))
			invite(r)
			if len(r.bench.made) != 1 || r.bench.made[0].Invitation != invitation || r.bench.made[0].Team != "" {
				t.Fatalf("made %+v", r.bench.made)
			}
			for _, word := range append(strings.Fields(sixWords), "Valley EMS") {
				if !r.reads(word) {
					t.Errorf("%q is not shown", word)
				}
			}
			if len(r.bench.kept) != 0 {
				t.Fatal("the station stands before anybody compared the words")
			}
			r.hold(r.say(lang.SetupHoldSame))
			if len(r.bench.kept) != 1 || r.done != 1 {
				t.Errorf("kept %+v, done %d", r.bench.kept, r.done)
			}
		})
	}
}

func TestWordsThatDifferKeepNothing(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800, lang.English)
	r.toTeam(lang.SetupAmbulance)
	r.copy = invitation
	r.tap(r.say(lang.SetupJoin), r.say(lang.SetupPaste), r.say(lang.SetupDifferent))
	if len(r.bench.kept) != 0 || !r.reads(r.say(lang.SetupDifferWhy)) {
		t.Errorf("kept %+v", r.bench.kept)
	}
}

func TestWhatGoesWrongIsSaidInWordsAndCanBeTriedAgain(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800, lang.English)
	next := r.say(lang.SetupNext)
	r.tap(next, r.say(lang.SetupAmbulance))
	r.tap(next) // without a call sign it does nothing
	if r.reads(r.say(lang.SetupSite)) {
		t.Fatal("a station without a call sign")
	}
	r.write("A")
	r.tap(next, r.say(lang.SetupSkip))
	r.write("two words")
	r.tap(next)
	if !r.reads("too short") {
		t.Fatal("a passphrase of two words will do")
	}
	for range len("two words") { // it was cleared: nothing is left to take back
		r.tap("⌫")
	}
	r.write(phrase)
	r.tap(next)
	r.write("another one")
	r.tap(next)
	if !r.reads(r.say(lang.SetupDiffer)) {
		t.Fatal("two passphrases that differ are not said")
	}
	r.write(phrase)
	r.tap(next)
	r.write(phrase)
	r.tap(next, r.say(lang.SetupJoin), r.say(lang.SetupPaste))
	if !r.reads(r.say(lang.SetupNotPasted)) {
		t.Error("an empty clipboard is not said")
	}
	r.tap(r.say(lang.SetupPicture), "IMG_0417")
	if !r.reads("not an invitation") || len(r.bench.made) != 0 {
		t.Error("a picture of something else is not said")
	}
	r.bench.fails = &ui.Trouble{What: "no QR code is seen in it"}
	r.tap("IMG_0416")
	if !r.reads("no QR code") {
		t.Error("a picture without a code is not said")
	}
	r.tap(r.say(lang.SetupBack), r.say(lang.SetupBack), r.say(lang.SetupBegin))
	r.write("t")
	r.bench.fails = &ui.Trouble{What: "the disk is full"}
	r.tap(next)
	if !r.reads("the disk is full") {
		t.Error("a full disk is not said")
	}
	r.tap(next)
	r.bench.fails = &ui.Trouble{What: "the station did not start"}
	r.hold(r.say(lang.SetupHoldWritten))
	if !r.reads("the station did not start") || !r.reads("acid   barrel") || r.done != 0 {
		t.Error("a station that did not start is not said, or its words are gone")
	}
	r.hold(r.say(lang.SetupHoldWritten))
	if r.done != 1 {
		t.Error("it cannot be tried again")
	}
}

func TestAPassphraseIsNeverShown(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800, lang.English)
	next := r.say(lang.SetupNext)
	r.tap(next, r.say(lang.SetupAmbulance))
	r.write("A")
	r.tap(next, r.say(lang.SetupSkip))
	r.write(phrase)
	if r.reads("harbour") || !r.reads("● ●") {
		t.Error("the passphrase can be read on the screen")
	}
}

func TestTheLanguageIsTheOneChosenAtOnce(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800, lang.English)
	var told lang.Language
	r.o.OnLanguage = func(l lang.Language) { told = l }
	r.tap(lang.French.Name())
	if !r.reads("Bienvenue") || told != lang.French {
		t.Errorf("told %v", told)
	}
	r.tap(r.say(lang.SetupNext))
	if !r.reads("Qu'est-ce que cette station ?") {
		t.Error("the next page is in another language")
	}
}

func TestAWindowThatFailedTooOftenSaysThatTheRecorderGoesOn(t *testing.T) {
	again, closed := 0, 0
	win := uitest.Window(t, theme.Day, 1280, 800)
	s := NewFailed(Options{}, 3, "/data/window-crash-1.txt", func() { again++ }, func() { closed++ })
	win.SetContent(s.Object())
	s.Frame(time.Now())
	r := &rig{Screen: s, t: t}
	if !r.reads("failed 3 times") || !r.reads("NO ALARM SOUNDS HERE") || !r.reads("/data/window-crash-1.txt") {
		t.Error("it is not said")
	}
	uitest.Tap(t, s.Object(), s.speech.Say(lang.WindowAgain))
	uitest.Tap(t, s.Object(), s.speech.Say(lang.WindowClose))
	if again != 1 || closed != 1 {
		t.Errorf("again %d, closed %d", again, closed)
	}
}

func TestAWindowThatCannotBeginSaysWhy(t *testing.T) {
	again := 0
	win := uitest.Window(t, theme.Day, 1280, 800)
	s := NewStuck(Options{}, &ui.Trouble{What: "the station did not start", Do: "See station.log"}, func() { again++ }, func() {})
	win.SetContent(s.Object())
	s.Frame(time.Now())
	r := &rig{Screen: s, t: t}
	if !r.reads("the station did not start") || !r.reads("See station.log") {
		t.Error("it is not said")
	}
	uitest.Tap(t, s.Object(), s.speech.Say(lang.StartAgain))
	if again != 1 {
		t.Error("it cannot be tried again")
	}
}

// pages are all of them, and how they are reached.
var pages = []struct {
	name string
	open func(*rig)
}{
	{"language", func(*rig) {}},
	{"kind", func(r *rig) { r.tap(r.say(lang.SetupNext)) }},
	{"callsign", func(r *rig) {
		r.tap(r.say(lang.SetupNext), r.say(lang.SetupAmbulance))
		r.write("AMB-7")
	}},
	{"digits", func(r *rig) { r.tap(r.say(lang.SetupNext), r.say(lang.SetupAmbulance), "123") }},
	{"passphrase", func(r *rig) {
		r.tap(r.say(lang.SetupNext), r.say(lang.SetupAmbulance))
		r.write("A")
		r.tap(r.say(lang.SetupNext), r.say(lang.SetupSkip))
		r.write("short one")
		r.tap(r.say(lang.SetupNext))
		r.write("harbour velvet")
	}},
	{"team", func(r *rig) { r.toTeam(lang.SetupAmbulance) }},
	{"invitation", func(r *rig) {
		r.toTeam(lang.SetupAmbulance)
		r.tap(r.say(lang.SetupJoin))
	}},
	{"pictures", func(r *rig) {
		r.toTeam(lang.SetupAmbulance)
		r.tap(r.say(lang.SetupJoin), r.say(lang.SetupPicture))
	}},
	{"answer", func(r *rig) {
		r.toTeam(lang.SetupAmbulance)
		r.copy = invitation
		r.tap(r.say(lang.SetupJoin), r.say(lang.SetupPaste))
	}},
	{"recovery", func(r *rig) {
		r.toTeam(lang.SetupAmbulance)
		r.tap(r.say(lang.SetupBegin))
		r.write("Valley EMS")
		r.tap(r.say(lang.SetupNext))
	}},
	{"making", func(r *rig) { r.wait(lang.SetupMaking); r.settle() }},
	{"stuck", func(r *rig) {
		why := errors.New("there is no station in /home/crew/.config/fieldkit: make one with 'init'. The folder holds other files: name another with --data, or restore a backup")
		r.Screen = NewStuck(Options{Language: r.speech.Language}, why, func() {}, func() {})
		r.win.SetContent(r.Object())
		r.settle()
	}},
	{"failed", func(r *rig) {
		r.Screen = NewFailed(Options{Language: r.speech.Language}, 3, "/home/crew/.config/fieldkit/window-crash-20260302T093100.000000000Z.txt", func() {}, func() {})
		r.win.SetContent(r.Object())
		r.settle()
	}},
}

// The pictures guard against change; a person has looked at each.
func TestEveryPageOfTheFirstStartLooksAsItDid(t *testing.T) {
	for _, look := range []theme.Look{theme.Night, theme.Day} {
		for _, p := range pages {
			t.Run(fmt.Sprintf("%s_%v", p.name, look), func(t *testing.T) {
				r := newRig(t, look, 1280, 800, lang.English)
				p.open(r)
				if look == theme.Day {
					test.AssertRendersToMarkup(t, p.name+".xml", r.win.Canvas())
				}
				test.AssertRendersToImage(t, fmt.Sprintf("%s_%v.png", p.name, look), r.win.Canvas())
			})
		}
	}
}

func TestTargetsOfTheFirstStartAreBigEnoughAndTextsFit(t *testing.T) {
	for _, size := range []fyne.Size{{Width: 1280, Height: 800}, {Width: 1024, Height: 600}} {
		for _, l := range lang.Languages {
			for _, p := range pages {
				r := newRig(t, theme.Day, size.Width, size.Height, l)
				p.open(r)
				uitest.Fits(t, fmt.Sprintf("%.0f wide, %s, %s", size.Width, l.Name(), p.name), r.Object())
			}
		}
	}
}
