package ambulance

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/triage/handover"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/widget"
)

// passing hands the patient on screen to another station of the team that cares on.
// Until that station has taken over, the patient is this crew's.
type passing struct {
	known
	to     chart.Device
	at     int // the page of stations
	root   *fyne.Container
	words  *notes
	cells  []*widget.Button
	shown  []chart.Device
	next   *widget.Button
	back   *widget.Button
	hold   *widget.Hold
	asWhat string // what the hold says, so that it is armed again when that changes
}

const passingColumns, passingRows = 3, 2

func newPassing(s *Screen) *passing {
	p := &passing{known: known{s: s, of: s.on}, words: newNotes(s), shown: make([]chart.Device, passingColumns*passingRows)}
	p.words.bold = true
	cells := make([]fyne.CanvasObject, len(p.shown))
	for i := range cells {
		b := widget.NewButton("", func() {
			if p.shown[i] != (chart.Device{}) {
				p.to = p.shown[i]
				p.hold.Reset()
			}
		})
		p.cells, cells[i] = append(p.cells, b), b
	}
	p.next = widget.NewWide("", func() { p.at++ })
	p.back = widget.NewWide(s.speech.Say(lang.TakeOfferBack), p.takeBack)
	p.hold = widget.NewHold("", p.act)
	p.root = s.sheet(container.New(beneath{}, p.words.root, container.New(grid{passingColumns, passingRows}, cells...)), p.next, p.back, p.hold)
	return p
}

func (p *passing) object() fyne.CanvasObject { return p.root }

// receivers are the stations that may care on for a patient, by call sign: their
// order must not change under a finger.
func (s *Screen) receivers() []ui.Peer {
	all := slices.DeleteFunc(slices.Clone(s.station.Peers), func(p ui.Peer) bool {
		return p.Device == chart.Device{} || p.Device == s.station.Device || p.Kind == "hospital"
	})
	slices.SortFunc(all, func(x, y ui.Peer) int {
		return cmp.Or(strings.Compare(x.CallSign, y.CallSign), slices.Compare(x.Device[:], y.Device[:]))
	})
	return all
}

// waiting is this station's offer of the encounter that nobody has answered, false
// when there is none.
func (s *Screen) waiting(of chart.ID) (chart.RowTransfer, bool) {
	row, _ := s.row(of)
	for _, t := range row.Transfers {
		if t.Of.Device == s.station.Device && t.State == chart.TransferOffered {
			return t, true
		}
	}
	return chart.RowTransfer{}, false
}

// act offers the patient, or of one that is offered says that they have gone.
func (p *passing) act() {
	defer p.hold.Reset()
	s := p.s
	if t, ok := s.waiting(p.of); ok {
		gone := &chart.EncounterMoved{Place: clip(t.Name, chart.MaxName), Station: t.To}
		s.recordNow(s.speech.Say(lang.WithNow, t.Name, s.clock().Format("15:04")), p.of, gone, p.done)
		return
	}
	at := slices.IndexFunc(s.receivers(), func(r ui.Peer) bool { return r.Device == p.to })
	if at < 0 || p.chart == nil {
		return
	}
	offer := handover.Offer(handover.ATMIST, handover.Compose(p.chart, handover.ATMIST, s.clock()))
	offer.To, offer.Station, offer.Onward = clip(s.receivers()[at].CallSign, chart.MaxName), p.to, true
	s.recordNow(s.speech.Say(lang.OfferedTo, offer.To, s.clock().Format("15:04")), p.of, offer, p.done)
}

func (p *passing) takeBack() {
	if t, ok := p.s.waiting(p.of); ok {
		p.s.recordNow(p.s.speech.Say(lang.TakeOfferBack), p.of, &chart.Retraction{Of: t.Of, Why: "the giver keeps the patient"}, p.done)
	}
}

// done asks the station at once for what has changed.
func (p *passing) done(ui.Recorded) { p.s.askSoon() }

// askSoon asks the station apart from Fyne's goroutine what stands now.
func (s *Screen) askSoon() {
	ctx := s.ctx
	s.work.Go(func() {
		ctx, stop := context.WithTimeout(ctx, recordWait)
		defer stop()
		s.Ask(ctx) // why it could not, poll finds out and says
	})
}

func (p *passing) show(now time.Time) {
	s, speech := p.s, p.s.speech
	p.read(now)
	all := s.receivers()
	pages := max(1, (len(all)+len(p.cells)-1)/len(p.cells))
	p.at %= pages
	offer, waits := s.waiting(p.of)
	for i, b := range p.cells {
		at := p.at*len(p.cells) + i
		if at >= len(all) {
			p.shown[i] = chart.Device{}
			b.Say("", "")
			b.Hide()
			continue
		}
		r := all[at]
		p.shown[i] = r.Device
		b.Say(r.CallSign, strings.TrimSpace(s.kind(r.Kind)+"   "+r.State))
		b.Show()
		b.Choose(!waits && r.Device == p.to || waits && r.Device == offer.To)
		b.Disable(waits)
	}
	p.next.Say(speech.Say(lang.NextPage), speech.Say(lang.PageOf, p.at+1, pages))
	p.next.Disable(pages == 1)
	p.back.Disable(!waits)

	row, _ := s.row(p.of)
	who := s.who(row)
	at := slices.IndexFunc(all, func(r ui.Peer) bool { return r.Device == p.to })
	var words []string
	held := speech.Say(lang.HoldToHandOn)
	switch {
	case p.of == (chart.ID{}):
		words = append(words, speech.Say(lang.NoPatient))
	case waits:
		words = append(words, speech.Say(lang.HandOnWaits, offer.Name, s.dayTime(offer.At.Time())))
		held = speech.Say(lang.HoldGone, offer.Name)
	case len(all) == 0:
		words = append(words, speech.Say(lang.HandOnNobody))
	case at < 0:
		words = append(words, speech.Say(lang.HandOnChoose, who), s.passed(row))
	default:
		words = append(words, speech.Say(lang.HandOnTo, who, all[at].CallSign, all[at].CallSign), s.passed(row))
	}
	switch {
	case p.err != nil:
		words = append(words, speech.Say(lang.RecordNotRead, reason(p.err)))
	case p.chart == nil && p.of != (chart.ID{}):
		words = append(words, speech.Say(lang.ReadingRecord))
	}
	p.words.say(words...)
	if held != p.asWhat { // a finger that rests for the one must not do the other
		p.asWhat = held
		p.hold.Reset()
	}
	p.hold.Say(held)
	p.hold.Disable(p.of == (chart.ID{}) || !waits && (at < 0 || p.chart == nil))
	p.hold.Tick(now)
}

// kind is what a station is, in words.
func (s *Screen) kind(k string) string {
	switch k {
	case "ambulance":
		return s.speech.Say(lang.KindAmbulance)
	case "clinic":
		return s.speech.Say(lang.KindClinic)
	case "kiosk":
		return s.speech.Say(lang.KindKiosk)
	case "hospital":
		return s.speech.Say(lang.KindHospital)
	}
	return k
}

// passed is where a patient was handed on to, or to whom they are offered, in words;
// "" while nobody hands them on and once they are this station's again.
func (s *Screen) passed(r chart.Row) string {
	var last *chart.RowTransfer
	for i := range r.Transfers {
		if t := &r.Transfers[i]; t.State != chart.TransferWithdrawn && (last == nil || t.At >= last.At) {
			last = t
		}
	}
	if last == nil {
		return ""
	}
	speech, at := s.speech, s.dayTime(last.At.Time())
	if last.State == chart.TransferDisputed {
		return speech.Say(lang.TakenAndWithdrawn, last.Name)
	}
	if last.To == s.station.Device {
		return ""
	}
	switch last.State {
	case chart.TransferDone:
		return speech.Say(lang.WithNow, last.Name, at)
	case chart.TransferGone:
		return speech.Say(lang.WithUnconfirmed, last.Name, at)
	}
	if last.Of.Device != s.station.Device {
		return ""
	}
	if last.State == chart.TransferDeclined {
		return speech.Say(lang.DeclinedBy, last.Name, last.Why)
	}
	return speech.Say(lang.OfferedTo, last.Name, at)
}
