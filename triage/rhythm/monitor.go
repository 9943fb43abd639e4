package rhythm

import "math"

// A Kind is what a monitor finds in the order of beats.
type Kind uint8

// The findings. Ventricular fibrillation is not among them: it shows as NoBeats,
// or as a quality too low to say anything.
const (
	NoBeats     Kind = 1 // none found for 4 s although there is signal: asystole, fibrillation, or a lead that shows nothing
	Pause       Kind = 2 // 2 s or more from one beat to the next
	ExtremeSlow Kind = 3 // five beats at under 40 a minute
	ExtremeFast Kind = 4 // seventeen beats at over 140 a minute
	Irregular   Kind = 5 // irregularly irregular: atrial fibrillation likely
)

func (k Kind) String() string {
	switch k {
	case NoBeats:
		return "no beats found for 4 s"
	case Pause:
		return "pause"
	case ExtremeSlow:
		return "extremely slow"
	case ExtremeFast:
		return "extremely fast"
	case Irregular:
		return "irregular, atrial fibrillation likely"
	}
	return "unknown finding"
}

// The bounds are those of the PhysioNet/CinC Challenge 2015 (asystole: 4 s without
// a QRS; extreme bradycardia: five beats under 40; extreme tachycardia: seventeen
// beats over 140), except the pause. They are the adult's; limits by age are the
// alarm engine's.
const (
	noBeatsSeconds = 4.0
	pauseSeconds   = 2.0
	slowRate       = 40
	slowBeats      = 5
	fastRate       = 140
	fastBeats      = 17
	rateSeconds    = 10 // of beats that make a heart rate
)

// An Episode is a finding with its span. Samples count from the first Push.
type Episode struct {
	Kind       Kind
	From       int64
	To         int64   // 0 while it lasts
	Confidence float64 // 0 to 1
	// Silenced: pulse waves went on, so the heart beats and the lead does not
	// show it. It is said, not hidden.
	Silenced bool
}

// A State is what is known now.
type State struct {
	Rate    float64 // beats per minute over the last ten seconds
	RateOK  bool    // false: withheld; Quality and Flat say why
	Quality float64 // see [Detector.Quality]
	Flat    bool    // the trace does not move: lead off or amplifier at its end
	Gap     bool    // samples are missing now
	// Fibrillation is how likely the last 48 intervals are those of atrial
	// fibrillation, 0 to 1, when FibrillationOK.
	Fibrillation   float64
	FibrillationOK bool
}

// A Monitor follows one ECG lead: beats, rate and the findings of [Kind]. It is not
// safe for concurrent use and allocates nothing after NewMonitor.
type Monitor struct {
	*Detector
	rate      float64
	beats     [128]Beat // the last, as a ring
	n         int       // beats since the last break in the signal
	lastBeat  int64     // sample; -1 none yet
	signal    int64     // sample since which there is signal
	pulses    [8]int64  // samples of the last sure pulse waves
	pulseN    int
	intervals [entropyBeats]float64
	likely    float64 // fibrillation, at the last beat
	likelyOK  bool
	open      [Irregular + 1]Episode // Kind 0: not open
	out       []Episode
}

// NewMonitor follows a lead of rate samples per second, 100 to 1000.
func NewMonitor(rate float64) (*Monitor, error) {
	d, err := NewDetector(rate)
	if err != nil {
		return nil, err
	}
	return &Monitor{Detector: d, rate: rate, lastBeat: -1, out: make([]Episode, 0, 32)}, nil
}

// Push takes the next samples, scale millivolts per count, and returns the beats
// they reveal and the episodes that began or ended, both valid until the next
// call. Feed it a second or less at a time: findings are made at the end of a call.
func (m *Monitor) Push(counts []int32, scale float64) ([]Beat, []Episode) {
	return m.follow(m.Detector.Push(counts, scale))
}

// Gap says that n samples are missing. Open episodes end: what the heart does is
// not known.
func (m *Monitor) Gap(n int) ([]Beat, []Episode) {
	return m.follow(m.Detector.Gap(n))
}

// Pulse tells of a pulse wave seen on another trace at sample, counted as this
// lead's. Tell only of sure ones.
func (m *Monitor) Pulse(sample int64) {
	m.pulses[m.pulseN%len(m.pulses)] = sample
	m.pulseN++
}

func (m *Monitor) follow(beats []Beat) ([]Beat, []Episode) {
	m.out = m.out[:0]
	now := m.samples
	if m.broken && float64(m.gapTo-m.gapFrom) > 0.5*tickRate {
		m.signal, m.n = now, 0
		for k := range m.open {
			m.end(Kind(k), now)
		}
	}
	for _, b := range beats {
		m.beat(b)
	}
	m.findNoBeats(now)
	return beats, m.out
}

// beat takes in one beat and judges the intervals that end with it.
func (m *Monitor) beat(b Beat) {
	m.end(NoBeats, b.Sample)
	if m.n > 0 {
		before := m.beats[(m.n-1)%len(m.beats)].Sample
		if float64(b.Sample-before) >= pauseSeconds*m.rate && m.Quality() >= Trusted {
			m.out = append(m.out, Episode{Kind: Pause, From: before, To: b.Sample, Confidence: float64(b.Certainty)})
		}
	}
	m.beats[m.n%len(m.beats)] = b
	m.n++
	m.lastBeat = b.Sample
	m.hold(ExtremeSlow, b.Sample, m.extreme(slowBeats, slowRate, true), float64(b.Certainty))
	m.hold(ExtremeFast, b.Sample, m.extreme(fastBeats, fastRate, false), float64(b.Certainty))
	if m.n%4 == 0 { // one beat in 48 says little
		m.likely, m.likelyOK = m.fibrillation()
		on := m.likely > 0.5
		if m.open[Irregular].Kind != 0 {
			on = !m.likelyOK || m.likely > 0.3 // a short doubt does not end it
		}
		m.hold(Irregular, b.Sample, on, m.likely)
	}
}

// extreme reports whether each of the last n beats came at under (or over) perMinute.
func (m *Monitor) extreme(n int, perMinute float64, slow bool) bool {
	if m.n < n || m.Quality() < Trusted {
		return false
	}
	bound := 60 / perMinute * m.rate
	for i := m.n - n + 1; i < m.n; i++ {
		rr := float64(m.beats[i%len(m.beats)].Sample - m.beats[(i-1)%len(m.beats)].Sample)
		if slow && rr <= bound || !slow && rr >= bound {
			return false
		}
	}
	return true
}

func (m *Monitor) fibrillation() (likely float64, ok bool) {
	n := min(m.n-1, entropyBeats)
	if n < fewest || m.Quality() < Trusted {
		return 0, false
	}
	for i := range n {
		k := m.n - n + i
		m.intervals[i] = float64(m.beats[k%len(m.beats)].Sample-m.beats[(k-1)%len(m.beats)].Sample) / m.rate
	}
	return fibrillation(m.intervals[:n])
}

func (m *Monitor) findNoBeats(now int64) {
	span := int64(noBeatsSeconds * m.rate)
	if now-max(m.signal, m.lastBeat) < span {
		return
	}
	pulses := 0
	for i := range min(m.pulseN, len(m.pulses)) {
		if m.pulses[i] > now-span {
			pulses++
		}
	}
	silenced := pulses >= 2
	if m.open[NoBeats].Kind != 0 && m.open[NoBeats].Silenced != silenced {
		m.end(NoBeats, now)
	}
	if m.open[NoBeats].Kind == 0 {
		e := Episode{Kind: NoBeats, From: max(m.signal, m.lastBeat), Confidence: m.Quality(), Silenced: silenced}
		m.open[NoBeats] = e
		m.out = append(m.out, e)
	}
}

// hold begins or ends the episode of kind k at sample at.
func (m *Monitor) hold(k Kind, at int64, on bool, confidence float64) {
	switch {
	case on && m.open[k].Kind == 0:
		m.open[k] = Episode{Kind: k, From: at, Confidence: confidence}
		m.out = append(m.out, m.open[k])
	case on:
		m.open[k].Confidence = max(m.open[k].Confidence, confidence)
	default:
		m.end(k, at)
	}
}

func (m *Monitor) end(k Kind, at int64) {
	if m.open[k].Kind == 0 {
		return
	}
	e := m.open[k]
	e.To = at
	m.open[k] = Episode{}
	m.out = append(m.out, e)
}

// Now is what is known at the last sample.
func (m *Monitor) Now() State {
	s := State{Quality: m.Quality(), Flat: m.Flat(), Gap: m.broken}
	s.Rate, s.RateOK = m.heartRate()
	if m.n > 0 && s.RateOK {
		s.Fibrillation, s.FibrillationOK = m.likely, m.likelyOK
	}
	return s
}

// heartRate is withheld without three intervals that reach into the last ten
// seconds, while the quality is poor, and when no beat came for 4 s.
func (m *Monitor) heartRate() (perMinute float64, ok bool) {
	if m.broken || m.Quality() < Trusted || m.n < 4 || float64(m.samples-m.lastBeat) > noBeatsSeconds*m.rate {
		return 0, false
	}
	since := m.samples - int64(rateSeconds*m.rate)
	last := m.beats[(m.n-1)%len(m.beats)].Sample
	first, n := last, 0
	for i := m.n - 2; i >= max(0, m.n-len(m.beats)); i-- {
		s := m.beats[i%len(m.beats)].Sample
		if s < since && n >= 3 {
			break
		}
		first = s
		n++
	}
	if n < 3 {
		return 0, false
	}
	r := 60 * m.rate * float64(n) / float64(last-first)
	return r, !math.IsInf(r, 0)
}
