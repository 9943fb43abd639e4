package kit

import (
	"encoding/json"
	"testing"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
)

func TestAHospitalOfWhichTheAdminSaysNothingIsAGuest(t *testing.T) {
	admin, token, _ := founded(t)
	for _, tt := range []struct {
		name string
		says api.Approval
		want string
	}{
		{"ST-MARY", api.Approval{Kind: "hospital"}, "handed"},
		{"COUNTY", api.Approval{Kind: "hospital", Grant: "all"}, "all"},
		{"BASE", api.Approval{Kind: "hospital", Admin: true}, "all"}, // an admin receives everything
		{"TENT", api.Approval{}, "all"},
	} {
		_, _, made := newcomer(t, admin, token, tt.name)
		tt.says.Answer = made.Answer
		in, err := admin.Approve(t.Context(), token, tt.says)
		if err != nil || in.Grant != tt.want {
			t.Errorf("%s receives %s, %v; want %s", tt.name, in.Grant, err, tt.want)
		}
	}
}

// boundFor is the station that a destination names by the crew's words.
func (p *post) boundFor(name string) (chart.Device, error) {
	p.t.Helper()
	encounter, _ := p.opens("Okonkwo", "aspirin")
	return p.destined(encounter, &chart.EncounterBoundFor{Name: name})
}

// destined records a destination or a handover and is the station that it names.
func (p *post) destined(encounter chart.ID, content chart.Content) (chart.Device, error) {
	p.t.Helper()
	b, err := json.Marshal(content)
	if err != nil {
		p.t.Fatal(err)
	}
	r, err := p.Record(p.t.Context(), p.token, api.Draft{Kind: content.Type().String(), Encounter: encounter, Content: b})
	if err != nil {
		return chart.Device{}, err
	}
	held, err := p.store.Encounter(p.t.Context(), encounter)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, e := range p.read(held) {
		if e.Ref == r.Ref {
			switch c := e.Content.(type) {
			case *chart.EncounterBoundFor:
				return c.Station, nil
			case *chart.HandoverOffered:
				return c.Station, nil
			}
		}
	}
	p.t.Fatal("what was recorded is not there")
	return chart.Device{}, nil
}

func TestADestinationNamedByItsCallSignReachesThatHospitalAndNoOther(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	h := newPost(t, "St Mary", a, aGuest)
	other := newPost(t, "County", a, aGuest)
	meet(t, a, h)
	meet(t, a, other)
	encounter, _ := a.opens("Okonkwo", "aspirin")
	to, err := a.destined(encounter, &chart.EncounterBoundFor{Name: " st mary "})
	if err != nil || to != h.x.Self() {
		t.Fatalf("bound for %v, %v; want St Mary's station", to, err)
	}
	eventually(t, "the hospital reads the patient bound for it", h.reads(encounter, "gave aspirin"))
	if got := other.texts(encounter); len(got) > 0 {
		t.Errorf("the other hospital reads %q", got)
	}
	if to, err := a.boundFor("General"); err != nil || to != (chart.Device{}) {
		t.Errorf("a hospital outside the team is taken for %v, %v", to, err)
	}
	newPost(t, "ST MARY", a, aGuest)
	if to, err := a.boundFor("St Mary"); !isFault(err, api.CodeInvalid) {
		t.Errorf("of two of one name %v was taken, %v", to, err)
	}
}

func TestAHandoverGoesWhereThePatientIsBoundElseToTheHospitalOfTheLiveLink(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	h := newPost(t, "St Mary", a, aGuest)
	offer := func() *chart.HandoverOffered {
		return &chart.HandoverOffered{Format: "ATMIST", Items: []chart.HandoverItem{{Key: "age", Text: "64 years"}}}
	}
	encounter, _ := a.opens("Okonkwo", "aspirin")
	if to, err := a.destined(encounter, offer()); err != nil || to != (chart.Device{}) {
		t.Errorf("with no hospital set and none said, the handover is for %v, %v", to, err)
	}
	a.settings.Hospital = "https://st-mary.example"
	if to, err := a.destined(encounter, offer()); err != nil || to != h.x.Self() {
		t.Errorf("the handover is for %v, %v; want the hospital of the live link", to, err)
	}
	elsewhere, _ := a.opens("Vandersloot", "ketamine")
	a.writes(elsewhere, chart.ID{}, &chart.EncounterBoundFor{Name: "General"})
	if to, err := a.destined(elsewhere, offer()); err != nil || to != (chart.Device{}) {
		t.Errorf("the handover of a patient on the way outside the team is for %v, %v", to, err)
	}
	county := newPost(t, "County", a, aGuest)
	if to, err := a.destined(encounter, offer()); err != nil || to != (chart.Device{}) {
		t.Errorf("of two hospitals and no destination %v was taken, %v", to, err)
	}
	a.bind(encounter, county)
	if to, err := a.destined(encounter, offer()); err != nil || to != county.x.Self() {
		t.Errorf("the handover is for %v, %v; want where the patient is bound", to, err)
	}
	meet(t, a, county)
	eventually(t, "the hospital reads it", county.reads(encounter, "gave aspirin"))
}

func TestNoPatientIsSentToAStationThatWasWithdrawn(t *testing.T) {
	a := newPost(t, "AMB-1", nil, anAdmin)
	h := newPost(t, "St Mary", a, aGuest)
	encounter, _ := a.opens("Okonkwo", "aspirin")
	if _, err := a.Revoke(t.Context(), a.token, "St Mary", "tablet stolen"); err != nil {
		t.Fatal(err)
	}
	for _, content := range []chart.Content{
		&chart.EncounterBoundFor{Station: h.x.Self(), Name: "St Mary"},
		&chart.HandoverOffered{Format: "ATMIST", To: "St Mary", Station: h.x.Self(), Onward: true, Items: []chart.HandoverItem{{Key: "age", Text: "64 years"}}},
	} {
		if _, err := a.destined(encounter, content); !isFault(err, api.CodeRefused) {
			t.Errorf("%s for a tablet that was stolen: %v", content.Type(), err)
		}
	}
}
