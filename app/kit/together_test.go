package kit

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
)

// ofEncounter is the chart as a face folds it.
func ofEncounter(t *testing.T, k *Kit, token api.Token, encounter chart.ID) *chart.Chart {
	t.Helper()
	entries, err := k.Entries(t.Context(), token, encounter)
	if err != nil {
		t.Fatal(err)
	}
	fold := chart.NewFold(encounter)
	fold.Add(entries...)
	return fold.Chart()
}

func TestACorrectionTakesTheOthersPlaceInOneCommitAndBothStayReadable(t *testing.T) {
	k, token := staffed(t)
	max := enter(t, k, "mw").Token
	encounter := patient(t, k, token, "found sitting")
	give := func(mg string) json.RawMessage {
		return json.RawMessage(`{"drug":{"name":"morphine"},"dose":{"amount":` + mg + `,"unit":"mg","route":"IV"}}`)
	}
	at := time.Now().Add(-20 * time.Minute).Truncate(time.Millisecond)
	wrong, err := k.Record(t.Context(), token, api.Draft{Kind: "drug-given", Encounter: encounter, Happened: at, Content: give("50")})
	if err != nil {
		t.Fatal(err)
	}
	right, err := k.Record(t.Context(), max, api.Draft{Kind: "drug-given", Encounter: encounter, Content: give("5"), Amends: wrong.Ref, Why: "wrong dose"})
	if err != nil {
		t.Fatal(err)
	}
	c := ofEncounter(t, k, token, encounter)
	old, fresh := c.Fact(wrong.Ref), c.Fact(right.Ref)
	if old.Standing != chart.Amended || fresh.Standing != chart.Active || !fresh.At.Equal(at) || fresh.Author.Staff != "mw" {
		t.Errorf("the old is %v, the new %v at %v by %q", old.Standing, fresh.Standing, fresh.At, fresh.Author.Staff)
	}
	if all := c.Corrections(); len(all) != 1 || all[0].Of != old || all[0].To != fresh || all[0].By.Author.Staff != "mw" || all[0].By.Content.(*chart.Amendment).Why != "wrong dose" {
		t.Errorf("corrections are %+v", all)
	}
	if d := c.Drugs(); len(d) != 1 || len(d[0].Totals) != 1 || d[0].Totals[0].Amount.String() != "5" || !c.Complete() {
		t.Errorf("drugs are %+v, doubts %v", d, c.Doubts())
	}
	if _, err := k.Verify(t.Context(), token); err != nil {
		t.Error(err)
	}
}

func TestACorrectionThatReachesTooFarWritesNothing(t *testing.T) {
	k, token := staffed(t)
	one, other := patient(t, k, token, "one"), patient(t, k, token, "other")
	ours, theirs := note(t, k, token, one, "a"), note(t, k, token, other, "b")
	text := json.RawMessage(`{"text":"c"}`)
	done, err := k.Record(t.Context(), token, api.Draft{Kind: "note", Encounter: one, Content: text, Amends: ours, Why: "wrong word"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		story, says string
		draft       api.Draft
	}{
		{"another patient's entry", "not of this patient", api.Draft{Kind: "note", Encounter: one, Content: text, Amends: theirs, Why: "x"}},
		{"an entry nobody has", "not of this patient", api.Draft{Kind: "note", Encounter: one, Content: text, Amends: chart.Ref{Seq: 900}, Why: "x"}},
		{"what was corrected already", "does not count any more", api.Draft{Kind: "note", Encounter: one, Content: text, Amends: ours, Why: "x"}},
		{"another kind", "must be of the kind", api.Draft{Kind: "event", Encounter: one, Content: json.RawMessage(`{"name":"fell"}`), Amends: done.Ref, Why: "x"}},
		{"no reason", "why is missing", api.Draft{Kind: "note", Encounter: one, Content: text, Amends: done.Ref}},
	} {
		before := len(ofEncounter(t, k, token, one).Facts())
		_, err := k.RecordAll(t.Context(), token, []api.Draft{{Kind: "note", Encounter: one, Content: text}, tt.draft})
		var fault *api.Fault
		if !errors.As(err, &fault) || !strings.Contains(fault.Error(), tt.says) {
			t.Errorf("%s: %v", tt.story, err)
		}
		if after := len(ofEncounter(t, k, token, one).Facts()); after != before {
			t.Errorf("%s: %d entries of a refused whole are on the record", tt.story, after-before)
		}
	}
	if _, err := k.RecordAll(t.Context(), enter(t, k, "stu").Token, []api.Draft{{Kind: "note", Encounter: one, Content: text}}); err == nil {
		t.Error("an observer recorded")
	}
}
