package kit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/sync/journal"
	"fieldkit/telemetry/gateway"
	"fieldkit/triage/chart"
	"fieldkit/triage/handover"
	"fieldkit/triage/vital"
)

// A pair is a crew and a hospital that both write about one encounter.
type pair struct {
	t         *testing.T
	encounter chart.ID
	seq       map[byte]uint64
	fold      *chart.Fold
}

const (
	crew     byte = 1
	hospital byte = 2
)

var onDuty = time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)

func newPair(t *testing.T) *pair {
	p := &pair{t: t, encounter: chart.ID{1}, seq: map[byte]uint64{}}
	p.fold = chart.NewFold(p.encounter)
	p.write(crew, 0, &chart.EncounterOpened{Setting: "ambulance", Complaint: "chest pain"})
	return p
}

// write adds what a station wrote so many minutes into the shift, having seen all
// that was written before.
func (p *pair) write(station byte, minute float64, c chart.Content) chart.Ref {
	p.t.Helper()
	if err := c.Validate(); err != nil {
		p.t.Fatal(err)
	}
	p.seq[station]++
	e := chart.Entry{Ref: chart.Ref{Device: chart.Device{station}, Epoch: chart.Epoch{station}, Seq: p.seq[station]}, Log: 2, Trust: chart.ClockNetwork,
		Encounter: p.encounter, Patient: chart.ID{2}, Content: c, Author: chart.Author{Staff: string('a' + rune(station)), Checked: chart.CheckedPIN}}
	e.Wall = onDuty.Add(time.Duration(minute * float64(time.Minute)))
	e.Happened = e.Wall
	for other, seq := range p.seq {
		if other != station {
			e.Saw = append(e.Saw, chart.Ref{Device: chart.Device{other}, Epoch: chart.Epoch{other}, Seq: seq})
		}
	}
	p.fold.Add(e)
	return e.Ref
}

func (p *pair) charts(minute float64, values ...chart.Vital) {
	p.write(crew, minute, &chart.Vitals{Reason: chart.ReasonMinute, Values: values})
}

func (p *pair) page(minute float64) page {
	return pageOf(p.fold.Chart(), chart.Device{hospital}, onDuty.Add(time.Duration(minute*float64(time.Minute))), listedMost)
}

func TestWhatTheEmergencyRoomReadBackStandsByItemAndByWhom(t *testing.T) {
	p := newPair(t)
	offer := handover.Offer(handover.ATMIST, handover.Compose(p.fold.Chart(), handover.ATMIST, onDuty))
	of := p.write(crew, 1, offer)
	p.write(hospital, 2, &chart.HandoverReadBack{Of: of, Items: []chart.ReadBack{{Key: "mechanism", Right: true}, {Key: "allergies", Heard: "penicillin"}}})
	h := p.page(3).Handovers[0]
	rows := map[string]itemRow{}
	for _, i := range h.Items {
		rows[i.Key] = i
	}
	if m := rows["mechanism"]; !m.Right || m.Unknown || len(m.Said) != 1 || !m.Said[0].Here || m.Said[0].Staff != "c" || m.Part != handover.Mechanism {
		t.Errorf("read back right: %+v", m)
	}
	if a := rows["allergies"]; a.Right || !a.Critical || len(a.Said) != 1 || a.Said[0].Heard != "penicillin" {
		t.Errorf("heard otherwise: %+v", a)
	}
	if n := rows["identification"]; n.Right || len(n.Said) > 0 || !n.Unknown {
		t.Errorf("not read back: %+v", n)
	}
	if h.Received || len(h.Accepted) > 0 || h.Here {
		t.Errorf("a handover half read back is received: %+v", h)
	}
	var all []chart.ReadBack
	for _, i := range h.Items {
		all = append(all, chart.ReadBack{Key: i.Key, Right: true})
	}
	p.write(hospital, 4, &chart.HandoverReadBack{Of: of, Items: all})
	p.write(hospital, 5, &chart.HandoverAccepted{Of: of})
	if h := p.page(6).Handovers[0]; !h.Received || len(h.Accepted) != 1 || !h.Accepted[0].Here {
		t.Errorf("read back whole and accepted: %+v", h)
	}
	if got := handoverState(p.fold.Chart()); got != "accepted" {
		t.Errorf("the tile says %q", got)
	}
	p.write(crew, 7, offer)
	if got := handoverState(p.fold.Chart()); got != "offered" {
		t.Errorf("of a new offer the tile says %q", got)
	}
	if h := p.page(8).Handovers; len(h) != 2 || h[0].Received || !h[1].Received {
		t.Error("a new offer does not stand first, unread")
	}
}

func TestBeforeAnOfferTheRecordIsDraftedInBothOrders(t *testing.T) {
	p := newPair(t).page(1)
	for _, o := range []handover.Order{handover.IMISTAMBO, handover.ATMIST} {
		letters := ""
		for _, l := range p.Letters[o] {
			letters += l[1]
		}
		if want := strings.ReplaceAll(string(o), "-", ""); letters != want {
			t.Errorf("%s has the letters %s", o, letters)
		}
		for _, i := range p.Draft[o] {
			if i.Key == "mechanism" && i.Text != "chest pain" || i.Key == "allergies" && !i.Unknown {
				t.Errorf("%s: %+v", o, i)
			}
		}
	}
}

func TestATrendIsTheLastHourAndAGapIsNoValue(t *testing.T) {
	p := newPair(t)
	p.charts(0, measured(vital.SpO2, 71)) // over an hour before the last
	p.charts(30, measured(vital.SpO2, 92), measured(vital.NIBPSys, 84))
	p.charts(31, chart.Vital{Sign: vital.SpO2, State: vital.ProbeOff}, chart.Vital{Sign: vital.NIBPSys, Value: measured(vital.NIBPSys, 84).Value, AgeMS: 60_000})
	p.charts(61, measured(vital.SpO2, 96))
	got := p.page(70)
	trends := map[vital.Sign]trend{}
	for _, row := range got.Trends {
		trends[row.Sign] = row
	}
	s := trends[vital.SpO2]
	if len(s.Points) != 3 || s.Points[0].Value.String() != "92" || s.Points[1].Value != nil || s.Points[1].State != vital.ProbeOff.String() || s.Spot {
		t.Errorf("saturation: %+v", s.Points)
	}
	if s.Lowest.Value.String() != "71" || !s.Lowest.At.Equal(onDuty) || s.Highest.Value.String() != "96" {
		t.Errorf("the worst ever is %+v and %+v", s.Lowest, s.Highest)
	}
	if n := trends[vital.NIBPSys]; len(n.Points) != 1 || !n.Spot || !n.Points[0].At.Equal(onDuty.Add(30*time.Minute)) {
		t.Errorf("one cuff result charted twice: %+v", n.Points)
	}
	if !got.Until.Equal(onDuty.Add(61 * time.Minute)) {
		t.Errorf("the trends end at %v", got.Until)
	}
}

func TestWhatWasStruckOutIsShownAsStruckOut(t *testing.T) {
	p := newPair(t)
	given := p.write(crew, 5, &chart.DrugGiven{Drug: chart.Drug{Name: "adrenaline"}, Dose: chart.Dose{Amount: measured(0, 1).Value, Unit: "mg", Route: "IV"}})
	p.write(crew, 6, &chart.Event{Name: "ROSC"})
	p.write(crew, 7, &chart.Retraction{Of: given, Why: "not given"})
	h := p.page(8).Happened
	if len(h) != 2 || h[0].Text != "ROSC" || h[0].Standing != "" || h[0].Here || !h[0].At.Equal(onDuty.Add(6*time.Minute)) {
		t.Fatalf("what happened: %+v", h)
	}
	if h[1].Text != "adrenaline 1 mg IV" || h[1].Standing != chart.Retracted.String() || h[1].Kind != "drug-given" {
		t.Errorf("the dose that was taken back: %+v", h[1])
	}
}

// GCS 3+4+5 is 12 (Teasdale 1974); a shock index of 120/80 is 1.5 (Allgöwer 1967);
// saturation 91 scores 3 in NEWS2 (RCP 2017).
func TestScoresComeWithTheRuleThatFiredAndWhatTheyLack(t *testing.T) {
	p := newPair(t)
	p.write(crew, 1, &chart.PatientRegistered{Who: chart.Demographics{Age: "64 a"}})
	p.charts(2, measured(vital.SpO2, 91), measured(vital.HeartRate, 120), measured(vital.NIBPSys, 80),
		measured(vital.GCSEye, 3), measured(vital.GCSVerbal, 4), measured(vital.GCSMotor, 5))
	got := map[string]string{}
	for _, s := range p.page(3).Scores {
		got[s.Score] = s.Text
		if len(s.Fired) == 0 && s.Score == "news2" {
			t.Errorf("%s does not say which rule fired", s.Score)
		}
	}
	for id, want := range map[string]string{"gcs": "12", "shock_index": "1.50", "news2": "at least"} {
		if !strings.Contains(got[id], want) {
			t.Errorf("%s is %q, want %q in it; all: %v", id, got[id], want, got)
		}
	}
	if scores := p.page(3 + 16).Scores; len(scores) != 0 {
		t.Errorf("values of a quarter of an hour ago still score: %+v", scores)
	}
}

func TestMessagesAndAlarmsSayWhoWroteAndWhoSaw(t *testing.T) {
	p := newPair(t)
	p.write(crew, 1, &chart.Message{Text: "two minutes out"})
	p.write(hospital, 2, &chart.Message{Text: "bay R1", To: "AMB-7"})
	low := p.write(crew, 3, &chart.AlarmRaised{Condition: "SpO2 low", Priority: chart.HighPriority})
	over := p.write(crew, 3, &chart.AlarmRaised{Condition: "HR high", Priority: chart.MediumPriority})
	p.write(hospital, 4, &chart.AlarmAcknowledged{Of: []chart.Ref{low}})
	p.write(crew, 5, &chart.AlarmCleared{Of: []chart.Ref{over}})
	got := p.page(6)
	if m := got.Messages; len(m) != 2 || m[0].Here || !m[1].Here || m[1].To != "AMB-7" || m[0].Text != "two minutes out" {
		t.Errorf("messages: %+v", m)
	}
	if a := got.Alarms; len(a) != 2 || a[0].Condition != "SpO2 low" || a[0].State != chart.AlarmAnswered || !a[0].Seen[0].Here || a[0].Ref != low ||
		a[1].State != chart.AlarmOverUnnoticed {
		t.Errorf("alarms: %+v", a)
	}
}

func TestALongRecordFitsAPacketAndSaysThatItIsCut(t *testing.T) {
	p := newPair(t)
	standing := p.write(crew, 0, &chart.AlarmRaised{Condition: "asystole", Priority: chart.HighPriority})
	for n := range 400 {
		minute := float64(n) / 10
		p.write(crew, minute, &chart.Message{Text: strings.Repeat("é", 4000)})
		p.write(crew, minute, &chart.Event{Name: fmt.Sprintf("shock %d", n), Text: strings.Repeat("x", 1000)})
		r := p.write(crew, minute, &chart.AlarmRaised{Condition: "HR high", Priority: chart.LowPriority})
		p.write(crew, minute, &chart.AlarmCleared{Of: []chart.Ref{r}})
	}
	b, err := fitted(p.fold.Chart(), chart.Device{hospital}, onDuty.Add(time.Hour))
	if err != nil || len(b) > pageMost {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	var got page
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if !got.Cut || got.Happened[0].Text[:9] != "shock 399" || !got.Messages[0].Cut {
		t.Errorf("cut %v, latest event %q", got.Cut, got.Happened[0].Text[:9])
	}
	if got.Alarms[0].Ref != standing {
		t.Error("the alarm that is not over found no room")
	}
}

// signedInER is somebody of the emergency room at a station of the test's.
func signedInER(t *testing.T, k *Kit) api.Token {
	t.Helper()
	return k.sessions.begin(chart.Author{Staff: "ann", Checked: chart.CheckedPIN}, byPage)
}

func TestWhoWatchedWhomIsInTheAuditLogOnceForEachSession(t *testing.T) {
	k, token := newKit(t)
	opened, err := k.Record(t.Context(), token, api.Draft{Kind: "encounter-opened", Content: json.RawMessage(`{"setting":"ambulance"}`)})
	if err != nil {
		t.Fatal(err)
	}
	first, second := signedInER(t, k), signedInER(t, k)
	began := time.Now().Add(-time.Minute).Truncate(time.Millisecond)
	for _, session := range []api.Token{first, first, second, first, second} {
		in := watched{From: began, To: began.Add(time.Second)}
		in.Token, in.Encounter = session, opened.Encounter
		if err := k.live.watched(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.live.watched(t.Context(), watched{watching: watching{Token: "nobody's", Encounter: opened.Encounter}}); err == nil {
		t.Error("a session that does not exist watched")
	}
	found := audits(t, k)
	if len(found) != 2 {
		t.Fatalf("%d entries in the audit log, want one for each session", len(found))
	}
	for _, e := range found {
		w, ok := e.Content.(*chart.Watched)
		if !ok || w.Encounter != opened.Encounter || e.Author.Staff != "ann" || !e.Happened.Equal(began) || e.Encounter != (chart.ID{}) {
			t.Errorf("the audit has %+v of %+v", e.Content, e)
		}
	}
	entries, err := k.entries(t.Context(), opened.Encounter)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Log == uint8(journal.Audit) {
			t.Error("the audit stands in the patient's chart")
		}
	}
}

// audits are the entries of this station's audit log.
func audits(t *testing.T, k *Kit) (out []chart.Entry) {
	t.Helper()
	heads, err := k.store.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range heads {
		if h.Log != journal.Audit {
			continue
		}
		err := k.store.Pieces(t.Context(), h.Device, h.Log, h.Epoch, 0, func(p journal.Piece) error {
			for _, r := range p.Records {
				e, err := journal.Read(h.Device, r, kinds)
				if err != nil {
					return err
				}
				out = append(out, e)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestAnActOfTheEmergencyRoomIsOnTheOpenedPageAtOnce(t *testing.T) {
	k, token := newKit(t)
	opened, err := k.Record(t.Context(), token, api.Draft{Kind: "encounter-opened", Content: json.RawMessage(`{"setting":"ambulance"}`)})
	if err != nil {
		t.Fatal(err)
	}
	session := signedInER(t, k)
	if n := waitingOn(t, k, watching{Token: session, Encounter: opened.Encounter}); n != 0 { // the chart is made, and must be made anew
		t.Errorf("%d messages wait", n)
	}
	act := gateway.Act{Encounter: opened.Encounter, Kind: "message", Body: json.RawMessage(`{"text":"bay R1 is ready"}`)}
	if _, err := k.live.act(t.Context(), erAct{Token: session, Act: act}); err != nil {
		t.Fatal(err)
	}
	b, err := k.live.page(t.Context(), watching{Token: session, Encounter: opened.Encounter})
	if err != nil {
		t.Fatal(err)
	}
	var got page
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Messages) != 1 || got.Messages[0].Text != "bay R1 is ready" || got.Messages[0].Staff != "ann" || !got.Messages[0].Here {
		t.Errorf("messages: %+v", got.Messages)
	}
	if n := waitingOn(t, k, watching{Token: session, Encounter: opened.Encounter}); n != 0 {
		t.Errorf("%d messages wait after we wrote the last", n)
	}
	if _, err := k.live.page(t.Context(), watching{Token: "nobody's", Encounter: opened.Encounter}); err == nil || !strings.HasPrefix(err.Error(), refused) {
		t.Errorf("a session that is over reads the record: %v", err)
	}
	if _, err := k.live.page(t.Context(), watching{Token: session, Encounter: newID()}); !isNotFound(err) {
		t.Errorf("an unknown encounter: %v", err)
	}
}

func waitingOn(t *testing.T, k *Kit, in watching) int {
	t.Helper()
	b, err := k.live.chart(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	var s sheet
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	return s.Waiting
}

func TestMessagesOfTheCrewWaitUntilTheHospitalWrites(t *testing.T) {
	p := newPair(t)
	k := &live{kit: &Kit{share: &share{}}}
	k.kit.share.member.Store(&membership{device: chart.Device{hospital}})
	p.write(crew, 1, &chart.Message{Text: "bay?"})
	p.write(crew, 2, &chart.Message{Text: "four minutes"})
	if n := k.unanswered(p.fold.Chart()); n != 2 {
		t.Errorf("%d wait, want 2", n)
	}
	p.write(hospital, 3, &chart.Message{Text: "R1"})
	p.write(crew, 4, &chart.Message{Text: "thanks"})
	if n := k.unanswered(p.fold.Chart()); n != 1 {
		t.Errorf("%d wait after our answer, want 1", n)
	}
}

func isNotFound(err error) bool {
	var f *api.Fault
	return errors.As(err, &f) && f.Code == api.CodeNotFound
}

// The page is tested against a record written by hand: its names must be ours.
func TestTheRecordThatThePageIsTestedWithIsOneWeWouldAnswer(t *testing.T) {
	b, err := os.ReadFile("../../ui/board/testdata/record.json")
	if err != nil {
		t.Fatal(err)
	}
	b = regexp.MustCompile(`"@-[0-9.]+"`).ReplaceAll(b, []byte(`"2026-11-22T14:00:00Z"`))
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	var got page
	if err := d.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if len(got.Handovers) == 0 || len(got.Trends) == 0 || len(got.Happened) == 0 || len(got.Scores) == 0 || len(got.Messages) == 0 || len(got.Alarms) == 0 {
		t.Error("a part of it is empty")
	}
}
