//go:build cgo

package main

import (
	"testing"

	"fieldkit/triage/chart"
)

func TestAWindowStartedAgainLetsNobodyInWhoWasNotSignedIn(t *testing.T) {
	const words = "five words or more here"
	for _, c := range []struct {
		what       string
		passphrase string
		before     *standing
		who        string
		token      string
		secret     bool // it may begin another session by itself
	}{
		{"the first window without a passphrase", "", nil, "", "", false},
		{"the first window with one", words, nil, crew.Name, "", true},
		{"it was locked", "", &standing{}, "", "", false},
		{"it was locked, and a file has the passphrase", words, &standing{Encounter: chart.ID{1}}, "", "", false},
		{"locked, with a session that should have ended", words, &standing{Token: "T"}, "", "", false},
		{"the crew was signed in by the file", words, &standing{Who: crew.Name, Token: "T"}, crew.Name, "T", true},
		{"the crew was signed in by hand", "", &standing{Who: crew.Name, Token: "T"}, crew.Name, "T", false},
		{"a person was signed in by PIN", words, &standing{Who: "A. Okoro", Person: "7", Token: "T"}, "A. Okoro", "T", false},
		{"an emergency's session", words, &standing{Who: emergency, Token: "T"}, emergency, "T", false},
		{"a person whose session had ended", words, &standing{Who: "A. Okoro", Person: "7"}, "", "", false},
		{"an emergency whose session had ended", words, &standing{Who: emergency}, "", "", false},
	} {
		var told *standing
		d := newDesk("d", c.passphrase, c.before, func(s standing) { told = &s })
		if d.signedIn() != c.who || string(d.token) != c.token || (d.passphrase != "") != c.secret {
			t.Errorf("%s: %q is signed in with token %q, and a secret is held: %v", c.what, d.who, d.token, d.passphrase != "")
		}
		if told == nil || told.Who != c.who || string(told.Token) != c.token {
			t.Errorf("%s: the parent was told %+v", c.what, told)
		}
		d.leave()
		if told.Who != "" || told.Token != "" {
			t.Errorf("%s: when it was locked the parent was told %+v", c.what, told)
		}
	}
}
