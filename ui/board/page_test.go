package board

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"fieldkit/telemetry/wave"
	"fieldkit/triage/vital"
)

// A screen is the page in a headless Chromium.
type screen struct {
	t   *testing.T
	ctx context.Context

	mu    sync.Mutex
	wrong []string // what the console complained of
}

func openScreen(t *testing.T, w *ward, wide, high int) *screen {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not here: the page was not opened")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.WindowSize(wide, high), chromedp.Flag("ignore-certificate-errors", true), chromedp.Flag("lang", "en"),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true))
	ctx, stopBrowser := chromedp.NewExecAllocator(t.Context(), options...)
	ctx, stopPage := chromedp.NewContext(ctx)
	t.Cleanup(func() { stopPage(); stopBrowser() })
	s := &screen{t: t, ctx: ctx}
	s.do(chromedp.Navigate("about:blank"))
	if err := chromedp.Listen(ctx, s.hear); err != nil {
		t.Fatal(err)
	}
	s.do(chromedp.EmulateViewport(int64(wide), int64(high)), chromedp.Navigate(w.URL+"/?lang=en"), chromedp.WaitVisible(chromedp.CSS(`input[name="name"]`)))
	return s
}

func (s *screen) signIn() {
	s.t.Helper()
	s.do(chromedp.SendKeys(chromedp.CSS(`input[name="name"]`), "er"), chromedp.SendKeys(chromedp.CSS(`input[name="secret"]`), "correct"),
		chromedp.Click(chromedp.CSS(`button[type="submit"]`)))
	s.until("to be signed in", `document.getElementById("person").textContent`, "Dr Adeyemi")
}

func (s *screen) do(steps ...chromedp.Action[chromedp.Void]) {
	s.t.Helper()
	if err := chromedp.Do(s.ctx, steps...); err != nil {
		s.t.Fatal(err)
	}
}

// ask evaluates an expression whose value is a text.
func (s *screen) ask(expression string) string {
	s.t.Helper()
	v, err := chromedp.Run(s.ctx, chromedp.Evaluate[string](`String(`+expression+`)`))
	if err != nil {
		s.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits for an expression to contain want: half a minute, because a browser on
// two busy cores may take seconds.
func (s *screen) until(what, expression, want string) {
	s.t.Helper()
	got := ""
	for range 600 {
		if got = s.ask(expression); strings.Contains(got, want) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.t.Fatalf("waited for %s: %s is %q, want %q", what, expression, got, want)
}

// painted is the share of the first trace's columns that anything is drawn in.
func (s *screen) painted() float64 {
	s.t.Helper()
	v, err := chromedp.Run(s.ctx, chromedp.Evaluate[float64](`(c => {
		const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
		let columns = 0;
		for (let x = 0; x < c.width; x++) {
			for (let y = 0; y < c.height; y++) if (d[4 * (y * c.width + x) + 3]) { columns++; break; }
		}
		return columns / c.width;
	})(document.querySelector(".tile canvas"))`))
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

func (s *screen) press(selector string) {
	s.t.Helper()
	s.do(chromedp.Click(chromedp.CSS(selector)))
}

func (s *screen) key(name string) {
	s.t.Helper()
	s.ask(fmt.Sprintf(`document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: %q, bubbles: true}))`, name))
}

// picture keeps a screenshot where FIELDKIT_PICTURES says.
func (s *screen) picture(name string) {
	dir := os.Getenv("FIELDKIT_PICTURES")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(s.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), png, 0o600); err != nil {
		s.t.Error(err)
	}
}

// hear keeps what the console complains of: exceptions, and what the policy of the
// gateway forbids. That somebody is not signed in is no complaint.
func (s *screen) hear(e any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e := e.(type) {
	case *runtime.EventExceptionThrown:
		d := e.ExceptionDetails
		s.wrong = append(s.wrong, fmt.Sprintf("%s %s:%d", d.Text, d.URL, d.LineNumber))
		if d.Exception != nil {
			s.wrong = append(s.wrong, d.Exception.Description)
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && !strings.Contains(e.Entry.Text, "status of 401") {
			s.wrong = append(s.wrong, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

func (s *screen) complaints() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wrong
}

// number is what the first tile shows of a sign, as "state text".
func number(code string) string {
	return fmt.Sprintf(`(n => n ? n.state + " " + n.text : "none")(fieldkit.shown().numbers[%q])`, code)
}

// acts is what the keys of the patient view say, on one line.
const acts = `document.querySelector(".acts").innerText.replaceAll("\n", " ")`

func reading(sign vital.Sign, value int64) vital.Reading {
	r := vital.Of(sign, vital.Int(value))
	r.Arrived = vital.Instant(stationStart)
	return r
}

// run keeps beds sending until the test ends.
func run(t *testing.T, beds ...*bed) {
	ctx, stop := context.WithCancel(t.Context())
	var sending sync.WaitGroup
	for _, b := range beds {
		b.begin()
		sending.Go(func() { b.run(ctx) })
	}
	t.Cleanup(func() {
		stop()
		sending.Wait()
	})
}

func TestThePageOfTheEmergencyRoom(t *testing.T) {
	w := newWard(t)
	s := openScreen(t, w, 1280, 800)
	s.do(chromedp.SendKeys(chromedp.CSS(`input[name="name"]`), "er"), chromedp.SendKeys(chromedp.CSS(`input[name="secret"]`), "wrong"),
		chromedp.Click(chromedp.CSS(`button[type="submit"]`)))
	s.until("a wrong password to be refused", `document.getElementById("problem").textContent`, "wrong")
	s.do(chromedp.Navigate(w.URL+"/?lang=en"), chromedp.WaitVisible(chromedp.CSS(`input[name="name"]`)))
	s.signIn()
	s.until("nobody on the way", `document.getElementById("nobody").checkVisibility()`, "true")

	chestPain := w.bed(1, "AMB-7", []vital.Reading{reading(vital.HeartRate, 118), reading(vital.SpO2, 86), reading(vital.RespRate, 22),
		reading(vital.NIBPSys, 92), reading(vital.NIBPDia, 60), reading(vital.NIBPMean, 71), reading(vital.EtCO2, 38)}, vital.ECGII, vital.Pleth)
	crash := w.bed(2, "AMB-2", []vital.Reading{reading(vital.SpO2, 97), reading(vital.PulseRate, 101)}, vital.Pleth)
	fall := w.bed(3, "AMB-9", []vital.Reading{reading(vital.HeartRate, 64), reading(vital.SpO2, 95)}, vital.ECGII)
	chestPain.now.Alarms = []wave.Alarm{{ID: 1, Priority: 3, Text: "SpO₂ low 86 < 90"}, {ID: 2, Priority: 1, Technical: true, Acknowledged: true, Text: "battery low"}}
	crash.now.Binding.Demo = true
	eta := time.Now().Add(-90 * time.Second).UTC().Format(time.RFC3339)
	w.mu.Lock()
	w.rows[chestPain.encounter()] = `{"who":{"sex":"male","age":"64 a"},"urgency":1,"category":"red","complaint":"chest pain","news2":{"total":null,"complete":false,"at_least":7,"band":"incomplete","missing":["on_oxygen","temp_c"],"fired":["SpO2 at most 91: 3"]},"eta":{"seconds":450,"at":"` + eta + `"}}`
	w.rows[crash.encounter()] = `{"who":{"sex":"female","age":"22 a"},"urgency":3,"category":"yellow","complaint":"road traffic collision","double_doses":1,"answered":{"accepted":true,"bay":"R2","teams":["trauma"]}}`
	w.mu.Unlock()
	run(t, chestPain, crash, fall)

	t.Run("numbers stand with their state, a pressure as one", func(t *testing.T) {
		s.until("SpO2", number("SpO2"), "measured 86")
		s.until("the pressure", number("NIBP-SYS"), "measured 92/60")
		s.until("a trace", `fieldkit.shown().drawn > 200`, "true")
	})
	t.Run("acuity is a number, a word and a colour; without one it is said not to be known", func(t *testing.T) {
		s.until("acuity", `document.querySelector(".tile .acuity").innerText`, "1")
		s.until("its word", `document.querySelector(".tile .acuity").innerText`, "Immediate")
		s.until("unknown acuity", `document.querySelectorAll(".tile .acuity")[2].innerText`, "not known")
		s.until("the time of arrival", `document.querySelector(".tile .eta").innerText`, "ETA 6 min")
		s.until("its age", `document.querySelector(".tile .eta").innerText`, "said 1 min ago")
		s.until("who", `document.querySelector(".tile .names").innerText`, "M 64 y")
		s.until("why", `document.querySelector(".tile .names").innerText`, "chest pain")
		s.until("a possible double dose", `document.querySelectorAll(".tile")[1].innerText`, "possible double dose")
	})
	t.Run("a score that lacks parts is never a total", func(t *testing.T) {
		s.until("the score", `document.querySelector(".tile").innerText`, "NEWS2 at least 7, incomplete")
	})
	t.Run("what another page has answered is said", func(t *testing.T) {
		s.until("the answer", `document.querySelectorAll(".tile")[1].innerText`, "Accepted · Bay: R2 · Trauma team called")
	})
	t.Run("training data is framed and named", func(t *testing.T) {
		s.until("the frame", `document.querySelectorAll(".tile")[1].className`, "training")
		s.until("the word", `document.querySelectorAll(".tile")[1].innerText`, "TRAINING")
	})
	t.Run("an alarm is a glyph and a word, over the board too; one the crew has seen says so", func(t *testing.T) {
		s.until("the alarm", `document.querySelector(".tile .alarms").innerText.replaceAll("\n", " ")`, "!!! HIGH SpO₂ low 86 < 90")
		s.until("what the crew saw", `document.querySelector(".tile .alarms").innerText`, "seen by the crew")
		s.until("the strip", `document.getElementById("strip").innerText.replaceAll("\n", " ")`, "AMB-7 HIGH SpO₂ low 86 < 90")
	})
	time.Sleep(7 * time.Second) // for a whole sweep, and the gap below far from its turn
	s.picture("board-night-1280.png")

	t.Run("a finger that leaves the probe is probe off, never 0", func(t *testing.T) {
		chestPain.set(func(b *bed) { b.now.Numerics[1] = vital.None(vital.SpO2, vital.ProbeOff) })
		s.until("probe off", number("SpO2"), "probe_off probe off")
		chestPain.set(func(b *bed) { b.now.Numerics[1] = reading(vital.SpO2, 88) })
		s.until("the number back", number("SpO2"), "measured 88")
		chestPain.set(func(b *bed) { b.now.Numerics[1] = reading(vital.SpO2, 86) })
		s.until("the next number", number("SpO2"), "measured 86")
	})
	t.Run("a value ages: grey after 3 s with its age, dashes after 10 s", func(t *testing.T) {
		old := func(age time.Duration) {
			chestPain.set(func(b *bed) {
				b.change = func(now *wave.Now) { now.Numerics[0].Arrived = now.Time - vital.Instant(age) }
			})
		}
		old(4 * time.Second)
		s.until("grey", `document.querySelector(".tile .number[data-sign=HR]").className + document.querySelector(".tile .number[data-sign=HR]").innerText.replaceAll("\n", " ")`, "grey")
		s.until("its age", `document.querySelector(".tile .number[data-sign=HR]").innerText`, "age 4 s")
		old(11 * time.Second)
		s.until("dashes", number("HR"), "not_measured - -")
		chestPain.set(func(b *bed) { b.change = nil })
		s.until("the number back", number("HR"), "measured 118")
	})
	t.Run("what another patient's frame says is shown nowhere", func(t *testing.T) {
		var e wave.Encoder
		stranger := wave.Now{Time: vital.Instant(stationStart + time.Hour), Binding: chestPain.now.Binding, Numerics: []vital.Reading{reading(vital.SpO2, 33)}}
		stranger.Binding.Encounter[0] = 9
		raw, err := e.Encode(nil, &stranger)
		if err != nil {
			t.Fatal(err)
		}
		chestPain.w.send(2, chestPain.message(raw))
		time.Sleep(600 * time.Millisecond)
		if got := s.ask(`[...document.querySelectorAll(".digits")].some(d => d.textContent === "33")`); got != "false" {
			t.Error("another patient's number is on screen")
		}
		s.until("the patient's own", number("SpO2"), "measured 86")
	})
	t.Run("a silent link is said over the tile after 3 s; its gap is drawn as a gap and filled", func(t *testing.T) {
		chestPain.set(func(b *bed) { b.hold = true })
		s.until("the silence", `document.querySelector(".tile .overlay").innerText`, "NO SIGNAL for 3 s")
		s.until("the strip to say it", `document.getElementById("strip").innerText`, "no signal")
		s.picture("board-silent.png")
		chestPain.set(func(b *bed) { b.hold = false })
		s.until("the signal", `fieldkit.shown().silent`, "false")
		s.until("the gap", `fieldkit.shown().missing > 25`, "true")
		if share := s.painted(); share > 0.8 {
			t.Errorf("%.2f of the trace's width is painted: the gap is not drawn as one", share)
		}
		s.picture("board-gap.png")
		chestPain.fill()
		s.until("the fill", `fieldkit.shown().missing`, "0")
		time.Sleep(150 * time.Millisecond) // long before the sweep comes round
		if share := s.painted(); share < 0.85 {
			t.Errorf("%.2f of the trace's width is painted: the fill is not drawn", share)
		}
		s.until("current numbers", number("SpO2"), "measured 86")
	})
	t.Run("the patient view shows what was worst, and what happened", func(t *testing.T) {
		s.key("1")
		s.until("the view", `document.querySelector(".view").checkVisibility()`, "true")
		s.until("the lowest and highest", `document.querySelector(".view .number[data-sign=SpO2]").innerText`, "86 to 88")
		s.until("that this is only what the page saw", `document.querySelector(".since").innerText`, "Not the whole record")
		s.until("the events", `document.querySelector(".events").innerText`, "SpO₂: probe off")
		s.until("what the score lacks and which rule fired", `document.querySelector(".view .score").innerText`, "missing O₂, Temp · SpO2 at most 91: 3")
		s.until("two traces", `document.querySelectorAll(".view canvas").length`, "2")
		s.until("other vehicles' alarms", `document.getElementById("strip").checkVisibility()`, "true")
	})
	t.Run("an answer to the crew is said to be recorded only when it is", func(t *testing.T) {
		s.press(".act.accept .press")
		s.until("it to be recorded", acts, "Accepted recorded")
		s.press(".act.stemi .press")
		s.until("the team", acts, "STEMI team called recorded")
		s.press(".act.bay .press")
		s.picture("view-bays.png")
		s.ask(`document.querySelectorAll(".bay-key")[0].click()`)
		s.until("the bay", acts, "Bay: R1 recorded")
		s.picture("view-night-1280.png")
		s.ask(`document.querySelector(".act.accept .undo").click()`)
		s.until("it to be taken back", `document.querySelector(".acts").innerText.includes("Accepted")`, "false")
		s.ask(`document.querySelector(".act.stemi .undo").click()`)
		s.until("the team to be called off", `document.querySelector(".acts").innerText.includes("STEMI team")`, "false")
		kinds := []string{}
		for _, a := range w.acts() {
			if a.Encounter != chestPain.encounter() {
				t.Errorf("%s went to encounter %s", a.Kind, a.Encounter)
			}
			kinds = append(kinds, a.Kind+string(a.Body))
		}
		got, err := json.Marshal(kinds)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"arrival-accepted{}", `activation{\"team\":\"stemi\"}`, `bay-assigned{\"bay\":\"R1\"}`, "retraction{", `activation{\"team\":\"stemi\",\"off\":true}`} {
			if !strings.Contains(string(got), want) {
				t.Errorf("no %s in %s", want, got)
			}
		}
	})
	t.Run("a diversion is held for a second, not touched", func(t *testing.T) {
		s.press(".act.divert .press")
		s.ask(`document.querySelector(".reason").dispatchEvent(new PointerEvent("pointerdown"))`)
		time.Sleep(500 * time.Millisecond)
		s.ask(`document.querySelector(".reason").dispatchEvent(new PointerEvent("pointerup"))`)
		time.Sleep(800 * time.Millisecond)
		if n := len(w.acts()); n != 5 {
			t.Errorf("a touch was enough: %d acts, want 5", n)
		}
		s.ask(`document.querySelector(".reason").dispatchEvent(new PointerEvent("pointerdown"))`)
		s.until("the diversion", acts, "Diverted: No bed recorded")
	})
	t.Run("an act that nobody answers is not called recorded", func(t *testing.T) {
		w.mu.Lock()
		w.deaf = true
		w.mu.Unlock()
		s.press(".act.trauma .press")
		s.until("it to be on its way", acts, "Trauma team called sending")
		w.mu.Lock()
		_ = w.conn.CloseNow()
		w.deaf = false
		w.mu.Unlock()
		s.until("the doubt", acts, "not known if recorded")
	})
	t.Run("after a reconnect what is told again stands in its place, the rest is awaited", func(t *testing.T) {
		s.key("Escape")
		time.Sleep(500 * time.Millisecond)
		chestPain.begin()
		s.until("the first vehicle back", number("SpO2"), "measured 86")
		s.until("the second to be awaited", `document.querySelectorAll(".tile")[1].innerText`, "Waiting for the vehicle")
		s.until("nothing of its patient", `document.querySelectorAll(".tile")[1].innerText.includes("97")`, "false")
		crash.begin()
		fall.begin()
		s.until("three tiles", `document.querySelectorAll(".tile").length + " " + [...document.querySelectorAll(".call-sign")].map(e => e.textContent)`, "3 AMB-7,AMB-2,AMB-9")
	})
	t.Run("by day and on the wall, and on a narrow phone", func(t *testing.T) {
		time.Sleep(4 * time.Second)
		s.press("#day")
		s.picture("board-day-1280.png")
		s.do(chromedp.EmulateViewport(1920, 1080))
		time.Sleep(500 * time.Millisecond)
		s.picture("board-day-1920.png")
		s.press("#day")
		s.picture("board-night-1920.png")
		s.key("1")
		time.Sleep(500 * time.Millisecond)
		s.picture("view-night-1920.png")
		s.key("Escape")
		s.press("#wall")
		time.Sleep(500 * time.Millisecond)
		s.picture("board-wall-1920.png")
		s.press("#wall")
		for _, wide := range []int64{390, 1280} {
			s.do(chromedp.EmulateViewport(wide, 800))
			time.Sleep(500 * time.Millisecond)
			s.picture(fmt.Sprintf("board-%d.png", wide))
			s.key("1")
			time.Sleep(500 * time.Millisecond)
			s.picture(fmt.Sprintf("view-%d.png", wide))
			if got := s.ask(`document.documentElement.scrollWidth <= innerWidth`); got != "true" {
				t.Errorf("at %d pixels the page is wider than the screen", wide)
			}
			s.key("Escape")
		}
	})
	t.Run("a tile clears when its binding ends, and says what it was", func(t *testing.T) {
		w.tell(map[string]any{"type": "end", "tile": 1, "why": "the binding has ended"})
		s.until("the end", `document.querySelector(".tile").innerText`, "no longer receives")
		for _, gone := range []string{"86", "chest pain", "0401", "M 64"} {
			if got := s.ask(fmt.Sprintf(`document.querySelector(".tile").innerText.includes(%q)`, gone)); got != "false" {
				t.Errorf("%q is still on screen", gone)
			}
		}
		s.picture("board-ended.png")
	})
	for _, complaint := range s.complaints() {
		t.Errorf("the console says: %s", complaint)
	}
}
