package kit

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/handover"
	"fieldkit/triage/score"
	"fieldkit/triage/score/charted"
	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
)

// What the recorder answers a page that has one encounter open: the record itself,
// cut to what one packet to the live process holds. The sheet in asked.go is what a
// tile needs.

const (
	// trendSpan is how far back the trends go from the latest charting.
	trendSpan = time.Hour
	// pageMost is how many bytes of record one answer holds, well under maxPacket.
	pageMost = 100 << 10
	// listedMost is how many events, messages and alarms are shown, the latest.
	listedMost = 100
	// messageMost is how much of a message is shown, in bytes.
	messageMost = 2000
)

// page is the record of one encounter as the opened page shows it.
type page struct {
	Handovers []offered                     `json:"handovers"` // the latest first
	Draft     map[handover.Order][]itemRow  `json:"draft"`     // as the record would tell it now
	Letters   map[handover.Order][][]string `json:"letters"`   // part and letter of each order
	Trends    []trend                       `json:"trends"`
	Until     time.Time                     `json:"until,omitzero"` // the trends' end: the latest charting
	Happened  []happening                   `json:"happened"`       // the latest first
	Strips    []stripRow                    `json:"strips"`         // the latest first
	Scores    []score.Result                `json:"scores"`
	Messages  []message                     `json:"messages"` // in order
	Alarms    []alarmRow                    `json:"alarms"`   // those not over first, of each the latest first
	Cut       bool                          `json:"cut,omitempty"`
}

// by is who wrote an entry, when it was true and where.
type by struct {
	Ref   chart.Ref `json:"ref"`
	At    time.Time `json:"at"`
	Staff string    `json:"staff,omitempty"`
	Here  bool      `json:"here,omitempty"` // at this hospital, not by the crew
	// Unset says that the writer's clock was not set: the time may be wrong.
	Unset bool `json:"unset,omitempty"`
	// Standing is why it does not count, "" when it does.
	Standing string `json:"standing,omitempty"`
}

func byOf(f *chart.Fact, own chart.Device) by {
	b := by{Ref: f.Ref, At: f.At, Staff: f.Author.Staff, Here: f.Ref.Device == own, Unset: f.Trust == chart.ClockUnset}
	if f.Standing != chart.Active {
		b.Standing = f.Standing.String()
	}
	return b
}

type itemRow struct {
	Key      string        `json:"key"`
	Part     handover.Part `json:"part"`
	Text     string        `json:"text"`
	Unknown  bool          `json:"unknown,omitempty"`
	Critical bool          `json:"critical,omitempty"`
	// Right says that it was read back right and nothing is open; Said is all that
	// stands of what was read back.
	Right bool   `json:"right,omitempty"`
	Said  []said `json:"said,omitempty"`
}

type said struct {
	by
	Right bool   `json:"right,omitempty"`
	Heard string `json:"heard,omitempty"`
}

// offered is a handover the crew gave.
type offered struct {
	by
	Format   string    `json:"format"`
	To       string    `json:"to,omitempty"`
	Items    []itemRow `json:"items"`
	Received bool      `json:"received,omitempty"`
	Accepted []by      `json:"accepted,omitempty"`
	// Strange is how many read-backs name items that it does not have.
	Strange int `json:"strange,omitempty"`
}

type trend struct {
	Sign    vital.Sign `json:"sign"`
	Number  uint16     `json:"number"` // of the sign, as live frames name it
	Unit    string     `json:"unit"`
	Spot    bool       `json:"spot,omitempty"` // measured now and then, as a cuff does: dots, no line
	Points  []point    `json:"points"`
	Lowest  *point     `json:"lowest,omitempty"` // of the whole record
	Highest *point     `json:"highest,omitempty"`
}

// point is one charted value, or the reason there is none.
type point struct {
	At       time.Time      `json:"at"`
	Value    *vital.Decimal `json:"value,omitempty"`
	State    string         `json:"state,omitempty"`
	Doubtful bool           `json:"doubtful,omitempty"`
}

type happening struct {
	by
	Kind string `json:"kind"`
	Text string `json:"text"`
}

type message struct {
	by
	To   string `json:"to,omitempty"`
	Text string `json:"text"`
	Cut  bool   `json:"cut,omitempty"`
}

// alarmRow is an alarm as recorded. Condition is the text that live frames carry.
type alarmRow struct {
	by
	Condition string           `json:"condition"`
	Priority  chart.Priority   `json:"priority"`
	State     chart.AlarmState `json:"state"`
	Seen      []by             `json:"seen,omitempty"`
}

// page answers a page that has an encounter open.
func (l *live) page(ctx context.Context, in watching) (json.RawMessage, error) {
	c, err := l.read(ctx, in)
	if err != nil {
		return nil, err
	}
	now, _ := l.kit.clock.Wall()
	return fitted(c, l.own(), now.Local())
}

// own is this station's device; zero while the store is locked.
func (l *live) own() chart.Device {
	if m := l.kit.share.member.Load(); m != nil {
		return m.device
	}
	return chart.Device{}
}

// unanswered is how many messages came since this station last wrote one.
func (l *live) unanswered(c *chart.Chart) (n int) {
	own := l.own()
	for _, f := range slices.Backward(c.Of(chart.TypeMessage)) {
		if f.Ref.Device == own {
			break
		}
		n++
	}
	return n
}

// handoverState is how far the latest handover has come.
func handoverState(c *chart.Chart) string {
	h := newest(c.Handovers(), 1)
	switch {
	case len(h) == 0:
		return ""
	case len(h[0].Accepted) > 0:
		return "accepted"
	case h[0].Received():
		return "received"
	}
	return "offered"
}

// fitted is the page as JSON, with fewer of its oldest rows until it fits a packet.
func fitted(c *chart.Chart, own chart.Device, now time.Time) (json.RawMessage, error) {
	for most := listedMost; ; most /= 2 {
		p := pageOf(c, own, now, most)
		p.Cut = most < listedMost
		b, err := json.Marshal(p)
		if err != nil || len(b) <= pageMost || most == 1 {
			return b, err
		}
	}
}

// pageOf is the page with at most that many rows of each list.
func pageOf(c *chart.Chart, own chart.Device, now time.Time, most int) page {
	p := page{Draft: map[handover.Order][]itemRow{}, Letters: map[handover.Order][][]string{}, Scores: scoresOf(c, now)}
	who := func(f *chart.Fact) by { return byOf(f, own) }
	for _, o := range []handover.Order{handover.IMISTAMBO, handover.ATMIST} {
		items := handover.Compose(c, o, now)
		for _, i := range items[:min(len(items), most)] {
			p.Draft[o] = append(p.Draft[o], itemRow{Key: i.Key, Part: i.Part, Text: i.Text, Unknown: !i.Known, Critical: i.Critical})
			if letters := p.Letters[o]; len(letters) == 0 || letters[len(letters)-1][0] != string(i.Part) {
				p.Letters[o] = append(letters, []string{string(i.Part), o.Letter(i.Part)})
			}
		}
	}
	p.Handovers = handoversOf(c, who, min(most, 3))
	p.Trends, p.Until = trendsOf(c, most)
	p.Happened = happenedOf(c, who, most)
	p.Strips = stripsOf(c, who, most)
	for _, f := range newest(c.Of(chart.TypeMessage), most) {
		m := f.Content.(*chart.Message)
		row := message{by: who(f), To: m.To, Text: m.Text}
		if len(row.Text) > messageMost {
			row.Text, row.Cut = string([]rune(row.Text)[:messageMost/4]), true
		}
		p.Messages = append(p.Messages, row)
	}
	for _, a := range alarmsOf(c, most) {
		raised := a.Raised.Content.(*chart.AlarmRaised)
		row := alarmRow{by: who(a.Raised), Condition: raised.Condition, Priority: raised.Priority, State: a.State()}
		for _, f := range a.Acknowledged {
			row.Seen = append(row.Seen, who(f))
		}
		p.Alarms = append(p.Alarms, row)
	}
	return p
}

// alarmsOf are the alarms, the latest first; those that are not over find room
// before those that are.
func alarmsOf(c *chart.Chart, most int) []chart.AlarmView {
	standing, over := []chart.AlarmView{}, []chart.AlarmView{}
	for _, a := range slices.Backward(c.Alarms()) {
		if len(a.Cleared) == 0 {
			standing = append(standing, a)
		} else {
			over = append(over, a)
		}
	}
	all := append(standing, over...)
	return all[:min(len(all), most)]
}

// newest is the end of a list in order.
func newest[T any](all []T, most int) []T { return all[max(0, len(all)-most):] }

func handoversOf(c *chart.Chart, who func(*chart.Fact) by, most int) []offered {
	var out []offered
	for _, h := range newest(c.Handovers(), most) {
		content := h.Offered.Content.(*chart.HandoverOffered)
		row := offered{by: who(h.Offered), Format: content.Format, To: content.To, Received: h.Received(), Strange: len(h.Strange)}
		for _, i := range h.Items {
			item := itemRow{Key: i.Item.Key, Part: handover.PartOf(i.Item.Key), Text: i.Item.Text, Critical: i.Item.Critical, Right: i.ReadBack(), Unknown: len(i.Item.From) == 0}
			for _, f := range i.Right {
				item.Said = append(item.Said, said{by: who(f), Right: true})
			}
			for _, f := range i.Questions {
				item.Said = append(item.Said, said{by: who(f), Heard: heardOf(f, i.Item.Key)})
			}
			row.Items = append(row.Items, item)
		}
		for _, f := range h.Accepted {
			row.Accepted = append(row.Accepted, who(f))
		}
		out = append(out, row)
	}
	slices.Reverse(out)
	return out
}

func heardOf(f *chart.Fact, key string) string {
	for _, i := range f.Content.(*chart.HandoverReadBack).Items {
		if i.Key == key && !i.Right {
			return i.Heard
		}
	}
	return ""
}

// trendsOf is each sign of the hour before the latest charting, in its own unit. A
// value charted again, as a cuff's is each minute, is one point.
func trendsOf(c *chart.Chart, most int) (out []trend, until time.Time) {
	signs := c.Vitals()
	for _, v := range signs {
		if v.Last.At.After(until) {
			until = v.Last.At
		}
	}
	for _, v := range signs {
		if v.Sign == vital.Unknown {
			continue
		}
		info := v.Sign.Info()
		t := trend{Sign: v.Sign, Number: uint16(v.Sign), Unit: info.Unit.Label(), Spot: info.Ageing != vital.Continuous}
		for _, m := range v.All {
			if until.Sub(m.At) > trendSpan {
				continue
			}
			p := pointOf(m)
			if n := len(t.Points); n > 0 && p.same(t.Points[n-1]) {
				continue
			}
			t.Points = append(t.Points, p)
		}
		t.Points = newest(t.Points, most)
		for _, end := range [...]struct {
			of   *chart.Measured
			into **point
		}{{v.Lowest, &t.Lowest}, {v.Highest, &t.Highest}} {
			if end.of != nil {
				p := pointOf(*end.of)
				*end.into = &p
			}
		}
		out = append(out, t)
	}
	return out, until
}

func pointOf(m chart.Measured) point {
	p := point{At: m.At, Doubtful: m.Vital.Questionable}
	r, err := m.Vital.Reading(0).In(m.Vital.Sign.Unit())
	if v, ok := r.Value(); err == nil && ok {
		p.Value = &v
	} else if p.State = m.Vital.State.String(); m.Vital.State == vital.Measured || m.Vital.Value != nil {
		p.State = vital.Withheld.String() // a value that this version finds impossible
	}
	return p
}

// same reports whether p is q charted again: the same value, of the same second.
func (p point) same(q point) bool {
	if p.Value == nil || q.Value == nil {
		return false
	}
	return *p.Value == *q.Value && p.At.Sub(q.At).Abs() < time.Second
}

// told are the kinds of what happened.
var told = []chart.Type{
	chart.TypeDrugGiven, chart.TypeDrugRefused, chart.TypeProcedure, chart.TypeEvent, chart.TypeAssessment, chart.TypeTriage,
	chart.TypeAllergyAdded, chart.TypeMedicineAdded, chart.TypeConditionAdded, chart.TypeCodeStatus,
	chart.TypeSnapshot, chart.TypeEncounterMoved,
}

// happenedOf is what was given, done and found, with what was struck out since: it
// must be seen that it does not count.
func happenedOf(c *chart.Chart, who func(*chart.Fact) by, most int) []happening {
	var out []happening
	for _, f := range slices.Backward(c.Facts()) {
		if f.Content == nil || !slices.Contains(told, f.Content.Type()) || f.Standing == chart.Elsewhere || f.Standing == chart.Missing {
			continue
		}
		if len(out) == most {
			break
		}
		out = append(out, happening{by: who(f), Kind: f.Content.Type().String(), Text: handover.Words(f.Content)})
	}
	return out
}

// comaSigns are what the coma scale's scores read of a chart.
var comaSigns = []struct {
	key  finding.Key
	sign vital.Sign
}{{finding.GCSEye, vital.GCSEye}, {finding.GCSVerbal, vital.GCSVerbal}, {finding.GCSMotor, vital.GCSMotor}, {finding.GCS, vital.GCSTotal}}

// scoresOf are the scores that the chart says something to, each with the rules that
// fired and what it lacks. One that must not be used, or that contradicts itself, is
// left out: the tile's NEWS2 says why.
func scoresOf(c *chart.Chart, now time.Time) []score.Result {
	out := []score.Result{}
	add := func(id string, set finding.Set) {
		rule, err := score.Named(id)
		if err != nil {
			return
		}
		if r, err := rule.Apply(set); err == nil && r.Refused == "" && measuredAny(r) {
			out = append(out, r)
		}
	}
	set := charted.Findings(c, now)
	add("news2", set)
	if len(out) == 0 {
		add("npews", set)
	}
	add("shock_index", set)
	views := map[vital.Sign]chart.SignView{}
	for _, v := range c.Vitals() {
		views[v.Sign] = v
	}
	for _, row := range comaSigns {
		if m := views[row.sign].Last; m != nil && m.Vital.Value != nil && now.Sub(m.At) <= charted.UsableFor {
			_ = set.Put(row.key, finding.Value{Number: *m.Vital.Value, Age: max(now.Sub(m.At), 0), Aged: true}) // what is impossible stays unknown
		}
	}
	for _, id := range []string{"gcs", "trts", "qsofa"} {
		add(id, set)
	}
	return out
}

// measuredAny reports whether a score used something that was measured: an age or a
// decision alone is no score.
func measuredAny(r score.Result) bool {
	return slices.ContainsFunc(r.Used, func(u score.Used) bool { return u.AgeS != nil })
}
