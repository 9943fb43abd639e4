// Package hospital is the window of a receiving hospital: the page that leads to its
// board, which is a page for browsers, in ui/board. It stands on the ambulance's frame;
// only the first page is another. It shows no patient and opens only the address that
// the station itself serves.
package hospital

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/screen/ambulance"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// An Opener hands an address to the system's browser. It may block until ctx ends;
// errors a person can act on are [*ui.Trouble].
type Opener func(ctx context.Context, address string) error

// New makes the screens of a hospital's station: those of a vehicle, with the way to
// the board in place of the monitor as the first page.
func New(desk ui.Desk, o ambulance.Options, open Opener) *ambulance.Screen {
	o.Lobby = func(s *ambulance.Screen) ambulance.Page { return newBoard(s, open) }
	o.LobbyWord = lang.BoardWord
	return ambulance.New(desk, o)
}

// openWait bounds how long a browser may take to answer.
const openWait = 20 * time.Second

// board leads to the board.
type board struct {
	s    *ambulance.Screen
	open Opener
	root *fyne.Container
	say  func(...string)
	big  *widget.Button
	busy bool
	says string
}

const boardLines = 8

func newBoard(s *ambulance.Screen, open Opener) *board {
	b := &board{s: s, open: open}
	words, say := ambulance.Lines(boardLines, theme.Body)
	b.say = say
	b.big = widget.NewPrimary("", b.tap)
	b.root = container.New(ledge{}, words, b.big, container.New(ambulance.Grid(2, 1),
		widget.NewWide(s.Say(lang.BackToMonitor), s.OpenMonitor), widget.NewWide(s.Say(lang.LinkAndDevices), s.OpenLink)))
	return b
}

// Object implements [ambulance.Page].
func (b *board) Object() fyne.CanvasObject { return b.root }

// tap opens what the station serves now.
func (b *board) tap() {
	s, address := b.s, b.s.Station().Link.Board
	if b.busy || address == "" {
		return
	}
	b.busy, b.says = true, s.Say(lang.BoardOpening)
	s.Apart(openWait, func(ctx context.Context) error { return b.open(ctx, address) }, func(err error) {
		b.busy, b.says = false, s.Say(lang.BoardOpened)
		if err != nil {
			b.says = s.Say(lang.BoardNotOpened, ambulance.Reason(err))
		}
	})
}

// Show implements [ambulance.Page].
func (b *board) Show(time.Time) {
	s, link := b.s, b.s.Station().Link
	b.big.Say(s.Say(lang.BoardOpen), s.Say(lang.BoardIn))
	b.big.Disable(b.busy || link.Board == "")
	if link.Board == "" {
		b.say(s.Say(lang.BoardNone), s.Say(lang.BoardNoneWhy))
		return
	}
	print := groups(link.Fingerprint)
	b.say(link.Board, s.Say(lang.BoardElse), "", s.Say(lang.BoardPrint), print[0], print[1], s.Say(lang.BoardPrintWhy), b.says)
}

// groups is a fingerprint as browsers show it: pairs of digits, on two lines.
func groups(hex string) (lines [2]string) {
	var pairs []string
	for hex = strings.ToUpper(hex); len(hex) >= 2; hex = hex[2:] {
		pairs = append(pairs, hex[:2])
	}
	half := (len(pairs) + 1) / 2
	return [2]string{strings.Join(pairs[:half], ":"), strings.Join(pairs[half:], ":")}
}

// ledge lays words over one wide button over a row of others.
type ledge struct{}

// MinSize implements [fyne.Layout].
func (ledge) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(400, 240) }

// Layout implements [fyne.Layout].
func (ledge) Layout(o []fyne.CanvasObject, size fyne.Size) {
	gap, high := theme.MM(theme.GapMM), theme.MM(theme.PrimaryMM)
	y := size.Height - 2*high - gap
	put := func(o fyne.CanvasObject, y, high float32) {
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, high))
	}
	put(o[0], 0, y-gap)
	put(o[1], y, high)
	put(o[2], y+high+gap, high)
}
