package gateway

import (
	"time"

	"fieldkit/triage/chart"
)

// Outside says whether the relay is reached, at which vehicles outside find a hospital
// that can only dial out, and since when it is so. Every page says it when it is not.
func (g *Gateway) Outside(reached bool, since time.Time) {
	m := outsideMessage{Type: "outside", Reached: reached, Since: since.UnixMilli()}
	g.mu.Lock()
	changed := g.outside.Type == "" && !reached || g.outside.Type != "" && g.outside.Reached != reached
	g.outside = m
	viewers := make([]*viewer, 0, len(g.viewers))
	for w := range g.viewers {
		viewers = append(viewers, w)
	}
	g.mu.Unlock()
	if !changed {
		return
	}
	for _, w := range viewers {
		w.say(m)
	}
}

// sayOutside tells a page that opens while the relay is not reached.
func (v *viewer) sayOutside() {
	v.g.mu.Lock()
	m := v.g.outside
	v.g.mu.Unlock()
	if m.Type != "" && !m.Reached {
		v.say(m)
	}
}

// Changed tells the pages that show an encounter that its record has changed, so that
// they read it at once.
func (g *Gateway) Changed(encounter chart.ID) {
	g.mu.Lock()
	viewers := make([]*viewer, 0, len(g.viewers))
	for w := range g.viewers {
		viewers = append(viewers, w)
	}
	g.mu.Unlock()
	for _, w := range viewers {
		if w.shows(encounter) {
			w.say(recordMessage{Type: "record", Encounter: encounter})
		}
	}
}

// shows reports whether the page was told of a tile of the encounter.
func (v *viewer) shows(encounter chart.ID) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, t := range v.may {
		if t.encounter() == encounter {
			return true
		}
	}
	return false
}
