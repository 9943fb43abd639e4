package ambulance

import (
	"slices"
	"strings"
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/handover"
	"fieldkit/ui/lang"
)

// rest is an entry of a kind that is seldom read here, in words: the name of its kind
// alone would hide whether to resuscitate, or what was refused.
func (s *Screen) rest(content chart.Content) string {
	say := s.speech.Say
	kind := content.Type().String()
	switch c := content.(type) {
	case *chart.CodeStatus:
		words := say(lang.ResuscitationIs, say(wordOf(codes, c.Status)))
		if c.Document != "" {
			words += ", " + say(lang.PaperSeen)
		}
		return spaced(words, c.Text)
	case *chart.Refusal:
		return spaced(say(lang.PatientRefuses, say(wordOf(refusals, c.What)), say(wordOf(capacities, c.Capacity))), c.Told)
	case *chart.Consent:
		return say(lang.ConsentIs, say(wordOf(agreements, c.What)), say(wordOf(statuses, c.Status)))
	case *chart.Decision:
		return c.Name + " " + c.Value + " (" + c.Why + ")"
	case *chart.DrugOrdered:
		return spaced(say(lang.ToldOrdered), c.Drug.Name, s.dose(c.Dose), c.Why)
	case *chart.DrugDispensed:
		return spaced(say(lang.ToldDispensed), c.Drug.Name, c.Quantity.String(), c.Unit.Label(), c.Take)
	case *chart.DrugWasted:
		return spaced(say(lang.ToldWasted), c.Drug.Name, c.Amount.String(), c.Unit.Label(), c.Why)
	case *chart.EncounterBoundFor:
		return say(lang.BoundFor) + ": " + c.Name
	case *chart.ETA:
		return spaced(kind, s.speech.Age(time.Duration(c.Seconds)*time.Second), c.To)
	case *chart.Order:
		return spaced(c.What, c.When, c.Text)
	case *chart.AllergyRemoved:
		return kind + ": " + c.Removed.Why
	case *chart.ConditionRemoved:
		return kind + ": " + c.Removed.Why
	case *chart.MedicineRemoved:
		return kind + ": " + c.Removed.Why
	case *chart.AlarmPaused:
		return spaced(kind, s.speech.Age(time.Duration(c.Seconds)*time.Second), c.Why)
	case *chart.LimitsSet:
		return spaced(kind, c.Why)
	}
	if words := handover.Words(content); words != "" {
		return strings.Join(strings.Fields(words), " ")
	}
	return kind
}

// dose is how much, and by which way.
func (s *Screen) dose(d chart.Dose) string {
	if d.Amount == nil {
		return spaced(d.Route, d.Site)
	}
	return spaced(d.Amount.String(), d.Unit.Label(), d.Route, d.Site)
}

// identified is what an entry sets of who a patient is, and nothing of what it leaves.
func (s *Screen) identified(d chart.Demographics) string {
	parts := []string{strings.TrimSpace(d.Given + " " + strings.ToUpper(d.Family)), d.Called, d.Label}
	switch d.Sex {
	case "":
	case chart.Female:
		parts = append(parts, s.speech.Say(lang.Female))
	case chart.Male:
		parts = append(parts, s.speech.Say(lang.Male))
	default:
		parts = append(parts, s.sex(d.Sex))
	}
	if d.Age != "" || d.Birth != "" {
		parts = append(parts, s.age(d))
	}
	parts = append(parts, d.Language, d.Phone, d.Address, d.Contact)
	for _, i := range d.Identifiers {
		parts = append(parts, i.System+" "+i.Value)
	}
	parts = slices.DeleteFunc(parts, func(p string) bool { return p == "" })
	if len(parts) == 0 {
		return chart.TypePatientIdentified.String()
	}
	return strings.Join(parts, "  ")
}
