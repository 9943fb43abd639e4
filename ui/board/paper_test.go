package board

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"fieldkit/triage/vital"
)

// aRun is samples as the recorder answers them, "-" for none.
func aRun(startMS, rate float64, mv any, offset int, samples ...any) map[string]any {
	r := map[string]any{"lead": 0, "start": startMS * 1000, "rate": rate, "samples": samples}
	if mv != nil {
		r["mv"] = mv
	}
	if offset != 0 {
		r["offset"] = offset
	}
	return r
}

type laid struct {
	Scaled bool
	Pieces [][]struct{ T, V float64 }
	Holes  []struct {
		From, To float64
		Why      string
	}
	Path    string
	High    float64
	Clipped bool
}

// At 100 samples a second each stands for 10 ms.
func TestAGapOnPaperIsAGap(t *testing.T) {
	whole := aRun(0, 100, 0.5, 0, 1, 2, 3)
	off := aRun(0, 100, 0.5, 0, 1, nil, nil, 4)
	off["why"] = []any{map[string]any{"from": 1, "len": 2, "why": "probe off"}}
	cases := []struct {
		story  string
		runs   []any
		long   float64
		pieces string // the values, in mV
		holes  string
	}{
		{"one run is one line", []any{whole}, 30, "[0.5 1 1.5]", ""},
		{"two runs that follow each other are one line", []any{aRun(30, 100, 0.5, 0, 4), whole}, 40, "[0.5 1 1.5 2]", ""},
		{"what the monitor did not measure parts it, and says why", []any{off}, 40, "[0.5] [2]", "10-30 probe off"},
		{"so does what did not come", []any{whole, aRun(60, 100, 0.5, 0, 4)}, 70, "[0.5 1 1.5] [2]", "30-60 "},
		{"nothing at its begin", []any{aRun(50, 100, 0.5, 0, 4, 4)}, 70, "[2 2]", "0-50 "},
		{"nothing at its end", []any{whole}, 90, "[0.5 1 1.5]", "30-90 "},
		{"nothing at all", []any{}, 90, "", "0-90 "},
		{"told twice the first stands", []any{whole, aRun(10, 100, 0.5, 0, 9, 9, 4)}, 40, "[0.5 1 1.5 2]", ""},
		{"0 mV is a value", []any{aRun(0, 100, 0.5, 0, 0, 0)}, 20, "[0 0]", ""},
		{"an offset is counted before the scale", []any{aRun(0, 100, 0.005, -1024, 1024, 1224)}, 20, "[0 1]", ""},
		{"of another scale nothing is drawn as what it is not", []any{whole, aRun(30, 100, nil, 0, 900), aRun(40, 100, 0.5, 0, 3)}, 50, "[0.5 1 1.5] [1.5]", "30-40 "},
	}
	var asked []map[string]any
	for _, c := range cases {
		asked = append(asked, map[string]any{"lead": map[string]any{"lead": 2, "name": "II"}, "runs": c.runs, "long": c.long})
	}
	for i, got := range nodeReads[[]laid](t, asked, "paper.mjs") {
		var pieces, holes []string
		for _, p := range got.Pieces {
			var values []float64
			for _, point := range p {
				values = append(values, point.V)
			}
			pieces = append(pieces, fmt.Sprint(values))
		}
		for _, h := range got.Holes {
			holes = append(holes, fmt.Sprintf("%g-%g %s", h.From, h.To, h.Why))
		}
		if p, h := strings.Join(pieces, " "), strings.Join(holes, ", "); p != cases[i].pieces || h != cases[i].holes {
			t.Errorf("%s: %s with gaps %q, want %s with %q", cases[i].story, p, h, cases[i].pieces, cases[i].holes)
		}
		if n := strings.Count(got.Path, "M"); n != len(got.Pieces) {
			t.Errorf("%s: %d lines are drawn for %d pieces", cases[i].story, n, len(got.Pieces))
		}
	}
}

// 25 mm are a second and 10 mm a millivolt (AHA/ACC/HRS 2007, standard calibration).
func TestPaperIsToScale(t *testing.T) {
	lead := map[string]any{"lead": 2, "name": "II"}
	got := nodeReads[[]laid](t, []map[string]any{
		{"lead": lead, "runs": []any{aRun(0, 1, 1, 0, 0, 0, 1, 0)}, "long": 4000},
		{"lead": lead, "runs": []any{aRun(0, 1, 1, 0, 0, 0, 100, 0)}, "long": 4000},
		{"lead": lead, "runs": []any{aRun(0, 1, nil, 0, 0, 255, 0)}, "long": 3000},
	}, "paper.mjs")
	points := pointsOf(t, got[0].Path)
	if dx, dy := points[2][0]-points[1][0], points[1][1]-points[2][1]; dx != 25 || dy != 10 {
		t.Errorf("a second is %v mm, a millivolt %v mm", dx, dy)
	}
	if got[0].Clipped || !got[0].Scaled || !got[1].Clipped || got[2].Scaled || got[2].Clipped {
		t.Errorf("beyond its row, to scale: %+v", got)
	}
}

// pointsOf are the points of a path's lines, in mm.
func pointsOf(t *testing.T, path string) (out [][2]float64) {
	t.Helper()
	fields := strings.Fields(strings.NewReplacer("M", " ", "L", " ", "h0", " ").Replace(path))
	for i := 0; i+1 < len(fields); i += 2 {
		x, errX := strconv.ParseFloat(fields[i], 64)
		y, errY := strconv.ParseFloat(fields[i+1], 64)
		if errX != nil || errY != nil {
			t.Fatalf("the path has %q", fields[i:i+2])
		}
		out = append(out, [2]float64{x, y})
	}
	return out
}

// peaksOf are the seconds of a path's R waves: the tops over half of its height.
func peaksOf(t *testing.T, path string) (out []float64) {
	t.Helper()
	points := pointsOf(t, path)
	low, high := math.Inf(1), math.Inf(-1)
	for _, p := range points {
		low, high = min(low, p[1]), max(high, p[1])
	}
	best := -1
	for i, p := range points {
		switch tall := p[1] < (low+high)/2; { // y grows downwards
		case tall && (best < 0 || p[1] < points[best][1]):
			best = i
		case !tall && best >= 0:
			out = append(out, points[best][0]/25)
			best = -1
		}
	}
	return out
}

// aStrip is what a recorder answers of the made-up heart's strip of 20 s, in stretches
// of 8 s: lead II with a second in which the leads were off and one that did not come,
// and the pleth, which has no scale.
func aStrip(ref, at string, from int) map[string]any {
	const long, most = 20_000, 8_000
	upto := min(from+most, long)
	runs := []any{}
	for n := from / 1000; n < upto/1000; n++ {
		if n == 13 {
			continue // did not come
		}
		ecg, pleth := []any{}, []any{}
		for i := range 250 {
			ecg = append(ecg, beat(vital.ECGII, float64(n)+float64(i)/250))
		}
		for i := range 75 {
			pleth = append(pleth, beat(vital.Pleth, float64(n)+float64(i)/75))
		}
		run := aRun(float64(1000*n), 250, 0.005, -1024, ecg...)
		if n == 6 {
			clear(ecg)
			run["why"] = []any{map[string]any{"from": 0, "len": 250, "why": "probe off"}}
		}
		other := aRun(float64(1000*n), 75, nil, 0, pleth...)
		other["lead"] = 1
		runs = append(runs, run, other)
	}
	return map[string]any{"ref": ref, "at": at, "staff": "p. okafor", "layout": "strip", "text": "chest pain came back",
		"says": "sinus rhythm", "monitors": []string{"ZOLL X Series"}, "leads": []any{map[string]any{"lead": 2, "name": "II"}, map[string]any{"lead": 20, "name": "pleth"}},
		"long": long, "from": from, "upto": upto, "runs": runs}
}

// stripsOf serves the strips of the record, and counts the stretches asked for.
type stripsOf struct {
	asked  []string
	change func(from int, answer map[string]any) (status int)
}

func (s *stripsOf) serve(w *ward, rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	place := strings.Join([]string{r.PathValue("device"), r.PathValue("epoch"), r.PathValue("seq")}, "/")
	s.asked = append(s.asked, r.URL.RawQuery)
	from, err := strconv.Atoi(r.URL.Query().Get("from"))
	at := ""
	for _, row := range w.record.Strips {
		if row.Ref == place {
			at = row.At
		}
	}
	if err != nil || at == "" {
		http.NotFound(rw, r)
		return
	}
	answer := aStrip(place, at, from)
	if s.change != nil {
		if status := s.change(from, answer); status != 0 {
			http.Error(rw, "no", status)
			return
		}
	}
	if err := json.NewEncoder(rw).Encode(answer); err != nil {
		w.t.Error(err)
	}
}

// ecgPath is the line of the first lead on the paper.
const ecgPath = `document.querySelector(".paper .ink")?.getAttribute("d") ?? ""`

func TestAStripOfTheOpenedPatientIsAPictureOnECGPaper(t *testing.T) {
	w := newWard(t)
	s := openScreen(t, w, 1280, 800)
	s.signIn()
	bed := w.bed(1, "AMB-7", []vital.Reading{reading(vital.HeartRate, 75), reading(vital.SpO2, 96)}, vital.ECGII)
	served := &stripsOf{}
	w.mu.Lock()
	w.record, w.strips = readRecord(t), served
	w.mu.Unlock()
	run(t, bed)
	s.until("a tile", number("SpO2"), "measured 96")
	s.key("1")

	t.Run("the list says when, what and who, and that one has not been opened", func(t *testing.T) {
		s.until("how many", text("#tab-strips"), "Strips (1)")
		s.tab("strips")
		s.until("the strip", text(".strip-open"), "strip of 20 s kept: II, pleth marked by p. okafor")
		s.until("the one taken back", text(".strip-row.struck"), "taken back")
		if got := len(served.asked); got != 0 {
			t.Errorf("%d stretches were asked for before anybody opened it", got)
		}
		s.picture("strips-1280.png")
	})
	t.Run("it is read by range and laid out whole, its R waves where they were", func(t *testing.T) {
		s.press(".strip-open")
		s.until("the paper", `document.querySelectorAll(".paper .ink").length`, "2")
		w.mu.Lock()
		asked := slices.Clone(served.asked)
		w.mu.Unlock()
		if want := []string{"from=0&to=600000", "from=8000&to=600000", "from=16000&to=600000"}; !slices.Equal(asked, want) {
			t.Errorf("asked for %q, want %q", asked, want)
		}
		var want []float64
		for n := range 25 {
			at := 0.8*float64(n) + 0.31*0.8
			if second := int(at); second != 6 && second != 13 {
				want = append(want, at)
			}
		}
		got := peaksOf(t, s.ask(ecgPath))
		if len(got) != len(want) {
			t.Fatalf("%d R waves at %v, want %d", len(got), got, len(want))
		}
		for i := range want {
			if d := math.Abs(got[i] - want[i]); d > 0.004 {
				t.Errorf("the R wave at %.3f s stands at %.3f s", want[i], got[i])
			}
		}
		if n := strings.Count(s.ask(ecgPath), "M"); n != 3 {
			t.Errorf("an ECG with two gaps is drawn in %d lines", n)
		}
	})
	t.Run("its words say what it is, how large, and what is not to be made of it", func(t *testing.T) {
		for _, want := range []string{"taken", "min ago", "marked by p. okafor", "note: chest pain came back", "the monitor's own reading: sinus rhythm", "from ZOLL X Series", "not for judging ST",
			"Not to scale on this screen"} {
			s.until(want, text(".strip-sheet"), want)
		}
		s.until("the lead's scale", text(".lead-name"), "ECG II 25 mm/s, 10 mm/mV")
		s.until("that the pleth has none", `document.querySelectorAll(".lead-name")[1].innerText`, "height not to scale")
		label := `document.querySelector(".lead-row svg").getAttribute("aria-label")`
		for _, want := range []string{"ECG II, 20.0 s from", "gap from 6.0 to 7.0 s (probe off)", "gap from 13.0 to 14.0 s (gap)", "from -0.29 to 1.19 mV"} {
			s.until("a reader to hear "+want, label, want)
		}
		s.until("the gap on the paper", `document.querySelector(".hole-words").textContent`, "probe off")
	})
	t.Run("keys move the paper", func(t *testing.T) {
		s.press(".strip-later")
		s.until("it to be later", `document.querySelector(".paper").scrollLeft > 400`, "true")
		s.press(".strip-earlier")
		s.until("it to be back", `document.querySelector(".paper").scrollLeft`, "0")
		s.ask(`document.querySelector(".paper").focus()`)
		s.key("ArrowRight")
		s.until("an arrow to move it", `document.querySelector(".paper").scrollLeft > 0`, "true")
		s.key("End")
		s.until("its end", `(p => p.scrollLeft + p.clientWidth >= p.scrollWidth - 2)(document.querySelector(".paper"))`, "true")
		s.key("Home")
		s.until("its begin", `document.querySelector(".paper").scrollLeft`, "0")
	})
	t.Run("it is called true to size only once somebody has measured the screen", func(t *testing.T) {
		s.press(".strip-ruler")
		s.ask(`(f => { f.value = "428"; f.dispatchEvent(new Event("input")); })(document.querySelector(".ruler input"))`)
		s.picture("strip-ruler-1280.png")
		s.press(".ruler-fits")
		s.until("it to be said", text(".strip-size"), "True to size on this screen.")
		s.until("20 s to be 500 mm of 5 pixels", `document.querySelector(".lead-row svg").getBoundingClientRect().width`, "2500")
		s.do(chromedp.EmulateViewport(1280, 800, chromedp.EmulateScale(2)))
		s.until("not at another zoom", text(".strip-size"), "Not to scale on this screen")
		s.do(chromedp.EmulateViewport(1280, 800))
		s.until("and again at this one", text(".strip-size"), "True to size on this screen.")
		s.press(".strip-ruler")
		s.press(".ruler-forget")
		s.until("it to be forgotten", text(".strip-size"), "Not to scale on this screen")
	})
	t.Run("in every light, on the wall and on a phone", func(t *testing.T) {
		s.picture("strip-night-1280.png")
		s.press("#day")
		s.picture("strip-day-1280.png")
		s.press("#day")
		s.do(chromedp.EmulateViewport(390, 800))
		time.Sleep(300 * time.Millisecond)
		if got := s.ask(`document.documentElement.scrollWidth <= innerWidth`); got != "true" {
			t.Error("it is wider than a phone")
		}
		s.ask(`document.getElementById("panel-strips").scrollIntoView()`)
		s.picture("strip-390.png")
		s.do(chromedp.EmulateViewport(1920, 1080))
		s.press("#wall")
		s.until("twice as large", `document.querySelector(".lead-row svg").getBoundingClientRect().width > 3700`, "true")
		s.picture("strip-wall-1920.png")
		s.press("#wall")
		s.do(chromedp.EmulateViewport(1280, 800))
	})
	t.Run("Escape goes back to the list, and from there to the board", func(t *testing.T) {
		s.until("nothing unopened", text("#tab-strips")+`.includes("(")`, "false")
		s.ask(`document.querySelector(".paper").focus()`)
		s.key("Escape")
		s.until("the list", `document.querySelector(".strip-list").checkVisibility()`, "true")
		s.until("the focus where it was", `document.activeElement.className`, "strip-open")
		s.until("the view still open", `document.querySelector(".view") !== null`, "true")
	})
	t.Run("the record's row opens it", func(t *testing.T) {
		s.tab("told")
		s.press(".told-open")
		s.until("the paper", `document.querySelectorAll(".paper .ink").length`, "2")
		s.until("its tab", `document.getElementById("tab-strips").getAttribute("aria-selected")`, "true")
	})
	t.Run("a strip that cannot be read, or not yet, says so and draws nothing that is not there", func(t *testing.T) {
		status := http.StatusServiceUnavailable
		w.mu.Lock()
		served.change = func(from int, _ map[string]any) int {
			if from > 0 {
				return status
			}
			return 0
		}
		w.mu.Unlock()
		s.press(".strip-all")
		s.press(".strip-open")
		s.until("the failure", text(".strip-wrong"), "could not be read")
		if got := s.ask(ecgPath); got != "" {
			t.Error("a part of a strip is drawn as the strip")
		}
		w.mu.Lock()
		served.change = func(_ int, answer map[string]any) int {
			answer["absent"], answer["asked"], answer["unread"] = 3, true, 1
			return 0
		}
		w.mu.Unlock()
		s.until("it read again", text(".strip-wrong"), "3 s have not arrived yet · asked for · A PART CANNOT BE READ")
		s.picture("strip-absent-1280.png")
		w.mu.Lock()
		served.change = nil
		w.mu.Unlock()
		s.until("what was absent to come", text(".strip-wrong")+` === ""`, "true")
		w.mu.Lock()
		served.change = func(_ int, answer map[string]any) int { answer["ref"] = strings.Repeat("0", 64); return 0 }
		w.mu.Unlock()
		s.press(".strip-all")
		s.press(".strip-open")
		s.until("another strip's answer to be refused", text(".strip-wrong"), "could not be read")
		if got := s.ask(ecgPath); got != "" {
			t.Error("another strip is drawn")
		}
		w.mu.Lock()
		served.change = nil
		w.mu.Unlock()
		s.until("it read again", `document.querySelectorAll(".paper .ink").length`, "2")
	})
	t.Run("it is there again when the same patient comes back, and gone when the record says it is not theirs", func(t *testing.T) {
		w.mu.Lock()
		_ = w.conn.CloseNow()
		w.mu.Unlock()
		s.until("the paper to be gone", `document.querySelectorAll(".paper .ink").length`, "0")
		time.Sleep(500 * time.Millisecond)
		bed.begin()
		s.until("the paper again", `document.querySelectorAll(".paper .ink").length`, "2")
		w.mu.Lock()
		kept := w.record.Strips
		w.record.Strips = nil
		w.mu.Unlock()
		s.until("it moved to another patient", `document.querySelectorAll(".paper .ink").length`, "0")
		s.until("the list", text(".strip-lists"), "No strip is kept yet.")
		w.mu.Lock()
		w.record.Strips = kept
		w.mu.Unlock()
		s.until("the list", text(".strip-open"), "strip of 20 s")
	})
	t.Run("a reader of French or Spanish has the same", func(t *testing.T) {
		for language, says := range map[string]string{"fr": "vide de 6.0 à 7.0 s", "es": "hueco de 6.0 a 7.0 s"} {
			s.do(chromedp.Navigate(w.URL + "/?lang=" + language))
			s.until("the page", `document.getElementById("person").textContent`, "Dr Adeyemi")
			bed.begin()
			s.until("a tile", number("SpO2"), "measured 96")
			s.key("1")
			s.tab("strips")
			s.until("the list", `document.querySelectorAll(".strip-open").length`, "2")
			s.press(".strip-open")
			s.until("its words", `document.querySelector(".lead-row svg")?.getAttribute("aria-label") ?? ""`, says)
			s.picture("strip-" + language + "-1280.png")
		}
	})
	t.Run("nothing of it stays when the tile ends", func(t *testing.T) {
		w.tell(map[string]any{"type": "end", "tile": 1, "why": "the binding has ended"})
		s.until("the paper to be gone", `document.querySelectorAll(".paper *").length`, "0")
		for _, gone := range []string{"chest pain came back", "okafor", "sinus rhythm", "ZOLL"} {
			s.until(gone+" to be gone", fmt.Sprintf(`document.body.textContent.includes(%q)`, gone), "false")
		}
	})
	for _, complaint := range s.complaints() {
		if !strings.Contains(complaint, "503") {
			t.Errorf("the console says: %s", complaint)
		}
	}
}
