package api

import (
	"context"
	"testing"

	"fieldkit/triage/chart"
)

func (d *desk) LockScreen(_ context.Context, t Token, e chart.ID) error {
	if e != ward {
		return &Fault{CodeNotFound, "nothing is held of it", ""}
	}
	return d.check(t)
}

func (d *desk) AcknowledgeShown(context.Context) error { return nil }

func (d *desk) BreakGlass(_ context.Context, why string) (Token, error) {
	if why == "" {
		return "", &Fault{CodeInvalid, "no reason", "Give one."}
	}
	return token, nil
}

func TestALockedScreenAsksThroughTheSocketWithoutAToken(t *testing.T) {
	c, _ := serve(t, &desk{})
	if err := c.LockScreen(t.Context(), token, ward); err != nil {
		t.Error(err)
	}
	if err := c.LockScreen(t.Context(), "made up", ward); !isFault(err, CodeSession) {
		t.Errorf("locked without a session: %v", err)
	}
	if err := c.AcknowledgeShown(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := c.BreakGlass(t.Context(), ""); !isFault(err, CodeInvalid) {
		t.Errorf("an emergency without a reason: %v", err)
	}
	if got, err := c.BreakGlass(t.Context(), "no badge"); err != nil || got != token {
		t.Errorf("an emergency: %v, %v", got, err)
	}
}
