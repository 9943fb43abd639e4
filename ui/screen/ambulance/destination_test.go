package ambulance

import (
	"strings"
	"testing"

	"fieldkit/triage/chart"
	"fieldkit/ui"
	"fieldkit/ui/lang"
)

// hospitals has two hospitals in the crew's team.
func hospitals(r *rig) {
	r.desk.Set(func(s *ui.Station) {
		s.Peers = append(s.Peers, ui.Peer{Device: chart.Device{7}, CallSign: "St Mary", Kind: "hospital", State: "in touch", Connected: true},
			ui.Peer{Device: chart.Device{8}, CallSign: "County", Kind: "hospital", State: "not met yet"})
	})
	r.ask()
}

func TestACrewBindsThePatientForAHospitalByItsStationAndCanTakeItBack(t *testing.T) {
	r := crew(t)
	hospitals(r)
	r.tap(r.say(lang.More))
	r.tap(r.say(lang.BoundFor))
	r.refresh()
	if all := strings.Join(r.texts(), "\n"); !strings.Contains(all, r.say(lang.BoundForNobody)) || strings.Contains(all, "Market clinic") {
		t.Errorf("before a word of it the page says: %s", all)
	}
	r.tap("St Mary")
	got := r.desk.Recorded(chart.TypeEncounterBoundFor)
	if len(got) != 1 || *got[0].Content.(*chart.EncounterBoundFor) != (chart.EncounterBoundFor{Station: chart.Device{7}, Name: "St Mary"}) || got[0].Encounter != r.On() {
		t.Fatalf("on record: %+v", got)
	}
	r.refresh()
	if all := strings.Join(r.texts(), "\n"); !strings.Contains(all, "Bound for St Mary since 09:31") {
		t.Errorf("the page does not say it: %s", all)
	}
	r.tap(r.say(lang.TookBack))
	if back := r.desk.Recorded(chart.TypeRetraction); len(back) != 1 || back[0].Content.(*chart.Retraction).Of != got[0].Ref {
		t.Errorf("undo took back %+v", back)
	}
	r.tap(r.say(lang.Elsewhere))
	got = r.desk.Recorded(chart.TypeEncounterBoundFor)
	if len(got) != 2 || got[1].Content.(*chart.EncounterBoundFor).Station != (chart.Device{}) {
		t.Fatalf("a patient who goes to a hospital outside the team: %+v", got)
	}
}
