package ambulance

import (
	"errors"
	"strings"
	"testing"
	"time"

	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/uitest"
)

var red, blue = ui.Stick{Name: "RED-STICK", Path: "/media/red", Free: 31e9}, ui.Stick{Name: "BLUE", Path: "/media/blue", Free: 8e9}

// openParcels opens the page with a stick on which two parcels are, and another.
func (r *rig) openParcels() {
	r.t.Helper()
	r.desk.Plug(red)
	r.desk.Plug(blue)
	for _, at := range []string{"2026-02-27 07:05", "2026-03-01 18:20"} {
		made, err := time.ParseInLocation("2006-01-02 15:04", at, time.Local)
		if err != nil {
			r.t.Fatal(err)
		}
		name := "fieldkit CLN-2 " + made.Format("2006-01-02 150405") + ".parcel"
		r.desk.Lay(red, ui.Parcel{Name: name, Path: red.Path + "/" + name, At: made})
	}
	for _, k := range []lang.Key{lang.LinkAndDevices, lang.AboutStation, lang.ParcelWord} {
		r.tap(r.say(k))
	}
	r.settle()
}

// parcelPages opens the page of parcels in its states, for the tests that walk them all.
func parcelPages(r *rig, look func(name string)) {
	r.openParcels()
	look("parcels")
	r.tap("2026-03-01 18:20")
	r.hold(r.say(lang.HoldParcelIn), 1200*time.Millisecond)
	r.settle()
	look("parcel, came")
	r.hold(r.say(lang.HoldParcelOut), 1200*time.Millisecond)
	r.settle()
	look("parcel, written")
	r.tap(r.say(lang.BackToMonitor))
}

func TestAParcelIsWrittenToTheStickChosenAndWhatCameIsSaid(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	r.run(time.Second)
	r.openParcels()
	r.hold(r.say(lang.HoldParcelIn), 1200*time.Millisecond) // no parcel is chosen
	if r.sees("CLN-2, made") {
		t.Fatal("a parcel was taken in that nobody chose")
	}
	r.tap("2026-03-01 18:20")
	r.hold(r.say(lang.HoldParcelIn), 600*time.Millisecond)
	if r.sees("From CLN-2") {
		t.Fatal("a short touch took it in")
	}
	r.hold(r.say(lang.HoldParcelIn), 1200*time.Millisecond)
	r.settle()
	if !r.sees("From CLN-2, made 2026-03-01 18:20: 198 new of 214 entries") || !r.sees("some were written by tablets") {
		t.Errorf("what came is told as %q", r.page.(*parcels).says)
	}
	r.hold(r.say(lang.HoldParcelIn), 1200*time.Millisecond)
	r.settle()
	if !r.sees("nothing new came") || !r.sees("was already here") {
		t.Errorf("the second time is told as %q", r.page.(*parcels).says)
	}
	r.tap("BLUE")
	r.run(3 * time.Second)
	r.settle()
	if p := r.page.(*parcels); p.heldOn != blue.Path || len(p.held) != 0 || p.parcel != "" {
		t.Error("the parcels of the other stick stand on this one's page")
	}
	r.hold(r.say(lang.HoldParcelOut), 1200*time.Millisecond)
	r.settle()
	held, err := r.desk.Parcels(r.ctx, blue)
	if err != nil || len(held) != 1 || !r.sees("for 3 other stations") || !r.sees("1 stations that receive only part") {
		t.Errorf("on the stick is %v, said is %q", held, r.page.(*parcels).says)
	}
	if held, _ := r.desk.Parcels(r.ctx, red); len(held) != 2 {
		t.Error("it was written to the stick that was not chosen")
	}
}

func TestAParcelThatFailsIsSaidAlsoWhenThePageWasLeft(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	r.run(time.Second)
	r.openParcels()
	r.desk.Fail(errors.New("the parcel is damaged"))
	r.tap("2026-03-01 18:20")
	r.hold(r.say(lang.HoldParcelIn), 1200*time.Millisecond)
	r.hold(r.say(lang.HoldParcelOut), 1200*time.Millisecond)
	r.tap(r.say(lang.BackToMonitor))
	if len(r.faults) != 2 || !strings.Contains(r.faults[0].text, "NOTHING WAS TAKEN IN") || !strings.Contains(r.faults[1].text, "NO PARCEL WAS WRITTEN") {
		t.Errorf("told was %+v", r.faults)
	}
}

// A second stick whose name comes first must not become the one that is written to
// while a finger rests.
func TestAStickThatComesLaterDoesNotTakeTheChosenOnesPlace(t *testing.T) {
	r := newRig(t, theme.Day, 1280, 800)
	r.run(time.Second)
	r.openParcels()
	p := r.page.(*parcels)
	p.sticks = []ui.Stick{blue, red}
	if on, ok := p.on(); !ok || on != red {
		t.Errorf("written to would be %+v", on)
	}
	lift := uitest.Press(t, r.Object(), r.say(lang.HoldParcelOut))
	p.sticks = []ui.Stick{blue} // it was pulled
	r.run(1200 * time.Millisecond)
	lift()
	r.settle()
	if held, _ := r.desk.Parcels(r.ctx, blue); len(held) != 0 {
		t.Error("it was written to another stick than the one chosen")
	}
}
