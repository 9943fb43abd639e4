package gateway

import "time"

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
