package hospital

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/rehearsal"
	"fieldkit/ui/screen/ambulance"
	"fieldkit/ui/theme"
	"fieldkit/ui/uitest"
)

const (
	address     = "https://192.168.4.7:8443/"
	fingerprint = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" // SHA-256 of "test"
)

// desk is a hospital's window without a display, and with a browser of nothing.
type desk struct {
	*ambulance.Screen
	t      *testing.T
	desk   *rehearsal.Desk
	win    fyne.Window
	opened []string
	fails  error
}

func newDesk(t *testing.T, look theme.Look, width, height float32, l lang.Language) *desk {
	t.Helper()
	d := &desk{t: t, desk: rehearsal.NewDesk(), win: uitest.Window(t, look, width, height)}
	d.desk.Set(func(s *ui.Station) {
		s.Kind, s.CallSign, s.Monitors = "hospital", "St Mary", nil
		s.Link = ui.Link{Board: address, Fingerprint: fingerprint}
	})
	d.Screen = New(d.desk, ambulance.Options{Clock: d.desk.Now, Look: look, Language: l}, func(_ context.Context, address string) error {
		d.opened = append(d.opened, address)
		return d.fails
	})
	d.win.SetContent(d.Object())
	d.settle()
	return d
}

func (d *desk) settle() {
	d.t.Helper()
	for range 2 {
		if err := d.Ask(context.Background()); err != nil {
			d.t.Fatal(err)
		}
		d.Frame(d.desk.Now())
		d.Settle()
		d.Frame(d.desk.Now())
	}
}

func (d *desk) tap(name string) {
	d.t.Helper()
	uitest.Tap(d.t, d.Object(), name)
	d.settle()
}

func (d *desk) reads(words string) bool {
	for _, o := range test.LaidOutObjects(d.Object()) {
		if text, ok := o.(*canvas.Text); ok && text.Visible() && strings.Contains(text.Text, words) {
			return true
		}
	}
	return false
}

func TestTheBoardIsOpenedAtTheStationsOwnAddressWithItsFingerprintBeside(t *testing.T) {
	d := newDesk(t, theme.Day, 1280, 800, lang.English)
	if !d.reads(address) || !d.reads("9F:86:D0:81:88:4C:7D:65:9A:2F:EA:A0:C5:5A:D0:15") || !d.reads("A3:BF:4F:1B:2B:0B:82:2C:D1:5D:6C:15:B0:F0:0A:08") {
		t.Error("address or fingerprint is not shown whole")
	}
	d.tap(d.Say(lang.BoardOpen))
	if !slices.Equal(d.opened, []string{address}) || !d.reads(d.Say(lang.BoardOpened)) {
		t.Errorf("opened %q", d.opened)
	}
}

func TestAHospitalWithoutABrowserIsToldWhatToDo(t *testing.T) {
	d := newDesk(t, theme.Day, 1280, 800, lang.English)
	d.fails = &ui.Trouble{What: "no browser was found on this machine", Do: "Open the address above in a browser by hand"}
	d.tap(d.Say(lang.BoardOpen))
	if !d.reads("no browser was found on this machine. Open the address above") || !d.reads(address) {
		t.Error("it is not said")
	}
}

func TestAHospitalThatServesNoBoardOpensNothing(t *testing.T) {
	d := newDesk(t, theme.Day, 1280, 800, lang.English)
	d.desk.Set(func(s *ui.Station) { s.Link = ui.Link{} })
	d.settle()
	d.tap(d.Say(lang.BoardOpen))
	if len(d.opened) != 0 || !d.reads(d.Say(lang.BoardNone)) || d.reads(address) {
		t.Errorf("opened %q", d.opened)
	}
}

// pages are those of the hospital's window, and how they are reached.
var pages = []struct {
	name string
	open func(*desk)
}{
	{"board", func(*desk) {}},
	{"opened", func(d *desk) { d.tap(d.Say(lang.BoardOpen)) }},
	{"nobrowser", func(d *desk) {
		d.fails = &ui.Trouble{What: "no browser was found on this machine: xdg-open is missing", Do: "Open the address above in a browser by hand"}
		d.tap(d.Say(lang.BoardOpen))
	}},
	{"none", func(d *desk) { d.desk.Set(func(s *ui.Station) { s.Link = ui.Link{} }); d.settle() }},
	{"locked", func(d *desk) {
		if err := d.desk.LockScreen(context.Background(), chart.ID{}); err != nil {
			d.t.Fatal(err)
		}
		d.settle()
	}},
}

// The pictures guard against change; a person has looked at each.
func TestEveryPageOfTheHospitalLooksAsItDid(t *testing.T) {
	for _, look := range []theme.Look{theme.Night, theme.Day} {
		for _, p := range pages {
			t.Run(fmt.Sprintf("%s_%v", p.name, look), func(t *testing.T) {
				d := newDesk(t, look, 1280, 800, lang.English)
				p.open(d)
				if look == theme.Day {
					test.AssertRendersToMarkup(t, p.name+".xml", d.win.Canvas())
				}
				test.AssertRendersToImage(t, fmt.Sprintf("%s_%v.png", p.name, look), d.win.Canvas())
			})
		}
	}
}

func TestTargetsOfTheHospitalAreBigEnoughAndTextsFit(t *testing.T) {
	for _, size := range []fyne.Size{{Width: 1280, Height: 800}, {Width: 1024, Height: 600}} {
		for _, l := range lang.Languages {
			for _, p := range pages {
				d := newDesk(t, theme.Day, size.Width, size.Height, l)
				p.open(d)
				uitest.Fits(t, fmt.Sprintf("%.0f wide, %s, %s", size.Width, l.Name(), p.name), d.Object())
			}
		}
	}
}
