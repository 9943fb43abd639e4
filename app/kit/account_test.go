package kit

import (
	"testing"
	"time"

	"fieldkit/sync/identity"
)

func TestAClockSetBackLocksNobodyOutForAnHour(t *testing.T) {
	k, token := newKit(t)
	const password = "a long enough password"
	if err := k.SetAccount(t.Context(), token, "ann", identity.RoleObserver, password); err != nil {
		t.Fatal(err)
	}
	tried := func(at time.Time) {
		t.Helper()
		known, err := k.accounts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		a := known["ann"]
		a.Tries, a.Tried = lockedOutAfter, at
		known["ann"] = a
		if err := k.keepAccounts(t.Context(), known); err != nil {
			t.Fatal(err)
		}
	}
	tried(time.Now())
	if _, err := k.checkAccount(t.Context(), "ann", password); err == nil {
		t.Error("an account that is locked out signs in")
	}
	for _, ago := range []time.Duration{-time.Hour, 2 * lockedOutFor} { // by a clock that was an hour ahead; a while ago
		tried(time.Now().Add(-ago))
		if _, err := k.checkAccount(t.Context(), "ann", password); err != nil {
			t.Errorf("wrong tries %v ago keep it out: %v", ago, err)
		}
	}
}
