package thread

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"fieldkit/app/api"
	"fieldkit/app/demo"
	"fieldkit/triage/chart"
	"fieldkit/triage/handover"
	"fieldkit/triage/vital"
)

// tell records something at a station.
func tell(t *testing.T, st *demo.Station, encounter chart.ID, content chart.Content) chart.Ref {
	t.Helper()
	b, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	r, err := st.Client.Record(t.Context(), st.Token, api.Draft{Encounter: encounter, Kind: content.Type().String(), Content: b})
	if err != nil {
		t.Fatal(err)
	}
	return r.Ref
}

// asks evaluates an expression on the page until it is want.
func (p *page) asks(what, expression, want string) {
	p.t.Helper()
	until(p.t, what, func() string {
		got, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`String(`+expression+`)`))
		switch {
		case err != nil:
			return err.Error()
		case got != want:
			return fmt.Sprintf("%s is %q, want %q", expression, got, want)
		}
		return ""
	})
}

func (p *page) runs(script string) {
	p.t.Helper()
	if _, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`String(`+script+`)`)); err != nil {
		p.t.Fatal(err)
	}
}

// What the emergency room reads back, writes and sees must be in the vehicle's chart,
// under the hospital's name, and what the crew writes on the hospital's page.
func TestWhatTheEmergencyRoomAnswersReachesTheVehicle(t *testing.T) {
	s := open(t)
	page := openPage(t, s)
	page.waits("a number on the page", func(p pageState) string {
		if n := p.Numbers["SpO2"]; n.State != "measured" {
			return fmt.Sprintf("SpO2 is %+v", n)
		}
		return ""
	})
	c, err := chartOf(t, s.Ambulance, s.Encounter)
	if err != nil {
		t.Fatal(err)
	}
	items := handover.Compose(c, handover.ATMIST, time.Now())
	offered := tell(t, s.Ambulance, s.Encounter, handover.Offer(handover.ATMIST, items))
	tell(t, s.Ambulance, s.Encounter, &chart.Message{Text: "four minutes out"})
	if err := s.Oximeter.Say("probe off"); err != nil { // an alarm of the vehicle's own engine
		t.Fatal(err)
	}

	page.runs(`document.querySelector(".tile .open").click()`)
	page.asks("the crew's message", `document.querySelector(".messages .theirs .message-text")?.textContent`, "four minutes out")
	page.asks("the handover", `document.querySelectorAll(".item .yes").length`, fmt.Sprint(len(items)))
	page.runs(`document.querySelector("#tab-handover").click()`)
	page.picture("handover.png")
	page.asks("the alarm's entry to be at the hospital", `document.querySelectorAll(".view .alarm .see").length > 0`, "true")
	page.runs(`document.querySelector(".view .alarm .see").click()`)
	page.runs(`document.querySelectorAll(".item .yes").forEach(k => k.click())`)
	page.asks("all to be read back", `document.querySelector(".take-over").disabled`, "false")
	page.runs(`document.querySelector(".take-over").dispatchEvent(new PointerEvent("pointerdown"))`)
	page.runs(`(f => { f.value = "bay R1"; f.form.requestSubmit(); })(document.querySelector(".write textarea"))`)

	until(t, "the answers in the vehicle", func() string {
		c, err := chartOf(t, s.Ambulance, s.Encounter)
		if err != nil {
			return err.Error()
		}
		h := c.Handovers()
		if len(h) != 1 || h[0].Offered.Ref != offered || !h[0].Received() || len(h[0].Accepted) == 0 {
			return fmt.Sprintf("the handover is not read back and accepted: %d", len(h))
		}
		for _, f := range h[0].Accepted {
			if f.Ref.Device == offered.Device {
				return "the vehicle accepted its own handover"
			}
		}
		messages := c.Of(chart.TypeMessage)
		if len(messages) != 2 || messages[1].Content.(*chart.Message).Text != "bay R1" || messages[1].Ref.Device == offered.Device {
			return fmt.Sprintf("%d messages", len(messages))
		}
		for _, a := range c.Alarms() {
			for _, f := range a.Acknowledged {
				if a.Raised.Ref.Device == offered.Device && f.Ref.Device != offered.Device {
					return ""
				}
			}
		}
		return fmt.Sprintf("none of %d alarms was seen at the hospital", len(c.Alarms()))
	})
	if got := c.Sign(vital.SpO2); got.Last == nil {
		t.Error("the handover was composed of a chart without its saturation")
	}
}
