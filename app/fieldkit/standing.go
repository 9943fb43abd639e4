//go:build cgo

package main

import (
	"sync"

	"fieldkit/app/api"
	"fieldkit/app/fieldkit/parent"
	"fieldkit/triage/chart"
)

// A standing is what a window that crashed leaves to the one started after it: who is
// at the screen, "" while it is locked, by which session, and whose record is shown.
type standing struct {
	Who       string    `json:"who,omitempty"`
	Person    string    `json:"person,omitempty"`
	Token     api.Token `json:"token,omitempty"`
	Encounter chart.ID  `json:"encounter"`
}

// A keeper tells the parent how the window stands.
type keeper struct {
	window *parent.Window
	before *standing // what the window before left, nil when this is the first

	mu  sync.Mutex // guards now and the order in which it is told
	now standing
}

func newKeeper(w *parent.Window) *keeper {
	k := &keeper{window: w}
	var before standing
	if w.Kept(&before) {
		k.before, k.now = &before, before
	}
	return k
}

func (k *keeper) door(s standing) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s.Encounter = k.now.Encounter
	k.now = s
	k.window.Keep(k.now)
}

func (k *keeper) patient(on chart.ID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.now.Encounter = on
	k.window.Keep(k.now)
}

// on is the patient who is shown, or whom the window before showed.
func (k *keeper) on() chart.ID {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.now.Encounter
}
