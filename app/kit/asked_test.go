package kit

import (
	"context"
	"encoding/json"
	"testing"

	"fieldkit/app/api"
	"fieldkit/sync/identity"
	"fieldkit/telemetry/gateway"
	"fieldkit/triage/chart"
)

// The kinds are those of telemetry/gateway/PROTOCOL.md.
func TestTheEmergencyRoomRecordsItsOwnActsAndNoOthers(t *testing.T) {
	k, token := newKit(t)
	encounter := patient(t, k, token, "found sitting")
	session := signedInER(t, k)
	act := func(kind, body string) error {
		_, err := k.live.act(t.Context(), erAct{Token: session, Act: gateway.Act{Encounter: encounter, Kind: kind, Body: json.RawMessage(body)}})
		return err
	}
	for kind, body := range map[string]string{
		"encounter-closed": `{"outcome":"handed over"}`, "encounter-opened": `{"setting":"ambulance"}`, "note": `{"text":"x"}`,
		"limits-set": `{"limits":[{"sign":"SpO2","off":true}]}`, "alarm-paused": `{"seconds":60}`,
		"drug-given": `{"drug":{"name":"adrenaline"},"dose":{"amount":1,"unit":"mg","route":"IV"}}`, "made-up": `{}`,
	} {
		if err := act(kind, body); !isRefused(err) {
			t.Errorf("the page records %s: %v", kind, err)
		}
	}
	for kind, body := range map[string]string{"message": `{"text":"bay R1"}`, "arrival-accepted": `{}`, "bay-assigned": `{"bay":"R1"}`, "activation": `{"team":"trauma"}`} {
		if err := act(kind, body); err != nil {
			t.Errorf("the page does not record %s: %v", kind, err)
		}
	}
	if _, err := k.live.act(t.Context(), erAct{Token: token, Act: gateway.Act{Encounter: encounter, Kind: "message", Body: json.RawMessage(`{"text":"x"}`)}}); !isRefused(err) {
		t.Errorf("a session that is not the page's acts there: %v", err)
	}
	if _, err := k.Record(t.Context(), session, api.Draft{Encounter: encounter, Kind: "note", Content: json.RawMessage(`{"text":"x"}`)}); !isFault(err, api.CodeRefused) {
		t.Errorf("a session of the page records as the crew does: %v", err)
	}
	if err := k.SetAccount(t.Context(), token, "ann", identity.RoleObserver, "a long enough password"); err != nil {
		t.Fatal(err)
	}
	if err := act("message", `{"text":"x"}`); !isRefused(err) {
		t.Errorf("an observer records: %v", err)
	}
	if _, err := k.live.page(t.Context(), watching{Token: session, Encounter: encounter}); err != nil {
		t.Errorf("an observer may not look: %v", err)
	}
}

func TestThePageReadsAndAnswersOnlyWhatIsBoundForItsHospital(t *testing.T) {
	admin, token, _ := founded(t)
	guest, _, made := newcomer(t, admin, token, "ST-MARY")
	if _, err := admin.Approve(t.Context(), token, api.Approval{Answer: made.Answer, Kind: "hospital", Grant: "handed"}); err != nil {
		t.Fatal(err)
	}
	encounter := patient(t, admin, token, "found sitting")
	all := &couple{t: t}
	all.carry(admin, guest) // more than the exchange would bring it
	session := signedInER(t, guest)
	try := map[string]func() error{
		"the sheet": func() error {
			_, err := guest.live.chart(t.Context(), watching{Token: session, Encounter: encounter})
			return err
		},
		"the record": func() error {
			_, err := guest.live.page(t.Context(), watching{Token: session, Encounter: encounter})
			return err
		},
		"an act": func() error {
			_, err := guest.live.act(t.Context(), erAct{Token: session, Act: gateway.Act{Encounter: encounter, Kind: "message", Body: json.RawMessage(`{"text":"bay R1"}`)}})
			return err
		},
	}
	for what, do := range try {
		if err := do(); !isRefused(err) {
			t.Errorf("%s of a patient bound for nowhere: %v", what, err)
		}
	}
	if n := len(audits(t, guest)); n != 0 {
		t.Errorf("%d readings are in the audit log and none was allowed", n)
	}
	bound, err := json.Marshal(&chart.EncounterBoundFor{Station: guest.share.member.Load().device, Name: "St Mary"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Record(t.Context(), token, api.Draft{Kind: "encounter-bound-for", Encounter: encounter, Content: bound}); err != nil {
		t.Fatal(err)
	}
	all.carry(admin, guest)
	for what, do := range try {
		if err := do(); err != nil {
			t.Errorf("%s of a patient bound for here: %v", what, err)
		}
	}
	if n := len(audits(t, guest)); n != 1 {
		t.Errorf("one session that read one record is in the audit log %d times", n)
	}
}

func TestWhatCannotBeAuditedIsNotShownAtThePage(t *testing.T) {
	k, token := newKit(t)
	encounter := patient(t, k, token, "found sitting")
	first, second := watching{signedInER(t, k), encounter}, watching{signedInER(t, k), encounter}
	for _, read := range []func(context.Context, watching) (json.RawMessage, error){k.live.page, k.live.chart} {
		if _, err := read(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		gone, stop := context.WithCancel(t.Context())
		stop()
		if _, err := read(gone, second); err == nil {
			t.Error("a record was read whose reading could not be audited")
		}
	}
	if n := len(audits(t, k)); n != 1 {
		t.Fatalf("%d readings are in the audit log, want the first alone", n)
	}
	if _, err := k.live.chart(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	if n := len(audits(t, k)); n != 2 {
		t.Errorf("%d readings are in the audit log, want both", n)
	}
}
