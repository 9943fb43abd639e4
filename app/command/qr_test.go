package command

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/draw"
)

// A text as long and of the letters that enrolment's are.
const longText = "FKAPPROVE1-" + "0123456789ABCDEFGHJKMNPQRSTVWXYZ0123456789ABCDEFGHJKMNPQRSTVWXYZ0123456789ABCDEFGHJKMNPQRSTVWXYZ0123456789ABCDEFGHJKMNPQRSTVWXYZ" +
	"0123456789ABCDEFGHJKMNPQRSTVWXYZ0123456789ABCDEFGHJKMNPQRSTVWXYZ0123456789ABCDEFGHJKMNPQRSTVWXYZ0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// The encoder and the decoder are of different makers: rsc.io/qr and a port of
// ZXing.
func TestACodeIsReadFromItsPicture(t *testing.T) {
	drawn, err := codePicture(longText)
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(drawn))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		story string
		make  func() []byte
	}{
		{"as it was drawn", func() []byte { return drawn }},
		{"photographed on a grey table, as JPEG", func() []byte {
			b := m.Bounds()
			photo := image.NewGray(image.Rect(0, 0, b.Dx()+300, b.Dy()+200))
			for y := range photo.Bounds().Dy() {
				for x := range photo.Bounds().Dx() {
					grey := uint8(120 + (x*7+y*13)%23)
					if p := image.Pt(x-170, y-60); p.In(b) {
						grey = color.GrayModel.Convert(m.At(p.X, p.Y)).(color.Gray).Y/2 + 50 + uint8((x+y)%9)
					}
					photo.SetGray(x, y, color.Gray{Y: grey})
				}
			}
			var out bytes.Buffer
			if err := jpeg.Encode(&out, photo, &jpeg.Options{Quality: 60}); err != nil {
				t.Fatal(err)
			}
			return out.Bytes()
		}},
		{"in a photograph of 12 megapixels", func() []byte {
			photo := image.NewGray(image.Rect(0, 0, 4000, 3000))
			draw.ApproxBiLinear.Scale(photo, image.Rect(900, 500, 3100, 2700), m, m.Bounds(), draw.Src, nil)
			var out bytes.Buffer
			if err := jpeg.Encode(&out, photo, nil); err != nil {
				t.Fatal(err)
			}
			return out.Bytes()
		}},
	} {
		path := filepath.Join(t.TempDir(), "code")
		if err := os.WriteFile(path, c.make(), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := (&session{}).readCode(path); err != nil || got != longText {
			t.Errorf("%s: read %q, %v", c.story, got, err)
		}
	}
}

// The lines are read back as a person's camera would see them: each character is two
// modules.
func TestACodeIsReadFromTheTerminal(t *testing.T) {
	for _, colour := range []bool{false, true} {
		lines, err := codeText(longText, colour)
		if err != nil {
			t.Fatal(err)
		}
		lines = strings.NewReplacer("\x1b[97;40m", "", "\x1b[0m", "").Replace(lines)
		rows := strings.Split(strings.TrimSuffix(lines, "\n"), "\n")
		const dot = 4
		screen := image.NewGray(image.Rect(0, 0, len([]rune(rows[0]))*dot, 2*len(rows)*dot))
		for y, row := range rows {
			for x, r := range []rune(row) {
				light := map[rune][2]bool{'█': {true, true}, '▀': {true, false}, '▄': {false, true}, ' ': {}}[r]
				for half, lit := range light {
					for i := range dot * dot {
						if lit {
							screen.SetGray(x*dot+i%dot, (2*y+half)*dot+i/dot, color.Gray{Y: 255})
						}
					}
				}
			}
		}
		var b bytes.Buffer
		if err := png.Encode(&b, screen); err != nil {
			t.Fatal(err)
		}
		if got, err := codeIn(b.Bytes()); err != nil || got != longText {
			t.Errorf("in colour %v: read %q, %v", colour, got, err)
		}
	}
}

func TestAPictureWithoutACodeIsSaid(t *testing.T) {
	blank := image.NewGray(image.Rect(0, 0, 200, 200))
	var b bytes.Buffer
	if err := png.Encode(&b, blank); err != nil {
		t.Fatal(err)
	}
	huge := append([]byte(nil), b.Bytes()...)
	copy(huge[16:], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // 65536 by 65536, as its header says
	for story, picture := range map[string][]byte{"blank": b.Bytes(), "cut": b.Bytes()[:40], "no picture": []byte("\x89PNG and so on"), "huge": huge} {
		if got, err := codeIn(picture); err == nil {
			t.Errorf("%s: read %q", story, got)
		}
	}
}

func FuzzCodeIn(f *testing.F) {
	drawn, err := codePicture("FKJOIN1-ABC")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(drawn)
	f.Add(drawn[:len(drawn)/2])
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 {
			return
		}
		if _, err := codeIn(b); err == nil && len(b) == 0 {
			t.Error("nothing is a code")
		}
	})
}

// One code in thirty is missed by the detector at any one size of the picture.
func TestCodesOfEveryLengthAndContentAreRead(t *testing.T) {
	const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 80 {
		text := []byte("FKAPPROVE1-")
		for len(text) < 60+11*n {
			text = append(text, letters[r.IntN(len(letters))])
		}
		drawn, err := codePicture(string(text))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := codeIn(drawn); err != nil || got != string(text) {
			t.Errorf("of %d letters: %v", len(text), err)
		}
	}
}
