package command

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // photographs of a screen
	"image/png"
	"io"
	"os"
	"strings"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"golang.org/x/term"
	"rsc.io/qr"
)

// Enrolment's texts go from screen to screen as QR codes: as a picture, as lines for
// a terminal, or typed. Level M, of which 15 % may be unreadable, as on a scratched
// screen; four modules of white around it (ISO/IEC 18004).
const (
	quietZone = 4
	moduleDot = 8 // pixels of the picture
	// picturesMost bounds a picture that is read: a 48-megapixel photograph.
	pictureBytes  = 32 << 20
	picturePixels = 50_000_000
)

// codeText is text as lines of half blocks: two rows of modules to a line, light
// ones drawn. Colour makes it right on a light terminal too.
func codeText(text string, colour bool) (string, error) {
	c, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", fmt.Errorf("draw the QR code: %w", err)
	}
	var b strings.Builder
	for y := -quietZone; y < c.Size+quietZone; y += 2 {
		if colour {
			b.WriteString("\x1b[97;40m")
		}
		for x := -quietZone; x < c.Size+quietZone; x++ {
			b.WriteString([]string{"█", "▄", "▀", " "}[black(c, x, y)*1+black(c, x, y+1)*2])
		}
		if colour {
			b.WriteString("\x1b[0m")
		}
		b.WriteByte('\n')
	}
	return b.String(), nil
}

// black is 1 for a dark module; around the code it is light.
func black(c *qr.Code, x, y int) int {
	if c.Black(x, y) {
		return 1
	}
	return 0
}

// codePicture is text as a PNG.
func codePicture(text string) ([]byte, error) {
	c, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, fmt.Errorf("draw the QR code: %w", err)
	}
	side := (c.Size + 2*quietZone) * moduleDot
	picture := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	for y := range side {
		for x := range side {
			picture.SetColorIndex(x, y, uint8(black(c, x/moduleDot-quietZone, y/moduleDot-quietZone)))
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return nil, fmt.Errorf("draw the QR code: %w", err)
	}
	return b.Bytes(), nil
}

// showCode shows a text of enrolment to a person: into a picture when one is named,
// and on a terminal as lines.
func (s *session) showCode(w io.Writer, text, pictureFile string) error {
	if pictureFile != "" {
		b, err := codePicture(text)
		if err == nil {
			err = os.WriteFile(pictureFile, b, 0o600) // an invitation is a secret
		}
		if err != nil {
			return fmt.Errorf("write the picture: %w", err)
		}
	}
	out, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(out.Fd())) {
		return nil
	}
	lines, err := codeText(text, true)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, lines)
	return err
}

// readCode is what a person gave as an argument: the text itself, "-" for a line of
// standard input, or a picture of a QR code.
func (s *session) readCode(arg string) (string, error) {
	if arg == "-" {
		b, err := io.ReadAll(io.LimitReader(s.in, 64<<10))
		return strings.TrimSpace(string(b)), err
	}
	f, err := os.Open(arg)
	if err != nil {
		return arg, nil // no file: it is the text
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, pictureBytes+1))
	if err != nil {
		return "", fmt.Errorf("read %s: %w", arg, err)
	}
	if !bytes.HasPrefix(b, []byte("\x89PNG")) && !bytes.HasPrefix(b, []byte("\xff\xd8")) {
		line, _, _ := strings.Cut(strings.TrimSpace(string(b[:min(len(b), 64<<10)])), "\n\n")
		return line, nil
	}
	text, err := codeIn(b)
	if err != nil {
		return "", &usageError{fmt.Errorf("read the picture %s: %w", arg, err)}
	}
	return text, nil
}

var errNoCode = errors.New("no QR code is seen in it: hold the camera straight and nearer, or type the text")

// codeIn is the text of the QR code in a picture.
func codeIn(picture []byte) (string, error) {
	size, _, err := image.DecodeConfig(bytes.NewReader(picture))
	if err != nil || len(picture) > pictureBytes || size.Width <= 0 || size.Height <= 0 || size.Width*size.Height > picturePixels {
		return "", errors.New("it is no PNG or JPEG, or too large")
	}
	m, _, err := image.Decode(bytes.NewReader(picture))
	if err != nil {
		return "", errors.New("the picture is damaged")
	}
	for _, hard := range []bool{false, true} {
		bits, err := gozxing.NewBinaryBitmapFromImage(m)
		if err != nil {
			return "", errNoCode
		}
		found, err := qrcode.NewQRCodeReader().Decode(bits, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: hard})
		if err == nil {
			return found.GetText(), nil
		}
	}
	return "", errNoCode
}
