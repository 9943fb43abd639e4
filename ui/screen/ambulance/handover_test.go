package ambulance

import (
	"context"
	"strings"
	"testing"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/handover"
	"fieldkit/triage/vital"
	"fieldkit/ui"
	"fieldkit/ui/lang"
)

// readBack is the receiver reading one item back; heard something else unless "".
func (r *rig) readBack(key, heard string) {
	r.t.Helper()
	offers := r.desk.Recorded(chart.TypeHandoverOffered)
	if len(offers) == 0 {
		r.t.Fatal("no handover is on record")
	}
	offer := offers[len(offers)-1]
	item := chart.ReadBack{Key: key, Right: heard == "", Heard: heard}
	if _, err := r.desk.Record(context.Background(), ui.Draft{Encounter: offer.Encounter, Patient: offer.Patient,
		Content: &chart.HandoverReadBack{Of: offer.Ref, Items: []chart.ReadBack{item}}}); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) refresh() {
	r.run(refreshEvery + time.Second)
	r.settle()
}

func TestAHandoverIsSentInTwoActsAndSaysWhatTheScreenSaid(t *testing.T) {
	r := crew(t)
	a := acts{rig: r}
	a.tap(r.say(lang.HandoverWord))
	page := r.page.(*telling)
	var shown []string
	for _, row := range page.shown {
		shown = append(shown, row.text)
	}
	if len(shown) == 0 || !strings.Contains(strings.Join(shown, " "), "64 years") {
		t.Fatalf("the page tells %q", shown)
	}
	r.hold(r.say(lang.HoldToSend), 1100*time.Millisecond)
	a.n++
	a.want(2)
	offers := r.desk.Recorded(chart.TypeHandoverOffered)
	if len(offers) != 1 || offers[0].Encounter != r.On() {
		t.Fatalf("on record: %v", offers)
	}
	offer := offers[0].Content.(*chart.HandoverOffered)
	if offer.Format != "IMIST-AMBO" || len(offer.Items) != len(shown) || offer.To != "https://st-mary.example" {
		t.Errorf("sent: %+v", offer)
	}
	for i, item := range offer.Items {
		if item.Text != shown[i] {
			t.Errorf("item %s was sent as %q and shown as %q", item.Key, item.Text, shown[i])
		}
	}
	r.refresh()
	if page.sent == nil || !strings.HasPrefix(page.head.texts[0], "Sent 09:31. Read back 0 of") {
		t.Errorf("after it was sent the page says %q", page.head.texts)
	}
}

func TestTheReadBackIsShownItemByItem(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.HandoverWord))
	r.hold(r.say(lang.HoldToSend), 1100*time.Millisecond)
	r.readBack("allergies", "")
	r.readBack("identification", "woman of 42")
	r.refresh()
	page := r.page.(*telling)
	if first := page.shown[0]; !first.open || first.state != "IN QUESTION. Heard: woman of 42" || !strings.Contains(first.text, "64 years") {
		t.Errorf("the first row is %+v, want the one in question", first)
	}
	states := map[string]int{}
	for _, row := range page.shown {
		states[strings.Fields(row.state)[0]]++
	}
	if states["read"] != 1 || states["IN"] != 1 || states["critical,"] == 0 {
		t.Errorf("the rows say %v", states)
	}
	if !strings.Contains(page.head.texts[0], "Read back 1 of") || !strings.Contains(page.head.texts[0], "IN QUESTION: 1") {
		t.Errorf("the head says %q", page.head.texts[0])
	}
	if strings.Contains(page.head.texts[0], "All critical") {
		t.Error("critical items are open and the page says they were read back")
	}
	offer := r.desk.Recorded(chart.TypeHandoverOffered)[0].Content.(*chart.HandoverOffered)
	for _, item := range offer.Items {
		r.readBack(item.Key, "")
	}
	r.refresh()
	if got := page.head.texts[0]; !strings.Contains(got, "All critical items read back") || strings.Contains(got, "IN QUESTION") {
		t.Errorf("all read back: %q", got)
	}
	if _, err := r.desk.Record(context.Background(), ui.Draft{Encounter: r.On(), Content: &chart.HandoverAccepted{Of: r.desk.Recorded(chart.TypeHandoverOffered)[0].Ref}}); err != nil {
		t.Fatal(err)
	}
	r.refresh()
	if got := page.head.texts[0]; !strings.Contains(got, "Patient taken over 09:31") {
		t.Errorf("accepted: %q", got)
	}
}

func TestAHandoverIsWrittenAnewInTheOtherOrderAndSentOnce(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.HandoverWord))
	r.hold(r.say(lang.HoldToSend), 1100*time.Millisecond)
	r.refresh()
	r.hold(r.say(lang.SentWord), 1100*time.Millisecond)
	if n := len(r.desk.Recorded(chart.TypeHandoverOffered)); n != 1 {
		t.Fatalf("a second hold sent it again: %d", n)
	}
	r.tap(r.say(lang.WriteAnew))
	r.tap(string(handover.ATMIST))
	r.hold(r.say(lang.HoldToSend), 1100*time.Millisecond)
	offers := r.desk.Recorded(chart.TypeHandoverOffered)
	if len(offers) != 2 || offers[1].Content.(*chart.HandoverOffered).Format != "ATMIST" {
		t.Fatalf("on record: %v", offers)
	}
}

func TestAHandoverOfOnePatientIsNotSentForAnother(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.HandoverWord))
	r.on = chart.ID{15: 2} // as if the patient changed under the finger
	r.hold(r.say(lang.HoldToSend), 1100*time.Millisecond)
	if n := len(r.desk.Recorded(chart.TypeHandoverOffered)); n != 0 {
		t.Errorf("%d handovers went out under another patient", n)
	}
}

func TestEveryItemFindsItsPage(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.HandoverWord))
	page := r.page.(*telling)
	seen := map[string]bool{}
	for range page.list.pages() {
		for _, line := range page.list.lines {
			seen[line.Text] = true
		}
		page.list.turn()
	}
	for _, row := range page.shown {
		if !seen[broke(row.text, page.list.lines[0].TextStyle, 18, 1e6)[0]] && !anyPart(seen, row.text) {
			t.Errorf("%q stands on no page", row.text)
		}
	}
}

func anyPart(seen map[string]bool, text string) bool {
	for line := range seen {
		if line != "" && strings.HasPrefix(text, line) {
			return true
		}
	}
	return false
}

// The crew looks at the monitor, not at the handover's page.
func TestAnItemInQuestionIsSaidOnTheMonitor(t *testing.T) {
	r := crew(t)
	r.tap(r.say(lang.HandoverWord))
	r.hold(r.say(lang.HoldToSend), 1100*time.Millisecond)
	r.tap(r.say(lang.BackToMonitor))
	r.ask()
	if !r.says(r.say(lang.TellSent)) {
		t.Errorf("the monitor says nothing of a handover that nobody has read back: %q", r.texts())
	}
	r.readBack("identification", "42 years")
	r.ask()
	if !r.says("1 in question") || !r.says(r.say(lang.TellBand)) {
		t.Errorf("the monitor says nothing of what is in question: %q", r.texts())
	}
}

// A finding may be as long as a remark may be, 4,000 bytes: more than a page. All of it
// must stand on some page, and none of it outside.
func TestAnItemLongerThanAPageGoesOnOnTheNext(t *testing.T) {
	r := crew(t)
	var words []string
	for n := range 700 {
		words = append(words, "w"+vital.Int(int64(n)).String())
	}
	r.put(time.Minute, &chart.Assessment{Area: "chest", Text: strings.Join(words, " ")})
	r.tap(r.say(lang.HandoverWord))
	r.settle()
	p := r.page.(*telling)
	seen := map[string]bool{}
	for range p.list.pages() {
		for _, l := range p.list.lines {
			if low := l.Position().Y + l.Size().Height; low > p.list.root.Size().Height+1 {
				t.Fatalf("%q stands at %v of %v", l.Text, low, p.list.root.Size().Height)
			}
			for _, w := range strings.Fields(l.Text) {
				seen[w] = true
			}
		}
		p.list.turn()
	}
	for _, w := range words {
		if !seen[w] {
			t.Fatalf("%q stands on none of %d pages", w, p.list.pages())
		}
	}
}
