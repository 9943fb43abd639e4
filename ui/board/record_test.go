package board

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// record is what a hospital's recorder answers of an encounter, as far as acts change
// it. The file is held to the recorder's own type by a test of app/kit.
type record struct {
	Handovers []offer         `json:"handovers"`
	Draft     json.RawMessage `json:"draft"`
	Letters   json.RawMessage `json:"letters"`
	Trends    json.RawMessage `json:"trends"`
	Until     string          `json:"until"`
	Happened  json.RawMessage `json:"happened"`
	Strips    []kept          `json:"strips"`
	Scores    json.RawMessage `json:"scores"`
	Messages  []entry         `json:"messages"`
	Alarms    []entry         `json:"alarms"`
}

type entry struct {
	Ref       string  `json:"ref"`
	At        string  `json:"at"`
	Staff     string  `json:"staff"`
	Here      bool    `json:"here,omitempty"`
	Text      string  `json:"text,omitempty"`
	Condition string  `json:"condition,omitempty"`
	Priority  string  `json:"priority,omitempty"`
	State     string  `json:"state,omitempty"`
	Right     bool    `json:"right,omitempty"`
	Heard     string  `json:"heard,omitempty"`
	Seen      []entry `json:"seen,omitempty"`
}

type kept struct {
	entry
	Standing string `json:"standing,omitempty"`
	Layout   string `json:"layout"`
}

type offer struct {
	entry
	Format   string  `json:"format"`
	Items    []item  `json:"items"`
	Received bool    `json:"received"`
	Accepted []entry `json:"accepted,omitempty"`
}

type item struct {
	Key      string  `json:"key"`
	Part     string  `json:"part"`
	Text     string  `json:"text"`
	Unknown  bool    `json:"unknown,omitempty"`
	Critical bool    `json:"critical,omitempty"`
	Right    bool    `json:"right,omitempty"`
	Said     []entry `json:"said,omitempty"`
}

// readRecord is the record of the file, its times in minutes before now.
func readRecord(t *testing.T) *record {
	t.Helper()
	b, err := os.ReadFile("testdata/record.json")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	b = regexp.MustCompile(`"@-[0-9.]+"`).ReplaceAllFunc(b, func(at []byte) []byte {
		minutes, err := strconv.ParseFloat(strings.Trim(string(at), `"@`), 64)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Appendf(nil, "%q", now.Add(time.Duration(minutes*float64(time.Minute))).Format(time.RFC3339))
	})
	var r record
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return &r
}

// heed brings the record up to date with an act, as the fold does.
func (r *record) heed(content chart.Content, id uint32) {
	if r == nil {
		return
	}
	by := entry{Ref: fmt.Sprintf("%064x/%032x/%d", 2, 2, id), At: time.Now().UTC().Format(time.RFC3339), Staff: "dr adeyemi", Here: true}
	named := func(e entry, of chart.Ref) bool {
		text, err := of.MarshalText()
		return err == nil && e.Ref == string(text)
	}
	switch c := content.(type) {
	case *chart.Message:
		by.Text = c.Text
		r.Messages = append(r.Messages, by)
	case *chart.AlarmAcknowledged:
		for i := range r.Alarms {
			if named(r.Alarms[i], c.Of[0]) {
				r.Alarms[i].State, r.Alarms[i].Seen = "acknowledged", append(r.Alarms[i].Seen, by)
			}
		}
	case *chart.HandoverReadBack:
		h := &r.Handovers[0]
		for i := range h.Items {
			for _, said := range c.Items {
				if named(h.entry, c.Of) && h.Items[i].Key == said.Key {
					by.Right, by.Heard = said.Right, said.Heard
					h.Items[i].Right, h.Items[i].Said = said.Right, []entry{by}
				}
			}
		}
		h.Received = true
		for _, i := range h.Items {
			h.Received = h.Received && (i.Right || !i.Critical)
		}
	case *chart.HandoverAccepted:
		if named(r.Handovers[0].entry, c.Of) {
			r.Handovers[0].Accepted = []entry{by}
		}
	}
}

// told is what the page asked to be recorded of a kind, as JSON.
func (w *ward) told(kind string) (bodies []string) {
	for _, a := range w.acts() {
		if a.Kind == kind {
			bodies = append(bodies, string(a.Body))
		}
	}
	return bodies
}

func (s *screen) tab(name string) {
	s.t.Helper()
	s.press("#tab-" + name)
	s.until("the tab", fmt.Sprintf(`document.getElementById("panel-%s").checkVisibility()`, name), "true")
}

// text is what stands in an element, on one line.
func text(selector string) string {
	return fmt.Sprintf(`(document.querySelector(%q)?.innerText ?? "").replaceAll("\n", " ")`, selector)
}

func TestTheRecordOfAnOpenedPatient(t *testing.T) {
	w := newWard(t)
	s := openScreen(t, w, 1280, 800)
	s.signIn()
	bed := w.bed(1, "AMB-7", []vital.Reading{reading(vital.HeartRate, 118), reading(vital.SpO2, 86), reading(vital.RespRate, 22),
		reading(vital.NIBPSys, 92), reading(vital.NIBPDia, 60), reading(vital.EtCO2, 38)}, vital.ECGII, vital.Pleth)
	bed.now.Alarms = []wave.Alarm{{ID: 1, Priority: 3, Text: "SpO₂ low 86 < 90"}, {ID: 2, Priority: 2, Text: "HR high"}}
	w.mu.Lock()
	w.rows[bed.encounter()] = `{"who":{"sex":"male","age":"64 a"},"urgency":1,"category":"red","complaint":"chest pain","waiting":1,"handover":"offered"}`
	w.record = readRecord(t)
	offered := w.record.Handovers
	w.record.Handovers = nil
	w.mu.Unlock()
	run(t, bed)
	s.until("a tile", number("SpO2"), "measured 86")
	s.until("what waits for us", text(".tile .waits"), "Crew wrote: 1 · Handover given, read it back")
	s.key("1")

	t.Run("before the crew gives it the handover is a draft of the record and cannot be read back", func(t *testing.T) {
		s.tab("handover")
		s.until("the draft", text(".handover"), "The crew has not given the handover")
		s.until("its letters", `[...document.querySelectorAll(".letter")].map(e => e.textContent).join("")`, "IMISTAMBO")
		if got := s.ask(`document.querySelectorAll(".item .yes").length`); got != "0" {
			t.Errorf("a draft has %s keys to read it back", got)
		}
		s.ask(`document.querySelectorAll(".orders button")[1].click()`)
		s.until("the other order", `[...document.querySelectorAll(".letter")].map(e => e.textContent).join("")`, "ATMIST")
		s.until("what is not known", text(".item-text.unknown"), "consciousness not known")
		s.picture("handover-draft-1280.png")
	})
	t.Run("an item is read back only when the record says so", func(t *testing.T) {
		w.mu.Lock()
		w.record.Handovers = offered
		w.mu.Unlock()
		s.until("the offer", text(".handover"), "Handover, ATMIST")
		s.until("what is left", text(".handover .left"), "11 still to be read back")
		if got := s.ask(`document.querySelector(".take-over").disabled`); got != "true" {
			t.Error("the patient can be taken over unread")
		}
		w.mu.Lock()
		w.deaf = true
		w.mu.Unlock()
		s.press(".item .yes")
		s.until("it to be on its way", text(".item .said"), "sending")
		w.mu.Lock()
		_ = w.conn.CloseNow()
		w.deaf = false
		w.mu.Unlock()
		s.until("the doubt", `document.querySelector(".overlay-words")?.innerText + document.body.innerText`, "Waiting for the vehicle")
		time.Sleep(500 * time.Millisecond)
		bed.begin()
		s.until("the same tab again", `document.getElementById("panel-handover")?.checkVisibility() ?? false`, "true")
		s.until("the offer again", text(".handover .left"), "11 still to be read back")
	})
	t.Run("what was heard otherwise stays open until it is put right", func(t *testing.T) {
		s.press(".item .no")
		s.until("the field", `document.activeElement.placeholder`, "What did you hear?")
		s.do(chromedp.SendKeys(chromedp.CSS(".item .heard input"), "Ole Bergh, 46"))
		s.key("Enter")
		s.ask(`document.querySelector(".item .heard").requestSubmit()`)
		s.until("the question", text(".item .said"), "heard “Ole Bergh, 46”, dr adeyemi")
		s.picture("handover-open-1280.png")
		s.press(".item .yes")
		s.until("it put right", text(".item .said"), "read back, dr adeyemi")
		if got := w.told("handover-read-back"); len(got) < 2 || !strings.Contains(got[len(got)-2], `"heard":"Ole Bergh, 46"`) || !strings.Contains(got[len(got)-1], `"right":true`) {
			t.Errorf("the record was told %v", got)
		}
		s.until("the next item's key in focus", `document.activeElement.getAttribute("aria-label")`, "onset at 13:40")
	})
	t.Run("the patient is taken over once all that must be read back is", func(t *testing.T) {
		s.ask(`[...document.querySelectorAll(".item .yes:not(:disabled)")].forEach(k => k.click())`)
		s.until("all read", text(".handover .left"), "All that must be read back is.")
		s.ask(`document.querySelector(".take-over").dispatchEvent(new PointerEvent("pointerdown"))`)
		s.until("it taken over", text(".handover-state"), "taken over by dr adeyemi")
		s.picture("handover-taken-1280.png")
		if got := w.told("handover-accepted"); len(got) != 1 || !strings.Contains(got[0], offered[0].Ref) {
			t.Errorf("accepted: %v", got)
		}
	})
	t.Run("trends are drawn with their gaps, beside the worst ever", func(t *testing.T) {
		s.tab("trends")
		s.until("the saturation", `document.querySelectorAll(".trend")[1].innerText.replaceAll("\n", " ")`, "SpO₂")
		s.until("its worst", `document.querySelectorAll(".trend")[1].innerText`, "lowest ever 71")
		if got := s.ask(`document.querySelectorAll(".trend")[1].querySelectorAll("polyline").length`); got != "2" {
			t.Errorf("a line with one gap is drawn in %s pieces", got)
		}
		s.until("what a reader hears", `document.querySelectorAll(".trend svg")[1].getAttribute("aria-label")`, "1 gaps")
		if got := s.ask(`document.querySelectorAll(".trend")[2].querySelectorAll("polyline").length`); got != "0" {
			t.Error("cuff pressures are joined by a line")
		}
		s.until("the worst ever beside the live number", text(".view .number[data-sign=SpO2]"), "71 to 94")
		s.until("what that is", text(".since"), "of the record and of what this page saw")
		s.picture("trends-1280.png")
	})
	t.Run("drugs and events stand with true times, struck out ones as struck out; scores with their rules", func(t *testing.T) {
		s.tab("told")
		s.until("the drug", text(".told-row.kind-drug-given"), "morphine 2.5 mg IV")
		s.until("what was taken back", text(".told-row.struck"), "adrenaline 1 mg IV taken back")
		if got := s.ask(`document.querySelector(".told-row.struck .told-text").tagName`); got != "S" {
			t.Errorf("what was taken back is in a %s", got)
		}
		s.until("a time in doubt", text(".told-row.kind-triage"), "clock was not set")
		s.until("the rule that fired", text(".fired"), "spo2 86 is 91 or less: 3 points")
		s.until("what the score lacks", text(".scored-missing"), "missing O₂, Temp, ACVPU")
		s.picture("record-1280.png")
	})
	t.Run("a message is in the list when it is in the record; unsent text stays", func(t *testing.T) {
		s.until("one waiting", text("#tab-messages"), "Messages (1)")
		s.tab("messages")
		s.until("the crew's", text(".messages"), "Two minutes out. Pressure is falling again.")
		w.mu.Lock()
		w.deaf = true
		w.mu.Unlock()
		s.do(chromedp.SendKeys(chromedp.CSS(".write textarea"), "Lab is ready"))
		s.press(".write .send")
		s.until("it on its way", text(".write-state"), "sending")
		if got := s.ask(`document.querySelector(".messages").innerText.includes("Lab is ready")`); got != "false" {
			t.Error("a message that nobody recorded is in the list")
		}
		w.mu.Lock()
		_ = w.conn.CloseNow()
		w.deaf = false
		w.mu.Unlock()
		s.until("the loss", text(".view .overlay-words"), "Waiting")
		time.Sleep(500 * time.Millisecond)
		bed.begin()
		s.until("the text kept", `document.querySelector(".write textarea")?.value ?? ""`, "Lab is ready")
		s.press(".write .send")
		s.until("it in the list", text(".messages .ours:last-child"), "Lab is ready")
		s.until("the field empty", `document.querySelector(".write textarea").value === ""`, "true")
		s.until("nothing waiting", text("#tab-messages")+`.includes("(")`, "false")
		s.picture("messages-1280.png")
		s.do(chromedp.Focus(chromedp.CSS(".write textarea")))
		s.key("Escape")
		s.until("the view still open", `document.querySelector(".view") !== null`, "true")
	})
	t.Run("an alarm is acknowledged by its entry, and one that the record has not is not", func(t *testing.T) {
		s.tab("live")
		s.until("the key", `document.querySelectorAll(".view .alarm .see").length`, "1")
		s.press(".view .alarm.high .see")
		s.until("who saw it", text(".view .alarm.high"), "seen here by dr adeyemi")
		if got := w.told("alarm-acknowledged"); len(got) != 1 || !strings.Contains(got[0], w.record.Alarms[0].Ref) {
			t.Errorf("acknowledged: %v", got)
		}
		s.until("the other without a key", `document.querySelectorAll(".view .alarm .see").length`, "0")
		s.picture("alarm-seen-1280.png")
	})
	t.Run("in every light, on the wall and on a phone", func(t *testing.T) {
		for _, tab := range []string{"handover", "trends", "told", "messages"} {
			s.tab(tab)
			s.press("#day")
			s.picture(tab + "-day-1280.png")
			s.press("#day")
			s.do(chromedp.EmulateViewport(390, 800))
			time.Sleep(300 * time.Millisecond)
			if got := s.ask(`document.documentElement.scrollWidth <= innerWidth`); got != "true" {
				t.Errorf("%s is wider than a phone", tab)
			}
			s.ask(`document.getElementById("panel-` + tab + `").scrollIntoView()`)
			s.picture(tab + "-390.png")
			s.do(chromedp.EmulateViewport(1920, 1080))
			s.press("#wall")
			time.Sleep(300 * time.Millisecond)
			s.picture(tab + "-wall-1920.png")
			s.press("#wall")
			s.do(chromedp.EmulateViewport(1280, 800))
		}
	})
	t.Run("a reader of French or Spanish has the same page", func(t *testing.T) {
		for language, takes := range map[string]string{"fr": "relu", "es": "repetido"} {
			s.do(chromedp.Navigate(w.URL + "/?lang=" + language))
			s.until("the page", `document.getElementById("person").textContent`, "Dr Adeyemi")
			bed.begin()
			s.until("a tile", number("SpO2"), "measured 86")
			s.key("1")
			s.tab("handover")
			s.until("its words", text(".item .said"), takes)
			s.until("its language", `document.documentElement.lang`, language)
			for _, tab := range []string{"handover", "trends", "told", "messages", "live"} {
				s.tab(tab)
				s.picture(tab + "-" + language + "-1280.png")
				s.do(chromedp.EmulateViewport(390, 800))
				time.Sleep(200 * time.Millisecond)
				if got := s.ask(`document.documentElement.scrollWidth <= innerWidth`); got != "true" {
					t.Errorf("%s in %s is wider than a phone", tab, language)
				}
				s.do(chromedp.EmulateViewport(1280, 800))
			}
		}
		s.do(chromedp.Navigate(w.URL + "/?lang=en"))
		s.until("the page", `document.getElementById("person").textContent`, "Dr Adeyemi")
		bed.begin()
		s.until("a tile", number("SpO2"), "measured 86")
		s.key("1")
	})
	t.Run("nothing of the record stays when the tile ends", func(t *testing.T) {
		s.tab("messages")
		w.tell(map[string]any{"type": "end", "tile": 1, "why": "the binding has ended"})
		for _, gone := range []string{"Lab is ready", "aspirin", "Berg", "morphine", "71 to 94"} {
			s.until(gone+" to be gone", fmt.Sprintf(`document.body.textContent.includes(%q)`, gone), "false")
		}
	})
	for _, complaint := range s.complaints() {
		t.Errorf("the console says: %s", complaint)
	}
}
