package widget

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"fieldkit/ui/theme"
)

func plain(site string) string { return site }

// charted is one region of each standing.
var charted = map[string]Mark{
	"left forearm, front": {Found: 2, Words: "wound, bleeding"}, "chest, front": {Found: 1, Words: "pain"},
	"right thigh, front": {Absent: 1, Words: "no injury"}, "abdomen, front": {Absent: 2, Words: "no pain"},
	"right hand, back": {Found: 1, Words: "burn"}, "upper back, back": {Unseen: true, Words: "not examined"},
	"left foot, back": {Unseen: true, Words: "not examined"},
}

func bodyWindow(t *testing.T, look theme.Look, width, height float32) (*Body, fyne.Window) {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(theme.New(look))
	b := NewBody(BodyWords{"Front", "Back", "left", "right"}, plain, nil)
	w := test.NewTempWindow(t, container.NewStack(NewGround(), b))
	w.SetPadded(false)
	w.Resize(fyne.NewSize(width, height))
	return b, w
}

func targets(b *Body) (parts []*part) {
	for _, o := range test.LaidOutObjects(b) {
		if p, ok := o.(*part); ok && p.Visible() {
			parts = append(parts, p)
		}
	}
	return parts
}

func TestEveryRegionCanBeTappedAndIsNamedOnce(t *testing.T) {
	seen := map[string]bool{WholeBody: true}
	for _, r := range Regions {
		for _, site := range append([]string{r.Site}, r.Finer...) {
			if seen[site] {
				t.Errorf("%q is of two regions", site)
			}
			seen[site] = true
			if got, ok := RegionOf(site); !ok || got.Site != r.Site {
				t.Errorf("%q lies in %q, want %q", site, got.Site, r.Site)
			}
		}
	}
	if _, ok := RegionOf("both bases"); ok {
		t.Error("words that name no region lie in one")
	}
	// Lund and Browder chart 19 areas; the map has five more levels of the trunk, shoulders and both sides.
	if len(Regions) != 2*(5+2*7) {
		t.Errorf("there are %d regions", len(Regions))
	}
	for _, size := range []fyne.Size{{Width: 1261, Height: 300}, {Width: 700, Height: 236}} {
		b, _ := bodyWindow(t, theme.Day, size.Width, size.Height)
		tapped := map[string]int{}
		b.OnTap = func(r Region) { tapped[r.Site]++ }
		for range 2 {
			for _, p := range targets(b) {
				if least := theme.MM(theme.LeastMM); p.Size().Width < least || p.Size().Height < least {
					t.Errorf("%v: %q is %.1f by %.1f mm", size, p.name, p.Size().Width/theme.MM(1), p.Size().Height/theme.MM(1))
				}
				test.Tap(p)
			}
			if !b.Both() {
				b.Turn()
			}
		}
		want := 1
		if b.Both() {
			want = 2 // tapped in both rounds
		}
		for _, r := range Regions {
			if tapped[r.Site] != want {
				t.Errorf("%v: %q was tapped %d times, want %d", size, r.Site, tapped[r.Site], want)
			}
		}
	}
}

// A person who lies on the back with the head at the reader's left has the right hand
// towards the reader; one who lies on the face has the left hand there.
func TestLeftAndRightAreThePatients(t *testing.T) {
	b, _ := bodyWindow(t, theme.Day, 1261, 300)
	middle := map[Side]float32{}
	at := map[string]fyne.Position{}
	for _, p := range targets(b) {
		at[p.name] = p.Position().AddXY(0, p.Size().Height/2)
		if p.region.level == 0 {
			middle[p.region.Side] = at[p.name].Y
		}
	}
	for site, below := range map[string]bool{
		"right hand, front": true, "left hand, front": false, "right foot, front": true, "left shoulder, front": false,
		"right hand, back": false, "left hand, back": true, "left thigh, back": true, "right lower leg, back": false,
	} {
		r, _ := RegionOf(site)
		if got := at[site].Y > middle[r.Side]; got != below {
			t.Errorf("%q lies below the middle: %v, want %v", site, got, below)
		}
	}
	if at["head, front"].X >= at["neck, front"].X || at["neck, front"].X >= at["left foot, front"].X || at["left foot, front"].X >= at["head, back"].X {
		t.Error("the front does not lie left of the back with its head first")
	}
}

func TestWhatIsThereAbsentUnseenAndNotChartedHaveSignsOfTheirOwn(t *testing.T) {
	for _, c := range []struct {
		mark Mark
		want string
	}{
		{Mark{}, ""}, {Mark{Found: 2, Absent: 3, Unseen: true}, "+2"}, {Mark{Found: 12}, "+9"}, {Mark{Absent: 1, Unseen: true}, "−"}, {Mark{Unseen: true}, "?"},
	} {
		if got := c.mark.Sign(); got != c.want {
			t.Errorf("%+v has the sign %q, want %q", c.mark, got, c.want)
		}
	}
	b, _ := bodyWindow(t, theme.Day, 1261, 300)
	b.Charted(charted)
	b.Charted(map[string]Mark{"chest, front": {Found: 1, Words: "pain"}})
	for _, p := range targets(b) {
		want := p.name
		if p.name == "chest, front" {
			want += ": pain"
		}
		if got := p.AccessibilityLabel(); got != want || (p.sign.Text != "") != (p.name == "chest, front") {
			t.Errorf("%q is told as %q with the sign %q", p.name, got, p.sign.Text)
		}
	}
}

func TestABodyLooksAsItDid(t *testing.T) {
	for _, look := range theme.Looks {
		for _, size := range []fyne.Size{{Width: 1261, Height: 300}, {Width: 700, Height: 240}} {
			t.Run(fmt.Sprintf("%v_%.0f", look, size.Width), func(t *testing.T) {
				b, w := bodyWindow(t, look, size.Width, size.Height)
				b.Charted(charted)
				test.AssertRendersToImage(t, fmt.Sprintf("body_%v_%.0f.png", look, size.Width), w.Canvas())
			})
		}
	}
}
