package theme

import (
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// luminance and contrast are WCAG 2.2's.
func luminance(c color.NRGBA) float64 {
	part := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
}

func contrast(a, b color.NRGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// apart is the distance of two colours as seen: CIE 1976 in L*a*b*, D65. About 2
// is the least anyone notices.
func apart(a, b color.NRGBA) float64 {
	lab := func(c color.NRGBA) [3]float64 {
		lin := func(v uint8) float64 {
			x := float64(v) / 255
			if x <= 0.04045 {
				return x / 12.92
			}
			return math.Pow((x+0.055)/1.055, 2.4)
		}
		r, g, b := lin(c.R), lin(c.G), lin(c.B)
		f := func(t float64) float64 {
			if t > 216.0/24389 {
				return math.Cbrt(t)
			}
			return (24389.0/27*t + 16) / 116
		}
		x := f((0.4124*r + 0.3576*g + 0.1805*b) / 0.95047)
		y := f(0.2126*r + 0.7152*g + 0.0722*b)
		z := f((0.0193*r + 0.1192*g + 0.9505*b) / 1.08883)
		return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
	}
	p, q := lab(a), lab(b)
	return math.Sqrt((p[0]-q[0])*(p[0]-q[0]) + (p[1]-q[1])*(p[1]-q[1]) + (p[2]-q[2])*(p[2]-q[2]))
}

func TestNoSignalLooksLikeAnAlarm(t *testing.T) {
	for _, l := range Looks {
		least := math.Inf(1)
		for _, s := range Signals {
			for _, a := range Alarms {
				d := apart(l.Colour(s), l.Colour(a))
				least = min(least, d)
				if d < 28 {
					t.Errorf("%v: %s is only %.0f from %s", l, s, d, a)
				}
			}
		}
		t.Logf("%v: the nearest signal and alarm are %.0f apart", l, least)
	}
}

func TestAlarmPrioritiesLookDifferent(t *testing.T) {
	for _, l := range Looks {
		for i, a := range Alarms {
			for _, b := range Alarms[i+1:] {
				if d := apart(l.Colour(a), l.Colour(b)); d < 40 {
					t.Errorf("%v: %s and %s are only %.0f apart", l, a, b, d)
				}
			}
		}
	}
}

// WCAG 2.2: 4.5 for text, 7 for its stricter level; 3 for large text and signs.
func TestEverythingCanBeRead(t *testing.T) {
	for _, l := range Looks {
		strict := 7.0
		if l == Night {
			strict = 4.5 // dimmed on purpose
		}
		for _, c := range []struct {
			text, on fyne.ThemeColorName
			least    float64
		}{
			{Ink, Ground, strict}, {Ink, Surface, strict}, {Faint, Ground, 4.5}, {Faint, Surface, 4.5}, {OnFill, Accent, 4.5}, {Ink, Pressed, 4.5},
			{GlassInk, Glass, strict}, {GlassInk, Tile, strict}, {GlassFaint, Glass, 4.5}, {GlassFaint, Tile, 4.5},
			{OnAlarm, High, 4.5}, {OnAlarm, Medium, strict}, {OnAlarm, Low, strict},
			{Heart, Tile, 4.5}, {Oxygen, Tile, 4.5}, {Breath, Tile, 4.5}, {Carbon, Tile, 4.5}, {Pressure, Tile, 4.5}, {Warmth, Tile, 4.5},
			// Numbers stay readable in both phases of a flash; they are large.
			{GlassInk, FlashHigh, 4.5}, {GlassInk, FlashMedium, 4.5},
			{Heart, FlashHigh, 3}, {Oxygen, FlashHigh, 3}, {Breath, FlashHigh, 3}, {Carbon, FlashHigh, 3}, {Pressure, FlashHigh, 3}, {Warmth, FlashHigh, 3},
			{Heart, FlashMedium, 3}, {Oxygen, FlashMedium, 3}, {Breath, FlashMedium, 3}, {Carbon, FlashMedium, 3}, {Pressure, FlashMedium, 3}, {Warmth, FlashMedium, 3},
		} {
			if got := contrast(l.Colour(c.text), l.Colour(c.on)); got < c.least {
				t.Errorf("%v: %s on %s has a contrast of %.1f, want %.1f", l, c.text, c.on, got, c.least)
			}
		}
	}
	for _, b := range bands {
		if got := contrast(rgb(0xffffff), b); got < 4.5 {
			t.Errorf("white on a patient's band %v has a contrast of %.1f", b, got)
		}
	}
}

func TestNightHasNoSaturatedBlue(t *testing.T) {
	for name, row := range table {
		c := row[Night]
		if name == Low || name == Training {
			continue // an alarm, and the mark of training, must stay what they are
		}
		if int(c.B) > int(max(c.R, c.G))+40 {
			t.Errorf("%s is blue at night: %v", name, c)
		}
	}
}

func TestEveryColourIsThereInEveryLook(t *testing.T) {
	for name, row := range table {
		for l, c := range row {
			if c.A != 0xff {
				t.Errorf("%s has no colour in the look %v", name, Look(l))
			}
		}
	}
}

func TestDigitsHaveOneWidth(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(New(Day))
	for _, bold := range []bool{false, true} {
		style := fyne.TextStyle{Bold: bold}
		want := fyne.MeasureText("0", 96, style).Width
		for _, d := range "123456789" {
			if got := fyne.MeasureText(string(d), 96, style).Width; got != want {
				t.Errorf("bold %v: %c is %.2f wide and 0 is %.2f: numbers would jump", bold, d, got, want)
			}
		}
	}
}

func TestARulerMakesAMillimetreTrue(t *testing.T) {
	app := test.NewTempApp(t)
	plain := New(Night)
	app.Settings().SetTheme(plain)
	if got := MM(25.4); math.Abs(float64(got)-120) > 0.01 {
		t.Errorf("an inch is %.2f units before calibration, want Fyne's 120", got)
	}
	// A line drawn 472.4 units long should be 100 mm; the ruler says 80: the display
	// is smaller than it told, so a millimetre needs more units.
	ruled, err := plain.Calibrate(472.4, 80)
	if err != nil {
		t.Fatal(err)
	}
	app.Settings().SetTheme(ruled)
	if got := MM(80); math.Abs(float64(got)-472.4) > 0.1 {
		t.Errorf("80 mm are %.1f units after calibration, want 472.4", got)
	}
	if app.Settings().SetTheme(ruled.With(Sun)); math.Abs(float64(MM(80))-472.4) > 0.1 {
		t.Error("another look forgot the ruler")
	}
	for _, wrong := range []float32{0, -3, 10, 900} {
		if _, err := plain.Calibrate(472.4, wrong); err == nil {
			t.Errorf("a line of 100 mm measured as %v was believed", wrong)
		}
	}
}
