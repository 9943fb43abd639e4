package widget

import (
	"time"

	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// PlayDelay is how far behind the newest sample traces are drawn: a tenth of a
// second's samples come at once, and come a little late.
const PlayDelay = 150 * time.Millisecond

// A Playhead tells which instant of the station's clock to draw at, evenly, though
// frames come unevenly: it runs by the frame that came soonest, and forgets that at
// 1 ms a second, for clocks that drift. The zero Playhead has heard nothing.
type Playhead struct {
	boot  chart.Boot
	base  time.Time     // when ahead was learned
	ahead vital.Instant // the station's clock at base
	heard bool
}

// Hear takes in that a frame ending at end came at now.
func (p *Playhead) Hear(now time.Time, boot chart.Boot, end vital.Instant) {
	const drift = 1000
	guess := p.ahead.Add(now.Sub(p.base) - now.Sub(p.base)/drift)
	late := guess.Sub(end)
	if !p.heard || boot != p.boot || late < 0 || late > 2*time.Second {
		p.heard, p.boot, p.base, p.ahead = true, boot, now, end
	}
}

// At is the instant to draw at, and whether anything was heard.
func (p *Playhead) At(now time.Time) (vital.Instant, bool) {
	return p.ahead.Add(now.Sub(p.base) - PlayDelay), p.heard
}

// Boot names the start of the station whose clock it tells.
func (p *Playhead) Boot() chart.Boot { return p.boot }
