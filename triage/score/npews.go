package score

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
)

// The thresholds are data: a published copy had three of four age bands wrong
// until 2026. npewsSum is the SHA-256 of npews.json; a file that differs is not
// scored with.
//
//go:embed npews.json
var npewsData []byte

const npewsSum = "772d85550cb0351af4fa0071e036adf40ac89df2237a2c6feb5fa58ee21261fd"

var npews = Rule{
	ID: "npews", Title: "National PEWS thresholds (England); not a National PEWS compliant system", Version: "SPOT, thresholds of 2026-06-30, sha256 " + npewsSum[:12],
	Inputs: []finding.Key{finding.AgeYears, finding.AgeMonths, finding.RR, finding.RespDistress, finding.SpO2, finding.OnOxygen, finding.OxygenLPM, finding.OxygenPercent,
		finding.OxygenDevice, finding.HR, finding.SBP, finding.CRT, finding.Consciousness, finding.PupilsAbnormal, finding.SepsisSuspected, finding.SepticShock},
	Source:  "NHS England: Configuration Document for SPOT NPEWS; read against rcpch/digital-pews a62a8af",
	Licence: "thresholds published by NHS England",
	judge:   judgeNPEWS,
}

// npewsTable is npews.json.
type npewsTable struct {
	Version, Source, Format string
	SpO2                    steps          `json:"spo2"`
	Percent                 steps          `json:"oxygen_percent"`
	LPM                     steps          `json:"oxygen_lpm"`
	CRT                     steps          `json:"crt_s"`
	Distress                map[string]int `json:"respiratory_distress"`
	HighFlow                int            `json:"high_flow"`
	Escalation              []rung         `json:"escalation"`
	Bands                   []npewsBand
}

type npewsBand struct {
	ID   string
	From int   `json:"from_years"`
	RR   steps `json:"rr"`
	HR   steps `json:"hr"`
	SBP  steps `json:"sbp"`
}

// steps is a chart as npews.json writes it.
type steps [][2]int64

// chart compares values as they are: the published bands end at .99 of a unit.
func (s steps) chart() chart {
	c := chart{places: 2, exact: true}
	for _, step := range s {
		c.cuts = append(c.cuts, cut{step[0], int(step[1])})
	}
	return c
}

// A rung is where a level of the escalation begins.
type rung struct {
	from  int
	level string
}

// UnmarshalJSON reads [from, "level"].
func (r *rung) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, &[]any{&r.from, &r.level}); err != nil {
		return fmt.Errorf("read escalation: %w", err)
	}
	return nil
}

// readNPEWS reads thresholds, or says that they are not the ones checked.
func readNPEWS(data []byte) (npewsTable, error) {
	var table npewsTable
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != npewsSum {
		return table, fmt.Errorf("the National PEWS thresholds are not those that were checked; do not use npews")
	}
	if err := json.Unmarshal(data, &table); err != nil {
		return table, fmt.Errorf("read the National PEWS thresholds: %w", err)
	}
	return table, nil
}

// npewsThresholds are read and checked once.
var npewsThresholds = sync.OnceValues(func() (npewsTable, error) { return readNPEWS(npewsData) })

func judgeNPEWS(t *tally) {
	table, err := npewsThresholds()
	if err != nil {
		t.refuse(err.Error())
		return
	}
	years, known := t.in.Years()
	if known && years >= 18 {
		t.refuse("the National PEWS is for children; use news2")
		return
	}
	if known && years >= 16 {
		t.warn("16 or 17 years old: NEWS2 holds too; follow local policy")
	}
	bands := table.Bands
	for _, b := range table.Bands {
		if known && years >= b.From {
			bands = []npewsBand{b}
		}
	}
	if len(bands) == 1 {
		t.fire("chart for " + bands[0].ID)
	}
	t.either(len(bands), finding.AgeYears, "rr", finding.RR, func(i int) chart { return bands[i].RR.chart() })
	t.npewsDistress(table)
	t.number(finding.SpO2, table.SpO2.chart())
	t.npewsOxygen(table)
	t.either(len(bands), finding.AgeYears, "hr", finding.HR, func(i int) chart { return bands[i].HR.chart() })
	t.either(len(bands), finding.AgeYears, "sbp", finding.SBP, func(i int) chart { return bands[i].SBP.chart() })
	t.number(finding.CRT, table.CRT.chart())
	least, why := t.npewsConcern()
	t.total(func(sum, _ int) verdict {
		at := 0
		for i, r := range table.Escalation {
			if sum >= r.from {
				at = i
			}
		}
		v := verdict{table.Escalation[at].level, fmt.Sprintf("total from %d is %s", table.Escalation[at].from, table.Escalation[at].level)}
		concern := slices.IndexFunc(table.Escalation, func(r rung) bool { return r.level == least })
		if concern > at {
			v = verdict{least, why + ": " + least + ", whatever the total"}
		}
		return v
	})
}

// npewsDistress adds the grade of respiratory distress.
func (t *tally) npewsDistress(table npewsTable) {
	words := [...]string{"none", "mild", "moderate", "severe"}
	low, high := t.in.Distress()
	if low == high {
		p := table.Distress[words[low]]
		t.add("respiratory_distress", p, p, "respiratory distress "+words[low])
		return
	}
	t.add("respiratory_distress", table.Distress[words[low]], table.Distress[words[high]], "", finding.RespDistress)
}

// npewsOxygen adds the oxygen given. Breathing air is "no support": 21 % entered
// as a support would score 1.
func (t *tally) npewsOxygen(table npewsTable) {
	device, _ := t.in.Word(finding.OxygenDevice)
	lpm, hasLPM := t.in.Number(finding.OxygenLPM)
	percent, hasPercent := t.in.Number(finding.OxygenPercent)
	worth := func(s steps, v vital.Decimal) int { c := s.chart(); return c.cuts[c.at(v)].points }
	on := t.in.Answer(finding.OnOxygen)
	switch {
	case slices.Contains([]string{"high_flow", "bipap", "cpap"}, device):
		t.add("oxygen", table.HighFlow, table.HighFlow, "oxygen by "+device)
	case on == finding.No:
		t.add("oxygen", 0, 0, "")
	case hasLPM || hasPercent:
		p, why := 0, "oxygen"
		if on == finding.Yes {
			p = 1 // any support scores
		}
		if hasLPM {
			p, why = max(p, worth(table.LPM, lpm)), why+" "+lpm.String()+" L/min"
		}
		if hasPercent {
			p, why = max(p, worth(table.Percent, percent)), why+" "+percent.String()+" %"
		}
		t.add("oxygen", p, p, why)
	case on == finding.Yes:
		t.add("oxygen", 1, table.HighFlow, "", finding.OxygenLPM)
	default:
		t.add("oxygen", 0, table.HighFlow, "", finding.OnOxygen)
	}
}

// npewsConcern is the least level that a finding outside the total calls for.
// Confusion stands on no National PEWS chart and counts as V.
func (t *tally) npewsConcern() (level, why string) {
	w, known := t.in.Word(finding.Consciousness)
	if !known {
		t.warn("consciousness is not known: V raises the escalation to high, P and U to emergency")
		t.next = finding.Consciousness.Ask()
	}
	switch {
	case w == "P" || w == "U":
		return "emergency", "consciousness " + w
	case t.in.Answer(finding.PupilsAbnormal) == finding.Yes:
		return "emergency", "abnormal pupils"
	case w == "V" || w == "C":
		return "high", "consciousness " + w
	case t.in.Answer(finding.SepticShock) == finding.Yes:
		return "high", "septic shock"
	case t.in.Answer(finding.SepsisSuspected) == finding.Yes:
		return "medium", "new suspicion of sepsis"
	}
	return "none", ""
}
