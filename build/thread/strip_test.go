package thread

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"fieldkit/app/api"
	"fieldkit/app/demo"
	"fieldkit/build/foreign"
	"fieldkit/triage/chart"
	"fieldkit/triage/rhythm/wfdb"
	"fieldkit/triage/vital"
	"fieldkit/triage/vital/pack"
)

// seconds packs samples of a lead as the window does: a block of at most a second.
func seconds(t *testing.T, lead vital.Lead, rate int, scale vital.Decimal, offset int32, samples []int32) (out []chart.Block) {
	t.Helper()
	for from := 0; from < len(samples); from += rate {
		part := samples[from:min(from+rate, len(samples))]
		packed, err := pack.Append(nil, part)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, chart.Block{Lead: lead, Rate: vital.Int(int64(rate)), Unit: vital.Millivolt, Scale: scale, Offset: offset, Max: 4095,
			Count: uint32(len(part)), StartUS: int32(from / rate * 1e6), Packed: packed})
	}
	return out
}

// marks has the crew mark a strip, that began at a time.
func marks(t *testing.T, s *demo.Street, began time.Time, strip *chart.Snapshot) chart.Ref {
	t.Helper()
	b, err := json.Marshal(strip)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Ambulance.Client.Record(t.Context(), s.Ambulance.Token, api.Draft{Encounter: s.Encounter, Kind: "snapshot", Happened: began, Content: b})
	if err != nil {
		t.Fatal(err)
	}
	return r.Ref
}

// said is what an expression of the page is now.
func (p *page) said(expression string) string {
	p.t.Helper()
	got, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`String(`+expression+`)`))
	if err != nil {
		p.t.Fatal(err)
	}
	return got
}

// line is a lead's trace on the paper, as seconds and millimetres from the top.
func (p *page) line(lead int) (at, down []float64) {
	p.t.Helper()
	path := p.said(fmt.Sprintf(`document.querySelectorAll(".paper .ink")[%d].getAttribute("d")`, lead))
	fields := strings.Fields(strings.NewReplacer("M", " ", "L", " ").Replace(path))
	for i := 0; i+1 < len(fields); i += 2 {
		x, errX := strconv.ParseFloat(fields[i], 64)
		y, errY := strconv.ParseFloat(fields[i+1], 64)
		if errX != nil || errY != nil {
			p.t.Fatalf("the path has %q", fields[i:i+2])
		}
		at, down = append(at, x/25), append(down, y)
	}
	return at, down
}

// top is when a trace stands highest between two times.
func top(at, down []float64, from, to float64) (best float64) {
	highest := math.Inf(1)
	for i, t := range at {
		if t >= from && t <= to && down[i] < highest {
			best, highest = t, down[i]
		}
	}
	return best
}

// opens opens the strip of a place and waits until it is on the paper.
func (p *page) opens(of chart.Ref, leads int) {
	p.t.Helper()
	place, err := of.MarshalText()
	if err != nil {
		p.t.Fatal(err)
	}
	p.runs(`document.querySelector("#tab-strips").click()`)
	p.runs(`document.querySelector(".strip-all").click()`)
	key := fmt.Sprintf(`document.querySelector('.strip-open[data-of="%s"]')`, place)
	p.asks("the strip in the list", key+` !== null`, "true")
	p.runs(key + `.click()`)
	p.asks("the strip on paper", `document.querySelectorAll(".paper .ink").length`, strconv.Itoa(leads))
}

// What the crew marks in the vehicle must stand at the hospital as a picture: from the
// vehicle's store by the exchange into the hospital's, through its gateway, to the
// paper in Chromium, no sample elsewhere than it was and no gap closed.
func TestAStripMarkedInTheVehicleIsAPictureAtTheHospital(t *testing.T) {
	s := open(t)
	p := openPage(t, s)
	p.waits("a number on the page", func(p pageState) string {
		if n := p.Numbers["SpO2"]; n.State != "measured" {
			return fmt.Sprintf("SpO2 is %+v", n)
		}
		return ""
	})
	p.runs(`document.querySelector(".tile .open").click()`)
	began := time.Now().Add(-4 * time.Minute).Truncate(time.Millisecond)

	t.Run("twelve leads of 500 a second", func(t *testing.T) {
		p := p.with(t)
		const rate, long = 500, 8
		// An R wave of 1.5 mV at 0.25 s and each 0.8 s on, in every lead.
		var blocks []chart.Block
		for lead := vital.ECGI; lead <= vital.ECGV6; lead++ {
			samples := make([]int32, rate*long)
			for i := range samples {
				d := (math.Mod(float64(i)/rate+0.55, 0.8) - 0.0) / 0.01
				e := (math.Mod(float64(i)/rate+0.55, 0.8) - 0.8) / 0.01
				samples[i] = 1000 + int32(math.Round(300*(math.Exp(-d*d)+math.Exp(-e*e))))
			}
			of := seconds(t, lead, rate, vital.Dec(5, -3), -1000, samples)
			if lead == vital.ECGV3 {
				of = append(of[:2], of[3:]...) // from 2 to 3 s nothing came
			}
			blocks = append(blocks, of...)
		}
		of := marks(t, s, began, &chart.Snapshot{Layout: "12-lead", Text: "after the shock", Blocks: blocks})
		p.opens(of, 12)
		for lead := range 12 {
			at, down := p.line(lead)
			for beat := 0.25; beat < long-0.4; beat += 0.8 {
				if missing := lead == 8 && beat > 2 && beat < 3; missing {
					continue
				}
				if got := top(at, down, beat-0.3, beat+0.3); math.Abs(got-beat) > 0.002 {
					t.Errorf("lead %d: the R wave at %.3f s stands at %.3f s", lead, beat, got)
				}
			}
			lines := p.said(fmt.Sprintf(`document.querySelectorAll(".paper .ink")[%d].getAttribute("d").split("M").length - 1`, lead))
			if want := map[bool]string{true: "2", false: "1"}[lead == 8]; lines != want {
				t.Errorf("lead %d is drawn in %s lines, want %s", lead, lines, want)
			}
			var least, most = math.Inf(1), math.Inf(-1)
			for _, y := range down {
				least, most = min(least, y), max(most, y)
			}
			if high := most - least; math.Abs(high-15) > 0.06 {
				t.Errorf("lead %d: 1.5 mV are %.2f mm high", lead, high)
			}
		}
		for _, want := range []string{"12-lead ECG", "TRAINING", "note: after the shock", began.Local().Format("15:04:05")} {
			p.asks(want, fmt.Sprintf(`document.querySelector(".strip-sheet").innerText.includes(%q)`, want), "true")
		}
		p.asks("its leads", `[...document.querySelectorAll(".lead-name strong")].map(e => e.textContent.replace("ECG ", "")).join(" ")`, "I II III aVR aVL aVF V1 V2 V3 V4 V5 V6")
		p.asks("that they are an ECG's", `document.querySelector(".lead-name strong").textContent`, "ECG I")
		p.asks("its gap in words", `document.querySelectorAll(".lead-row svg")[8].getAttribute("aria-label").includes("gap from 2.0 to 3.0 s")`, "true")
		p.picture("strip-12-lead.png")
	})
	t.Run("a patient of the MIT-BIH database, its beats where the cardiologists marked them", func(t *testing.T) {
		p := p.with(t)
		r, err := wfdb.Open(os.DirFS(foreign.Dir(t, "devices", "mitdb")), "101.hea")
		if err != nil {
			t.Fatal(err)
		}
		beats, err := wfdb.ReadAnnotations(foreign.Read(t, "devices", "mitdb", "101.atr"))
		if err != nil {
			t.Fatal(err)
		}
		const long = 20
		rate := int(r.Rate)
		if rate != 360 || r.Signals[0].Gain != 200 {
			t.Fatalf("rate %d, gain %v", rate, r.Signals[0].Gain)
		}
		of := marks(t, s, began.Add(time.Minute), &chart.Snapshot{Layout: "strip",
			Blocks: seconds(t, vital.ECGMLII, rate, vital.Dec(5, -3), int32(-r.Signals[0].Baseline), r.Counts[0][:long*rate])})
		p.opens(of, 1)
		at, down := p.line(0)
		if len(at) != long*rate {
			t.Fatalf("%d points on paper of %d samples", len(at), long*rate)
		}
		checked := 0
		for _, b := range beats {
			marked := float64(b.Sample) / r.Rate
			if !b.Code.Beat() || marked < 0.2 || marked > long-0.2 {
				continue
			}
			checked++
			if got := top(at, down, marked-0.15, marked+0.15); math.Abs(got-marked) > 0.02 {
				t.Errorf("the beat marked at %.3f s stands at %.3f s", marked, got)
			}
		}
		if checked < 20 {
			t.Errorf("%d beats were checked", checked)
		}
		p.picture("strip-mitdb.png")
	})
	t.Run("who looked is in the hospital's audit log, and who may not look gets nothing", func(t *testing.T) {
		p := p.with(t)
		rows, err := s.Hospital.Client.Audit(t.Context(), s.Hospital.Token, api.AuditQuery{About: s.Encounter})
		if err != nil || len(rows.Rows) == 0 {
			t.Errorf("%d rows, %v", len(rows.Rows), err)
		}
		address := `"/strip/" + ` + fmt.Sprintf("%q", s.Encounter.String()) + ` + "/" + document.querySelector(".strip-open").dataset.of`
		p.runs(`(async () => { window.got = []; for (const a of [` + address + ` + "?from=0&to=1000", ` + address + ` + "?from=-1&to=1000", ` + address + ` + "?from=0&to=1e12",
			(` + address + `).replace(/[0-9a-f]{8}-/, "00000000-") + "?from=0&to=1000"]) window.got.push((await fetch(a)).status); })()`)
		p.asks("what each was answered", `window.got?.join(" ")`, "200 400 400 404")
		// Another page of this host, with no session.
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Board+p.said(address)+"?from=0&to=1000", nil)
		if err != nil {
			t.Fatal(err)
		}
		stranger := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} // the certificate is the street's own
		defer stranger.CloseIdleConnections()
		res, err := stranger.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusUnauthorized {
			t.Errorf("nobody signed in was answered %d", res.StatusCode)
		}
	})
}
