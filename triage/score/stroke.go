package score

import (
	"fmt"

	"fieldkit/triage/score/finding"
)

// strokeAlso are kept with every stroke scale: the time decides the treatment, and
// a low glucose looks like a stroke.
var strokeAlso = []finding.Key{finding.LastKnownWell, finding.Glucose}

func strokeInputs(k ...finding.Key) []finding.Key { return append(k, strokeAlso...) }

func (t *tally) strokeNotes() {
	if !t.in.Has(finding.LastKnownWell) {
		t.warn("ask when the patient was last known well, and note the time")
	}
	if !t.in.Has(finding.Glucose) {
		t.warn("measure the glucose: a low one looks like a stroke")
	}
}

// signs is a scale of yes-or-no signs: any one makes it positive.
func signs(keys ...finding.Key) func(*tally) {
	return func(t *tally) {
		t.strokeNotes()
		for _, k := range keys {
			t.answer(k, 1, 0)
		}
		t.total(over("abnormal signs:", floor{0, "negative"}, floor{1, "positive"}))
	}
}

// An item of a stroke scale, at most most points.
type item struct {
	key  finding.Key
	most int
}

// occlusion is a scale of graded items that asks for large vessel occlusion.
func occlusion(name string, from int, items ...item) func(*tally) {
	return func(t *tally) {
		t.strokeNotes()
		for _, i := range items {
			if n, ok := t.in.Whole(i.key); ok && n > i.most {
				t.refuse(fmt.Sprintf("%s is 0 to %d in %s", i.key, i.most, name))
				return
			}
			t.grade(i.key, 0, i.most)
		}
		t.total(over("total", floor{0, "lvo_less_likely"}, floor{from, "lvo_likely"}))
	}
}

var cpss = Rule{
	ID: "cpss", Title: "Cincinnati Prehospital Stroke Scale", Version: "Kothari 1999",
	Inputs: strokeInputs(finding.FaceDroop, finding.ArmDrift, finding.SpeechFault),
	Source: "Kothari RU et al: Ann Emerg Med 1999;33:373-8", Licence: "published rule, free to use",
	judge: signs(finding.FaceDroop, finding.ArmDrift, finding.SpeechFault),
}

var befast = Rule{
	ID: "befast", Title: "BE-FAST: balance, eyes, face, arm, speech, time", Version: "Aroor 2017",
	Inputs: strokeInputs(finding.BalanceLoss, finding.EyesFault, finding.FaceDroop, finding.ArmDrift, finding.SpeechFault),
	Source: "Aroor S et al: Stroke 2017;48:479-81", Licence: "published rule, free to use",
	judge: signs(finding.BalanceLoss, finding.EyesFault, finding.FaceDroop, finding.ArmDrift, finding.SpeechFault),
}

var lams = Rule{
	ID: "lams", Title: "Los Angeles Motor Scale", Version: "Llanes 2004 (LVO likely from 4)",
	Inputs: strokeInputs(finding.Face, finding.Arm, finding.Grip),
	Source: "Llanes JN et al: Prehosp Emerg Care 2004;8:46-50; Nazliel B et al: Stroke 2008;39:2264-7", Licence: "published table, free to use",
	judge: occlusion("LAMS", 4, item{finding.Face, 1}, item{finding.Arm, 2}, item{finding.Grip, 2}),
}

var race = Rule{
	ID: "race", Title: "Rapid Arterial oCclusion Evaluation", Version: "Pérez de la Ossa 2014 (LVO likely from 5)",
	Inputs: strokeInputs(finding.Face, finding.Arm, finding.Leg, finding.Gaze, finding.AphasiaAgnos),
	Source: "Pérez de la Ossa N et al: Stroke 2014;45:87-91", Licence: "published table, free to use",
	judge: occlusion("RACE", 5, item{finding.Face, 2}, item{finding.Arm, 2}, item{finding.Leg, 2}, item{finding.Gaze, 1}, item{finding.AphasiaAgnos, 2}),
}

var fasted = Rule{
	ID: "fasted", Title: "FAST-ED, field assessment stroke triage", Version: "Lima 2016 (LVO likely from 4)",
	Inputs: strokeInputs(finding.Face, finding.Arm, finding.Speech, finding.Gaze, finding.Neglect),
	Source: "Lima FO et al: Stroke 2016;47:1997-2002", Licence: "published table, free to use",
	judge: occlusion("FAST-ED", 4, item{finding.Face, 1}, item{finding.Arm, 2}, item{finding.Speech, 2}, item{finding.Gaze, 2}, item{finding.Neglect, 2}),
}

// C-STAT's level of consciousness is 1 when both questions are answered wrongly
// and one command fails; sources differ on "both".
var cstat = Rule{
	ID: "cstat", Title: "Cincinnati Stroke Triage Assessment Tool (CP-SSS)", Version: "Katz 2015 (positive from 2)",
	Inputs: strokeInputs(finding.Gaze, finding.LOC, finding.Arm),
	Source: "Katz BS et al: Stroke 2015;46:1508-12", Licence: "published table, free to use",
	judge: func(t *tally) {
		t.strokeNotes()
		t.threshold(finding.Gaze, 2, "gaze deviates")
		t.grade(finding.LOC, 0, 1)
		t.threshold(finding.Arm, 1, "an arm cannot be held up")
		t.total(over("total", floor{0, "negative"}, floor{2, "positive"}))
	},
}

// threshold adds worth when the grade of k is not 0.
func (t *tally) threshold(k finding.Key, worth int, words string) {
	n, ok := t.in.Whole(k)
	t.criterion(string(k), when(ok, n > 0), worth, words, k)
}
