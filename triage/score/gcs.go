package score

import (
	"fmt"
	"strconv"

	"fieldkit/triage/score/finding"
	"fieldkit/triage/vital"
)

const gcsSource = "Teasdale G, Jennett B. Lancet 1974;2:81-4; glasgowcomascale.org (not testable, 2014); GCS-P: Brennan PM et al, J Neurosurg 2018;128:1612-20"

var (
	gcs = Rule{
		ID: "gcs", Title: "Glasgow Coma Scale", Version: "1974, not testable as of 2014",
		Inputs:  []finding.Key{finding.GCSEye, finding.GCSVerbal, finding.GCSMotor, finding.GCS, finding.PupilsUnreactive, finding.AgeYears, finding.AgeMonths},
		Source:  gcsSource,
		Licence: "free to use",
		judge: func(t *tally) {
			if age, ok := t.in.Years(); ok && age < 2 {
				t.warn("under 2 years: use pgcs")
			}
			judgeComa(t)
		},
	}
	pgcs = Rule{
		ID: "pgcs", Title: "Paediatric Glasgow Coma Scale", Version: "NEMSIS 3.5.1 eVitals.19-21 (verbal: 5 smiles or orients, 4 cries, consolable, 3 inconsistently consolable or moans, 2 inconsolable or agitated, 1 none)",
		Inputs:  []finding.Key{finding.GCSEye, finding.GCSVerbal, finding.GCSMotor, finding.GCS, finding.PupilsUnreactive, finding.AgeYears, finding.AgeMonths},
		Source:  "Reilly PL et al: Childs Nerv Syst 1988;4:30-3; NEMSIS 3.5.1 eVitals.19-22",
		Licence: "free to use",
		judge:   judgeComa,
	}
)

// judgeComa sums eyes, voice and movement. What cannot be tested is not 1: the sum
// of the others is shown with a T, as in "10T", and there is no total.
func judgeComa(t *tally) {
	low, high, _ := t.in.Coma()
	if summed, ok := t.in.Whole(finding.GCS); ok && low == high && low == summed {
		t.add("gcs", low, high, "gcs")
	} else {
		t.grade(finding.GCSEye, 1, 4)
		t.grade(finding.GCSVerbal, 1, 5)
		t.grade(finding.GCSMotor, 1, 6)
	}
	t.falling(fall("coma scale", []floor{{3, "severe"}, {9, "moderate"}, {13, "mild"}}))
	tested, untestable := 0, false
	for _, k := range [...]finding.Key{finding.GCSEye, finding.GCSVerbal, finding.GCSMotor} {
		n, ok := t.in.Whole(k)
		tested += n
		if !ok && t.in.Has(k) {
			untestable = true
			t.warn(string(k) + " is not testable; it is not counted as 1")
		}
	}
	if untestable && !t.result.Complete {
		t.result.Text = strconv.Itoa(tested) + "T, incomplete, at least " + strconv.Itoa(low)
	}
	if p, ok := t.in.Whole(finding.PupilsUnreactive); ok && t.result.Complete {
		t.fire(fmt.Sprintf("GCS-P, less %d unreactive pupils: %s", p, vital.Int(int64(low-p))))
	}
}
