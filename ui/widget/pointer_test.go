package widget

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"fieldkit/ui/theme"
)

// The order of events is that of Fyne v2.8.0's glfw loop: presses and lifts of a
// poll first, at the pointer's old place, then its motion.
func TestATapActsOnWhatIsUnderTheFinger(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Day))
	var now time.Time
	var tapped []string
	a := NewButton("a", func() { tapped = append(tapped, "a") })
	b := NewButton("b", func() { tapped = append(tapped, "b") })
	ground := NewGround()
	tick := func(d time.Duration) func() { return func() { now = now.Add(d); Touch() } }
	for _, c := range []struct {
		story string
		does  []func()
		want  []string
	}{
		{"a mouse that is already there", []func(){
			func() { a.MouseIn(nil) }, tick(time.Second), func() { a.MouseDown(nil) }, tick(80 * time.Millisecond), func() { a.MouseUp(nil); a.Tapped(nil) }, tick(33 * time.Millisecond)}, []string{"a"}},
		{"a finger after one on another button: press and motion come together, the press at the old place", []func(){
			func() { a.MouseDown(nil); a.MouseOut(); b.MouseIn(nil) }, tick(80 * time.Millisecond), func() { b.MouseUp(nil) }, tick(33 * time.Millisecond)}, []string{"b"}},
		{"a quick touch: press, lift and motion in one poll, all at the old place but the motion", []func(){
			func() { a.MouseDown(nil); a.MouseUp(nil); a.Tapped(nil); a.MouseOut(); b.MouseIn(nil) }, tick(33 * time.Millisecond)}, []string{"b"}},
		{"a finger put down beside every button", []func(){
			func() { a.MouseDown(nil); a.MouseUp(nil); a.Tapped(nil); a.MouseOut(); ground.MouseIn(nil) }, tick(33 * time.Millisecond)}, nil},
		{"a finger that slides off means nothing", []func(){
			func() { a.MouseDown(nil) }, tick(300 * time.Millisecond), func() { a.MouseOut(); b.MouseIn(nil) }, tick(100 * time.Millisecond), func() { b.MouseUp(nil) }, tick(33 * time.Millisecond)}, nil},
		{"two taps at one place are two", []func(){
			func() { a.MouseDown(nil); a.MouseUp(nil); a.Tapped(nil) }, tick(33 * time.Millisecond), func() { a.MouseDown(nil); a.MouseUp(nil); a.Tapped(nil) }, tick(33 * time.Millisecond)}, []string{"a", "a"}},
		{"a screen reader taps without a pointer", []func(){func() { b.Tapped(nil) }, tick(33 * time.Millisecond)}, []string{"b"}},
	} {
		t.Run(c.story, func(t *testing.T) {
			thePointer = pointer{clock: func() time.Time { return now }}
			defer func() { thePointer = pointer{clock: time.Now} }()
			tapped = nil
			for _, do := range c.does {
				do()
			}
			if !slices.Equal(tapped, c.want) {
				t.Errorf("tapped %q, want %q", tapped, c.want)
			}
		})
	}
}

func TestAHoldThatIsMeantForAnotherNeverFills(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Day))
	now := time.Now()
	thePointer = pointer{clock: func() time.Time { return now }}
	defer func() { thePointer = pointer{clock: time.Now} }()
	held := ""
	give := NewHold("give", func() { held = "give" })
	other := NewHold("other", func() { held = "other" })
	give.MouseDown(nil) // at the old place
	give.MouseOut()
	other.MouseIn(nil) // where the finger is
	for range 40 {
		now = now.Add(33 * time.Millisecond)
		Touch()
		give.Tick(now)
		other.Tick(now)
	}
	if held != "other" {
		t.Errorf("%q was held, want the one under the finger", held)
	}
}
