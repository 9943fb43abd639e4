package widget

import (
	"image"
	"image/color"
	"math"
	"time"

	"fieldkit/triage/vital"
)

// A pen draws a trace into a picture that stays: a sweep from left to right by
// sample time, a bar of nothing ahead of it, and nothing where nothing was
// measured. Only new columns are drawn, 7 us for a thirtieth of a second; a
// changed size, colour or scale draws the visible history once more.
type pen struct {
	picture *image.RGBA
	cover   []uint8 // how far the ink covers each pixel, so that joined strokes do not thicken
	ink     color.NRGBA
	paper   color.NRGBA
	speed   float64 // pixels a second
	width   float64 // of the stroke, pixels

	points []point // in order of time; the visible sweep and what is to come
	next   int     // the first of points not drawn yet
	wiped  int64   // the last column wiped, counted from the clock's zero
	to     vital.Instant
	began  bool

	low, high float64 // the values at the bottom and the top
}

// A point is one sample. A NaN value lifts the pen.
type point struct {
	at    vital.Instant
	value float64
}

// maxPoints bounds what one trace keeps: 20 s at 500 samples a second with room.
const maxPoints = 1 << 14

// wipe is the bar of nothing ahead of the pen, as time.
const wipe = 300 * time.Millisecond

func (p *pen) column(t vital.Instant) float64 { return time.Duration(t).Seconds() * p.speed }

// size makes the picture w by h pixels.
func (p *pen) size(w, h int) {
	if p.picture != nil && p.picture.Rect.Dx() == w && p.picture.Rect.Dy() == h {
		return
	}
	p.picture = image.NewRGBA(image.Rect(0, 0, w, h))
	p.cover = make([]uint8, w*h)
	p.redraw()
}

// add queues samples. Times must not run backward; a point that does is dropped
// by the caller's [Trace.Hear].
func (p *pen) add(pt point) {
	if len(p.points) == maxPoints {
		cut := maxPoints / 4
		p.points = append(p.points[:0], p.points[cut:]...)
		p.next = max(0, p.next-cut)
	}
	p.points = append(p.points, pt)
}

// forget empties the trace: another boot, another patient.
func (p *pen) forget() {
	p.points, p.next, p.began = p.points[:0], 0, false
	p.blank() // the next instant may be any: of another clock
}

// advance draws up to the instant to and reports whether anything changed.
func (p *pen) advance(to vital.Instant) bool {
	if p.picture == nil || p.speed <= 0 {
		p.to = to
		return false
	}
	if !p.began || to < p.to {
		p.began, p.to = true, to
		p.redraw()
		return true
	}
	before := p.wiped
	p.to = to
	p.wipeTo(to)
	drawn := p.draw()
	p.drop()
	return drawn || p.wiped != before
}

// wipeTo clears the columns up to the bar's end.
func (p *pen) wipeTo(to vital.Instant) {
	w := int64(p.picture.Rect.Dx())
	if w == 0 {
		return
	}
	end := int64(math.Floor(p.column(to.Add(wipe))))
	from := max(p.wiped+1, end-w+1)
	for c := from; c <= end; c++ {
		p.clear(int(((c % w) + w) % w))
	}
	p.wiped = max(p.wiped, end)
}

func (p *pen) clear(x int) {
	h, stride := p.picture.Rect.Dy(), p.picture.Stride
	w := p.picture.Rect.Dx()
	for y := range h {
		i := y*stride + 4*x
		p.picture.Pix[i], p.picture.Pix[i+1], p.picture.Pix[i+2], p.picture.Pix[i+3] = p.paper.R, p.paper.G, p.paper.B, 0xff
		p.cover[y*w+x] = 0
	}
}

func (p *pen) blank() {
	if p.picture == nil {
		return
	}
	for x := range p.picture.Rect.Dx() {
		p.clear(x)
	}
}

// redraw draws all that is visible afresh.
func (p *pen) redraw() {
	if p.picture == nil {
		return
	}
	p.blank()
	w := p.picture.Rect.Dx()
	p.wiped = int64(math.Floor(p.column(p.to.Add(wipe))))
	oldest := float64(p.wiped - int64(w) + 1)
	p.next = 0
	for p.next < len(p.points) && p.column(p.points[p.next].at) < oldest {
		p.next++
	}
	p.draw()
}

// draw draws the points up to p.to that are not drawn yet.
func (p *pen) draw() bool {
	drawn := false
	for ; p.next < len(p.points) && p.points[p.next].at <= p.to; p.next++ {
		pt := p.points[p.next]
		if math.IsNaN(pt.value) {
			continue
		}
		before := pt
		if p.next > 0 && !math.IsNaN(p.points[p.next-1].value) {
			before = p.points[p.next-1]
		}
		p.line(before, pt)
		drawn = true
	}
	return drawn
}

// drop forgets points that have left the picture.
func (p *pen) drop() {
	const enough = 2048
	if p.next < enough {
		return
	}
	oldest := p.column(p.to) - float64(p.picture.Rect.Dx())
	n := 0
	for n < p.next-1 && p.column(p.points[n].at) < oldest {
		n++
	}
	if n >= enough/2 {
		p.points = append(p.points[:0], p.points[n:]...)
		p.next -= n
	}
}

// y is where a value stands, in pixels from the top. What is beyond the scale
// stands at its edge.
func (p *pen) y(value float64) float64 {
	h := float64(p.picture.Rect.Dy())
	margin := p.width + 1
	if p.high <= p.low {
		return h / 2
	}
	y := margin + (h-2*margin)*(p.high-value)/(p.high-p.low)
	return min(max(y, margin), h-margin)
}

// line draws from a to b, column by column.
func (p *pen) line(a, b point) {
	x0, y0, x1, y1 := p.column(a.at), p.y(a.value), p.column(b.at), p.y(b.value)
	first, last := int64(math.Floor(x0)), int64(math.Floor(x1))
	w := int64(p.picture.Rect.Dx())
	if w == 0 || last-first > w {
		return
	}
	visible := p.wiped - w // columns at or before it have been wiped for the next sweep
	at := func(x float64) float64 {
		if x1 <= x0 {
			return y1
		}
		return y0 + (y1-y0)*(x-x0)/(x1-x0)
	}
	for c := max(first, visible+1); c <= last; c++ {
		from, to := at(max(x0, float64(c))), at(min(x1, float64(c+1)))
		if c == first && c == last {
			from, to = y0, y1
		}
		p.stroke(int(((c%w)+w)%w), min(from, to)-p.width/2, max(from, to)+p.width/2)
	}
}

// stroke covers column x from top to bottom, with soft ends.
func (p *pen) stroke(x int, top, bottom float64) {
	w, h := p.picture.Rect.Dx(), p.picture.Rect.Dy()
	for y := max(0, int(top)); y < h && float64(y) < bottom; y++ {
		part := min(bottom, float64(y+1)) - max(top, float64(y))
		cover := uint8(min(max(part, 0), 1) * 255)
		if cover <= p.cover[y*w+x] {
			continue
		}
		p.cover[y*w+x] = cover
		i := y*p.picture.Stride + 4*x
		p.picture.Pix[i] = mix(p.paper.R, p.ink.R, cover)
		p.picture.Pix[i+1] = mix(p.paper.G, p.ink.G, cover)
		p.picture.Pix[i+2] = mix(p.paper.B, p.ink.B, cover)
	}
}

func mix(from, to, part uint8) uint8 {
	return uint8((int(from)*(255-int(part)) + int(to)*int(part)) / 255)
}
