package command

import (
	"strings"
	"testing"

	"fieldkit/app/api"
)

func TestAStationJoinsASecondTeamInWordsAndEachCommandSaysWhichTeamItIsAbout(t *testing.T) {
	at := func(args ...string) *kitchen {
		s := newKitchen(t)
		s.must("", args...)
		return s
	}
	coast := at("team", "create", "Coast", "--call-sign", "AMB-7")
	er := at("team", "create", "General", "--kind", "hospital", "--call-sign", "ER-1")
	invitation := strings.TrimSpace(coast.must("", "team", "invite"))

	if code, _, err := er.run("", "team", "join", invitation); code != exitUsage || !strings.Contains(err, "belongs to General already") || !strings.Contains(err, "--also") {
		t.Errorf("it joins a second team unasked: %d, %s", code, err)
	}
	if said := er.must("", "team", "list"); strings.Contains(said, "Coast") || !strings.Contains(said, "General, home team, 1 station") {
		t.Errorf("the teams are %s", said)
	}
	answer := as[api.Answered](er, "", "team", "join", invitation, "--also")
	if answer.Team != "Coast" || answer.Home != "General" {
		t.Errorf("it answers as %+v", answer)
	}
	if said := er.must("", "team", "list"); !strings.Contains(said, "Coast, waits for an admin") {
		t.Errorf("the teams are %s", said)
	}
	approval := as[api.Approved](coast, "", "team", "approve", answer.Answer, "--words", answer.Words, "--grant", "all")
	if said := er.must("", "team", "join", approval.Approval); !strings.Contains(said, "hospital ER-1 of the team Coast") {
		t.Errorf("let in, it says %s", said)
	}
	stick := t.TempDir() + "/stick"
	coast.must("", "parcel", "out", stick)
	er.must("", "parcel", "in", stick)
	if said := er.must("", "team", "roster", "--team", "coast"); !strings.Contains(said, "AMB-7") {
		t.Errorf("the coast's roster is %s", said)
	}
	if said := er.must("", "team", "roster"); strings.Contains(said, "AMB-7") {
		t.Errorf("the home team's roster is %s", said)
	}
	if said := er.must("", "team", "open-for", "Coast"); !strings.Contains(said, "opened for the team Coast") {
		t.Error(said)
	}
	er.must(`{"setting":"ambulance"}`, "record", "encounter-opened")
	if said := er.must("", "patients"); !strings.Contains(said, ", team Coast") {
		t.Errorf("the list of patients is %s", said)
	}
	if said := er.must("", "team", "list"); !strings.Contains(said, "Coast, 2 stations, this one receives all; encounters are opened for it") {
		t.Errorf("the teams are %s", said)
	}
	if code, _, err := er.run("", "team", "revoke", "AMB-7", "--reason", "x", "--team", "Coast"); code != exitLocked || !strings.Contains(err, "no admin") {
		t.Errorf("it withdraws the coast's admin: %d, %s", code, err)
	}
	if code, _, err := er.run("", "team", "invite", "--team", "Nowhere"); code == 0 || !strings.Contains(err, "Coast") {
		t.Errorf("a team it does not belong to: %d, %s", code, err)
	}
}
