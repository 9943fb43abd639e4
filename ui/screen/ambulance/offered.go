package ambulance

import (
	"cmp"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/triage/chart"
	"fieldkit/triage/handover"
	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/widget"
)

// An incoming is a patient whom another station hands to this one.
type incoming struct {
	row chart.Row
	chart.RowTransfer
}

// incomings are those that nobody here has answered, the longest waiting first.
func (s *Screen) incomings() []incoming {
	if s.locked() {
		return nil
	}
	return s.handed
}

// findHanded looks through the list that has come for them: it may be long, and a frame
// has no time for it.
func (s *Screen) findHanded() {
	before := s.handed
	s.handed = nil
	if s.station.Device == (chart.Device{}) {
		return
	}
	for i := range s.rows {
		r := &s.rows[i]
		if r.Lent != nil || r.Status != chart.Open && r.Status != chart.HandedOver { // a hospital may send them on
			continue
		}
		for _, t := range r.Transfers {
			if t.To == s.station.Device && (t.State == chart.TransferOffered || t.State == chart.TransferGone) {
				s.handed = append(s.handed, incoming{*r, t})
				s.chime = s.chime || !slices.ContainsFunc(before, func(in incoming) bool { return in.Of == t.Of })
			}
		}
	}
	slices.SortFunc(s.handed, func(x, y incoming) int {
		return cmp.Or(cmp.Compare(x.At, y.At), slices.Compare(x.row.Encounter[:], y.row.Encounter[:]))
	})
}

// callSign is a station's, or words when it is not known here.
func (s *Screen) callSign(d chart.Device) string {
	for _, p := range s.station.Peers {
		if p.Device == d && p.CallSign != "" {
			return p.CallSign
		}
	}
	return s.speech.Say(lang.AnotherStation)
}

// showOffer says on a button beside the patient's band that a patient is being handed to
// this station, or else that the shift was not checked yet. Of what can be tapped only the band gives way.
func (f *frame) showOffer(now time.Time) {
	s := f.s
	all := s.incomings()
	hidden := len(all) == 0
	if !hidden {
		f.offer.Say(s.speech.Say(lang.HandsYou, s.callSign(all[0].Of.Device), s.who(all[0].row)), "")
		f.offer.Choose(true)
	}
	switch {
	case !hidden:
	case s.shiftDue(now):
		hidden = false
		f.offer.Say(s.speech.Say(lang.ShiftCheck), s.speech.Say(lang.ShiftDue))
		f.offer.Choose(false)
	default:
		f.offer.Say("", "")
	}
	if f.offer.Hidden != hidden {
		f.offer.Hidden = hidden
		f.Layout(nil, f.root.Size())
		f.root.Refresh()
	}
}

// openOffer puts the patient who waits longest on screen, with what the giver says; when
// nobody waits, the check of the shift.
func (s *Screen) openOffer() {
	if all := s.incomings(); len(all) > 0 {
		s.turnTo(all[0].row.Encounter)
		s.open(newTaking(s, all[0]))
	} else if s.shiftDue(s.clock()) {
		s.open(newShift(s))
	}
}

// taking is a patient handed to this station: the handover as given, to be taken over
// by a hold or declined.
type taking struct {
	known
	in      incoming
	root    *fyne.Container
	head    *notes
	list    *telllist
	next    *widget.Button
	decline [2]*widget.Button
	hold    *widget.Hold
	said    bool // something was recorded, and the list has not come yet
}

func newTaking(s *Screen, in incoming) *taking {
	t := &taking{known: known{s: s, of: in.row.Encounter}, in: in, head: newNotes(s), list: newTelllist()}
	t.head.bold = true
	t.next = widget.NewWide("", t.list.turn)
	for i, why := range [...]struct {
		key  lang.Key
		word string
	}{{lang.DeclineNoRoom, "no room"}, {lang.DeclineNotOurs, "not for this station"}} {
		words := s.speech.Say(why.key)
		t.decline[i] = widget.NewWide(words, func() {
			t.answer(words, &chart.HandoverDeclined{Of: t.in.Of, Why: why.word}, s.home)
		})
	}
	t.hold = widget.NewHold(s.speech.Say(lang.HoldToTakeOver), func() {
		t.answer(s.speech.Say(lang.HandsYou, s.callSign(in.Of.Device), s.who(in.row)), &chart.HandoverAccepted{Of: t.in.Of}, func() {
			s.open(newLink(s)) // where a monitor is put to the patient
		})
	})
	t.root = s.sheet(container.New(headed{}, t.head.root, t.list.root), t.next, t.decline[0], t.decline[1], t.hold)
	return t
}

func (t *taking) object() fyne.CanvasObject { return t.root }

func (t *taking) answer(words string, content chart.Content, then func()) {
	if t.said || !t.stands() {
		return
	}
	t.said = true
	t.s.recordNow(words, t.of, content, func(ui.Recorded) {
		t.s.askSoon()
		if t.s.page == page(t) {
			then()
		}
	})
}

// stands reports whether the offer still waits for an answer.
func (t *taking) stands() bool {
	return slices.ContainsFunc(t.s.incomings(), func(in incoming) bool { return in.Of == t.in.Of })
}

func (t *taking) show(now time.Time) {
	s, speech := t.s, t.s.speech
	t.read(now)
	var rows []told
	head := []string{speech.Say(lang.HandsYouHead, s.callSign(t.in.Of.Device), s.who(t.in.row), s.dayTime(t.in.At.Time()))}
	switch {
	case !t.stands():
		head = append([]string{speech.Say(lang.OfferOver)}, head...)
	case t.chart == nil && t.err != nil:
		head = append(head, speech.Say(lang.RecordNotRead, reason(t.err)))
	case t.chart == nil:
		head = append(head, speech.Say(lang.ReadingRecord))
	}
	if t.chart != nil {
		if f := t.chart.Fact(t.in.Of); f != nil {
			if offer, ok := f.Content.(*chart.HandoverOffered); ok {
				for _, i := range offer.Items {
					part := handover.PartOf(i.Key)
					letter := handover.Order(offer.Format).Letter(part)
					if letter == "" {
						letter = "+"
					}
					rows = append(rows, told{letter: letter + "  " + speech.Part(part), text: i.Text})
				}
			}
		}
	}
	t.head.say(head...)
	t.list.say(rows)
	t.next.Say(speech.Say(lang.NextPage), speech.Say(lang.PageOf, t.list.at+1, t.list.pages()))
	t.next.Disable(t.list.pages() == 1)
	over := t.said || !t.stands()
	for _, b := range t.decline {
		b.Disable(over)
	}
	t.hold.Disable(over)
	t.hold.Tick(now)
}
