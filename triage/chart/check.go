package chart

import (
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"

	"fieldkit/triage/vital"
)

// Limits of free text, in bytes. A body is at most 64 KiB, and a screen shows a
// name on one line.
const (
	MaxName = 200   // a name, code, place or word
	MaxText = 4000  // a remark
	MaxNote = 16000 // a note or message
	maxList = 500   // items in any list
	maxData = 48 << 10
)

// ErrContent reports a content that breaks a rule of its kind. The text names the
// fields; it holds no value.
var ErrContent = errors.New("content is not complete or not possible")

// A check gathers what is wrong with one content.
type check struct{ wrong []error }

// must notes words, about a field and its rule, when ok is false.
func (c *check) must(ok bool, words string) {
	if !ok {
		c.wrong = append(c.wrong, fmt.Errorf("%w: %s", ErrContent, words))
	}
}

func (c *check) err() error { return errors.Join(c.wrong...) }

// text checks an optional text of at most limit bytes: UTF-8, and of the control
// characters only new line and tab.
func (c *check) text(field, s string, limit int) {
	if len(s) > limit {
		c.must(false, fmt.Sprintf("%s is longer than %d bytes", field, limit))
		return
	}
	c.must(utf8.ValidString(s), field+" is not UTF-8")
	for _, r := range s {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			c.must(false, field+" holds a control character")
			return
		}
	}
}

func (c *check) name(field, s string) { c.text(field, s, MaxName) }

// needed is text that may not be empty or only spaces.
func (c *check) needed(field, s string, limit int) {
	blank := true
	for _, r := range s {
		blank = blank && unicode.IsSpace(r)
	}
	c.must(!blank, field+" is missing")
	c.text(field, s, limit)
}

func (c *check) moment(field string, m Moment) {
	c.must(m >= 0 && m <= latest, field+" is not between 1970 and 2199")
}

func (c *check) ref(field string, r Ref) { c.must(r.Seq > 0, field+" names no entry") }

// optional checks a place that may be left out.
func (c *check) optional(field string, r *Ref) {
	c.must(r == nil || r.Seq > 0, field+" names no entry")
}

func (c *check) refs(field string, rs []Ref) {
	c.length(field, len(rs))
	for _, r := range rs {
		if r.Seq == 0 {
			c.ref(field, r)
			return
		}
	}
}

func (c *check) spans(field string, ss []Span) {
	c.length(field, len(ss))
	for _, s := range ss {
		if s.From == 0 || s.To < s.From {
			c.must(false, field+" holds an empty range")
			return
		}
	}
}

func (c *check) id(field string, id ID) { c.must(id != ID{}, field+" is missing") }

func (c *check) length(field string, n int) {
	if n > maxList {
		c.must(false, fmt.Sprintf("%s has more than %d items", field, maxList))
	}
}

// number checks an optional decimal against both ends, included.
func (c *check) number(field string, d *vital.Decimal, low, high vital.Decimal) {
	if d == nil {
		return
	}
	ok := d.Exponent >= -18 && d.Exponent <= 18 && d.Cmp(low) >= 0 && d.Cmp(high) <= 0
	if !ok {
		c.must(false, fmt.Sprintf("%s is not between %s and %s", field, low, high))
	}
}

// positive checks an optional decimal above 0 and up to a thousand million.
func (c *check) positive(field string, d *vital.Decimal) {
	c.number(field, d, vital.Int(0), vital.Dec(1, 9))
	c.must(d == nil || d.Mantissa > 0, field+" is not above 0")
}

// among checks a word against the ones allowed; "" is allowed when empty is.
func among[T ~string](c *check, field string, v T, empty bool, allowed ...T) {
	if v == "" {
		c.must(empty, field+" is missing")
		return
	}
	for _, a := range allowed {
		if v == a {
			return
		}
	}
	c.must(false, field+" is not a known word")
}
